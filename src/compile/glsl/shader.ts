/**
 * What all shaders of a step have in common: how the elements of a leaf lie in texels, and how a shader comes to them.
 *
 * TensorFlow.js keeps a tensor row by row, a number per texel, or packed: in texels of two rows and two columns, of
 * a vector of two numbers. Inputs that lie like the leaf's outputs are read where the shader stands; others, also
 * windows of other tensors, by the index of the element: none is laid out anew.
 */
import type { Expr, LeafScalar, Reduce } from '../../rule/expr.js'
import { type Extent, isAxes } from '../../rule/scope.js'
import { digitCount, indexText, type Step, stepsTo } from '../axes.js'
import { type ElementAtom, reads, statements } from '../statements.js'
import { choose, types, withFunctions } from './functions.js'

/** How many numbers a texel of a leaf has: one, two of a vector, or four, of two rows and two columns. */
export type Packing = 1 | 2 | 4

/**
 * How an input is read: at the same texel, or by an element's index, from a texture that is packed or not. With fewer
 * divisions where it is one line that is not packed, or one packed matrix whose texels lie as the texture's.
 */
export type Access = 'same' | 'row' | 'line' | 'packed' | 'matrix'

/** How many values the texture of finished reductions has in a row: a power of two. */
export const ROW = 256

/** What a shader finds in textures. */
export interface Found {
  /** Tensors with a value per element, or along some axes; then slots with one value. */
  readonly tensors: readonly ElementAtom[]
  /** How many have a value per element, and how many more than one. */
  readonly elements: number
  readonly several: number
  /** What the host knows of the leaf, in vectors of four. */
  readonly known: readonly LeafScalar[]
  /** Finished reductions, of which one along axes has its values one after the other. */
  readonly reductions: readonly Reduce[]
}

/** What the shader of some terms finds in textures. */
export const found = (terms: readonly Expr[]): Found => {
  const { elements, axes, scalars } = reads(terms)
  return {
    tensors: [...elements, ...axes, ...scalars.filter((node) => node._tag === 'Slot')],
    elements: elements.length,
    several: elements.length + axes.length,
    known: scalars.filter((node) => node._tag === 'LeafScalar'),
    reductions: scalars.filter((node) => node._tag === 'Reduce'),
  }
}

/** How many textures a shader of these terms reads. */
export const unitsOf = (terms: readonly Expr[]): number => {
  const { tensors, reductions } = found(terms)
  return tensors.length + (reductions.length > 0 ? 1 : 0)
}

/** For what a shader is. */
export interface Form {
  readonly packing: Packing
  /** How each tensor that it finds is read. */
  readonly access: readonly Access[]
  /** The host's terms, in their order. */
  readonly host: readonly Expr[]
  /** What the shader has an index of. */
  readonly domain: Extent
}

/** The steps from a shader's index to those of what it reads along other axes. */
export const stepsFrom = (domain: Extent, { tensors, reductions }: Found): readonly Step[] =>
  stepsTo(domain, [...tensors, ...reductions])

/** How an index is made of another: functions `at0`, `at1`, … */
const stepFunctions = (steps: readonly Step[]): string => {
  let first = 0
  const functions = steps.map((step, i) => {
    const start = first
    const text = indexText(step, (k) => `digits[${start + k}]`, 'i')
    first += digitCount(step)
    return `int at${i}(int i) { return ${text}; }`
  })
  return first === 0 ? functions.join('\n') : [`uniform ivec3 digits[${first}];`, ...functions].join('\n')
}

/** The vertices of a triangle that covers everything. */
export const everywhere = `#version 300 es
void main() { gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0); }
`

/** An element of a texture that lies otherwise: `place` has its width in texels, its first element, rows, columns. */
const elsewhere = `
float of_texel(vec4 texel, int r, int c) {
  vec2 row = (r & 1) == 0 ? texel.xy : texel.zw;
  return (c & 1) == 0 ? row.x : row.y;
}
float row_element(sampler2D from, ivec4 place, int i) {
  int at = i + place.y;
  return texelFetch(from, ivec2(at % place.x, at / place.x), 0).x;
}
float line_element(sampler2D from, ivec4 place, int i) { return texelFetch(from, ivec2(i + place.y, 0), 0).x; }
float packed_element(sampler2D from, ivec4 place, int i) {
  int size = place.z * place.w;
  int r = (i % size) / place.w;
  int c = i % place.w;
  int across = (place.w + 1) / 2;
  int at = ((i / size) * ((place.z + 1) / 2) + r / 2) * across + c / 2;
  return of_texel(texelFetch(from, ivec2(at % place.x, at / place.x), 0), r, c);
}
float matrix_element(sampler2D from, ivec4 place, int i) {
  int r = i / place.w;
  int c = i - r * place.w;
  return of_texel(texelFetch(from, ivec2(c >> 1, r >> 1), 0), r, c);
}
`

/** Which elements a texel has, and which of them there are: `geometry` is the texture's width, rows, columns, size. */
const indices: Readonly<Record<Packing, string>> = {
  1: `
void locate(int texel, out ivec4 index, out bvec4 there) {
  index = ivec4(texel, 0, 0, 0);
  there = bvec4(texel < geometry.w, false, false, false);
}`,
  2: `
void locate(int texel, out ivec4 index, out bvec4 there) {
  index = ivec4(2 * texel, 2 * texel + 1, 0, 0);
  there = bvec4(index.x < geometry.w, index.y < geometry.w, false, false);
}`,
  4: `
void locate(int texel, out ivec4 index, out bvec4 there) {
  int across = (geometry.z + 1) / 2;
  int block = across * ((geometry.y + 1) / 2);
  int r = 2 * ((texel % block) / across);
  int c = 2 * (texel % across);
  int first = ((texel / block) * geometry.y + r) * geometry.z + c;
  index = ivec4(first, first + 1, first + geometry.z, first + geometry.z + 1);
  bool right = c + 1 < geometry.z;
  bool under = r + 1 < geometry.y;
  there = bvec4(true, right, under, right && under);
}`,
}

export const components = (packing: Packing): readonly string[] => ['x', 'y', 'z', 'w'].slice(0, packing)

/** A number in an array of vectors. */
const inVector = (array: string, at: number): string => `${array}[${at >> 2}].${'xyzw'[at & 3]}`

const vectorsFor = (length: number): number => Math.max(1, Math.ceil(length / 4))

/** The parts of a shader of some terms. */
export interface Parts {
  /** Uniforms and functions; `element` computes the terms of one element. */
  readonly declarations: string
  /** Reads and computes what is the same for all elements. */
  readonly once: string
  /** Reads the tensors at `ivec2 at`; by `index`, where one of them is read so. */
  readonly read: string
  /** Computes terms for a component, into variables `y0`, `y1`, …. */
  readonly compute: (component: string) => string
  /** Whether elements' indices are needed to read them. */
  readonly indexed: boolean
}

/** The parts of a shader that computes some terms; it may have steps of its own before theirs. */
export const partsOf = (
  terms: readonly Expr[],
  { packing, access, host, domain }: Form,
  own: readonly Step[] = [],
): Parts => {
  const finds = found(terms)
  const { tensors, elements, several, known, reductions } = finds
  const steps = [...own, ...stepsFrom(domain, finds)]
  /** Where a value along axes stands, of an index. */
  const at = ({ scope }: Expr, index: string): string => {
    const step = steps.findIndex(({ to }, i) => i >= own.length && to === scope)
    return step < 0 ? index : `at${step}(${index})`
  }
  const textures: readonly Expr[] = tensors
  const finished: readonly Expr[] = reductions
  const single: string[] = []
  const read = (node: Expr): string => {
    if (node.scope === 'host') return inVector('host', host.indexOf(node))
    if (node._tag === 'LeafScalar') return inVector('known', known.indexOf(node))
    const tensor = textures.indexOf(node)
    if (tensor >= 0) return tensor < several ? `x${tensor}` : `single${tensor}`
    return `${isAxes(node.scope) ? 'r' : 'reduced'}${finished.indexOf(node)}`
  }
  const alongAxes = reductions.flatMap((node, i) => (isAxes(node.scope) ? [{ node, i }] : []))
  const { once, each, name } = statements(terms, read, choose)
  for (let i = several; i < tensors.length; i++)
    single.push(
      access[i] === 'same'
        ? `single${i} = texelFetch(tensor${i}, ivec2(0), 0).x;`
        : `single${i} = ${access[i]}_element(tensor${i}, place${i}, 0);`,
    )
  for (const [i, { scope }] of reductions.entries())
    if (!isAxes(scope)) single.push(`reduced${i} = reduced_value(reduced_at[${i}]);`)
  const parameters = [
    ...Array.from({ length: several }, (_, i) => `float x${i}`),
    ...alongAxes.map(({ i }) => `float r${i}`),
    ...terms.map((_, i) => `out float y${i}`),
  ]
  const indexed =
    several > elements || alongAxes.length > 0 || access.slice(0, elements).some((each) => each !== 'same')
  const whole = ['index.x', 'index.y', 'index.z', 'index.w'].slice(0, packing)
  const declarations = [
    'uniform ivec4 geometry;',
    indices[packing],
    elsewhere,
    ...(host.length > 0 ? [`uniform vec4 host[${vectorsFor(host.length)}];`] : []),
    ...(known.length > 0 ? [`uniform vec4 known[${vectorsFor(known.length)}];`] : []),
    ...tensors.flatMap((_, i) => [
      `uniform sampler2D tensor${i};`,
      ...(access[i] === 'same' ? [] : [`uniform ivec4 place${i};`]),
      ...(i < several ? [] : [`float single${i};`]),
    ]),
    ...(reductions.length > 0
      ? [
          `uniform sampler2D reduced;\nuniform int reduced_at[${reductions.length}];`,
          `float reduced_value(int i) { return texelFetch(reduced, ivec2(i % ${ROW}, i / ${ROW}), 0).x; }`,
        ]
      : []),
    stepFunctions(steps),
    ...reductions.map((_, i) => `float reduced${i};`),
    ...once.map(({ name: variable, type }) => `${types[type]} ${variable};`),
    `void element(${parameters.join(', ')}) {`,
    ...each.map(({ name: variable, type, text }) => `  ${types[type]} ${variable} = ${text};`),
    ...terms.map((term, i) => `  y${i} = ${name(term)};`),
    '}',
  ]
  return {
    declarations: declarations.join('\n'),
    once: [...single, ...once.map(({ name: variable, text }) => `${variable} = ${text};`)].join('\n  '),
    read: Array.from({ length: elements }, (_, i) =>
      access[i] === 'same'
        ? `vec4 all${i} = texelFetch(tensor${i}, at, 0);`
        : `vec4 all${i} = vec4(0.0);\n  ${whole
            .map(
              (index, k) => `all${i}.${'xyzw'[k]} = ${access[i]}_element(tensor${i}, place${i}, ${index});`,
            )
            .join('\n  ')}`,
    ).join('\n  '),
    compute: (component) =>
      `element(${[
        ...Array.from({ length: elements }, (_, i) => `all${i}.${component}`),
        ...tensors.slice(elements, several).map((node, k) => {
          const i = elements + k
          return `${access[i]}_element(tensor${i}, place${i}, ${at(node, `index.${component}`)})`
        }),
        ...alongAxes.map(
          ({ node, i }) => `reduced_value(reduced_at[${i}] + ${at(node, `index.${component}`)})`,
        ),
        ...terms.map((_, i) => `y${i}`),
      ].join(', ')});`,
    indexed,
  }
}

/** A shader that computes terms, each into an attachment: of every element, or of one value. */
export const outputShader = (terms: readonly Expr[], form: Form): string => {
  const { declarations, once, read, compute, indexed } = partsOf(terms, form)
  return withFunctions(`${declarations}
${terms.map((_, i) => `layout(location = ${i}) out vec4 out${i};`).join('\n')}
void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  ${indexed ? 'ivec4 index; bvec4 there; locate(at.y * geometry.x + at.x, index, there);' : ''}
  ${once}
  ${read}
  float ${terms.map((_, i) => `y${i}`).join(', ')};
  ${terms.map((_, i) => `out${i} = vec4(0.0);`).join(' ')}
  ${components(form.packing)
    .map((each) => `${compute(each)} ${terms.map((_, i) => `out${i}.${each} = y${i};`).join(' ')}`)
    .join('\n  ')}
}
`)
}

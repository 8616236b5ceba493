/**
 * The shaders that reduce: one makes shares of a leaf, each of some texels; one makes fewer shares of shares, and at last
 * the values.
 *
 * A share is a texel: a sum or a maximum, or a norm's three sums of squares (of the elements as they are, times 2⁸⁰ and
 * times 2⁻⁸⁰, of which one is in range); its last component is 1, where texels that nobody wrote have 0.
 */
import type { Expr, Reduce } from '../../rule/expr.js'
import { type Cells, cellSteps } from '../axes.js'
import { flushedSquares } from '../squares.js'
import { withFunctions } from './functions.js'
import { components, type Form, partsOf, ROW } from './shader.js'

const { least, most, power } = flushedSquares

/** A number by its bits, as a text that no compiler rounds. */
const literal = (x: number): string => `uintBitsToFloat(${new Uint32Array(Float32Array.of(x).buffer)[0]}u)`

/** How many texels a share is made of at least, and how many shares a leaf has at most. */
export const TEXELS_PER_SHARE = 64
export const MOST_SHARES = 4096

/** How many shares are combined into one. */
export const SHARES_AT_ONCE = 64

/** The most reductions that one draw makes shares of: every device has as many attachments. */
export const PLANES = 4

/** What the table calls each kind of reduction. */
const codes: Readonly<Record<Reduce['kind'], number>> = { sum: 0, max: 1, norm: 2 }

const squares = `vec3 squares_of(float x) {
  vec3 scaled = vec3(x, x * ${literal(power)}, x * ${literal(1 / power)});
  return scaled * scaled;
}`

const start = (kind: Reduce['kind'], i: number): string =>
  `vec4 share${i} = vec4(${kind === 'max' ? 'minus_infinity()' : '0.0'}, 0.0, 0.0, 1.0);`

const added = (kind: Reduce['kind'], i: number): string =>
  kind === 'max'
    ? `share${i}.x = max_f(share${i}.x, y${i});`
    : kind === 'sum'
      ? `share${i}.x += y${i};`
      : `share${i}.xyz += squares_of(y${i});`

/** Makes shares of a leaf, one per fragment of a region: `region` is its corner, its fragments, the leaf's texels. */
export const shareShader = (reductions: readonly Reduce[], form: Form): string => {
  const terms: readonly Expr[] = reductions.map(({ arg }) => arg)
  const { declarations, once, read, compute } = partsOf(terms, form)
  return withFunctions(`${declarations}
uniform ivec4 region;
${squares}
${terms.map((_, i) => `layout(location = ${i}) out vec4 out${i};`).join('\n')}
void main() {
  ivec2 here = ivec2(gl_FragCoord.xy) - region.xy;
  ${once}
  ${reductions.map(({ kind }, i) => start(kind, i)).join('\n  ')}
  float ${terms.map((_, i) => `y${i}`).join(', ')};
  for (int texel = here.y * ${ROW} + here.x; texel < region.w; texel += region.z) {
    ivec2 at = ivec2(texel % geometry.x, texel / geometry.x);
    ivec4 index; bvec4 there; locate(texel, index, there);
    ${read}
    ${components(form.packing)
      .map(
        (each) =>
          `if (there.${each}) { ${compute(each)} ${reductions.map(({ kind }, i) => added(kind, i)).join(' ')} }`,
      )
      .join('\n    ')}
  }
  ${terms.map((_, i) => `out${i} = share${i};`).join(' ')}
}
`)
}

/**
 * Makes shares of a leaf's cells, so many of each, one per fragment of a region: `region` is its corner, how many shares a
 * cell has, and the fragments that there are; `cell` is how many numbers one has, and for how many elements each stands.
 */
export const cellShader = (
  reductions: readonly Reduce[],
  cells: Cells,
  form: Omit<Form, 'packing' | 'domain'>,
): string => {
  const terms: readonly Expr[] = reductions.map(({ arg }) => arg)
  const steps = cellSteps(cells)
  const { declarations, once, read, compute } = partsOf(
    terms,
    { ...form, packing: 1, domain: cells.within },
    steps,
  )
  return withFunctions(`${declarations}
uniform ivec4 region;
uniform ivec2 cell;
${squares}
${terms.map((_, i) => `layout(location = ${i}) out vec4 out${i};`).join('\n')}
void main() {
  ivec2 here = ivec2(gl_FragCoord.xy) - region.xy;
  int share = here.y * ${ROW} + here.x;
  ${once}
  ${reductions.map(({ kind }, i) => start(kind, i)).join('\n  ')}
  float ${terms.map((_, i) => `y${i}`).join(', ')};
  bool there = share < region.w;
  int first = at0(share / region.z);
  for (int i = there ? share % region.z : cell.x; i < cell.x; i += region.z) {
    ivec4 index = ivec4(first + at1(i), 0, 0, 0);
    ${read}
    ${compute('x')}
    ${reductions.map(({ kind }, i) => added(kind, i)).join(' ')}
  }
  float written = there ? 1.0 : 0.0;
  ${reductions
    .map(({ kind }, i) => {
      const times = kind === 'max' ? '' : ' * float(cell.y)'
      return `out${i} = vec4(share${i}.xyz${times}, written);`
    })
    .join(' ')}
}
`)
}

/**
 * A row of the table: where the shares of a reduction begin, how many they are, in which plane, of what kind; and whether
 * the value itself is made of them.
 */
export const tableRow = (
  kind: Reduce['kind'],
  from: number,
  shares: number,
  plane: number,
  isLast: boolean,
): readonly [number, number, number, number] => [from, shares, plane, codes[kind] + (isLast ? 4 : 0)]

/** Combines shares, one row of the table per fragment: `lines` are the first line of the table, and of the target. */
export const combineShader: string = withFunctions(`
uniform isampler2D rows;
${Array.from({ length: PLANES }, (_, i) => `uniform sampler2D shares${i};`).join('\n')}
uniform ivec2 lines;
layout(location = 0) out vec4 combined;
float norm_of(vec4 squares) {
  uint size = size_bits(squares.x);
  bool small = size < floatBitsToUint(${literal(least)});
  bool large = size > floatBitsToUint(${literal(most)});
  float chosen = mix(mix(squares.x, squares.y, small), squares.z, large);
  return sqrt_f(chosen) * mix(mix(1.0, ${literal(1 / power)}, small), ${literal(power)}, large);
}
void main() {
  ivec2 here = ivec2(gl_FragCoord.xy);
  ivec4 row = texelFetch(rows, ivec2(here.x, here.y - lines.y + lines.x), 0);
  bool is_max = (row.w & 3) == ${codes.max};
  vec4 all = vec4(mix(0.0, minus_infinity(), is_max), 0.0, 0.0, 1.0);
  for (int i = row.x; i < row.x + row.y; i += 1) {
    ivec2 at = ivec2(i % ${ROW}, i / ${ROW});
    vec4 share = ${Array.from({ length: PLANES }, (_, i) => i).reduceRight(
      (later, i) =>
        later === ''
          ? `texelFetch(shares${i}, at, 0)`
          : `row.z == ${i} ? texelFetch(shares${i}, at, 0) : ${later}`,
      '',
    )};
    if (share.w == 1.0) {
      float greatest = max_f(all.x, share.x);
      all.xyz += share.xyz;
      if (is_max) all.x = greatest;
    }
  }
  bool is_norm = (row.w & 3) == ${codes.norm};
  combined = row.w < 4 ? all : vec4(is_norm ? norm_of(all) : all.x, 0.0, 0.0, 1.0);
}
`)

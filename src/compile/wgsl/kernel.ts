/**
 * Kernels of a step as WGSL: what all have in common, and the one that computes outputs.
 *
 * What all threads share comes through uniform buffers, of which a device binds twelve, so that its eight
 * storage buffers are left to the tensors.
 */
import type { Expr, Reduce } from '../../rule/expr.js'
import { type Extent, isAxes } from '../../rule/scope.js'
import { indexText, type Step } from '../axes.js'
import { type ElementAtom, reads, statements } from '../statements.js'
import { choose, declaration, type Width, withFunctions } from './functions.js'

/** The numbers of the bindings that all leaves of a dispatch share. */
export const SHARED = { values: 0, results: 1, cells: 2 } as const

/** The numbers of the bindings that each leaf has for itself. */
export const bindingsOf = (
  leaf: number,
): { readonly record: number; readonly leaf: number; readonly tensors: number } => {
  // the most numbers that a device allows are 1,000
  const first = 3 + 128 * leaf
  return { record: first, leaf: first + 1, tensors: first + 2 }
}

/** The most leaves that one dispatch takes. */
const MOST_LEAVES = 7

/**
 * The first words of a record: the number of elements, or of cells; the bits of infinity; the first element; for how many
 * elements each number stands; and how many a cell has.
 */
export const RECORD_HEAD = 8

/** A tensor that a kernel binds: read, written, or both in place. */
export interface TensorBinding {
  readonly input: ElementAtom | null
  /** The name of the output that is written. */
  readonly output: string | null
  /** Whether it is read by an index of its own, wherever the kernel is. */
  readonly whole: boolean
}

/** A kernel, and what to bind for it. */
export interface Kernel {
  /** For so many leaves at once, of which each has a workgroup; or for one leaf and any number of workgroups. */
  readonly code: (leaves: number) => string
  readonly tensors: readonly TensorBinding[]
  readonly usesShared: boolean
  readonly usesLeaf: boolean
  /** Whether it reads, or writes, values of reductions along axes. */
  readonly usesCells: boolean
  /** What it writes beside tensors: a reduction's shares, a leaf's results, values along axes, nothing. */
  readonly results: 'shares' | 'leaf' | 'cells' | null
}

/** Where the scalars stand that a kernel reads. */
export interface Places {
  /** Length, in numbers, of what all leaves share: the host's values and the tree's. */
  readonly shared: number
  /** Length of what one leaf has for itself. */
  readonly leaf: number
  /** Length, in words, of a record. */
  readonly record: number
  /** A number that all leaves share: a host term, a tree's slot or reduction. */
  readonly inShared: (node: Expr) => number | undefined
  /** A number of the leaf: a slot, a reduction, what the host knows. */
  readonly inLeaf: (node: Expr) => number | undefined
  /** The word of a record that says where a reduction along axes has its values. */
  readonly ofCells: (node: Reduce) => number
  /** The vector of a record with the first digit of a step. */
  readonly digits: (step: Step) => number
}

/** An output with a value per element, or along axes. */
export interface ElementOutput {
  readonly name: string
  readonly expr: Expr
  /** The input whose memory it takes. */
  readonly inPlace: ElementAtom | null
}

/** An output with one value, and its place among the leaf's results. */
export interface ScalarOutput {
  readonly name: string
  readonly expr: Expr
  readonly at: number
}

export const component = (array: string, index: number): string =>
  `${array}[${index >> 2}].${'xyzw'[index & 3]}`

const vectors = (length: number): number => Math.max(1, Math.ceil(length / 4))

interface Parts {
  readonly once: readonly string[]
  readonly each: readonly string[]
  readonly name: (expr: Expr) => string
  /** What this leaf alone binds. */
  readonly declarations: readonly string[]
  readonly tensors: readonly TensorBinding[]
  readonly usesShared: boolean
  readonly usesLeaf: boolean
  readonly usesCells: boolean
}

/** How an index is made of another, on a leaf. */
export const indexOn = (places: Places, leaf: number, step: Step, index: string): string =>
  indexText(step, (k) => `record${leaf}[${places.digits(step) + k}]`, index)

const uniform = (binding: number, variable: string, type: 'f32' | 'u32', length: number): string =>
  `@group(0) @binding(${binding}) var<uniform> ${variable}: array<vec4<${type}>, ${vectors(length)}>;`

/** What a kernel does with one of its leaves; what belongs to the leaf is named by its number. */
export const partsOf = (
  exprs: readonly Expr[],
  outputs: readonly Pick<ElementOutput, 'name' | 'inPlace'>[],
  { places, width, domain }: Pick<Shape, 'places' | 'width' | 'domain'>,
  leaf: number,
): Parts => {
  const { elements, axes } = reads(exprs)
  const read = [...elements, ...axes]
  const tensors: TensorBinding[] = read.map((input) => ({
    input,
    output: outputs.find(({ inPlace }) => inPlace === input)?.name ?? null,
    whole: input.scope !== domain,
  }))
  for (const { name, inPlace } of outputs)
    if (inPlace === null || !read.includes(inPlace))
      tensors.push({ input: inPlace, output: name, whole: false })
  let usesShared = false
  let usesLeaf = false
  let usesCells = false
  let usesIndex = false
  /** The numbers of a value along axes that a thread's elements have. */
  const along = ({ scope }: Expr, number: (index: string) => string): string => {
    usesIndex = true
    const at = (k: number): string =>
      number(indexOn(places, leaf, { from: domain, to: scope }, k === 0 ? 'element' : `(element + ${k}u)`))
    return `F(${Array.from({ length: width }, (_, k) => at(k)).join(', ')})`
  }
  const { once, each, name } = statements(
    exprs,
    (node) => {
      const tensor = tensors.findIndex(({ input }) => input === node)
      if (tensor >= 0)
        return tensors[tensor]?.whole
          ? along(node, (index) => `tensor${leaf}_${tensor}[${index}]`)
          : `tensor${leaf}_${tensor}[i]`
      if (node._tag === 'Reduce' && isAxes(node.scope)) {
        usesCells = true
        const first = component(`record${leaf}`, places.ofCells(node))
        return along(node, (index) => `cells[${first} + ${index}]`)
      }
      const inShared = places.inShared(node)
      if (inShared !== undefined) {
        usesShared = true
        return `F(${component('shared_values', inShared)})`
      }
      usesLeaf = true
      return `F(${component(`leaf_values${leaf}`, places.inLeaf(node) ?? 0)})`
    },
    choose,
  )
  const at = bindingsOf(leaf)
  return {
    once: once.map(declaration),
    each: [
      ...(usesIndex ? [`let element = record${leaf}[0].z + i * ${width}u;`] : []),
      ...each.map(declaration),
    ],
    name,
    tensors,
    usesShared,
    usesLeaf,
    usesCells,
    declarations: [
      uniform(at.record, `record${leaf}`, 'u32', places.record),
      ...(usesLeaf ? [uniform(at.leaf, `leaf_values${leaf}`, 'f32', places.leaf)] : []),
      ...tensors.map(
        ({ output, whole }, i) =>
          `@group(0) @binding(${at.tensors + i}) var<storage, ${output === null ? 'read' : 'read_write'}> tensor${leaf}_${i}: array<${whole ? 'f32' : 'F'}>;`,
      ),
    ],
  }
}

/**
 * A kernel of the functions that its leaves have, each called with its workgroup and their number, and of what every
 * workgroup does after that.
 */
export const kernelOf = (
  make: (leaf: number) => { readonly parts: Parts; readonly body: string },
  {
    results,
    places,
    width,
    threads,
    declarations = '',
    after = '',
  }: Pick<Kernel, 'results'> & Shape & { readonly declarations?: string; readonly after?: string },
): Kernel => {
  const { tensors, usesShared, usesLeaf, usesCells } = make(0).parts
  const main = (leaves: number): string =>
    leaves === 1
      ? 'leaf0(group.x, groups.x, lane);'
      : `switch group.x {${Array.from(
          { length: leaves },
          (_, k) => `
    case ${k}u: { leaf${k}(0u, 1u, lane); }`,
        ).join('')}
    default: {}
  }`
  return {
    tensors,
    usesShared,
    usesLeaf,
    usesCells: usesCells || results === 'cells',
    results,
    code: (leaves) => {
      const all = Array.from({ length: leaves }, (_, k) => make(k))
      return withFunctions(
        width,
        `
fn bits_of_infinity() -> u32 { return record0[0].y; }
${usesShared ? uniform(SHARED.values, 'shared_values', 'f32', places.shared) : ''}
${results === null || results === 'cells' ? '' : `@group(0) @binding(${SHARED.results}) var<storage, read_write> results: array<f32>;`}
${usesCells || results === 'cells' ? `@group(0) @binding(${SHARED.cells}) var<storage, ${results === 'cells' ? 'read_write' : 'read'}> cells: array<f32>;` : ''}
${declarations}
${all
  .map(
    ({ parts, body }, k) => `${parts.declarations.join('\n')}
fn leaf${k}(group: u32, groups: u32, lane: u32) {
  let count = record${k}[0].x / ${width}u;
${body}
}`,
  )
  .join('\n')}
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  ${main(leaves)}${after}
}
`,
      )
    },
  }
}

/** How many leaves one dispatch of a kernel takes, by the buffers that it may bind. */
export const leavesAtOnce = (
  { tensors, usesShared, usesLeaf, usesCells, results }: Kernel,
  storageBuffers: number,
  uniformBuffers: number,
): number => {
  // the results of a leaf are a window of their own
  if (results === 'leaf' || results === 'cells' || tensors.length === 0) return 1
  const storage = (storageBuffers - (results === null ? 0 : 1) - (usesCells ? 1 : 0)) / tensors.length
  const uniforms = (uniformBuffers - (usesShared ? 1 : 0)) / (usesLeaf ? 2 : 1)
  return Math.max(1, Math.floor(Math.min(storage, uniforms, MOST_LEAVES)))
}

/** For which leaves a kernel is. */
export interface Shape {
  readonly places: Places
  /** What it has an index of. */
  readonly domain: Extent
  readonly width: Width
  readonly threads: number
}

/** The first of a thread's numbers. */
export const one = (value: string, width: Width): string => (width === 1 ? value : `${value}.x`)

export const loop = ({ threads }: Shape, statements: readonly string[]): string => `
  for (var i = group * ${threads}u + lane; i < count; i += groups * ${threads}u) {
    ${statements.join('\n    ')}
  }`

/** Computes outputs of a leaf, of elements or along axes; those with one value are written by its first thread. */
export const outputKernel = (
  elements: readonly ElementOutput[],
  scalars: readonly ScalarOutput[],
  shape: Shape,
): Kernel =>
  kernelOf(
    (leaf) => {
      const exprs = [...elements, ...scalars].map(({ expr }) => expr)
      const parts = partsOf(exprs, elements, shape, leaf)
      const writes = elements.map(({ name, expr }) => {
        const tensor = parts.tensors.findIndex(({ output }) => output === name)
        return `tensor${leaf}_${tensor}[i] = ${parts.name(expr)};`
      })
      const results = scalars.map(({ expr, at }) => `results[${at}] = ${one(parts.name(expr), shape.width)};`)
      const body = `  ${parts.once.join('\n  ')}
  ${elements.length > 0 ? loop(shape, [...parts.each, ...writes]) : ''}
  ${results.length > 0 ? `if (group == 0u && lane == 0u) {\n    ${results.join('\n    ')}\n  }` : ''}`
      return { parts, body }
    },
    { ...shape, results: scalars.length > 0 ? 'leaf' : null },
  )

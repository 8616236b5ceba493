/**
 * The kernels of a step as WGSL: one that computes outputs, one that reduces a leaf to a number per workgroup, and
 * one that makes a single number of those.
 *
 * What all threads share comes through uniform buffers, of which a device binds twelve, so that its eight
 * storage buffers are left to the tensors.
 */
import type { Expr, Reduce } from '../../rule/expr.js'
import { functions, type Width } from './functions.js'
import { type ElementAtom, reads, statements } from './wgsl.js'

/** The numbers of the bindings that do not hold tensors; the tensors' come after. */
export const BINDING = { record: 0, shared: 1, leaf: 2, results: 3, tensors: 4 } as const

/** The first words of a record: the number of elements, the bits of infinity, two that are unused. */
export const RECORD_HEAD = 4

/** A tensor that a kernel binds: read, written, or both in place. */
export interface TensorBinding {
  readonly input: ElementAtom | null
  /** The name of the output that is written. */
  readonly output: string | null
}

/** A kernel, and what to bind for it. */
export interface Kernel {
  readonly code: string
  readonly tensors: readonly TensorBinding[]
  readonly usesShared: boolean
  readonly usesLeaf: boolean
  /** What it writes beside tensors: a reduction's shares, a leaf's results, nothing. */
  readonly results: 'shares' | 'leaf' | null
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
  /** A number of the leaf: a slot or reduction. */
  readonly inLeaf: (node: Expr) => number | undefined
}

/** An output with a value per element. */
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

/** A reduction, and the word of the record that says where its shares begin. */
export interface Reduction {
  readonly node: Reduce
  readonly at: number
}

const component = (array: string, index: number): string => `${array}[${index >> 2}].${'xyzw'[index & 3]}`

const vectors = (length: number): number => Math.max(1, Math.ceil(length / 4))

interface Parts {
  readonly once: readonly string[]
  readonly each: readonly string[]
  readonly name: (expr: Expr) => string
  readonly declarations: readonly string[]
  readonly tensors: readonly TensorBinding[]
  readonly usesShared: boolean
  readonly usesLeaf: boolean
}

const partsOf = (
  exprs: readonly Expr[],
  outputs: readonly Pick<ElementOutput, 'name' | 'inPlace'>[],
  places: Places,
  width: Width,
): Parts => {
  const { elements } = reads(exprs)
  const tensors: TensorBinding[] = elements.map((input) => ({
    input,
    output: outputs.find(({ inPlace }) => inPlace === input)?.name ?? null,
  }))
  for (const { name, inPlace } of outputs)
    if (inPlace === null || !elements.includes(inPlace)) tensors.push({ input: inPlace, output: name })
  let usesShared = false
  let usesLeaf = false
  const { once, each, name } = statements(exprs, (node) => {
    const tensor = tensors.findIndex(({ input }) => input === node)
    if (tensor >= 0) return `tensor${tensor}[i]`
    const inShared = places.inShared(node)
    if (inShared !== undefined) {
      usesShared = true
      return `F(${component('shared_values', inShared)})`
    }
    usesLeaf = true
    return `F(${component('leaf_values', places.inLeaf(node) ?? 0)})`
  })
  const uniform = (binding: number, variable: string, type: 'f32' | 'u32', length: number): string =>
    `@group(0) @binding(${binding}) var<uniform> ${variable}: array<vec4<${type}>, ${vectors(length)}>;`
  return {
    once,
    each,
    name,
    tensors,
    usesShared,
    usesLeaf,
    declarations: [
      uniform(BINDING.record, 'record', 'u32', places.record),
      ...(usesShared ? [uniform(BINDING.shared, 'shared_values', 'f32', places.shared)] : []),
      ...(usesLeaf ? [uniform(BINDING.leaf, 'leaf_values', 'f32', places.leaf)] : []),
      ...tensors.map(
        ({ output }, i) =>
          `@group(0) @binding(${BINDING.tensors + i}) var<storage, ${output === null ? 'read' : 'read_write'}> tensor${i}: array<F>;`,
      ),
      'fn bits_of_infinity() -> u32 { return record[0].y; }',
      functions(width),
    ],
  }
}

const kernelOf = ({ tensors, usesShared, usesLeaf }: Parts, code: string): Omit<Kernel, 'results'> => ({
  code,
  tensors,
  usesShared,
  usesLeaf,
})

const results = `@group(0) @binding(${BINDING.results}) var<storage, read_write> results: array<f32>;`

/** Computes outputs of a leaf; those with one value are written by its first thread. */
export const outputKernel = (
  elements: readonly ElementOutput[],
  scalars: readonly ScalarOutput[],
  places: Places,
  width: Width,
  threads: number,
): Kernel => {
  const exprs = [...elements, ...scalars].map(({ expr }) => expr)
  const parts = partsOf(exprs, elements, places, width)
  const writes = elements.map(({ name, expr }) => {
    const tensor = parts.tensors.findIndex(({ output }) => output === name)
    return `tensor${tensor}[i] = ${parts.name(expr)};`
  })
  const loop = `
  for (var i = at.x; i < count; i += groups.x * ${threads}u) {
    ${[...parts.each, ...writes].join('\n    ')}
  }`
  const code = `${parts.declarations.join('\n')}
${scalars.length > 0 ? results : ''}
@compute @workgroup_size(${threads})
fn main(@builtin(global_invocation_id) at: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let count = record[0].x / ${width}u;
  ${parts.once.join('\n  ')}
  ${elements.length > 0 ? loop : ''}
  ${scalars.length > 0 ? `if (at.x == 0u) {\n    ${scalars.map(({ expr, at }) => `results[${at}] = ${one(parts.name(expr), width)};`).join('\n    ')}\n  }` : ''}
}
`
  return { ...kernelOf(parts, code), results: scalars.length > 0 ? 'leaf' : null }
}

/** Two numbers combined; `null` where the kernel learns how from its table. */
const combine = (kind: Reduce['kind'] | null, x: string, y: string): string =>
  kind === null ? `combined(kind, ${x}, ${y})` : kind === 'sum' ? `${x} + ${y}` : `max_f(${x}, ${y})`

/** The first of a thread's numbers. */
const one = (value: string, width: Width): string => (width === 1 ? value : `${value}.x`)

/**
 * Makes one number of what a workgroup's threads have, in its own memory, and hands it to the first thread: by
 * two barriers, since a software device makes all threads wait in turn at each.
 */
const gather = (kind: Reduce['kind'] | null, threads: number): string => {
  const half = Math.sqrt(threads)
  const row = (element: (k: string) => string): string => `
      var all = ${element('0u')};
      for (var k = 1u; k < ${half}u; k += 1u) { all = ${combine(kind, 'all', element('k'))}; }`
  return `
    workgroupBarrier();
    if (lane < ${half}u) {${row((k) => `shares[lane + ${half}u * ${k}]`)}
      shares[lane] = all;
    }
    workgroupBarrier();
    if (lane == 0u) {${row((k) => `shares[${k}]`)}`
}

/** Reduces a leaf to one number per workgroup and reduction. */
export const reduceKernel = (
  reductions: readonly Reduction[],
  places: Places,
  width: Width,
  threads: number,
): Kernel => {
  const parts = partsOf(
    reductions.map(({ node }) => node.arg),
    [],
    places,
    width,
  )
  const start = reductions.map(
    ({ node }, i) => `var sum${i} = ${node.kind === 'sum' ? 'F(0.0)' : 'minus_infinity()'};`,
  )
  const add = reductions.map(
    ({ node }, i) => `sum${i} = ${combine(node.kind, `sum${i}`, parts.name(node.arg))};`,
  )
  const finish = reductions.map(({ node, at }, i) => {
    const across = ['yzwx', 'zwxy'].map((order) => `all = ${combine(node.kind, 'all', `all.${order}`)};`)
    return `
    shares[lane] = sum${i};${gather(node.kind, threads)}
      ${width === 1 ? '' : across.join(' ')}
      results[${component('record', at)} + group.x] = ${one('all', width)};
    }
    workgroupBarrier();`
  })
  const code = `${parts.declarations.join('\n')}
${results}
var<workgroup> shares: array<F, ${threads}>;
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let count = record[0].x / ${width}u;
  ${[...parts.once, ...start].join('\n  ')}
  for (var i = group.x * ${threads}u + lane; i < count; i += groups.x * ${threads}u) {
    ${[...parts.each, ...add].join('\n    ')}
  }
  ${finish.join('')}
}
`
  return { ...kernelOf(parts, code), results: 'shares' }
}

/** Threads that combine one row. */
const COMBINING = 64

/**
 * Combines shares: a row of the table says where they begin, how many they are, what to do with them (0: add;
 * the bits of infinity: take the largest), and where the result goes.
 */
export const combineKernel: string = `
@group(0) @binding(0) var<storage, read> table: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read> given: array<f32>;
@group(0) @binding(2) var<storage, read_write> values: array<f32>;
fn bits_of_infinity() -> u32 { return table[0].z; }
${functions(1)}
var<workgroup> shares: array<f32, ${COMBINING}>;
fn combined(kind: u32, x: f32, y: f32) -> f32 { return select(max_f(x, y), x + y, kind == 0u); }
@compute @workgroup_size(${COMBINING})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  for (var at = group.x; at < arrayLength(&table); at += groups.x) {
    let row = table[at];
    let kind = row.z;
    var mine = select(bitcast<f32>(kind | 0x80000000u), 0.0, kind == 0u);
    for (var i = lane; i < row.y; i += ${COMBINING}u) { mine = combined(kind, mine, given[row.x + i]); }
    shares[lane] = mine;${gather(null, COMBINING)}
      values[row.w] = all;
    }
    workgroupBarrier();
  }
}
`

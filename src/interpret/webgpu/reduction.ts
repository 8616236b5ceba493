/**
 * The kernels that reduce, as WGSL: one makes a number of the elements that a workgroup sees, one makes a single number
 * of those.
 */
import type { Reduce } from '../../rule/expr.js'
import { functions } from './functions.js'
import { component, type Kernel, kernelOf, loop, one, partsOf, type Shape } from './kernel.js'

/** A reduction, and the word of the record that says where its shares begin. */
export interface Reduction {
  readonly node: Reduce
  readonly at: number
}

/** Two numbers combined; `null` where the kernel learns how from its table. */
const combine = (kind: Reduce['kind'] | null, x: string, y: string): string =>
  kind === null ? `combined(kind, ${x}, ${y})` : kind === 'sum' ? `${x} + ${y}` : `max_f(${x}, ${y})`

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
export const reduceKernel = (reductions: readonly Reduction[], shape: Shape): Kernel =>
  kernelOf(
    (leaf) => {
      const { places, width, threads } = shape
      const parts = partsOf(
        reductions.map(({ node }) => node.arg),
        [],
        places,
        leaf,
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
      results[${component(`record${leaf}`, at)} + group] = ${one('all', width)};
    }
    workgroupBarrier();`
      })
      const body = `  ${[...parts.once, ...start].join('\n  ')}
  ${loop(shape, [...parts.each, ...add])}
  ${finish.join('')}`
      return { parts, body }
    },
    { ...shape, results: 'shares' },
  )

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

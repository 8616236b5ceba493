/**
 * The kernels that reduce, as WGSL: one makes a number of the elements that a workgroup sees, one makes a single number
 * of those.
 */
import type { Reduce } from '../../rule/expr.js'
import { flushedSquares } from '../squares.js'
import { functions, INFINITY_BITS } from './functions.js'
import { component, type Kernel, kernelOf, loop, one, partsOf, type Shape } from './kernel.js'

/** A reduction, and the word of the record that says where its shares begin. */
export interface Reduction {
  readonly node: Reduce
  readonly at: number
}

/**
 * How many numbers a share has: of a norm three, the sums of the squares of its elements as they are, times 2⁸⁰, and
 * times 2⁻⁸⁰, of which one is in range.
 */
export const shareLength = (kind: Reduce['kind']): number => (kind === 'norm' ? 3 : 1)

const { least, most, power } = flushedSquares

const literal = (x: number): string => {
  const bits = new Uint32Array(Float32Array.of(x).buffer)
  return `bitcast<f32>(${bits[0]}u)`
}

/** The root of the sum of squares that is in range; NaN and what is infinite are beyond it. */
const normOf = `
fn norm_of(squares: vec4<f32>) -> f32 {
  let size = bitcast<u32>(squares.x) & 0x7fffffffu;
  let small = size < bitcast<u32>(${literal(least)});
  let large = size > bitcast<u32>(${literal(most)});
  let chosen = select(select(squares.x, squares.y, small), squares.z, large);
  return sqrt_f(chosen) * select(select(1.0, ${literal(1 / power)}, small), ${literal(power)}, large);
}
`

/** Two numbers combined. */
const combine = (kind: Reduce['kind'], x: string, y: string): string =>
  kind === 'max' ? `max_f(${x}, ${y})` : `${x} + ${y}`

/** An array in a workgroup's memory with a number per thread, and how two are combined. */
interface Gathered {
  readonly array: string
  readonly combine: (x: string, y: string) => string
}

/**
 * Makes one number of what a workgroup's threads have, in its own memory, and hands it to the first thread, as
 * `all_` and the array's name: by two barriers, since a software device makes all threads wait in turn at each.
 */
const gather = (all: readonly Gathered[], threads: number): string => {
  const half = Math.sqrt(threads)
  const row = (element: (array: string, k: string) => string): string =>
    all
      .map(
        ({ array, combine }) => `
      var all_${array} = ${element(array, '0u')};
      for (var k = 1u; k < ${half}u; k += 1u) { all_${array} = ${combine(`all_${array}`, element(array, 'k'))}; }`,
      )
      .join('')
  return `
    workgroupBarrier();
    if (lane < ${half}u) {${row((array, k) => `${array}[lane + ${half}u * ${k}]`)}
      ${all.map(({ array }) => `${array}[lane] = all_${array};`).join(' ')}
    }
    workgroupBarrier();
    if (lane == 0u) {${row((array, k) => `${array}[${k}]`)}`
}

/** The names of a norm's three sums. */
const sums = (i: number): readonly string[] => [`sum${i}`, `raised${i}`, `lowered${i}`]

const squaresOf: Gathered = { array: 'squares', combine: (x, y) => `${x} + ${y}` }

/** Reduces a leaf to one share per workgroup and reduction. */
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
      const across = (x: string): string =>
        width === 1 ? x : ['x', 'y', 'z', 'w'].map((component) => `${x}.${component}`).join(' + ')
      const start = reductions.map(({ node: { kind } }, i) =>
        kind === 'norm'
          ? sums(i)
              .map((name) => `var ${name} = F(0.0);`)
              .join(' ')
          : `var sum${i} = ${kind === 'sum' ? 'F(0.0)' : 'minus_infinity()'};`,
      )
      const add = reductions.map(({ node: { kind, arg } }, i) => {
        const x = parts.name(arg)
        if (kind !== 'norm') return `sum${i} = ${combine(kind, `sum${i}`, x)};`
        const scaled = [x, `${x} * ${literal(power)}`, `${x} * ${literal(1 / power)}`]
        return sums(i)
          .map((name, k) => `${name} += (${scaled[k]}) * (${scaled[k]});`)
          .join(' ')
      })
      const finish = reductions.map(({ node: { kind }, at }, i) => {
        const place = component(`record${leaf}`, at)
        if (kind === 'norm')
          return `
    squares[lane] = vec4<f32>(${sums(i).map(across).join(', ')}, 0.0);${gather([squaresOf], threads)}
      ${['x', 'y', 'z'].map((each, k) => `results[${place} + 3u * group + ${k}u] = all_squares.${each};`).join(' ')}
    }
    workgroupBarrier();`
        const folded = ['yzwx', 'zwxy'].map(
          (order) => `all_shares = ${combine(kind, 'all_shares', `all_shares.${order}`)};`,
        )
        const shares: Gathered = { array: 'shares', combine: (x, y) => combine(kind, x, y) }
        return `
    shares[lane] = sum${i};${gather([shares], threads)}
      ${width === 1 ? '' : folded.join(' ')}
      results[${place} + group] = ${one('all_shares', width)};
    }
    workgroupBarrier();`
      })
      const body = `  ${[...parts.once, ...start].join('\n  ')}
  ${loop(shape, [...parts.each, ...add])}
  ${finish.join('')}`
      return { parts, body }
    },
    { ...shape, results: 'shares', declarations: workgroupArrays(reductions, shape.threads) },
  )

const workgroupArrays = (reductions: readonly Reduction[], threads: number): string => {
  const norms = reductions.filter(({ node }) => node.kind === 'norm').length
  return [
    ...(norms < reductions.length ? [`var<workgroup> shares: array<F, ${threads}>;`] : []),
    ...(norms > 0 ? [`var<workgroup> squares: array<vec4<f32>, ${threads}>;`] : []),
  ].join('\n')
}

/** Threads that combine one row. */
const COMBINING = 64

/** What the table calls each kind of reduction, in the last bits of a word that else has those of infinity. */
const codes: Readonly<Record<Reduce['kind'], number>> = { sum: 0, max: 1, norm: 2 }

/** A row of the table: where a reduction's shares begin, how many they are, of what kind, and where the result goes. */
export const tableRow = (
  kind: Reduce['kind'],
  start: number,
  shares: number,
  destination: number,
): readonly number[] => [start, shares, INFINITY_BITS + codes[kind], destination]

/** Combines shares, a row of the table after the other. */
export const combineKernel: string = `
@group(0) @binding(0) var<storage, read> table: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read> given: array<f32>;
@group(0) @binding(2) var<storage, read_write> values: array<f32>;
fn bits_of_infinity() -> u32 { return table[0].z & 0x7f800000u; }
${functions(1)}${normOf}
var<workgroup> shares: array<f32, ${COMBINING}>;
var<workgroup> squares: array<vec4<f32>, ${COMBINING}>;
fn combined(is_max: bool, x: f32, y: f32) -> f32 { return select(x + y, max_f(x, y), is_max); }
@compute @workgroup_size(${COMBINING})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  for (var at = group.x; at < arrayLength(&table); at += groups.x) {
    let row = table[at];
    let is_max = (row.z & 3u) == ${codes.max}u;
    let is_norm = (row.z & 3u) == ${codes.norm}u;
    let next = select(0u, 1u, is_norm);
    var mine = select(0.0, minus_infinity(), is_max);
    var mine_squares = vec4<f32>();
    for (var i = lane; i < row.y; i += ${COMBINING}u) {
      let first = row.x + i * (1u + 2u * next);
      mine = combined(is_max, mine, given[first]);
      mine_squares += vec4<f32>(given[first], given[first + next], given[first + 2u * next], 0.0);
    }
    shares[lane] = mine;
    squares[lane] = mine_squares;${gather(
      [{ array: 'shares', combine: (x, y) => `combined(is_max, ${x}, ${y})` }, squaresOf],
      COMBINING,
    )}
      values[row.w] = select(all_shares, norm_of(all_squares), is_norm);
    }
    workgroupBarrier();
  }
}
`

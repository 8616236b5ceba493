/**
 * The kernels that reduce, as WGSL: one makes a number of the elements that a workgroup sees, one makes a single number
 * of those.
 */
import type { Reduce } from '../../rule/expr.js'
import { flushedSquares } from '../squares.js'
import { INFINITY_BITS, withFunctions } from './functions.js'
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

export const literal = (x: number): string => {
  const bits = new Uint32Array(Float32Array.of(x).buffer)
  return `bitcast<f32>(${bits[0]}u)`
}

/** The root of the sum of squares that is in range; NaN and what is infinite are beyond it. */
export const normOf: string = `
fn norm_of(squares: vec4<f32>) -> f32 {
  let size = bitcast<u32>(squares.x) & 0x7fffffffu;
  let small = size < bitcast<u32>(${literal(least)});
  let large = size > bitcast<u32>(${literal(most)});
  let chosen = select(select(squares.x, squares.y, small), squares.z, large);
  return sqrt_f(chosen) * select(select(1.0, ${literal(1 / power)}, small), ${literal(power)}, large);
}
`

/** Two numbers combined. */
export const combine = (kind: Reduce['kind'], x: string, y: string): string =>
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

/** Bytes of a workgroup's memory that are taken at once: more would leave room for fewer workgroups. */
const GATHERED_BYTES = 8192

/** Reductions that are gathered together, each in an array of its own. */
const batches = (reductions: readonly Reduction[], threads: number): readonly (readonly number[])[] => {
  const most = Math.max(1, Math.floor(GATHERED_BYTES / (16 * threads)))
  return Array.from({ length: Math.ceil(reductions.length / most) }, (_, batch) =>
    Array.from({ length: Math.min(most, reductions.length - batch * most) }, (_, k) => batch * most + k),
  )
}

/** The array of a reduction, by its place in its batch. */
const arrayOf = ({ node: { kind } }: Reduction, k: number): string =>
  kind === 'norm' ? `squares${k}` : `shares${k}`

/** What a thread has of each reduction, where it goes, and the arrays of the batches. */
const declarationsOf = (reductions: readonly Reduction[], threads: number): string => {
  const arrays = new Map(
    batches(reductions, threads).flatMap((batch) =>
      batch.flatMap((i, k) => {
        const reduction = reductions[i]
        return reduction === undefined ? [] : [[arrayOf(reduction, k), reduction.node.kind] as const]
      }),
    ),
  )
  const type = (kind: Reduce['kind']): string => (kind === 'norm' ? 'vec4<f32>' : 'F')
  return [
    ...reductions.flatMap(({ node: { kind } }, i) => [
      `var<private> mine${i}: ${type(kind)};`,
      `var<private> place${i}: u32;`,
    ]),
    ...[...arrays].map(([array, kind]) => `var<workgroup> ${array}: array<${type(kind)}, ${threads}>;`),
  ].join('\n')
}

/** Gathers what the threads have, and writes it: after the leaves, so that a kernel of many leaves has it once. */
const gathered = (reductions: readonly Reduction[], { width, threads }: Shape): string =>
  batches(reductions, threads)
    .map((batch) => {
      const own = batch.flatMap((i, k) => {
        const reduction = reductions[i]
        return reduction === undefined ? [] : [{ i, kind: reduction.node.kind, array: arrayOf(reduction, k) }]
      })
      const arrays = own.map(
        ({ kind, array }): Gathered => ({ array, combine: (x, y) => combine(kind, x, y) }),
      )
      const written = own.map(({ i, kind, array }) => {
        const all = `all_${array}`
        if (kind === 'norm')
          return ['x', 'y', 'z'].map((each, k) => `results[place${i} + ${k}u] = ${all}.${each};`).join(' ')
        const folded = ['yzwx', 'zwxy'].map((order) => `${all} = ${combine(kind, all, `${all}.${order}`)};`)
        return `${width === 1 ? '' : folded.join(' ')} results[place${i}] = ${one(all, width)};`
      })
      return `
  ${own.map(({ i, array }) => `${array}[lane] = mine${i};`).join(' ')}${gather(arrays, threads)}
      ${written.join('\n      ')}
    }`
    })
    .join('\n  workgroupBarrier();')

/** Reduces a leaf to one share per workgroup and reduction. */
export const reduceKernel = (reductions: readonly Reduction[], shape: Shape): Kernel =>
  kernelOf(
    (leaf) => {
      const { width, domain } = shape
      const parts = partsOf(
        reductions.map(({ node }) => node.arg),
        [],
        shape,
        leaf,
      )
      // along axes a number stands for several elements
      const times = domain === 'element' ? '' : ` * f32(record${leaf}[0].w)`
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
        const mine = kind === 'norm' ? `vec4<f32>(${sums(i).map(across).join(', ')}, 0.0)` : `sum${i}`
        const all = kind === 'max' ? mine : `${mine}${times}`
        const place = `${component(`record${leaf}`, at)} + ${shareLength(kind)}u * group`
        return `mine${i} = ${all}; place${i} = ${place};`
      })
      const body = `  ${[...parts.once, ...start].join('\n  ')}
  ${loop(shape, [...parts.each, ...add])}
  ${finish.join('\n  ')}`
      return { parts, body }
    },
    {
      ...shape,
      results: 'shares',
      declarations: declarationsOf(reductions, shape.threads),
      after: gathered(reductions, shape),
    },
  )

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
export const combineKernel: string = withFunctions(
  1,
  `
@group(0) @binding(0) var<storage, read> table: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read> given: array<f32>;
@group(0) @binding(2) var<storage, read_write> values: array<f32>;
fn bits_of_infinity() -> u32 { return table[0].z & 0x7f800000u; }
${normOf}
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
`,
)

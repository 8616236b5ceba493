/** Kernels and loops over arrays against the interpreter of numbers: every step of this file is computed by all of them. */
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { columnsOf, kernelsOf, ownDoor } from '../../../src/host/numbers/arrays.js'
import { numberHost } from '../../../src/host/numbers/host.js'
import { numberInterpreter } from '../../../src/host/numbers/number.js'
import type { NumberValue } from '../../../src/host/numbers/values.js'
import type { Column, Done, Job, Work } from '../../../src/host/work.js'
import {
  adam,
  adamw,
  clipByGlobalNorm,
  fromRule,
  type GradientTransformation,
  kernelStatistics,
  type Leaf,
  lamb,
  lars,
  NdArray,
  ndarray,
  norm,
  type Params,
  partition,
  sgd,
  slot,
  step,
  sum,
} from '../../../src/index.js'
import { cloneLeaf, type NumberLeaf, numbersOf } from '../../../src/rule/ndarray.js'
import { shapeAlong } from '../../../src/rule/scope.js'
import { bits, constants, inTurns, rules, timeout } from '../../laws/drawn.js'
import { elements, phases, shape } from '../../laws/phases.js'
import { everything, type RuleSketch, transformationOf } from '../../laws/randomRule.js'
import { asserting, runsOf } from '../../laws/runs.js'

// both

/** The numbers of a leaf, without a shape. */
function bare(leaf: NumberLeaf): NumberValue
function bare(leaf: NumberLeaf | null): NumberValue | null
function bare(leaf: NumberLeaf | null): NumberValue | null {
  return leaf === null ? null : numbersOf(leaf)
}

/** Where outputs differ from the reference's by a bit. */
const difference = (given: Done<NumberLeaf>, expected: Done<NumberValue>): string | null => {
  const shown = (value: NumberValue | null | undefined): string =>
    value === null || value === undefined || typeof value === 'number'
      ? String(value)
      : value.constructor.name
  const compare = (at: string, a: NumberValue | null | undefined, b: NumberValue | null): string | null => {
    if (a === null || a === undefined || b === null || typeof a === 'number' || typeof b === 'number')
      return Object.is(a, b) ? null : `${at}: ${shown(a)} for ${shown(b)}`
    if (a.constructor !== b.constructor || a.length !== b.length)
      return `${at}: ${shown(a)} of ${a.length} for ${shown(b)} of ${b.length}`
    const i = b.findIndex((x, k) => !Object.is(x, a[k]))
    return i < 0 ? null : `${at}[${i}] of ${b.length}: ${a[i]} for ${b[i]}`
  }
  for (const [name, column] of Object.entries(expected.columns))
    for (const [i, value] of column.entries()) {
      const found = compare(`${name} of leaf ${i}`, bare(given.columns[name]?.[i] ?? null), value)
      if (found !== null) return found
    }
  for (const [name, value] of Object.entries(expected.tree)) {
    const found = compare(`${name} of the tree`, bare(given.tree[name] ?? null), value)
    if (found !== null) return found
  }
  const names = (done: Done<NumberLeaf>): string =>
    [...Object.keys(done.columns), '|', ...Object.keys(done.tree)].sort().join(' ')
  return names(given) === names(expected) ? null : `${names(given)} for ${names(expected)}`
}

let compared = 0

const copied = (column: Column<NumberLeaf>): Column<NumberValue> =>
  column.map((leaf) => (leaf === null ? null : bare(cloneLeaf(leaf))))

/** Whether what is of an element, a row or a column has a shape where the job's leaf has. */
const areShaped = ({ leaves }: Job, { columns }: Done<NumberLeaf>): boolean =>
  Object.entries(columns).every(([name, column]) =>
    column.every((leaf, i) => {
      const job = leaves[i]
      const { scope = 'leaf' } = job?.plan.outputs[name] ?? {}
      const shape = job === undefined ? [] : shapeAlong(scope, job.spec.shape)
      const expected = shape.length > 0 && job?.kind === 'ndarray' ? shape : null
      return leaf === null || (leaf instanceof NdArray ? leaf.shape : null)?.join() === expected?.join()
    }),
  )

const byHost = numberHost.run

/** Computes a step as the host does, by kernels and by loops, and compares every bit of all with the reference's. */
const comparing = (work: Work<NumberLeaf>): Done<NumberLeaf> => {
  const untouched = {
    ...work,
    gradients: copied(work.gradients),
    parameters: copied(work.parameters),
    slots: Object.fromEntries(Object.entries(work.slots).map(([name, column]) => [name, copied(column)])),
    treeSlots: Object.fromEntries(
      Object.entries(work.treeSlots).map(([name, leaf]) => [name, leaf === null ? null : bare(leaf)]),
    ),
    donate: false,
  }
  const expected = numberInterpreter(untouched)
  // along axes there is one way, which the host goes
  for (const way of work.job.byAxes ? [] : [kernelsOf(work.job), columnsOf(work.job)]) {
    if ('_tag' in way) throw new Error(way.reason)
    expect(difference(way.run(ownDoor, untouched), expected)).toBeNull()
  }
  const given = byHost(work)
  expect(areShaped(work.job, given)).toBe(true)
  expect(difference(given, expected)).toBeNull()
  compared += 1
  return given
}

let before = kernelStatistics()

beforeEach(() => {
  vi.spyOn(numberHost, 'run').mockImplementation(comparing)
  before = kernelStatistics()
  compared = 0
})

afterEach(() => {
  vi.restoreAllMocks()
  const { fallbacks, launches } = kernelStatistics()
  expect(fallbacks).toBe(before.fallbacks)
  expect(launches).toBeGreaterThan(before.launches)
  expect(compared).toBeGreaterThan(0)
})

// leaves

type Kind = 'number' | 'float32' | 'float64' | 'ndarray32' | 'ndarray64'

const kinds: readonly Kind[] = ['number', 'float32', 'float64', 'ndarray32', 'ndarray64']

interface LeafSketch {
  readonly kind: Kind
  readonly size: number
  /** Of an ndarray; one for its size, where none is told. */
  readonly shape?: readonly number[]
}

interface Drawn {
  readonly leaves: readonly LeafSketch[]
  readonly seed: number
  /** Numbers of every exponent, or some whose sums are near each other. */
  readonly numbers: 'any' | 'moderate'
}

/** Numbers whose bits are drawn, in 64 bits or in 32. */
const numbersFrom = ({ seed, numbers }: Drawn): (() => number) => {
  const next = bits(seed)
  if (numbers === 'any') return next
  return () => {
    const x = next()
    const y = Math.fround(Math.abs(x) % 7) - 3.5
    return Number.isNaN(y) ? 0 : y * (1 + 1e-9)
  }
}

const shapeOf = (size: number): readonly number[] =>
  size % 2 === 0 ? [2, size / 2] : size % 3 === 0 ? [1, size / 3, 3] : [size]

const leafOf = ({ kind, size, shape = shapeOf(size) }: LeafSketch, next: () => number): Leaf => {
  if (kind === 'number') return next()
  const numbers = kind.endsWith('32')
    ? Float32Array.from({ length: size }, next)
    : Float64Array.from({ length: size }, next)
  return kind.startsWith('ndarray') ? ndarray(numbers, shape) : numbers
}

/** A first state, and then an update and a step of the same, again and again. */
const walk = <S>(tx: GradientTransformation<S>, treeOf: () => Params, steps = 3): void => {
  let params = treeOf()
  let state = tx.init(params)
  for (let i = 0; i < steps; i++) {
    const grads = treeOf()
    tx.update(grads, state, params)
    ;[params, state] = step(tx, { donate: i % 2 === 1 })<Params>(params, state, grads)
  }
}

/** Sizes around the ends of vectors, of turns, and of what is done by a loop. */
const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 129]

const leaf: fc.Arbitrary<LeafSketch> = fc.record({
  kind: fc.constantFrom(...kinds),
  size: fc.constantFrom(...sizes),
})

const drawn = (leaves: fc.Arbitrary<readonly LeafSketch[]>): fc.Arbitrary<Drawn> =>
  fc.record({
    leaves,
    seed: fc.integer(),
    numbers: fc.constantFrom<Drawn['numbers']>('any', 'moderate'),
  })

const few = drawn(fc.array(leaf, { minLength: 1, maxLength: 6 }))

const alike = drawn(
  fc
    .tuple(fc.constantFrom(...kinds), fc.array(fc.constantFrom(...sizes), { minLength: 1, maxLength: 4 }))
    .map(([kind, all]) => all.map((size) => ({ kind, size }))),
)

/** More than what is in the memory at once, and more leaves than are there at once. */
const many = drawn(
  fc.constantFrom<readonly LeafSketch[]>(
    [{ kind: 'float64', size: 17_000 }],
    [{ kind: 'float32', size: 33_001 }],
    [{ kind: 'ndarray32', size: 33_000 }],
    [
      { kind: 'float32', size: 9 },
      { kind: 'ndarray64', size: 16_384 },
      { kind: 'float32', size: 16_500 },
      { kind: 'float64', size: 5 },
    ],
    Array.from({ length: 1100 }, (_, i) => ({ kind: i % 5 === 0 ? 'float64' : 'number', size: i % 3 })),
  ),
)

/** Leaves whose rows have kernels, of every rank, with rows that are longer than what is in the memory at once; and others. */
const shaped = drawn(
  fc.array(
    fc
      .tuple(
        fc.constantFrom(...kinds),
        fc.constantFrom([300], [20, 17], [3, 100], [67, 16], [6, 5, 16], [4, 3, 2, 19], [2, 9000], [2, 3]),
      )
      .map(([kind, shape]) => ({ kind, shape, size: shape.reduce((all, n) => all * n, 1) })),
    { minLength: 1, maxLength: 3 },
  ),
)

const every = (count: number): fc.Arbitrary<readonly RuleSketch[]> =>
  rules({ ...everything, constants }, count)

describe('a step on arrays is that of the interpreter of numbers, bit for bit', () => {
  const all = (drawnRules: readonly RuleSketch[], on: Drawn): void => {
    const next = numbersFrom(on)
    for (const rule of drawnRules)
      walk(transformationOf(rule), () => on.leaves.map((each) => leafOf(each, next)))
  }

  test(
    `by ${4 * runsOf(40)} random rules of every operator and reduction, on leaves of one kind`,
    () => fc.assert(inTurns(every(4), alike, all), asserting(40)),
    timeout,
  )

  test(
    `by ${4 * runsOf(40)} random rules of every operator and reduction, on leaves of several kinds`,
    () => fc.assert(inTurns(every(4), few, all), asserting(40)),
    timeout,
  )

  test(
    `by ${runsOf(8)} random rules on leaves that do not fit into the memory at once`,
    () => fc.assert(inTurns(every(1), many, all), asserting(8)),
    timeout,
  )

  test(
    `by ${2 * runsOf(40)} random rules of rows, columns and matrices`,
    () => fc.assert(inTurns(rules({ ...everything, constants, axes: true }, 2), shaped, all), asserting(40)),
    timeout,
  )

  test.each(['sums', 'maxima', 'norms'] as const)(
    'of %s of rows that are at hand for what is reduced next',
    (kind) => {
      // near the second and the third number, squares are lost
      for (const one of [1, 2 ** -70, 2 ** 70])
        for (const seed of [1, 2])
          walk(
            phases[kind],
            () => [
              ndarray(Float32Array.from(elements(seed, one)), shape),
              ndarray(elements(seed, one), shape),
            ],
            1,
          )
    },
    timeout,
  )

  const ofSize = (size: number): readonly Leaf[] => [
    Float64Array.from({ length: size }, (_, i) => Math.sin(i + size)),
    Float32Array.from({ length: size }, (_, i) => Math.cos(i + size)),
    Math.tan(size),
  ]

  test.each<readonly [string, GradientTransformation<never> | GradientTransformation]>([
    ['adam', adam(0.01)],
    ['adamw', adamw(0.01)],
    ['lamb', lamb(0.01)],
    ['lars', lars(0.01)],
    ['clipByGlobalNorm', clipByGlobalNorm(1)],
  ])('of %s on leaves of every length up to 70', (_, tx) => {
    for (let size = 0; size <= 70; size++) walk(tx, () => ofSize(size), 2)
  })

  const norms = fromRule({
    slots: {
      ofLeaf: slot('leaf', 0),
      ofTree: slot('tree', 0),
      ofNumber: slot('leaf', 0),
      all: slot('tree', 0),
    },
    scalars: { a: 0.1 },
    step: ({ g }, { a }) => {
      const [ofLeaf, ofTree] = [norm(g, 'leaf'), norm(g.mul(2), 'tree')]
      const ofNumber = norm(ofLeaf.mul(a), 'leaf')
      return {
        update: g.div(ofTree),
        ofLeaf,
        ofTree,
        ofNumber,
        all: norm(ofLeaf, 'tree').add(sum(a, 'tree')),
      }
    },
  })
  const along = fromRule({
    axes: ({ shape }) => (shape.length === 2 ? { rows: 0, columns: 1 } : null),
    slots: { r: slot('row', 0), c: slot('column', 0), l: slot('leaf', 0), t: slot('tree', 0) },
    scalars: {},
    step: ({ g }) => {
      const [r, c, l, t] = [norm(g, 'row'), norm(g, 'column'), norm(g, 'leaf'), norm(g, 'tree')]
      return { update: g.div(t), r, c, l, t }
    },
  })
  const magnitudes = [
    0,
    1,
    1e-30,
    1e30,
    1e-160,
    1e-200,
    1e-310,
    1e160,
    1e200,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  ]

  test.each(magnitudes)('of norms whose squares are no numbers: of float64 near %d', (one) => {
    for (const other of [0, 1, 1e-20, 1e-40, 1e20, Number.POSITIVE_INFINITY, Number.NaN])
      for (const size of [1, 20]) {
        const double = (): Leaf => Float64Array.from({ length: size }, (_, i) => one * (i + 1))
        const single = (): Leaf => Float32Array.from({ length: size }, (_, i) => other * (i + 1))
        walk(norms, () => [double(), single(), one], 1)
        walk(norms, () => [single(), double(), single()], 1)
        walk(norms, () => [single(), single()], 1)
        walk(norms, () => [double(), other], 1)
      }
    for (const other of [0, 1, 1e-40, 1e30]) {
      // rows and columns of both sizes
      const sizes = (i: number): number => (i % 7 < 3 ? one : other)
      const of = (Floats: typeof Float32Array | typeof Float64Array): Leaf =>
        ndarray(
          new Floats(
            Array.from({ length: 90 }, (_, i) => sizes(i % 18) * sizes(Math.floor(i / 18)) * (i + 1)),
          ),
          [5, 18],
        )
      walk(along, () => [of(Float64Array), of(Float32Array)], 1)
      walk(along, () => [of(Float32Array), of(Float32Array)], 1)
    }
  })

  test('of a number of the tree that leaves of several rules and precisions share', () => {
    const tx = partition(
      { one: norms, other: sgd(0.1), third: clipByGlobalNorm(0.5) },
      ({ path }) => ['one', 'other', 'third'][Number(path[0]) % 3] ?? 'one',
    )
    walk(tx, () => [...ofSize(5), ...ofSize(2), ...ofSize(17)].reverse())
  })
})

import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { stateTree } from '../../laws/follow.js'
import {
  allKinds,
  Block,
  chainIsAssociative,
  checkLaws,
  compare,
  equally,
  everyLaw,
  exactly,
  follow,
  fusedIsUnfused,
  identityIsNeutral,
  type Kind,
  maskedAll,
  partitionRestricts,
  readTree,
  type Trial,
  treeOf,
  trial,
  ulpDistance,
  type Violation,
} from '../../laws/index.js'
import { tidily } from '../../laws/tensor.js'
import { type GradientTransformation, type Tree, tree } from '../../src/index.js'
import type { BinaryOp, CompareOp, UnaryOp } from '../../src/rule/expr.js'
import {
  everything,
  type RuleSketch,
  ruleSketch,
  type Sketch,
  transformationOf,
  type Vocabulary,
} from './randomRule.js'
import { asserting } from './runs.js'

const inert: Omit<RuleSketch, 'update'> = { m: 'm', l: 'l', r: 'r' }

const specials: readonly number[] = [
  0,
  -0,
  1,
  -1,
  2.5,
  -2.5,
  2 ** -149,
  -(2 ** -149),
  2 ** -126,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
]

/** Every pair of special values, as gradient and parameter of one leaf. */
const pairs: Trial = {
  params: new Block([specials.length ** 2], Float64Array.from(specials.flatMap(() => specials))),
  grads: [
    new Block([specials.length ** 2], Float64Array.from(specials.flatMap((x) => specials.map(() => x)))),
  ],
}

const updates = (sketch: Sketch, kind: Kind): Float64Array => {
  const [update = null] = follow(transformationOf({ ...inert, update: sketch }), pairs, kind).updates
  if (!(update instanceof Block)) throw new Error('one leaf')
  return update.data
}

/** Where the tensor interpreter differs from the reference by more than `ulps`, in words. */
const differences = (sketch: Sketch, ulps: number): readonly string[] => {
  const [expected, given] = [updates(sketch, 'float32'), tidily(() => updates(sketch, 'tensor'))]
  const shown = (x: number | undefined): string => (Object.is(x, -0) ? '-0' : String(x))
  const [grads, params] = [pairs.grads[0], pairs.params]
  if (!(grads instanceof Block && params instanceof Block)) throw new Error('one leaf')
  return [...expected].flatMap((x, i) =>
    ulpDistance('float32')(x, given[i] ?? Number.NaN) <= ulps
      ? []
      : [
          `g = ${shown(grads.data[i])}, p = ${shown(params.data[i])}: ${shown(x)}, tensors ${shown(given[i])}`,
        ],
  )
}

const unary: readonly UnaryOp[] = ['neg', 'abs', 'sqrt', 'sign']
const binary: readonly BinaryOp[] = ['add', 'sub', 'mul', 'div']
const choices: readonly BinaryOp[] = ['min', 'max']

/** Math.min(0, −0) is −0, tf.minimum gives its first argument. */
const ofTwoZeros = (found: string): boolean => /^g = -?0, p = -?0:/.test(found)

/** JavaScript's 1 ** Infinity is NaN, the C of the WASM backend makes it 1. */
const ofOnes = (found: string): boolean => /^g = -?1, p = (-?Infinity|NaN): NaN, tensors 1$/.test(found)

const compares: readonly CompareOp[] = ['lt', 'le', 'eq', 'ne']
/** Approximated, each backend in its own way. */
const approximate: readonly Sketch[] = [
  ['exp', 'g'],
  ['log', 'g'],
  ['tanh', 'g'],
]

// random rules

/** Operators that IEEE defines to the bit; without min and max, which leave a zero's sign open. */
const ieee: Vocabulary = {
  unary: ['neg', 'abs', 'sqrt', 'sign'],
  binary: ['add', 'sub', 'mul', 'div'],
  factors: 'any',
  reductions: false,
}

/** Operators that lead from whole numbers to whole numbers. */
const whole: Vocabulary = {
  unary: ['neg', 'abs', 'sign'],
  binary: ['add', 'sub', 'mul', 'min', 'max'],
  factors: 'atoms',
  reductions: true,
}

class Rows {
  constructor(readonly rows: readonly (readonly number[])[]) {}
}

const wholeNumbers: fc.Arbitrary<Trial> = treeOf(
  fc
    .array(fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: -2, max: 2 }))), {
      minLength: 1,
      maxLength: 4,
    })
    .map((rows) => new Rows(rows)),
).map((drawn) => {
  const column = (index: number): Tree<Block> =>
    tree.map(
      ({ rows }: Rows) =>
        new Block(
          [rows.length],
          Float64Array.from(rows, (row) => row[index] ?? 0),
        ),
    )(drawn)
  return { params: column(0), grads: [column(1), column(2), column(3)] }
})

/** Whether nothing comes near 2²⁴, where float32 stops to hold every whole number. */
const isSmall = (blocks: Tree<Block>): boolean =>
  tree.leaves(blocks).every(([, { data }]) => data.every((x) => Math.abs(x) < 2 ** 18))

const apart = (tx: GradientTransformation, on: Trial, one: Kind, other: Kind): Violation | null =>
  tidily(() => {
    const [a, b] = [follow(tx, on, one), follow(tx, on, other)]
    const tolerance = one === 'float64' ? equally : exactly
    return (
      [
        ...a.updates.map((update, i) =>
          compare(`update ${i + 1}`, update, b.updates[i] ?? null, tolerance, 'float64'),
        ),
        ...a.states.map((state, i) => {
          const [x, y] = [state, b.states[i]].map((each) => readTree(stateTree(each)))
          // a slot of a leaf holds a maximum, which leaves a zero's sign open
          return compare(`state ${i}`, x ?? null, y ?? null, equally, 'float64')
        }),
      ].find((violation) => violation !== null) ?? null
    )
  })

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend)
    expect(tf.getBackend()).toBe(backend)
  })

  test.each(unary)('%s of every special value is that of numbers, bit for bit', (op) => {
    expect(differences([op, 'g'], 0)).toEqual([])
  })

  test.each(binary)('%s of every two special values is that of numbers, bit for bit', (op) => {
    expect(differences([op, 'g', 'p'], 0)).toEqual([])
  })

  test.each(choices)(
    '%s of every two special values is that of numbers; which of two zeros is open',
    (op) => {
      expect(differences([op, 'g', 'p'], 0).filter((found) => !ofTwoZeros(found))).toEqual([])
    },
  )

  test('pow of special values is near; of ±1 to what is not finite it is open, and 1 in C', () => {
    expect(differences(['pow', 'g', 'p'], 4).filter((found) => !ofOnes(found))).toEqual([])
  })

  test.each(compares)('select by %s of every two special values is that of numbers', (op) => {
    expect(differences(['select', op, 'g', 'p', 1, 0], 0)).toEqual([])
    expect(differences(['select', op, 'g', 'p', 'g', 'p'], 0)).toEqual([])
  })

  test.each(approximate.map((sketch) => [JSON.stringify(sketch), sketch] as const))(
    '%s of special values is near',
    (_, sketch) => {
      expect(differences(sketch, 4)).toEqual([])
    },
  )

  test.each(['sum', 'max of'] as const)('%s over leaf and tree sees special values as numbers do', (kind) => {
    for (const over of ['leaf', 'tree'] as const) {
      const sketch = [kind, over, 'g'] as const
      for (const x of specials) {
        const on: Trial = {
          params: new Block([2], Float64Array.of(1, 1)),
          grads: [new Block([2], Float64Array.of(x, 1))],
        }
        const tx = transformationOf({ ...inert, update: sketch })
        const [expected = null] = follow(tx, on, 'float32').updates
        const [given = null] = tidily(() => follow(tx, on, 'tensor')).updates
        expect(
          compare(`${kind} over ${over} of ${x} and 1`, expected, given, { ulps: 0 }, 'float32'),
        ).toBeNull()
      }
    }
  })

  test('random rules of IEEE operators give the same on arrays and tensors, bit for bit, special values too', () => {
    fc.assert(
      fc.property(
        ruleSketch(ieee),
        trial('tensor', { grads: 'special', params: 'special', steps: 3 }),
        (rule, on) => {
          const tx = transformationOf(rule)
          expect(apart(tx, on, 'float32', 'tensor')).toBeNull()
        },
      ),
      asserting(150),
    )
  })

  test('random rules on whole numbers, with reductions and slots of every scope, are exact in every precision', () => {
    fc.assert(
      fc.property(ruleSketch(whole), wholeNumbers, (rule, on) => {
        const tx = transformationOf(rule)
        const { updates, states } = follow(tx, on, 'float64')
        fc.pre([...updates, ...states.map((state) => readTree(stateTree(state)))].every(isSmall))
        expect(apart(tx, on, 'float64', 'float32')).toBeNull()
        expect(apart(tx, on, 'float64', 'tensor')).toBeNull()
      }),
      asserting(150),
    )
  })
})

describe('a random rule', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu')
  })

  test.each(
    [...everyLaw, fusedIsUnfused, chainIsAssociative, identityIsNeutral, maskedAll, partitionRestricts].map(
      (law) => [law.name, law] as const,
    ),
  )('keeps the law %s', (_, law) => {
    fc.assert(
      fc.property(ruleSketch(everything), fc.integer(), (rule, seed) =>
        checkLaws(transformationOf(rule), [law], { kinds: allKinds, runs: 2, seed }),
      ),
      asserting(15),
    )
  })
})

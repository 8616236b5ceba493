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
  type Violation,
} from '../../laws/index.js'
import { tidily } from '../../laws/tensor.js'
import { type GradientTransformation, type Tree, tree } from '../../src/index.js'
import { type TensorInterpreter, withInterpreter } from '../../src/tfjs/index.js'
import { everything, ruleSketch, transformationOf, type Vocabulary } from './randomRule.js'
import { asserting } from './runs.js'

/** How tensors are computed, whatever the backend would choose. */
let interpreter: TensorInterpreter = 'tensor'

const followed: typeof follow = (tx, on, kind) => withInterpreter(interpreter, () => follow(tx, on, kind))

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
  norms: false,
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
    const [a, b] = [followed(tx, on, one), followed(tx, on, other)]
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

const interpreters = [
  ['tensor', 'cpu'],
  ['cpu', 'cpu'],
  ['tensor', 'wasm'],
  ['wasm', 'wasm'],
] as const

describe.each(interpreters)('by the interpreter %s on %s', (by, backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend)
    expect(tf.getBackend()).toBe(backend)
    interpreter = by
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
        const { updates, states } = followed(tx, on, 'float64')
        fc.pre([...updates, ...states.map((state) => readTree(stateTree(state)))].every(isSmall))
        expect(apart(tx, on, 'float64', 'float32')).toBeNull()
        expect(apart(tx, on, 'float64', 'tensor')).toBeNull()
      }),
      asserting(150),
    )
  })
})

describe.each([
  ['a random rule', everything, 15],
  ['a random rule of rows, columns and matrices', { ...everything, axes: true }, 10],
] as const)('%s', (_, vocabulary, few) => {
  beforeAll(async () => {
    await tf.setBackend('cpu')
  })

  test.each(
    [...everyLaw, fusedIsUnfused, chainIsAssociative, identityIsNeutral, maskedAll, partitionRestricts].map(
      (law) => [law.name, law] as const,
    ),
  )('keeps the law %s', (__, law) => {
    fc.assert(
      fc.property(ruleSketch(vocabulary), fc.integer(), (rule, seed) =>
        checkLaws(transformationOf(rule), [law], { kinds: allKinds, runs: 2, seed }),
      ),
      asserting(few),
    )
  })
})

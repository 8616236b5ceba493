/** Random rules on a graphics device beside the reference, equal to the bit: in Node and in a page. */
import * as fc from 'fast-check'
import { Block, type Trial, trial } from '../../laws/index.js'
import { tree } from '../../src/index.js'
import {
  ofWholes,
  type RuleSketch,
  ruleSketch,
  transformationOf,
  type Vocabulary,
} from '../laws/randomRule.js'
import { wholesOn } from '../laws/wholes.js'
import { differences } from './difference.js'
import { onArrays, onDevice } from './follow.js'
import type { Device } from './read.js'

const ieee: Vocabulary = {
  unary: ['neg', 'abs', 'sqrt', 'sign'],
  binary: ['add', 'sub', 'mul', 'min', 'max'],
  factors: 'any',
  reductions: false,
}

const wholeTrial: fc.Arbitrary<Trial> = trial('tensor', { steps: 2 }).map(({ params, grads }) => {
  const rounded = tree.map(
    ({ shape, data }: Block) =>
      new Block(
        shape,
        data.map((x) => Math.round(2 * Math.sin(x)) + 0),
      ),
  )
  return { params: rounded(params), grads: grads.map(rounded) }
})

const expectEqual = (found: readonly string[]): void => {
  if (found.length > 0) throw new Error(found.slice(0, 10).join('\n'))
}

/** Rules whose results are whole numbers, so that the order of a sum does not matter. */
const exactly = (
  device: Device,
  vocabulary: Vocabulary,
  trials: fc.Arbitrary<Trial>,
): fc.IAsyncProperty<[RuleSketch, Trial]> =>
  fc.asyncProperty(ruleSketch(vocabulary), trials, async (rule, on) => {
    const tx = transformationOf(rule)
    const expected = await onArrays(tx, on)
    // before the device computes anything
    fc.pre(expected.flat().every((x) => Math.abs(x) < 2 ** 18))
    expectEqual(differences(expected, await onDevice(device, tx, on), { ulps: 0, near: 0 }))
  })

/** Rules on flat leaves. */
export const wholeRules = (device: Device): fc.IAsyncProperty<[RuleSketch, Trial]> =>
  exactly(device, ofWholes, wholeTrial)

/** Ranks from 0 to 4, matrices of one row and one column, cells of more than one share, packed texels that are not full. */
const shapes = [[], [3], [2, 3], [3, 1], [1, 4], [2, 3, 2], [2, 1, 2, 3], [3, 17], [135, 6], [5, 140]]

/** Rules of rows, columns and matrices. */
export const rulesOfAxes = (device: Device): fc.IAsyncProperty<[RuleSketch, Trial]> =>
  exactly(device, { ...ofWholes, axes: true }, wholesOn(shapes))

/** Rules of IEEE operators on moderate numbers. */
export const moderateRules = (device: Device): fc.IAsyncProperty<[RuleSketch, Trial]> =>
  fc.asyncProperty(
    ruleSketch(ieee),
    trial('tensor', { grads: 'moderate', params: 'moderate', steps: 2 }),
    async (rule, on) => {
      const tx = transformationOf(rule)
      const expected = await onArrays(tx, on)
      fc.pre(expected.flat().every((x) => x === 0 || Math.abs(x) > 2 ** -120))
      expectEqual(differences(expected, await onDevice(device, tx, on), { ulps: 0, near: 0 }))
    },
  )

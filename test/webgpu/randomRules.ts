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
export const wholeRules = (device: Device): fc.IAsyncProperty<[RuleSketch, Trial]> =>
  fc.asyncProperty(ruleSketch(ofWholes), wholeTrial, async (rule, on) => {
    const tx = transformationOf(rule)
    const expected = await onArrays(tx, on)
    // before the device computes anything
    fc.pre(expected.flat().every((x) => Math.abs(x) < 2 ** 18))
    expectEqual(differences(expected, await onDevice(device, tx, on), { ulps: 0, near: 0 }))
  })

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

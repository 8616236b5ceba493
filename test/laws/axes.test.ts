/** Rules of rows, columns and matrices on tensors of every rank: by the reference and by what computes tensors. */
import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { Block, follow, type Trial } from '../../laws/index.js'
import { tidily } from '../../laws/tensor.js'
import {
  fromRule,
  type GradientTransformation,
  kernelStatistics,
  max,
  norm,
  slot,
  sum,
  tree,
} from '../../src/index.js'
import { type Both, byBoth } from './byReference.js'
import { elements, phases, shape } from './phases.js'
import { everything, ofWholes, ruleSketch, transformationOf, type Vocabulary } from './randomRule.js'
import { asserting } from './runs.js'
import { wholesOn } from './wholes.js'

/** Operators that lead from whole numbers to whole numbers. */
const whole: Vocabulary = { ...ofWholes, axes: true }

const shapes = [[], [3], [2, 3], [3, 1], [1, 4], [2, 3, 2], [2, 1, 2, 3], [0, 2], [2, 0], [3, 17], [35, 16]]

const wholeNumbers = wholesOn(shapes)

const followed = (tx: GradientTransformation, on: Trial): readonly Both[] =>
  byBoth(() => {
    tidily(() => follow(tx, on, 'tensor'))
  })

const isSmall = ({ reference }: Both): boolean => reference.every((x) => !(Math.abs(x) >= 2 ** 18))

/** Equal in every bit; of NaN, whose bits are nobody's promise, that it is one. */
const isIdentical = ({ tensor, reference }: Both): boolean =>
  tensor.length === reference.length && tensor.every((x, i) => Object.is(x, reference[i]))

/** Equal numbers, whatever the sign of a zero. */
const isSame = ({ tensor, reference }: Both): boolean =>
  tensor.length === reference.length &&
  tensor.every((x, i) => x === reference[i] || (Number.isNaN(x) && Number.isNaN(reference[i])))

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend)
    expect(tf.getBackend()).toBe(backend)
  })

  test('random rules of rows, columns and matrices on whole numbers are what the reference says', () => {
    fc.assert(
      fc.property(ruleSketch(whole), wholeNumbers, (rule, on) => {
        const all = followed(transformationOf(rule), on)
        fc.pre(all.every(isSmall))
        expect(all.filter((each) => !isSame(each))).toEqual([])
        expect(all.length).toBeGreaterThan(tree.leaves(on.params).length)
      }),
      asserting(150),
    )
  })

  // on WASM sums of rows are made in an order of their own
  if (backend === 'cpu')
    test('random rules of every operator are what the reference says, in every bit', () => {
      fc.assert(
        fc.property(ruleSketch({ ...everything, axes: true }), wholeNumbers, (rule, on) => {
          const all = followed(transformationOf(rule), on)
          expect(all.filter((each) => !isIdentical(each))).toEqual([])
          expect(all.length).toBeGreaterThan(tree.leaves(on.params).length)
        }),
        asserting(100),
      )
    })

  test('what the leaves of a tree have in common is complete before it is read', () => {
    // the total may be reduced with what comes first, but it is the leaf's share until all leaves have theirs
    const tx = fromRule({
      axes: ({ shape }) => (shape.length === 2 ? { rows: 0, columns: 1 } : null),
      slots: { c: slot('column', 0), l: slot('leaf', 1) },
      scalars: {},
      step: ({ g, ...old }) => {
        const total = sum(g.mul(sum(old.l, 'leaf')), 'tree')
        return { update: g, c: max(g.sub(max(g, 'leaf')), 'column'), l: max(total.sub(g), 'leaf') }
      },
    })
    const leavesOf = (one: number): readonly Block[] => [
      new Block([2, 3], Float64Array.of(1, 2, 3, 4, 5, 6 * one)),
      new Block([3, 2], Float64Array.of(-7, 8, 9, one, 0, 2)),
    ]
    const all = followed(tx, { params: leavesOf(0), grads: [leavesOf(1), leavesOf(-1)] })
    expect(all.filter((each) => !isSame(each))).toEqual([])
    expect(all.filter(({ what }) => what.startsWith('l of')).length).toBeGreaterThanOrEqual(4)
  })

  test('what a lost norm of a row has put off is known to what is made of it', () => {
    const tx = fromRule({
      axes: ({ shape }) => (shape.length === 2 ? { rows: 0, columns: 1 } : null),
      slots: { w: slot('row', 0), l: slot('leaf', 0) },
      scalars: {},
      step: ({ g }) => {
        // a row of zeros looks as if its squares were lost: the next norm waits for its own stage
        const later = norm(g.add(norm(g, 'row')), 'leaf')
        const beside = norm(g.add(sum(g, 'leaf')), 'leaf')
        return { update: g, w: max(later.add(g), 'row'), l: beside }
      },
    })
    const zeros = new Block([3, 2], new Float64Array(6))
    const all = followed(tx, { params: zeros, grads: [new Block([3, 2], Float64Array.of(3, 4, 0, 0, 6, 8))] })
    const far = all.filter(
      ({ tensor, reference }) => !tensor.every((x, i) => Math.abs(x - (reference[i] ?? 0)) < 1e-4),
    )
    expect(far).toEqual([])
    expect(all.filter(({ what }) => what.startsWith('w of'))).not.toEqual([])
  })

  test.each(['sums', 'maxima', 'norms'] as const)(
    '%s of rows are at hand for what is reduced next',
    (kind) => {
      for (const one of [1, 2 ** -70, 2 ** 70]) {
        const { launches } = kernelStatistics()
        const on = {
          params: new Block(shape, elements(1, 1)),
          grads: [2, 3].map((i) => new Block(shape, elements(i, one))),
        }
        const all = followed(phases[kind], on)
        // one pass for what is reduced and one for the outputs, in either step
        if (backend === 'wasm' && one === 1) expect(kernelStatistics().launches - launches).toBe(4)
        for (const each of all) {
          const { what, tensor, reference } = each
          const most = Float64Array.from(reference).reduce((before, x) => Math.max(before, Math.abs(x)), 0)
          const isNear = (x: number, i: number): boolean =>
            !Number.isFinite(most) || Math.abs(x - (reference[i] ?? Number.NaN)) <= 32 * 2 ** -23 * most
          const holds = backend === 'cpu' ? isIdentical(each) : tensor.every(isNear)
          expect([what, holds]).toEqual([what, true])
        }
      }
    },
  )

  test.each(['row', 'column', 'matrix'] as const)(
    'a norm of each %s is a number where its square is none',
    (over) => {
      const tx = transformationOf({
        update: ['norm', over, 'g'],
        ...{ m: 'm', l: 'l', r: 'r' },
        axes: { w: 'w', c: 'c', k: 'k' },
      })
      // rows, columns and matrices of their own sizes
      const sizes = [1e30, 1, 1e-30, 0, 3e37, 1e-40]
      for (const lengths of [
        [3, 2, 3],
        [6, 18],
        [40, 17],
      ]) {
        const size = lengths.reduce((product, n) => product * n, 1)
        const block = new Block(
          lengths,
          Float64Array.from({ length: size }, (_, i) => (sizes[(i * 5 + Math.floor(i / 6)) % 6] ?? 0) * 0.5),
        )
        for (const { tensor, reference } of followed(tx, { params: block, grads: [block] }))
          for (const [i, x] of tensor.entries()) {
            const expected = reference[i] ?? Number.NaN
            // sums of float32 in vector registers are within 32 units of the last place, as those of leaves are
            expect(Math.abs(x - expected)).toBeLessThanOrEqual(32 * 2 ** -23 * expected + 2 ** -126)
          }
      }
    },
  )
})

import { describe, expect, test } from 'vitest'
import {
  checkLaws,
  concatenation,
  fusedIsUnfused,
  homogeneity,
  type LawFails,
  orthogonalEquivariance,
  permutationEquivariance,
  reflection,
  runLaws,
  scaleInvariance,
  showFailure,
  updateIsPure,
} from '../../laws/index.js'
import { adam, adamw, clip, type GradientTransformation, lars, sgd } from '../../src/index.js'

const only = (
  tx: GradientTransformation,
  law: Parameters<typeof runLaws<GradientTransformation>>[1][number],
): LawFails => {
  const [result] = runLaws(tx, [law], { kinds: ['float64'], runs: 300, seed: 7 })
  if (result?._tag !== 'Fails') throw new Error(`${law.name} holds`)
  return result
}

describe('a law that does not hold', () => {
  test.each([
    ['Adam prefers the coordinate axes: orthogonalEquivariance', adam(0.1), orthogonalEquivariance],
    ['LARS takes norms of whole leaves: concatenation', lars(0.1), concatenation],
    ['Adam with ε > 0 sees the scale: scaleInvariance', adam(0.1), scaleInvariance],
    ['decay does not reflect: reflection', adamw(0.1, { weightDecay: 0.25 }), reflection],
    ['clipping is not homogeneous: homogeneity', clip(1), homogeneity],
  ] as const)('%s finds a counterexample', (_, tx, law) => {
    expect(only(tx, law).counterexample).not.toBe('')
  })

  test('is told with its name, the seed, the shrunk counterexample and the distance in ulps', () => {
    const failure = only(clip(1), homogeneity)
    const told = showFailure(failure)
    expect(told).toContain('homogeneity (float64) does not hold: u(c·g) = c·u(g)')
    expect(told).toMatch(/update \d.*: expected -?[\d.e-]+, given -?[\d.e-]+/)
    expect(told).toMatch(/distance: \d+ ulps of float64/)
    expect(told).toContain(`seed: ${failure.seed}`)
    // shrunk to a few numbers; what was drawn has hundreds
    expect(failure.counterexample.length).toBeLessThan(400)
  })

  test('fails again from its seed, with the same counterexample', () => {
    const { seed, counterexample } = only(lars(0.1), concatenation)
    const [again] = runLaws(lars(0.1), [concatenation], { kinds: ['float64'], runs: 300, seed })
    expect(again).toMatchObject({ _tag: 'Fails', counterexample })
  })

  test('is thrown by checkLaws, all failures in one error', () => {
    const failing = (): void =>
      checkLaws(clip(1), [homogeneity, permutationEquivariance, scaleInvariance], {
        kinds: ['number'],
        runs: 200,
      })
    expect(failing).toThrow(/homogeneity \(number\)[\s\S]*scaleInvariance \(number\)/)
    expect(failing).not.toThrow(/permutationEquivariance/)
  })
})

describe('impurity is found', () => {
  /** SGD on Float64Array, with a fault. */
  const faulty = (
    fault: (grads: Float64Array, u: Float64Array) => Float64Array,
  ): GradientTransformation<object> => ({
    init: () => ({}),
    update: <P>(grads: P) => {
      const changed = (node: unknown): unknown =>
        node instanceof Float64Array
          ? fault(
              node,
              node.map((x) => -x),
            )
          : node
      // the laws below give a single leaf or trees that the fault leaves alone
      return [changed(grads) as P, {}] as const
    },
  })

  test.each([
    ['a transformation that writes into the gradients', (g: Float64Array) => g.fill(7).slice()],
    ['a transformation that gives out its argument', (g: Float64Array) => g],
    [
      'a transformation that draws random numbers',
      (_: Float64Array, u: Float64Array) => u.map(() => Math.random()),
    ],
  ])('%s', (_, fault) => {
    expect(only(faulty(fault), updateIsPure).violation).not.toBe('')
  })

  test('a transformation that behaves otherwise in a chain', () => {
    const { ruled } = sgd(0.2)
    const other: GradientTransformation = { ...sgd(0.1), ...(ruled && { ruled }) }
    const result = runLaws(other, [fusedIsUnfused], { kinds: ['number'], runs: 200 })
    expect(result[0]?._tag).toBe('Fails')
  })
})

test('a law is tried on the kinds that both it and the caller name', () => {
  const kinds = runLaws(adam(0.1), [permutationEquivariance], { kinds: ['float32', 'number'], runs: 3 }).map(
    ({ kind }) => kind,
  )
  expect(kinds).toEqual(['number', 'float32'])
  expect(runLaws(sgd(0.1), [orthogonalEquivariance], { kinds: ['float32'] })).toEqual([])
})

/** What line searches promise, on functions drawn at random. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chain, lbfgs, scale, scaleByBacktrackingLinesearch, scaleByZoomLinesearch } from '../../src/index.js'
import { dot, type Objective, quadratic, rosenbrock, walk } from './walk.js'

const number = fc.integer({ min: -300, max: 300 }).map((x) => x / 100)

const vector = (n: number): fc.Arbitrary<Float64Array> =>
  fc.array(number, { minLength: n, maxLength: n }).map((x) => Float64Array.from(x))

interface Drawn {
  readonly objective: Objective
  readonly start: Float64Array
}

const quadratics: fc.Arbitrary<Drawn> = fc
  .integer({ min: 1, max: 5 })
  .chain((n) =>
    fc
      .tuple(
        fc.array(fc.array(number, { minLength: n, maxLength: n }), { minLength: n, maxLength: n }),
        vector(n),
        vector(n),
      )
      .map(([rows, b, start]) => ({ objective: quadratic(rows, b), start })),
  )

const valleys: fc.Arbitrary<Drawn> = vector(2).map((start) => ({ objective: rosenbrock, start }))

const either = fc.oneof(quadratics, valleys)

const moved = (x: Float64Array, u: Float64Array): Float64Array => x.map((xi, i) => xi + (u[i] ?? 0))

const seed = { seed: 7, numRuns: 60 }

describe('scaleByBacktrackingLinesearch', () => {
  it('decreases the loss by a share of what the slope promises, at every step (Armijo)', () => {
    fc.assert(
      fc.property(
        either,
        fc.double({ min: 1e-4, max: 0.4, noNaN: true }),
        ({ objective, start }, slopeRtol) => {
          const tx = chain(scale(-1), scaleByBacktrackingLinesearch(200, { slopeRtol }))
          for (const { x, updates, state } of walk(tx, objective, start, 10)) {
            const slope = dot(objective.grad(x), updates)
            // closer to the minimum, values differ by roundings alone
            if (slope > -1e-8 || Math.abs(slope) < 1e-10 * Math.abs(objective.value(x))) break
            expect(state[1].info.decreaseError).toBe(0)
            expect(objective.value(moved(x, updates))).toBeLessThanOrEqual(
              objective.value(x) + slopeRtol * slope + 1e-9,
            )
          }
        },
      ),
      seed,
    )
  })

  it('tolerates a part of the size of the loss, of a negative one too', () => {
    // a step of 1 leads from 1 to −1, where the value is the same
    for (const lowest of [-2, 0.5]) {
      const valueFn = (x: number): number => x * x + lowest
      const tx = chain(scale(-1), scaleByBacktrackingLinesearch(20, { slopeRtol: 1e-3, rtol: 0.01 }))
      const [update, state] = tx.update(2, tx.init(1), 1, { value: valueFn(1), grad: 2, valueFn })
      expect(update).toBe(-2)
      expect(state[1]).toMatchObject({ learningRate: 1, info: { decreaseError: 0, numLinesearchSteps: 1 } })
    }
  })

  it('takes the first of ever shorter steps that will do', () => {
    fc.assert(
      fc.property(quadratics, ({ objective, start }) => {
        const [maxLearningRate, decreaseFactor] = [2, 0.5]
        const tx = chain(
          scale(-1),
          scaleByBacktrackingLinesearch(60, { maxLearningRate, decreaseFactor, increaseFactor: 2 }),
        )
        const [stage] = walk(tx, objective, start, 1)
        const { learningRate, info } = stage?.state[1] ?? expect.fail()
        expect(learningRate).toBe(2 * 0.5 ** (info.numLinesearchSteps - 1))
        const g = objective.grad(start)
        const longer = start.map((x, i) => x - 2 * learningRate * (g[i] ?? 0))
        if (learningRate < maxLearningRate)
          expect(objective.value(longer)).toBeGreaterThan(
            objective.value(start) - 2e-4 * learningRate * dot(g, g),
          )
      }),
      seed,
    )
  })
})

describe('scaleByZoomLinesearch', () => {
  it('decreases the loss enough and leaves little of the slope, at every step (Wolfe)', () => {
    const [slopeRtol, curvRtol] = [1e-3, 0.3]
    fc.assert(
      fc.property(either, ({ objective, start }) => {
        const tx = chain(scale(-1), scaleByZoomLinesearch(40, { slopeRtol, curvRtol, approxDecRtol: null }))
        for (const { x, updates, state } of walk(tx, objective, start, 6)) {
          const { learningRate, info } = state[1]
          if (dot(objective.grad(x), objective.grad(x)) < 1e-8) break
          expect([info.decreaseError, info.curvatureError]).toEqual([0, 0])
          const [before, after] = [x, moved(x, updates)].map((at) => dot(objective.grad(at), updates))
          if (before === undefined || after === undefined) expect.fail()
          expect(learningRate).toBeGreaterThan(0)
          expect(objective.value(moved(x, updates))).toBeLessThanOrEqual(
            objective.value(x) + slopeRtol * before + 1e-9,
          )
          expect(Math.abs(after)).toBeLessThanOrEqual(curvRtol * Math.abs(before) + 1e-9)
        }
      }),
      seed,
    )
  })

  it('takes the longest step that is allowed, where the loss falls all the way there', () => {
    const objective: Objective = { value: (x) => -(x[0] ?? 0), grad: () => Float64Array.of(-1) }
    const tx = chain(scale(-1), scaleByZoomLinesearch(20, { maxLearningRate: 5 }))
    const [stage] = walk(tx, objective, Float64Array.of(0), 1)
    expect(stage?.updates).toEqual(Float64Array.of(5))
    expect(stage?.state[1].info).toEqual({
      numLinesearchSteps: 4,
      decreaseError: 0,
      curvatureError: 1 - 0.9,
    })
  })
})

describe('lbfgs', () => {
  it('finds the minimum of a quadratic function of n variables in a few times n steps', () => {
    fc.assert(
      fc.property(quadratics, ({ objective, start }) => {
        const last = walk(lbfgs(), objective, start, 6 * start.length + 4).at(-1) ?? expect.fail()
        const g = objective.grad(moved(last.x, last.updates))
        expect(Math.sqrt(dot(g, g))).toBeLessThan(1e-5)
      }),
      seed,
    )
  })

  it('finds it in n + 1 steps where every line search is exact', () => {
    fc.assert(
      fc.property(quadratics, ({ objective, start }) => {
        const linesearch = scaleByZoomLinesearch(60, { curvRtol: 1e-9, stepsizePrecision: 0 })
        const last = walk(lbfgs(undefined, { linesearch }), objective, start, start.length + 1).at(-1)
        if (last === undefined) expect.fail()
        const g = objective.grad(moved(last.x, last.updates))
        expect(Math.sqrt(dot(g, g))).toBeLessThan(1e-4)
      }),
      seed,
    )
  })

  it("finds the end of Rosenbrock's valley from anywhere near", () => {
    fc.assert(
      fc.property(vector(2), (start) => {
        const last = walk(lbfgs(), rosenbrock, start, 80).at(-1) ?? expect.fail()
        expect(Math.hypot((last.x[0] ?? 0) - 1, (last.x[1] ?? 0) - 1)).toBeLessThan(1e-5)
      }),
      { ...seed, numRuns: 15 },
    )
  })
})

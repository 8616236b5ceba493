import { pipe } from 'fp-ts/lib/function.js'
import { concatAll } from 'fp-ts/lib/Monoid.js'
import * as S from 'fp-ts/lib/State.js'
import { describe, expect, it } from 'vitest'
import { ordinary } from '../../laws/catalogue/surrounding.js'
import {
  adam,
  andThen,
  centralize,
  chain,
  clip,
  clipByGlobalNorm,
  type GradientTransformation,
  GradpipeError,
  identity,
  MonoidChain,
  type Params,
  scale,
  scaleByAdam,
  sgd,
  stepState,
  trace,
  updateState,
} from '../../src/index.js'
import { thrown } from '../thrown.js'

const grads = [
  { w: Float64Array.of(3, -1), b: 2 },
  { w: Float64Array.of(0.5, 4), b: -1 },
  { w: Float64Array.of(0, 1e-3), b: 7 },
]

/** All updates of a run. */
const run = (tx: GradientTransformation): readonly Params[] => {
  let state = tx.init({ w: new Float64Array(2), b: 0 })
  return grads.map((g) => {
    const [updates, next] = tx.update<Params>(g, state)
    state = next
    return updates
  })
}

/** The state after a run. */
const stateAfter = (tx: GradientTransformation): unknown => {
  let state = tx.init({ w: new Float64Array(2), b: 0 })
  for (const g of grads) [, state] = tx.update<Params>(g, state)
  return state
}

describe('chain', () => {
  it('keeps the tuple of its members states, whatever was fused', () => {
    const tx = chain(clip(1), chain(trace(0.5), scale(2)), scaleByAdam())
    const [, state] = tx.update(4, tx.init(0))
    expect(state).toEqual([
      {},
      [{ trace: 1 }, {}],
      { count: 1, mu: expect.any(Number), nu: expect.any(Number) },
    ])
  })

  it('is one rule where its members are', () => {
    expect(chain(clip(1), adam(0.1)).ruled).toBeDefined()
    expect(chain().ruled).toBeDefined()
    expect(chain(clip(1), ordinary(centralize())).ruled).toBeUndefined()
  })

  it('fuses the rules around what is not a rule, with the same result', () => {
    const interrupted = chain(
      clip(1),
      trace(0.9),
      ordinary(centralize()),
      clipByGlobalNorm(0.5),
      scaleByAdam(),
      scale(-0.1),
    )
    const without = chain(clip(1), trace(0.9), clipByGlobalNorm(0.5), scaleByAdam(), scale(-0.1))
    // centralize has nothing to do on vectors
    expect(run(interrupted)).toEqual(run(without))
    const [, state] = interrupted.update(4, interrupted.init(0))
    expect(state).toEqual([
      {},
      { trace: 1 },
      {},
      {},
      { count: 1, mu: 0.04999999999999999, nu: 0.0002500000000000002 },
      {},
    ])
  })

  it('of none leaves the gradients as they are', () => {
    expect(run(chain())).toEqual(grads)
    expect(chain().init(0)).toEqual([])
  })

  it('refuses the state of another chain by name', () => {
    const tx = chain(trace(0.5), scale(2))
    for (const state of [[], [{ trace: 0 }], { trace: 0 }, null])
      expect(() => tx.update(1, state as never)).toThrow(/state: expected the states of 2 transformations/)
    expect(() => chain(ordinary(centralize()), scale(2)).update(1, [] as never)).toThrow(GradpipeError)
    expect(() => tx.update(1, [{}, {}] as never)).toThrow(/state\.0\.trace/)
  })

  it('is the same in the form for pipe, and as a Monoid', () => {
    const chained = run(chain(clip(1), trace(0.9), scale(-0.1)))
    expect(run(pipe(clip(1), andThen(trace(0.9)), andThen(scale(-0.1))))).toEqual(chained)
    const members: GradientTransformation[] = [clip(1), identity(), trace(0.9), scale(-0.1)]
    expect(run(concatAll(MonoidChain)(members))).toEqual(chained)
  })

  it('grows by andThen, and so does its state', () => {
    const [a, b, c, d] = [clip(1), trace(0.9), scaleByAdam(), ordinary(centralize())]
    const whole: GradientTransformation = chain(a, b, c, d)
    const states = stateAfter(whole)
    const grown: readonly GradientTransformation[] = [
      pipe(a, andThen(b), andThen(c), andThen(d)),
      pipe(chain(a, b), andThen(c), andThen(d)),
      pipe(chain(a, b, c), andThen(d)),
      pipe(chain(), andThen(a), andThen(b), andThen(c), andThen(d)),
    ]
    for (const tx of grown) {
      expect(stateAfter(tx)).toEqual(states)
      expect(run(tx)).toEqual(run(whole))
      // a state of the one is a state of the other
      expect(tx.update<Params>(grads[0] ?? null, states)[0]).toEqual(
        whole.update<Params>(grads[0] ?? null, stateAfter(tx))[0],
      )
    }
    // what comes after it stays one member
    expect(stateAfter(pipe(a, andThen(chain(b, c)), andThen(d)))).toEqual(
      stateAfter(chain(a, chain(b, c), d)),
    )
    expect(pipe(chain(a, b), andThen(c)).ruled).toBeDefined()
    const twice = pipe(adam(0.1), andThen(scale(2)))
    expect(twice.update(1, twice.init(0))[0]).toBeCloseTo(-0.2)
    expect(twice.init(0)).toHaveLength(3)
  })

  it('of what it made stays as it was when andThen goes on from it', () => {
    const first = chain(clip(1))
    pipe(first, andThen(scale(2)))
    expect(first.init(0)).toEqual([{}])
  })

  it('refuses, for pipe, an array that is the state of no chain', () => {
    const mine: GradientTransformation<readonly [number, number]> = {
      init: () => [0, 0],
      update: <P extends Params>(grads: P, state: readonly [number, number]) => [grads, state] as const,
    }
    const error = thrown(() => pipe(mine, andThen(scale(2))).init(0))
    expect(`${error._tag} ${error.path}`).toBe('InvalidArgument andThen.first')
    expect(pipe(chain(mine), andThen(scale(2))).init(0)).toEqual([[0, 0], {}])
  })

  it('makes a monoid: associative, with identity as the empty one, whatever it is of', () => {
    const { concat, empty } = MonoidChain
    const members: readonly GradientTransformation[] = [
      clip(1),
      chain(trace(0.9), scale(2)),
      pipe(scaleByAdam(), andThen(scale(-0.1))),
      ordinary(centralize()),
    ]
    for (const [a, b, c] of [members.slice(0, 3), members.slice(1)] as [
      GradientTransformation,
      GradientTransformation,
      GradientTransformation,
    ][]) {
      expect(run(concat(concat(a, b), c))).toEqual(run(concat(a, concat(b, c))))
      expect(run(concat(empty, b))).toEqual(run(b))
      expect(run(concat(b, empty))).toEqual(run(b))
    }
  })

  it('keeps the norms of its members apart', () => {
    const twice = chain(clipByGlobalNorm(10), scale(5), clipByGlobalNorm(10))
    const [update] = twice.update([6, 8], twice.init([0, 0]))
    expect(update).toEqual([6, 8])
  })
})

describe('the State view', () => {
  it('threads the state through a stream of gradients', () => {
    const tx = trace(0.5)
    expect(pipe([1, 1, 1], S.traverseArray(updateState(tx)), S.evaluate(tx.init(0)))).toEqual([1, 1.5, 1.75])
  })

  it('threads parameters and state through a stream of batches', () => {
    const tx = sgd(0.5, { momentum: 0.5 })
    const batch = (target: number) => stepState(tx)((p: number) => p - target)
    type Both = readonly [params: number, state: ReturnType<typeof tx.init>]
    const values = pipe([4, 4], S.traverseArray(batch), S.evaluate<Both>([0, tx.init(0)]))
    // g = -4, p = 2; then g = -2, trace = -2 - 4 / 2, p = 4
    expect(values).toEqual([2, 4])
  })
})

import { pipe } from 'fp-ts/lib/function.js'
import { concatAll } from 'fp-ts/lib/Monoid.js'
import * as S from 'fp-ts/lib/State.js'
import { describe, expect, it } from 'vitest'
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
    expect(chain(clip(1), centralize()).ruled).toBeUndefined()
  })

  it('fuses the rules around what is not a rule, with the same result', () => {
    const interrupted = chain(
      clip(1),
      trace(0.9),
      centralize(),
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
    expect(() => chain(centralize(), scale(2)).update(1, [] as never)).toThrow(GradpipeError)
    expect(() => tx.update(1, [{}, {}] as never)).toThrow(/state\.0\.trace/)
  })

  it('is the same in the form for pipe, and as a Monoid', () => {
    const chained = run(chain(clip(1), trace(0.9), scale(-0.1)))
    expect(run(pipe(clip(1), andThen(trace(0.9)), andThen(scale(-0.1))))).toEqual(chained)
    const members: GradientTransformation[] = [clip(1), identity(), trace(0.9), scale(-0.1)]
    expect(run(concatAll(MonoidChain)(members))).toEqual(chained)
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

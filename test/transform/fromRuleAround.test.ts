import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import {
  adam,
  chain,
  clipByGlobalNorm,
  dispose,
  fromRuleAround,
  type GradientTransformation,
  norm,
  parameter,
  scale,
  slot,
  step,
} from '../../src/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

/** The same transformation without its rules: an ordinary pair. */
const opaque = <S>({ init, update }: GradientTransformation<S>): GradientTransformation<S> => ({
  init,
  update,
})

/** Pulls back to where it started, as far as the gradient and the inner update agree; counts on the host. */
const anchored = <S>(inner: GradientTransformation<S>) =>
  fromRuleAround('inner', inner, {
    slots: {
      start: slot('element', parameter),
      agreement: slot('tree', 0),
      halved: slot('host', 1),
    },
    scalars: ({ t }) => ({ t }),
    extraArgs: ['value'],
    step: ({ g, p, u, start, value, halved }, { t }) => ({
      update: u
        .add(start.sub(p).mul(halved))
        .mul(value)
        .add(g.div(norm(g, 'tree'))),
      start,
      agreement: norm(u, 'tree').mul(t),
      halved: halved.div(2),
    }),
  })

const inner = () => chain(clipByGlobalNorm(1), adam(0.5))

describe('fromRuleAround', () => {
  it('is the same around rules and around an ordinary pair, and keeps a number on the host', () => {
    const [fused, apart] = [anchored(inner()), anchored(opaque(inner()))]
    expect(fused.ruled).toBeDefined()
    expect(apart.ruled).toBeUndefined()
    let params = { w: Float64Array.of(3, -4), b: 1 }
    let [state, other] = [fused.init(params), apart.init(params)]
    expect(state).toEqual(other)
    for (let i = 1; i <= 4; i++) {
      const grads = { w: Float64Array.of(i, 2), b: -i }
      const [one, next] = fused.update(grads, state, params, { value: i })
      expect(apart.update(grads, other, params, { value: i })).toEqual([one, next])
      ;[params, state] = step(fused)(params, state, grads, { value: i })
      other = next
      expect(state).toEqual(next)
      expect(state).toMatchObject({ count: i, halved: 2 ** -i, inner: [{}, [{ count: i }, {}]] })
    }
  })

  it('throws for what the outer rule lacks before the inner is run', () => {
    const spy: GradientTransformation<number> = {
      init: () => 0,
      update: () => {
        throw new Error('the inner ran')
      },
    }
    const tx = anchored(spy)
    const state = tx.init([1])
    expect(thrown(() => tx.update([1], state, [1], {} as { value: number }))._tag).toBe('MissingArgument')
    expect(thrown(() => tx.update([1], { ...state, halved: '1' } as never, [1], { value: 1 }))).toMatchObject(
      {
        _tag: 'InvalidLeaf',
        path: 'state.halved',
      },
    )
  })

  it('may not name a slot like the inner update', () => {
    const make = () =>
      fromRuleAround('inner', scale(1), {
        slots: { u: slot('element', 0) },
        scalars: {},
        step: ({ g, u }) => ({ update: g, u }),
      })
    expect(thrown(make)).toMatchObject({ _tag: 'InvalidArgument', path: 'fromRule.slots' })
  })
})

describe.each(backends)('on the %s backend', (backend) => {
  it('it gives the numbers of float64, around rules and an ordinary pair, and leaves nothing behind', async () => {
    await useBackend(backend)
    const expected = anchored(inner())
    const params = Float32Array.of(3, -4, 0.5)
    const grads = Float32Array.of(1, 2, -1)
    const [u] = expected.update(grads, expected.init(params), params, { value: 2 })
    for (const tx of [anchored(inner()), anchored(opaque(inner()))]) {
      const left = tensorsLeft(() => {
        const [p, g, value] = [tf.tensor1d(params), tf.tensor1d(grads), tf.scalar(2)]
        const state = tx.init(p)
        const [updates, next] = tx.update(g, state, p, { value })
        numbers(updates).forEach((x, i) => {
          expect(x).toBeCloseTo(u[i] ?? Number.NaN, 5)
        })
        dispose(p, g, value, state, updates, next)
      })
      expect(left).toBe(0)
    }
  })
})

/** How a step is split at its terms of matrices: it is the same on all hosts, donated or not, and leaves nothing behind. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { passesBesideProducts } from '../../src/host/roundsOf.js'
import {
  chain,
  clipByGlobalNorm,
  dispose,
  fromRule,
  type GradientTransformation,
  kernelStatistics,
  max,
  mix,
  multiDot,
  muon,
  norm,
  orthogonalize,
  type Params,
  parameter,
  scale,
  scaleByMuon,
  slot,
  step,
  zeros,
} from '../../src/index.js'
import { stepOutputs } from '../../src/rule/rule.js'
import { backends, tensorsIn, useBackend } from '../backends.js'
import { bare, gradient, onTensors, start } from '../transform/matrices.js'

/** Factors of factors, products of products, sums over the tree before and after them, slots that are read late. */
const rules: readonly (readonly [string, () => GradientTransformation])[] = [
  ['muon', () => muon(0.1, { weightDecay: 0.1, adaptive: true })],
  ['a chain around it', () => chain(clipByGlobalNorm(1), scaleByMuon(), clipByGlobalNorm(0.5), scale(-0.1))],
  [
    'a rule with factors of factors',
    () =>
      fromRule({
        slots: { m: zeros, l: slot('leaf', 0), r: slot('tree', 0), old: zeros },
        scalars: ({ t }) => ({ t }),
        step: ({ g, p, m, l, r, old }, { t }) => {
          const next = m.mul(0.5).add(g)
          const one = orthogonalize(next.div(norm(g, 'tree')))
          const two = orthogonalize(one.add(p).add(old), { preconditioning: 'aol' })
          return {
            update: two
              .mul(norm(one, 'leaf'))
              .add(old)
              .div(norm(two.add(p), 'tree'))
              .add(l)
              .add(r)
              .mul(t),
            m: next,
            l: max(two, 'leaf'),
            r: norm(one, 'tree').add(r),
            // read after what it is made of is there
            old: g,
          }
        },
      }),
  ],
  [
    'a rule with products of all there is',
    () =>
      fromRule({
        slots: { m: zeros, old: slot('element', parameter) },
        scalars: { d: 0.5 },
        step: ({ g, p, m, old }, { d }) => {
          const next = mix(d, m, multiDot(g, p, old))
          return { update: multiDot(g, g, next).sub(orthogonalize(next)).mul(0.1), m: next, old: p }
        },
      }),
  ],
  [
    'a rule with products of nothing but products',
    () =>
      fromRule({
        slots: { m: zeros },
        scalars: {},
        step: ({ g, p, m }) => {
          const once = multiDot(p, p, g)
          const twice = multiDot(once, g, p)
          return { update: multiDot(p, once, twice).mul(-0.01), m: multiDot(once, once, twice).add(m) }
        },
      }),
  ],
]

describe.each(rules)('%s', (_, make) => {
  test('donated on arrays gives the same bits, step for step', () => {
    const tx = make()
    let [a, s]: readonly [Params, unknown] = [start(), tx.init(start())]
    let [b, t]: readonly [Params, unknown] = [start(), tx.init(start())]
    for (let i = 0; i < 3; i++) {
      ;[a, s] = step(tx)<Params>(a, s, gradient(i))
      // whoever goes on from a state has made the transformation anew
      ;[b, t] = step(make(), { donate: true })<Params>(b, t as never, gradient(i))
      expect(b).toEqual(a)
      expect(t).toEqual(s)
    }
    expect(bare(a).every(Number.isFinite)).toBe(true)
  })

  describe.each(backends)('on %s', (backend) => {
    beforeAll(() => useBackend(backend))

    test.each([false, true])('is that of arrays, and leaves nothing behind (donate: %s)', (donate) => {
      const before = tf.memory().numTensors
      const tx = make()
      const { fallbacks } = kernelStatistics()
      let [a, s]: readonly [Params, unknown] = [start(), tx.init(start())]
      const params = onTensors(start())
      let [b, t]: readonly [Params, unknown] = [params, tx.init(params)]
      for (let i = 0; i < 3; i++) {
        ;[a, s] = step(tx)<Params>(a, s, gradient(i))
        const grads = onTensors(gradient(i))
        const next = step(tx, { donate })<Params>(b, t, grads)
        if (!donate) dispose(b, t, grads)
        ;[b, t] = next
        for (const [x, y] of [
          [bare(a), bare(b)],
          [bare(s), bare(t)],
        ] as const) {
          expect(y).toHaveLength(x.length)
          const most = Math.max(...x.map(Math.abs))
          // five products of matrices in float32
          x.forEach((each, k) => {
            expect(Math.abs(each - (y[k] ?? Number.NaN))).toBeLessThan(3e-4 * most)
          })
        }
      }
      expect(kernelStatistics().fallbacks).toBe(fallbacks)
      dispose(b, t)
      expect(tensorsIn([b, t]).every(({ isDisposed }) => isDisposed)).toBe(true)
      expect(tf.memory().numTensors).toBe(before)
    })
  })
})

const passesOf = (tx: GradientTransformation): number => {
  const rule = tx.ruled?.begin().program.rule({ path: [], shape: [8, 8], dtype: 'float32' })
  if (rule === undefined) throw new Error('a rule is one')
  return passesBesideProducts(stepOutputs(rule))
}

test('a product of a product is no pass over memory more', () => {
  const of = (update: (g: Parameters<typeof multiDot>[0]) => Parameters<typeof multiDot>[0]) =>
    fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: update(g) }) })
  expect(passesOf(of((g) => multiDot(g, g, g)))).toBe(2)
  const nested = of((g) => {
    const cube = multiDot(g, g, g)
    return multiDot(cube, cube, cube)
  })
  expect(passesOf(nested)).toBe(2)
})

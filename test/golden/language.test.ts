/** What the language of rules must be able to say beyond the catalogue: a slot per leaf (NovoGrad). */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import * as gradpipe from '../../src/index.js'
import { fromRule, type GradientTransformation, mix, select, slot, sum, zeros } from '../../src/index.js'
import { plan } from '../../src/rule/plan.js'
import { stepOutputs } from '../../src/rule/rule.js'
import type { Library } from './catalogue.js'
import { assertAgreement, type GoldenFile, kinds, readGoldens } from './golden.js'
import { follow } from './trajectory.js'

const scaleByNovograd = ({
  b1 = 0.9,
  b2 = 0.25,
  eps = 1e-8,
  epsRoot = 0,
  weightDecay = 0,
}: Readonly<Record<string, number>> = {}): GradientTransformation =>
  fromRule({
    slots: { mu: zeros, nu: slot('leaf', 0) },
    scalars: ({ t }) => ({ b1, b2, eps, epsRoot, weightDecay, t }),
    step: ({ g, p, ...old }, { b1, b2, eps, epsRoot, weightDecay, t }) => {
      const square = sum(g.square(), 'leaf')
      const nu = select(t.eq(1), square, mix(b2, old.nu, square))
      const scaled = g.div(nu.add(epsRoot).sqrt().add(eps)).add(weightDecay.mul(p))
      const mu = select(t.eq(1), scaled, b1.mul(old.mu).add(scaled))
      return { update: mu, mu, nu }
    },
  })

const library: Library = { ...gradpipe, scaleByNovograd }

beforeAll(async () => void (await tf.setBackend('cpu')))

describe('scale_by_novograd as a rule', () => {
  const { cases, inputs } = readGoldens<GoldenFile>('optax_transforms')
  for (const golden of cases.filter(({ name }) => name === 'scale_by_novograd')) {
    const given = inputs[golden.inputs]
    for (const kind of kinds) {
      const title = `agrees with Optax: ${JSON.stringify(golden.config)} on inputs ${golden.inputs}, ${kind.name}`
      test(title, () => {
        if (given === undefined) throw new Error(`there are no inputs ${golden.inputs}`)
        assertAgreement(title, follow(library, golden, given, kind))
      })
    }
  }
})

test('Prodigy needs one stage of reductions: the second depends on the state, not on the first', () => {
  const rule = gradpipe
    .prodigy()
    .ruled?.begin()
    .program.rule({ path: [], shape: [3], dtype: 'float32' })
  expect(rule && plan([stepOutputs(rule)]).stages).toBe(1)
})

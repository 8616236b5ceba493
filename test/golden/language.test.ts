/**
 * What the language of rules must be able to say beyond the catalogue: slots of the tree, two reductions of which the
 * second needs the first, and a copy of the first parameters (Prodigy).
 */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import * as gradpipe from '../../src/index.js'
import {
  constant,
  fromRule,
  type GradientTransformation,
  mix,
  parameter,
  slot,
  sum,
  zeros,
} from '../../src/index.js'
import { plan } from '../../src/rule/plan.js'
import { stepOutputs } from '../../src/rule/rule.js'
import type { Library } from './catalogue.js'
import { assertAgreement, float64, type GoldenFile, kinds, readGoldens } from './golden.js'
import { follow } from './trajectory.js'

interface ProdigyOptions {
  readonly betas?: readonly [number, number]
  readonly beta3?: number
  readonly eps?: number
  readonly estimLr0?: number
  readonly estimLrCoef?: number
  readonly weightDecay?: number
  readonly safeguardWarmup?: boolean
}

const prodigy = (
  learningRate: number | gradpipe.Schedule = 1,
  {
    betas: [beta1, beta2] = [0.9, 0.999],
    beta3 = Math.sqrt(beta2),
    eps = 1e-8,
    estimLr0 = 1e-6,
    estimLrCoef = 1,
    weightDecay = 0,
    safeguardWarmup = false,
  }: ProdigyOptions = {},
): GradientTransformation =>
  fromRule({
    slots: {
      expAvg: zeros,
      expAvgSq: zeros,
      gradSum: zeros,
      params0: slot('element', parameter),
      estimLr: slot('tree', estimLr0),
      numeratorWeighted: slot('tree', 0),
    },
    scalars: ({ count, t }) => ({
      lr: typeof learningRate === 'function' ? learningRate(count) : learningRate,
      ...{ beta1, beta2, beta3, eps, d0: estimLr0, coef: estimLrCoef, weightDecay, t },
    }),
    step: ({ g, p, params0, ...old }, { lr, beta1, beta2, beta3, eps, d0, coef, weightDecay, t }) => {
      const d = old.estimLr
      const correction = constant(1)
        .sub(beta2.pow(t))
        .sqrt()
        .div(constant(1).sub(beta1.pow(t)))
      const dlr = d.mul(lr.mul(correction))
      const dg = d.mul(g)
      const expAvg = mix(beta1, old.expAvg, dg)
      const expAvgSq = mix(beta2, old.expAvgSq, dg.square())
      const gradSum = beta3.mul(old.gradSum).add((safeguardWarmup ? d : dlr).mul(dg).div(d0))
      const numeratorWeighted = beta3.mul(old.numeratorWeighted).add(
        d
          .div(d0)
          .mul(dlr)
          .mul(sum(g.mul(params0.sub(p)), 'tree')),
      )
      const estimLr = d.max(coef.mul(numeratorWeighted).div(sum(gradSum.abs(), 'tree')))
      const update = dlr
        .mul(expAvg)
        .div(expAvgSq.sqrt().add(estimLr.mul(eps)))
        .add(weightDecay.mul(dlr).mul(p))
        .neg()
      return { update, expAvg, expAvgSq, gradSum, params0, estimLr, numeratorWeighted }
    },
  })

const library: Library = { ...gradpipe, prodigy }

beforeAll(async () => void (await tf.setBackend('cpu')))

describe('Prodigy as a rule', () => {
  const { cases, inputs } = readGoldens<GoldenFile>('optax_optimizers')
  for (const golden of cases.filter(({ name }) => name === 'prodigy')) {
    const given = inputs[golden.inputs]
    for (const kind of kinds) {
      const title = `agrees with Optax: ${JSON.stringify(golden.config)} on inputs ${golden.inputs}, ${kind.name}`
      test(title, () => {
        if (given === undefined) throw new Error(`there are no inputs ${golden.inputs}`)
        const differences = follow(library, golden, given, kind)
        // Prodigy's state is made of p0 - p, in the first steps a millionth of p: float32 has no digits left for it
        const stable = differences.filter(({ path }) => kind === float64 || !path.includes('state'))
        assertAgreement(title, stable)
      })
    }
  }
})

test('Prodigy needs one stage of reductions: the second depends on the state, not on the first', () => {
  const rule = prodigy()
    .ruled?.begin()
    .program.rule({ path: [], shape: [3], dtype: 'float32' })
  expect(rule && plan([stepOutputs(rule)]).stages).toBe(1)
})

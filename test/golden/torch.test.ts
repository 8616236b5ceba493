/**
 * torch.optim as a second witness: where its formula meets Optax's, our transformation must agree with it too.
 */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { tidily } from '../../laws/tensor.js'
import {
  adadelta,
  adam,
  adamax,
  adamw,
  addDecayedWeights,
  applyUpdates,
  chain,
  type GradientTransformation,
  identity,
  injectHyperparams,
  rmsprop,
  scale,
  scaleByRadam,
  sgd,
} from '../../src/index.js'
import {
  assertAgreement,
  compare,
  decode,
  encode,
  type GoldenCase,
  type GoldenFile,
  kinds,
  readGoldens,
} from './golden.js'

/** What torch's optimizers may be given, with torch's defaults. */
interface TorchConfig {
  readonly lr?: number
  readonly betas?: readonly [number, number]
  readonly eps?: number
  readonly weight_decay?: number
  readonly momentum?: number
  readonly nesterov?: boolean
  readonly alpha?: number
  readonly rho?: number
  readonly centered?: boolean
  readonly dampening?: number
  readonly amsgrad?: boolean
  readonly maximize?: boolean
  readonly decoupled_weight_decay?: boolean
}

type Transformation = GradientTransformation

/** The transformation that computes the same; a text says why there is none. */
type Translation = (config: TorchConfig) => Transformation | string

/** torch turns the gradient round first, and then adds the decay to it. */
const before = ({ maximize, weight_decay = 0 }: TorchConfig): Transformation =>
  chain(maximize === true ? scale(-1) : identity(), addDecayedWeights(weight_decay))

const amsgrad = 'torch takes the maximum of ν before the bias correction, Optax after it'

const translations: Readonly<Record<string, Translation>> = {
  Adam: (config) => {
    const { lr = 1e-3, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, weight_decay = 0 } = config
    if (config.amsgrad === true) return amsgrad
    return config.decoupled_weight_decay === true
      ? adamw(lr, { b1, b2, eps, weightDecay: weight_decay })
      : chain(before(config), adam(lr, { b1, b2, eps }))
  },
  AdamW: (config) => {
    const { lr = 1e-3, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, weight_decay = 1e-2 } = config
    return config.amsgrad === true ? amsgrad : adamw(lr, { b1, b2, eps, weightDecay: weight_decay })
  },
  SGD: (config) => {
    const { lr = 1e-3, momentum = 0, nesterov = false, dampening = 0 } = config
    if (dampening !== 0) return 'Optax has no dampening'
    return chain(before(config), sgd(lr, { momentum, nesterov }))
  },
  RMSprop: (config) => {
    const { lr = 1e-2, alpha = 0.99, eps = 1e-8, momentum = 0, centered = false } = config
    return chain(before(config), rmsprop(lr, { decay: alpha, eps, epsInSqrt: false, centered, momentum }))
  },
  RAdam: (config) => {
    const { lr = 1e-3, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, weight_decay = 0 } = config
    // torch adds eps to √ν before the bias correction, so that in Optax's terms it shrinks with the steps
    const corrected = (count: number): number => eps / Math.sqrt(1 - b2 ** (count + 1))
    const rectified = injectHyperparams((h: { readonly eps: number }) => scaleByRadam({ b1, b2, eps: h.eps }))
    const decoupled = config.decoupled_weight_decay === true
    return chain(
      decoupled ? identity() : before(config),
      rectified({ eps: corrected }),
      addDecayedWeights(decoupled ? weight_decay : 0),
      scale(-lr),
    )
  },
  Adagrad: () => 'torch divides by √Σg² + ε, Optax by √(Σg² + ε)',
  NAdam: () => "torch's momentum is scheduled by its momentum_decay",
  Rprop: () =>
    "Optax's rprop makes each step one update later, and not at all where the sign has changed since",
  Adadelta: (config) => {
    const { lr = 1, rho = 0.9, eps = 1e-6 } = config
    return chain(before(config), adadelta(lr, { rho, eps }))
  },
  Adamax: (config) => {
    const { lr = 2e-3, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8 } = config
    return chain(before(config), adamax(lr, { b1, b2, eps }))
  },
  ASGD: () => 'Optax has no averaged SGD',
}

const { cases, inputs } = readGoldens<GoldenFile>('torch')

const translate = ({ name, config }: GoldenCase): Transformation | string => {
  const translation = translations[name]
  // the file's configs are calls of torch, of which TorchConfig names the arguments
  return translation === undefined ? 'unknown' : translation(config as TorchConfig)
}

beforeAll(async () => {
  await tf.setBackend('cpu')
  expect(tf.getBackend()).toBe('cpu')
})

for (const golden of cases) {
  const tx = translate(golden)
  if (typeof tx === 'string') continue
  const title = `${golden.name}(${JSON.stringify(golden.config).replaceAll('"', '')}) on ${golden.inputs}`
  test.each(kinds.map((kind) => [kind.name, kind] as const))(`agrees with torch: ${title}, %s`, (_, kind) => {
    const fed = inputs[golden.inputs]
    if (fed === undefined) throw new Error(`there are no inputs ${golden.inputs}`)
    tidily(() => {
      let params = encode(kind, decode(fed.params0))
      let state = tx.init(params)
      const differences = fed.grads.flatMap((grads, i) => {
        const [updates, next] = tx.update(encode(kind, decode(grads)), state, params)
        params = applyUpdates(params, updates)
        state = next
        const expected = golden.params?.[String(i + 1)]
        const tolerance = kind.tolerance(golden.f32_dev)
        return expected === undefined ? [] : compare(`params ${i + 1}`, expected, params, tolerance)
      })
      assertAgreement(title, differences)
    })
  })
}

describe('which of torch is compared', () => {
  test('every optimizer in the file has a translation or a reason', () => {
    expect([...new Set(cases.map(({ name }) => name))].sort()).toEqual(Object.keys(translations).sort())
  })

  test('42 cases of seven optimizers are compared', () => {
    const compared = cases.filter((golden) => typeof translate(golden) !== 'string').map(({ name }) => name)
    expect([...new Set(compared)].sort()).toEqual([
      'Adadelta',
      'Adam',
      'AdamW',
      'Adamax',
      'RAdam',
      'RMSprop',
      'SGD',
    ])
    expect(compared).toHaveLength(42)
  })
})

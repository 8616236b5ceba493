/**
 * torch.optim as a second witness: where its formula meets Optax's, or an option has it, our transformation must agree
 * with it too. So must the variant `paper` with the code of the papers' authors.
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
  adan,
  addDecayedWeights,
  amsgrad,
  applyUpdates,
  chain,
  type GradientTransformation,
  identity,
  injectHyperparams,
  momo,
  momoAdam,
  type RuleExtraArgs,
  rmsprop,
  rprop,
  scale,
  scaleByAmsgrad,
  scaleByRadam,
  sgd,
} from '../../src/index.js'
import { leaves } from '../../src/tree/index.js'
import {
  assertAgreement,
  compare,
  decode,
  encode,
  type GoldenCase,
  type GoldenFile,
  hasAxes,
  kinds,
  readGoldens,
} from './golden.js'
import { type MatrixConfig, portsOfMatrices, torchOfMatrices } from './ofMatrices.js'

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
  readonly etas?: readonly [number, number]
  readonly step_sizes?: readonly [number, number]
}

/** What the authors' optimizers may be given. */
interface AuthorsConfig {
  readonly lr: number
  readonly beta?: number
  readonly betas?: readonly [number, number, number]
  readonly eps?: number
  readonly weight_decay?: number
  readonly lb?: number
  readonly use_fstar?: boolean
}

type Transformation = GradientTransformation<unknown, RuleExtraArgs<'value'>>

/** The transformation that computes the same; a text says why there is none. */
type Translation<Config> = (config: Config) => Transformation | string

/** torch turns the gradient round first, and then adds the decay to it. */
const before = ({ maximize, weight_decay = 0 }: TorchConfig): Transformation =>
  chain(maximize === true ? scale(-1) : identity(), addDecayedWeights(weight_decay))

const variant = 'paper'

const ofTorch: Readonly<Record<string, Translation<TorchConfig>>> = {
  Adam: (config) => {
    const { lr = 1e-3, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, weight_decay = 0 } = config
    if (config.amsgrad === true) return chain(before(config), amsgrad(lr, { b1, b2, eps, variant }))
    return config.decoupled_weight_decay === true
      ? adamw(lr, { b1, b2, eps, weightDecay: weight_decay })
      : chain(before(config), adam(lr, { b1, b2, eps }))
  },
  AdamW: (config) => {
    const { lr = 1e-3, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, weight_decay = 1e-2 } = config
    return config.amsgrad === true
      ? chain(scaleByAmsgrad({ b1, b2, eps, variant }), addDecayedWeights(weight_decay), scale(-lr))
      : adamw(lr, { b1, b2, eps, weightDecay: weight_decay })
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
  Rprop: ({
    lr = 1e-2,
    etas: [etaMinus, etaPlus] = [0.5, 1.2],
    step_sizes: [least, greatest] = [1e-6, 50],
  }) => rprop(lr, { etaMinus, etaPlus, minStepSize: least, maxStepSize: greatest, variant }),
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

const ofAuthors: Readonly<Record<string, Translation<AuthorsConfig>>> = {
  Adan: ({ lr, betas: [b1, b2, b3] = [0.98, 0.92, 0.99], eps = 1e-8, weight_decay = 0 }) =>
    adan(lr, { b1, b2, b3, eps, weightDecay: weight_decay, variant }),
  Momo: ({ lr, beta = 0.9, weight_decay = 0, lb = 0, use_fstar = false }) =>
    momo(lr, { beta, weightDecay: weight_decay, lowerBound: lb, adaptLowerBound: use_fstar, variant }),
  MomoAdam: ({
    lr,
    betas: [b1, b2] = [0.9, 0.999],
    eps = 1e-8,
    weight_decay = 0,
    lb = 0,
    use_fstar = false,
  }) =>
    momoAdam(lr, {
      b1,
      b2,
      eps,
      weightDecay: weight_decay,
      lowerBound: lb,
      adaptLowerBound: use_fstar,
      variant,
    }),
}

/** A case of a file, and the transformation that computes the same. */
interface Witnessed {
  readonly golden: GoldenCase
  readonly inputs: GoldenFile['inputs']
  readonly tx: Transformation | string
}

const witnessed = <Config>(
  file: string,
  translations: Readonly<Record<string, Translation<Config>>>,
  ofMatrices: Readonly<Record<string, Translation<MatrixConfig>>>,
): readonly Witnessed[] => {
  const { cases, inputs } = readGoldens<GoldenFile>(file)
  return cases.map((golden) => {
    // the file's configs are calls of Python, of which both name the arguments
    const tx =
      translations[golden.name]?.(golden.config as Config) ??
      ofMatrices[golden.name]?.(golden.config as unknown as MatrixConfig) ??
      'unknown'
    return { golden, inputs, tx }
  })
}

const torch = witnessed('torch', ofTorch, torchOfMatrices)
const authors = witnessed('authors', ofAuthors, portsOfMatrices)

/** Where leaves have rows and columns that the optimizer sees, flat arrays are none. */
const kindsFor = ({ golden: { name, inputs: of }, inputs }: Witnessed): typeof kinds => {
  const seesAxes = Object.hasOwn(torchOfMatrices, name) || Object.hasOwn(portsOfMatrices, name)
  const shapes = leaves(decode(inputs[of]?.params0 ?? null)).map(([, { shape }]) => shape)
  return seesAxes && shapes.some((shape) => shape.length > 1) ? kinds.filter(hasAxes) : kinds
}

beforeAll(async () => {
  await tf.setBackend('cpu')
  expect(tf.getBackend()).toBe('cpu')
})

for (const witness of [...torch, ...authors]) {
  const { golden, inputs, tx } = witness
  if (typeof tx === 'string') continue
  const title = `${golden.name}(${JSON.stringify(golden.config).replaceAll('"', '')}) on ${golden.inputs}`
  test.each(kindsFor(witness).map((kind) => [kind.name, kind] as const))(
    `agrees with PyTorch: ${title}, %s`,
    (_, kind) => {
      const fed = inputs[golden.inputs]
      if (fed === undefined) throw new Error(`there are no inputs ${golden.inputs}`)
      tidily(() => {
        let params = encode(kind, decode(fed.params0))
        let state = tx.init(params)
        const differences = fed.grads.flatMap((grads, i) => {
          const value = fed.values[i]
          if (value === undefined) throw new Error(`there is no value at step ${i + 1}`)
          const [updates, next] = tx.update(encode(kind, decode(grads)), state, params, {
            value: Number(value.data[0]),
          })
          params = applyUpdates(params, updates)
          state = next
          const expected = golden.params?.[String(i + 1)]
          const tolerance = kind.tolerance(golden.f32_dev)
          return expected === undefined ? [] : compare(`params ${i + 1}`, expected, params, tolerance)
        })
        assertAgreement(title, differences)
      })
    },
  )
}

describe('which of torch is compared', () => {
  test('every optimizer in the file has a translation or a reason', () => {
    const names = (file: readonly Witnessed[]): readonly string[] =>
      [...new Set(file.map(({ golden }) => golden.name))].sort()
    expect(names(torch)).toEqual(Object.keys({ ...ofTorch, ...torchOfMatrices }).sort())
    expect(names(authors)).toEqual(Object.keys({ ...ofAuthors, ...portsOfMatrices }).sort())
  })

  test("64 cases of ten of torch's optimizers are compared, and all 43 of the authors'", () => {
    const compared = torch.filter(({ tx }) => typeof tx !== 'string').map(({ golden }) => golden.name)
    expect([...new Set(compared)].sort()).toEqual([
      'Adadelta',
      'Adafactor',
      'Adam',
      'AdamW',
      'Adamax',
      'Muon',
      'RAdam',
      'RMSprop',
      'Rprop',
      'SGD',
    ])
    expect(compared).toHaveLength(64)
    expect(authors.filter(({ tx }) => typeof tx !== 'string')).toHaveLength(43)
  })
})

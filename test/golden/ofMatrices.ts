/**
 * Optimizers of PyTorch, and of pytorch_optimizer, which keep or multiply by the axes of a matrix, as transformations.
 * Their rows are outputs.
 */
import {
  adafactor,
  adamMini,
  adamuon,
  came,
  type GradientTransformation,
  type LeafSpec,
  muon,
  normuon,
} from '../../src/index.js'

/** What they may be given. */
export interface MatrixConfig {
  readonly lr: number
  readonly weight_decay?: number
  readonly momentum?: number
  readonly nesterov?: boolean
  readonly ns_steps?: number
  readonly eps?: number
  readonly adjust_lr_fn?: 'match_rms_adamw'
  readonly beta2_decay?: number
  readonly d?: number
  readonly beta2?: number
  readonly update_scale?: 'match_rms'
  readonly adamw_lr?: number
  readonly adamw_betas?: readonly [number, number]
  readonly adamw_wd?: number
  readonly betas?: readonly [number, number, number?]
  readonly eps1?: number
  readonly eps2?: number
  readonly clip_threshold?: number
  readonly num_heads?: number
}

const rowsAreOutputs = ({ shape }: LeafSpec) =>
  shape.length === 2 ? { reductionAxis: 1, outputAxis: 0 } : null

/** What the optimizers with a part for matrices and one for all else share. */
const shared = ({
  momentum = 0.95,
  ns_steps = 5,
  weight_decay = 0,
  adamw_lr = 3e-4,
  adamw_wd = 0,
}: MatrixConfig) =>
  ({
    variant: 'paper',
    beta: momentum,
    nsSteps: ns_steps,
    weightDecay: weight_decay,
    adamLearningRate: adamw_lr,
    adamWeightDecay: adamw_wd,
    muonWeightDimensionNumbers: rowsAreOutputs,
  }) as const

/** Of torch.optim. */
export const torchOfMatrices: Readonly<Record<string, (config: MatrixConfig) => GradientTransformation>> = {
  Muon: (config) => {
    const { lr, nesterov = true, weight_decay = 0.1, adjust_lr_fn } = config
    return muon(lr, {
      ...shared(config),
      // torch bounds the norm from below, and adds nothing
      eps: 0,
      nesterov,
      weightDecay: weight_decay,
      ...(adjust_lr_fn !== undefined && { consistentRms: 0.2 }),
    })
  },
  // its second moment is bounded from below; the rate is the least of its own and of 1/√t
  Adafactor: ({ lr, beta2_decay = -0.8, d = 1, weight_decay = 0 }) =>
    adafactor((count) => Math.min(lr, 1 / Math.sqrt(count + 1)), {
      minDimSizeToFactor: 1,
      decayRate: -beta2_decay,
      clippingThreshold: d,
      weightDecayRate: lr * weight_decay,
    }),
}

/** Of pytorch_optimizer. */
export const portsOfMatrices: typeof torchOfMatrices = {
  NorMuon: (config) => {
    const {
      lr,
      eps = 1e-10,
      nesterov = true,
      beta2 = 0.95,
      update_scale,
      adamw_betas: [adamB1, adamB2] = [0.9, 0.95],
    } = config
    return normuon(lr, {
      ...shared(config),
      ...{ eps, nesterov, b2: beta2, adamB1, adamB2 },
      ...(update_scale !== undefined && { consistentRms: 0.2 }),
    })
  },
  // without the signs, and without Nesterov momentum
  AdaMuon: (config) => {
    const { lr, eps = 1e-10, betas: [beta, b2] = [0.9, 0.95] } = config
    const more = { eps, beta, b2, nesterov: false, signMomentum: false }
    return adamuon(lr, { ...shared(config), ...more })
  },
  CAME: ({ lr, betas: [b1, b2, b3 = 0.9999] = [0.9, 0.999], weight_decay = 0, ...config }) => {
    const { eps1 = 1e-30, eps2 = 1e-16, clip_threshold = 1 } = config
    return came(lr, { b1, b2, b3, eps1, eps2, clippingThreshold: clip_threshold, weightDecay: weight_decay })
  },
  // of the case with heads, one is a row of q, and k is an embedding, of which every element is a block
  AdamMini: ({ lr, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, weight_decay = 0.1, num_heads }) =>
    adamMini(lr, {
      ...{ b1, b2, eps, weightDecay: weight_decay },
      blockAxes: ({ path: [name] }) =>
        num_heads === undefined ? [] : name === 'q' ? 0 : name === 'k' ? [0, 1] : [],
    }),
}

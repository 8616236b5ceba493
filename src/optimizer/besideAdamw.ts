/** besideAdamw: what Muon and its kin have in common: matrices by a chain of their own, AdamW for all other leaves. */
import { type AddDecayedWeightsState, addDecayedWeights } from '../block/addDecayedWeights.js'
import type { CountState } from '../block/scale.js'
import { type LearningRate, scaleByLearningRate } from '../block/scaleByLearningRate.js'
import { type ScaleByMuonOptions, scaleByMuon } from '../block/scaleByMuon.js'
import { type Mask, masks } from '../declare/labelling.js'
import { axesOfMatrices, type MatrixAxes } from '../declare/matrixView.js'
import type { Resolved } from '../options.js'
import { decay, finite, notNegative, orSchedule, type Range } from '../range.js'
import type { Schedule } from '../schedule/schedule.js'
import type { EmptyState, GradientTransformation } from '../transform/transformation.js'
import { type PartitionState, partition } from '../wrapper/partition.js'
import { type AdamwState, adamw } from './adam.js'

/**
 * Options that {@link muon}, {@link normuon} and {@link adamuon} share.
 *
 * @category Optimizers
 */
export interface BesideAdamwOptions
  extends Omit<ScaleByMuonOptions, 'weightDimensionNumbers' | 'adaptive' | 'balancing'> {
  /**
   * Weight decay: the fraction of the matrices that each step subtracts, times the learning rate; or a schedule.
   * Default 0.
   */
  readonly weightDecay?: number | Schedule
  /** Which matrices decay. All by default. */
  readonly weightDecayMask?: Mask
  /** Decay of Adam's first moment, in [0, 1). Default 0.9. */
  readonly adamB1?: number
  /** Decay of Adam's second moment, in [0, 1). Default 0.999. */
  readonly adamB2?: number
  /** Added under Adam's root. Default 0. */
  readonly adamEpsRoot?: number
  /** Weight decay of the leaves that AdamW has; or a schedule. Default 0. */
  readonly adamWeightDecay?: number | Schedule
  /** Learning rate of the leaves that AdamW has. That of the matrices by default. */
  readonly adamLearningRate?: LearningRate
  /**
   * Which axes of a leaf make its matrix; leaves for which a function returns `null` go to AdamW, as embeddings and
   * heads should. By default every leaf of rank 2 is a matrix, and no other.
   */
  readonly muonWeightDimensionNumbers?: MatrixAxes
}

/** Their defaults. */
export const defaults = {
  nsCoeffs: undefined,
  nsSteps: 5,
  beta: 0.95,
  eps: 1e-8,
  weightDecay: undefined,
  weightDecayMask: undefined,
  nesterov: true,
  variant: 'optax',
  preconditioning: undefined,
  adamB1: 0.9,
  adamB2: 0.999,
  adamEpsRoot: 0,
  adamWeightDecay: undefined,
  adamLearningRate: undefined,
  muonWeightDimensionNumbers: undefined,
} as const

/** What else than usual they may be. */
export const ranges: { readonly [K in keyof BesideAdamwOptions]?: Range } = {
  weightDecayMask: masks,
  adamB1: decay,
  adamB2: decay,
  adamEpsRoot: notNegative,
  adamWeightDecay: orSchedule(finite),
  adamLearningRate: orSchedule(finite),
  muonWeightDimensionNumbers: axesOfMatrices,
}

type Chosen = Resolved<BesideAdamwOptions, typeof defaults>

const byRank: MatrixAxes = ({ shape }) => (shape.length === 2 ? {} : null)

/** Muon's direction by these options. */
export const momentum = (
  { nsCoeffs, nsSteps, beta, eps, nesterov, variant, preconditioning }: Chosen,
  weightDimensionNumbers: MatrixAxes,
  more: Pick<ScaleByMuonOptions, 'adaptive' | 'balancing'> = {},
): ReturnType<typeof scaleByMuon> =>
  scaleByMuon({
    ...{ nsSteps, beta, eps, nesterov, variant, weightDimensionNumbers },
    ...(nsCoeffs !== undefined && { nsCoeffs }),
    ...(preconditioning !== undefined && { preconditioning }),
    ...more,
  })

/**
 * The state of {@link muon} and its kin: of matrices by a chain, of all other leaves by AdamW.
 *
 * @category Optimizers
 */
export type BesideAdamwState<S> = PartitionState<{
  /** Of matrices. */
  readonly muon: S
  /** Of all other leaves. */
  readonly adam: AdamwState
}>

/** What every chain for matrices ends with: weight decay and the learning rate. */
export type Ending = readonly [
  decay: ReturnType<typeof addDecayedWeights>,
  rate: GradientTransformation<EmptyState | CountState>,
]

/**
 * The state of the end of each chain for matrices: weight decay and the learning rate.
 *
 * @category Optimizers
 */
export type EndingState = readonly [AddDecayedWeightsState, EmptyState | CountState]

/** Matrices move by a chain, other leaves by AdamW. */
export const besideAdamw = <S>(
  learningRate: LearningRate,
  chosen: Chosen,
  chainOf: (axes: MatrixAxes, ...ending: Ending) => GradientTransformation<S>,
): GradientTransformation<BesideAdamwState<S>> => {
  const { adamB1: b1, adamB2: b2, adamEpsRoot: epsRoot, eps, nesterov } = chosen
  const { weightDecay = 0, weightDecayMask, adamWeightDecay = 0, adamLearningRate = learningRate } = chosen
  const { muonWeightDimensionNumbers: axes = byRank } = chosen
  return partition(
    {
      muon: chainOf(
        axes,
        addDecayedWeights(weightDecay, weightDecayMask === undefined ? {} : { mask: weightDecayMask }),
        scaleByLearningRate(learningRate),
      ),
      adam: adamw(adamLearningRate, { b1, b2, eps, epsRoot, nesterov, weightDecay: adamWeightDecay }),
    },
    (leaf) => (typeof axes === 'function' && axes(leaf) === null ? 'adam' : 'muon'),
  )
}

/** The optimizers that are compared, with the learning rates among which each is tuned. */
import {
  adamuon,
  adamw,
  cosineDecaySchedule,
  type GradientTransformation,
  type LeafSpec,
  muon,
  normuon,
  partition,
} from 'gradpipe'

/** A learning rate of matrices, and one of what AdamW has. */
export interface Rates {
  readonly matrices: number
  readonly adamw: number
}

/** An optimizer, and what it is tuned among. */
export interface Contender {
  readonly rates: readonly Rates[]
  /** Falls along a cosine, over so many steps. */
  readonly make: (rates: Rates, steps: number) => GradientTransformation
}

/**
 * The matrices between layers are Muon's; all else goes to AdamW: biases, gains, the head of the digits' network, and
 * the vectors of a transformer's characters and places, which stand outside of its blocks.
 */
export const hiddenKernels = ({ path, shape }: LeafSpec): Record<string, never> | null =>
  shape.length === 2 && !['head', 'words', 'places'].includes(String(path[0])) ? {} : null

const ofAdamw = [0.001, 0.002, 0.004, 0.008, 0.016, 0.032]

const products = (matrices: readonly number[], others: readonly number[]): readonly Rates[] =>
  matrices.flatMap((matrix) => others.map((adamw) => ({ matrices: matrix, adamw })))

const withAdamw = (
  optimizer: typeof muon | typeof normuon | typeof adamuon,
  rates: readonly number[],
  others: readonly number[] = ofAdamw.slice(1, -1),
): Contender => ({
  rates: products(rates, others),
  make: ({ matrices, adamw }, steps) =>
    optimizer(cosineDecaySchedule(matrices, steps), {
      adamLearningRate: cosineDecaySchedule(adamw, steps),
      muonWeightDimensionNumbers: hiddenKernels,
      weightDecay: 0.01,
      adamWeightDecay: 0.01,
    }),
})

const falling = (rate: number, steps: number): GradientTransformation =>
  adamw(cosineDecaySchedule(rate, steps), { weightDecay: 0.01 })

const adamwAlone: Contender = {
  rates: ofAdamw.map((rate) => ({ matrices: rate, adamw: rate })),
  make: ({ adamw: rate }, steps) => falling(rate, steps),
}

/** By name. */
export const contenders: Readonly<Record<string, Contender>> = {
  AdamW: adamwAlone,
  'Muon + AdamW': withAdamw(muon, [0.01, 0.02, 0.04, 0.08, 0.16]),
  'NorMuon + AdamW': withAdamw(normuon, [0.01, 0.02, 0.04, 0.08, 0.16]),
  'AdaMuon + AdamW': withAdamw(adamuon, [0.0025, 0.005, 0.01, 0.02, 0.04, 0.08]),
}

/** Those on text. AdamW with two rates tells what Muon is worth from what the second rate is. */
export const onText: Readonly<Record<string, Contender>> = {
  AdamW: adamwAlone,
  'AdamW, two rates': {
    rates: products([0.001, 0.002, 0.004, 0.008], [0.008, 0.016, 0.032, 0.064]),
    make: ({ matrices, adamw: other }, steps) =>
      partition({ matrices: falling(matrices, steps), others: falling(other, steps) }, (leaf) =>
        hiddenKernels(leaf) === null ? 'others' : 'matrices',
      ),
  },
  'Muon + AdamW': withAdamw(muon, [0.01, 0.02, 0.04, 0.08], [0.004, 0.008, 0.016, 0.032]),
}

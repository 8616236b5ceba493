/** Groups of laws: what the rules of one scope obey. */

import { interpretersAgree } from '../agreement.js'
import { type Trial, type TrialOptions, trial } from '../arbitrary.js'
import { zeroGradient } from '../closedForm.js'
import {
  additivity,
  concatenation,
  concatenationWithin,
  coordinateReflection,
  coordinateScaleInvariance,
  homogeneity,
  leafwise,
  orthogonalEquivariance,
  permutationEquivariance,
  permutationWithin,
  reflection,
  reshape,
  scaleInvariance,
} from '../equivariance.js'
import type { Kind } from '../kind.js'
import type { Law, Tx, TxLaw } from '../law.js'
import { type Tolerance, within } from '../violation.js'

export const agreeing = (float32: number, tensor: number, numbers = true): TxLaw =>
  interpretersAgree({ float32: within(float32), tensor: within(tensor), numbers })

/** Elementwise: each element depends on itself alone. */
export const elementwise: readonly TxLaw[] = [permutationEquivariance, concatenation, leafwise, reshape]

/** A norm may be summed in another order, and momentum may cancel: some roundings of the greatest element. */
const reordered: Tolerance = { ulps: 4, floor: { float32: 1e-6, float64: 4e-15 } }

/** Sums may cancel to a millionth of their terms, for which float32 has no digits. */
const cancelled: Tolerance = { ulps: 4, floor: 1e-8 }

const moderate: TrialOptions = { grads: 'moderate', params: 'moderate' }

const inFloat64: readonly Kind[] = ['number', 'float64']

/** Depending on norms of leaves. */
export const leafNorms: readonly TxLaw[] = [permutationWithin(reordered), leafwise, reshape]

/** Depending on norms of the tree. */
export const treeNorms: readonly TxLaw[] = [
  permutationWithin(reordered),
  concatenationWithin(reordered),
  reshape,
]

/** Depending on sums over the tree that cancel, in one order or another. */
export const treeDifferences: readonly TxLaw[] = [
  { ...permutationWithin(cancelled, moderate), kinds: inFloat64 },
  { ...concatenationWithin(cancelled, moderate), kinds: inFloat64 },
  reshape,
]

/** Nothing moves without a gradient, where a factor is a norm of the parameters. */
export const zeroGradientByNorms: Law<Tx, Trial> = {
  ...zeroGradient,
  conditions: 'norms of parameters that do not overflow; exact',
  arbitrary: (kind) => trial(kind, { params: 'moderate' }),
}

export const odd: readonly TxLaw[] = [reflection, coordinateReflection]

/** Linear rules that subtract: rounding may be most of what is left. */
export const linearDifferences: readonly TxLaw[] = [
  ...elementwise,
  ...odd,
  homogeneity,
  orthogonalEquivariance,
]

export const linear: readonly TxLaw[] = [...linearDifferences, additivity]

export const scaleFree: readonly TxLaw[] = [scaleInvariance, coordinateScaleInvariance]

export const beyondFirst =
  (name: string): ((state: unknown) => unknown) =>
  (state) =>
    // the first member's slot, of a building block or of a chain that begins with it
    new Map(Object.entries(Array.isArray(state) ? state[0] : (state ?? {}))).get(name)

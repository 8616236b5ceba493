/** Laws that go together: what rules of one scope keep. */

import { interpretersAgree } from '../agreement.js'
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
import type { TxLaw } from '../law.js'
import { type Tolerance, within } from '../violation.js'

export const agreeing = (float32: number, tensor: number, numbers = true): TxLaw =>
  interpretersAgree({ float32: within(float32), tensor: within(tensor), numbers })

/** Element by element: no element sees another. */
export const elementwise: readonly TxLaw[] = [permutationEquivariance, concatenation, leafwise, reshape]

/** A norm is summed in another order, and momentum may cancel: some roundings of the greatest element. */
const reordered: Tolerance = { ulps: 4, floor: { float32: 1e-6, float64: 4e-15 } }

/** By norms of whole leaves. */
export const leafNorms: readonly TxLaw[] = [permutationWithin(reordered), leafwise, reshape]

/** By norms of the whole tree. */
export const treeNorms: readonly TxLaw[] = [
  permutationWithin(reordered),
  concatenationWithin(reordered),
  reshape,
]

export const odd: readonly TxLaw[] = [reflection, coordinateReflection]

export const linear: readonly TxLaw[] = [
  ...elementwise,
  ...odd,
  homogeneity,
  additivity,
  orthogonalEquivariance,
]

export const scaleFree: readonly TxLaw[] = [scaleInvariance, coordinateScaleInvariance]

export const beyondFirst =
  (name: string): ((state: unknown) => unknown) =>
  (state) =>
    // the first member's slot, of a building block or of a chain that begins with it
    new Map(Object.entries(Array.isArray(state) ? state[0] : (state ?? {}))).get(name)

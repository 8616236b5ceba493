/** Formulas of whole leaves, tried with several signals. */
import { swinging, varied } from '../closedForm.js'
import type { Kind } from '../kind.js'
import type { TxLaw } from '../law.js'
import { type LeafForm, leafForm } from '../leafForm.js'
import type { Tolerance } from '../violation.js'

/** The kinds of leaves that have one axis at most. */
export const flatKinds: readonly Kind[] = ['number', 'float64', 'float32']

/** Leaves of which many are matrices of several rows and columns, and none is empty. */
export const larger = { grads: 'moderate', params: 'moderate', minSize: 4 } as const

/** Signals: one constant, one without cancellation, one that oscillates; the second on leaves that are often matrices. */
const signals = {
  constant: { signal: () => 1 },
  varied: { signal: varied, minSize: larger.minSize },
  swinging: { signal: swinging },
} as const

/** A formula of whole leaves, of several signals. */
export const leafForms = (
  statement: string,
  formula: LeafForm['formula'],
  tolerance: Tolerance,
  { only, ...more }: Partial<LeafForm> & { readonly only?: readonly string[] } = {},
): readonly TxLaw[] =>
  Object.entries(signals)
    .filter(([name]) => only === undefined || only.includes(name))
    .map(([name, drawn]) =>
      leafForm({
        name: `${name}Leaves`,
        statement: `${statement}, of a ${name} signal`,
        ...drawn,
        formula,
        tolerance,
        ...more,
      }),
    )

/** Some roundings of each element, or of the leaf's greatest. */
export const rounded: Tolerance = {
  ulps: { float32: 64, float64: 64 },
  floor: { float32: 2e-6, float64: 1e-14 },
}

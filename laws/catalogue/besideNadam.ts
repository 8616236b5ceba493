/** What Muon and its kin have in common: matrices of rank 2 by a form of their own, all other leaves by NAdamW. */
import { type LeafSpec, nadamw, partition } from '../../src/index.js'
import { sameAs, swinging } from '../closedForm.js'
import type { Kind } from '../kind.js'
import type { Tx, TxLaw } from '../law.js'
import { type LeafPoint, leafForm } from '../leafForm.js'
import type { Tolerance } from '../violation.js'
import { adamForm } from './forms.js'
import { flatKinds, larger } from './leafForms.js'

/** Leaves of rank 2 are matrices. */
export const ofMatrices = ({ shape }: LeafSpec): Record<string, never> | null =>
  shape.length === 2 ? {} : null

type Shape = readonly [m: number, n: number]

/** The factor of matrices whose steps grow with their outputs. */
export const byShape = ([m, n]: Shape): number => Math.sqrt(Math.max(1, n / m))

/** What flat leaves do by default. */
export const nadamsPartner: TxLaw = sameAs({
  name: 'partner',
  statement: 'flat leaves follow NAdamW without decay',
  other: () => nadamw(0.1, { weightDecay: 0 }),
  kinds: flatKinds,
})

/** How matrices move. */
export interface OfMatrices {
  readonly name: string
  readonly statement: string
  /** The direction of a matrix. */
  readonly form: (at: LeafPoint) => ArrayLike<number>
  /** Its factor, beside the learning rate, 0.1. */
  readonly factor: (shape: Shape) => number
  /** Default 0. */
  readonly weightDecay?: number
  /** Of other leaves. Default true. */
  readonly nesterov?: boolean
  readonly tolerance: Tolerance
  readonly kinds: readonly Kind[]
}

/** Matrices move by their form, other leaves by Adam's. */
export const besideNadam = ({ form, factor, weightDecay = 0, nesterov = true, ...law }: OfMatrices): TxLaw =>
  leafForm({
    ...law,
    signal: swinging,
    formula: (at) => {
      const { g, p, t, f } = at
      const [m = 1, n = 1] = g.shape
      if (g.shape.length === 2 && g.data.length > 0)
        return Float64Array.from(
          form(at),
          (x, i) => -0.1 * (factor([m, n]) * x + weightDecay * (p.data[i] ?? Number.NaN)),
        )
      const nadam = adamForm({}, nesterov)
      return g.data.map(
        (x, i) => -0.1 * nadam({ g: x, p: p.data[i] ?? Number.NaN, leafG: g.data, leafP: p.data, t, f }),
      )
    },
    grads: 'moderate',
  })

/** The whole is the partition of its parts, whose laws are their own. */
export const partsOf = (statement: string, matrices: () => Tx, rest: () => Tx): TxLaw =>
  sameAs({
    name: 'parts',
    statement,
    other: () =>
      partition({ muon: matrices(), adam: rest() }, (leaf) => (ofMatrices(leaf) === null ? 'adam' : 'muon')),
    draws: larger,
    kinds: ['ndarray'],
  })

/** A row of the catalogue, and how one is written. */

import type { Schedule } from '../../src/index.js'
import type { ByLearningRate } from '../composition.js'
import { allKinds, type Kind } from '../kind.js'
import type { Tx, TxLaw } from '../law.js'

/**
 * A row of the catalogue.
 *
 * @category Catalogue
 */
export interface CatalogueRow {
  /** The factory's name. */
  readonly name: string
  /** How this one is made, as a caller would write it. */
  readonly call: string
  /** Makes one. */
  readonly make: () => Tx
  /** The kinds of leaves that it takes. */
  readonly kinds: readonly Kind[]
  /** The laws that it keeps, besides those of every transformation. */
  readonly laws: readonly TxLaw[]
  /** The same optimizer for any learning rate, where it takes one; a schedule may stand for it. */
  readonly byLearningRate?: ByLearningRate & ((learningRate: Schedule) => Tx)
}

/** A row; its name is the call, up to the first parenthesis. */
export const row = (
  call: string,
  make: () => Tx,
  laws: readonly TxLaw[],
  byLearningRate?: CatalogueRow['byLearningRate'],
): CatalogueRow => ({
  name: call.slice(0, call.indexOf('(')),
  call,
  make,
  kinds: allKinds,
  laws,
  ...(byLearningRate === undefined ? {} : { byLearningRate }),
})

/** The row of a transformation that needs axes and is no rule: it takes tensors alone. */
export const axesOfTensors = (of: CatalogueRow): CatalogueRow => ({
  ...of,
  kinds: of.kinds.filter((kind) => kind !== 'ndarray'),
})

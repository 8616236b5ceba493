/**
 * The catalogue: every building block, optimizer and wrapper, how to make it, and which laws it keeps.
 *
 * Laws of every transformation are not repeated: `lawsOf` adds them. A new transformation gets a row here and is
 * tested on its first day.
 */

import { adaptive } from './catalogue/adaptive.js'
import { around } from './catalogue/around.js'
import { blocks } from './catalogue/blocks.js'
import { directions } from './catalogue/directions.js'
import { distances } from './catalogue/distances.js'
import { factors } from './catalogue/factors.js'
import { family } from './catalogue/family.js'
import { losses } from './catalogue/losses.js'
import { matrices } from './catalogue/matrices.js'
import { relatives } from './catalogue/moments.js'
import { noisy } from './catalogue/noise.js'
import { optimizers } from './catalogue/optimizers.js'
import type { CatalogueRow } from './catalogue/row.js'
import { search } from './catalogue/search.js'
import { steps } from './catalogue/steps.js'
import { surrounding } from './catalogue/surrounding.js'
import { watching } from './catalogue/watching.js'
import { wrappers } from './catalogue/wrappers.js'
import { compositionLaws } from './composition.js'
import { regrouping } from './equivariance.js'
import { everyLaw } from './every.js'
import type { Law, Tx, TxLaw } from './law.js'

/**
 * Every transformation that the library makes, in several configurations, with the laws that it keeps.
 *
 * @category Catalogue
 * @example
 * ```ts
 * import { catalogue, checkLaws, lawsOf } from 'gradpipe/laws'
 *
 * for (const row of catalogue.filter(({ call }) => call === 'adam(0.1)'))
 *   checkLaws(row.make(), lawsOf(row), { kinds: ['float32'], runs: 5 })
 * ```
 */
export const catalogue: readonly CatalogueRow[] = [
  ...blocks,
  ...wrappers,
  ...steps,
  ...surrounding,
  ...optimizers,
  ...relatives,
  ...distances,
  ...losses,
  ...adaptive,
  ...directions,
  ...watching,
  ...noisy,
  ...factors,
  ...matrices,
  ...family,
  ...around,
  ...search,
]

/**
 * The laws of every transformation whose rule does not depend on the place of a leaf.
 *
 * @category Catalogue
 * @example
 * ```ts
 * import { adam } from 'gradpipe'
 * import { checkLaws, universalLaws } from 'gradpipe/laws'
 *
 * checkLaws(adam(0.1), universalLaws, { kinds: ['float64'], runs: 5 })
 * ```
 */
export const universalLaws: readonly Law<Tx>[] = [...everyLaw, ...compositionLaws, regrouping]

/**
 * All laws that a row of the catalogue keeps: those of every transformation, and its own.
 *
 * @category Catalogue
 * @example
 * ```ts
 * import { catalogue, lawsOf, runLaws } from 'gradpipe/laws'
 *
 * const row = catalogue.find(({ name }) => name === 'clip')
 * assert.ok(row !== undefined)
 * const results = runLaws(row.make(), lawsOf(row), { kinds: ['number'], runs: 5 })
 * assert.ok(results.every(({ _tag }) => _tag === 'Holds'))
 * ```
 */
export const lawsOf = ({ laws }: CatalogueRow): readonly TxLaw[] => [...universalLaws, ...laws]

/** byAxes: rules of matrices, rows and columns, with what computes them. */
import { bring } from '../host/brought.js'
import { byRows } from '../host/numbers/rows/way.js'
import { byParts } from '../host/parts.js'
import type { LeafSpec } from '../rule/leaf.js'
import { identityRule, type Rule } from '../rule/rule.js'
import { takenOut } from '../rule/takenOut.js'
import { boundTo, type RowsAndColumns, viewOf } from '../rule/view.js'
import type { More } from './declareRule.js'
import { seen } from './labelling.js'

/** Brings what computes values that differ along some of a leaf's axes. */
export const bringAxes = (): void => bring({ parts: byParts, axes: byRows, takenOut })

/** The rule at leaves that are looked at as told; another one, which keeps nothing, at those that are left alone. */
export const byAxes = (
  axes: (leaf: LeafSpec) => RowsAndColumns | null,
  otherwise: Rule = identityRule,
): NonNullable<More['atLeaves']> => {
  bringAxes()
  return (rule) => (leaf) => {
    const given = axes(seen(leaf))
    return given === null ? otherwise : boundTo(rule, viewOf(leaf, given))
  }
}

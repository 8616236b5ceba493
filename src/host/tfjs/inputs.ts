/** What the kernels of graphics devices find of a leaf: its inputs, and the outputs that are inputs as they are. */
import type * as tf from '@tensorflow/tfjs-core'
import type { ElementAtom } from '../../compile/statements.js'
import type { Expr } from '../../rule/expr.js'
import type { LeafPlan } from '../../rule/plan.js'
import { type Extent, isAxes } from '../../rule/scope.js'
import type { Column, Work } from '../work.js'

type Tensor = tf.Tensor

const isCopy = (expr: Expr): expr is ElementAtom =>
  expr._tag === 'Gradient' || expr._tag === 'Parameter' || expr._tag === 'Slot'

/** Whether a leaf has several values of an extent. */
export const isSeveral = (scope: Extent): boolean => scope === 'element' || isAxes(scope)

/** An output that is an input as it is: a new handle does. */
export const copied = ({ expr, scope }: LeafPlan['outputs'][string]): ElementAtom | null =>
  isCopy(expr) && (expr.scope === scope || !(isSeveral(expr.scope) || isSeveral(scope))) ? expr : null

/** Whether an output is a leaf's own, and not the tree's. */
export const isOwn = (scope: Extent): boolean => isSeveral(scope) || scope === 'leaf'

/** A leaf's input. */
export const inputOf = (
  { gradients, parameters, slots, treeSlots }: Work<Tensor>,
  leaf: number,
  atom: ElementAtom,
): Tensor | null => {
  if (atom._tag === 'Slot' && atom.scope === 'tree') return treeSlots[atom.name] ?? null
  const column: Column<Tensor> | undefined =
    atom._tag === 'Gradient' ? gradients : atom._tag === 'Parameter' ? parameters : slots[atom.name]
  return column?.[leaf] ?? null
}

/** Every tensor of a step's inputs. */
export const inputs = (work: Work<Tensor>): readonly Tensor[] =>
  [work.gradients, work.parameters, ...Object.values(work.slots), Object.values(work.treeSlots)].flatMap(
    (column) => column.filter((tensor) => tensor !== null),
  )

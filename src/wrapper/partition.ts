/** partition: another transformation for each group of leaves. */

import { type Labelling, labelOf, labelsFit } from '../declare/labelling.js'
import { GradpipeError } from '../error.js'
import { called } from '../options.js'
import { checkRanges, transformation } from '../range.js'
import type { LeafSpec } from '../rule/leaf.js'
import { restrictedTo } from '../transform/masked.js'
import type { MaskedState } from '../transform/maskedRules.js'
import { sequence } from '../transform/sequence.js'
import type {
  AnyTransformation,
  ExtraArgsOf,
  GradientTransformation,
  StateOf,
} from '../transform/transformation.js'
import { type Path, showPath } from '../tree/path.js'
import { leaves } from '../tree/tree.js'

/**
 * State of {@link partition}.
 *
 * @category Wrappers
 */
export interface PartitionState<S> {
  /** Per label the state of its transformation. */
  readonly innerStates: { readonly [K in keyof S]: MaskedState<S[K]> }
}

/**
 * Applies to each leaf the transformation of its label.
 *
 * Groups are independent: a norm over the tree is a norm over the group. Rules fuse, and each leaf has only the state
 * of its own transformation.
 *
 * Throws `InvalidArgument` for a leaf whose label has no transformation, `TreeMismatch` for one without a label.
 *
 * @category Wrappers
 * @see Optax, `partition` (formerly `multi_transform`)
 * @example
 * ```ts
 * import { partition, setToZero, sgd } from 'gradpipe'
 *
 * const tx = partition({ train: sgd(0.1), frozen: setToZero() }, { head: 'train', backbone: 'frozen' })
 * const params = { head: 1, backbone: [2, 3] }
 * const [updates] = tx.update({ head: 1, backbone: [1, 1] }, tx.init(params), params)
 * assert.deepEqual(updates, { head: -0.1, backbone: [0, 0] })
 * ```
 */
export const partition = <const T extends Readonly<Record<string, AnyTransformation>>>(
  transforms: T,
  paramLabels: Labelling<string>,
): GradientTransformation<
  PartitionState<{ readonly [K in keyof T]: StateOf<T[K]> }>,
  ExtraArgsOf<T[keyof T]>
> => {
  type State = PartitionState<{ readonly [K in keyof T]: StateOf<T[K]> }>
  const entries = Object.entries<AnyTransformation>(transforms)
  const labels = entries.map(([label]) => label)
  for (const [label, tx] of entries)
    checkRanges('partition.transforms', { [label]: tx }, { [label]: transformation })
  const given = labelOf({ of: 'partition', option: 'paramLabels', kind: 'string' }, paramLabels)
  const checked = (path: Path, label: string): string => {
    if (labels.includes(label)) return label
    throw new GradpipeError(
      'InvalidArgument',
      showPath(['paramLabels', ...path]),
      `one of ${labels.join(', ')}`,
      label,
    )
  }
  const known = (leaf: LeafSpec): string => checked(leaf.path, given(leaf))
  if (typeof paramLabels !== 'function')
    for (const [path, label] of leaves<string>(paramLabels)) checked(path, label)
  const fits = labelsFit('paramLabels', paramLabels)
  const all = sequence<State, ExtraArgsOf<T[keyof T]>>(
    entries.map(([label, tx]) => restrictedTo(tx, (leaf) => known(leaf) === label, fits)),
    {
      names: labels.map((label) => `innerStates.${label}`),
      // the entries are those of the transformations
      gather: (states) => ({
        innerStates: Object.fromEntries(labels.map((label, i) => [label, states[i]])) as State['innerStates'],
      }),
      scatter: (state: State, at) => {
        const all = new Map<string, unknown>(Object.entries(state?.innerStates ?? {}))
        return labels.map((label) => {
          if (!all.has(label))
            throw new GradpipeError('TreeMismatch', `${at}.innerStates.${label}`, 'a state', 'nothing')
          return all.get(label)
        })
      },
    },
  )
  return called(['partition', transforms, paramLabels], all)
}

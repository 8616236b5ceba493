/** A leaf's scalars: the numbers that the host knows of it, by a rule's functions of a leaf. */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import type { LeafScalar } from '../rule/expr.js'
import type { LeafSpec } from '../rule/leaf.js'
import { showPath } from '../tree/path.js'
import { seen } from './labelling.js'

/** The number of a leaf. Throws `InvalidArgument`, under the scalar's own name, for what is none, or not finite. */
export const numberOf = ({ name, of }: LeafScalar, leaf: LeafSpec): number => {
  const value: unknown = of(seen(leaf))
  if (typeof value === 'number' && Number.isFinite(value)) return value
  const own = name.split('.').at(-1) ?? name
  throw new GradpipeError('InvalidArgument', showPath([own, ...leaf.path]), 'a finite number', shown(value))
}

/**
 * Form: the structure that trees have in common, with their leaves numbered.
 *
 * A tree is read along its form into a flat list, and built from one. Every step does both, so they cost little: no
 * paths, no maps.
 */
import { isArray, isBranch, type Tree } from './tree.js'

// model

/** The structure of a tree. Positions count leaves in the canonical order; a branch covers a range of them. */
export type Form =
  | { readonly _tag: 'Null' }
  | { readonly _tag: 'Leaf'; readonly position: number }
  | ArrayForm
  | RecordForm

interface Range {
  /** The first position below the branch. */
  readonly from: number
  /** The position after the last one. */
  readonly to: number
}

interface ArrayForm extends Range {
  readonly _tag: 'Array'
  readonly children: readonly Form[]
  /** Whether it holds only leaves: these are then copied, at a few nanoseconds each. */
  readonly flat: boolean
}

interface RecordForm extends Range {
  readonly _tag: 'Record'
  /** In the order in which they are built. */
  readonly keys: readonly string[]
  /** Beside the keys. */
  readonly children: readonly Form[]
  /** A record with these keys: to copy one and fill it costs less than to add key after key. */
  readonly template: Readonly<Record<string, null>>
  /** Whether every object inherits something under one of the keys; it must not pass for an entry. */
  readonly inherits: boolean
}

// constructors

/** The form of an array. */
export const arrayForm = (children: readonly Form[], { from, to }: Range): Form => ({
  _tag: 'Array',
  children,
  flat: children.every(({ _tag }) => _tag === 'Leaf'),
  from,
  to,
})

/** The form of a record. */
export const recordForm = (
  keys: readonly string[],
  children: readonly Form[],
  { from, to }: Range,
): Form => ({
  _tag: 'Record',
  keys,
  children,
  // fromEntries defines own properties, so that a key `__proto__` is a key like any other
  template: Object.fromEntries(keys.map((key) => [key, null])),
  inherits: keys.some((key) => key in Object.prototype),
  from,
  to,
})

// combinators

/** Whether only the set of a record's keys matters, or also their order. */
export type KeyOrder = 'any order' | 'same order'

/** Reads an array of leaves only; returns whether it is one. */
const readFlat = <A>(
  { children, from }: ArrayForm,
  array: readonly Tree<A>[],
  into: (A | null)[],
): boolean => {
  const { length } = children
  if (array.length !== length) return false
  for (let i = 0; i < length; i++) {
    const child = array[i]
    if (typeof child === 'number') into[from + i] = child
    else if (child === undefined) {
      if (!(i in array)) return false
      into[from + i] = null
    } else if (isBranch(child)) return false
    else into[from + i] = child
  }
  return true
}

const orderOf = (keys: readonly string[], own: readonly string[]): KeyOrder | 'other keys' =>
  own.length !== keys.length
    ? 'other keys'
    : own.every((key, i) => key === keys[i])
      ? 'same order'
      : 'any order'

/** Whether a record has the keys of a form, as far as their number tells, and in which order. */
const keysLike = (keys: readonly string[], record: object): KeyOrder | 'other keys' => {
  let i = 0
  // if the keys are as before, no list of them is made
  for (const key in record) {
    if (key !== keys[i]) return orderOf(keys, Object.keys(record))
    i++
  }
  return i === keys.length ? 'same order' : 'other keys'
}

/**
 * Reads a tree's leaves into their positions, with `null` where it has nothing. Returns whether the tree has the
 * form; if not, some positions may have been written.
 */
export const readForm = <A>(form: Form, tree: Tree<A>, into: (A | null)[], order: KeyOrder): boolean => {
  if (form._tag === 'Leaf') {
    if (isBranch(tree)) return false
    into[form.position] = tree
    return true
  }
  if (tree === null) {
    if (form._tag === 'Null') return true
    into.fill(null, form.from, form.to)
    // the tree that gives the order is the one to build: an empty branch of it is no null
    return order === 'any order' || form.from < form.to
  }
  if (form._tag === 'Null' || !isBranch(tree)) return false
  const { children } = form
  if (isArray(tree)) {
    if (form._tag !== 'Array' || tree.length !== children.length) return false
    if (form.flat) return readFlat(form, tree, into)
    for (let i = 0; i < children.length; i++) {
      const child = tree[i]
      // holes are found and refused when trees are aligned
      if (child === undefined && !(i in tree)) return false
      if (!readForm(children[i] as Form, child ?? null, into, order)) return false
    }
    return true
  }
  if (form._tag !== 'Record') return false
  const { keys } = form
  const found = keysLike(keys, tree)
  if (found === 'other keys' || (order === 'same order' && found !== order)) return false
  for (let i = 0; i < children.length; i++) {
    const key = keys[i] as string
    const child = form.inherits && !Object.hasOwn(tree, key) ? undefined : tree[key]
    if (child === undefined && !Object.hasOwn(tree, key)) return false
    if (!readForm(children[i] as Form, child ?? null, into, order)) return false
  }
  return true
}

const flatOf = <B>({ from, to }: ArrayForm, values: readonly (B | null)[]): (B | null)[] => {
  const leaves = values.slice(from, to)
  for (let i = 0; i < to - from; i++) if (leaves[i] === undefined) leaves[i] = null
  return leaves
}

/** A tree of the form with these leaves. */
export const buildForm = <B>(form: Form, values: readonly (B | null)[]): Tree<B> => {
  switch (form._tag) {
    case 'Null':
      return null
    case 'Leaf':
      return values[form.position] ?? null
    case 'Array':
      return form.flat ? flatOf(form, values) : form.children.map((child) => buildForm(child, values))
    case 'Record': {
      const record: Record<string, Tree<B>> = { ...form.template }
      const { keys, children } = form
      for (let i = 0; i < keys.length; i++) record[keys[i] as string] = buildForm(children[i] as Form, values)
      return record
    }
  }
}

/** Which variables a state is of, and the state for other ones: everything known of a variable stays with its name. */
import type * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../../error.js'
import { isTensorLike, type Params } from '../../rule/leaf.js'
import { dispose } from '../../transform/dispose.js'
import type { Path } from '../../tree/path.js'
import { at, carryOver, entries } from './carryOver.js'
import { pairNames } from './pairing.js'
import { type Saved, weightPath } from './stateWeights.js'

/** A state, and what it is of. */
export interface Coverage<S> {
  /**
   * What a variable is called in the state, by its own name: the same, or the name that it had when the state was
   * saved.
   */
  readonly keys: ReadonlyMap<string, string>
  /** By key. */
  readonly variables: ReadonlyMap<string, tf.Variable>
  /** `null` before there are variables. */
  readonly state: S | null
  /** What was saved of variables that have not come yet. */
  readonly saved: Saved
}

/** A coverage to go over to. */
export interface Change<S> {
  readonly next: Coverage<S>
  /** Frees what the next one does not need; to be called once it is used. */
  readonly commit: () => void
  /** Frees what was made for it. */
  readonly cancel: () => void
}

type Given = ReadonlyMap<string, tf.Variable>

const expectPaired = (given: Given, pairs: ReadonlyMap<string, string>, { variables }: Saved): void => {
  const [name] = given.keys()
  if (variables.length > 0 && pairs.size === 0 && name !== undefined)
    throw new GradpipeError(
      'TreeMismatch',
      `state.${name}`,
      `one of the variables that the weights were saved of: ${variables.join(', ')}`,
      'none of them',
    )
}

const keysFor = <S>({ keys, variables, saved }: Coverage<S>, given: Given): ReadonlyMap<string, string> => {
  const added = [...given.keys()].filter((name) => !keys.has(name))
  const free = saved.variables.filter((name) => !variables.has(name))
  const pairs = pairNames(added, free)
  if (keys.size === 0) expectPaired(given, pairs, saved)
  const all = new Map(keys)
  for (const name of added) all.set(name, pairs.get(name) ?? name)
  if (new Set(all.values()).size < all.size)
    throw new GradpipeError('DuplicateName', 'grads', 'variables that differ by name', added.join(', '))
  return all
}

/** Throws for saved leaves that are missing, and for those that are of no variable and nowhere in the state. */
const expectAll = (
  first: unknown,
  { variables, leaves }: Saved,
  known: ReadonlyMap<string, unknown>,
  used: ReadonlySet<string>,
): void => {
  const isSaved = new Set(variables)
  for (const [path, leaf] of entries(first)) {
    const isNew = path.some((key) => typeof key === 'string' && known.has(key) && !isSaved.has(key))
    if (leaf !== null && !isNew && !used.has(weightPath(path)))
      throw new GradpipeError('TreeMismatch', weightPath(path), 'a weight of this name', 'nothing')
  }
  const later = variables.filter((name) => !known.has(name))
  for (const path of leaves.keys())
    if (!used.has(path) && !later.some((name) => path.includes(`.${name}`)))
      throw new GradpipeError('TreeMismatch', path, 'nothing', 'a weight of this name')
}

/**
 * The coverage of some more variables, without those that were disposed. Asks `init` for the first state of all.
 *
 * Throws, before anything changes, `TreeMismatch`, `ShapeMismatch` or `DtypeMismatch` for a saved state that is not of
 * this structure, and where a state is not kept by variable and cannot take another one.
 */
export const cover = <S>(init: (params: Params) => S, before: Coverage<S>, given: Given): Change<S> => {
  const keys = new Map(keysFor(before, given))
  const variables = new Map(before.variables)
  const gone = new Set<string>()
  for (const [name, key] of keys) {
    const [old, now] = [variables.get(key), given.get(name)]
    if (old !== undefined && (old.isDisposed || (now !== undefined && now !== old))) gone.add(key)
    if (now !== undefined) variables.set(key, now)
    else if (gone.has(key)) {
      keys.delete(name)
      variables.delete(key)
    }
  }
  const { state, saved } = before
  const first = init(Object.fromEntries(variables))
  const used = new Set<string>()
  const find = (path: Path): unknown => {
    const name = weightPath(path)
    const isKnown = state !== null && !path.some((key) => typeof key === 'string' && gone.has(key))
    const found = isKnown ? at(state, path) : undefined
    if (found !== undefined || !saved.leaves.has(name)) return found
    used.add(name)
    return saved.leaves.get(name)
  }
  try {
    // the first state's structure, and its leaves or those of another state of the transformation
    const next = carryOver(first, find) as S
    if (state === null && saved.variables.length > 0) expectAll(first, saved, variables, used)
    const kept = tensorsOf(next)
    const made = tensorsOf(first)
    for (const tensor of made) if (!kept.has(tensor)) dispose(tensor)
    const later = saved.variables.filter((name) => !variables.has(name))
    return {
      next: {
        keys,
        variables,
        state: next,
        saved: {
          variables: later,
          leaves: new Map([...saved.leaves].filter(([path]) => !used.has(path))),
        },
      },
      commit: () => {
        for (const tensor of tensorsOf(state)) if (!kept.has(tensor)) dispose(tensor)
      },
      cancel: () => dispose(first),
    }
  } catch (error) {
    dispose(first)
    throw error
  }
}

const tensorsOf = (state: unknown): ReadonlySet<unknown> =>
  new Set(entries(state).flatMap(([, leaf]) => (isTensorLike(leaf) ? [leaf] : [])))

/** Which variables a state is of, and the state for other ones: everything known of a variable stays with its name. */
import type * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../../error.js'
import { dispose } from '../../program/dispose.js'
import { isTensorLike, type Params, sizeOf } from '../../rule/leaf.js'
import { at, carryOver, entries, type Place, renamed } from './carryOver.js'
import { keysOf, pairNames } from './pairing.js'
import { nothingSaved, type Saved, weightPath } from './stateWeights.js'

/** Variables by their names. */
export type Variables = ReadonlyMap<string, tf.Variable>

/** A variable that is stepped. */
export interface Member {
  readonly name: string
  /** What it is called in the state. */
  readonly key: string
  readonly variable: tf.Variable
}

/** A state, and what it is of. */
export interface Coverage<S> {
  readonly variables: Variables
  /** The variables, one by one. */
  readonly members: readonly Member[]
  /** What each is called in the state, by its name. */
  readonly keys: ReadonlyMap<string, string>
  /** `null` before there are variables. */
  readonly state: S | null
  /** What was saved of variables that have not come yet. */
  readonly saved: Saved
  /** Which variable has gone on from a saved one, by the name of the latter. */
  readonly taken: ReadonlyMap<string, string>
}

/** Before there is anything, but perhaps what was saved. */
export const uncovered = (saved: Saved = nothingSaved): Coverage<unknown> => ({
  variables: new Map(),
  members: [],
  keys: new Map(),
  state: null,
  saved,
  taken: new Map(),
})

/** A coverage to go over to. */
export interface Change<S> {
  readonly next: Coverage<S>
  /** Whether its state is a first one of all variables, which nobody has seen. */
  readonly isFirst: boolean
  /** Frees what the next one does not need; to be called once it is used. */
  readonly commit: () => void
  /** Frees what was made for it. */
  readonly cancel: () => void
}

/** Leaves of a state by the paths that weights have: with the variables' own names. */
export const leavesOf = <S>({ state, keys }: Coverage<S>): readonly (readonly [string, unknown])[] => {
  if (state === null) return []
  const names = new Map([...keys].map(([name, key]) => [key, name]))
  return entries(state, new Set(names.keys())).map(([place, leaf]) => [
    weightPath(renamed(place, (key) => names.get(key) ?? key)),
    leaf,
  ])
}

/** Throws for saved leaves that are of no variable, and nowhere in the state. */
const expectNoMore = (
  places: readonly (readonly [Place, unknown])[],
  leaves: Saved['leaves'],
  later: readonly string[],
): void => {
  const prefixes = places.flatMap(([place]) =>
    place.variable < 0 ? [] : later.map((name) => weightPath([...place.path.slice(0, place.variable), name])),
  )
  for (const path of leaves.keys())
    if (!prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}.`)))
      throw new GradpipeError('TreeMismatch', path, 'nothing', 'a weight of this name')
}

const expectOneOf = ([name]: Iterable<string>, { variables }: Saved): void => {
  if (name !== undefined && variables.length > 0)
    throw new GradpipeError(
      'TreeMismatch',
      `state.${name}`,
      `one of the variables that the weights were saved of: ${variables.join(', ')}`,
      'none of them',
    )
}

/** Throws for a vector of all elements, one variable's after the other's: it tells nothing of other variables. */
const expectNotFlat = (path: Place['path'], found: unknown, variables: Variables): void => {
  const all = [...variables.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  if (isTensorLike(found) && found.shape.length === 1 && found.shape[0] === all)
    throw new GradpipeError(
      'TreeMismatch',
      weightPath(path),
      'the variables of the saved state, since it is not kept by variable',
      [...variables.keys()].join(', '),
    )
}

/** Variables as those that are stepped. */
const membersOf = (variables: Variables, keys: Coverage<unknown>['keys']): readonly Member[] =>
  [...variables].map(([name, variable]) => ({ name, key: keys.get(name) ?? name, variable }))

/** Variables as a tree of parameters. */
const paramsOf = (members: readonly Member[]): Params =>
  Object.fromEntries(members.map(({ key, variable }) => [key, variable]))

/** The coverage of variables where nothing is known of any. */
const first = <S>(init: (params: Params) => S, variables: Variables): Change<S> => {
  const keys = keysOf([...variables.keys()])
  const members = membersOf(variables, keys)
  const state = init(paramsOf(members))
  return {
    next: { variables, members, keys, state, saved: nothingSaved, taken: new Map() },
    isFirst: true,
    commit: () => {},
    cancel: () => dispose(state),
  }
}

/**
 * The coverage of some more variables, without those that were disposed. Asks `init` for the first state of all.
 *
 * Throws, before anything changes, `TreeMismatch`, `ShapeMismatch` or `DtypeMismatch` for a saved state that is not of
 * this structure, and where a state is not kept by variable and cannot take another one; as `pairNames` for names that
 * do not tell which saved variable is meant.
 */
export const cover = <S>(init: (params: Params) => S, before: Coverage<S>, given: Variables): Change<S> => {
  const { state, saved } = before
  if (state === null && saved === nothingSaved) return first(init, given)
  /** Those whose state is known here. */
  const stays = new Map(
    [...before.variables].filter(([name, old]) => !old.isDisposed && (given.get(name) ?? old) === old),
  )
  const variables = new Map([...stays, ...given])
  const joining = [...given.keys()].filter((name) => !before.variables.has(name))
  const taken = new Map([...before.taken].filter(([, name]) => stays.has(name)))
  const sources = pairNames(joining, saved.variables, taken)
  if (state === null && sources.size === 0) expectOneOf(joining, saved)
  const continued = new Set(sources.values())
  const later = saved.variables.filter((name) => !continued.has(name))
  const isOfTheSame =
    state === null
      ? later.length === 0 && sources.size === variables.size
      : joining.length === 0 && stays.size === before.variables.size

  const keys = keysOf([...variables.keys()])
  const names = new Map([...keys].map(([name, key]) => [key, name]))
  const keySet = new Set(names.keys())
  const members = membersOf(variables, keys)
  const begun = init(paramsOf(members))
  const used = new Set<string>()
  const inSaved = (path: string, leaf: unknown): unknown => {
    if (leaf !== null && !saved.leaves.has(path))
      throw new GradpipeError('TreeMismatch', path, 'a weight of this name', 'nothing')
    used.add(path)
    return saved.leaves.get(path)
  }
  const find = (place: Place, leaf: unknown): unknown => {
    if (place.variable < 0) {
      if (state === null && saved.variables.length === 0) return undefined
      const found = state === null ? inSaved(weightPath(place.path), leaf) : at(state, place.path)
      if (!isOfTheSame) expectNotFlat(place.path, found, variables)
      return found
    }
    const key = String(place.path[place.variable])
    const name = names.get(key) ?? key
    if (stays.has(name))
      return at(
        state,
        renamed(place, () => before.keys.get(name) ?? name),
      )
    const source = sources.get(name)
    return source === undefined ? undefined : inSaved(weightPath(renamed(place, () => source)), leaf)
  }
  try {
    // the first state's structure, and its leaves or those of another state of the transformation
    const next = carryOver(begun, keySet, find) as S
    const leaves = new Map([...saved.leaves].filter(([path]) => !used.has(path)))
    if (state === null) expectNoMore(entries(begun, keySet), leaves, later)
    const kept = tensorsOf(next)
    for (const tensor of tensorsOf(begun)) if (!kept.has(tensor)) dispose(tensor)
    return {
      next: {
        variables,
        members,
        keys,
        state: next,
        saved: { variables: later, leaves },
        taken: new Map([...taken, ...[...sources].map(([name, source]) => [source, name] as const)]),
      },
      isFirst: false,
      commit: () => {
        for (const tensor of tensorsOf(state)) if (!kept.has(tensor)) dispose(tensor)
      },
      cancel: () => dispose(begun),
    }
  } catch (error) {
    dispose(begun)
    throw error
  }
}

const noKeys: ReadonlySet<string> = new Set()

const tensorsOf = (state: unknown): ReadonlySet<unknown> =>
  new Set(entries(state, noKeys).flatMap(([, leaf]) => (isTensorLike(leaf) ? [leaf] : [])))

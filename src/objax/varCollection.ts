/** A collection of variables by name, in the order of insertion. */

import type * as tf from '@tensorflow/tfjs-core'
import { GradpipeError } from '../error.js'
import { assignAll } from './assign.js'
import { printsItself, reprShape } from './repr.js'
import { describe } from './require.js'
import { BaseVar } from './variable.js'

/**
 * A class of variables, or several: the criterion of `subset` and `tensors`.
 *
 * @category Variables
 */
export type VarClass = AnyVarClass | readonly AnyVarClass[]

/**
 * The class of some variables.
 *
 * @category Variables
 */
export type AnyVarClass = abstract new (...args: never) => BaseVar

/**
 * Names and variables: a record, a list of entries, or another collection.
 *
 * @category Variables
 */
export type NamedVars =
  | Readonly<Record<string, BaseVar>>
  | Iterable<readonly [string, BaseVar]>
  | VarCollection

const entriesOf = (vars: NamedVars): Iterable<readonly [string, BaseVar]> => {
  if (vars instanceof VarCollection) return vars.entries()
  if (typeof vars === 'object' && vars !== null) return Symbol.iterator in vars ? vars : Object.entries(vars)
  // a module is a function; its properties are not its variables
  throw new GradpipeError(
    'InvalidArgument',
    'VarCollection',
    'variables, such as module.vars()',
    describe(vars),
  )
}

const requireVariable = (name: string, given: unknown): void => {
  if (given instanceof BaseVar) return
  throw new GradpipeError('InvalidArgument', `VarCollection.${name}`, 'a variable', describe(given))
}

const isA = (variable: BaseVar, classes: VarClass): boolean =>
  [classes].flat().some((c: AnyVarClass) => variable instanceof c)

/**
 * Variables by name, in the order of insertion. `vars()` of a module returns one, and optimizers take one.
 *
 * Iterating visits each variable **once**, even if it has several names (shared weights); `keys`, `values`, `entries`
 * and `size` count the names. A name stands for one variable, and every method refuses to give it to a second one.
 * (Objax refuses it in `update` and `+`; its constructor and `rename` silently keep the last.)
 *
 * @throws GradpipeError `DuplicateName`
 * @category Variables
 * @example
 * ```ts
 * import * as objax from 'gradpipe/objax'
 *
 * const m = new objax.nn.Sequential([new objax.nn.Linear(2, 3), new objax.nn.BatchNorm0D(3)])
 * assert.equal(
 *   String(m.vars().subset(objax.TrainVar)),
 *   [
 *     '(Sequential)[0](Linear).b                 3 (3,)',
 *     '(Sequential)[0](Linear).w                 6 (2, 3)',
 *     '(Sequential)[1](BatchNorm0D).beta         3 (1, 3)',
 *     '(Sequential)[1](BatchNorm0D).gamma        3 (1, 3)',
 *     '+Total(4)                                15',
 *   ].join('\n'),
 * )
 * m.vars().dispose() // frees the tensors of all variables
 * ```
 */
export class VarCollection implements Iterable<BaseVar> {
  static {
    printsItself(VarCollection)
  }

  readonly #vars: Map<string, BaseVar> = new Map()

  /**
   * @param vars a record, entries, or a collection
   */
  constructor(vars: NamedVars = {}) {
    this.update(vars)
  }

  /** How many names there are. */
  get size(): number {
    return this.#vars.size
  }

  /** Each variable once, in the order of its first name. */
  [Symbol.iterator](): IterableIterator<BaseVar> {
    return new Set(this.#vars.values()).values()
  }

  /** The names. */
  keys(): IterableIterator<string> {
    return this.#vars.keys()
  }

  /** The variable of every name: one with two names occurs twice. */
  values(): IterableIterator<BaseVar> {
    return this.#vars.values()
  }

  /** Names and variables. */
  entries(): IterableIterator<[string, BaseVar]> {
    return this.#vars.entries()
  }

  /** The variable of that name. */
  get(name: string): BaseVar | undefined {
    return this.#vars.get(name)
  }

  /** Whether there is a variable of that name. */
  has(name: string): boolean {
    return this.#vars.has(name)
  }

  /**
   * Names a variable, as `vc[name] = variable` in Objax.
   *
   * @throws GradpipeError `DuplicateName` if the name is another variable's
   */
  set(name: string, variable: BaseVar): this {
    return this.update([[name, variable]])
  }

  /**
   * Adds the variables of another collection to this one. The same variable under the same name is fine.
   *
   * @throws GradpipeError `DuplicateName`, listing all of them, `InvalidArgument` for what is not a variable;
   * then nothing was added (Objax has added the others)
   */
  update(vars: NamedVars): this {
    const merged = new Map(this.#vars)
    const conflicts = new Set<string>()
    for (const [name, variable] of entriesOf(vars)) {
      requireVariable(name, variable)
      if ((merged.get(name) ?? variable) !== variable) conflicts.add(name)
      merged.set(name, variable)
    }
    if (conflicts.size > 0) {
      const names = [...conflicts].sort().join("', '")
      throw new GradpipeError(
        'DuplicateName',
        'VarCollection',
        'one variable for each name',
        `two of '${names}'`,
      )
    }
    for (const [name, variable] of merged) this.#vars.set(name, variable)
    return this
  }

  /**
   * Returns a new collection with this one's variables and the other's: Objax's `+`.
   *
   * @throws GradpipeError `DuplicateName`
   */
  add(vars: NamedVars): VarCollection {
    return new VarCollection(this).update(vars)
  }

  /**
   * Gives each variable a new value, in the order of iteration, each variable once.
   *
   * @param tensors as many as there are variables, of their shapes; they belong to the variables from now on
   * @throws GradpipeError `InvalidArgument` (their number), `ShapeMismatch`, `InvalidLeaf`, `Disposed`;
   * nothing has changed then (Objax has assigned the ones before)
   */
  assign(tensors: readonly tf.Tensor[]): void {
    assignAll('VarCollection.assign', [...this], tensors)
  }

  /**
   * The values, each variable once, in the order of iteration. They are the variables' own tensors: clone one to keep
   * it beyond the next step.
   *
   * @param is only of these classes
   */
  tensors(is?: VarClass): tf.Tensor[] {
    return [...this].filter((variable) => is === undefined || isA(variable, is)).map(({ value }) => value)
  }

  /**
   * The part of the collection with variables of some classes and not of others. With neither argument it is empty,
   * as in Objax.
   *
   * @param is classes to include; `null` for all
   * @param isNot classes to leave out
   */
  subset(is?: VarClass | null, isNot?: VarClass | null): VarCollection {
    if (!is && !isNot) return new VarCollection()
    const keep = (variable: BaseVar): boolean =>
      (!is || isA(variable, is)) && !(isNot && isA(variable, isNot))
    return new VarCollection([...this.entries()].filter(([, variable]) => keep(variable)))
  }

  /**
   * Returns a new collection with other names.
   *
   * @param renamer a function from name to name, such as a `util.Renamer`
   * @throws GradpipeError `DuplicateName` if two variables would get the same name
   */
  rename(renamer: (name: string) => string): VarCollection {
    return new VarCollection(
      [...this.entries()].map(([name, variable]) => [renamer(name), variable] as const),
    )
  }

  /** Frees the tensors of all variables, but not those that a `TrainRef` refers to. */
  dispose(): void {
    for (const variable of this) variable.dispose()
  }

  /**
   * One line for each name: the name, the number of elements and the shape; then the totals.
   *
   * @param maxWidth longer names are not padded to
   */
  toString(maxWidth = 100): string {
    const rows = [...this.entries()].map(([name, { size, shape }]) => ({ name, size, shape }))
    const width = Math.min(maxWidth, Math.max(20, ...rows.map(({ name }) => name.length)))
    const line = (name: string, size: number): string => `${name.padEnd(width)} ${String(size).padStart(8)}`
    const total = rows.reduce((sum, { size }) => sum + size, 0)
    return [
      ...rows.map(({ name, size, shape }) => `${line(name, size)} ${reprShape(shape)}`),
      line(`+Total(${rows.length})`, total),
    ].join('\n')
  }
}

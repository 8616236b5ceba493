/** A list of modules or variables that `vars()` searches. */

import { Module } from './module.js'
import { className, reprFunction, scopeName } from './repr.js'
import { VarCollection } from './varCollection.js'
import { BaseVar } from './variable.js'

const reprItem = (item: unknown): string =>
  typeof item === 'function' && !(item instanceof Module)
    ? reprFunction(item)
    : String(item).replaceAll('\n', '\n  ')

/**
 * A list whose variables `vars()` finds, also those of the modules in it, at any depth. Items are read and
 * replaced by index, appended with `push`, and iterated; `[...list]` is an array of them.
 *
 * @category Modules
 * @example
 * ```ts keeps-tensors
 * import * as tf from '@tensorflow/tfjs-core'
 * import * as objax from 'gradpipe/objax'
 *
 * const layers = new objax.ModuleList([new objax.nn.Linear(2, 3), new objax.nn.Linear(3, 1)])
 * assert.equal(layers.length, 2)
 * assert.equal(layers.at(-1), layers[1])
 * assert.deepEqual([...layers.slice(1).vars().keys()], ['(ModuleList)[0](Linear).b', '(ModuleList)[0](Linear).w'])
 * ```
 */
export class ModuleList<T = BaseVar | Module, A extends readonly unknown[] = never, R = unknown>
  extends Module<A, R>
  implements Iterable<T>
{
  /** @internal */
  static readonly __qualname__: string = 'objax.ModuleList';

  /** The items are the properties 0, 1, 2 … */
  [index: number]: T

  /**
   * @param items its first items: variables, modules, functions
   */
  constructor(items: Iterable<T> = []) {
    super()
    let i = 0
    for (const item of items) this[i++] = item
  }

  /** How many items there are. */
  override get length(): number {
    return [...this].length
  }

  /** The items in their order. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; Object.hasOwn(this, i); i += 1) yield this[i] as T // it is there
  }

  /** The item at an index; a negative one counts from the end. */
  at(index: number): T | undefined {
    return [...this].at(index)
  }

  /** A list of the same class with a part of the items, like `list[start:end]` in Python. */
  slice(start?: number, end?: number): this {
    const List = this.constructor as new (items: readonly T[]) => this // subclasses keep the constructor
    return new List([...this].slice(start, end))
  }

  /** Appends items, and returns the new length. */
  push(...items: readonly T[]): number {
    const start = this.length
    items.forEach((item, i) => {
      this[start + i] = item
    })
    return this.length
  }

  override vars(scope = ''): VarCollection {
    const vc = new VarCollection()
    for (const [i, item] of [...this].entries()) {
      const here = `${scope}(${scopeName(this)})[${i}]`
      if (item instanceof BaseVar) vc.set(here, item)
      else if (item instanceof Module) vc.update(item.vars(here))
    }
    return vc
  }

  override toString(): string {
    const entries = [...this].map((item, i) => `  [${i}] ${reprItem(item)}`)
    return `${className(this)}(\n${entries.join('\n')}\n)`
  }
}

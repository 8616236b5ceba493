/**
 * Steps that go on from where the last one ended, as long as the same variables have gradients and nobody asks for the
 * state. They read no trees, and make none.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Steady } from '../../program/steady.js'
import type { Leaf, Params } from '../../rule/leaf.js'
import type { Member } from './coverage.js'
import { isList } from './gradients.js'
import type { NamedTensor } from './stateWeights.js'
import type { Stepper } from './stepper.js'

/** More steps than that are never made before it is tried again. */
const MOST = 1024

/** Steps of an optimizer, as far as they go on in this way. */
export class SteadySteps {
  #steps: Steady<unknown> | null = null
  #names: readonly string[] = []
  #gradients: Leaf[] = []
  /** The names of the last list of gradients, in its order, and which of the names each is. */
  #listed: readonly string[] = []
  #places: readonly number[] = []
  /** How many were made since they were prepared. */
  #made = 0
  /** How many others come before they are prepared: none at first, twice as many where it was in vain. */
  #patience = 0
  #waited = 0

  /** Makes a step, and says whether it did; if not, nothing has changed. */
  step(given: tf.NamedTensorMap | readonly NamedTensor[]): boolean {
    const steps = this.#steps
    if (steps === null) return false
    if (!(isList(given) ? this.#readList(given) : this.#readRecord(given))) return false
    const { parameters } = steps
    const names = this.#names
    const gradients = this.#gradients
    const variables = tf.engine().registeredVariables
    for (let i = 0; i < names.length; i++)
      // a gradient that is a variable itself might be written over while it is read
      if (gradients[i] instanceof tf.Variable || variables[names[i] as string] !== parameters[i]) return false
    if (!steps.step(gradients)) return false
    this.#made++
    return true
  }

  #readRecord(given: tf.NamedTensorMap): boolean {
    const names = this.#names
    let count = 0
    for (const _ in given) count++
    if (count !== names.length) return false
    for (let i = 0; i < count; i++) {
      const gradient = given[names[i] as string]
      if (gradient === undefined) return false
      this.#gradients[i] = gradient
    }
    return true
  }

  #readList(given: readonly NamedTensor[]): boolean {
    if (given.length !== this.#names.length) return false
    if (!given.every(({ name }, i) => name === this.#listed[i]) && !this.#lookUp(given)) return false
    for (let i = 0; i < given.length; i++) {
      const { tensor } = given[i] as NamedTensor
      this.#gradients[this.#places[i] as number] = tensor
    }
    return true
  }

  /** Looks up the names of a list, which stay known while they come in this order; whether each is there once. */
  #lookUp(given: readonly NamedTensor[]): boolean {
    const known = new Map(this.#names.map((name, place) => [name, place]))
    const places = given.map(({ name }) => known.get(name) ?? -1)
    if (places.includes(-1) || new Set(places).size < places.length) return false
    this.#listed = given.map(({ name }) => name)
    this.#places = places
    return true
  }

  /**
   * Prepares steps of all members, unless that is likely to be in vain; whether it did. The gradients say only how the
   * others will look. Throws like `update` if these do not fit.
   */
  begin(stepper: Stepper<unknown>, members: readonly Member[], state: unknown, grads: Params): boolean {
    if (++this.#waited < this.#patience) return false
    this.#waited = 0
    const variables = Object.fromEntries(members.map(({ key, variable }) => [key, variable]))
    const steps = stepper.steady?.(variables, state, grads) ?? null
    if (steps === null) {
      this.#inVain()
      return false
    }
    this.#steps = steps
    this.#made = 0
    // the parameters of an optimizer's steps are its variables
    this.#names = steps.parameters.map((variable) => (variable as tf.Variable).name)
    this.#gradients = []
    this.#listed = []
    return true
  }

  /** The state after the last one, `undefined` where none is prepared. The next step is another. */
  end(): { readonly state: unknown } | undefined {
    const steps = this.#steps
    if (steps === null) return undefined
    this.#steps = null
    if (this.#made > this.#patience) this.#patience = 1
    else this.#inVain()
    return { state: steps.state() }
  }

  #inVain(): void {
    this.#patience = Math.min(Math.max(1, 2 * this.#patience), MOST)
  }
}

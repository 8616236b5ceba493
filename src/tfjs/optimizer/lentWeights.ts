/**
 * The tensors that `getWeights` returns: TensorFlow.js does not free what it has saved, so they belong to the
 * optimizer.
 *
 * One save may still be reading when another begins. So the same state gives the same tensors, and those of an older
 * state are freed only when there are two newer sets.
 */
import { dispose } from '../../program/dispose.js'
import type { NamedTensor } from './stateWeights.js'

interface Generation {
  /** The state that the weights belong to. */
  readonly of: unknown
  readonly weights: readonly NamedTensor[]
}

const disposeAll = (generations: readonly Generation[]): void =>
  dispose(generations.map(({ weights }) => weights.map(({ tensor }) => tensor)))

/** Weights that are lent for a while. */
export class LentWeights {
  #generations: readonly Generation[] = []

  /** The weights of a state: the same as before if it is the same, otherwise new. */
  of(subject: unknown, make: () => readonly NamedTensor[]): readonly NamedTensor[] {
    const last = this.#generations.at(-1)
    if (last !== undefined && last.of === subject && last.weights.every(({ tensor }) => !tensor.isDisposed))
      return last.weights
    const weights = make()
    const all = [...this.#generations, { of: subject, weights }]
    this.#generations = all.slice(-2)
    disposeAll(all.slice(0, -2))
    return weights
  }

  /** Frees all. */
  dispose(): void {
    disposeAll(this.#generations)
    this.#generations = []
  }
}

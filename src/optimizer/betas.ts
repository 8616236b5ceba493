/** A pair of decays, as the optimizers that estimate their learning rate take it. */
import { GradpipeError } from '../error.js'

/** The decays of the first and the second moment. */
export type Betas = readonly [beta1: number, beta2: number]

/** The pair, if it is one. Throws `InvalidArgument` otherwise. */
export const checkedBetas = (name: string, betas: Betas): Betas => {
  const given: unknown = betas
  if (Array.isArray(given) && given.length === 2 && given.every((beta) => typeof beta === 'number'))
    return betas
  const shown = JSON.stringify(given) ?? String(given)
  throw new GradpipeError('InvalidArgument', `${name}.betas`, 'two numbers', shown)
}

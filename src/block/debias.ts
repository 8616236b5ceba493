/** Bias correction: what a moment that started at zero lacks. */
import type { Scope, Wider } from '../rule/scope.js'
import { constant, mix, type Term } from '../rule/term.js'

/**
 * $m / (1 - d^t)$, as a product with the quotient's reciprocal, which the host computes: a multiplication costs a
 * tenth of a division, and a loop over memory has many.
 */
export const debias = <S extends Scope>(
  m: Term<S>,
  decay: Term<'host'>,
  t: Term<'host'>,
): Term<Wider<S, 'host'>> => m.mul(constant(1).div(constant(1).sub(decay.pow(t))))

/**
 * An average of gradients, debiased; with `nesterov`, one step ahead: the average that the same gradient would make of
 * it once more.
 */
export const debiasMean = (
  nesterov: boolean,
  mu: Term<'element'>,
  g: Term<'element'>,
  decay: Term<'host'>,
  t: Term<'host'>,
): Term<'element'> =>
  nesterov ? mix(decay, debias(mu, decay, t.add(1)), debias(g, decay, t)) : debias(mu, decay, t)

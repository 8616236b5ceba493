/** Bias correction: what a moment that started at zero lacks. */
import type { Scope, Wider } from '../rule/scope.js'
import { constant, type Term } from '../rule/term.js'

/** $m / (1 - d^t)$, the divisor computed on the host. */
export const debias = <S extends Scope>(
  m: Term<S>,
  decay: Term<'host'>,
  t: Term<'host'>,
): Term<Wider<S, 'host'>> => m.div(constant(1).sub(decay.pow(t)))

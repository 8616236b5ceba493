/** Mutants that no law catches, and why: they compute the same updates, or the difference has measure zero. */

/** Of which factories, which fault (the beginning of its name and a part of the term), and why it may live. */
export interface Survivor {
  readonly factories: readonly string[]
  readonly fault: RegExp
  readonly reason: string
}

/** The list. */
export const survivors: readonly Survivor[] = [
  {
    factories: ['scaleByRadam', 'radam'],
    fault: /^lt for le, in \(threshold le /,
    reason: 'ρₜ is never exactly the threshold: its values are those of a countable sequence',
  },
  {
    factories: ['scaleByLion'],
    fault: /^le for lt, in \(abs\(.*\) lt 1 \?/,
    reason: 'where |x| is 1, x is its sign: both branches are the same',
  },
  {
    factories: ['scaleByRprop', 'rprop'],
    fault: /^without sign, in sign\(prevUpdates\)$/,
    reason: 'only the sign of the agreement is read, and a step size does not underflow: the minimum is 1e-6',
  },
  {
    factories: ['scaleByRprop', 'rprop'],
    fault: /^le for lt, in \(0 lt \(sign\(g\)·sign\(prevUpdates\)\) \? etaPlus : etaMinus\)$/,
    reason: 'without agreement the factor is not used: the step size stays',
  },
  {
    factories: ['scaleByStddev', 'rmsprop'],
    fault: /^− for \+, in \(\(decay·mu\) \+ \(\(1 − decay\)·g\)\)$/,
    reason: 'the first moment with the other sign: only its square is read (goldens see it in the state)',
  },
  {
    factories: ['lamb', 'lars'],
    fault: /^twice minNorm$/,
    reason: 'minNorm is 0 in both, and twice 0 is 0',
  },
  {
    factories: ['lamb', 'lars'],
    fault: /^without the right of max, in \(sqrt\(/,
    reason: 'the bound is 0 in both, and a norm is not less',
  },
  {
    factories: ['lamb'],
    fault: /^without the left of ·, in \(trustCoefficient·/,
    reason: 'the trust coefficient is 1',
  },
  {
    factories: ['lamb'],
    fault: /^(− for \+|without the right of \+), in \(\(sqrt\(sum\(.* over leaf\)\) max minNorm\) \+ eps\)$/,
    reason: 'nothing is added to the norm: this ε is 0',
  },
  {
    factories: ['lamb', 'lars'],
    fault:
      /^always the second branch, in \(\(sqrt\(sum\(.*weightDecay·p\).*max minNorm\) eq 0 \? 1 : \(\(trustCoefficient/,
    reason:
      'with decay an update is zero only where the gradient cancels the parameter, or where both are zero, which the other branch takes',
  },
  {
    factories: ['scaleByAcprop', 'acprop'],
    fault: /^− the other way round, in \(g − mu\)$/,
    reason: 'only its square is read',
  },
  {
    factories: ['scaleByAcprop', 'acprop'],
    fault: /^without the right of max, in \(count max 1\)$/,
    reason: 'it keeps 1/0 out of a branch that is not taken',
  },
  {
    factories: ['scaleByAdopt', 'adopt', 'dog'],
    fault: /^twice count$/,
    reason: 'it is only compared with 0',
  },
  {
    factories: ['scaleByAdopt', 'adopt'],
    fault: /^nu starts 1 higher$/,
    reason: 'the first step puts the first square in its place, and makes no update',
  },
  { factories: ['sophia'], fault: /^twice since$/, reason: 'it is only compared with 0' },
  {
    factories: ['dowg'],
    fault: /^− the other way round, in \(initParams − p\)$/,
    reason: 'only its square is read',
  },
  {
    factories: ['prodigy'],
    fault: /^twice estimLr0$/,
    reason: 'both sums are divided by it, and their quotient is not (goldens see it in the state)',
  },
  {
    factories: ['prodigy'],
    fault: /^− for \+, in \(\(b3·gradSum\) \+ /,
    reason: 'the sum with the other sign: only its size is read (goldens see it in the state)',
  },
  {
    factories: ['dadaptAdamw'],
    fault: /(\+ for −|without the (left|right) of −), in \(1 − sqrt\(b2\)\)$/,
    reason: 'the factor of both sums: their quotient does not have it (goldens see it in the state)',
  },
  {
    factories: ['dadaptAdamw'],
    fault: /^without the left of ·, in \(\(1 − sqrt\(b2\)\)·/,
    reason: 'the same factor',
  },
  {
    factories: ['scaleByPolyak', 'polyakSgd', 'momo', 'momoAdam'],
    fault:
      /^lt for le, in \(sum\(.* le 2\.220446049250313e-16 \?|^lt for le, in \(\(sum\(.* le 2\.220446049250313e-16 \?/,
    reason: 'a sum of squares is never exactly the smallest that counts',
  },
  {
    factories: ['momo', 'momoAdam'],
    fault: /^le for lt, in \(.* lt \(.*lb\) \?/,
    reason: 'the model is never exactly at the bound',
  },
]

/** Why a mutant may live, if it may. */
export const reasonOf = (factory: string, mutant: string): string | null =>
  survivors.find(({ factories, fault }) => factories.includes(factory) && fault.test(mutant))?.reason ?? null

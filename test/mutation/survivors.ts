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
]

/** Why a mutant may live, if it may. */
export const reasonOf = (factory: string, mutant: string): string | null =>
  survivors.find(({ factories, fault }) => factories.includes(factory) && fault.test(mutant))?.reason ?? null

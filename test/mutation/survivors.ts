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
    factories: ['addDecayedWeights'],
    fault: /^\/ for ·, in \(g·p\)$/,
    reason: 'only the sign is read, and a parameter of 0 has nothing to decay',
  },
  {
    factories: ['mechanize'],
    fault: /^twice count$/,
    reason: 'the count is only asked whether it is 0',
  },
  {
    factories: ['mechanize'],
    fault: /^x0 starts 1 higher$/,
    reason: 'the first step puts its own parameters there',
  },
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
    factories: ['lamb', 'lars'],
    fault: /^twice minNorm$/,
    reason: 'minNorm is 0 in both, and twice 0 is 0',
  },
  {
    factories: ['lamb', 'lars'],
    fault: /^without the right of max, in \(norm\(/,
    reason: 'the bound is 0 in both, and a norm is not less',
  },
  {
    factories: ['lamb'],
    fault: /^without the left of ·, in \(trustCoefficient·/,
    reason: 'the trust coefficient is 1',
  },
  {
    factories: ['lamb'],
    fault: /^(− for \+|without the right of \+), in \(\(norm\(.* over leaf\) max minNorm\) \+ eps\)$/,
    reason: 'nothing is added to the norm: this ε is 0',
  },
  {
    factories: ['lamb', 'lars'],
    fault:
      /^always the second branch, in \(\(norm\(.*weightDecay·p\).*max minNorm\) eq 0 \? 1 : \(\(trustCoefficient/,
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
  {
    factories: ['adopt'],
    fault: /^always the second branch, in \(count eq 0 \? mu : .* min bound\)+$/,
    reason: 'in the first step the bound is 0, and so is what the mean gets',
  },
  {
    factories: ['sm3'],
    fault: /^without the left of ·, in \((gain·\(g·g\)|b2·(0|\(0 min 1\)))\)$/,
    reason: 'a sum has the factors 1 and 1',
  },
  {
    factories: ['sm3'],
    fault:
      /^(always the first branch|le for lt), in \(0 lt \(\(gain·\(g·g\)\) \+ \(b2·(0|\(0 min 1\))\)\) \?/,
    reason: 'it is for an ε of 0; this one is above 0, and where there was no gradient 0/√ε is 0',
  },
  {
    factories: ['sam'],
    fault: /^cache starts 1 higher$/,
    reason: 'the first step of a period puts its parameters there',
  },
  {
    factories: ['sam'],
    fault: /^without the left of \+, in \(\(p − p\) \+ /,
    reason: 'in a period of one step the way back is none',
  },
  {
    factories: ['scaleByDistanceOverGradients', 'dog'],
    fault: /^− the other way round, in \((p − initParams|initParams − p)\)$/,
    reason: 'only its square is read',
  },
  {
    factories: ['momo'],
    fault: /^(expAvg|barf|gamma) starts 1 higher$/,
    reason: 'in the first step β is 0: what the slot starts as is not read',
  },
  {
    factories: ['adaptiveGradClip'],
    fault: /^le for lt, in \(norm\(.*·clipping\) \?/,
    reason: 'where a norm is at the bound, their quotient is 1',
  },
  { factories: ['sophia'], fault: /^twice since$/, reason: 'it is only compared with 0' },
  {
    factories: ['dowg'],
    fault: /^− the other way round, in \(initParams − p\)$/,
    reason: 'only its square is read',
  },
  {
    factories: ['scaleByPolyak', 'polyakSgd', 'momo', 'momoAdam'],
    fault:
      /^lt for le, in \(sum\(.* le 2\.220446049250313e-16 \?|^lt for le, in \(\(sum\(.* le 2\.220446049250313e-16 \?/,
    reason: 'a sum of squares is never exactly the smallest that counts',
  },
  {
    factories: ['momoAdam'],
    fault: /^le for lt, in \(.* lt \(.*lb\) \?/,
    reason: 'the model is never exactly at the bound',
  },
  {
    factories: [
      'scaleByAdan',
      'adan',
      'scaleByOptimisticGradient',
      'optimisticGradientDescent',
      'optimisticAdam',
      'optimisticAdamV2',
    ],
    fault: /^previousGradient starts 1 higher$/,
    reason: 'the first step has no gradient before it: what the slot starts as is not read',
  },
  {
    factories: ['applyEvery'],
    fault: /^gradAcc starts 1 higher$/,
    reason: 'the first step begins a new sum: what the slot starts as is not read',
  },
  {
    factories: ['monitor'],
    fault: /^(norm|long|mean) starts 1 higher$/,
    reason: 'nothing is measured before the first step: NaN and 1 are NaN',
  },
  {
    factories: ['scaleByBelief', 'adabelief'],
    fault: /^− the other way round, in \(g − \(\(b1·mu\) \+ \(\(1 − b1\)·g\)\)\)$/,
    reason: 'only the square of the surprise is read',
  },
  {
    factories: ['yogi'],
    fault: /^\/ for ·, in \(\(1 − b2\)·sign\(\(nu − \(g·g\)\)\)\)$/,
    reason: 'a sign is 1 or −1, and 0 only where g² is exactly ν',
  },
  {
    factories: ['yogi'],
    fault:
      /^(twice epsRoot|(− for \+|without the right of \+), in .* \+ epsRoot\)|epsRoot out of the root, in .*)$/,
    reason: 'nothing is added under the root: this ε̄ is 0',
  },
  {
    factories: ['fromage'],
    fault: /^without the left of ·, in \(trustCoefficient·/,
    reason: 'the trust coefficient is 1',
  },
  {
    factories: ['fromage'],
    fault: /^(twice eps|(− for \+|without the right of \+), in \(\(norm\(.*\) max minNorm\) \+ eps\))$/,
    reason: 'nothing is added to the norm: this ε is 0',
  },
  {
    factories: ['applyEvery'],
    fault: /^twice (sinceLast|untilNext)$/,
    reason: 'it is only asked whether it is 0',
  },
  {
    factories: ['keepParamsNonnegative'],
    fault: /^le for lt, in \(\(p \+ g\) lt 0 \? −p : g\)$/,
    reason: 'where p + g is 0, g is −p: both branches are the same',
  },
  {
    factories: ['monitor'],
    fault: /^le for lt, in \(4 lt /,
    reason: 'a norm of exactly 4 is hardly ever drawn',
  },
  {
    factories: ['scaleByAdamMini'],
    fault: /, in \((\(g·g\) \+ 0|1 \+ 0|\(\(g·g\) \+ 0\)\/\(1 \+ 0\))\)$/,
    reason: 'the mean of a block of one element: nothing is added, and it is divided by 1',
  },
  {
    factories: ['scaleBySm3', 'sm3'],
    fault: /^1 starts 1 higher$/,
    reason:
      'the lesser bound is read, and the other one starts at 0; after a step both are made of what was read',
  },
  {
    factories: ['scaleByFactoredRms', 'adafactor'],
    fault: /^− for \+, in \(\(decay·vRow\) \+ /,
    reason: 'a row’s mean is divided by the mean of all rows: a sign cancels',
  },
  {
    factories: ['scaleByCame', 'came'],
    fault: /^− the other way round, in \(.* max 1\)\)+$/,
    reason: 'only the square of the instability is read',
  },
  {
    factories: ['adamuon'],
    fault:
      /^(\/ for ·|without the right of ·), in \(\(\(beta·mu\) \+ \(\(1 − beta\)·g\)\)·\(1\/\(1 − \(beta\^t\)\)\)\)$/,
    reason: 'without Nesterov momentum only the signs of the momentum are read',
  },
]

/** Why a mutant may live, if it may. */
export const reasonOf = (factory: string, mutant: string): string | null =>
  survivors.find(({ factories, fault }) => factories.includes(factory) && fault.test(mutant))?.reason ?? null

/** The rules that are measured, with the numbers that all peers use. */

/** A rule's name. */
export type RuleName = 'sgd' | 'momentum' | 'adam' | 'adamw' | 'clip + adamw' | 'lamb'

/**
 * The rules, each with the bytes of memory traffic that it cannot do without, per parameter: the gradient is
 * read, the parameter and every slot are read and written; a norm before the update reads what it is taken of.
 */
export const rules: Readonly<Record<RuleName, { readonly bytes: number }>> = {
  sgd: { bytes: 12 },
  momentum: { bytes: 20 },
  adam: { bytes: 28 },
  adamw: { bytes: 28 },
  'clip + adamw': { bytes: 32 },
  lamb: { bytes: 44 },
}

/** The names of the rules, in the order of the tables. */
export const ruleNames: readonly RuleName[] = ['sgd', 'momentum', 'adam', 'adamw', 'clip + adamw', 'lamb']

/** What is measured where nothing is asked for: the usual rule, and one with a reduction. */
export const usualRules: readonly RuleName[] = ['adam', 'clip + adamw']

/** Hyperparameters, the same for all peers. */
export const hyper = {
  learningRate: 1e-3,
  momentum: 0.9,
  b1: 0.9,
  b2: 0.999,
  eps: 1e-8,
  weightDecay: 1e-2,
  maxNorm: 1,
} as const

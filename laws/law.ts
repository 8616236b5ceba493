/**
 * Law: a statement about a transformation, a schedule or an instance, as a value.
 *
 * A law draws its cases and judges them; it knows no test runner. `runLaws` returns the results, `checkLaws` throws
 * if a law does not hold.
 */
import { type Arbitrary, check, property, stringify } from 'fast-check'
import type { GradientTransformation } from '../src/index.js'
import type { Kind } from './kind.js'
import { tidily } from './tensor.js'
import type { Violation } from './violation.js'

// model

/**
 * A law about subjects of type `Subject`.
 *
 * @category Laws
 */
export interface Law<Subject, Case = unknown> {
  /** A short name, unique among the laws. */
  readonly name: string
  /** What holds, in words and formulas. */
  readonly statement: string
  /** When it holds, and how exactly in floating point. */
  readonly conditions: string
  /** The kinds of leaves for which it is claimed. */
  readonly kinds: readonly Kind[]
  /** The cases on which the law is tried. */
  arbitrary(kind: Kind): Arbitrary<Case>
  /** `null` if the law holds for the subject in this case, otherwise what is wrong. */
  predicate(subject: Subject, given: Case, kind: Kind): Violation | null
}

/**
 * The subject of most laws.
 *
 * @category Laws
 */
export type Tx = GradientTransformation

/**
 * A law about gradient transformations.
 *
 * @category Laws
 */
export type TxLaw = Law<Tx>

/**
 * How many cases to try, and which.
 *
 * @category Laws
 */
export interface RunOptions {
  /** Kinds of leaves. All but tensors by default; tensors need a backend that the caller has set. */
  readonly kinds?: readonly Kind[]
  /** The number of cases per law and kind. Default 100. */
  readonly runs?: number
  /** The seed of the cases. By default a new one each time; a failure prints it. */
  readonly seed?: number
}

/**
 * The result of one law on one kind of leaves.
 *
 * @category Laws
 */
export type LawResult = LawHolds | LawFails

/**
 * No counterexample was found.
 *
 * @category Laws
 */
export interface LawHolds {
  /** Tells the two apart. */
  readonly _tag: 'Holds'
  /** The law's name. */
  readonly law: string
  /** The kind of leaves. */
  readonly kind: Kind
  /** How many cases were tried. */
  readonly runs: number
}

/**
 * A counterexample was found, and made as small as possible.
 *
 * @category Laws
 */
export interface LawFails {
  /** Tells the two apart. */
  readonly _tag: 'Fails'
  /** The law's name. */
  readonly law: string
  /** What it says. */
  readonly statement: string
  /** The kind of leaves. */
  readonly kind: Kind
  /** The seed that draws the counterexample again. */
  readonly seed: number
  /** The counterexample, printed. */
  readonly counterexample: string
  /** What is wrong with it; if something was thrown, its message. */
  readonly violation: Violation | string
}

/** Carries a violation out of fast-check. */
class Violated extends Error {
  constructor(readonly violation: Violation) {
    super('violated')
  }
}

const messageOf = (error: unknown): Violation | string =>
  error instanceof Violated ? error.violation : error instanceof Error ? error.message : String(error)

// running

const runLaw = <S>(
  subject: S,
  law: Law<S>,
  kind: Kind,
  runs: number,
  seed: number | undefined,
): LawResult => {
  const judged = property(law.arbitrary(kind), (given) => {
    const violation = tidily(() => law.predicate(subject, given, kind))
    if (violation !== null) throw new Violated(violation)
  })
  const details = check(judged, { numRuns: runs, ...(seed === undefined ? {} : { seed }) })
  const { name, statement } = law
  if (!details.failed) return { _tag: 'Holds', law: name, kind, runs: details.numRuns }
  const counterexample =
    details.counterexample === null
      ? `none: ${details.numSkips} cases were skipped`
      : stringify(details.counterexample[0])
  const violation = messageOf(details.errorInstance)
  return { _tag: 'Fails', law: name, statement, kind, seed: details.seed, counterexample, violation }
}

/**
 * Tries laws on a subject, and returns a result for each law and kind of leaves.
 *
 * @category Laws
 * @example
 * ```ts
 * import { adam, lars } from 'gradpipe'
 * import { concatenation, runLaws } from 'gradpipe/laws'
 *
 * // Adam works element by element, LARS by the norms of whole leaves
 * const [ofAdam] = runLaws(adam(0.1), [concatenation], { kinds: ['float32'], runs: 20 })
 * assert.equal(ofAdam?._tag, 'Holds')
 * const [ofLars] = runLaws(lars(0.1), [concatenation], { kinds: ['float32'] })
 * assert.equal(ofLars?._tag, 'Fails')
 * ```
 */
export const runLaws = <S>(
  subject: S,
  laws: readonly Law<S>[],
  { kinds = ['number', 'float64', 'float32', 'ndarray'], runs = 100, seed }: RunOptions = {},
): readonly LawResult[] =>
  laws.flatMap((law) =>
    law.kinds.filter((kind) => kinds.includes(kind)).map((kind) => runLaw(subject, law, kind, runs, seed)),
  )

/**
 * Describes a failure: the law, the seed, the counterexample, and the distance in ulps.
 *
 * @category Laws
 * @example
 * ```ts
 * import { lars } from 'gradpipe'
 * import { concatenation, runLaws, showFailure } from 'gradpipe/laws'
 *
 * const [result] = runLaws(lars(0.1), [concatenation], { kinds: ['float64'] })
 * assert.ok(result?._tag === 'Fails')
 * assert.match(showFailure(result), /concatenation \(float64\) does not hold/)
 * ```
 */
export const showFailure = ({ law, statement, kind, seed, counterexample, violation }: LawFails): string => {
  const told =
    typeof violation === 'string'
      ? [`thrown: ${violation}`]
      : [
          `${violation.where}: expected ${violation.expected}, given ${violation.given}`,
          ...(violation.ulps === null ? [] : [`distance: ${violation.ulps} ulps of ${violation.precision}`]),
        ]
  return [
    `${law} (${kind}) does not hold: ${statement}`,
    ...told,
    `counterexample: ${counterexample}`,
    `seed: ${seed}`,
  ].join('\n  ')
}

/**
 * Tries laws on a subject, and throws an `Error` that describes every law that does not hold.
 *
 * @category Laws
 * @example
 * ```ts
 * import { fromRule } from 'gradpipe'
 * import { checkLaws, permutationEquivariance, updateIsPure } from 'gradpipe/laws'
 *
 * const signSgd = fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.sign().neg() }) })
 * checkLaws(signSgd, [permutationEquivariance, updateIsPure], { runs: 20 })
 * ```
 */
export const checkLaws = <S>(subject: S, laws: readonly Law<S>[], given?: RunOptions): void => {
  const failures = runLaws(subject, laws, given).filter((result) => result._tag === 'Fails')
  if (failures.length > 0) throw new Error(failures.map(showFailure).join('\n\n'))
}

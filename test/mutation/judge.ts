/** Judges mutants: which are caught by the laws of the catalogue, which by golden values alone, which by neither. */
import { check, property } from 'fast-check'
import { type CatalogueRow, catalogue, type Tx, type TxLaw } from '../../laws/index.js'
import * as gradpipe from '../../src/index.js'
import { identityRule, type Rule } from '../../src/rule/rule.js'
import { namesOf, ourName } from '../golden/catalogue.js'
import { lacksAxes } from '../golden/coverage.js'
import {
  type GoldenCase,
  type GoldenFile,
  type GoldenInputs,
  readGoldens,
  shaped,
  worstOf,
} from '../golden/golden.js'
import { follow } from '../golden/trajectory.js'
import { lookaheadRows } from './lookahead.js'
import { isUntouched, type Mutant, mutantsOf, mutated, rulesOf } from './mutate.js'

/** Who caught a mutant. */
export interface Verdict {
  /** Its name. */
  readonly mutant: string
  /** The law that failed, if one did. */
  readonly law: string | null
  /** The golden case that failed, if one did; not asked for where the goldens were not run. */
  readonly golden: string | null
}

/** What became of a factory's mutants. */
export interface Judged {
  readonly name: string
  readonly verdicts: readonly Verdict[]
  /** How long it took. */
  readonly seconds: number
}

/** Cases of each law. */
export const runs = 20

/** Where they start. */
export const seed = 7

/** Wrappers, whose rules are their members'. */
const wrappers: readonly string[] = [
  'chain',
  'andThen',
  'namedChain',
  'masked',
  'freeze',
  'partition',
  'selectiveTransform',
  'conditionallyTransform',
  'conditionallyMask',
  'maybeUpdate',
  'injectHyperparams',
  'injectStatefulHyperparams',
]

/** A row of the catalogue, and the rules of all its steps. */
interface Ruled {
  readonly row: CatalogueRow
  readonly rules: readonly Rule[]
}

const judgeable: readonly Ruled[] = [...catalogue, ...lookaheadRows]
  .filter(({ name }) => !wrappers.includes(name))
  .map((row) => ({ row, rules: rulesOf(row.make()) }))
  .filter(({ rules }) => rules.some((rule) => rule !== identityRule) || rules.length === 1)

const rowsOf = (name: string): readonly Ruled[] => judgeable.filter(({ row }) => row.name === name)

/** Factories whose rules can have faults. */
export const factories: readonly string[] = [...new Set(judgeable.map(({ row }) => row.name))]

const made = new Map<string, readonly Mutant[]>()

/** All mutants of a factory, over all its configurations in the catalogue. */
export const mutantsOfFactory = (name: string): readonly Mutant[] => {
  const mutants = made.get(name) ?? mutantsOf(rowsOf(name).flatMap(({ rules }) => rules))
  made.set(name, mutants)
  return mutants
}

// laws

/** How many cases a judge begins with: most faults need no more. */
const few = 3

/** A law that a mutant may break. */
interface Trial {
  readonly ruled: Ruled
  readonly law: TxLaw
  /** How many mutants have broken it. */
  readonly caught: { count: number }
}

const fails = ({ arbitrary, predicate, kinds }: TxLaw, tx: Tx, numRuns: number): boolean => {
  const kind = (['float64', 'ndarray', 'float32'] as const).find((each) => kinds.includes(each))
  if (kind === undefined) return false
  const holds = property(arbitrary(kind), (given) => predicate(tx, given, kind) === null)
  // whether there is a counterexample is all that is asked: no smaller one is looked for
  return check(holds, { numRuns, seed, endOnFailure: true }).failed
}

/**
 * Says of a factory's mutants which law they break, in any configuration that they touch; those that many have broken
 * are tried first. Without a fault none may be broken. Each law is tried on so many cases, first on few.
 */
export const lawsOn = (
  name: string,
  cases: readonly number[] = [few, runs],
): ((mutant: Mutant | null) => string | null) => {
  const trials = rowsOf(name).flatMap((ruled) =>
    ruled.row.laws.map((law): Trial => ({ ruled, law, caught: { count: 0 } })),
  )
  return (mutant) => {
    const faulty = new Map<Ruled, Tx>(
      rowsOf(name)
        .filter(({ rules }) => mutant === null || !rules.every((rule) => isUntouched(mutant, rule)))
        .map((ruled) => [ruled, mutated(ruled.row.make(), mutant)]),
    )
    const inOrder = trials
      .filter(({ ruled }) => faulty.has(ruled))
      .sort((a, b) => b.caught.count - a.caught.count)
    for (const numRuns of cases)
      for (const { ruled, law, caught } of inOrder) {
        const tx = faulty.get(ruled)
        if (tx === undefined || !fails(law, tx, numRuns)) continue
        caught.count += 1
        return `${law.name} of ${ruled.row.call}`
      }
    return null
  }
}

// goldens

interface Case {
  readonly golden: GoldenCase
  readonly inputs: GoldenInputs
}

const library: Readonly<Record<string, unknown>> = gradpipe

/** The cases that arrays can run. */
const cases: readonly Case[] = ['optax_transforms', 'optax_optimizers', 'optax_wrappers'].flatMap((file) => {
  const { cases, inputs } = readGoldens<GoldenFile>(file)
  return cases.flatMap((golden) => {
    const given = inputs[golden.inputs]
    const has = namesOf(golden).every((each) => typeof library[ourName(each)] === 'function')
    return has && given !== undefined && !lacksAxes(golden, given, shaped) ? [{ golden, inputs: given }] : []
  })
})

/** The first golden case that a mutant fails; without a fault there may be none. */
export const failedGolden = (name: string, mutant: Mutant | null): string | null => {
  const factory = library[name]
  if (typeof factory !== 'function') return null
  const make = (...args: readonly unknown[]): unknown => mutated(factory(...args), mutant)
  const faulty = { ...library, [name]: make }
  for (const { golden, inputs } of cases.filter((each) => ourName(each.golden.name) === name)) {
    const title = `${golden.name}(${JSON.stringify(golden.config)}) on ${golden.inputs}`
    try {
      if ((worstOf(follow(faulty, golden, inputs, shaped))?.ratio ?? 0) > 1) return title
    } catch {
      return title
    }
  }
  return null
}

/** Judges all mutants of a factory by the laws, and by the goldens too. */
export const judge = (name: string): Judged => {
  const [start, lawOf] = [performance.now(), lawsOn(name)]
  const verdicts = mutantsOfFactory(name).map((mutant) => ({
    mutant: mutant.name,
    law: lawOf(mutant),
    golden: failedGolden(name, mutant),
  }))
  return { name, verdicts, seconds: (performance.now() - start) / 1000 }
}

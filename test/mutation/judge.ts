/** Judges mutants: which are caught by the laws of the catalogue, which by golden values alone, which by neither. */
import { check, property } from 'fast-check'
import { type CatalogueRow, catalogue, type Kind, type Tx, type TxLaw } from '../../laws/index.js'
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
import { isUntouched, type Mutant, mutantsOf } from './mutate.js'
import { mutated, type Rules, rulesOf } from './rules.js'

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
interface Ruled extends Rules {
  readonly row: CatalogueRow
}

const judgeable: readonly Ruled[] = [...catalogue, ...lookaheadRows]
  .filter(({ name }) => !wrappers.includes(name))
  .map((row) => ({ row, ...rulesOf(row.make(), row.kinds.includes('ndarray')) }))
  .filter(
    ({ flat, ofAxes }) => [...flat, ...ofAxes].some((rule) => rule !== identityRule) || flat.length === 1,
  )

const rowsOf = (name: string): readonly Ruled[] => judgeable.filter(({ row }) => row.name === name)

/** Factories whose rules can have faults. */
export const factories: readonly string[] = [...new Set(judgeable.map(({ row }) => row.name))]

const touches = (mutant: Mutant, rules: readonly Rule[]): boolean =>
  !rules.every((rule) => isUntouched(mutant, rule))

const made = new Map<string, readonly Mutant[]>()

/** All mutants of a factory, over all its configurations in the catalogue: first those that flat leaves show. */
export const mutantsOfFactory = (name: string): readonly Mutant[] => {
  const known = made.get(name)
  if (known !== undefined) return known
  const rows = rowsOf(name)
  const flat = mutantsOf(rows.flatMap((row) => row.flat))
  const ofAxes = rows.flatMap((row) => row.ofAxes)
  const byName = new Map(flat.map((mutant) => [mutant.name, mutant]))
  const more = mutantsOf(ofAxes).flatMap((mutant): readonly Mutant[] => {
    const same = byName.get(mutant.name)
    if (same === undefined) return [mutant]
    // of a part that is printed alike, but is another: the optimizer of matrices and that of all else both have an ε
    return touches(same, ofAxes) ? [] : [{ ...mutant, name: `${mutant.name}, of matrices` }]
  })
  const all = [...flat, ...more]
  made.set(name, all)
  return all
}

// laws

/** How many cases a judge begins with: most faults need no more. */
const few = 3

/** A law that a mutant may break, on leaves of a kind. */
interface Trial {
  readonly ruled: Ruled
  readonly law: TxLaw
  readonly kind: Kind
  /** Whether its leaves are flat. */
  readonly isFlat: boolean
  /** How many mutants have broken it. */
  readonly caught: { count: number }
}

/** A law on arrays: on flat ones if it has such, and on those with axes if rules tell them apart. */
const trialsOf = (ruled: Ruled, law: TxLaw): readonly Trial[] => {
  const has = (kind: Kind): boolean => law.kinds.includes(kind)
  const first = (['float64', 'ndarray', 'float32'] as const).filter(has).slice(0, 1)
  const kinds: readonly Kind[] =
    ruled.ofAxes.length > 0 && has('ndarray') ? [...new Set<Kind>([...first, 'ndarray'])] : first
  return kinds.map((kind) => ({ ruled, law, kind, isFlat: kind !== 'ndarray', caught: { count: 0 } }))
}

const fails = ({ law: { arbitrary, predicate }, kind }: Trial, tx: Tx, numRuns: number): boolean => {
  const holds = property(arbitrary(kind), (given) => predicate(tx, given, kind) === null)
  // whether there is a counterexample is all that is asked: no smaller one is looked for
  return check(holds, { numRuns, seed, endOnFailure: true }).failed
}

/** A configuration with a fault, and where it has it. */
interface Faulty {
  readonly tx: Tx
  readonly inFlat: boolean
  readonly inAxes: boolean
}

/**
 * Says of a factory's mutants which law they break, in any configuration that they touch; those that many have broken
 * are tried first. Without a fault none may be broken. Each law is tried on so many cases, first on few.
 */
export const lawsOn = (
  name: string,
  cases: readonly number[] = [few, runs],
): ((mutant: Mutant | null) => string | null) => {
  const trials = rowsOf(name).flatMap((ruled) => ruled.row.laws.flatMap((law) => trialsOf(ruled, law)))
  return (mutant) => {
    const faulty = new Map<Ruled, Faulty>(
      rowsOf(name).map((ruled) => [
        ruled,
        {
          tx: mutated(ruled.row.make(), mutant),
          inFlat: mutant === null || touches(mutant, ruled.flat),
          inAxes: mutant === null || touches(mutant, ruled.ofAxes),
        },
      ]),
    )
    const shows = ({ ruled, isFlat }: Trial): boolean => {
      const where = faulty.get(ruled)
      // trees of leaves with axes have flat ones too
      return where !== undefined && (where.inFlat || (where.inAxes && !isFlat))
    }
    const inOrder = trials.filter(shows).sort((a, b) => b.caught.count - a.caught.count)
    for (const numRuns of cases)
      for (const trial of inOrder) {
        const { tx } = faulty.get(trial.ruled) ?? {}
        if (tx === undefined || !fails(trial, tx, numRuns)) continue
        trial.caught.count += 1
        return `${trial.law.name} of ${trial.ruled.row.call}`
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

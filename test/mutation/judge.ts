/** Judges mutants: which are caught by the laws of the catalogue, which by golden values alone, which by neither. */
import { type CatalogueRow, catalogue, runLaws } from '../../laws/index.js'
import * as gradpipe from '../../src/index.js'
import type { Rule } from '../../src/rule/rule.js'
import { namesIn, ourName } from '../golden/catalogue.js'
import {
  float64,
  type GoldenCase,
  type GoldenFile,
  type GoldenInputs,
  readGoldens,
  worstOf,
} from '../golden/golden.js'
import { follow } from '../golden/trajectory.js'
import { isUntouched, type Mutant, mutantsOf, mutated, ruleOf } from './mutate.js'

/** Who caught a mutant. */
export interface Verdict {
  readonly mutant: Mutant
  /** The law that failed, if one did. */
  readonly law: string | null
  /** The golden case that failed, if one did; not asked for where the goldens were not run. */
  readonly golden: string | null
}

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
  'sam',
]

/** Factories whose rules can have faults. */
export const factories: readonly string[] = [...new Set(catalogue.map(({ name }) => name))].filter(
  (name) => !wrappers.includes(name) && rowsOf(name).some(({ make }) => ruleOf(make()) !== undefined),
)

function rowsOf(name: string): readonly CatalogueRow[] {
  return catalogue.filter((row) => row.name === name)
}

/** All mutants of a factory, over all its configurations in the catalogue. */
export const mutantsOfFactory = (name: string): readonly Mutant[] =>
  mutantsOf(
    rowsOf(name).flatMap(({ make }): readonly Rule[] => {
      const rule = ruleOf(make())
      return rule === undefined ? [] : [rule]
    }),
  )

// laws

/** The first law that a mutant breaks in any configuration that it touches. */
export const brokenLaw = (name: string, mutant: Mutant, runs: number, seed: number): string | null => {
  for (const row of rowsOf(name)) {
    const rule = ruleOf(row.make())
    if (rule === undefined || isUntouched(mutant, rule)) continue
    const tx = mutated(row.make(), mutant)
    for (const law of row.laws) {
      const kinds = law.kinds.includes('float64') ? (['float64'] as const) : (['float32'] as const)
      const [result] = runLaws(tx, [law], { kinds, runs, seed })
      if (result?._tag === 'Fails') return `${law.name} of ${row.call}`
    }
  }
  return null
}

// goldens

interface Case {
  readonly golden: GoldenCase
  readonly inputs: GoldenInputs
}

const cases: readonly Case[] = ['optax_transforms', 'optax_optimizers'].flatMap((file) => {
  const { cases, inputs } = readGoldens<GoldenFile>(file)
  return cases.flatMap((golden) => {
    const given = inputs[golden.inputs]
    return given === undefined ? [] : [{ golden, inputs: given }]
  })
})

const library: Readonly<Record<string, unknown>> = gradpipe

const callsOnly = (name: string, golden: GoldenCase): boolean => {
  const names = namesIn({ name: golden.name, config: golden.config, args: golden.args ?? null })
  return ourName(golden.name) === name && names.every((each) => typeof library[ourName(each)] === 'function')
}

/** The first golden case that a mutant fails; without one, that the transformation itself fails. */
export const failedGolden = (name: string, mutant: Mutant | null): string | null => {
  const factory = library[name]
  if (typeof factory !== 'function') return null
  const make = (...args: readonly unknown[]): unknown =>
    mutant === null ? factory(...args) : mutated(factory(...args), mutant)
  const faulty = { ...library, [name]: make }
  for (const { golden, inputs } of cases.filter((each) => callsOnly(name, each.golden))) {
    const title = `${golden.name}(${JSON.stringify(golden.config)}) on ${golden.inputs}`
    try {
      if ((worstOf(follow(faulty, golden, inputs, float64))?.ratio ?? 0) > 1) return title
    } catch {
      return title
    }
  }
  return null
}

/** Judges a mutant by the laws, and by the goldens too. */
export const judge = (name: string, mutant: Mutant, runs: number, seed: number): Verdict => ({
  mutant,
  law: brokenLaw(name, mutant, runs, seed),
  golden: failedGolden(name, mutant),
})

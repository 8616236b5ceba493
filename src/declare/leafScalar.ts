/** A leaf's scalars: numbers that the host knows of it, by functions that a rule is declared with. */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import { LeafScalar, type OfLeaf } from '../rule/expr.js'
import { rememberNamed } from '../rule/intern.js'
import { Term } from '../rule/term.js'
import { showPath } from '../tree/path.js'
import { seen } from './labelling.js'
import type { LeafScalars } from './ruleSpec.js'

/** A function of a leaf as users see it, which throws `InvalidArgument`, under its name, for what is no finite number. */
const checked = rememberNamed(
  (of: OfLeaf, name): OfLeaf =>
    (leaf) => {
      const value: unknown = of(seen(leaf))
      if (typeof value === 'number' && Number.isFinite(value)) return value
      throw new GradpipeError(
        'InvalidArgument',
        showPath([name, ...leaf.path]),
        'a finite number',
        shown(value),
      )
    },
)

/** Terms for a leaf's scalars. */
export type LeafTerms = Readonly<Record<string, Term<'leaf'>>>

/** The terms for what a rule declares of leaves. */
export const leafTerms = (given: LeafScalars<string>): LeafTerms =>
  Object.fromEntries(
    Object.entries(given).map(([name, of]) => [name, new Term(LeafScalar(name, checked(of, name)), 'leaf')]),
  )

/** Prints a transformation for an engine, once it is known that it can travel. */
import { GradpipeError } from '../error.js'
import { options as readOptions } from '../options.js'
import { checkRanges, steps as positiveSteps, transformation } from '../range.js'
import { isMatrixTerm } from '../rule/expr.js'
import { subterms } from '../rule/fold.js'
import { isTrainable, type Leaf, type LeafSpec, leafSpec, type Params } from '../rule/leaf.js'
import { wideStack } from '../rule/matrices.js'
import { exprsOf, updateOutputs } from '../rule/rule.js'
import type { AnyTransformation } from '../transform/transformation.js'
import { leaves } from '../tree/tree.js'
import { type Asked, ask } from './ask.js'
import { descriptionText } from './described.js'
import { madeBy } from './made.js'
import { keeping } from './state.js'

/** Options of whatever prints. */
export interface PrintOptions {
  readonly steps?: number
}

/** What a module says of the transformation that it was printed of. */
export interface About {
  /** The part of its docstring on calls and papers. */
  readonly made: readonly string[]
  /** The constant that tells checkpoints what they belong to. */
  readonly description: string
}

/** Where in a transformation one is that is no rule, and cannot travel. */
const ordinaryIn = (tx: AnyTransformation, path: string): string | undefined => {
  if (tx.ruled !== undefined) return undefined
  const inner = (tx.members ?? []).map((member, i) => ordinaryIn(member, `${path}.${i}`))
  return inner.find((found) => found !== undefined) ?? path
}

/** A transformation that is made of rules. Throws `InvalidArgument` for another one, with its place. */
const ruledOf = (name: string, tx: AnyTransformation): NonNullable<AnyTransformation['ruled']> => {
  if (tx.ruled !== undefined) return tx.ruled
  throw new GradpipeError(
    'InvalidArgument',
    ordinaryIn(tx, `${name}.tx`) ?? name,
    'a transformation made of rules',
    'an ordinary one, which is code and no data',
  )
}

/** A transformation as a module for leaves like these; `name` is the function that prints it, in errors. */
export const print = (
  name: string,
  module: (asked: Asked, specs: readonly LeafSpec[], about: About) => string,
  tx: AnyTransformation,
  params: Params,
  given: PrintOptions | undefined,
): string => {
  checkRanges(name, { tx }, { tx: transformation })
  const { steps } = readOptions(name, { steps: undefined }, given)
  if (steps !== undefined) checkRanges(name, { steps }, { steps: positiveSteps })
  const asked = ask(name, ruledOf(name, tx), steps)
  asked.start.fits?.(params)
  const specs = leaves<Leaf>(params)
    .map(([path, leaf]) => leafSpec(path, leaf))
    .filter(isTrainable)
  const rules = specs.flatMap((spec) =>
    [asked.start, ...asked.kinds.map(({ program }) => program)].map(
      (program) => [spec, program.rule(spec)] as const,
    ),
  )
  // throws for a leaf that has no matrices
  for (const [spec, rule] of rules)
    for (const node of subterms(exprsOf(updateOutputs(rule))))
      if (isMatrixTerm(node)) wideStack(spec, node.view)
  const kept = new Set(rules.flatMap(([, { slots }]) => Object.keys(slots)))
  return module({ ...asked, skeleton: keeping(asked.skeleton, kept) }, specs, {
    made: madeBy(tx),
    description: descriptionText(tx, params),
  })
}

/** A transformation as a module for PyTorch. */
import { numpy, torchTensors } from '../compile/python/library.js'
import { floatText, stringText } from '../compile/python/text.js'
import { type Expr, isMatrixTerm } from '../rule/expr.js'
import { subterms } from '../rule/fold.js'
import type { LeafSpec } from '../rule/leaf.js'
import { exprsOf, type Rule, startOutputs, updateOutputs } from '../rule/rule.js'
import { isAxes } from '../rule/scope.js'
import type { Asked } from './ask.js'
import { pathText, record } from './layout.js'
import {
  axesText,
  type Dialect,
  kindsText,
  leafText,
  moduleText,
  numbersText,
  rulesText,
  stepsOf,
  totalsText,
  whichText,
} from './module.js'
import { keysOf, tablesText } from './numbers.js'
import type { About } from './print.js'
import { placesIn } from './state.js'
import { torchAxes, torchFactors } from './torchAxes.js'
import { torchOptimizer, torchRead } from './torchOptimizer.js'
import { torchHead, torchImports, torchNumbers, torchSteps } from './torchRuntime.js'

const torch: Dialect = {
  rules: torchTensors,
  numbers: numpy,
  total: (kind) => `_${kind}`,
  axes: torchAxes,
  factors: torchFactors,
}

/** What else stands in a group of parameters, where the state's own numbers are kept. */
const inGroup = ['params', 'param_names']

/** Whether a term has a value of a leaf, or of its matrices, that no shard of it can tell alone. */
const isOfWhole = (exprs: readonly Expr[]): boolean =>
  subterms(exprs).some(
    (node) =>
      isMatrixTerm(node) ||
      isAxes(node.scope) ||
      (node._tag === 'Reduce' && (node.over !== 'tree' || node.arg.scope !== 'element')),
  )

const termsOf = (rule: Rule): readonly Expr[] => [startOutputs(rule), updateOutputs(rule)].flatMap(exprsOf)

/** Whether a rule keeps a value for each index of some of a leaf's axes. */
const keepsAxes = ({ slots }: Rule): boolean => Object.values(slots).some(({ scope }) => isAxes(scope))

/** The text of the module, for these leaves. */
export const torchModule = (
  asked: Asked,
  specs: readonly LeafSpec[],
  { made, description }: About,
): string => {
  const { start, skeleton, kept } = asked
  const keys = keysOf(asked, inGroup)
  const places = placesIn(skeleton)
  const scopes = new Map(start.slots.map(({ name, scope }) => [name, scope]))
  const firsts = new Map(
    kept.map(({ place, first, whole }) => [place, whole ? String(first) : floatText(first)]),
  )
  const steps = stepsOf(asked, specs, keys, torch)
  const whole = (rules: readonly Rule[]): readonly string[] =>
    rules.some((rule) => isOfWhole(termsOf(rule)) || keepsAxes(rule)) ? ['whole=True'] : []
  return moduleText('An optimizer for PyTorch, printed by gradpipe: `Optimizer`.', made, torchImports, [
    torchHead,
    ...axesText(steps, torch),
    '# The rules: what happens to one leaf. `slots` is what is kept of it.\n',
    ...rulesText(steps),
    leafText(specs, steps, whole),
    '# The numbers of a step.\n',
    torchNumbers,
    tablesText(asked, keys),
    ...numbersText(steps, keys, torch),
    whichText(asked, keys),
    `START_TOTALS = ${totalsText(steps.first, '', torch)}\n${kindsText(steps, torch)}`,
    '# Slots and numbers, and where they stand in the state that gradpipe has.\n',
    `SLOTS = ${record(
      places.slots.map(([place, path, after]) => {
        const own = [stringText(scopes.get(place) ?? 'element'), pathText(path)]
        const below = after === undefined ? [] : [`after=${pathText([after])}`]
        return [keys.slots.get(place) ?? place, `_Slot(${[...own, ...below].join(', ')})`]
      }),
      '',
      80,
    )}\nKEPT = ${record(
      places.kept.map(([place, path]) => [
        keys.kept.get(place) ?? place,
        `_Number(${firsts.get(place) ?? 0}, ${pathText(path)})`,
      ]),
      '',
      81,
    )}\n`,
    '# Steps.\n',
    torchSteps,
    `# Files, and what they say that they belong to.\n\n${description}`,
    torchRead,
    '# The optimizer.\n',
    torchOptimizer,
  ])
}

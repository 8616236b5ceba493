/** What the modules for all engines are made of: functions of the rules, and the tables that say which is for what. */
import { latexOfRule } from '../compile/latex.js'
import type { LeafLibrary, Library } from '../compile/python/library.js'
import { Names } from '../compile/python/names.js'
import { floatText, stringText } from '../compile/python/text.js'
import type { Program } from '../program/program.js'
import type { Reduce, ReduceKind } from '../rule/expr.js'
import type { LeafSpec } from '../rule/leaf.js'
import { plan } from '../rule/plan.js'
import { type Outputs, type Rule, startOutputs, UPDATE, updateOutputs } from '../rule/rule.js'
import { isOfMatrices } from '../rule/view.js'
import { showPath } from '../tree/path.js'
import type { Asked, Kind } from './ask.js'
import { type Factors, type FactorWords, factorsOf, factorsText, makerOf } from './factors.js'
import type { Shared } from './function.js'
import { indented, record, tuple } from './layout.js'
import { constantsOf, type Keys, numbersLines, sourceText, type Terms, termsOf } from './numbers.js'
import { type Named, type Phase, phaseOf, totalsIn } from './phase.js'

/** The libraries that a module is written with. */
export interface Dialect {
  /** For what happens to leaves. */
  readonly rules: LeafLibrary
  /** For the numbers of a step. */
  readonly numbers: Library
  /** What combines the leaves' parts of a total. */
  readonly total: (kind: ReduceKind) => string
  /** What rules of rows, columns and matrices need. */
  readonly axes: string
  /** For what is made of matrices. */
  readonly factors: FactorWords
}

/** A kind of step, printed. */
export interface Printed {
  readonly kind: Kind
  /** The rule of each leaf. */
  readonly rules: readonly Rule[]
  readonly terms: Terms
  readonly phase: Phase
  /** What totals are called, by their sites. */
  readonly sites: ReadonlyMap<string, string>
}

/** All kinds of steps, printed. */
export interface Steps {
  /** What comes before the first step. */
  readonly first: Printed
  readonly each: readonly Printed[]
  readonly factors: Factors
}

const inputsOf = ({ inputs }: Program): readonly string[] => [
  ...new Set(inputs.map(({ name }) => name.split('.').at(-1) ?? name)),
]

const siteNames = (totals: readonly Reduce[], names: Names): ReadonlyMap<string, string> => {
  const sites = new Map<string, string>()
  for (const { site } of totals) if (!sites.has(site)) sites.set(site, names.of(site))
  return sites
}

/** The functions of all kinds of steps, for these leaves. */
export const stepsOf = (
  { start, kinds }: Asked,
  specs: readonly LeafSpec[],
  { slots }: Keys,
  { rules: library }: Dialect,
): Steps => {
  const factors = factorsOf(kinds.flatMap(({ program }) => specs.map((spec) => program.rule(spec))))
  const scopes = new Map(start.slots.map(({ name, scope }) => [name, scope]))
  const shared = (kind: Kind, terms: Terms, sites: ReadonlyMap<string, string>): Shared => ({
    library,
    constants: constantsOf(kind),
    slots,
    scopes,
    maker: makerOf(factors),
    inputs: new Map(kind.program.inputs.map(({ name }) => [name, name.split('.').at(-1) ?? name])),
    number: (expr) => (expr._tag === 'Reduce' ? sites.get(expr.site) : terms.get(expr)) ?? '',
  })
  const names = new Names([])
  const count = new Set(kinds.flatMap(({ program }) => specs.map((spec) => program.rule(spec)))).size
  const nameOf = (): string => (count === 1 ? names.fresh('rule') : names.numbered('rule_'))
  const each = kinds.map((kind): Printed => {
    const rules = specs.map((spec) => kind.program.rule(spec))
    const distinct = [...new Set(rules)]
    const own = new Names(inputsOf(kind.program))
    const terms = termsOf(kind, distinct, own)
    const sites = siteNames(totalsIn(distinct.map(updateOutputs)), own)
    const outputs = new Map(
      distinct.map((rule) => {
        const doc = `What becomes of a leaf in a step: its update, and its slots.\n${latexOfRule(rule)}`
        return [updateOutputs(rule), { name: nameOf(), doc: doc.split('\n') }]
      }),
    )
    return { kind, rules, terms, sites, phase: phaseOf(outputs, UPDATE, shared(kind, terms, sites)) }
  })
  const rules = specs.map((spec) => start.rule(spec))
  const distinct = [...new Set(rules)]
  const firstName = (): string =>
    distinct.length === 1 ? names.fresh('first_slots') : names.numbered('first_slots_')
  const kind: Kind = { program: start, scalars: new Map(), next: new Map() }
  const sites = siteNames(totalsIn(distinct.map(startOutputs)), new Names([]))
  const outputs = new Map(
    distinct.map((rule) => [
      startOutputs(rule),
      { name: firstName(), doc: ['What is kept of a leaf before the first step.'] },
    ]),
  )
  const terms: Terms = new Map()
  const phase = phaseOf(outputs, UPDATE, shared(kind, terms, sites))
  return { first: { kind, rules, terms, sites, phase }, each, factors }
}

// functions

const functionText = ({ name, doc, args, lines }: Named): string => {
  const raw = doc.some((line) => line.includes('\\')) ? 'r' : ''
  const [first = '', ...more] = doc
  const rest = more.length === 0 ? '' : `\n\n${indented(more)}\n    `
  const given = ['g', 'p', 'slots', 'numbers', ...args.map((arg) => arg.name)].join(', ')
  return `def ${name}(${given}):\n    ${raw}"""${first}${rest}"""\n${indented(lines)}\n`
}

/** The functions of the rules. */
export const rulesText = ({ first, each }: Steps): readonly string[] =>
  [...each.flatMap(({ phase }) => phase.functions), ...first.phase.functions].map(functionText)

/** Whether any rule is of rows, columns or matrices, or keeps what could be. */
const isOfAxes = ({ first, each, factors }: Steps): boolean => {
  const outputs = each.flatMap(({ rules }) => rules.map(updateOutputs))
  return (
    factors.size > 0 ||
    [...plan(outputs).leaves.values()].some(({ byAxes }) => byAxes) ||
    first.kind.program.slots.some(
      ({ name, scope }) => isOfMatrices(scope) && first.rules.some(({ slots }) => Object.hasOwn(slots, name)),
    )
  )
}

/** What such rules need. */
export const axesText = (steps: Steps, { axes, factors }: Dialect): readonly string[] =>
  isOfAxes(steps) ? [axes, ...factorsText(steps.factors, factors)] : []

const numbersName = (i: number, of: number): string => (of === 1 ? '_numbers' : `_numbers_${i + 1}`)

/** The functions of the numbers of each kind of step. */
export const numbersText = ({ each }: Steps, keys: Keys, { numbers }: Dialect): readonly string[] =>
  each.map(
    ({ kind, terms }, i) =>
      `@_in_float64\ndef ${numbersName(i, each.length)}(kept):\n    """The numbers of a step, and what the state keeps after it."""\n${indented(numbersLines(kind, terms, keys, numbers))}\n`,
  )

// tables

/** A phase's functions of a leaf, each given what the host knows of it. */
const functionsOf = ({ of, functions }: Phase, outputs: Outputs, leaf: LeafSpec): readonly string[] =>
  (of.get(outputs) ?? []).map((called) => {
    const args = functions.find(({ name }) => name === called)?.args ?? []
    const given = args.map(({ name, node }) => `${name}=${floatText(node.of(leaf))}`)
    return given.length === 0 ? called : `functools.partial(${[called, ...given].join(', ')})`
  })

/** What is done on each leaf: one entry for leaves that are treated alike. `more` is what else the engine has to know. */
export const leafText = (
  specs: readonly LeafSpec[],
  steps: Steps,
  more: (rules: readonly Rule[]) => readonly string[] = () => [],
): string => {
  const { first, each } = steps
  const texts = specs.map((leaf, i) => {
    const rule = first.rules[i]
    const begin = rule === undefined ? [] : functionsOf(first.phase, startOutputs(rule), leaf)
    const ofKinds = each.map(({ rules, phase }) => {
      const own = rules[i]
      return tuple(own === undefined ? [] : functionsOf(phase, updateOutputs(own), leaf), '        ', 70)
    })
    const all = [rule, ...each.map(({ rules }) => rules[i])].filter((own) => own !== undefined)
    const fields = [`start=${tuple(begin, '    ', 76)}`, `steps=${tuple(ofKinds, '    ', 76)}`, ...more(all)]
    return `_Rule(\n${fields.map((field) => `    ${field},\n`).join('')})`
  })
  const distinct = [...new Set(texts)]
  const nameAt = (text: string): string =>
    distinct.length === 1 ? 'LEAF' : `LEAF_${distinct.indexOf(text) + 1}`
  const values = distinct.map((text) => `${nameAt(text)} = ${text}\n`).join('')
  const find = (body: string): string => `def _rule(name):\n    """What is done on a leaf."""\n${body}`
  // axes are those of these leaves
  const isOneForAll = distinct.length <= 1 && !isOfAxes(steps)
  if (isOneForAll || specs.some(({ path }) => path.length === 0))
    return `${values || 'LEAF = None\n'}\n\n${find('    return LEAF\n')}`
  const table = record(
    specs.map(({ path }, i) => [showPath(path), nameAt(texts[i] ?? '')]),
    '',
    0,
  )
  return `${values}LEAVES = ${table}\n\n\n${find(
    '    if name not in LEAVES:\n        raise KeyError(f"{name} is no parameter that this was printed for")\n    return LEAVES[name]\n',
  )}`
}

/** What the totals of the tree are combined by. */
export const totalsText = ({ phase, sites }: Printed, indent: string, { total }: Dialect): string =>
  tuple(
    phase.totals.map((stage) =>
      record(
        stage.map(({ site, kind }) => [sites.get(site) ?? site, total(kind)]),
        `${indent}    `,
        64,
      ),
    ),
    indent,
    72,
  )

/** The kinds of steps. */
export const kindsText = ({ each }: Steps, dialect: Dialect): string => {
  const kinds = each.map((step, i) => {
    const inputs = inputsOf(step.kind.program)
    const own = [
      `numbers=${numbersName(i, each.length)},`,
      ...(step.phase.totals.length === 0 ? [] : [`totals=${totalsText(step, '        ', dialect)},`]),
      ...(inputs.length === 0 ? [] : [`extra_args=${tuple(inputs.map(stringText), '        ', 60)},`]),
    ]
    const line = `_Kind(${own.join(' ').replace(/,$/, '')})`
    return own.length === 1 ? `    ${line},\n` : `    _Kind(\n${indented(own, '        ')}\n    ),\n`
  })
  const short = /^ {4}(_Kind\(.*\)),\n$/.exec(kinds.join(''))?.[1]
  return `KINDS = ${each.length === 1 && short !== undefined ? `(${short},)\n` : `(\n${kinds.join('')})\n`}`
}

/** What tells which kind of step comes. */
export const whichText = ({ which, kinds }: Asked, keys: Keys): string => {
  if (kinds.length === 1) return ''
  const isTable = which._tag === 'Table'
  const tables = new Map(isTable ? [[which.values.join(), 'WHICH'] as const] : [])
  const { text } = sourceText(which, { ...keys, tables })
  const table = isTable ? `WHICH = np.array([${which.values.join(', ')}])\n\n\n` : ''
  return `${table}def _which(kept):\n    """Which kind of step comes."""\n    return ${text}\n`
}

/** A docstring, which tells by which calls the transformation was made, and their papers. */
const docText = (doc: string, made: readonly string[]): string =>
  made.length === 0 ? `"""${doc}"""\n` : `"""${doc}\n${made.join('\n')}\n"""\n`

/** A module's docstring, imports and sections. */
export const moduleText = (
  doc: string,
  made: readonly string[],
  imports: string,
  sections: readonly string[],
): string =>
  [`${docText(doc, made)}\n${imports}`, ...sections].filter((section) => section !== '').join('\n\n')

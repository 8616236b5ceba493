/** A transformation as a module for JAX. */
import { latexOfRule } from '../compile/latex.js'
import { jaxNumpy } from '../compile/python/library.js'
import { Names } from '../compile/python/names.js'
import { floatText, stringText } from '../compile/python/text.js'
import type { Reduce } from '../rule/expr.js'
import type { LeafSpec } from '../rule/leaf.js'
import { plan } from '../rule/plan.js'
import { type Outputs, type Rule, startOutputs, UPDATE, updateOutputs } from '../rule/rule.js'
import type { Program } from '../transform/transformation.js'
import { showPath } from '../tree/path.js'
import type { Asked, Kind } from './ask.js'
import type { Shared } from './function.js'
import { jaxFiles, jaxHead, jaxImports, jaxNumbers, jaxSteps } from './jaxRuntime.js'
import { indented, placesIn, record, stateText, tuple } from './layout.js'
import {
  constantsOf,
  type Keys,
  keysOf,
  numbersLines,
  sourceText,
  type Terms,
  tablesText,
  termsOf,
} from './numbers.js'
import { type Named, type Phase, phaseOf, totalsIn } from './phase.js'

const printed = ({ name, doc, args, lines }: Named): string => {
  const raw = doc.some((line) => line.includes('\\')) ? 'r' : ''
  const [first = '', ...more] = doc
  const rest = more.length === 0 ? '' : `\n\n${indented(more)}\n    `
  const given = ['g', 'p', 'slots', 'numbers', ...args.map((arg) => arg.name)].join(', ')
  return `def ${name}(${given}):\n    ${raw}"""${first}${rest}"""\n${indented(lines)}\n`
}

const inputsOf = ({ inputs }: Program): readonly string[] => [
  ...new Set(inputs.map(({ name }) => name.split('.').at(-1) ?? name)),
]

/** A kind of step, printed. */
interface Step {
  readonly kind: Kind
  /** The rule of each leaf. */
  readonly rules: readonly Rule[]
  readonly terms: Terms
  readonly phase: Phase
  /** What totals are called, by their sites. */
  readonly sites: ReadonlyMap<string, string>
}

const sharedOf = (kind: Kind, { slots }: Keys, terms: Terms, sites: ReadonlyMap<string, string>): Shared => ({
  library: jaxNumpy,
  constants: constantsOf(kind),
  slots,
  inputs: new Map(kind.program.inputs.map(({ name }) => [name, name.split('.').at(-1) ?? name])),
  number: (expr) => (expr._tag === 'Reduce' ? sites.get(expr.site) : terms.get(expr)) ?? '',
  cast: (text) => `${text}.astype(like)`,
  known: (text) => `jnp.asarray(${text}, like)`,
  precision: 'like = g.dtype',
})

const siteNames = (totals: readonly Reduce[], names: Names): ReadonlyMap<string, string> => {
  const sites = new Map<string, string>()
  for (const { site } of totals) if (!sites.has(site)) sites.set(site, names.of(site))
  return sites
}

const stepOf = (kind: Kind, keys: Keys, specs: readonly LeafSpec[], nameOf: () => string): Step => {
  const rules = specs.map((spec) => kind.program.rule(spec))
  const distinct = [...new Set(rules)]
  const names = new Names(inputsOf(kind.program))
  const terms = termsOf(kind, distinct, names)
  const sites = siteNames(totalsIn(distinct.map(updateOutputs)), names)
  const outputs = new Map(
    distinct.map((rule) => {
      const doc = `What becomes of a leaf in a step: its update, and its slots.\n${latexOfRule(rule)}`
      return [updateOutputs(rule), { name: nameOf(), doc: doc.split('\n') }]
    }),
  )
  return { kind, rules, terms, sites, phase: phaseOf(outputs, UPDATE, sharedOf(kind, keys, terms, sites)) }
}

const startOf = (start: Program, keys: Keys, specs: readonly LeafSpec[], nameOf: () => string): Step => {
  const rules = specs.map((spec) => start.rule(spec))
  const kind: Kind = { program: start, scalars: new Map(), next: new Map() }
  const distinct = [...new Set(rules)]
  const sites = siteNames(totalsIn(distinct.map(startOutputs)), new Names([]))
  const outputs = new Map(
    distinct.map((rule) => [
      startOutputs(rule),
      { name: nameOf(), doc: ['What is kept of a leaf before the first step.'] },
    ]),
  )
  const terms: Terms = new Map()
  return { kind, rules, terms, sites, phase: phaseOf(outputs, UPDATE, sharedOf(kind, keys, terms, sites)) }
}

// the module's tables

/** A phase's functions of a leaf, each given what the host knows of it. */
const functionsOf = ({ of, functions }: Phase, outputs: Outputs, leaf: LeafSpec): readonly string[] =>
  (of.get(outputs) ?? []).map((called) => {
    const args = functions.find(({ name }) => name === called)?.args ?? []
    const given = args.map(({ name, node }) => `${name}=${floatText(node.of(leaf))}`)
    return given.length === 0 ? called : `functools.partial(${[called, ...given].join(', ')})`
  })

/** What is done on each leaf: one entry for leaves that are treated alike. */
const leafText = (specs: readonly LeafSpec[], start: Step, steps: readonly Step[]): string => {
  const texts = specs.map((leaf, i) => {
    const rule = start.rules[i]
    const first = rule === undefined ? [] : functionsOf(start.phase, startOutputs(rule), leaf)
    const each = steps.map(({ rules, phase }) => {
      const own = rules[i]
      return tuple(own === undefined ? [] : functionsOf(phase, updateOutputs(own), leaf), '        ', 70)
    })
    return `_Rule(\n    start=${tuple(first, '    ', 76)},\n    steps=${tuple(each, '    ', 76)},\n)`
  })
  const distinct = [...new Set(texts)]
  const nameAt = (text: string): string =>
    distinct.length === 1 ? 'LEAF' : `LEAF_${distinct.indexOf(text) + 1}`
  const values = distinct.map((text) => `${nameAt(text)} = ${text}\n`).join('')
  const find = (body: string): string => `def _rule(name):\n    """What is done on a leaf."""\n${body}`
  if (distinct.length <= 1) return `${values || 'LEAF = None\n'}\n\n${find('    return LEAF\n')}`
  const table = record(
    specs.map(({ path }, i) => [showPath(path), nameAt(texts[i] ?? '')]),
    '',
    0,
  )
  return `${values}LEAVES = ${table}\n\n\n${find(
    '    if name not in LEAVES:\n        raise KeyError(f"{name} is no parameter that this was printed for")\n    return LEAVES[name]\n',
  )}`
}

const totalsText = ({ phase, sites }: Step, indent: string): string =>
  tuple(
    phase.totals.map((stage) =>
      record(
        stage.map(({ site, kind }) => [sites.get(site) ?? site, `_${kind}_of_all`]),
        `${indent}    `,
        64,
      ),
    ),
    indent,
    72,
  )

const numbersName = (i: number, of: number): string => (of === 1 ? '_numbers' : `_numbers_${i + 1}`)

const kindsText = (steps: readonly Step[]): string => {
  const kinds = steps.map((step, i) => {
    const inputs = inputsOf(step.kind.program)
    const own = [
      `numbers=${numbersName(i, steps.length)},`,
      ...(step.phase.totals.length === 0 ? [] : [`totals=${totalsText(step, '        ')},`]),
      ...(inputs.length === 0 ? [] : [`extra_args=${tuple(inputs.map(stringText), '        ', 60)},`]),
    ]
    const line = `_Kind(${own.join(' ').replace(/,$/, '')})`
    return own.length === 1 ? `    ${line},\n` : `    _Kind(\n${indented(own, '        ')}\n    ),\n`
  })
  const short = /^ {4}(_Kind\(.*\)),\n$/.exec(kinds.join(''))?.[1]
  return `KINDS = ${steps.length === 1 && short !== undefined ? `(${short},)\n` : `(\n${kinds.join('')})\n`}`
}

/** What tells which kind of step comes. */
const whichText = ({ which, kinds }: Asked, keys: Keys): string => {
  if (kinds.length === 1) return ''
  const isTable = which._tag === 'Table'
  const tables = new Map(isTable ? [[which.values.join(), 'WHICH'] as const] : [])
  const { text } = sourceText(which, { ...keys, tables })
  const table = isTable ? `WHICH = np.array([${which.values.join(', ')}])\n\n\n` : ''
  return `${table}def _which(kept):\n    """Which kind of step comes."""\n    return ${text}\n`
}

const docOf = (made: readonly string[]): string => {
  const first = '"""A gradient transformation for Optax, printed by gradpipe: `tx`.'
  return made.length === 0 ? `${first}"""\n` : `${first}\n\nIt is\n\n${indented(made)}\n"""\n`
}

/** The text of the module, for these leaves; its docstring tells by which calls the transformation was `made`. */
export const jaxModule = (asked: Asked, specs: readonly LeafSpec[], made: readonly string[]): string => {
  const { start, skeleton, kept, kinds } = asked
  const keys = keysOf(asked)
  const names = new Names([])
  const count = new Set(kinds.flatMap(({ program }) => specs.map((spec) => program.rule(spec)))).size
  const steps = kinds.map((kind) =>
    stepOf(kind, keys, specs, () => (count === 1 ? names.fresh('rule') : names.numbered('rule_'))),
  )
  const starts = new Set(specs.map((spec) => start.rule(spec))).size
  const first = startOf(start, keys, specs, () =>
    starts === 1 ? names.fresh('first_slots') : names.numbered('first_slots_'),
  )
  const places = placesIn(skeleton)
  const slotKey = (place: string): string => stringText(keys.slots.get(place) ?? place)
  const keptKey = (place: string): string => stringText(keys.kept.get(place) ?? place)
  const readsParams = steps.some(({ rules }) =>
    [...plan(rules.map(updateOutputs)).leaves.values()].some((leaf) => leaf.readsParameter),
  )
  const unquoted = (key: string): string => key.slice(1, -1)
  const scopes = new Map(start.slots.map(({ name, scope }) => [name, scope]))
  return joined([
    docOf(made),
    jaxImports,
    jaxHead,
    '# The rules: what happens to one leaf. `slots` is what is kept of it.\n',
    ...[...steps.flatMap(({ phase }) => phase.functions), ...first.phase.functions].map(printed),
    leafText(specs, first, steps),
    '# The numbers of a step.\n',
    jaxNumbers,
    tablesText(asked, keys),
    ...steps.map(
      ({ kind, terms }, i) =>
        `@_in_float64\ndef ${numbersName(i, steps.length)}(kept):\n    """The numbers of a step, and what the state keeps after it."""\n${indented(numbersLines(kind, terms, keys, jaxNumpy))}\n`,
    ),
    whichText(asked, keys),
    `START_TOTALS = ${totalsText(first, '')}\n${kindsText(steps)}NEEDS_PARAMS = ${readsParams ? 'True' : 'False'}\n`,
    '# The state, and where in it slots and numbers stand.\n',
    `SLOTS = ${record(
      places.slots.map(([place]) => [unquoted(slotKey(place)), stringText(scopes.get(place) ?? 'element')]),
      '',
      76,
    )}\n`,
    `def _state(slots, kept):\n    return ${stateText(
      skeleton,
      (place) => `slots[${slotKey(place)}]`,
      (place) => `kept[${keptKey(place)}]`,
      '    ',
    )}\n`,
    `def _slots(state):\n    return ${record(
      places.slots.map(([place, at]) => [unquoted(slotKey(place)), at]),
      '    ',
      76,
    )}\n`,
    `def _kept(state):\n    return ${record(
      places.kept.map(([place, at]) => [unquoted(keptKey(place)), at]),
      '    ',
      76,
    )}\n`,
    `def _first_numbers():\n    return ${record(
      kept.map(({ place, first: value, whole }) => [
        unquoted(keptKey(place)),
        whole ? `jnp.asarray(${value}, jnp.int32)` : `jnp.asarray(${floatText(value)})`,
      ]),
      '    ',
      76,
    )}\n`,
    '# Trees and steps.\n',
    jaxSteps,
    '# Files.\n',
    jaxFiles,
  ])
}

/** Sections with two empty lines between them; imports with one before. */
const joined = (sections: readonly string[]): string =>
  sections
    .filter((section) => section !== '')
    .reduce((text, section) => `${text}${section === jaxImports ? '\n' : '\n\n'}${section}`)

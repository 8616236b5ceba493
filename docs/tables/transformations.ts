/** Every transformation, and what it costs: whether it is fused, in how many passes, with how much state. */
import { catalogue } from 'gradpipe/laws'
import { passesBesideProducts } from '../../src/host/roundsOf.js'
import type { LeafSpec } from '../../src/rule/leaf.js'
import { updateOutputs } from '../../src/rule/rule.js'
import type { Scope } from '../../src/rule/scope.js'

/** What the table says of a transformation. */
interface Cost {
  readonly call: string
  /** Passes over memory; `null` of what is not made of rules. */
  readonly passes: number | null
  /** Names of the slots by how far they reach. */
  readonly slots: Readonly<Record<'element' | 'axes' | 'leaf' | 'tree', readonly string[]>>
}

/** Large enough to be factored. */
const matrix: LeafSpec = { path: ['w'], shape: [256, 256], dtype: 'float32' }

type Row = (typeof catalogue)[number]

/** A slot's name without the place in the state of whose it is: `0.mu` is `mu`, `r.5` stays. */
const shortNameOf = (path: string): string => /[^.]+(\.\d+)*$/.exec(path)?.[0] ?? path

const costOf = ({ call, make }: Row): Cost => {
  const { ruled } = make()
  const none = { element: [], axes: [], leaf: [], tree: [] }
  if (ruled === undefined) return { call, passes: null, slots: none }
  const { program } = ruled.begin()
  const of = (...scopes: readonly Scope[]): readonly string[] =>
    program.slots.flatMap((slot) =>
      scopes.some((scope) => slot.scope === scope) ? [shortNameOf(slot.name)] : [],
    )
  return {
    call,
    passes: passesBesideProducts(updateOutputs(program.rule(matrix))),
    slots: {
      element: of('element'),
      axes: of('matrix', 'row', 'column'),
      leaf: of('leaf'),
      tree: of('tree'),
    },
  }
}

const listed = (names: readonly string[]): string =>
  names.length === 0 ? '' : `${names.length} (${names.map((name) => `\`${name}\``).join(', ')})`

const cell = (text: string): string => text.replaceAll('|', '\\|')

const rowOf = (name: string, { call, passes, slots }: Cost): string =>
  `| ${[
    `\`${name}\``,
    `\`${cell(call)}\``,
    passes === null ? 'no' : String(passes),
    ...[slots.element, slots.axes, slots.leaf, slots.tree].map(listed),
  ].join(' | ')} |`

/** The first way to make each, and the others that cost something else. */
const costs = (): readonly (readonly [name: string, cost: Cost])[] => {
  const seen = new Set<string>()
  return catalogue.flatMap((row) => {
    // the laws' own way to take the rules away from a transformation
    if (row.call.includes('ordinary(')) return []
    const cost = costOf(row)
    const key = JSON.stringify([row.name, cost.passes, cost.slots])
    if (seen.has(key)) return []
    seen.add(key)
    return [[row.name, cost] as const]
  })
}

/** The page. */
export const transformationsPage = (): string =>
  [
    '---',
    'title: Transformations and their cost',
    'names: linked',
    '---',
    '',
    '# Transformations and their cost',
    '',
    'A transformation that is made of rules is fused: on arrays and on every backend of TensorFlow.js, a chain of them is',
    'one kernel per step. A norm over a leaf or the tree must be known before it is used, and costs one more pass; where',
    'several members of a chain need one, those that do not wait for each other share it. *no* in the column of passes: not',
    'made of rules, since it needs singular vectors, randomness or a value from the device; it interrupts a fused chain.',
    'What reduces a few numbers per row or column alone costs none, and on arrays, cpu and WASM neither does what needs no',
    'more of a leaf than the row that was just read. A slot of state is one value per element (as large as the parameters),',
    'per row, column or matrix of a leaf, per leaf, or for the whole tree. Numbers that the host keeps, such as the count,',
    'are not listed. Written by `npm run tables` from the catalogue of the laws; a test holds it against it.',
    '',
    '| transformation | for example | passes | slots per element | per row, column or matrix | per leaf | per tree |',
    '|---|---|---|---|---|---|---|',
    ...costs().map(([name, cost]) => rowOf(name, cost)),
    '',
  ].join('\n')

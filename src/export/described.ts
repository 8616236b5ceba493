/** What `describe` says of a transformation, as its module has it: a checkpoint tells by it what it belongs to. */
import { stringText } from '../compile/python/text.js'
import { describe } from '../describe/describe.js'
import type { Description } from '../describe/json.js'
import type { Params } from '../rule/leaf.js'
import type { AnyTransformation } from '../transform/transformation.js'

/** How long a line may be. */
const WIDTH = 88

/** The entries of a list or a record, with their keys; `undefined` of what is neither. */
const entriesOf = (
  value: Description,
): readonly (readonly [key: string, entry: Description])[] | undefined =>
  Array.isArray(value)
    ? value.map((entry: Description) => ['', entry] as const)
    : typeof value === 'object' && value !== null
      ? Object.entries(value).map(([key, entry]) => [`${stringText(key)}: `, entry] as const)
      : undefined

const wordOf = (value: Description): string =>
  value === null
    ? 'None'
    : typeof value === 'boolean'
      ? value
        ? 'True'
        : 'False'
      : typeof value === 'string'
        ? stringText(value)
        : String(value)

/** A value of JSON on one line. */
const lineOf = (value: Description): string => {
  const entries = entriesOf(value)
  if (entries === undefined) return wordOf(value)
  const items = entries.map(([key, entry]) => key + lineOf(entry)).join(', ')
  return Array.isArray(value) ? `[${items}]` : `{${items}}`
}

/** A value of JSON, after so many characters of its line, as black breaks it. */
const textOf = (value: Description, before: number, indent: string): string => {
  const line = lineOf(value)
  const entries = entriesOf(value) ?? []
  if (entries.length === 0 || before + line.length <= WIDTH) return line
  const inside = `${indent}    `
  const items = entries.map(
    // a comma follows
    ([key, entry]) => `${inside}${key}${textOf(entry, inside.length + key.length + 1, inside)},\n`,
  )
  return `${line.slice(0, 1)}\n${items.join('')}${indent}${line.slice(-1)}`
}

/** The constant that has it, and `None` with the reason for what no JSON describes. */
export const descriptionText = (tx: AnyTransformation, params: Params): string => {
  const name = 'DESCRIPTION = '
  const described = describe(tx, params)
  if (described._tag === 'Right') return `${name}${textOf(described.right, name.length, '')}\n`
  return `# what stands at ${described.left.path} is no data\n${name}None\n`
}

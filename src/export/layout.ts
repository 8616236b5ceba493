/** Collections of Python over one line or several, as black breaks them. */
import { stringText } from '../compile/python/text.js'
import type { Path } from '../tree/path.js'
import type { Skeleton } from './state.js'

/** Lines with indentation. */
export const indented = (lines: readonly string[], by = '    '): string =>
  lines.map((line) => (line === '' ? '' : `${by}${line}`)).join('\n')

const broken = (open: string, items: readonly string[], close: string, indent: string): string =>
  `${open}\n${items.map((item) => `${indent}    ${item},\n`).join('')}${indent}${close}`

/** A tuple, whose line may be so long. */
export const tuple = (items: readonly string[], indent: string, room: number): string => {
  const [only] = items
  if (items.length === 1 && !only?.includes('\n')) return `(${only},)` // black joins it where there is room
  const line = `(${items.join(', ')})`
  return items.length === 0 || (line.length <= room && !line.includes('\n'))
    ? line
    : broken('(', items, ')', indent)
}

/** A dictionary, whose line may be so long. */
export const record = (
  entries: readonly (readonly [key: string, value: string])[],
  indent: string,
  room: number,
): string => {
  const items = entries.map(([key, value]) => `${stringText(key)}: ${value}`)
  const line = `{${items.join(', ')}}`
  return items.length === 0 || (line.length <= room && !line.includes('\n'))
    ? line
    : broken('{', items, '}', indent)
}

/** The state that holds slots and numbers, as an expression. */
export const stateText = (
  node: Skeleton,
  slot: (place: string) => string,
  kept: (place: string) => string,
  indent: string,
): string => {
  const inside = `${indent}    `
  switch (node._tag) {
    case 'Slot':
      return slot(node.slot.name)
    case 'Number':
      return kept(node.place)
    case 'Plain':
      if (typeof node.value === 'string') return stringText(node.value)
      return node.value === true ? 'True' : node.value === false ? 'False' : 'None'
    case 'List':
      return tuple(
        node.of.map((child) => stateText(child, slot, kept, inside)),
        indent,
        0,
      )
    case 'Record':
      return record(
        node.of.map(([key, child]) => [key, stateText(child, slot, kept, inside)]),
        indent,
        0,
      )
  }
}

/** What stands in the state at a path, as an expression. */
export const atPath = (path: Path): string =>
  `state${path.map((key) => `[${typeof key === 'number' ? key : stringText(key)}]`).join('')}`

/** A path, as a tuple of keys and indices. */
export const pathText = (path: Path): string =>
  tuple(
    path.map((key) => stringText(String(key))),
    '',
    76,
  )

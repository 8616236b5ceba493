/** The calls that made a transformation, and their papers, as the docstring of its module tells them. */
import { callOf } from '../describe/describe.js'
import { INJECT, innerOf } from '../describe/injected.js'
import { indented } from './layout.js'
import { papers } from './papers.js'

/** How long a line may be, and of how many entries a list is told. */
const [WIDTH, MOST] = [80, 8]

/** A key without quotes. */
const plain = /^[A-Za-z_$][\w$]*$/

/** A list between its ends, on one line if it fits there. */
const listed = (before: string, items: readonly string[], after: string, indent: string): string => {
  const some = items.length > MOST ? [...items.slice(0, MOST), '...'] : items
  const spaced = before === '{' && some.length > 0 ? ' ' : ''
  const line = `${before}${spaced}${some.join(', ')}${spaced}${after}`
  if (!line.includes('\n') && indent.length + line.length <= WIDTH) return line
  return `${before}\n${some.map((item) => `${indent}  ${item},\n`).join('')}${indent}${after}`
}

const valueText = (value: unknown, indent: string): string => {
  const inside = `${indent}  `
  const call = callOf(value)
  if (call !== undefined) {
    const [name, ...args] = call
    if (name === 'fromRule') return 'fromRule(...)'
    while (args.length > 0 && args.at(-1) === undefined) args.pop()
    return listed(
      `${name}(`,
      args.map((arg) => valueText(arg, inside)),
      ')',
      indent,
    )
  }
  if (Array.isArray(value))
    return listed(
      '[',
      value.map((entry) => valueText(entry, inside)),
      ']',
      indent,
    )
  if (typeof value === 'string') return /^[\w ./-]*$/.test(value) ? `'${value}'` : JSON.stringify(value)
  if (typeof value !== 'object') return typeof value === 'function' ? '...' : String(value)
  if (value === null) return 'null'
  if (Object.getPrototypeOf(value) !== Object.prototype || 'init' in value) return '...'
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
  const key = (name: string): string => (plain.test(name) ? name : JSON.stringify(name))
  return listed(
    '{',
    entries.map(([name, entry]) => `${key(name)}: ${valueText(entry, inside)}`),
    '}',
    indent,
  )
}

/** The papers of all calls that made a value, in the order of the calls. */
const papersOf = (value: unknown): readonly string[] => {
  const call = callOf(value)
  if (call !== undefined) {
    const [name, ...args] = call
    return [...(papers[name] ?? []), ...(name === INJECT ? [innerOf(args)] : args).flatMap(papersOf)]
  }
  if (Array.isArray(value)) return value.flatMap(papersOf)
  const isRecord =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  return isRecord && !('init' in value) ? Object.values(value).flatMap(papersOf) : []
}

/** A text in lines of whole words, those after the first one indented. */
const wrapped = (text: string): readonly string[] =>
  (text.match(/\S.{0,76}(?!\S)/g) ?? []).map((line, i) => (i === 0 ? line : `  ${line}`))

/**
 * The calls as TypeScript writes them, and below them the papers that their functions follow, in lines of a docstring of
 * Python; what is a function of somebody's own is `...`. Nothing of what no function of the library has made.
 */
export const madeBy = (tx: unknown): readonly string[] => {
  if (callOf(tx) === undefined) return []
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', title, '', indented(lines)]
  return [
    ...section('It is', valueText(tx, '').split('\n')),
    ...section('See', [...new Set(papersOf(tx))].flatMap(wrapped)),
  ].map((line) => line.replace(/[\\"]/g, '\\$&'))
}

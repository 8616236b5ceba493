/** Values as a console shows them: like Node's, on one line where they fit. */

/** How many entries of a list are shown, and how deep trees go. */
const [most, deepest, wide] = [100, 6, 76]

const isName = (key: string): boolean => /^[A-Za-z_$][\w$]*$/.test(key)

/** Parts between brackets, on one line where they fit. */
const bracketed = (open: string, parts: readonly string[], close: string, indent: string): string => {
  if (parts.length === 0) return `${open}${close}`
  const line = `${open} ${parts.join(', ')} ${close}`
  if (line.length + indent.length <= wide && !line.includes('\n')) return line
  const inner = `${indent}  `
  const isShort = parts.every((part) => part.length <= 24 && !part.includes('\n'))
  if (!isShort) return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`
  const rows: string[] = []
  for (const part of parts) {
    const last = rows.at(-1)
    if (last !== undefined && last.length + part.length + 2 <= wide - inner.length)
      rows[rows.length - 1] = `${last}, ${part}`
    else rows.push(part)
  }
  return `${open}\n${rows.map((row) => inner + row).join(',\n')}\n${indent}${close}`
}

const rest = (length: number): readonly string[] => (length > most ? [`… ${length - most} more`] : [])

const nameOf = (value: object): string => {
  const maker: unknown = Object.getPrototypeOf(value)?.constructor
  return typeof maker === 'function' && maker !== Object && maker !== Array ? maker.name : ''
}

const isTensor = (value: object): value is { shape: readonly number[]; dtype: string; toString(): string } =>
  'dataId' in value && 'shape' in value && 'dtype' in value

/** A value in a row of others, or within another. */
export const shown = (value: unknown, depth = 0, above: readonly object[] = []): string => {
  if (typeof value === 'string')
    return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'function') return `[Function: ${value.name || 'anonymous'}]`
  if (typeof value !== 'object' || value === null) return String(value)
  if (above.includes(value)) return '[Circular]'
  if (value instanceof Error) return String(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof RegExp || value instanceof Promise) return String(value)
  if (isTensor(value)) return value.toString()
  if (depth > deepest) return Array.isArray(value) ? '[Array]' : '[Object]'
  const indent = '  '.repeat(depth)
  const inner = (each: unknown): string => shown(each, depth + 1, [...above, value])
  const name = nameOf(value)
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const numbers = Array.from(value as unknown as ArrayLike<unknown>)
    return bracketed(
      `${name}(${numbers.length}) [`,
      [...numbers.slice(0, most).map(inner), ...rest(numbers.length)],
      ']',
      indent,
    )
  }
  const titled = name === '' ? '' : `${name} `
  if (Array.isArray(value) || value instanceof Set) {
    const entries: readonly unknown[] = [...value]
    const open = value instanceof Set ? `Set(${entries.length}) {` : `${titled}[`
    const parts = [...entries.slice(0, most).map(inner), ...rest(entries.length)]
    return bracketed(open, parts, value instanceof Set ? '}' : ']', indent)
  }
  if (value instanceof Map) {
    const parts = [...value].slice(0, most).map(([key, each]) => `${inner(key)} => ${inner(each)}`)
    return bracketed(`Map(${value.size}) {`, [...parts, ...rest(value.size)], '}', indent)
  }
  const entries = Object.entries(value)
  const parts = entries
    .slice(0, most)
    .map(([key, each]) => `${isName(key) ? key : shown(key)}: ${inner(each)}`)
  return bracketed(`${titled}{`, [...parts, ...rest(entries.length)], '}', indent)
}

/** What `console.log` prints of its arguments: texts as they are. */
export const printed = (values: readonly unknown[]): string =>
  values.map((value) => (typeof value === 'string' ? value : shown(value))).join(' ')

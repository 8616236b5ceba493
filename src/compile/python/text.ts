/** Texts of Python: numbers, strings and operators, as the formatter black writes them. */
import type { BinaryOp, CompareOp } from '../../rule/expr.js'

/** A printed expression, and how tightly it binds: 1 sums, 2 products, 3 signs, 4 powers, 5 what needs no parentheses. */
export interface Printed {
  readonly text: string
  readonly binding: number
  /** How it is written where a library of arrays takes it, if otherwise. */
  readonly argument?: string
  /** Whether it is a number of Python's own, and no array. */
  readonly plain?: boolean
}

/** What needs no parentheses. */
export const atom = (text: string): Printed => ({ text, binding: 5 })

/** A printed expression where one is wanted that binds so tightly. */
const at = (binding: number, { text, binding: own }: Printed): string => (own < binding ? `(${text})` : text)

/** Whole numbers up to here are the same in every width. */
const WHOLE = 2 ** 24

/** A number as a float of Python; infinities and NaN by the names that `math` has for them. */
export const floatText = (value: number): string => {
  if (Number.isNaN(value)) return 'math.nan'
  if (!Number.isFinite(value)) return value < 0 ? '-math.inf' : 'math.inf'
  const power = Math.log2(value)
  if (Math.abs(power) > 24 && Number.isInteger(power) && 2 ** power === value) return `2.0**${power}`
  if (!Number.isInteger(value)) return String(value).replace('e+', 'e')
  if (Math.abs(value) > WHOLE) return value.toExponential().replace('e+', 'e')
  return Object.is(value, -0) ? '-0.0' : `${value}.0`
}

/** A number in an expression: where it is a small whole one, as people write it. */
export const numberText = (value: number): Printed => {
  const float = floatText(value)
  const whole = Number.isInteger(value) && Math.abs(value) <= WHOLE && !Object.is(value, -0)
  const binding = float.startsWith('-') ? 3 : float.includes('**') ? 4 : 5
  return { text: whole ? String(value) : float, binding, argument: float, plain: true }
}

/** A string of Python. */
export const stringText = (value: string): string => {
  // what JSON escapes, Python reads likewise; black takes the quotes that need no escape
  const json = JSON.stringify(value)
  return value.includes('"') && !value.includes("'") && !value.includes('\\') ? `'${value}'` : json
}

/** What black holds to be simple enough for a power without spaces. */
const simple = /^(-?[\d.]+(e[+-]?\d+)?|[A-Za-z_]\w*(\.[A-Za-z_]\w*)*)$/

/** A printed operation; `min` and `max` have no operator. */
export const operation = (op: Exclude<BinaryOp, 'min' | 'max'>, x: Printed, y: Printed): Printed => {
  switch (op) {
    case 'add':
      return { text: `${at(1, x)} + ${at(2, y)}`, binding: 1 }
    case 'sub':
      return { text: `${at(1, x)} - ${at(2, y)}`, binding: 1 }
    case 'mul':
      return { text: `${at(2, x)} * ${at(3, y)}`, binding: 2 }
    case 'div':
      return { text: `${at(2, x)} / ${at(3, y)}`, binding: 2 }
    case 'pow': {
      const [base, exponent] = [at(5, x), at(3, y)]
      const sign = simple.test(base) && simple.test(exponent) ? '**' : ' ** '
      return { text: `${base}${sign}${exponent}`, binding: 4 }
    }
  }
}

/** A number with the other sign. */
export const negated = (x: Printed): Printed => ({ text: `-${at(3, x)}`, binding: 3 })

const relations: Readonly<Record<CompareOp, string>> = { lt: '<', le: '<=', eq: '==', ne: '!=' }

/** A printed comparison. */
export const comparison = (op: CompareOp, x: Printed, y: Printed): string =>
  `${at(1, x)} ${relations[op]} ${at(1, y)}`

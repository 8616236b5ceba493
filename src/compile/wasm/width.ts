/** Width: how many elements are computed at once, in which precision, and by which instructions. */
import type { BinaryOp, CompareOp, UnaryOp } from '../../rule/expr.js'
import {
  type Access,
  type Code,
  call,
  constant,
  type Floats,
  lane,
  local,
  ofFloats,
  op,
} from './assembler.js'
import type { Imported } from './imports.js'

/** How numbers are rounded. */
export type Precision = 'float32' | 'float64'

type Inline = Exclude<UnaryOp | BinaryOp | CompareOp, Imported | 'sign'>

/** How many elements are computed at once, and by which instructions. */
export interface Width {
  readonly type: 'f32' | 'f64' | 'v128'
  readonly elements: 1 | 2 | 4
  readonly ops: Readonly<Record<Inline | 'gt', Code>>
  readonly select: Code
  readonly load: Access
  readonly store: Access
  /** Makes one element on the stack as many as there are. */
  readonly splat: Code
  readonly constant: (value: number) => Code
  /** One of the elements on the stack. */
  readonly extract: (index: number) => Code
  /** Applies a function of float64 to values in local variables. */
  readonly apply: (index: number, args: readonly number[]) => Code
}

/** The widths of a precision. */
export interface Widths {
  /** One element. */
  readonly scalar: Width
  /** A vector of them. */
  readonly vector: Width
  /** How many bytes an element has. */
  readonly bytes: 4 | 8
  /** Loads an element into all places of a vector. */
  readonly loadSplat: Access
  /** From one element on the stack to float64, and back. */
  readonly toDouble: Code
  readonly fromDouble: Code
}

/** Each operator's instruction has its name, but one. */
const opsOf = (of: Floats): Width['ops'] =>
  // the names are those of the record
  Object.fromEntries(
    ofFloats.map((each) => [each === 'nearest' ? 'round' : each, op(`${of}.${each}`)]),
  ) as Width['ops']

const widthsOf = (one: 'f32' | 'f64'): Widths => {
  const isSingle = one === 'f32'
  const [many, bytes, elements] = isSingle ? (['f32x4', 4, 4] as const) : (['f64x2', 8, 2] as const)
  const [toDouble, fromDouble] = isSingle ? [op('f64.promote_f32'), op('f32.demote_f64')] : [[], []]
  const splat = op(`${many}.splat`)
  const extract = (index: number): Code => lane(`${many}.extract_lane`, index)
  const applied = (index: number, args: readonly number[], each: Code): Code => [
    args.map((arg) => [local.get(arg), each, toDouble]),
    call(index),
    fromDouble,
  ]
  return {
    bytes,
    loadSplat: isSingle ? 'v128.load32_splat' : 'v128.load64_splat',
    toDouble,
    fromDouble,
    scalar: {
      type: one,
      elements: 1,
      ops: opsOf(one),
      select: op('select'),
      load: `${one}.load`,
      store: `${one}.store`,
      splat: [],
      constant: constant[one],
      extract: () => [],
      apply: (index, args) => applied(index, args, []),
    },
    vector: {
      type: 'v128',
      elements,
      ops: opsOf(many),
      select: op('v128.bitselect'),
      load: 'v128.load',
      store: 'v128.store',
      splat,
      constant: (value) => [constant[one](value), splat],
      extract,
      apply: (index, args) =>
        Array.from({ length: elements }, (_, i) => [
          applied(index, args, extract(i)),
          i === 0 ? splat : lane(`${many}.replace_lane`, i),
        ]),
    },
  }
}

/** Float32: four elements in a vector. */
export const float32: Widths = widthsOf('f32')

/** Float64: two elements in a vector. */
export const float64: Widths = widthsOf('f64')

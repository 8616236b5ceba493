/** Width: how many elements are computed at once, and by which instructions. */
import type { BinaryOp, CompareOp, UnaryOp } from '../../rule/expr.js'
import { type Code, call, constant, lane, local, type Mnemonic, op } from './assembler.js'
import type { Imported } from './imports.js'

type Inline = Exclude<UnaryOp | BinaryOp | CompareOp, Imported | 'sign'>

/** How many elements are computed at once, and by which instructions. */
export interface Width {
  readonly type: 'f32' | 'v128'
  readonly elements: 1 | 4
  readonly ops: Readonly<Record<Inline | 'gt', Mnemonic>>
  readonly select: Mnemonic
  readonly load: 'f32.load' | 'v128.load'
  readonly store: 'f32.store' | 'v128.store'
  readonly constant: (value: number) => Code
  /** Applies a function of float64 to values in local variables. */
  readonly apply: (index: number, args: readonly number[]) => Code
}

/** One element. */
export const scalar: Width = {
  type: 'f32',
  elements: 1,
  ops: {
    ...{ neg: 'f32.neg', abs: 'f32.abs', sqrt: 'f32.sqrt' },
    ...{ floor: 'f32.floor', round: 'f32.nearest' },
    ...{ add: 'f32.add', sub: 'f32.sub', mul: 'f32.mul', div: 'f32.div', min: 'f32.min', max: 'f32.max' },
    ...{ lt: 'f32.lt', le: 'f32.le', eq: 'f32.eq', ne: 'f32.ne', gt: 'f32.gt' },
  },
  select: 'select',
  load: 'f32.load',
  store: 'f32.store',
  constant: constant.f32,
  apply: (index, args) => [
    ...args.flatMap((each) => [...local.get(each), ...op('f64.promote_f32')]),
    ...call(index),
    ...op('f32.demote_f64'),
  ],
}

/** Four elements. */
export const vector: Width = {
  type: 'v128',
  elements: 4,
  ops: {
    ...{ neg: 'f32x4.neg', abs: 'f32x4.abs', sqrt: 'f32x4.sqrt' },
    ...{ floor: 'f32x4.floor', round: 'f32x4.nearest' },
    ...{ add: 'f32x4.add', sub: 'f32x4.sub', mul: 'f32x4.mul', div: 'f32x4.div' },
    ...{ min: 'f32x4.min', max: 'f32x4.max' },
    ...{ lt: 'f32x4.lt', le: 'f32x4.le', eq: 'f32x4.eq', ne: 'f32x4.ne', gt: 'f32x4.gt' },
  },
  select: 'v128.bitselect',
  load: 'v128.load',
  store: 'v128.store',
  constant: (value) => [...constant.f32(value), ...op('f32x4.splat')],
  apply: (index, args) =>
    [0, 1, 2, 3].flatMap((i) => [
      ...args.flatMap((each) => [
        ...local.get(each),
        ...lane['f32x4.extract_lane'](i),
        ...op('f64.promote_f32'),
      ]),
      ...call(index),
      ...op('f32.demote_f64'),
      ...(i === 0 ? op('f32x4.splat') : lane['f32x4.replace_lane'](i)),
    ]),
}

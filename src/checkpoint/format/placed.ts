/** Leaves in a file: which leaves an entry can become without loss, and making them. */
import { tensorOfBytes } from '../../host/tfjs/bytes.js'
import { isBrought } from '../../host/tfjs/library.js'
import { type TensorLike, tensorsMissing } from '../../rule/leaf.js'
import { type NdArray, ndarray } from '../../rule/ndarray.js'
import { inFileOrder, widen } from './bytes.js'
import {
  arrayOfDtype,
  bitsOf,
  dtypeOfArray,
  floatsOfDtype,
  makeArray,
  makeFloats,
  NDARRAY,
  type Numbers,
  type TensorDtype,
  tensorOfDtype,
} from './dtype.js'
import { Kind } from './outline.js'
import type { Entry } from './safetensors.js'

/** A leaf that an entry of a file holds. */
export class Placed extends Kind {
  constructor(
    kind: string,
    /** Where its numbers are. */
    readonly entry: Entry,
  ) {
    super(kind)
  }
}

/** A number in an entry of a file that another library wrote. */
export const NUMBER = 'number'

/** A leaf of a kind, if an entry's numbers fit it as they are. */
export const placeAs = (kind: string, entry: Entry): Placed | undefined => {
  const { dtype, shape } = entry
  const fits =
    kind === 'tensor'
      ? tensorOfDtype(dtype) !== undefined
      : kind === NDARRAY
        ? floatsOfDtype(dtype) !== undefined && shape.length > 0
        : dtypeOfArray(kind) === dtype
  return fits ? new Placed(kind, entry) : undefined
}

/**
 * The entry as a tensor, if tensors are registered and have its dtype; otherwise as a typed array, row by row, with
 * booleans as bytes.
 */
export const placeFreely = (entry: Entry): Placed | undefined => {
  if (isBrought()) return placeAs('tensor', entry) ?? placeAs(arrayOfDtype(entry.dtype) ?? '', entry)
  const kind = arrayKindOf(entry.dtype)
  return kind === undefined ? undefined : new Placed(kind, entry)
}

/** The entry as a number, if a number can hold it. */
export const placeNumber = (data: Uint8Array, entry: Entry): Placed | undefined =>
  numberOf(data, entry) === undefined ? undefined : new Placed(NUMBER, entry)

/** An entry's bytes in memory of their own, in the machine's order. */
const copied = (data: Uint8Array, { dtype, begin, end }: Entry): ArrayBuffer => {
  const bytes = data.slice(begin, end)
  inFileOrder(bytes, (bitsOf(dtype) ?? 8) / 8)
  return dtype === 'F16' || dtype === 'BF16' ? widen(dtype, bytes.buffer) : bytes.buffer
}

const arrayKindOf = (dtype: string): string | undefined =>
  dtype === 'F16' || dtype === 'BF16' ? 'Float32Array' : dtype === 'BOOL' ? 'Uint8Array' : arrayOfDtype(dtype)

/** The number in an entry without axes; `undefined` if no number is equal to it. */
const numberOf = (data: Uint8Array, entry: Entry): number | undefined => {
  const kind = arrayKindOf(entry.dtype)
  if (kind === undefined || entry.dtype === 'BOOL' || entry.shape.length > 0) return undefined
  const [value] = makeArray(kind, copied(data, entry))
  return typeof value !== 'bigint' || Number.isSafeInteger(Number(value)) ? Number(value) : undefined
}

/** Throws `InvalidLeaf` for a tensor if its library is not registered. */
export const expectMakeable = ({ name, entry }: Placed): void => {
  if (name !== 'tensor' || isBrought()) return
  throw tensorsMissing(entry.name)
}

/** Makes a leaf, in memory of its own. */
export const makeLeaf = (
  data: Uint8Array,
  { name, entry }: Placed,
): TensorLike | NdArray | Numbers | number => {
  if (name === NUMBER) return numberOf(data, entry) ?? Number.NaN
  const bytes = copied(data, entry)
  if (name === NDARRAY) return ndarray(makeFloats(entry.dtype, bytes), entry.shape)
  const dtype: TensorDtype | undefined = name === 'tensor' ? tensorOfDtype(entry.dtype) : undefined
  return dtype === undefined ? makeArray(name, bytes) : tensorOfBytes(bytes, dtype, entry.shape)
}

/** The dtypes of safetensors, and which arrays and tensors hold their numbers. */

/** How many bits an element has, for every dtype that the format names. */
const bits: ReadonlyMap<string, number> = new Map([
  ['F4', 4],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ['BOOL', 8],
  ['U8', 8],
  ['I8', 8],
  ['F8_E4M3', 8],
  ['F8_E4M3FNUZ', 8],
  ['F8_E5M2', 8],
  ['F8_E5M2FNUZ', 8],
  ['F8_E8M0', 8],
  ['F16', 16],
  ['BF16', 16],
  ['I16', 16],
  ['U16', 16],
  ['F32', 32],
  ['I32', 32],
  ['U32', 32],
  ['F64', 64],
  ['I64', 64],
  ['U64', 64],
  ['C64', 64],
])

/** How many bits an element of a dtype has; `undefined` where the format has no such dtype. */
export const bitsOf = (dtype: string): number | undefined => bits.get(dtype)

/** A typed array that can stand in a tree. */
export type Numbers =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array

/** A kind of typed array: its numbers' dtype, and how one is made on memory that nobody else holds. */
interface ArrayKind {
  readonly name: string
  readonly dtype: string
  readonly make: (buffer: ArrayBuffer) => Numbers
}

/** Every kind of typed array; of those with one dtype, the first reads what was written elsewhere. */
const arrayKinds: readonly ArrayKind[] = [
  { name: 'Int8Array', dtype: 'I8', make: (buffer) => new Int8Array(buffer) },
  { name: 'Uint8Array', dtype: 'U8', make: (buffer) => new Uint8Array(buffer) },
  { name: 'Uint8ClampedArray', dtype: 'U8', make: (buffer) => new Uint8ClampedArray(buffer) },
  { name: 'Int16Array', dtype: 'I16', make: (buffer) => new Int16Array(buffer) },
  { name: 'Uint16Array', dtype: 'U16', make: (buffer) => new Uint16Array(buffer) },
  { name: 'Int32Array', dtype: 'I32', make: (buffer) => new Int32Array(buffer) },
  { name: 'Uint32Array', dtype: 'U32', make: (buffer) => new Uint32Array(buffer) },
  { name: 'Float32Array', dtype: 'F32', make: (buffer) => new Float32Array(buffer) },
  { name: 'Float64Array', dtype: 'F64', make: (buffer) => new Float64Array(buffer) },
  { name: 'BigInt64Array', dtype: 'I64', make: (buffer) => new BigInt64Array(buffer) },
  { name: 'BigUint64Array', dtype: 'U64', make: (buffer) => new BigUint64Array(buffer) },
]

const byName: ReadonlyMap<string, ArrayKind> = new Map(arrayKinds.map((kind) => [kind.name, kind]))
const byDtype: ReadonlyMap<string, ArrayKind> = new Map(
  [...arrayKinds].reverse().map((kind) => [kind.dtype, kind]),
)

/** The dtype of a kind of typed array; `undefined` for any other word. */
export const dtypeOfArray = (name: string): string | undefined => byName.get(name)?.dtype

/** The kind of typed array that holds a dtype's numbers as they are. */
export const arrayOfDtype = (dtype: string): string | undefined => byDtype.get(dtype)?.name

/** The kind of a typed array; `undefined` for what is none. */
export const arrayName = (leaf: unknown): string | undefined => {
  // not by the constructor: a Buffer is a Uint8Array, and another realm has constructors of its own
  const name = ArrayBuffer.isView(leaf) && Symbol.toStringTag in leaf ? leaf[Symbol.toStringTag] : undefined
  return typeof name === 'string' && byName.has(name) ? name : undefined
}

/** What the outline calls an array with a shape. */
export const NDARRAY = 'NdArray'

/** The precision of an array with a shape that holds a dtype's numbers as they are; `undefined` where none does. */
export const floatsOfDtype = (dtype: string): 'float32' | 'float64' | undefined =>
  dtype === 'F64' ? 'float64' : tensorOfDtype(dtype) === 'float32' ? 'float32' : undefined

/** The array of it, on the memory of some bytes. */
export const makeFloats = (dtype: string, buffer: ArrayBuffer): Float32Array | Float64Array =>
  floatsOfDtype(dtype) === 'float64' ? new Float64Array(buffer) : new Float32Array(buffer)

/** A typed array of a kind, on the memory of some bytes. */
export const makeArray = (name: string, buffer: ArrayBuffer): Numbers =>
  (byName.get(name)?.make ?? ((bytes): Numbers => new Uint8Array(bytes)))(buffer)

/** What TensorFlow.js calls the dtypes that it has. */
export type TensorDtype = 'float32' | 'int32' | 'bool'

const ofTensor: ReadonlyMap<string, string> = new Map<TensorDtype, string>([
  ['float32', 'F32'],
  ['int32', 'I32'],
  ['bool', 'BOOL'],
])

const tensors: ReadonlyMap<string, TensorDtype> = new Map<string, TensorDtype>([
  ['F32', 'float32'],
  ['I32', 'int32'],
  ['BOOL', 'bool'],
  // every number of 16 bits is one of 32
  ['F16', 'float32'],
  ['BF16', 'float32'],
])

/** The format's name for a dtype of TensorFlow.js; `undefined` for strings and complex numbers. */
export const dtypeOfTensor = (dtype: string): string | undefined => ofTensor.get(dtype)

/** The dtype of the tensor that holds a dtype's numbers as they are. */
export const tensorOfDtype = (dtype: string): TensorDtype | undefined => tensors.get(dtype)

/**
 * A small assembler for WebAssembly: instructions by their names in the specification, and the sections of a
 * module with one memory, some imported functions and one exported function.
 *
 * Source: WebAssembly Core Specification 2.0, section 5, Binary Format. Fixed-width SIMD only: one opcode of the
 * relaxed kind makes some devices refuse a whole module.
 */

/** Bytes, and code among them, which is put in its place when its length is asked for. */
export type Code = readonly (number | Code)[]

// values

/** An unsigned integer in LEB128. */
const unsigned = (value: number): Code =>
  value < 128 ? [value] : [128 + (value % 128), unsigned(Math.floor(value / 128))]

/** A signed 32-bit integer in LEB128. */
const signed = (value: number): Code => {
  const low = value & 0x7f
  const rest = value >> 7
  // the highest of the seven bits is the sign of all that follow
  return rest === ((low & 0x40) === 0 ? 0 : -1) ? [low] : [low | 0x80, signed(rest)]
}

const float = (value: number, bytes: 4 | 8): Code => {
  const view = new DataView(new ArrayBuffer(bytes))
  if (bytes === 4) view.setFloat32(0, value, true)
  else view.setFloat64(0, value, true)
  return [...new Uint8Array(view.buffer)]
}

const vector = (items: Code): Code => [unsigned(items.length), items]

const name = (text: string): Code => vector([...new TextEncoder().encode(text)])

/** The bytes of code, one after the other. */
const bytesOf = (code: readonly unknown[]): readonly number[] => code.flat(Infinity) as number[] // code has nothing else in it

/** Code, after the number of its bytes. */
const sized = (code: Code): Code => vector(bytesOf(code))

// types

/** The value types that kernels use. */
export type ValueType = 'i32' | 'f32' | 'f64' | 'v128'

const valueTypes: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b }

/** The parameters and the results of a function. */
export interface FunctionType {
  readonly parameters: readonly ValueType[]
  readonly results: readonly ValueType[]
}

// instructions

const simd = (opcode: number): Code => [0xfd, unsigned(opcode)]

/** What every kind of floats has. */
const comparisons = ['eq', 'ne', 'lt', 'gt', 'le'] as const
const signs = ['abs', 'neg'] as const
const wholes = ['ceil', 'floor', 'trunc', 'nearest'] as const
const operators = ['sqrt', 'add', 'sub', 'mul', 'div', 'min', 'max'] as const

/** The instructions that all kinds of floats have. */
export const ofFloats: readonly (
  | (typeof comparisons)[number]
  | (typeof signs)[number]
  | (typeof wholes)[number]
  | (typeof operators)[number]
)[] = [...comparisons, ...signs, ...wholes, ...operators]

/** Kinds of floats: alone, four or two in a vector. */
export type Floats = 'f32' | 'f64' | 'f32x4' | 'f64x2'

/** The name of an instruction without immediates. */
export type Mnemonic =
  | 'end'
  | 'select'
  | 'i32.or'
  | 'i32.add'
  | 'i32.sub'
  | 'i32.ge_u'
  | 'f32.demote_f64'
  | 'f64.promote_f32'
  | 'f64x2.promote_low_f32x4'
  | 'f32x4.splat'
  | 'f64x2.splat'
  | 'v128.bitselect'
  | `${Floats}.${(typeof ofFloats)[number]}`

/** The name of a load or a store. */
export type Access =
  | 'i32.load'
  | 'f32.load'
  | 'f64.load'
  | 'f32.store'
  | 'f64.store'
  | 'v128.load'
  | 'v128.load32_splat'
  | 'v128.load64_splat'
  | 'v128.store'

/** The name of an instruction for one lane of a vector. */
type Lane = `${'f32x4' | 'f64x2'}.${'extract_lane' | 'replace_lane'}`

/** Opcodes of a kind of floats in the order of the specification, from a first one on. */
const from = <F extends Floats, N extends string>(
  of: F,
  first: number,
  names: readonly N[],
  code: (opcode: number) => Code,
): Readonly<Record<`${F}.${N}`, Code>> =>
  // every name of the list becomes a key
  Object.fromEntries(names.map((each, i) => [`${of}.${each}`, code(first + i)])) as Record<`${F}.${N}`, Code>

const one = (opcode: number): Code => [opcode]

const opcodes: Readonly<Record<Mnemonic | Access | Lane, Code>> = {
  end: [0x0b],
  select: [0x1b],
  'i32.load': [0x28],
  'f32.load': [0x2a],
  'f64.load': [0x2b],
  'f32.store': [0x38],
  'f64.store': [0x39],
  'i32.ge_u': [0x4f],
  ...from('f32', 0x5b, comparisons, one),
  ...from('f64', 0x61, comparisons, one),
  'i32.add': [0x6a],
  'i32.sub': [0x6b],
  'i32.or': [0x72],
  ...from('f32', 0x8b, [...signs, ...wholes, ...operators], one),
  ...from('f64', 0x99, [...signs, ...wholes, ...operators], one),
  'f32.demote_f64': [0xb6],
  'f64.promote_f32': [0xbb],
  'v128.load': simd(0),
  'v128.load32_splat': simd(9),
  'v128.load64_splat': simd(10),
  'v128.store': simd(11),
  'f32x4.splat': simd(19),
  'f64x2.splat': simd(20),
  'f32x4.extract_lane': simd(31),
  'f32x4.replace_lane': simd(32),
  'f64x2.extract_lane': simd(33),
  'f64x2.replace_lane': simd(34),
  ...from('f32x4', 65, comparisons, simd),
  ...from('f64x2', 71, comparisons, simd),
  'v128.bitselect': simd(82),
  'f64x2.promote_low_f32x4': simd(95),
  ...from('f32x4', 103, wholes, simd),
  ...from('f64x2', 116, ['ceil', 'floor'], simd),
  'f64x2.trunc': simd(122),
  'f64x2.nearest': simd(148),
  ...from('f32x4', 224, signs, simd),
  ...from('f32x4', 227, operators, simd),
  ...from('f64x2', 236, signs, simd),
  ...from('f64x2', 239, operators, simd),
}

/** An instruction without immediates. */
export const op = (mnemonic: Mnemonic): Code => opcodes[mnemonic]

/** A load or a store at a constant offset from the address on the stack; no alignment is promised. */
export const access = (mnemonic: Access, offset: number): Code => [opcodes[mnemonic], 0, unsigned(offset)]

/** One lane of a vector, out or in, by index. */
export const lane = (mnemonic: Lane, index: number): Code => [opcodes[mnemonic], index]

/** A constant. */
export const constant: {
  readonly i32: (value: number) => Code
  readonly f32: (value: number) => Code
  readonly f64: (value: number) => Code
} = {
  i32: (value) => [0x41, signed(value)],
  f32: (value) => [0x43, float(value, 4)],
  f64: (value) => [0x44, float(value, 8)],
}

/** The local variables of a function, by index. */
export const local: {
  readonly get: (index: number) => Code
  readonly set: (index: number) => Code
  readonly tee: (index: number) => Code
} = {
  get: (index) => [0x20, unsigned(index)],
  set: (index) => [0x21, unsigned(index)],
  tee: (index) => [0x22, unsigned(index)],
}

/** A call of a function, by index. */
export const call = (index: number): Code => [0x10, unsigned(index)]

/** Four of the eight float32 of two vectors, by index: the first vector has 0 to 3, the second one 4 to 7. */
export const shuffle = (lanes: readonly [number, number, number, number]): Code => [
  simd(13),
  lanes.map((each) => [0, 1, 2, 3].map((byte) => 4 * each + byte)),
]

/** The vector with its halves exchanged; takes the same vector twice from the stack. */
export const swapHalves: Code = /* @__PURE__ */ shuffle([2, 3, 0, 1])

const empty = 0x40

/** Runs the body where the condition holds. */
export const when = (condition: Code, body: Code): Code => [condition, [0x04, empty], body, op('end')]

const again: Code = [0x0c, 1] // br to the loop around

/** Runs the body again and again, as long as the condition holds; asked before each turn. */
export const whileLoop = (condition: Code, body: Code): Code => [
  [0x03, empty], // loop
  when(condition, [body, again]),
  op('end'),
]

// modules

/** A function that a module imports, from `env`. */
export interface ImportedFunction {
  readonly name: string
  readonly type: FunctionType
}

/** A module that imports `env.memory` and some functions, and exports one function, `run`. */
export interface ModuleSpec {
  /** Whether the memory is shared among threads. */
  readonly shared: boolean
  readonly imports: readonly ImportedFunction[]
  readonly type: FunctionType
  /** The types of the local variables after the parameters. */
  readonly locals: readonly ValueType[]
  readonly body: Code
}

const section = (id: number, content: Code): Code => [id, sized(content)]

const types = (of: readonly ValueType[]): Code => vector(of.map((type) => valueTypes[type]))

const functionType = ({ parameters, results }: FunctionType): Code => [
  0x60,
  types(parameters),
  types(results),
]

/** A shared memory must be declared with a maximum, which all of the address space is. */
const memoryLimits = (shared: boolean): Code => (shared ? [3, 0, unsigned(65_536)] : [0, 0])

/** The bytes of a module. */
export const assemble = ({ shared, imports, type, locals, body }: ModuleSpec): Uint8Array<ArrayBuffer> => {
  const functions = imports.map((each, i): Code => [name('env'), name(each.name), 0x00, unsigned(i)])
  const memory: Code = [name('env'), name('memory'), 0x02, memoryLimits(shared)]
  const declarations = vector(locals.map((each) => [1, valueTypes[each]]))
  return Uint8Array.from(
    bytesOf([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, vector([...imports.map((each) => each.type), type].map(functionType))),
      section(2, vector([...functions, memory])),
      section(3, vector([unsigned(imports.length)])),
      section(7, vector([[name('run'), 0x00, unsigned(imports.length)]])),
      section(10, vector([sized([declarations, body, op('end')])])),
    ]),
  )
}

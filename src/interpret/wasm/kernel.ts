/**
 * Kernel: a loop as a WebAssembly module, with SIMD over four elements.
 *
 * Its function walks a table with an entry per leaf, so that one call does many leaves, each in three turns:
 * several vectors at once while there are as many, then one vector, then the last elements one by one. All
 * operations are IEEE's: the results are those of numbers in float32, bit for bit.
 *
 * An entry of the table has these 32-bit words: the number of elements, the address of the uniforms (float32),
 * the address of the reductions' results (float64), an address per stream, an address per store. A store may go
 * where a stream came from: every element is read before it is written.
 *
 * Sums are those of float64, nearly: the vectors of one turn are added in float32, pair by pair, which is off by less
 * than two units in float32's last place of the turn's sum of magnitudes, and turns in float64. Where a turn's sum
 * overflows, the leaf is gone through again, all in float64.
 */
import {
  type BinaryOp,
  type Compare,
  type CompareOp,
  type Expr,
  parts,
  type Reduce,
  type UnaryOp,
} from '../../rule/expr.js'
import {
  access,
  assemble,
  type Code,
  call,
  constant,
  type FunctionType,
  lane,
  local,
  type Mnemonic,
  op,
  swapHalves,
  type ValueType,
  when,
  whileLoop,
} from './assembler.js'
import type { Loop } from './loop.js'

// the table

/** How many words of an entry come before the addresses of streams. */
export const HEADER = 3

/** How many 32-bit words an entry of a loop's table has. */
export const entryWords = ({ streams, stores }: Loop): number => HEADER + streams.length + stores.length

// functions that WebAssembly lacks

const f64 = (count: number): FunctionType => ({
  parameters: Array.from({ length: count }, () => 'f64' as const),
  results: ['f64'],
})

/** Operators that are JavaScript's own functions of float64. */
const imported = {
  exp: { type: f64(1), run: Math.exp },
  log: { type: f64(1), run: Math.log },
  tanh: { type: f64(1), run: Math.tanh },
  pow: { type: f64(2), run: Math.pow },
} as const

type Imported = keyof typeof imported

const importedNames: readonly Imported[] = ['exp', 'log', 'tanh', 'pow']

/** The functions that a kernel's module imports from `env`. */
export const importedFunctions: Readonly<Record<string, (x: number, y: number) => number>> =
  Object.fromEntries(importedNames.map((each) => [each, imported[each].run]))

const importsOf = (loop: Loop): readonly Imported[] => {
  const used = new Set<string>()
  for (const node of loop.uses.keys())
    if (node.scope === 'element' && (node._tag === 'Unary' || node._tag === 'Binary')) used.add(node.op)
  return importedNames.filter((each) => used.has(each))
}

// one element, or four

type Inline = Exclude<UnaryOp | BinaryOp | CompareOp, Imported | 'sign'>

/** How many elements are computed at once, and by which instructions. */
interface Width {
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

const scalar: Width = {
  type: 'f32',
  elements: 1,
  ops: {
    ...{ neg: 'f32.neg', abs: 'f32.abs', sqrt: 'f32.sqrt' },
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

const vector: Width = {
  type: 'v128',
  elements: 4,
  ops: {
    ...{ neg: 'f32x4.neg', abs: 'f32x4.abs', sqrt: 'f32x4.sqrt' },
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

// local variables

const TABLE = 0
const COUNT = 1
const parameters: readonly ValueType[] = ['i32', 'i32']

/** The local variables of the function, given out one by one. */
interface Locals {
  readonly types: ValueType[]
  readonly take: (type: ValueType) => number
}

const makeLocals = (): Locals => {
  const types: ValueType[] = []
  return { types, take: (type) => parameters.length + types.push(type) - 1 }
}

/** Accumulators of a reduction: some for vectors, so that one need not wait for the other, and one for the rest. */
interface Accumulators {
  readonly reduce: Reduce
  readonly vectors: readonly number[]
  readonly rest: number
}

/** Where everything is. */
interface Variables {
  /** Elements to go. */
  readonly left: number
  /** Addresses of the streams, and of the stores. */
  readonly streams: readonly number[]
  readonly stores: readonly number[]
  readonly accumulators: readonly Accumulators[]
  /** Per width the values of uniforms and streams, of shared terms, and of what an operator keeps meanwhile. */
  readonly values: Readonly<Record<Width['type'], (node: Expr, use?: string) => number>>
}

const variables = (locals: Locals, loop: Loop): Variables => {
  const take = (type: ValueType, count: number): number[] =>
    Array.from({ length: count }, () => locals.take(type))
  const values = (type: Width['type']): ((node: Expr, use?: string) => number) => {
    const known = new Map<string, number>()
    return (node, use = 'value') => {
      const key = `${use} ${node.id}`
      const index = known.get(key) ?? locals.take(type)
      known.set(key, index)
      return index
    }
  }
  return {
    left: locals.take('i32'),
    streams: take('i32', loop.streams.length),
    stores: take('i32', loop.stores.length),
    accumulators: loop.reductions.map((reduce) => ({
      reduce,
      vectors: take('v128', 4),
      rest: locals.take(reduce.kind === 'sum' ? 'f64' : 'f32'),
    })),
    values: { f32: values('f32'), v128: values('v128') },
  }
}

// terms

/** Evaluates terms one after the other; a term that is used again stays in a local variable. */
const evaluator = (
  width: Width,
  { uses, streams }: Loop,
  { values }: Variables,
  imports: readonly Imported[],
): ((node: Expr) => Code) => {
  const variable = values[width.type]
  const ready = new Set<Expr>(streams)

  const compare = ({ op: test, left, right }: Compare): Code => [
    ...evaluate(left),
    ...evaluate(right),
    ...op(width.ops[test]),
  ]

  const applied = (name: Imported, node: Expr, args: readonly Expr[]): Code => {
    const kept = args.map((_, i) => variable(node, `argument ${i}`))
    return [
      ...args.flatMap((arg, i) => [...evaluate(arg), ...local.set(kept[i] ?? 0)]),
      ...width.apply(imports.indexOf(name), kept),
    ]
  }

  const sign = (node: Expr, arg: Expr): Code => {
    const kept = variable(node, 'argument 0')
    const against = (test: 'lt' | 'gt'): Code => [
      ...local.get(kept),
      ...width.constant(0),
      ...op(width.ops[test]),
    ]
    return [
      ...evaluate(arg),
      ...local.set(kept),
      ...width.constant(1),
      ...width.constant(-1),
      ...local.get(kept), // zeros keep their sign, and NaN is kept
      ...against('lt'),
      ...op(width.select),
      ...against('gt'),
      ...op(width.select),
    ]
  }

  const fresh = (node: Expr): Code => {
    switch (node._tag) {
      case 'Unary':
        if (node.op === 'sign') return sign(node, node.arg)
        if (node.op === 'exp' || node.op === 'log' || node.op === 'tanh')
          return applied(node.op, node, [node.arg])
        return [...evaluate(node.arg), ...op(width.ops[node.op])]
      case 'Binary':
        if (node.op === 'pow') return applied('pow', node, [node.left, node.right])
        return [...evaluate(node.left), ...evaluate(node.right), ...op(width.ops[node.op])]
      case 'Select':
        return [...evaluate(node.then), ...evaluate(node.else), ...compare(node.test), ...op(width.select)]
      default:
        throw new TypeError(`a loop has no value for ${node._tag}`)
    }
  }

  const evaluate = (node: Expr): Code => {
    if (node.scope !== 'element' || ready.has(node)) return local.get(variable(node))
    const code = fresh(node)
    if ((uses.get(node) ?? 0) < 2) return code
    ready.add(node)
    return [...code, ...local.tee(variable(node))]
  }
  return evaluate
}

// reductions

/** Adds the vector in a local variable to a sum, in float64. */
const addVector = ({ vectors }: Accumulators, kept: number): Code => {
  const [low = 0, high = 0] = vectors
  const add = (half: Code, into: number): Code => [
    ...half,
    ...op('f64x2.promote_low_f32x4'),
    ...local.get(into),
    ...op('f64x2.add'),
    ...local.set(into),
  ]
  const swapped = [...local.get(kept), ...local.get(kept), ...swapHalves]
  return [...add(local.get(kept), low), ...add(swapped, high)]
}

/** The sum of vectors in local variables, pair by pair, in float32. */
const pairwise = (vectors: readonly number[]): Code => {
  if (vectors.length === 1) return local.get(vectors[0] ?? 0)
  const half = vectors.length / 2
  return [...pairwise(vectors.slice(0, half)), ...pairwise(vectors.slice(half)), ...op('f32x4.add')]
}

/**
 * Takes what is on the stack for a reduction. A sum's vectors of one turn are kept to be added among themselves
 * first.
 */
const accumulate = (
  width: Width,
  { reduce, vectors, rest }: Accumulators,
  turn: number,
  kept: number,
): Code => {
  if (reduce.kind === 'max') {
    const into = width === scalar ? rest : (vectors[turn % vectors.length] ?? 0)
    return [...local.get(into), ...op(width.ops.max), ...local.set(into)]
  }
  return width === scalar
    ? [...op('f64.promote_f32'), ...local.get(rest), ...op('f64.add'), ...local.set(rest)]
    : local.set(kept)
}

/** Where a reduction keeps the vector of a turn. */
const keptAt = (vars: Variables, width: Width, { reduce }: Accumulators, turn: number): number =>
  vars.values[width.type](reduce, `turn ${turn}`)

/** Adds what the turns have kept. */
const addKept = (vars: Variables, width: Width, turnCount: number): Code =>
  vars.accumulators.flatMap((each) => {
    if (width === scalar || each.reduce.kind === 'max') return []
    const kept = Array.from({ length: turnCount }, (_, turn) => keptAt(vars, width, each, turn))
    const [first = 0] = kept
    return turnCount === 1
      ? addVector(each, first)
      : [...pairwise(kept), ...local.set(first), ...addVector(each, first)]
  })

/** Puts together what a reduction's accumulators have. */
const gather = ({ reduce, vectors, rest }: Accumulators): Code => {
  const [first = 0, ...others] = vectors
  const all = (mnemonic: Mnemonic): Code => [
    ...local.get(first),
    ...others.flatMap((each) => [...local.get(each), ...op(mnemonic)]),
    ...local.set(first),
  ]
  const lanes = (extract: (index: number) => Code, count: number, mnemonic: Mnemonic): Code =>
    Array.from({ length: count }, (_, i) => [...local.get(first), ...extract(i), ...op(mnemonic)]).flat()
  const isSum = reduce.kind === 'sum'
  return [
    ...all(isSum ? 'f64x2.add' : 'f32x4.max'),
    ...local.get(rest),
    ...(isSum
      ? lanes(lane['f64x2.extract_lane'], 2, 'f64.add')
      : lanes(lane['f32x4.extract_lane'], 4, 'f32.max')),
    ...local.set(rest),
  ]
}

/** Whether a sum has left the finite numbers; of none, it has not. */
const overflowed = (sums: readonly Accumulators[]): Code =>
  sums.flatMap(({ rest }, i) => [
    ...local.get(rest),
    ...local.get(rest),
    ...op('f64.sub'),
    ...constant.f64(0),
    ...op('f64.ne'),
    ...(i > 0 ? op('i32.or') : []),
  ])

// one turn

/** Reads, computes and writes as many elements as are computed at once, `turn` times as many further on. */
const element = (
  width: Width,
  loop: Loop,
  vars: Variables,
  imports: readonly Imported[],
  turn: number,
): Code => {
  const offset = 4 * width.elements * turn
  const variable = vars.values[width.type]
  const evaluate = evaluator(width, loop, vars, imports)
  return [
    ...loop.streams.flatMap((node, i) => [
      ...local.get(vars.streams[i] ?? 0),
      ...access(width.load, offset),
      ...local.set(variable(node)),
    ]),
    ...loop.stores.flatMap((node, i) => [
      ...local.get(vars.stores[i] ?? 0),
      ...evaluate(node),
      ...access(width.store, offset),
    ]),
    ...vars.accumulators.flatMap((each) => [
      ...evaluate(each.reduce.arg),
      ...accumulate(width, each, turn, keptAt(vars, width, each, turn)),
    ]),
  ]
}

/** Goes through the elements while there are enough for so many turns at once. */
const turns = (
  width: Width,
  loop: Loop,
  vars: Variables,
  imports: readonly Imported[],
  count: number,
): Code => {
  const elements = width.elements * count
  const advance = (address: number): Code => [
    ...local.get(address),
    ...constant.i32(4 * elements),
    ...op('i32.add'),
    ...local.set(address),
  ]
  return whileLoop(
    [...local.get(vars.left), ...constant.i32(elements), ...op('i32.ge_u')],
    [
      ...Array.from({ length: count }, (_, turn) => element(width, loop, vars, imports, turn)).flat(),
      ...addKept(vars, width, count),
      ...[...vars.streams, ...vars.stores].flatMap(advance),
      ...local.get(vars.left),
      ...constant.i32(elements),
      ...op('i32.sub'),
      ...local.set(vars.left),
    ],
  )
}

// one leaf

const begin = (loop: Loop, vars: Variables): Code => {
  const word = (index: number): Code => [...local.get(TABLE), ...access('i32.load', 4 * index)]
  const addresses = [...vars.streams, ...vars.stores]
  return [
    ...[...word(0), ...local.set(vars.left)],
    ...addresses.flatMap((address, i) => [...word(HEADER + i), ...local.set(address)]),
    ...loop.uniforms.flatMap((node, i) => [
      ...word(1),
      ...access('v128.load32_splat', 4 * i),
      ...local.tee(vars.values.v128(node)),
      ...lane['f32x4.extract_lane'](0),
      ...local.set(vars.values.f32(node)),
    ]),
    ...vars.accumulators.flatMap(({ reduce, vectors, rest }) => {
      const start = reduce.kind === 'sum' ? 0 : Number.NEGATIVE_INFINITY
      return [
        ...vectors.flatMap((each) => [...vector.constant(start), ...local.set(each)]),
        ...(reduce.kind === 'sum' ? constant.f64(start) : constant.f32(start)),
        ...local.set(rest),
      ]
    }),
  ]
}

/** Goes through a leaf, with so many vectors in the larger turns. */
const pass = (loop: Loop, vars: Variables, imports: readonly Imported[], vectors: number): Code => [
  ...begin(loop, vars),
  ...(vectors > 1 ? turns(vector, loop, vars, imports, vectors) : []),
  ...turns(vector, loop, vars, imports, 1),
  ...turns(scalar, loop, vars, imports, 1),
  ...vars.accumulators.flatMap(gather),
]

const finish = ({ accumulators }: Variables): Code =>
  accumulators.flatMap((each, i) => [
    ...local.get(TABLE),
    ...access('i32.load', 8),
    ...local.get(each.rest),
    ...(each.reduce.kind === 'max' ? op('f64.promote_f32') : []),
    ...access('f64.store', 8 * i),
  ])

/** Vectors per turn: eight, where so much code still pays. */
const unrolled = ({ uses }: Loop): number => {
  const operators = [...uses.keys()].filter((node) => parts(node).length > 0).length
  return operators <= 64 ? 8 : operators <= 256 ? 2 : 1
}

/** The bytes of the module that runs a loop over the leaves of a table: `run(table, count)`. */
export const kernelBytes = (loop: Loop, shared: boolean): Uint8Array<ArrayBuffer> => {
  const locals = makeLocals()
  const vars = variables(locals, loop)
  const imports = importsOf(loop)
  const sums = vars.accumulators.filter(({ reduce }) => reduce.kind === 'sum')
  const body = whileLoop(local.get(COUNT), [
    ...pass(loop, vars, imports, unrolled(loop)),
    // a loop that reduces stores nothing, and so can be run again
    ...(sums.length > 0 ? when(overflowed(sums), pass(loop, vars, imports, 1)) : []),
    ...finish(vars),
    ...local.get(TABLE),
    ...constant.i32(4 * entryWords(loop)),
    ...op('i32.add'),
    ...local.set(TABLE),
    ...local.get(COUNT),
    ...constant.i32(1),
    ...op('i32.sub'),
    ...local.set(COUNT),
  ])
  return assemble({
    shared,
    imports: imports.map((each) => ({ name: each, type: imported[each].type })),
    type: { parameters, results: [] },
    locals: locals.types,
    body,
  })
}

/**
 * Panel: the inner loops of products as WebAssembly, eight columns at once. There are two of them: of matrices, and of
 * channels each with itself, as depthwise convolutions multiply.
 *
 * `run(table, count)` goes through the entries of a table. Each computes some rows of C = α A B + β D, eight columns of
 * them. The numbers of A may lie anywhere: A[i, k] is at the address `rows[i] + steps[k]`, of two tables of 32-bit words; the
 * second one ends at `end`. So A may be a matrix, one that is transposed, or the patches of an image that a convolution
 * multiplies, and nothing is copied. Of channels, A has as many columns as B for each i and k: A B is Σ A[i, k, j] B[k, j].
 *
 * Four rows by two vectors are summed in registers, of which WebAssembly's engines have sixteen.
 */
import {
  access,
  assemble,
  type Code,
  constant,
  local,
  op,
  type ValueType,
  when,
  whileLoop,
} from './assembler.js'

/** An entry of the table, in its order: 32-bit words. Steps between rows are in bytes. */
export interface Panel {
  readonly c: number
  readonly cStep: number
  /** Where D is; 0 if nothing is added. It may be C. */
  readonly d: number
  readonly dStep: number
  readonly b: number
  readonly bStep: number
  readonly steps: number
  readonly end: number
  readonly rows: number
  readonly count: number
  /** These are floats. */
  readonly alpha: number
  readonly beta: number
}

const addresses = ['c', 'cStep', 'd', 'dStep', 'b', 'bStep', 'steps', 'end', 'rows', 'count'] as const
const factors = ['alpha', 'beta'] as const

/** How many bytes an entry has. */
export const panelSize: number = 4 * (addresses.length + factors.length)

/** Writes an entry at an address. */
export const writePanel = (
  { i32, f32 }: { readonly i32: Int32Array; readonly f32: Float32Array },
  at: number,
  panel: Panel,
): void => {
  const word = at >>> 2
  i32[word] = panel.c
  i32[word + 1] = panel.cStep
  i32[word + 2] = panel.d
  i32[word + 3] = panel.dStep
  i32[word + 4] = panel.b
  i32[word + 5] = panel.bStep
  i32[word + 6] = panel.steps
  i32[word + 7] = panel.end
  i32[word + 8] = panel.rows
  i32[word + 9] = panel.count
  f32[word + 10] = panel.alpha
  f32[word + 11] = panel.beta
}

// where everything is

/** The most rows at once. */
const tall = 4
/** Vectors in a row of a panel. */
const wide = 2

const [table, left] = [0, 1]

type Address = (typeof addresses)[number]
const address = (name: Address): number => 2 + addresses.indexOf(name)
const get = (name: Address): Code => local.get(address(name))

const first = 2 + addresses.length
/** Where the next step is, where the next row of B is, and the step itself. */
const [at, row, step] = [first, first + 1, first + 2]
/** Where the rows of A begin, and after them where a step of a row is. */
const start = (i: number): number => first + 3 + i

const vectors = first + 4 + tall
const factor = (name: (typeof factors)[number]): number => vectors + factors.indexOf(name)
const right = (j: number): number => vectors + factors.length + j
const one = vectors + factors.length + wide
const sum = (i: number, j: number): number => one + 1 + i * wide + j

const locals: readonly ValueType[] = [
  ...Array.from({ length: vectors - 2 }, () => 'i32' as const),
  ...Array.from({ length: factors.length + wide + 1 + tall * wide }, () => 'v128' as const),
]

// code

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i)

/** Adds to a variable. */
const add = (variable: number, more: Code): Code => [
  ...local.get(variable),
  ...more,
  ...op('i32.add'),
  ...local.set(variable),
]

/** Runs some code for every vector of the sums. */
const cells = (height: number, code: (i: number, j: number) => Code): Code =>
  range(height).flatMap((i) => range(wide).flatMap((j) => code(i, j)))

/** What a panel multiplies. */
export type Kind = 'matrix' | 'channels'

/** Multiplies a step: a column of A with a row of B. */
const multiply = (kind: Kind, height: number): Code => [
  ...[...local.get(at), ...access('i32.load', 0), ...local.set(step)],
  ...range(wide).flatMap((j) => [...local.get(row), ...access('v128.load', 16 * j), ...local.set(right(j))]),
  ...range(height).flatMap((i) => [
    ...[...local.get(start(i)), ...local.get(step), ...op('i32.add')],
    ...(kind === 'matrix' ? [...access('v128.load32_splat', 0), ...local.set(one)] : local.set(start(tall))),
    ...range(wide).flatMap((j) => [
      ...local.get(sum(i, j)),
      ...(kind === 'matrix' ? local.get(one) : [...local.get(start(tall)), ...access('v128.load', 16 * j)]),
      ...local.get(right(j)),
      ...[...op('f32x4.mul'), ...op('f32x4.add'), ...local.set(sum(i, j))],
    ]),
  ]),
  ...add(at, constant.i32(4)),
  ...add(row, get('bStep')),
]

/** The address of a row of C or D, from the address of the first one. */
const rowOf = (name: 'c' | 'd', i: number): Code => [
  ...get(name),
  ...range(i).flatMap(() => [...get(`${name}Step`), ...op('i32.add')]),
]

const goOn = (name: 'c' | 'd', height: number): Code =>
  range(height).flatMap(() => add(address(name), get(`${name}Step`)))

/** Goes through the rows while there are enough for so many at once. */
const turns = (kind: Kind, height: number): Code =>
  whileLoop(
    [...get('count'), ...constant.i32(height), ...op('i32.ge_u')],
    [
      ...range(height).flatMap((i) => [...get('rows'), ...access('i32.load', 4 * i), ...local.set(start(i))]),
      ...cells(height, (i, j) => [...constant.f32(0), ...op('f32x4.splat'), ...local.set(sum(i, j))]),
      ...[...get('steps'), ...local.set(at), ...get('b'), ...local.set(row)],
      ...whileLoop([...get('end'), ...local.get(at), ...op('i32.sub')], multiply(kind, height)),
      ...cells(height, (i, j) => [
        ...local.get(sum(i, j)),
        ...local.get(factor('alpha')),
        ...[...op('f32x4.mul'), ...local.set(sum(i, j))],
      ]),
      ...when(get('d'), [
        ...cells(height, (i, j) => [
          ...[...rowOf('d', i), ...access('v128.load', 16 * j)],
          ...[...local.get(factor('beta')), ...op('f32x4.mul')],
          ...[...local.get(sum(i, j)), ...op('f32x4.add'), ...local.set(sum(i, j))],
        ]),
        ...goOn('d', height),
      ]),
      ...cells(height, (i, j) => [
        ...rowOf('c', i),
        ...local.get(sum(i, j)),
        ...access('v128.store', 16 * j),
      ]),
      ...goOn('c', height),
      ...add(address('rows'), constant.i32(4 * height)),
      ...add(address('count'), constant.i32(-height)),
    ],
  )

/** Reads an entry. */
const enter: Code = [
  ...addresses.flatMap((name, i) => [
    ...local.get(table),
    ...access('i32.load', 4 * i),
    ...local.set(address(name)),
  ]),
  ...factors.flatMap((name, i) => [
    ...local.get(table),
    ...access('v128.load32_splat', 4 * (addresses.length + i)),
    ...local.set(factor(name)),
  ]),
]

/** The bytes of a panel's module. */
export const panelBytes = (kind: Kind, shared: boolean): Uint8Array<ArrayBuffer> =>
  assemble({
    shared,
    imports: [],
    type: { parameters: ['i32', 'i32'], results: [] },
    locals,
    body: whileLoop(local.get(left), [
      ...enter,
      ...turns(kind, tall),
      ...turns(kind, 1),
      ...add(table, constant.i32(panelSize)),
      ...add(left, constant.i32(-1)),
    ]),
  })

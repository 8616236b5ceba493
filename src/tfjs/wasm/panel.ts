/**
 * Panel: the inner loops of products as WebAssembly, eight columns at once. There are two of them: of matrices, and of
 * channels each with itself, as depthwise convolutions multiply.
 *
 * `run(c, cStep, b, bStep, steps, end, rows, count, more)` computes `count` rows of the product, eight columns of them:
 * C[i, j] = Σ A[i, k] B[k, j], or adds that to what is there. The numbers of A may lie anywhere: A[i, k] is at the
 * address `rows[i] + steps[k]`, of two tables of 32-bit words; the second one ends at `end`. So A may be a matrix, one that is transposed, or the
 * patches of an image that a convolution multiplies, and nothing is copied. Steps between rows are in bytes. Of channels,
 * A has as many columns as B for each i and k: C[i, j] = Σ A[i, k, j] B[k, j].
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
} from '../../compile/wasm/assembler.js'

const parameters = ['c', 'cStep', 'b', 'bStep', 'steps', 'end', 'rows', 'count', 'more'] as const

type Parameter = (typeof parameters)[number]

const parameter = (name: Parameter): number => parameters.indexOf(name)

const get = (name: Parameter): Code => local.get(parameter(name))

/** The most rows at once. */
const tall = 4
/** Vectors in a row of a panel. */
const wide = 2

const locals: readonly ValueType[] = [
  ...Array.from({ length: 3 + tall + 1 }, () => 'i32' as const),
  ...Array.from({ length: wide + 1 + tall * wide }, () => 'v128' as const),
]

const first = parameters.length
/** Where the next step is, where the next row of B is, and the step itself. */
const [at, row, step] = [first, first + 1, first + 2]
/** Where the rows of A begin, and after them where a step of a row is. */
const start = (i: number): number => first + 3 + i
const right = (j: number): number => first + 4 + tall + j
const left = first + 4 + tall + wide
const sum = (i: number, j: number): number => left + 1 + i * wide + j

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i)

/** Adds to a variable. */
const add = (variable: number, more: Code): Code => [
  ...local.get(variable),
  ...more,
  ...op('i32.add'),
  ...local.set(variable),
]

const cells = (height: number): readonly (readonly [i: number, j: number])[] =>
  range(height).flatMap((i) => range(wide).map((j) => [i, j] as const))

/** What a panel multiplies. */
export type Kind = 'matrix' | 'channels'

/** Multiplies a step: a column of A with a row of B. */
const multiply = (kind: Kind, height: number): Code => [
  ...[...local.get(at), ...access('i32.load', 0), ...local.set(step)],
  ...range(wide).flatMap((j) => [...local.get(row), ...access('v128.load', 16 * j), ...local.set(right(j))]),
  ...range(height).flatMap((i) => [
    ...[...local.get(start(i)), ...local.get(step), ...op('i32.add')],
    ...(kind === 'matrix' ? [...access('v128.load32_splat', 0), ...local.set(left)] : local.set(start(tall))),
    ...range(wide).flatMap((j) => [
      ...local.get(sum(i, j)),
      ...(kind === 'matrix' ? local.get(left) : [...local.get(start(tall)), ...access('v128.load', 16 * j)]),
      ...local.get(right(j)),
      ...[...op('f32x4.mul'), ...op('f32x4.add'), ...local.set(sum(i, j))],
    ]),
  ]),
  ...add(at, constant.i32(4)),
  ...add(row, get('bStep')),
]

/** The address of a row of C, from the address of the first one. */
const target = (i: number): Code => [
  ...get('c'),
  ...range(i).flatMap(() => [...get('cStep'), ...op('i32.add')]),
]

/** Goes through the rows while there are enough for so many at once. */
const turns = (kind: Kind, height: number): Code =>
  whileLoop(
    [...get('count'), ...constant.i32(height), ...op('i32.ge_u')],
    [
      ...range(height).flatMap((i) => [...get('rows'), ...access('i32.load', 4 * i), ...local.set(start(i))]),
      ...cells(height).flatMap(([i, j]) => [
        ...constant.f32(0),
        ...op('f32x4.splat'),
        ...local.set(sum(i, j)),
      ]),
      ...when(
        get('more'),
        cells(height).flatMap(([i, j]) => [
          ...target(i),
          ...access('v128.load', 16 * j),
          ...local.set(sum(i, j)),
        ]),
      ),
      ...[...get('steps'), ...local.set(at), ...get('b'), ...local.set(row)],
      ...whileLoop([...get('end'), ...local.get(at), ...op('i32.sub')], multiply(kind, height)),
      ...cells(height).flatMap(([i, j]) => [
        ...target(i),
        ...local.get(sum(i, j)),
        ...access('v128.store', 16 * j),
      ]),
      ...range(height).flatMap(() => add(parameter('c'), get('cStep'))),
      ...add(parameter('rows'), constant.i32(4 * height)),
      ...[...get('count'), ...constant.i32(height), ...op('i32.sub'), ...local.set(parameter('count'))],
    ],
  )

/** The bytes of a panel's module. */
export const panelBytes = (kind: Kind, shared: boolean): Uint8Array<ArrayBuffer> =>
  assemble({
    shared,
    imports: [],
    type: { parameters: parameters.map(() => 'i32' as const), results: [] },
    locals,
    body: [...turns(kind, tall), ...turns(kind, 1)],
  })

/** Walks of the catalogue's optimizers: steps from the beginning, or from a checkpoint on. */
import * as E from 'fp-ts/lib/Either.js'
import { Block, encode as blocksAs, catalogue, type Kind, type Tx } from '../../../laws/index.js'
import { tidily } from '../../../laws/tensor.js'
import { decode, encode } from '../../../src/checkpoint/index.js'
import { dpsgd, type Params, step, type Tree, tree } from '../../../src/index.js'
import { numbers } from '../../backends.js'
import { isThorough } from '../../laws/runs.js'

/** What optimizers are run on. */
export interface Ground {
  readonly kind: Kind
  readonly backend: 'cpu' | 'wasm'
  /** Its place among them. */
  readonly at: number
}

/** The grounds, by name; what is no tensor needs no backend. */
export const grounds: Readonly<Record<string, Ground>> = {
  numbers: { kind: 'number', backend: 'cpu', at: 0 },
  Float64Arrays: { kind: 'float64', backend: 'cpu', at: 1 },
  Float32Arrays: { kind: 'float32', backend: 'cpu', at: 2 },
  ndarrays: { kind: 'ndarray', backend: 'cpu', at: 3 },
  'tensors on cpu': { kind: 'tensor', backend: 'cpu', at: 4 },
  'tensors on wasm': { kind: 'tensor', backend: 'wasm', at: 5 },
}

/** Steps before the checkpoint: what happens in every second to fifth step is on its way. */
const BEFORE = 5
/** Steps after it. */
const AFTER = 4

/** An optimizer, and what it is given. */
export interface Journey {
  readonly title: string
  readonly make: () => Tx
  /** Whether the third gradient is not finite. */
  readonly foul: boolean
  /** The first axes of gradients, which parameters lack. */
  readonly examples: readonly number[]
}

/**
 * Each row, and once more after a gradient that is not finite. Without `CI` they take turns: a row goes one way on a ground,
 * the other on the next, and rests on the one after that, so that it goes both ways on two of the six.
 */
const ofCatalogue = ({ kind, at }: Ground): readonly Journey[] =>
  catalogue
    .filter(({ kinds }) => kinds.includes(kind))
    .flatMap(({ call, make }, i) =>
      [
        { title: call, make, foul: false, examples: [] },
        { title: `${call}, after a gradient that is not finite`, make, foul: true, examples: [] },
      ].filter((_, turn) => isThorough || (i + at) % 3 === turn),
    )

/** What the laws do not draw for: gradients per example, of tensors. */
const perExample: readonly Journey[] = [
  {
    title: 'dpsgd(0.1, { l2NormClip: 1, noiseMultiplier: 0.5, seed: 3, momentum: 0.9 })',
    make: () => dpsgd(0.1, { l2NormClip: 1, noiseMultiplier: 0.5, seed: 3, momentum: 0.9 }),
    foul: false,
    examples: [2],
  },
]

/** All journeys on a ground, in the same order in every process. */
export const journeysOn = (ground: Ground): readonly Journey[] => [
  ...ofCatalogue(ground),
  ...(ground.kind === 'tensor' ? perExample : []),
]

/** A matrix, a vector, a smaller matrix and a number, which look like none in particular: the same on all machines. */
export const drawn = (seed: number, poison: number, examples: readonly number[]): Tree<Block> => {
  let at = 0
  const next = (): number => (((seed * 7919 + ++at * 104729) % 2003) - 1001) / 512 + poison
  const block = (...own: number[]): Block => {
    const shape = [...examples, ...own]
    return new Block(shape, Float64Array.from({ length: shape.reduce((size, n) => size * n, 1) }, next))
  }
  return { dense: { kernel: block(4, 3), bias: block(3) }, layers: [block(2, 2), block()] }
}

/** Parameters and state, at some step. */
interface Point {
  readonly params: Params
  readonly state: unknown
}

const start = ({ make }: Journey, kind: Kind): Point => {
  const params = blocksAs(kind)(drawn(0, 0, []))
  return { params, state: make().init(params) }
}

const walk = (
  { make, foul, examples }: Journey,
  kind: Kind,
  point: Point,
  from: number,
  to: number,
): Point => {
  const take = step(make())
  let { params, state } = point
  for (let count = from + 1; count <= to; count++) {
    const grads = blocksAs(kind)(drawn(count, foul && count === 3 ? Number.POSITIVE_INFINITY : 0, examples))
    ;[params, state] = take(params, state, grads)
  }
  return { params, state }
}

/** Numbers with their bits, but for NaN, of which JavaScript has one: its sign is the machine's, and tells nothing. */
export const bits = (point: Point): Uint8Array =>
  encode(
    tree.map(
      (leaf: unknown) =>
        typeof leaf === 'object'
          ? Float64Array.from(numbers(leaf), (x) => (Number.isNaN(x) ? Number.NaN : x))
          : leaf,
      // whatever is not a branch is a leaf
    )(point as Tree<unknown>),
  )

/** The checkpoint on the way, and the end when nothing interrupts. */
export const uninterrupted = (
  journey: Journey,
  kind: Kind,
): { readonly half: Uint8Array; readonly end: Uint8Array } =>
  tidily(() => {
    const half = walk(journey, kind, start(journey, kind), 0, BEFORE)
    return { half: encode(half), end: bits(walk(journey, kind, half, BEFORE, BEFORE + AFTER)) }
  })

/** The end, from a checkpoint on. */
export const resumed = (journey: Journey, kind: Kind, half: Uint8Array): Uint8Array =>
  tidily(() => {
    const point = decode(half, start(journey, kind))
    if (E.isLeft(point)) throw new Error(point.left.message)
    return bits(walk(journey, kind, point.right, BEFORE, BEFORE + AFTER))
  })

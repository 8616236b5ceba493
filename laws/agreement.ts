/** Agreement: numbers, arrays and tensors give the same results, each in its precision. */
import * as fc from 'fast-check'
import { type GradientTransformation, type Tree, tree } from '../src/index.js'
import { type Trial, trial } from './arbitrary.js'
import type { Block } from './block.js'
import { follow } from './follow.js'
import { type Kind, precisionOf } from './kind.js'
import type { Law } from './law.js'
import { compare, exactly, firstOf, showTolerance, type Tolerance } from './violation.js'

/**
 * How much the interpreters may differ.
 *
 * @category Laws of agreement
 */
export interface Agreement {
  /** Float32Array from Float64Array, in ulps of float32. */
  readonly float32: Tolerance
  /** A tensor from Float32Array; exact on the `cpu` backend where nothing is summed. */
  readonly tensor: Tolerance
  /** Whether plain numbers agree with Float64Array bit for bit; they do not if a rule takes norms of leaves. */
  readonly numbers: boolean
}

const against: Readonly<Record<Kind, Kind>> = {
  number: 'float64',
  float64: 'float64',
  float32: 'float64',
  ndarray: 'float64',
  tensor: 'float32',
}

/** Parameters and gradients with one sign per element: nothing cancels, so ulps are meaningful. */
const aligned = (): fc.Arbitrary<Trial> =>
  fc
    .tuple(
      trial('float32', { grads: 'positive', params: 'positive', steps: 6 }),
      fc.array(fc.constantFrom(1, -1), { minLength: 1, maxLength: 5 }),
    )
    .map(([{ params, grads }, signs]) => {
      const sign = tree.map((block: Block) => block.map((x, i) => (signs[i % signs.length] ?? 1) * x))
      return { params: sign(params), grads: grads.map((gradient) => sign(gradient)) }
    })

/**
 * The same trial gives the same updates on every kind of leaves: numbers, ndarrays and Float64Array bit for bit, the
 * others within a tolerance.
 *
 * @category Laws of agreement
 * @example
 * ```ts
 * import { lion } from 'gradpipe'
 * import { checkLaws, interpretersAgree, within } from 'gradpipe/laws'
 *
 * const law = interpretersAgree({ float32: within(4), tensor: within(0), numbers: true })
 * checkLaws(lion(0.1), [law], { runs: 20 })
 * ```
 */
export const interpretersAgree = ({
  float32,
  tensor,
  numbers,
}: Agreement): Law<GradientTransformation, Trial> => ({
  name: 'interpretersAgree',
  statement: 'numbers = ndarrays = Float64Array, Float32Array ≈ Float64Array, tensors ≈ Float32Array',
  conditions: `nothing cancels; float32 ${showTolerance(float32)}, tensors ${showTolerance(tensor)}`,
  kinds: [...(numbers ? ['number' as const] : []), 'float32', 'ndarray', 'tensor'],
  arbitrary: aligned,
  predicate: (tx, on, kind) => {
    const [given, expected] = [follow(tx, on, kind), follow(tx, on, against[kind])]
    const precision = precisionOf(kind)
    const tolerance = precision === 'float64' ? exactly : kind === 'float32' ? float32 : tensor
    const rounded = (update: Tree<Block>): Tree<Block> =>
      precision === 'float32' ? tree.map((block: Block) => block.map(Math.fround))(update) : update
    return firstOf(
      expected.updates.map((update, i) =>
        compare(`update ${i + 1}`, rounded(update), given.updates[i] ?? null, tolerance, precision),
      ),
    )
  },
})

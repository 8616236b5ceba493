/** Equivariance: what is done to the gradients is done to the updates. */

import * as fc from 'fast-check'
import { type Tree, tree } from '../src/index.js'
import { powerOfTwo, type Trial, type TrialOptions, trial } from './arbitrary.js'
import { Block } from './block.js'
import { follow } from './follow.js'
import { allKinds, type Kind, precisionOf } from './kind.js'
import type { Law, Tx } from './law.js'
import {
  compare,
  equally,
  exactly,
  firstOf,
  showTolerance,
  type Tolerance,
  type Violation,
} from './violation.js'

type Blocks = Tree<Block>

const onTrial = (change: (blocks: Blocks) => Blocks, { params, grads }: Trial): Trial => ({
  params: change(params),
  grads: grads.map(change),
})

const onGrads = (change: (blocks: Blocks, step: number) => Blocks, { params, grads }: Trial): Trial => ({
  params,
  grads: grads.map(change),
})

/** Compares the updates of two runs, step by step, after changing the first as the law says. */
const related = (
  expected: readonly Blocks[],
  given: readonly Blocks[],
  tolerance: Tolerance,
  kind: Kind,
): Violation | null =>
  firstOf(
    expected.map((update, i) =>
      compare(`update ${i + 1}`, update, given[i] ?? null, tolerance, precisionOf(kind)),
    ),
  )

/** Every element, with its number among all elements of the tree. */
const mapElements =
  (f: (x: number, index: number) => number): ((blocks: Blocks) => Blocks) =>
  (blocks) => {
    let offset = 0
    const starts = new Map(
      tree.leaves(blocks).map(([path, block]) => {
        const start = offset
        offset += block.data.length
        return [tree.showPath(path), start] as const
      }),
    )
    return tree.mapWithPath((path, block: Block) => {
      const start = starts.get(tree.showPath(path)) ?? 0
      return block.map((x, i) => f(x, start + i))
    })(blocks)
  }

const scaled = (c: number): ((blocks: Blocks) => Blocks) => mapElements((x) => c * x)

// signs

/**
 * $u(-g) = -u(g)$.
 *
 * @category Laws of equivariance
 */
export const reflection: Law<Tx, Trial> = {
  name: 'reflection',
  statement: 'u(−g) = −u(g)',
  conditions: 'no weight decay; exact, as numbers',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind),
  predicate: (tx, given, kind) =>
    related(
      follow(tx, given, kind).updates.map(scaled(-1)),
      follow(tx, onGrads(scaled(-1), given), kind).updates,
      equally,
      kind,
    ),
}

const signAt = (signs: readonly number[], i: number): number => signs[i % signs.length] ?? 1

const signs: fc.Arbitrary<readonly number[]> = fc.array(fc.constantFrom(1, -1), {
  minLength: 1,
  maxLength: 7,
})

/**
 * A trial and signs for its coordinates.
 *
 * @category Generators
 */
export interface SignsCase {
  /** Parameters and gradients. */
  readonly on: Trial
  /** Ones and minus ones, repeated as needed. */
  readonly signs: readonly number[]
}

/**
 * Reflection of single coordinates, $u(\sigma \odot g) = \sigma \odot u(g)$: the elements do not see each other's
 * signs.
 *
 * @category Laws of equivariance
 */
export const coordinateReflection: Law<Tx, SignsCase> = {
  name: 'coordinateReflection',
  statement: 'u(σ⊙g) = σ⊙u(g) for a sign per coordinate',
  conditions: 'no weight decay, no means; exact, as numbers',
  kinds: allKinds,
  arbitrary: (kind) => fc.record({ on: trial(kind), signs }),
  predicate: (tx, { on, signs }, kind) => {
    const reflect = mapElements((x, i) => signAt(signs, i) * x)
    return related(
      follow(tx, on, kind).updates.map(reflect),
      follow(tx, onGrads(reflect, on), kind).updates,
      equally,
      kind,
    )
  },
}

// places

const permuted = (shift: number, flip: boolean): ((blocks: Blocks) => Blocks) =>
  tree.map((block: Block) => {
    const n = block.data.length
    return block.map((_, i) => {
      const j = (i + shift) % n
      return block.data[flip ? n - 1 - j : j] ?? Number.NaN
    })
  })

/**
 * A trial and a permutation within its leaves.
 *
 * @category Laws of equivariance
 */
export interface Permuted {
  /** The trial. */
  readonly on: Trial
  /** By how many places the elements move. */
  readonly shift: number
  /** Whether their order is reversed first. */
  readonly flip: boolean
}

/**
 * $u(\pi g) = \pi u(g)$ for permutations within the leaves, up to a tolerance: a norm may be summed in another
 * order.
 *
 * @category Laws of equivariance
 */
export const permutationWithin = (tolerance: Tolerance, draws: TrialOptions = {}): Law<Tx, Permuted> => ({
  name: 'permutationEquivariance',
  statement: 'u(πg) = π u(g) for permutations within the leaves',
  conditions: `${showTolerance(tolerance)}; norms are summed in another order`,
  kinds: allKinds,
  arbitrary: (kind) => fc.record({ on: trial(kind, draws), shift: fc.nat(6), flip: fc.boolean() }),
  predicate: (tx, { on, shift, flip }, kind) => {
    const permute = permuted(shift, flip)
    return related(
      follow(tx, on, kind).updates.map(permute),
      follow(tx, onTrial(permute, on), kind).updates,
      tolerance,
      kind,
    )
  },
})

/**
 * $u(\pi g) = \pi u(g)$ for permutations within the leaves, bit for bit: the place of an element does not matter, not
 * even in the tail of a vector register.
 *
 * @category Laws of equivariance
 * @example
 * ```ts
 * import { adam } from 'gradpipe'
 * import { checkLaws, permutationEquivariance } from 'gradpipe/laws'
 *
 * checkLaws(adam(0.1), [permutationEquivariance], { runs: 20 })
 * ```
 */
export const permutationEquivariance: Law<Tx, Permuted> = permutationWithin(exactly)

const joined = (blocks: Blocks): Block => {
  const data = tree.leaves(blocks).flatMap(([, block]) => [...block.data])
  return new Block([data.length], Float64Array.from(data))
}

/**
 * $u(g_1 \oplus g_2) = u(g_1) \oplus u(g_2)$, up to a tolerance: norms of the whole tree may be summed in another
 * order.
 *
 * @category Laws of equivariance
 */
export const concatenationWithin = (tolerance: Tolerance, draws: TrialOptions = {}): Law<Tx, Trial> => ({
  name: 'concatenation',
  statement: 'u(g₁ ⊕ g₂) = u(g₁) ⊕ u(g₂): leaves concatenated into one have the same updates',
  conditions: `element by element, or by norms of the whole tree; ${showTolerance(tolerance)}`,
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, draws),
  predicate: (tx, given, kind) =>
    related(
      follow(tx, given, kind).updates.map(joined),
      follow(tx, onTrial(joined, given), kind).updates,
      tolerance,
      kind,
    ),
})

/**
 * $u(g_1 \oplus g_2) = u(g_1) \oplus u(g_2)$: all leaves laid end to end in one give the same updates, bit for bit.
 * Norms per leaf break it.
 *
 * @category Laws of equivariance
 */
export const concatenation: Law<Tx, Trial> = concatenationWithin(exactly)

const listed = (blocks: Blocks): Blocks => tree.leaves(blocks).map(([, block]) => block)

/**
 * How leaves are nested does not matter: a flat list of the same leaves gives the same updates.
 *
 * @category Laws of equivariance
 */
export const regrouping: Law<Tx, Trial> = {
  name: 'regrouping',
  statement: 'leaves in a flat list, in the same order, have the same updates',
  conditions: 'no masks or labels by path; exact',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'finite' }),
  predicate: (tx, given, kind) =>
    related(
      follow(tx, given, kind).updates.map(listed),
      follow(tx, onTrial(listed, given), kind).updates,
      exactly,
      kind,
    ),
}

const flat = tree.map(({ data }: Block) => new Block([data.length], data))

/**
 * The shape of a tensor does not matter, only its elements.
 *
 * @category Laws of equivariance
 */
export const reshape: Law<Tx, Trial> = {
  name: 'reshape',
  statement: 'flattened tensors have the same updates, flattened',
  conditions: 'no axes in the rule; tensors; exact',
  kinds: ['tensor'],
  arbitrary: (kind) => trial(kind, { grads: 'finite' }),
  predicate: (tx, given, kind) =>
    related(
      follow(tx, given, kind).updates.map(flat),
      follow(tx, onTrial(flat, given), kind).updates,
      exactly,
      kind,
    ),
}

/**
 * Every leaf alone has the same updates as among the others.
 *
 * @category Laws of equivariance
 */
export const leafwise: Law<Tx, Trial> = {
  name: 'leafwise',
  statement: 'a leaf alone has the same updates as among the others',
  conditions: 'no norms over the tree; exact',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'finite' }),
  predicate: (tx, { params, grads }, kind) => {
    const all = follow(tx, { params, grads }, kind).updates.map(listed)
    const columns = grads.map((gradient) => tree.leaves(gradient).map(([, block]) => block))
    const alone = tree
      .leaves(params)
      .map(([, block], leaf) =>
        follow(tx, { params: block, grads: columns.map((column) => column[leaf] ?? null) }, kind),
      )
    return related(
      all,
      grads.map((_, step) => alone.map(({ updates }) => updates[step] ?? null)),
      exactly,
      kind,
    )
  },
}

// scales

/**
 * A trial and factors, powers of two, for its elements in turn.
 *
 * @category Laws of equivariance
 */
export interface Scaled {
  /** The trial. */
  readonly on: Trial
  /** The factors. */
  readonly factors: readonly number[]
}

const withFactors = (kind: Kind, many: boolean, given?: TrialOptions): fc.Arbitrary<Scaled> =>
  fc.record({
    on: trial(kind, given),
    factors: fc.array(powerOfTwo, { minLength: 1, maxLength: many ? 7 : 1 }),
  })

const factorAt = (factors: readonly number[], i: number): number => factors[i % factors.length] ?? 1

/**
 * $u(cg) = u(g)$ for the whole sequence, for trials drawn as told.
 *
 * @category Laws of equivariance
 */
export const scaleInvarianceOn = (draws: TrialOptions): Law<Tx, Scaled> => ({
  name: 'scaleInvariance',
  statement: 'u(c·g) = u(g) for the whole sequence',
  conditions: 'ε = 0, c a power of two; exact',
  kinds: allKinds,
  arbitrary: (kind) => withFactors(kind, false, draws),
  predicate: (tx, { on, factors }, kind) =>
    related(
      follow(tx, on, kind).updates,
      follow(tx, onGrads(scaled(factorAt(factors, 0)), on), kind).updates,
      exactly,
      kind,
    ),
})

/**
 * $u(cg) = u(g)$ for the whole sequence: the loss may be measured in any unit.
 *
 * @category Laws of equivariance
 */
export const scaleInvariance: Law<Tx, Scaled> = scaleInvarianceOn({})

/**
 * $u(c \odot g) = u(g)$ with a factor per coordinate.
 *
 * @category Laws of equivariance
 */
export const coordinateScaleInvariance: Law<Tx, Scaled> = {
  name: 'coordinateScaleInvariance',
  statement: 'u(c⊙g) = u(g) for a factor cᵢ > 0 per coordinate, the same at every step',
  conditions: 'ε = 0, cᵢ powers of two; exact',
  kinds: allKinds,
  arbitrary: (kind) => withFactors(kind, true),
  predicate: (tx, { on, factors }, kind) =>
    related(
      follow(tx, on, kind).updates,
      follow(
        tx,
        onGrads(
          mapElements((x, i) => factorAt(factors, i) * x),
          on,
        ),
        kind,
      ).updates,
      exactly,
      kind,
    ),
}

/**
 * $u(c_t \odot g_t) = u(g_t)$ with another factor at each step and coordinate: only the signs are seen.
 *
 * @category Laws of equivariance
 */
export const signInvariance: Law<Tx, Scaled> = {
  name: 'signInvariance',
  statement: 'u(cₜ⊙gₜ) = u(gₜ) for any positive factor per step and coordinate',
  conditions: 'rules of signs; exact, subnormals too',
  kinds: allKinds,
  arbitrary: (kind) => withFactors(kind, true, { grads: 'normal', steps: 6 }),
  predicate: (tx, { on, factors }, kind) => {
    const change = (blocks: Blocks, step: number): Blocks =>
      mapElements((x, i) => factorAt(factors, i + 3 * step) * x)(blocks)
    return related(follow(tx, on, kind).updates, follow(tx, onGrads(change, on), kind).updates, exactly, kind)
  },
}

/**
 * $u(cg) = c\,u(g)$.
 *
 * @category Laws of equivariance
 */
export const homogeneity: Law<Tx, Scaled> = {
  name: 'homogeneity',
  statement: 'u(c·g) = c·u(g)',
  conditions: 'linear rules, c a power of two; exact',
  kinds: allKinds,
  arbitrary: (kind) => withFactors(kind, false),
  predicate: (tx, { on, factors }, kind) => {
    const change = scaled(factorAt(factors, 0))
    return related(
      follow(tx, on, kind).updates.map(change),
      follow(tx, onGrads(change, on), kind).updates,
      exactly,
      kind,
    )
  },
}

/**
 * $u(g + h) = u(g) + u(h)$.
 *
 * @category Laws of equivariance
 */
export const additivity: Law<Tx, Trial> = {
  name: 'additivity',
  statement: 'u(g + h) = u(g) + u(h)',
  conditions:
    'linear rules; positive gradients, so that nothing cancels; within 16 ulps, a rounding per operation',
  kinds: allKinds,
  arbitrary: (kind) => trial(kind, { grads: 'positive', steps: 6 }),
  predicate: (tx, { params, grads }, kind) => {
    const half = Math.floor(grads.length / 2)
    const [g, h] = [grads.slice(0, half), grads.slice(half, 2 * half)]
    const round = precisionOf(kind) === 'float32' ? Math.fround : (x: number) => x
    const plus = (a: Blocks, b: Blocks): Blocks => {
      const others = new Map(tree.leaves(b).map(([path, block]) => [tree.showPath(path), block]))
      return tree.mapWithPath((path, block: Block) => {
        const other = others.get(tree.showPath(path))
        return block.map((x, i) => round(x + (other?.data[i] ?? Number.NaN)))
      })(a)
    }
    const run = (gradients: readonly Blocks[]): readonly Blocks[] =>
      follow(tx, { params, grads: gradients }, kind).updates
    const [ofG, ofH] = [run(g), run(h)]
    return related(
      ofG.map((u, i) => plus(u, ofH[i] ?? null)),
      run(g.map((gradient, i) => plus(gradient, h[i] ?? null))),
      // the sum of both gradients is itself rounded
      { ulps: 16 },
      kind,
    )
  },
}

/**
 * A trial and a rotation.
 *
 * @category Generators
 */
export interface RotationCase {
  /** Parameters and gradients. */
  readonly on: Trial
  /** The angle, in radians. */
  readonly angle: number
}

/**
 * $u(Qg) = Q\,u(g)$ for orthogonal $Q$: no coordinate system is preferred. Adam's square root per element breaks it.
 *
 * @category Laws of equivariance
 */
export const orthogonalEquivariance: Law<Tx, RotationCase> = {
  name: 'orthogonalEquivariance',
  statement: 'u(Qg) = Q u(g) for rotations Q within the leaves',
  conditions: 'float64; within 1e-12 of the greatest element',
  kinds: ['number', 'float64'],
  arbitrary: (kind) =>
    fc.record({
      on: trial(kind, { grads: 'moderate', minSize: 2 }),
      angle: fc.double({ min: 0.1, max: 3, noNaN: true }),
    }),
  predicate: (tx, { on, angle }, kind) => {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
    // rotates the planes of the coordinates (0, 1), (2, 3), …; with an odd number, the last one stays
    const rotate = tree.map((block: Block) =>
      block.map((x, i) => {
        const partner = block.data[i % 2 === 0 ? i + 1 : i - 1]
        return partner === undefined ? x : cos * x + (i % 2 === 0 ? -sin : sin) * partner
      }),
    )
    return related(
      follow(tx, on, kind).updates.map(rotate),
      follow(tx, onGrads(rotate, on), kind).updates,
      { ulps: 0, floor: 1e-12 },
      kind,
    )
  },
}

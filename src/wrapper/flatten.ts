/** flatten: all leaves as one. */
import { concatLeaves, splitLeaf, zerosLikeLeaf } from '../host/hosts.js'
import { dispose, disposingOnError } from '../program/dispose.js'
import { expectLike, expectPresent, inspect, inspectGradient } from '../program/expect.js'
import { freeingOnError } from '../program/process.js'
import { checkRanges, ofGradients } from '../range.js'
import { isTrainable, type Leaf, leafSpec, type Params } from '../rule/leaf.js'
import { fromProcess, processOf } from '../transform/ordinary.js'
import type { GradientTransformation, NoExtraArgs } from '../transform/transformation.js'
import { alignTrees } from '../tree/align.js'
import { buildForm, type Form } from '../tree/form.js'
import { leaves } from '../tree/tree.js'

/** A leaf position that is part of the vector. */
interface Part {
  readonly position: number
  readonly gradient: Leaf | null
  readonly parameter: Leaf | null
  /** The one that is there. */
  readonly like: Leaf
}

/** Leaves one after the other; nothing, if there is none. */
const vectorOf = (all: readonly Leaf[], tree: string): Params =>
  all.length === 0 ? null : concatLeaves(all, tree)

/** The gradients, with zeros where there is none. */
const gradientVector = (parts: readonly Part[]): Params => {
  const fillings: Leaf[] = []
  try {
    const all = parts.map(({ gradient, like }) => {
      if (gradient !== null) return gradient
      const filling = zerosLikeLeaf(like)
      fillings.push(filling)
      return filling
    })
    return vectorOf(all, 'grads')
  } finally {
    dispose(fillings)
  }
}

interface Parts {
  readonly form: Form
  readonly length: number
  readonly parts: readonly Part[]
}

/** Lays gradients and parameters beside each other. Throws as `update` does where they do not fit. */
const partsOf = (grads: Params, params: Params | undefined): Parts => {
  const { form, paths, columns } = alignTrees<Leaf>([
    ['params', params ?? null],
    ['grads', grads],
  ])
  const [parameters = [], gradients = []] = columns
  const parts = paths.flatMap((path, position): readonly Part[] => {
    const [gradient, parameter] = [gradients[position] ?? null, parameters[position] ?? null]
    const inParams = { tree: 'params', path }
    if (gradient === null)
      return parameter !== null && isTrainable(inspect(inParams, parameter))
        ? [{ position, gradient, parameter, like: parameter }]
        : []
    inspectGradient({ tree: 'grads', path }, gradient)
    if (params !== undefined) {
      expectPresent(inParams, parameter)
      expectLike({ tree: 'grads', path }, inspect(inParams, parameter), parameter, gradient)
    }
    return [{ position, gradient, parameter, like: gradient }]
  })
  return { form, length: paths.length, parts }
}

/**
 * Presents all leaves to a transformation as one vector, in the order of their sorted paths, so that the norm of a
 * leaf becomes the norm of the tree. The state is that of the vector.
 *
 * In Optax this also saves many small operations. Here a rule handles all leaves in one call anyway, and the vector
 * is a copy.
 *
 * A leaf without a gradient gets no update; in the vector, which has no holes, its gradient is zero.
 *
 * `update` throws `DtypeMismatch` for leaves of several kinds; numbers and Float64Arrays count as one kind.
 *
 * @category Wrappers
 * @see Optax, `flatten`
 * @example
 * ```ts
 * import { clipByBlockRms, flatten } from 'gradpipe'
 *
 * // the root mean square of 5 and 5 and 1 and 1 is that of all
 * const tx = flatten(clipByBlockRms(Math.sqrt(13) / 2))
 * const [updates] = tx.update({ a: [5, 5], b: [1, 1] }, tx.init({ a: [0, 0], b: [0, 0] }))
 * assert.deepEqual(updates, { a: [2.5, 2.5], b: [0.5, 0.5] })
 * ```
 */
export const flatten = <S, X = NoExtraArgs>(
  inner: GradientTransformation<S, X>,
): GradientTransformation<S, X> => {
  checkRanges('flatten', { inner }, { inner: ofGradients })
  const update = processOf(inner)
  return fromProcess(
    (params) =>
      disposingOnError((made) => {
        const all = leaves<Leaf>(params).filter(([path, leaf]) =>
          isTrainable(leafSpec(['params', ...path], leaf)),
        )
        const flat = made(
          vectorOf(
            all.map(([, leaf]) => leaf),
            'params',
          ),
        )
        const state = inner.init(flat)
        dispose(flat)
        return state
      }),
    freeingOnError(function* (made, grads, state, params, extraArgs) {
      const { form, length, parts } = partsOf(grads, params)
      const flatGrads = made(gradientVector(parts))
      const flatParams =
        params === undefined
          ? undefined
          : made(
              vectorOf(
                parts.map(({ parameter, like }) => parameter ?? like),
                'params',
              ),
            )
      const [flat, next] = made(yield* update(flatGrads, state, flatParams, extraArgs))
      const values: (Leaf | null)[] = new Array(length).fill(null)
      // updates have the structure of the gradients, which are one leaf or none
      const split =
        flat === null
          ? []
          : splitLeaf(
              flat as Leaf,
              parts.map(({ like }) => like),
            )
      for (const [i, { position, gradient }] of parts.entries())
        if (gradient === null) dispose(split[i] ?? null)
        else values[position] = split[i] ?? null
      dispose(flatGrads, flatParams, flat)
      return [buildForm(form, values), next] as const
    }),
    ['flatten', inner],
  )
}

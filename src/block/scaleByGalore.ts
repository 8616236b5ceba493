/** scaleByGalore: another transformation, in a subspace of every matrix. */
import { GradpipeError } from '../error.js'
import { clone } from '../host/hosts.js'
import { fromMatrices, toMatrix } from '../host/tfjs/matrices.js'
import { cloneTensor, isTensor, zerosOf } from '../host/tfjs/tensor.js'
import { tidied } from '../host/tfjs/tidy.js'
import {
  numbersOf,
  type Projection,
  project,
  projectedShape,
  projectorOf,
  projectorShape,
  unproject,
} from '../matrix/subspace.js'
import { ofGradients, steps } from '../range.js'
import {
  type AnyTensor,
  isTrainable,
  type Leaf,
  type LeafSpec,
  leafSpec,
  type Params,
  sizeOf,
} from '../rule/leaf.js'
import type { Stack } from '../rule/stack.js'
import { dispose, disposingOnError } from '../transform/dispose.js'
import { hyperparameters } from '../transform/hyperparameters.js'
import { leafByLeaf } from '../transform/leafByLeaf.js'
import { fromProcess, processOf } from '../transform/ordinary.js'
import { freeingOnError, type Process, wait } from '../transform/process.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { alignTrees } from '../tree/align.js'
import { buildForm } from '../tree/form.js'
import { showPath } from '../tree/path.js'
import { mapWithPath } from '../tree/tree.js'
import { axesOfMatrices, type MatrixAxes, tall, viewBy } from './matrixView.js'
import { scaleByAdam } from './scaleByAdam.js'

/**
 * Options of {@link scaleByGalore}.
 *
 * @category Building blocks
 */
export interface ScaleByGaloreOptions {
  /** How many directions of the longer side of a matrix to keep. A positive integer; default 128. */
  readonly rank?: number
  /** After how many steps to choose them again. A positive integer; default 200. */
  readonly updateProjGap?: number
  /** Multiplies the updates of the matrices. Default 1. */
  readonly scale?: number
  /** What runs in the subspace; it gets no parameters. {@link scaleByAdam} by default. */
  readonly baseOptimizer?: GradientTransformation
  /**
   * Which axes make a leaf's matrix, all of them; leaves for which a function gives `null` are not projected. By
   * default every leaf of rank 2 is a matrix, and no other.
   */
  readonly weightDimensionNumbers?: MatrixAxes
}

/**
 * State of {@link scaleByGalore}.
 *
 * @category Building blocks
 */
export interface GaloreState {
  /** Updates made. */
  readonly count: number
  /** The state of what runs in the subspace, for leaves of the projections' shapes. */
  readonly baseOptimizerState: unknown
  /** The directions of every matrix, as the columns of a tensor; `null` for a leaf that is not projected. */
  readonly projector: Params
}

const byRank: MatrixAxes = ({ shape }) => (shape.length === 2 ? {} : null)

/** A leaf as one matrix, and how it is projected. */
interface Projected {
  readonly stack: Stack
  readonly shape: readonly number[]
  readonly to: Projection
}

const projectedBy = (axes: MatrixAxes, most: number): ((leaf: LeafSpec) => Projected | null) => {
  const viewed = viewBy(axes)
  return (leaf) => {
    // one description for all leaves is for those that can have a matrix
    if (typeof axes !== 'function' && leaf.shape.length < 2) return null
    const view = viewed(leaf)
    if (view === null || sizeOf(leaf.shape) === 0) return null
    if (view.stack.length > 0)
      throw new GradpipeError(
        'InvalidArgument',
        showPath(leaf.path),
        'all axes in the reduction or in the output',
        `${[...view.reduction, ...view.output]} of ${leaf.shape.length}`,
      )
    const [rows, columns] = [view.fanIn, view.fanOut]
    return {
      stack: tall(view),
      shape: leaf.shape,
      to: { rows, columns, rank: Math.min(most, rows, columns) },
    }
  }
}

/**
 * Projects gradients onto a few directions, runs a transformation there, and projects its updates back. So its state
 * is as small as the projections.
 *
 * $$r_t = P^\top g_t \qquad u_t = s\, P\, \operatorname{base}(r_t)$$
 *
 * for a matrix with no fewer rows than columns; for others the directions are those of the rows, $r_t = g_t P$. $P$
 * has the leading singular vectors of the gradient, every `updateProjGap` steps those of the new one. Leaves that are
 * not matrices go to the base unchanged.
 *
 * To choose the directions, the gradient is read from the device and decomposed on the host in float64. That takes 20
 * ms for a matrix of 40 × 40, a second for 512 × 512, four for 768 × 768. For a gradient of lower rank the remaining
 * directions are arbitrary. The base's state stays as it is when they change, as in Optax; there it depends on the
 * signs of the singular vectors, which are LAPACK's here, up to 25 rows or columns.
 *
 * Throws `InvalidArgument` for an unknown option and one out of range, and for axes that leave some out;
 * `MissingParams` where the base needs parameters.
 *
 * @category Building blocks
 * @see Zhao et al., GaLore: Memory-Efficient LLM Training by Gradient Low-Rank Projection, 2024; Optax,
 * `contrib.scale_by_galore`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { dispose, identity, scaleByGalore } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * // of a gradient with singular values 4 and 1, the direction of the greater one is left
 * const tx = scaleByGalore({ rank: 1, baseOptimizer: identity() })
 * const g = tf.tensor2d([[4, 0], [0, 1]])
 * const start = tx.init(g)
 * const [u, state] = tx.update(g, start)
 * assert.deepEqual(Array.from(u.dataSync(), Math.round), [4, 0, 0, 0])
 * dispose(g, u, start, state)
 * ```
 */
export const scaleByGalore = (given?: ScaleByGaloreOptions): GradientTransformation<GaloreState> => {
  const { rank, updateProjGap, scale, ...rest } = hyperparameters(
    'scaleByGalore',
    { rank: 128, updateProjGap: 200, scale: 1, baseOptimizer: undefined, weightDimensionNumbers: undefined },
    given,
    {
      rank: steps,
      updateProjGap: steps,
      baseOptimizer: ofGradients,
      weightDimensionNumbers: axesOfMatrices,
    },
  )
  const { baseOptimizer: base = scaleByAdam(), weightDimensionNumbers = byRank } = rest
  const projected = projectedBy(weightDimensionNumbers, rank)

  const down = leafByLeaf({
    names: ['projector'],
    takes: projected,
    slots: ({ to }) => ({ projector: projectorShape(to) }),
    counted: true,
    step: ({ about, g, projector }) => ({
      update: project(toMatrix(g, about.stack), projector, about.to),
      projector: cloneTensor(projector),
    }),
  })

  /** The projectors of new gradients; where there is no gradient, what the state has stays. */
  function* renewed(grads: Params, before: Params, made: <M>(value: M) => M): Process<Params> {
    const { form, paths, columns } = alignTrees<Leaf>([
      ['state.projector', before],
      ['grads', grads],
    ])
    const [projectors = [], gradients = []] = columns
    const specs = gradients.map((gradient, i) =>
      gradient === null ? null : leafSpec(['grads', ...(paths[i] ?? [])], gradient),
    )
    const next: (Leaf | null)[] = []
    for (const [i, gradient] of gradients.entries()) {
      const spec = specs[i] ?? null
      const about = spec === null ? null : projected({ ...spec, path: paths[i] ?? [] })
      if (about === null || !isTensor(gradient)) {
        next.push(projectors[i] ?? null)
        continue
      }
      const matrix = made(tidied('update', () => toMatrix(gradient, about.stack)))
      const numbers = yield* wait(numbersOf(matrix))
      dispose(matrix)
      next.push(made(projectorOf(numbers, about.to)))
    }
    return buildForm(form, next)
  }

  /** Leaves like those that the base is going to see. */
  const likeProjected = (params: Params, made: <M>(value: M) => M): Params =>
    mapWithPath((path, leaf: Leaf): Leaf => {
      const spec = leafSpec(['params', ...path], leaf)
      const about = isTrainable(spec) ? projected({ ...spec, path }) : null
      return made(about === null ? clone(leaf) : zerosOf(projectedShape(about.to)))
    })(params)

  const up = (grads: Params, small: Params, projectors: Params, made: <M>(value: M) => M): Params => {
    const { form, paths, columns } = alignTrees<Leaf>([
      ['grads', grads],
      ['updates', small],
      ['state.projector', projectors],
    ])
    const [gradients = [], updates = [], directions = []] = columns
    const restored = gradients.map((gradient, i) => {
      const [update = null, projector = null] = [updates[i], directions[i]]
      if (gradient === null || update === null) return null
      const about = projected(leafSpec(paths[i] ?? [], gradient))
      if (about === null || !isTensor(update) || !isTensor(projector)) return made(clone(update))
      const back = (): AnyTensor =>
        fromMatrices(unproject(update, projector, about.to, scale), about.stack, about.shape)
      return made(tidied('update', back))
    })
    return buildForm(form, restored)
  }

  const runBase = processOf(base)
  return fromProcess(
    (params) =>
      disposingOnError((made) => {
        const { count = 0, projector } = made(down.init(params))
        const proxies = likeProjected(params, made)
        const baseOptimizerState = made(base.init(proxies))
        dispose(proxies)
        return { count, baseOptimizerState, projector }
      }),
    freeingOnError(function* (made, grads, state, params, extraArgs): Process<
      readonly [Params, GaloreState]
    > {
      const isDue = typeof state?.count === 'number' && state.count % updateProjGap === 0
      const fresh: Leaf[] = []
      const own = <M>(value: M): M => {
        if (isTensor(value)) fresh.push(value)
        return made(value)
      }
      const directions = isDue ? yield* renewed(grads, state.projector, own) : state?.projector
      const [low, { count = 0, projector }] = made(
        down.update<Params>(grads, { ...state, projector: directions }, params),
      )
      dispose(fresh)
      const [small, baseOptimizerState] = made(
        yield* runBase(low, state.baseOptimizerState, undefined, extraArgs),
      )
      const updates = up(grads, small, projector, made)
      dispose(low, small)
      return [updates, { count, baseOptimizerState, projector }] as const
    }),
    ['scaleByGalore', given],
  )
}

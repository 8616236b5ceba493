/** scaleByGalore: another transformation, in a subspace of every matrix. */
import { hyperparameters } from '../declare/hyperparameters.js'
import { axesOfMatrices, type MatrixAxes, tall, viewBy } from '../declare/matrixView.js'
import { GradpipeError } from '../error.js'
import { clone } from '../host/hosts.js'
import { cloneTensor, isTensor, zerosOf } from '../host/tfjs/tensor.js'
import {
  type Projection,
  project,
  projectedShape,
  projectorOf,
  projectorShape,
  unproject,
} from '../matrix/subspace.js'
import { dispose, disposingOnError } from '../program/dispose.js'
import { expectLike, expectPresent, inspect, inspectPair } from '../program/expect.js'
import { freeingOnError, type Process, wait } from '../program/process.js'
import { ofGradients, steps } from '../range.js'
import { type AnyTensor, isTrainable, type Leaf, type LeafSpec, type Params, sizeOf } from '../rule/leaf.js'
import { fromProcess, processOf } from '../transform/ordinary.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { alignTrees, formOf, leavesLike } from '../tree/align.js'
import { buildForm, type Form } from '../tree/form.js'
import { showPath } from '../tree/path.js'
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

/** How leaves are projected; `null` for one that is not. */
const projectionsBy = (axes: MatrixAxes, most: number): ((leaf: LeafSpec) => Projection | null) => {
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
    return { shape: leaf.shape, stack: tall(view), rank: Math.min(most, view.fanIn, view.fanOut) }
  }
}

/** What stands at a leaf's position, in the gradients and in the state: tensors, where it is projected. */
type Position =
  | { readonly to: Projection; readonly gradient: AnyTensor; readonly projector: AnyTensor }
  | { readonly to: null; readonly gradient: Leaf | null; readonly projector: Leaf | null }

/** Looks at everything, so that nothing can be wrong once something is made. */
const look = (
  projectionOf: (leaf: LeafSpec) => Projection | null,
  grads: Params,
  state: GaloreState,
  params: Params | undefined,
): { readonly form: Form; readonly positions: readonly Position[]; readonly count: number } => {
  const { count, projector: directions }: Partial<GaloreState> = state ?? {}
  if (directions === undefined)
    throw new GradpipeError('TreeMismatch', 'state.projector', `the transformation's state`, 'nothing')
  if (typeof count !== 'number')
    throw new GradpipeError('InvalidLeaf', 'state.count', 'a number', typeof count)
  const { form, paths, columns } = alignTrees<Leaf>([
    ['params', params ?? null],
    ['grads', grads],
    ['state.projector', directions],
  ])
  const [parameters = [], gradients = [], projectors = []] = columns
  const positions = paths.map((path, i): Position => {
    const [parameter = null, gradient = null, projector = null] = [parameters[i], gradients[i], projectors[i]]
    const place = { tree: 'state.projector', path }
    if (projector !== null) inspect(place, projector)
    const spec = inspectPair('grads', path, gradient, parameter, params !== undefined)
    const to = spec === null ? null : projectionOf(spec)
    if (to === null) return { to, gradient, projector }
    if (!isTensor(gradient))
      throw new GradpipeError('InvalidLeaf', showPath(['grads', ...path]), 'a tensor', 'numbers')
    expectPresent(place, projector)
    expectLike(place, { path, shape: projectorShape(to), dtype: gradient.dtype }, gradient, projector)
    // it is what the gradient is
    return { to, gradient, projector: projector as AnyTensor }
  })
  return { form, positions, count }
}

const cloned = (leaf: Leaf | null): Leaf | null => (leaf === null ? null : clone(leaf))

/** The gradient that the base gets. */
const down = (at: Position): Leaf | null =>
  at.to === null ? cloned(at.gradient) : project(at.gradient, at.projector, at.to)

/** The update, of the base's. */
const up = (at: Position, update: Leaf | null, scale: number): Leaf | null => {
  if (at.gradient === null) return null
  return at.to === null || !isTensor(update) ? cloned(update) : unproject(update, at.projector, at.to, scale)
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
  const projectionOf = projectionsBy(weightDimensionNumbers, rank)
  const runBase = processOf(base)

  return fromProcess(
    (params) => {
      const { form, leaves } = formOf<Leaf>('params', params)
      const positions = leaves.map(({ path, leaf }) => {
        const spec = inspect({ tree: 'params', path }, leaf)
        return { leaf, to: isTrainable(spec) ? projectionOf(spec) : null }
      })
      return disposingOnError((made) => {
        const projector = positions.map(({ to }) => to && made(zerosOf(projectorShape(to))))
        const small = positions.map(({ leaf, to }) =>
          made(to === null ? clone(leaf) : zerosOf(projectedShape(to))),
        )
        const baseOptimizerState = made(base.init(buildForm(form, small)))
        dispose(small)
        return { count: 0, baseOptimizerState, projector: buildForm<Leaf>(form, projector) }
      })
    },
    freeingOnError(function* (made, grads, state, params, extraArgs): Process<
      readonly [Params, GaloreState]
    > {
      const { form, positions, count } = look(projectionOf, grads, state, params)
      const isDue = count % updateProjGap === 0
      const next: Position[] = []
      for (const at of positions) {
        const { to, gradient, projector } = at
        if (to === null) next.push({ to, gradient, projector: made(cloned(projector)) })
        else {
          const directions = isDue ? yield* wait(projectorOf(gradient, to)) : cloneTensor(projector)
          next.push({ to, gradient, projector: made(directions) })
        }
      }
      const low = buildForm<Leaf>(
        form,
        next.map((at) => made(down(at))),
      )
      const [small, baseOptimizerState] = made(
        yield* runBase(low, state.baseOptimizerState, undefined, extraArgs),
      )
      const updates = leavesLike<Leaf>(form, ['grads', low], ['updates', small])
      const whole = next.map((at, i) => made(up(at, updates[i] ?? null, scale)))
      dispose(low, small)
      const projector = buildForm<Leaf>(
        form,
        next.map((at) => at.projector),
      )
      return [buildForm<Leaf>(form, whole), { count: count + 1, baseOptimizerState, projector }] as const
    }),
    ['scaleByGalore', given],
  )
}

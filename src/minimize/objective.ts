/** The objective: its values and gradients, each computed once per point, counted and checked. */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import type { Params } from '../rule/leaf.js'
import { same, type Vectors } from './vector.js'

/**
 * Where the gradients of a minimization come from: the caller, or central differences of values.
 *
 * @category Minimizing
 */
export type GradSource = 'given' | 'finiteDifferences'

/** A point, as a tree and as a vector, with what is known of the objective there. */
export interface Evaluated<P> {
  readonly x: P
  readonly at: Float64Array
  readonly value: number
  readonly grad: Float64Array
  readonly grads: P
}

/** The objective of one minimization. */
export interface Evaluations<P> {
  /** Its value. */
  value(x: Params): number
  /** Its value and its gradient. */
  both(x: Params): Evaluated<P>
  /** Forgets all points but one. */
  keep(point: Evaluated<P>): void
  /** Where its gradients come from; known after the first call. */
  source(): GradSource
  /** How often it was called, and how often for a gradient. */
  counts(): { readonly nfev: number; readonly njev: number }
}

/** The functions as given. What they take is up to the caller; what they return is checked. */
export interface Functions<P> {
  readonly objective: (x: P) => unknown
  readonly grad: ((x: P) => Params) | undefined
  /** The step of finite differences, relative to the element; by its precision, if there is none. */
  readonly relStep: number | undefined
}

/** An entry in the memory of a minimization. */
interface Known {
  readonly at: Float64Array
  readonly value: number
  grad: Float64Array | undefined
}

const returned = (expected: string, given: unknown): GradpipeError =>
  new GradpipeError('InvalidArgument', 'minimize.objective()', expected, shown(given))

const isPair = (result: unknown): result is { readonly value: unknown; readonly grads: Params } =>
  typeof result === 'object' && result !== null && 'value' in result && 'grads' in result

/** The objective, called only for points that are not known yet. */
export const evaluations = <P extends Params>(
  { objective, grad, relStep }: Functions<P>,
  vectors: Vectors<P>,
): Evaluations<P> => {
  let known: Known[] = []
  let source: GradSource | undefined
  /** Whether the objective returns the gradient too. */
  let pairs: boolean | undefined
  let nfev = 0
  let njev = 0

  const expectKind = (pair: boolean, result: unknown): void => {
    if (pair && grad !== undefined)
      throw new GradpipeError(
        'InvalidArgument',
        'minimize.grad',
        'nothing, since the objective returns { value, grads }',
        'a function',
      )
    pairs ??= pair
    if (pair !== pairs)
      throw returned(
        pairs ? '{ value, grads }, as in its first call' : 'a number, as in its first call',
        result,
      )
    source ??= pair || grad !== undefined ? 'given' : 'finiteDifferences'
  }

  const call = (x: P): Omit<Known, 'at'> => {
    nfev++
    const result = objective(x)
    if (typeof result === 'number') {
      expectKind(false, result)
      return { value: result, grad: undefined }
    }
    if (!isPair(result)) throw returned('a number, or { value, grads }', result)
    const { value, grads } = result
    if (typeof value !== 'number') throw returned('{ value, grads } with a number as its value', value)
    expectKind(true, result)
    njev++
    return { value, grad: vectors.read(grads, 'objective().grads') }
  }

  /** The slopes of the chords from a little before to a little after the point, along each axis. */
  const centralDifferences = (at: Float64Array): Float64Array =>
    at.map((xi, i) => {
      const h = (relStep ?? Math.cbrt(vectors.precision(i))) * Math.max(1, Math.abs(xi))
      const moved = (to: number): readonly [number, number] => {
        const rounded = vectors.rounded(i, to)
        const point = Float64Array.from(at)
        point[i] = rounded
        return [rounded, call(vectors.build(point)).value]
      }
      const [after, above] = moved(xi + h)
      const [before, below] = moved(xi - h)
      return (above - below) / (after - before)
    })

  const gradientAt = (x: P, at: Float64Array): Float64Array => {
    njev++
    return grad === undefined ? centralDifferences(at) : vectors.read(grad(x), 'grad()')
  }

  const look = (x: P): Known => {
    const at = vectors.read(x, 'x')
    const found = known.find((point) => same(point.at, at))
    if (found !== undefined) return found
    const point: Known = { at, ...call(x) }
    known.push(point)
    return point
  }

  return {
    // points of a line have the structure of the first point
    value: (x) => look(x as P).value,
    both: (tree) => {
      const x = tree as P
      const point = look(x)
      point.grad ??= gradientAt(x, point.at)
      const { at, value, grad } = point
      return { x, at, value, grad, grads: vectors.build(grad) }
    },
    keep: ({ at, value, grad }) => {
      known = [{ at, value, grad }]
    },
    source: () => source ?? 'given',
    counts: () => ({ nfev, njev }),
  }
}

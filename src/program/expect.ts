/** The checks of a step: each throws an error that names the leaf. */
import { GradpipeError } from '../error.js'
import { expectHost } from '../host/hosts.js'
import { shown } from '../options.js'
import {
  hostKind,
  isTensorLike,
  isTrainable,
  type Leaf,
  type LeafSpec,
  leafKind,
  leafSpec,
  type Params,
  showShape,
} from '../rule/leaf.js'
import { isElements, isGivenUp } from '../rule/ndarray.js'
import { type Path, showPath } from '../tree/path.js'

/** A leaf, the tree that it stands in, and where. */
interface Place {
  readonly tree: string
  readonly path: Path
}

const nameOf = ({ tree, path }: Place): string => showPath([tree, ...path])

/**
 * Inspects a leaf. Throws `InvalidLeaf` for something that is not a leaf, and for a tensor if its library is not
 * registered; `Disposed` for a disposed tensor, or an array that gave up its memory.
 */
export const inspect = (place: Place, leaf: Leaf): LeafSpec => {
  // nothing is wrong with these: no path is made
  if (typeof leaf === 'number') return leafSpec(place.path, leaf)
  if (isElements(leaf) && !isGivenUp(leaf)) return leafSpec(place.path, leaf)
  const path = [place.tree, ...place.path]
  const spec = leafSpec(path, leaf)
  expectHost(path, leaf)
  return { ...spec, path: place.path }
}

/** Inspects a gradient or an input. Throws `DtypeMismatch` if it is not of floats. */
export const inspectGradient = (place: Place, leaf: Leaf): LeafSpec => {
  const spec = inspect(place, leaf)
  if (isTrainable(spec)) return spec
  throw new GradpipeError('DtypeMismatch', nameOf(place), 'float32 or float64', spec.dtype)
}

const showLeaf = (spec: LeafSpec, leaf: Leaf): string => {
  const kind = leafKind(leaf)
  if (kind === 'number') return typeof leaf === 'number' ? 'a number' : shown(leaf)
  return `${kind === 'tensor' ? 'a tensor' : 'an ndarray'} of ${showShape(spec)}`
}

/** Throws unless a leaf has the shape, the dtype and the kind of the leaf that `spec` was read from. */
export const expectLike = (place: Place, spec: LeafSpec, like: Leaf, leaf: Leaf): void => {
  const own = inspect(place, leaf)
  const fits = own.shape.length === spec.shape.length && own.shape.every((n, i) => n === spec.shape[i])
  if (!fits) throw new GradpipeError('ShapeMismatch', nameOf(place), showShape(spec), showShape(own))
  if (own.dtype !== spec.dtype || leafKind(leaf) !== leafKind(like))
    throw new GradpipeError('DtypeMismatch', nameOf(place), showLeaf(spec, like), showLeaf(own, leaf))
}

/** Throws unless a leaf is one number, of the kind of `like`. */
export const expectScalar = (place: Place, like: Leaf, leaf: Leaf): void => {
  const own = inspect(place, leaf)
  if (own.shape.length > 0)
    throw new GradpipeError('ShapeMismatch', nameOf(place), 'a scalar', showShape(own))
  if (hostKind(leaf) !== hostKind(like))
    throw new GradpipeError('DtypeMismatch', nameOf(place), `a ${hostKind(like)}`, shown(leaf))
}

/** Throws unless there is a leaf. */
export const expectPresent: (place: Place, leaf: Leaf | null | undefined) => asserts leaf is Leaf = (
  place,
  leaf,
) => {
  if (leaf === null || leaf === undefined)
    throw new GradpipeError('TreeMismatch', nameOf(place), 'a leaf', 'null')
}

const missingParams = (path: Path, who: readonly string[] = []): GradpipeError =>
  new GradpipeError(
    'MissingParams',
    nameOf({ tree: 'params', path }),
    `parameters, as the third argument of update${who.length === 0 ? '' : `, for ${who.join(' and ')}`}`,
    'none',
  )

/** Throws if a parameter is missing that a rule reads; `who` is the rule. */
export const expectParameter = (path: Path, parameter: Leaf | null, who: () => readonly string[]): void => {
  if (parameter === null) throw missingParams(path, who())
}

/** The parameters. Throws if there are none. */
export const expectParams = (params: Params | undefined): Params => {
  if (params === undefined) throw missingParams([])
  return params
}

/** The error for a gradient of a parameter of integers or booleans, whatever the gradient's dtype. */
const untrained = (path: string, { dtype }: LeafSpec, gradient: Leaf): GradpipeError =>
  new GradpipeError(
    'DtypeMismatch',
    path,
    `null, since a parameter of ${dtype} is not trained; or a parameter of float32`,
    isTensorLike(gradient) ? `a tensor of ${gradient.dtype}` : shown(gradient),
  )

/**
 * Inspects a gradient beside its parameter; `null` if there is no gradient. Errors call the incoming tree `grads`;
 * `given` tells whether there are parameters at all. Throws if the two do not fit each other.
 */
export const inspectPair = (
  grads: string,
  path: Path,
  gradient: Leaf | null,
  parameter: Leaf | null,
  given: boolean,
): LeafSpec | null => {
  const place = { tree: 'params', path }
  const own = parameter === null ? null : inspect(place, parameter)
  if (gradient === null) return null
  if (own !== null && !isTrainable(own)) throw untrained(nameOf({ tree: grads, path }), own, gradient)
  const spec = inspectGradient({ tree: grads, path }, gradient)
  if (given) {
    expectPresent(place, parameter)
    expectLike({ tree: grads, path }, own ?? inspect(place, parameter), parameter, gradient)
  }
  return spec
}

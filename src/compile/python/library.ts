/** The words of a library of arrays, by which terms are printed. */
import type { BinaryOp, ReduceKind, UnaryOp } from '../../rule/expr.js'
import { atom, type Printed } from './text.js'

type OfOne = (x: string) => string

/** A library of arrays: how the functions of the language are written with it. */
export interface Library {
  /** Functions of one argument, but for the sign, which is Python's own. */
  readonly unary: Readonly<Record<Exclude<UnaryOp, 'neg'>, OfOne>>
  /** Where one argument is a plain number, it is the second one. */
  readonly binary: Readonly<Record<Extract<BinaryOp, 'min' | 'max'>, (x: string, y: string) => string>>
  /** One of two values; `plain` says whether it is plain numbers that are tested, and that are chosen. */
  readonly where: (
    test: string,
    x: string,
    y: string,
    plain: { readonly test: boolean; readonly values: boolean },
  ) => Printed
  /** A reduction of all elements of an array. */
  readonly reduce: Readonly<Record<ReduceKind, OfOne>>
}

/** Axes of a leaf, in their order. */
type AxesOf = readonly number[]

/** A library by which a leaf `g` is stepped. */
export interface LeafLibrary extends Library {
  /** A reduction along some axes, of which each keeps the length 1. */
  readonly along: Readonly<Record<ReduceKind, (x: string, axes: AxesOf) => string>>
  /** What is kept for each index of some axes, with the length 1 along these others. */
  readonly beside: (x: string, others: AxesOf) => string
  /** What is made of a leaf's matrices, by a function of the module. */
  readonly ofMatrices: (by: string, args: readonly string[], rows: AxesOf, columns: AxesOf) => string
  /** A value that all leaves share, as one of the leaf's precision. */
  readonly ofAll: OfOne
  /** A number that the host knows of the leaf, as one of its precision. */
  readonly ofLeaf: OfOne
  /** How many elements the leaf has, or lie along some of its axes, as a number that a function of the library takes. */
  readonly size: (axes?: AxesOf) => string
  /** What a function begins with that has any of these but the size. */
  readonly head: readonly string[]
}

/** A function by its name. */
const named =
  (name: string): ((...of: readonly string[]) => string) =>
  (...of) =>
    `${name}(${of.join(', ')})`

/** One axis as a number, several as a tuple. */
const axesText = (axes: AxesOf): string => (axes.length === 1 ? String(axes[0]) : `(${axes.join(', ')})`)

/** Axes as a tuple. */
const tupleText = (axes: AxesOf): string => (axes.length === 1 ? `(${axes[0]},)` : `(${axes.join(', ')})`)

/** How many elements lie along some axes, or all, of `g`. */
const sizeText = (axes?: AxesOf): string =>
  axes === undefined ? 'math.prod(g.shape)' : axes.map((axis) => `g.shape[${axis}]`).join(' * ')

/** The same in every library. */
const ofMatrices: LeafLibrary['ofMatrices'] = (by, args, rows, columns) =>
  `${by}(${[...args, tupleText(rows), tupleText(columns)].join(', ')})`

/**
 * A value as one for each index of some axes of a leaf, or of all, by a function of the module: what is kept of it. What
 * differs along fewer axes is the same along the others.
 */
export const keptAlong = (x: string, axes: AxesOf | 'all'): string =>
  `_along(${axes === 'all' ? 'range(g.ndim)' : tupleText(axes)}, ${x}, g)`

/** jax.numpy; names with a line before them are functions of the module. */
export const jaxNumpy: LeafLibrary = {
  unary: {
    abs: named('jnp.abs'),
    sqrt: named('jnp.sqrt'),
    sign: named('jnp.sign'),
    exp: named('jnp.exp'),
    log: named('jnp.log'),
    tanh: named('jnp.tanh'),
    floor: named('jnp.floor'),
    round: named('jnp.round'),
    sin: named('jnp.sin'),
    cos: named('jnp.cos'),
    sigmoid: named('jax.nn.sigmoid'),
    erf: named('jax.scipy.special.erf'),
  },
  binary: { min: named('jnp.minimum'), max: named('jnp.maximum') },
  where: (test, x, y) => atom(`jnp.where(${test}, ${x}, ${y})`),
  reduce: {
    sum: named('jnp.sum'),
    max: (x) => `jnp.max(${x}, initial=-jnp.inf)`,
    norm: named('_norm'),
  },
  along: {
    sum: (x, axes) => `jnp.sum(${x}, axis=${axesText(axes)}, keepdims=True)`,
    max: (x, axes) => `jnp.max(${x}, axis=${axesText(axes)}, keepdims=True, initial=-jnp.inf)`,
    norm: (x, axes) => `_norm_along(${x}, ${axesText(axes)})`,
  },
  beside: (x, others) => `jnp.expand_dims(${x}, ${axesText(others)})`,
  ofMatrices,
  ofAll: (x) => `${x}.astype(like)`,
  ofLeaf: (x) => `jnp.asarray(${x}, like)`,
  size: (axes) => `float(${sizeText(axes)})`,
  head: ['like = g.dtype'],
}

/** torch, for leaves; names with a line before them are functions of the module. */
export const torchTensors: LeafLibrary = {
  unary: {
    abs: named('torch.abs'),
    sqrt: named('torch.sqrt'),
    sign: named('_sign'),
    exp: named('torch.exp'),
    log: named('torch.log'),
    tanh: named('torch.tanh'),
    floor: named('torch.floor'),
    round: named('torch.round'),
    sin: named('torch.sin'),
    cos: named('torch.cos'),
    sigmoid: named('torch.sigmoid'),
    erf: named('torch.erf'),
  },
  binary: {
    min: (x, y) => `torch.clamp(${x}, max=${y})`,
    max: (x, y) => `torch.clamp(${x}, min=${y})`,
  },
  // of two plain numbers torch would make float32, whatever the leaf is
  where: (test, x, y, plain) =>
    plain.test
      ? { text: `${x} if ${test} else ${y}`, binding: 0 }
      : atom(`torch.where(${test}, ${plain.values ? `_like(g, ${x})` : x}, ${y})`),
  reduce: { sum: named('_sum'), max: named('_max'), norm: named('_norm') },
  along: {
    sum: (x, axes) => `_sum_along(${x}, ${axesText(axes)})`,
    max: (x, axes) => `_max_along(${x}, ${axesText(axes)})`,
    norm: (x, axes) => `_norm_along(${x}, ${axesText(axes)})`,
  },
  beside: (x, others) => others.reduce((each, axis) => `${each}.unsqueeze(${axis})`, x),
  ofMatrices,
  // of the leaf's precision already
  ofAll: (x) => x,
  ofLeaf: (x) => `_like(g, ${x})`,
  size: (axes) => `_like(g, ${sizeText(axes)})`,
  head: [],
}

/** numpy, for a few numbers of float64, which are never NaN by mistake nor throw. */
export const numpy: Library = {
  unary: {
    abs: named('np.abs'),
    sqrt: named('np.sqrt'),
    sign: named('np.sign'),
    exp: named('np.exp'),
    log: named('np.log'),
    tanh: named('np.tanh'),
    floor: named('np.floor'),
    round: named('np.round'),
    sin: named('np.sin'),
    cos: named('np.cos'),
    sigmoid: (x) => `np.reciprocal(1 + np.exp(-(${x})))`,
    erf: named('math.erf'),
  },
  binary: { min: named('np.minimum'), max: named('np.maximum') },
  where: (test, x, y) => atom(`np.where(${test}, ${x}, ${y})`),
  reduce: { sum: named('np.sum'), max: named('np.max'), norm: named('np.linalg.norm') },
}

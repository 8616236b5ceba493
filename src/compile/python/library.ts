/** The words of a library of arrays, by which terms are printed. */
import type { BinaryOp, ReduceKind, UnaryOp } from '../../rule/expr.js'

type OfOne = (x: string) => string

/** A library of arrays: how the functions of the language are written with it. */
export interface Library {
  /** Functions of one argument, but for the sign, which is Python's own. */
  readonly unary: Readonly<Record<Exclude<UnaryOp, 'neg'>, OfOne>>
  /** Where one argument is a plain number, it is the second one. */
  readonly binary: Readonly<Record<Extract<BinaryOp, 'min' | 'max'>, (x: string, y: string) => string>>
  /** `areNumbers` says whether both values are plain numbers. */
  readonly where: (test: string, x: string, y: string, areNumbers: boolean) => string
  /** A reduction of all elements of an array. */
  readonly reduce: Readonly<Record<ReduceKind, OfOne>>
}

/** A library by which a leaf `g` is stepped. */
export interface LeafLibrary extends Library {
  /** A value that all leaves share, as one of the leaf's precision. */
  readonly ofAll: OfOne
  /** A number that the host knows of the leaf, as one of its precision. */
  readonly ofLeaf: OfOne
  /** What a function begins with that has any of these. */
  readonly head: readonly string[]
}

/** A function by its name. */
const named =
  (name: string): ((...of: readonly string[]) => string) =>
  (...of) =>
    `${name}(${of.join(', ')})`

/** jax.numpy; `_norm` is a function of the module. */
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
  where: (test, x, y) => `jnp.where(${test}, ${x}, ${y})`,
  reduce: {
    sum: named('jnp.sum'),
    max: (x) => `jnp.max(${x}, initial=-jnp.inf)`,
    norm: named('_norm'),
  },
  ofAll: (x) => `${x}.astype(like)`,
  ofLeaf: (x) => `jnp.asarray(${x}, like)`,
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
  where: (test, x, y, areNumbers) => `torch.where(${test}, ${areNumbers ? `_like(g, ${x})` : x}, ${y})`,
  reduce: { sum: named('_sum'), max: named('_max'), norm: named('_norm') },
  // of the leaf's precision already
  ofAll: (x) => x,
  ofLeaf: (x) => `_like(g, ${x})`,
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
  where: (test, x, y) => `np.where(${test}, ${x}, ${y})`,
  reduce: { sum: named('np.sum'), max: named('np.max'), norm: named('np.linalg.norm') },
}

/** The words of a library of arrays, by which terms are printed. */
import type { BinaryOp, ReduceKind, UnaryOp } from '../../rule/expr.js'

/** A library of arrays: what it calls the functions of the language. */
export interface Library {
  /** Functions of one argument, but for the sign, which is Python's own. */
  readonly unary: Readonly<Record<Exclude<UnaryOp, 'neg'>, string>>
  readonly binary: Readonly<Record<Extract<BinaryOp, 'min' | 'max'>, string>>
  readonly where: string
  /** A reduction of all elements of an array. */
  readonly reduce: Readonly<Record<ReduceKind, (x: string) => string>>
}

/** jax.numpy; `_norm` is a function of the module. */
export const jaxNumpy: Library = {
  unary: {
    abs: 'jnp.abs',
    sqrt: 'jnp.sqrt',
    sign: 'jnp.sign',
    exp: 'jnp.exp',
    log: 'jnp.log',
    tanh: 'jnp.tanh',
    floor: 'jnp.floor',
    round: 'jnp.round',
    sin: 'jnp.sin',
    cos: 'jnp.cos',
    sigmoid: 'jax.nn.sigmoid',
    erf: 'jax.scipy.special.erf',
  },
  binary: { min: 'jnp.minimum', max: 'jnp.maximum' },
  where: 'jnp.where',
  reduce: {
    sum: (x) => `jnp.sum(${x})`,
    max: (x) => `jnp.max(${x}, initial=-jnp.inf)`,
    norm: (x) => `_norm(${x})`,
  },
}

/** The part of a module for JAX that rules of rows, columns and matrices need. */
import type { FactorWords } from './factors.js'

/** What is kept along some axes, and what is reduced along them. */
export const jaxAxes = `def _sharding(g, axes):
    """Where what is kept along some of a leaf's axes lies, as far as the leaf tells."""
    own = None if isinstance(g, jax.core.Tracer) or not g.committed else g.sharding
    if not isinstance(own, jax.sharding.NamedSharding):
        return own if isinstance(own, jax.sharding.SingleDeviceSharding) else None
    spec = (*own.spec, *[None] * g.ndim)
    kept = jax.sharding.PartitionSpec(*(spec[axis] for axis in axes))
    return jax.sharding.NamedSharding(own.mesh, kept)


def _along(axes, value, g):
    """A value for each index of some of a leaf's axes, as it is kept."""
    lengths = [g.shape[axis] for axis in axes]
    if isinstance(value, float):
        return jnp.full(lengths, value, g.dtype, device=_sharding(g, axes))
    shape = [n if axis in axes else 1 for axis, n in enumerate(g.shape)]
    return jnp.broadcast_to(value.astype(g.dtype), shape).reshape(lengths)


def _norm_along(x, axis):
    """Roots of sums of squares along axes, also where these overflow or vanish."""
    squares = jnp.sum(x * x, axis=axis, keepdims=True)
    info = jnp.finfo(x.dtype)

    def scaled():
        largest = jnp.max(jnp.abs(x), axis=axis, keepdims=True, initial=0)
        is_number = (largest > 0) & (largest < jnp.inf)
        by = jnp.where(is_number, largest, 1)
        y = x / by
        norm = by * jnp.sqrt(jnp.sum(y * y, axis=axis, keepdims=True))
        return jnp.where(is_number, norm, largest)

    usual = (squares > info.tiny / info.eps**2) & (squares < jnp.inf)
    return jax.lax.cond(jnp.all(usual), lambda: jnp.sqrt(squares), scaled)
`

/** How products are written. */
export const jaxFactors: FactorWords = {
  np: 'jnp',
  transposed: (x, order) => `jnp.transpose(${x}, ${order})`,
  test: (condition) => condition,
  squared: `    square = lambda _, high: _unit(high @ high)
    high = jax.lax.fori_loop(0, squarings, square, _unit(a))`,
  first: '',
  // or TPUs and GPUs would multiply in fewer digits
  precisely: 'with jax.default_matmul_precision("highest"):',
}

/** States that have a list for each leaf. */
export const jaxBeside = `def _beside(*trees):
    """Of each leaf a list: what trees have there."""

    def of_leaf(*own):
        return [x for x in own if x is not None] or None

    return jax.tree.map(of_leaf, *trees, is_leaf=lambda x: x is None)


def _apart(tree, i):
    """What stands at a place in the list of each leaf, if it is so long."""

    def is_list(x):
        return isinstance(x, (list, tuple)) and jax.tree_util.all_leaves(x)

    def of_leaf(own):
        return own[i] if i < len(own) else None

    return jax.tree.map(of_leaf, tree, is_leaf=is_list)
`

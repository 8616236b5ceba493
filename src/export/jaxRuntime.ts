/** The part of a module for JAX that is the same for every transformation: trees and steps. */

/** What a module begins with, after its docstring. */
export const jaxImports = `import collections
import contextlib
import functools
import json
import math
import os
from typing import Callable, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
`

/** Classes that the tables of a module are made of, and reductions. */
export const jaxHead = `class _Rule(NamedTuple):
    """What is done on a leaf: at first, and in each kind of step."""

    start: tuple[Callable, ...]
    steps: tuple[tuple[Callable, ...], ...]


class _Kind(NamedTuple):
    """A kind of step: its numbers, and what its totals are combined by."""

    numbers: Callable
    totals: tuple[dict[str, Callable], ...] = ()
    extra_args: tuple[str, ...] = ()


def _norm(x):
    """The root of the sum of squares, also where these overflow or vanish."""
    if x.size == 0:
        return jnp.zeros((), x.dtype)
    squares = jnp.sum(x * x)
    info = jnp.finfo(x.dtype)

    def scaled():
        largest = jnp.max(jnp.abs(x))
        is_number = (largest > 0) & (largest < jnp.inf)
        by = jnp.where(is_number, largest, 1)
        y = x / by
        return jnp.where(is_number, by * jnp.sqrt(jnp.sum(y * y)), largest)

    usual = (squares > info.tiny / info.eps**2) & (squares < jnp.inf)
    return jax.lax.cond(usual, lambda: jnp.sqrt(squares), scaled)


def _sum_of_all(parts):
    return functools.reduce(jnp.add, parts, 0.0)


def _max_of_all(parts):
    return functools.reduce(jnp.maximum, parts, -jnp.inf)


def _norm_of_all(parts):
    return _norm(jnp.stack(parts)) if len(parts) > 1 else parts[0]


def _nothing(g, p, slots, numbers):
    """Of a leaf that a total does not count."""
    return {}
`

/** What a step's numbers are computed with. */
export const jaxNumbers = `def _in_float64(numbers):
    """Computes a step's few numbers in float64, whatever the leaves are.

    TPUs have no float64: there they are computed as the leaves are.
    """

    def computed(kept):
        outside = jnp.result_type(float)
        no_double = jax.default_backend() == "tpu"
        with contextlib.nullcontext() if no_double else jax.enable_x64(True):
            inside = jnp.result_type(float)
            wide = {name: jnp.asarray(x, inside) for name, x in kept.items()}
            values, after = numbers(wide)
            values = {name: jnp.asarray(x, outside) for name, x in values.items()}
            after = {
                name: jnp.asarray(x, kept[name].dtype) for name, x in after.items()
            }
            return values, after

    return computed


def _at(table, count):
    """What a table has at a count; after its end, the last entry."""
    return jnp.asarray(table)[jnp.clip(count, 0, len(table) - 1).astype(int)]


def _again(table, count):
    """What a table has at a count; after its end, from its beginning on."""
    return jnp.asarray(table)[(count % len(table)).astype(int)]
`

/** How a step is made. */
export const jaxSteps = `def _keys(path):
    """The keys and indices that lead to a leaf."""
    return [
        getattr(key, "key", getattr(key, "idx", getattr(key, "name", key)))
        for key in path
    ]


def _name(path):
    """Where a leaf stands, with dots."""
    return ".".join(map(str, _keys(path)))


def _leaves(tree):
    """The leaves of a tree, by their places."""
    found, _ = jax.tree_util.tree_flatten_with_path(tree)
    return {_name(path): leaf for path, leaf in found}


def _filled(tree, leaves):
    """A tree like this one, with these leaves, and nothing where there is none."""
    return jax.tree_util.tree_map_with_path(
        lambda path, _: leaves.get(_name(path)), tree
    )


def _is_trained(leaf):
    return jnp.issubdtype(jnp.result_type(leaf), jnp.floating)


def _wide(x):
    """Numbers are computed in float32 at least."""
    x = jnp.asarray(x)
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))


def _shaped(value, like):
    """A value for each element of a leaf."""
    value = jnp.asarray(value, like.dtype)
    return value if value.shape == like.shape else jnp.full_like(like, value)


def _run(phases, totals, leaves, numbers):
    """What becomes of each leaf, once the totals of the tree are known."""
    for i, sites in enumerate(totals):
        parts = [phases[name][i](*leaf, numbers) for name, leaf in leaves.items()]
        for site, combined in sites.items():
            of_leaves = [part[site] for part in parts if site in part]
            if of_leaves:
                numbers = {**numbers, site: jnp.asarray(combined(of_leaves))}
    return {name: phases[name][-1](*leaf, numbers) for name, leaf in leaves.items()}


def _placed(after, leaves, params, before):
    """The slots' values: of each a tree, or one value for all leaves."""
    placed = {}
    for place, scope in SLOTS.items():
        own = {name: slots[place] for name, slots in after.items() if place in slots}
        if scope == "tree":
            like = [leaves[name][0] for name in own]
            old = before.get(place)
            for value in list(own.values())[:1]:
                dtype = jnp.result_type(*like) if old is None else old.dtype
                old = jnp.asarray(value, dtype)
            placed[place] = old
            continue
        tree = before.get(place, params)
        old = _leaves(tree) if place in before else {}
        for name, value in own.items():
            g = leaves[name][0]
            first = {"element": g, "leaf": jnp.zeros((), g.dtype)}.get(scope, value)
            old[name] = _shaped(value, old.get(name, first))
        placed[place] = _filled(tree, old)
    return placed


def init(params):
    """The state before the first step."""
    leaves = {
        name: (_wide(p), _wide(p), {})
        for name, p in _leaves(params).items()
        if _is_trained(p)
    }
    phases = {name: _rule(name).start for name in leaves}
    done = _run(phases, START_TOTALS, leaves, {})
    # in memory of its own, so that parameters and state can both be donated
    copies = {
        name: {place: jnp.array(value) for place, value in slots.items()}
        for name, slots in done.items()
    }
    return _state(_placed(copies, leaves, params, {}), _first_numbers())


def _step(i, updates, state, params, extra_args):
    """A step of one kind."""
    kind = KINDS[i]
    slots = _slots(state)
    numbers, kept = kind.numbers(_kept(state))
    for name in kind.extra_args:
        if name not in extra_args:
            raise TypeError(f"update needs the extra argument {name}")
        numbers[name] = jnp.asarray(extra_args[name])
    of_tree = {place: slots[place] for place in SLOTS if SLOTS[place] == "tree"}
    columns = {
        place: _leaves(slots[place]) for place in SLOTS if SLOTS[place] != "tree"
    }
    grads = _leaves(updates)
    parameters = _leaves(params) if params is not None else {}
    leaves = {}
    for name, g in grads.items():
        if _is_trained(g):
            p = _wide(parameters[name]) if name in parameters else None
            own = {place: x[name] for place, x in columns.items() if name in x}
            leaves[name] = (_wide(g), p, {**of_tree, **own})
    phases = {name: _rule(name).steps[i] for name in leaves}
    done = _run(phases, kind.totals, leaves, numbers)
    after = {name: own for name, (_, own) in done.items()}
    for name, (value, _) in done.items():
        dtype = jnp.result_type(grads[name])
        grads[name] = _shaped(value, leaves[name][0]).astype(dtype)
    next_slots = _placed(after, leaves, params, slots)
    return _filled(updates, grads), _state(next_slots, kept)


def update(updates, state, params=None, **extra_args):
    """What to add to the parameters, and the next state."""
    if NEEDS_PARAMS and params is None:
        raise ValueError(optax.base.NO_PARAMS_MSG)
    if len(KINDS) == 1:
        return _step(0, updates, state, params, extra_args)
    steps = [
        functools.partial(_step, i, updates, state, params, extra_args)
        for i in range(len(KINDS))
    ]
    return jax.lax.switch(_which(_kept(state)), steps)


tx = optax.GradientTransformationExtraArgs(init, update)
`

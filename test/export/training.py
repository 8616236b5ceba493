"""Some steps of training with a printed module, for tests on one device and on many.

Whoever imports this has said before how many devices there are.
"""

import functools
import os

import jax
import numpy as np
import optax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from deviation import deviation

SPECS = {"kernel": PartitionSpec("data", "model"), "bias": PartitionSpec("model")}
STEPS = 10


def module_of(folder, file):
    """What a printed module defines."""
    with open(os.path.join(folder, file)) as text:
        code = compile(text.read(), file, "exec")
    scope = {"__name__": "printed"}
    exec(code, scope)
    return scope


def drawn(seed):
    keys = jax.random.split(jax.random.key(seed))
    return {
        "kernel": jax.random.normal(keys[0], (16, 8)),
        "bias": jax.random.normal(keys[1], (8,)),
    }


def sharding_over(devices):
    """What shards a tree over devices, of each process its part."""
    mesh = Mesh(devices, ("data", "model"))

    def placed(name, x):
        values = np.asarray(x)
        sharding = NamedSharding(mesh, SPECS[name])
        return jax.make_array_from_callback(x.shape, sharding, lambda at: values[at])

    return lambda tree: {name: placed(name, x) for name, x in tree.items()}


@functools.cache
def step_of(tx, donate):
    """A step under jit."""

    def step(params, state, grads):
        updates, state = tx.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    return jax.jit(step, donate_argnums=(0, 1) if donate else ())


def walk(tx, shard, start=None, donate=True):
    """Some steps, which give parameters and state up."""
    if start is None:
        params = shard(drawn(0))
        start = {"params": params, "state": tx.init(params)}
    params, state = start["params"], start["state"]
    step = step_of(tx, donate)
    sharding = params["kernel"].sharding
    for i in range(STEPS):
        before = jax.tree.leaves((params, state))
        params, state = step(params, state, shard(drawn(i + 1)))
        if donate and not all(x.is_deleted() for x in before if x.ndim > 0):
            raise ValueError("a donated array was not taken")
    if params["kernel"].sharding != sharding:
        raise ValueError(f"stepped parameters are {params['kernel'].sharding}")
    return {"params": params, "state": state}


def difference(a, b):
    """The largest difference, in parts of the largest number of a leaf."""
    pairs = zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    return max(deviation(x, y) for x, y in pairs)

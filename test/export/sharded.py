"""Runs printed modules on eight devices, and against Optax's own functions.

python sharded.py FOLDER: FOLDER/modules.json names the modules and what of Optax they
are; FOLDER/sharded.json tells how far each is off.
"""

import json
import os
import sys
import traceback

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

mesh = Mesh(np.array(jax.devices()).reshape(4, 2), ("data", "model"))
SPECS = {"kernel": PartitionSpec("data", "model"), "bias": PartitionSpec("model")}
STEPS = 10


def drawn(seed):
    keys = jax.random.split(jax.random.key(seed))
    return {
        "kernel": jax.random.normal(keys[0], (16, 8)),
        "bias": jax.random.normal(keys[1], (8,)),
    }


def walk(tx, shard, donate=True):
    """Some steps under jit, which give parameters and state up."""

    def step(params, state, grads):
        updates, state = tx.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    params = shard(drawn(0))
    state = tx.init(params)
    stepped = jax.jit(step, donate_argnums=(0, 1) if donate else ())
    for i in range(STEPS):
        before = jax.tree.leaves((params, state))
        params, state = stepped(params, state, shard(drawn(i + 1)))
        if donate and not all(x.is_deleted() for x in before if x.ndim > 0):
            raise ValueError("a donated array was not taken")
    return params, state


def difference(a, b):
    """The largest difference, in parts of the largest number of a leaf."""
    pairs = zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    worst = 0.0
    for x, y in pairs:
        x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        if not np.array_equal(x, y):
            worst = max(worst, float(np.max(np.abs(x - y)) / np.max(np.abs(y))))
    return worst


def sharded(tree):
    return {
        name: jax.device_put(x, NamedSharding(mesh, SPECS[name]))
        for name, x in tree.items()
    }


def run(module, folder, theirs):
    with open(os.path.join(folder, module)) as file:
        text = file.read()
    scope = {"__name__": "printed"}
    exec(compile(text, module, "exec"), scope)
    tx = scope["tx"]
    one = walk(tx, lambda tree: tree)
    eight = walk(tx, sharded)
    if eight[0]["kernel"].sharding.spec != SPECS["kernel"]:
        raise ValueError(f"stepped parameters are {eight[0]['kernel'].sharding}")
    # saved from eight devices, loaded onto eight others
    path = os.path.join(folder, module + ".safetensors")
    scope["save"](path, {"params": eight[0], "state": eight[1]})
    like = sharded(drawn(0))
    loaded = scope["load"](path, {"params": like, "state": tx.init(like)})
    if loaded["params"]["kernel"].sharding.spec != SPECS["kernel"]:
        raise ValueError("a loaded array is not sharded")
    return {
        "devices": difference(eight, one),
        "loaded": difference(loaded, {"params": eight[0], "state": eight[1]}),
        "optax": None
        if theirs is None
        # Optax's own may hold one array twice, which cannot be given up
        else difference(one[0], walk(eval(theirs), lambda x: x, donate=False)[0]),
    }


folder = sys.argv[1]
with open(os.path.join(folder, "modules.json")) as file:
    modules = json.load(file)
results = {}
for name, (module, theirs) in modules.items():
    try:
        results[name] = run(module, folder, theirs)
    except Exception:
        results[name] = {"error": traceback.format_exc(limit=-4)}
with open(os.path.join(folder, "sharded.json"), "w") as file:
    json.dump(results, file)

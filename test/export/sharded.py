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
import numpy as np
import optax

from training import SPECS, difference, drawn, module_of, sharding_over, walk

sharded = sharding_over(np.array(jax.devices()).reshape(4, 2))


def alone(tree):
    return tree


def run(folder, file, theirs):
    module = module_of(folder, file)
    tx = module["tx"]
    one = walk(tx, alone)
    eight = walk(tx, sharded)
    # saved from eight devices, loaded onto eight others, and on from there
    path = os.path.join(folder, file + ".safetensors")
    module["save"](path, eight)
    params = sharded(drawn(0))
    loaded = module["load"](path, {"params": params, "state": tx.init(params)})
    if loaded["params"]["kernel"].sharding.spec != SPECS["kernel"]:
        raise ValueError("a loaded array is not sharded")
    return {
        "devices": difference(eight, one),
        "loaded": difference(loaded, eight),
        "on": difference(walk(tx, sharded, loaded), walk(tx, alone, one)),
        "optax": (
            None
            if theirs is None
            # Optax's own may hold one array twice, which cannot be given up
            else difference(
                walk(tx, alone)["params"],
                walk(eval(theirs), alone, donate=False)["params"],
            )
        ),
    }


folder = sys.argv[1]
with open(os.path.join(folder, "modules.json")) as file:
    modules = json.load(file)
results = {}
for name, (module, theirs) in modules.items():
    try:
        results[name] = run(folder, module, theirs)
    except Exception:
        results[name] = {"error": traceback.format_exc(limit=-4)}
with open(os.path.join(folder, "sharded.json"), "w") as file:
    json.dump(results, file)

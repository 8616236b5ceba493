"""Runs printed modules on JAX against what gradpipe has computed.

python driver.py FOLDER: FOLDER/cases.json names the cases, FOLDER/results.json tells
how far each is off.
"""

import functools
import json
import os
import sys
import traceback

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import optax
from safetensors import safe_open

from deviation import deviation
from refused import expect_refused


def tree_of(node, dtype):
    """A tree as the cases write it: a leaf has a shape and values."""
    if node is None:
        return None
    if isinstance(node, list):
        return [tree_of(child, dtype) for child in node]
    if "values" in node:
        values = np.array([float(x) for x in node["values"]])
        return jnp.asarray(values.reshape(node["shape"]), dtype)
    return {key: tree_of(child, dtype) for key, child in node.items()}


def module_of(path):
    with open(path) as file:
        text = file.read()
    scope = {"__name__": "printed"}
    exec(compile(text, path, "exec"), scope)
    return scope


def tree_deviation(own, expected):
    """The largest deviation of two trees' leaves."""
    pairs = zip(jax.tree.leaves(own), jax.tree.leaves(expected), strict=True)
    return max((deviation(a, b) for a, b in pairs), default=0.0)


def numbers(tree):
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(tree)])


class Row:
    """A case that is being run: its module, and where it has come to."""

    def __init__(self, case, folder):
        dtype = jnp.dtype(case["dtype"])
        self.id, self.half = case["id"], case["half"]
        self.module = module_of(os.path.join(folder, case["module"]))
        self.file = os.path.join(folder, case["file"])
        self.grads = [tree_of(each, dtype) for each in case["grads"]]
        self.expected = [tree_of(each, dtype) for each in case["updates"]]
        self.params = tree_of(case["params"], dtype)
        self.state = self.module["tx"].init(self.params)
        self.point = None
        self.off = {"worst": 0.0, "after": 0.0, "state": 0.0}

    def at_half(self):
        """Saves, and goes on from the file that was written where this comes from."""
        self.point = {"params": self.params, "state": self.state}
        self.module["save"](self.file + ".back", self.point)
        with safe_open(self.file + ".back", "np") as saved:
            if len(saved.keys()) != len(jax.tree.leaves(self.point)):
                raise ValueError("safetensors finds other arrays")
        load = functools.partial(self.module["load"], self.file, self.point)
        expect_refused(
            self.module["DESCRIPTION"], lambda other: load(description=other)
        )
        return load()


def run(cases, folder):
    """Runs some cases side by side: one program is compiled faster than many."""
    rows = [Row(case, folder) for case in cases]

    @jax.jit
    def stepped(grads, states, params):
        results = []
        for row, *given in zip(rows, grads, states, params, strict=True):
            updates, state = row.module["tx"].update(*given)
            results.append((updates, state, optax.apply_updates(given[2], updates)))
        return results

    def walk(first, last, what):
        for i in range(first, last):
            grads = [row.grads[i] for row in rows]
            states, params = [r.state for r in rows], [r.params for r in rows]
            for row, result in zip(rows, stepped(grads, states, params)):
                updates, row.state, row.params = result
                own = deviation(numbers(updates), numbers(row.expected[i]))
                row.off[what] = max(row.off[what], own)

    half, end = rows[0].half, len(rows[0].grads)
    walk(0, half, "worst")
    resumed = [row.at_half() for row in rows]
    walk(half, end, "worst")
    for row, point in zip(rows, resumed):
        row.off["state"] = tree_deviation(point, row.point)
        row.params, row.state = point["params"], point["state"]
    walk(half, end, "after")
    return {row.id: row.off for row in rows}


def attempted(cases, folder):
    """Runs cases; of several of which one fails, in smaller parts."""
    try:
        return run(cases, folder)
    except Exception:
        if len(cases) == 1:
            return {cases[0]["id"]: {"error": traceback.format_exc(limit=-4)}}
        half = len(cases) // 2
        return {**attempted(cases[:half], folder), **attempted(cases[half:], folder)}


folder = sys.argv[1]
with open(os.path.join(folder, "cases.json")) as file:
    cases = json.load(file)
BATCH = 24
results = {}
for start in range(0, len(cases), BATCH):
    batch = cases[start : start + BATCH]
    with jax.enable_x64(cases[0]["dtype"] == "float64"):
        results.update(attempted(batch, folder))
with open(os.path.join(folder, "results.json"), "w") as file:
    json.dump(results, file, allow_nan=False)

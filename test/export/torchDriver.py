"""Runs printed modules on PyTorch against what gradpipe has computed.

python torchDriver.py FOLDER: FOLDER/cases.json names the cases, FOLDER/results.json
tells how far each is off.
"""

import functools
import importlib.util
import json
import os
import sys
import traceback

import numpy as np
import torch
from safetensors import safe_open

from deviation import deviation
from refused import expect_refused

torch.set_num_threads(1)


def leaves_of(node, dtype, path=()):
    """The leaves of a tree as the cases write it, by their names."""
    if "values" in node:
        values = np.array([float(x) for x in node["values"]]).reshape(node["shape"])
        return {".".join(path): torch.tensor(values, dtype=dtype)}
    items = node.items() if isinstance(node, dict) else enumerate(node)
    return {
        name: leaf
        for key, child in items
        if child is not None
        for name, leaf in leaves_of(child, dtype, (*path, str(key))).items()
    }


def module_of(path):
    """A module of its own: torch.compile looks for what it has made in sys.modules."""
    name = os.path.basename(path).removesuffix(".py")
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Model:
    """Parameters by their names, and the optimizer that a module has printed."""

    def __init__(self, module, params, compiled):
        self.params = {
            name: torch.nn.Parameter(x.clone()) for name, x in params.items()
        }
        self.optimizer = module.Optimizer(self.params.items())
        if compiled:
            self.optimizer.compile()

    def step(self, grads):
        """Steps; gives what was added to the parameters."""
        before = {name: p.detach().clone() for name, p in self.params.items()}
        for name, p in self.params.items():
            p.grad = grads.get(name)
        self.optimizer.step()
        return {name: p.detach() - before[name] for name, p in self.params.items()}

    def values(self):
        """All that it has come to, by the names that a file has for it."""
        entries = self.optimizer._entries("params", "state")
        return {
            ".".join(keys): torch.as_tensor(x).detach().clone()
            for keys, _, x in entries
        }


def run(case, folder):
    dtype = getattr(torch, case["dtype"])
    module = module_of(os.path.join(folder, case["module"]))
    path = os.path.join(folder, case["file"])
    params = leaves_of(case["params"], dtype)
    grads = [leaves_of(each, dtype) for each in case["grads"]]
    expected = [leaves_of(each, dtype) for each in case["updates"]]
    model = Model(module, params, case.get("compiled", False))
    off = {"worst": 0.0, "after": 0.0, "state": 0.0}
    half, end = case["half"], len(grads)

    def walk(model, first, last, what):
        for i in range(first, last):
            moved = model.step(grads[i])
            for name, update in expected[i].items():
                # the sum and the difference are rounded, which is no fault of the step
                size = model.params[name].detach().abs() + update.abs()
                slack = (
                    2 * torch.finfo(dtype).eps * size.max().item()
                    if size.numel()
                    else 0
                )
                own = deviation(moved[name].detach(), update, slack)
                off[what] = max(off[what], own)

    walk(model, 0, half, "worst")
    model.optimizer.save_safetensors(path + ".back")
    with safe_open(path + ".back", "pt") as saved:
        if len(saved.keys()) != len(model.values()):
            raise ValueError("safetensors finds other tensors")
    resumed = Model(module, params, case.get("compiled", False))
    load = functools.partial(resumed.optimizer.load_safetensors, path)
    expect_refused(module.DESCRIPTION, lambda other: load(description=other))
    load()
    own = model.values()
    for name, value in resumed.values().items():
        own_state = deviation(own[name].detach(), value.detach())
        off["state"] = max(off["state"], own_state)
    copied = Model(module, {k: p.detach() for k, p in model.params.items()}, False)
    copied.optimizer.load_state_dict(model.optimizer.state_dict())
    walk(model, half, end, "worst")
    walk(resumed, half, end, "after")
    if not case.get("compiled", False):
        for i in range(half, end):
            copied.step(grads[i])
        for name, value in model.values().items():
            if not torch.equal(
                copied.values()[name].nan_to_num(7), value.nan_to_num(7)
            ):
                raise ValueError(f"state_dict gives another {name}")
    return off


folder = sys.argv[1]
with open(os.path.join(folder, "cases.json")) as file:
    cases = json.load(file)
results = {}
for case in cases:
    try:
        results[case["id"]] = run(case, folder)
    except Exception:
        results[case["id"]] = {"error": traceback.format_exc(limit=-4)}
with open(os.path.join(folder, "results.json"), "w") as file:
    json.dump(results, file, allow_nan=False)

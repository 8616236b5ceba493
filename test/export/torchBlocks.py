"""Runs printed modules on leaves of many sizes, in blocks and leaf by leaf.

python torchBlocks.py FOLDER: FOLDER/modules.json names the modules; blocks.json there
tells how far each is off what it does leaf by leaf.
"""

import json
import os
import sys

import torch

torch.set_num_threads(1)
STEPS = 4

# some that are joined, of which more than one block is full, and some that are cut
SHAPES = {
    **{f"small.{i}": (i % 7, 900) for i in range(100)},
    "number": (),
    "cut": (70, 1000),
    "cut.evenly": (2**17,),
    "turned": (300, 400),
    "small.turned": (20, 30),
}


def model(dtype):
    """Parameters with their gradients, of which some are no rows of memory."""
    torch.manual_seed(0)
    made = {}
    for name, shape in SHAPES.items():
        x = torch.randn(shape, dtype=torch.float64).to(dtype)
        p = torch.nn.Parameter(x.T if name.endswith("turned") else x)
        p.grad = torch.randn(p.shape, dtype=torch.float64).to(dtype)
        made[name] = p
    # a gradient that lies otherwise than its parameter
    made["cut"].grad = made["cut"].grad.T.contiguous().T
    return made


def come_to(text, dtype, in_blocks):
    """All that an optimizer has after some steps."""
    scope = {"__name__": "printed"}
    exec(text, scope)
    params = model(dtype)
    optimizer = scope["Optimizer"](params.items())
    if not in_blocks:
        optimizer._advance = lambda *given: scope["_advance"](*given)
    for _ in range(STEPS):
        optimizer.step()
        for p in params.values():
            p.grad.mul_(-0.5)
    entries = optimizer._entries("params", "state")
    return [torch.as_tensor(x).detach().double() for _, _, x in entries]


def difference(own, expected):
    worst = 0.0
    for x, y in zip(own, expected, strict=True):
        if not torch.equal(x, y):
            worst = max(worst, ((x - y).abs().max() / y.abs().max()).item())
    return worst


folder = sys.argv[1]
with open(os.path.join(folder, "modules.json")) as file:
    modules = json.load(file)
off = {}
for name, file in modules.items():
    path = os.path.join(folder, file)
    with open(path) as text:
        code = compile(text.read(), path, "exec")
    for dtype in (torch.float64, torch.float32, torch.bfloat16):
        own, alone = (come_to(code, dtype, in_blocks) for in_blocks in (True, False))
        off[f"{name} on {dtype}"] = difference(own, alone)
with open(os.path.join(folder, "blocks.json"), "w") as file:
    json.dump(off, file, allow_nan=False)

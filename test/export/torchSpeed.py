"""Measures the printed AdamW against torch's own, on one thread.

python torchSpeed.py FOLDER: FOLDER/adamw.py is the module; speed.json there tells the
versions, and how often a printed step goes into the time of one of torch.optim.AdamW,
for a few middling leaves, for many small ones and for a large one.
"""

import json
import os
import platform
import sys
import time

import numpy as np
import torch

torch.set_num_threads(1)
ROUNDS = 15
SIZES = {"": [2**18] * 8, "small, ": [64, 128, 256, 1000] * 50, "large, ": [2**23]}


def params(sizes):
    torch.manual_seed(0)
    made = [torch.nn.Parameter(torch.randn(size)) for size in sizes]
    for p in made:
        p.grad = torch.randn(p.shape)
    return made


folder = sys.argv[1]
sys.path.insert(0, folder)
import adamw


def printed(sizes, compiled):
    named = [(f"p{i}", p) for i, p in enumerate(params(sizes))]
    optimizer = adamw.Optimizer(named)
    if compiled:
        optimizer.compile()
    return optimizer


def measured(sizes, with_compiled):
    """How often steps go into the time of one of torch's."""
    AdamW = torch.optim.AdamW
    own = {"as it is": printed(sizes, False)}
    if with_compiled:
        own["compiled"] = printed(sizes, True)
    theirs = {
        "fused": AdamW(params(sizes), 1e-3, fused=True),
        "foreach": AdamW(params(sizes), 1e-3, foreach=True),
    }
    optimizers = {**own, **theirs}
    for optimizer in optimizers.values():
        for _ in range(2):
            optimizer.step()
    best = dict.fromkeys(optimizers, float("inf"))
    for _ in range(ROUNDS):
        for name, optimizer in optimizers.items():
            start = time.thread_time()
            optimizer.step()
            best[name] = min(best[name], time.thread_time() - start)
    return {(a, b): round(best[b] / best[a], 2) for a in own for b in theirs}


speed = {
    f"{own}, {which}of {of}": times
    for which, sizes in SIZES.items()
    # so many leaves compile for minutes
    for (own, of), times in measured(sizes, len(sizes) < 10).items()
}
versions = {
    "python": platform.python_version(),
    "torch": torch.__version__,
    "numpy": np.__version__,
}
with open(os.path.join(folder, "speed.json"), "w") as file:
    json.dump({"versions": versions, "speed": speed}, file)

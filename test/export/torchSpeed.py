"""Measures the printed AdamW against torch's own, on one thread.

python torchSpeed.py FOLDER: FOLDER/adamw.py is the module; speed.json there tells the
versions, and how often a printed step goes into the time of one of torch.optim.AdamW.
"""

import json
import os
import platform
import sys
import time

import numpy as np
import torch

torch.set_num_threads(1)
LEAVES, SIZE, ROUNDS = 8, 2**18, 15


def params():
    torch.manual_seed(0)
    made = [torch.nn.Parameter(torch.randn(SIZE)) for _ in range(LEAVES)]
    for p in made:
        p.grad = torch.randn(SIZE)
    return made


folder = sys.argv[1]
sys.path.insert(0, folder)
import adamw


def printed(compiled):
    named = [(f"p{i}", p) for i, p in enumerate(params())]
    optimizer = adamw.Optimizer(named)
    if compiled:
        optimizer.compile()
    return optimizer


AdamW = torch.optim.AdamW
optimizers = {
    "compiled": printed(True),
    "as it is": printed(False),
    "fused": AdamW(params(), 1e-3, fused=True),
    "foreach": AdamW(params(), 1e-3, foreach=True),
}
for optimizer in optimizers.values():
    for _ in range(2):
        optimizer.step()
best = dict.fromkeys(optimizers, float("inf"))
for _ in range(ROUNDS):
    for name, optimizer in optimizers.items():
        start = time.thread_time()
        optimizer.step()
        best[name] = min(best[name], time.thread_time() - start)
speed = {
    f"{own}, of {theirs}": round(best[theirs] / best[own], 2)
    for own in ("compiled", "as it is")
    for theirs in ("fused", "foreach")
}
versions = {
    "python": platform.python_version(),
    "torch": torch.__version__,
    "numpy": np.__version__,
}
with open(os.path.join(folder, "speed.json"), "w") as file:
    json.dump({"versions": versions, "speed": speed}, file)

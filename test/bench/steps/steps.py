"""Whole training steps of PyTorch and of JAX with Optax, with Adam, on one core each.

Reads the names of the networks and the pace as JSON from stdin, prints rows of medians as JSON. The networks have the
sizes of those in models.ts and transformer.ts; their numbers are their own.
"""

import json
import os
import statistics
import sys
import time

# XLA starts a thread for each core that it may use, so before it is imported there is one.
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import importlib.util

ask = json.load(sys.stdin)
hyper, pace = ask["hyper"], ask["pace"]
lr, b1, b2, eps = (hyper[k] for k in ("learningRate", "b1", "b2", "eps"))
absent = [
    name
    for name, needs in {"jax": ("jax", "optax"), "torch": ("torch",)}.items()
    if any(importlib.util.find_spec(n) is None for n in needs)
]


def torch_peer():
    import torch
    from torch import nn
    from torch.nn import functional as F

    torch.set_num_threads(1)
    torch.manual_seed(1)

    class Permute(nn.Module):
        def forward(self, x):
            return x.permute(0, 3, 1, 2)

    class Last(nn.Module):
        """The last state of an LSTM, which is given the batch first."""

        def __init__(self, inputs, units):
            super().__init__()
            self.lstm = nn.LSTM(inputs, units, batch_first=True)

        def forward(self, x):
            return self.lstm(x)[0][:, -1]

    class Mean(nn.Module):
        def __init__(self, *axes):
            super().__init__()
            self.axes = axes

        def forward(self, x):
            return x.mean(self.axes)

    class Transformer(nn.Module):
        def __init__(self, length, width, heads, layers, vocabulary):
            super().__init__()
            self.heads = heads
            self.embed = nn.Embedding(vocabulary, width)
            self.position = nn.Parameter(torch.zeros(length, width))
            self.layers = nn.ModuleList(
                nn.ModuleDict(
                    {
                        "first": nn.LayerNorm(width),
                        "attend": nn.Linear(width, 3 * width, bias=False),
                        "project": nn.Linear(width, width, bias=False),
                        "second": nn.LayerNorm(width),
                        "up": nn.Linear(width, 4 * width),
                        "down": nn.Linear(4 * width, width),
                    }
                )
                for _ in range(layers)
            )
            self.norm = nn.LayerNorm(width)
            self.head = nn.Linear(width, vocabulary, bias=False)

        def forward(self, x):
            batch, length = x.shape
            h = self.embed(x) + self.position
            for layer in self.layers:
                q, k, v = (
                    part.view(batch, length, self.heads, -1).transpose(1, 2)
                    for part in layer["attend"](layer["first"](h)).chunk(3, -1)
                )
                mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
                h = h + layer["project"](mixed.transpose(1, 2).reshape(batch, length, -1))
                h = h + layer["down"](F.relu(layer["up"](layer["second"](h))))
            return self.head(self.norm(h)).flatten(0, 1)

    def network(kind, sizes):
        if kind == "dense":
            units = sizes["units"]
            return nn.Sequential(
                nn.Linear(784, units), nn.ReLU(), nn.Linear(units, units), nn.ReLU(), nn.Linear(units, 10)
            ), torch.rand(sizes["batch"], 784)
        if kind == "convolutional":
            return nn.Sequential(
                Permute(),
                nn.Conv2d(1, 16, 3, bias=False),
                nn.BatchNorm2d(16),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Conv2d(16, 32, 3),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Flatten(),
                nn.Dropout(0.25),
                nn.Linear(800, 10),
            ), torch.rand(sizes["batch"], 28, 28, 1)
        if kind == "depthwise":

            def separable(a, b):
                return [nn.Conv2d(a, a, 3, padding=1, groups=a), nn.ReLU(), nn.Conv2d(a, b, 1), nn.ReLU()]

            return nn.Sequential(
                Permute(),
                nn.Conv2d(1, 16, 3, stride=2),
                nn.ReLU(),
                *separable(16, 32),
                *separable(32, 64),
                Mean(2, 3),
                nn.Linear(64, 10),
            ), torch.rand(sizes["batch"], 28, 28, 1)
        if kind == "recurrent":
            units = sizes["units"]
            return nn.Sequential(Last(28, units), nn.Linear(units, 10)), torch.rand(sizes["batch"], 28, 28)
        if kind == "embedding":
            width = sizes["width"]
            return nn.Sequential(
                nn.Embedding(sizes["vocabulary"], width), Mean(1), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 10)
            ), torch.randint(sizes["vocabulary"], (sizes["batch"], 64))
        if kind == "transformer":
            of = {k: sizes[k] for k in ("length", "width", "heads", "layers", "vocabulary")}
            return Transformer(**of), torch.randint(sizes["vocabulary"], (sizes["batch"], sizes["length"]))
        return None

    def start(kind, sizes):
        model, x = network(kind, sizes)
        rows, classes = model(x).shape
        y = torch.arange(rows) % classes
        optimizer = torch.optim.Adam(model.parameters(), lr=lr, betas=(b1, b2), eps=eps, fused=True)

        def step():
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            return loss.item()

        return step

    return start


def jax_peer():
    import jax
    import jax.numpy as jnp
    import optax
    from jax import lax, nn

    def network(kind, sizes):
        """The shapes of the parameters, the scores, and the input."""
        batch = sizes["batch"]
        pixels = lambda *shape: jax.random.uniform(jax.random.key(1), (batch, *shape))
        convolve = lambda x, w, stride=1, padding="VALID", groups=1: lax.conv_general_dilated(
            x, w, (stride, stride), padding, dimension_numbers=("NHWC", "HWIO", "NHWC"), feature_group_count=groups
        )
        pool = lambda x: lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        if kind == "dense":
            u = sizes["units"]

            def scores(p, x, key):
                h = nn.relu(x @ p["w1"] + p["b1"])
                return nn.relu(h @ p["w2"] + p["b2"]) @ p["w3"] + p["b3"]

            return dict(w1=(784, u), b1=(u,), w2=(u, u), b2=(u,), w3=(u, 10), b3=(10,)), scores, pixels(784)
        if kind == "convolutional":

            def scores(p, x, key):
                h = convolve(x, p["c1"])
                h = nn.standardize(h, axis=(0, 1, 2), epsilon=1e-3) * p["scale"] + p["shift"]
                h = pool(nn.relu(h))
                h = pool(nn.relu(convolve(h, p["c2"]) + p["b2"])).reshape(batch, -1)
                h = jnp.where(jax.random.bernoulli(key, 0.75, h.shape), h / 0.75, 0)
                return h @ p["w"] + p["b"]

            shapes = dict(c1=(3, 3, 1, 16), scale=(16,), shift=(16,), c2=(3, 3, 16, 32), b2=(32,), w=(800, 10), b=(10,))
            return shapes, scores, pixels(28, 28, 1)
        if kind == "depthwise":

            def scores(p, x, key):
                h = nn.relu(convolve(x, p["c"], 2) + p["b"])
                for i, channels in enumerate((16, 32)):
                    h = nn.relu(convolve(h, p[f"d{i}"], padding="SAME", groups=channels) + p[f"e{i}"])
                    h = nn.relu(convolve(h, p[f"p{i}"]) + p[f"q{i}"])
                return h.mean((1, 2)) @ p["w"] + p["v"]

            shapes = dict(
                c=(3, 3, 1, 16), b=(16,), d0=(3, 3, 1, 16), e0=(16,), p0=(1, 1, 16, 32), q0=(32,),
                d1=(3, 3, 1, 32), e1=(32,), p1=(1, 1, 32, 64), q1=(64,), w=(64, 10), v=(10,),
            )  # fmt: skip
            return shapes, scores, pixels(28, 28, 1)
        if kind == "recurrent":
            u = sizes["units"]

            def scores(p, x, key):
                def cell(state, row):
                    h, c = state
                    i, f, g, o = jnp.split(row @ p["kernel"] + h @ p["recurrent"] + p["bias"], 4, -1)
                    c = nn.sigmoid(f) * c + nn.sigmoid(i) * jnp.tanh(g)
                    return (nn.sigmoid(o) * jnp.tanh(c), c), None

                zero = jnp.zeros((batch, u))
                (h, _), _ = lax.scan(cell, (zero, zero), x.swapaxes(0, 1))
                return h @ p["w"] + p["b"]

            shapes = dict(kernel=(28, 4 * u), recurrent=(u, 4 * u), bias=(4 * u,), w=(u, 10), b=(10,))
            return shapes, scores, pixels(28, 28)
        if kind == "embedding":
            width = sizes["width"]

            def scores(p, x, key):
                return nn.relu(p["embed"][x].mean(1) @ p["w1"] + p["b1"]) @ p["w2"] + p["b2"]

            shapes = dict(embed=(sizes["vocabulary"], width), w1=(width, width), b1=(width,), w2=(width, 10), b2=(10,))
            return shapes, scores, jax.random.randint(jax.random.key(1), (batch, 64), 0, sizes["vocabulary"])
        if kind == "transformer":
            length, width, heads, layers, vocabulary = (
                sizes[k] for k in ("length", "width", "heads", "layers", "vocabulary")
            )

            def norm(x, scale, shift):
                return nn.standardize(x, axis=-1) * (1 + scale) + shift

            def scores(p, x, key):
                h = p["embed"][x] + p["position"]
                for i in range(layers):
                    q = {k.split(".")[1]: v for k, v in p.items() if k.startswith(f"{i}.")}
                    parts = jnp.split(norm(h, q["scale1"], q["shift1"]) @ q["attend"], 3, -1)
                    parts = [a.reshape(batch, length, heads, -1) for a in parts]
                    mixed = nn.dot_product_attention(*parts, is_causal=True).reshape(batch, length, width)
                    h = h + mixed @ q["project"]
                    inner = nn.relu(norm(h, q["scale2"], q["shift2"]) @ q["up"] + q["upBias"])
                    h = h + inner @ q["down"] + q["downBias"]
                return (norm(h, p["scale"], p["shift"]) @ p["head"]).reshape(batch * length, vocabulary)

            shapes = dict(embed=(vocabulary, width), position=(length, width), scale=(width,), shift=(width,))
            shapes["head"] = (width, vocabulary)
            for i in range(layers):
                layer = dict(
                    scale1=(width,), shift1=(width,), attend=(width, 3 * width), project=(width, width),
                    scale2=(width,), shift2=(width,), up=(width, 4 * width), upBias=(4 * width,),
                    down=(4 * width, width), downBias=(width,),
                )  # fmt: skip
                shapes.update({f"{i}.{k}": v for k, v in layer.items()})
            return shapes, scores, jax.random.randint(jax.random.key(1), (batch, length), 0, vocabulary)
        return None

    def start(kind, sizes):
        shapes, scores, x = network(kind, sizes)
        keys = jax.random.split(jax.random.key(2), len(shapes))
        params = {name: 0.05 * jax.random.normal(key, shape) for (name, shape), key in zip(shapes.items(), keys)}
        tx = optax.adam(lr, b1, b2, eps)

        def loss(params, key):
            found = scores(params, x, key)
            labels = jnp.arange(found.shape[0]) % found.shape[1]
            return optax.softmax_cross_entropy_with_integer_labels(found, labels).mean()

        def update(params, state, key):
            key, own = jax.random.split(key)
            value, grads = jax.value_and_grad(loss)(params, own)
            updates, state = tx.update(grads, state, params)
            return value, (optax.apply_updates(params, updates), state, key)

        jitted = jax.jit(update, donate_argnums=(0, 1, 2))
        held = [(params, tx.init(params), jax.random.key(3))]

        def step():
            value, held[0] = jitted(*held[0])
            jax.block_until_ready(held[0])
            return value.item()

        return step

    return start


def during(step, ms):
    samples = []
    end = time.perf_counter() + ms / 1000
    while len(samples) < 2 or time.perf_counter() < end:
        begin = time.perf_counter()
        step()
        samples.append(1000 * (time.perf_counter() - begin))
    return samples


peers = {
    name: make() for name, make in {"jax": jax_peer, "torch": torch_peer}.items() if name not in absent
}
rows = []
for asked in ask["networks"]:
    sessions = {name: start(asked["kind"], asked["sizes"]) for name, start in peers.items()}
    samples = {name: [] for name in peers}
    for name, step in sessions.items():
        losses = [step() for _ in range(100)]
        if not losses[-1] < losses[0]:
            sys.exit(f"{name} does not learn with {asked['name']}: {losses[0]}, {losses[-1]}")
    for _ in range(ask["rounds"]):
        for name, step in sessions.items():
            during(step, pace["warmUp"])
            samples[name] += during(step, pace["turn"])
    rows += [
        {
            "peer": name,
            "layout": asked["name"],
            "ms": statistics.median(times),
            "least": min(times),
            "readings": len(times),
        }
        for name, times in samples.items()
    ]

json.dump({"rows": rows, "absent": absent}, sys.stdout)

"""Whole training steps of PyTorch and of JAX with Optax, with Adam, on one core each.

Reads the names of the networks and the pace as JSON from stdin, prints rows of medians as JSON. The networks have the
sizes of those in workloads.ts; their numbers are their own.
"""

import json
import os
import statistics
import sys

# the folder above
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from timing import absent_of, during

ask = json.load(sys.stdin)
hyper, pace = ask["hyper"], ask["pace"]
lr, b1, b2, eps = (hyper[k] for k in ("learningRate", "b1", "b2", "eps"))
absent = absent_of({"jax": ("jax", "optax"), "torch": ("torch",)})


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

    class Separable(nn.Sequential):
        def __init__(self, inputs, filters):
            depth = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
            super().__init__(depth, nn.Conv2d(inputs, filters, 1), nn.ReLU())

    class Transformer(nn.Module):
        def __init__(self, layers, width, heads, sequence, vocabulary):
            super().__init__()
            self.heads = heads
            self.words = nn.Embedding(vocabulary, width)
            self.places = nn.Parameter(torch.zeros(sequence, width))
            self.blocks = nn.ModuleList(
                nn.ModuleDict(
                    {
                        "attention": nn.LayerNorm(width),
                        "qkv": nn.Linear(width, 3 * width, bias=False),
                        "out": nn.Linear(width, width, bias=False),
                        "mlp": nn.LayerNorm(width),
                        "up": nn.Linear(width, 4 * width),
                        "down": nn.Linear(4 * width, width, bias=False),
                    }
                )
                for _ in range(layers)
            )
            self.last = nn.LayerNorm(width)

        def forward(self, words):
            batch, sequence = words.shape
            x = self.words(words) + self.places
            for block in self.blocks:
                q, k, v = (
                    part.view(batch, sequence, self.heads, -1).transpose(1, 2)
                    for part in block["qkv"](block["attention"](x)).chunk(3, -1)
                )
                mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
                x = x + block["out"](mixed.transpose(1, 2).reshape(batch, sequence, -1))
                x = x + block["down"](F.relu(block["up"](block["mlp"](x))))
            return (self.last(x) @ self.words.weight.T).flatten(0, 1)

    def network(kind, sizes):
        if kind == "dense":
            units = sizes["units"]
            return nn.Sequential(
                nn.Linear(784, units), nn.ReLU(), nn.Linear(units, units), nn.ReLU(), nn.Linear(units, 10)
            ), torch.rand(sizes["batch"], 784)
        if kind == "convolutional":

            def block(inputs, filters):
                convolution = nn.Conv2d(inputs, filters, 3, padding="same", bias=False)
                return [convolution, nn.BatchNorm2d(filters), nn.ReLU(), nn.MaxPool2d(2)]

            first, second, units = (sizes[k] for k in ("first", "second", "units"))
            return nn.Sequential(
                Permute(),
                *block(1, first),
                *block(first, second),
                nn.Flatten(),
                nn.Linear(49 * second, units),
                nn.ReLU(),
                nn.Dropout(0.25),
                nn.Linear(units, 10),
            ), torch.rand(sizes["batch"], 28, 28, 1)
        if kind == "separable":
            first, second = sizes["first"], sizes["second"]
            return nn.Sequential(
                Permute(),
                nn.Conv2d(1, first, 3, stride=2, padding=1),
                nn.ReLU(),
                Separable(first, second),
                nn.Conv2d(second, second, 3, stride=2, padding=1, groups=second),
                nn.ReLU(),
                Mean(2, 3),
                nn.Linear(second, 10),
            ), torch.rand(sizes["batch"], 28, 28, 1)
        if kind == "recurrent":
            units = sizes["units"]
            return nn.Sequential(Last(28, units), nn.Linear(units, 10)), torch.rand(sizes["batch"], 28, 28)
        if kind == "embedding":
            width = sizes["width"]
            return nn.Sequential(
                nn.Embedding(sizes["vocabulary"], width), Mean(1), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 10)
            ), torch.randint(sizes["vocabulary"], (sizes["batch"], sizes["length"]))
        if kind == "transformer":
            of = {k: sizes[k] for k in ("layers", "width", "heads", "sequence", "vocabulary")}
            return Transformer(**of), torch.randint(sizes["vocabulary"], (sizes["batch"], sizes["sequence"]))
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
        convolve = lambda x, w, stride=1, groups=1: lax.conv_general_dilated(
            x, w, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"), feature_group_count=groups
        )
        pool = lambda x: lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        if kind == "dense":
            u = sizes["units"]

            def scores(p, x, key):
                h = nn.relu(x @ p["w1"] + p["b1"])
                return nn.relu(h @ p["w2"] + p["b2"]) @ p["w3"] + p["b3"]

            return dict(w1=(784, u), b1=(u,), w2=(u, u), b2=(u,), w3=(u, 10), b3=(10,)), scores, pixels(784)
        if kind == "convolutional":
            first, second, units = (sizes[k] for k in ("first", "second", "units"))

            def scores(p, x, key):
                for i in range(2):
                    x = nn.standardize(convolve(x, p[f"c{i}"]), axis=(0, 1, 2), epsilon=1e-3)
                    x = pool(nn.relu(x * p[f"scale{i}"] + p[f"offset{i}"]))
                h = nn.relu(x.reshape(batch, -1) @ p["w1"] + p["b1"])
                h = jnp.where(jax.random.bernoulli(key, 0.75, h.shape), h / 0.75, 0)
                return h @ p["w2"] + p["b2"]

            shapes = dict(
                c0=(3, 3, 1, first), scale0=(first,), offset0=(first,),
                c1=(3, 3, first, second), scale1=(second,), offset1=(second,),
                w1=(49 * second, units), b1=(units,), w2=(units, 10), b2=(10,),
            )  # fmt: skip
            return shapes, scores, pixels(28, 28, 1)
        if kind == "separable":
            first, second = sizes["first"], sizes["second"]

            def scores(p, x, key):
                h = nn.relu(convolve(x, p["c"], 2) + p["b"])
                h = nn.relu(convolve(convolve(h, p["depth"], groups=first), p["point"]) + p["pointBias"])
                h = nn.relu(convolve(h, p["last"], 2, groups=second) + p["lastBias"])
                return h.mean((1, 2)) @ p["w"] + p["v"]

            shapes = dict(
                c=(3, 3, 1, first), b=(first,), depth=(3, 3, 1, first), point=(1, 1, first, second),
                pointBias=(second,), last=(3, 3, 1, second), lastBias=(second,), w=(second, 10), v=(10,),
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
            return shapes, scores, jax.random.randint(
                jax.random.key(1), (batch, sizes["length"]), 0, sizes["vocabulary"]
            )
        if kind == "transformer":
            layers, width, heads, sequence, vocabulary = (
                sizes[k] for k in ("layers", "width", "heads", "sequence", "vocabulary")
            )

            def norm(x, scale, offset):
                return nn.standardize(x, axis=-1) * (1 + scale) + offset

            def scores(p, x, key):
                h = p["words"][x] + p["places"]
                for i in range(layers):
                    q = {k.split(".")[1]: v for k, v in p.items() if k.startswith(f"{i}.")}
                    parts = jnp.split(norm(h, q["scale1"], q["offset1"]) @ q["qkv"], 3, -1)
                    parts = [a.reshape(batch, sequence, heads, -1) for a in parts]
                    mixed = nn.dot_product_attention(*parts, is_causal=True).reshape(batch, sequence, width)
                    h = h + mixed @ q["out"]
                    h = h + nn.relu(norm(h, q["scale2"], q["offset2"]) @ q["up"] + q["bias"]) @ q["down"]
                return (norm(h, p["scale"], p["offset"]) @ p["words"].T).reshape(batch * sequence, vocabulary)

            shapes = dict(words=(vocabulary, width), places=(sequence, width), scale=(width,), offset=(width,))
            for i in range(layers):
                layer = dict(
                    scale1=(width,), offset1=(width,), qkv=(width, 3 * width), out=(width, width),
                    scale2=(width,), offset2=(width,), up=(width, 4 * width), bias=(4 * width,),
                    down=(4 * width, width),
                )  # fmt: skip
                shapes.update({f"{i}.{k}": v for k, v in layer.items()})
            return shapes, scores, jax.random.randint(jax.random.key(1), (batch, sequence), 0, vocabulary)
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

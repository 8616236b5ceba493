"""Steps of Optax (jitted, donated) and of torch's fused optimizers, on one core each.

Reads the layouts, rules and rounds as JSON from stdin, prints rows of medians as JSON. The peers take turns.
"""

import json
import statistics
import sys

from timing import absent_of, during

ask = json.load(sys.stdin)
hyper, pace = ask["hyper"], ask["pace"]
lr, wd, b1, b2, eps = (hyper[k] for k in ("learningRate", "weightDecay", "b1", "b2", "eps"))
absent = absent_of({"optax": ("jax", "optax"), "torch": ("torch",)})


def optax_peer():
    import jax
    import jax.numpy as jnp
    import optax

    def transformation(rule):
        adamw = optax.adamw(lr, b1, b2, eps, weight_decay=wd)
        return {
            "sgd": lambda: optax.sgd(lr),
            "momentum": lambda: optax.sgd(lr, momentum=hyper["momentum"]),
            "adam": lambda: optax.adam(lr, b1, b2, eps),
            "adamw": lambda: adamw,
            "clip + adamw": lambda: optax.chain(optax.clip_by_global_norm(hyper["maxNorm"]), adamw),
            "lamb": lambda: optax.lamb(lr, b1, b2, eps, weight_decay=wd),
        }[rule]()

    def update(tx, params, state, grads):
        updates, state = tx.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    compiled = {}

    def start(rule, shapes):
        if rule not in compiled:
            tx = transformation(rule)
            compiled[rule] = tx, jax.jit(lambda p, s, g: update(tx, p, s, g), donate_argnums=(0, 1))
        tx, jitted = compiled[rule]
        keys = jax.random.split(jax.random.key(1), len(shapes))
        params = [jax.random.normal(k, s) for k, s in zip(keys, shapes)]
        grads = [0.1 * p for p in params]
        held = [params, tx.init(params)]

        def step():
            held[:] = jax.block_until_ready(jitted(*held, grads))

        return step

    return start


def torch_peer():
    import torch

    torch.set_num_threads(1)

    def start(rule, shapes):
        torch.manual_seed(1)
        params = [torch.nn.Parameter(torch.randn(*s)) for s in shapes]
        for p in params:
            p.grad = 0.1 * p.detach()
        moments = dict(lr=lr, betas=(b1, b2), eps=eps, fused=True)
        make = {
            "sgd": lambda: torch.optim.SGD(params, lr=lr, fused=True),
            "momentum": lambda: torch.optim.SGD(params, lr=lr, momentum=hyper["momentum"], fused=True),
            "adam": lambda: torch.optim.Adam(params, **moments),
            "adamw": lambda: torch.optim.AdamW(params, weight_decay=wd, **moments),
            "clip + adamw": lambda: torch.optim.AdamW(params, weight_decay=wd, **moments),
        }
        if rule not in make:
            return None
        optimizer = make[rule]()
        if rule != "clip + adamw":
            return optimizer.step

        def step():
            torch.nn.utils.clip_grad_norm_(params, hyper["maxNorm"])
            optimizer.step()

        return step

    return start


peers = {
    name: make()
    for name, make in {"optax": optax_peer, "torch": torch_peer}.items()
    if name not in absent
}
rows = []
for layout in ask["layouts"]:
    for rule in ask["rules"]:
        samples = {name: [] for name in peers}
        for _ in range(ask["rounds"]):
            for name, start in peers.items():
                step = start(rule, layout["shapes"])
                if step is None:
                    continue
                during(step, pace["warmUp"])
                samples[name] += during(step, pace["turn"])
                del step
        rows += [
            {
                "peer": name,
                "rule": rule,
                "layout": layout["name"],
                "ms": statistics.median(times),
                "least": min(times),
                "readings": len(times),
            }
            for name, times in samples.items()
            if times
        ]

json.dump({"rows": rows, "absent": absent}, sys.stdout)

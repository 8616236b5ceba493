"""Random numbers of Objax on JAX, for given seeds: prints the JSON file beside this script.

    pip install jax==0.10.2 jaxlib==0.10.2 objax==1.8.0 six pillow tensorboard parameterized scipy
    python objax_random.py > objax_random.json
"""
import json

import jax
import numpy as np

if not hasattr(jax.sharding, "PmapSharding"):  # Objax 1.8 asks for it; JAX removed it
    jax.sharding.PmapSharding = type("PmapSharding", (), {})
import objax


def encode(x):
    return {"shape": list(x.shape), "data": np.asarray(x).astype(np.float64).ravel().tolist()}


def case(name, f, *args, **config):
    generator = objax.random.Generator(7)
    return {"name": name, "args": args, "config": config, "values": [encode(f(*args, **config, generator=generator)) for _ in range(2)]}


def weights(seed, *layers):
    objax.random.DEFAULT_GENERATOR.seed(seed)
    return {"seed": seed, "layers": layers, "w": [encode(objax.nn.Linear(*layer).w.value) for layer in layers]}


def keys(seed):
    state = objax.RandomState(seed)
    start = encode(state.value)
    split = [encode(k) for k in state.split(3)]
    return {"seed": seed, "start": start, "split": split, "after": encode(state.value)}


r = objax.random
print(json.dumps({
    "library": "objax", "version": objax.__version__, "jax": jax.__version__,
    "keys": [keys(seed) for seed in (0, 3, 2**31 - 1, -1)],
    "distributions": [
        case("uniform", r.uniform, (2, 3)), case("uniform", r.uniform, ()), case("uniform", r.uniform, (0, 2)),
        case("normal", r.normal, (40,)), case("normal", r.normal, (3, 5), mean=2.0, stddev=0.5),
        case("truncated_normal", r.truncated_normal, (40,)),
        case("truncated_normal", r.truncated_normal, (30,), stddev=3.0, lower=-0.5, upper=4.0),
        case("randint", r.randint, (30,), 0, 10), case("randint", r.randint, (20,), -5, 1000000),
        case("randint", r.randint, (5,), 3, 3),
    ],
    "linear": [weights(0, [2, 3], [3, 4]), weights(5, [4, 1])],
    "init": [{"name": name, "config": config, "value": (objax.random.DEFAULT_GENERATOR.seed(1), encode(getattr(objax.nn.init, name)((5, 4), **config)))[1]}
             for name, config in (("xavier_normal", {}), ("xavier_normal", {"gain": 2.0}), ("kaiming_normal", {}), ("truncated_normal", {"stddev": 0.5}),
             ("xavier_truncated_normal", {}), ("kaiming_truncated_normal", {"lower": -1, "upper": 1.5, "gain": 3.0}), ("identity", {"gain": 2.0}))],
}))

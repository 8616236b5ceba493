"""Writes optax_signatures.json: each public callable of Optax with its parameters and defaults.

    python signatures.py [--out DIR]

Classes are left out, and so are the losses in `optax` that `optax.losses` has, and its type `Schedule`.
"""
import argparse, inspect, json, re
from importlib.metadata import version
from pathlib import Path

import optax, optax.contrib, optax.losses, optax.projections, optax.tree

MODULES = {"optax": optax, "optax.contrib": optax.contrib, "optax.losses": optax.losses, "optax.projections": optax.projections, "optax.tree": optax.tree}


def default(value):
    if callable(value) and hasattr(value, "__name__"):
        return value.__name__
    return re.sub(r"^(GradientTransformation\w*)\(.*", r"\1", repr(value))


def signature(function):
    parts = []
    for p in inspect.signature(function).parameters.values():
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            parts.append(f"...{p.name}")
            continue
        if p.kind == p.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        parts.append(p.name if p.default is p.empty else f"{p.name}={default(p.default)}")
    return ", ".join(parts)


def public(module):
    return {n: v for n, v in vars(module).items() if not n.startswith("_") and callable(v) and not inspect.isclass(v)}


def signatures():
    losses = public(optax.losses)
    return {name: {n: signature(v) for n, v in sorted(public(module).items())
                   if not (module is optax and (n in losses or n == "Schedule"))} for name, module in MODULES.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    args = parser.parse_args()
    found = {"library": "optax", "version": version("optax"),
             "note": "Each public callable with its parameters and defaults; a parameter without = is required."}
    (args.out / "optax_signatures.json").write_text(json.dumps(found | signatures(), indent=1) + "\n")

/** The part of a module for PyTorch that is the same for every transformation: reductions, numbers and steps. */

/** What a module begins with, after its docstring. */
export const torchImports = `import collections
import functools
import json
import math
import os
from typing import Callable, NamedTuple

import numpy as np
import torch
import torch.distributed as dist
from torch.distributed.tensor import DTensor, Replicate, Shard, distribute_tensor
`

/** Classes that the tables of a module are made of, and reductions. */
export const torchHead = `class _Rule(NamedTuple):
    """What is done on a leaf: at first, and in each kind of step."""

    start: tuple[Callable, ...]
    steps: tuple[tuple[Callable, ...], ...]
    # whether it must see a leaf as a whole; otherwise each shard is stepped alone
    whole: bool = False


class _Kind(NamedTuple):
    """A kind of step: its numbers, and what its totals are combined by."""

    numbers: Callable
    totals: tuple[dict[str, Callable], ...] = ()
    extra_args: tuple[str, ...] = ()


class _Slot(NamedTuple):
    """What is kept of leaves: of each element, each leaf or all of them."""

    scope: str
    path: tuple[str, ...]


class _Number(NamedTuple):
    """A number that the state keeps."""

    first: int | float
    path: tuple[str, ...]


def _local(x):
    """What of a tensor is on this device."""
    return x.to_local() if isinstance(x, DTensor) else x


def _of_shards(x, mesh, placements):
    """A number of each shard, as one vector."""
    shards = [Replicate() if place.is_replicate() else Shard(0) for place in placements]
    parts = DTensor.from_local(x.reshape(1), mesh, shards, run_check=False)
    return parts.full_tensor()


def _of_all_shards(combined):
    """A reduction of a tensor, which counts all shards of a sharded one."""

    @functools.wraps(combined)
    def reduced(x):
        if not isinstance(x, DTensor):
            return combined(x)
        return combined(_of_shards(combined(x.to_local()), x.device_mesh, x.placements))

    return reduced


@_of_all_shards
def _sum(x):
    return torch.sum(x)


@_of_all_shards
def _max(x):
    return torch.amax(x) if x.numel() > 0 else x.new_full((), -math.inf)


@_of_all_shards
def _norm(x):
    """The root of the sum of squares, also where these overflow or vanish."""
    if x.numel() == 0:
        return x.new_zeros(())
    if x.device.type == "cpu" and not torch.compiler.is_compiling():
        norm = torch.linalg.vector_norm(x)
        if 1e-12 < norm < math.inf:
            return norm
    if x.dtype == torch.float32 and x.device.type != "mps":
        return torch.linalg.vector_norm(x, dtype=torch.float64).to(x.dtype)
    largest = torch.amax(torch.abs(x))
    is_number = (largest > 0) & (largest < math.inf)
    y = x / torch.where(is_number, largest, 1.0)
    return torch.where(is_number, largest * torch.linalg.vector_norm(y), largest)


def _sign(x):
    """The sign; zeros and what is no number stay what they are."""
    return torch.where(torch.abs(x) > 0, torch.sign(x), x)


def _like(g, x):
    """A number in a leaf's precision, on its device."""
    return torch.full((), x, dtype=g.dtype, device=g.device)


def _nothing(g, p, slots, numbers):
    """Of a leaf that a total does not count."""
    return {}
`

/** What a step's numbers are computed with. */
export const torchNumbers = `def _in_float64(numbers):
    """Computes a step's few numbers in float64, whatever the leaves are."""

    @functools.wraps(numbers)
    def computed(kept):
        with np.errstate(all="ignore"):
            values, after = numbers({name: np.float64(x) for name, x in kept.items()})
        for name, x in after.items():
            after[name] = int(x) if isinstance(kept[name], int) else float(x)
        return {name: float(x) for name, x in values.items()}, after

    return computed


def _at(table, count):
    """What a table has at a count; after its end, the last entry."""
    return table[min(max(int(count), 0), len(table) - 1)]


def _again(table, count):
    """What a table has at a count; after its end, from its beginning on."""
    return table[int(count) % len(table)]
`

/** How a step is made. */
export const torchSteps = `class _Leaf(NamedTuple):
    """A parameter with its gradient and slots, as its rule takes them."""

    rule: _Rule
    p: torch.Tensor
    g: torch.Tensor
    slots: dict[str, torch.Tensor]
    # the mesh and placements that a part of it must be combined over
    shards: tuple | None


def _leaf(name, p, g, slots):
    rule = _rule(name)
    if rule.whole or not isinstance(p, DTensor):
        return _Leaf(rule, p, g, slots, None)
    slots = {place: _local(x) for place, x in slots.items()}
    shards = (p.device_mesh, tuple(p.placements))
    return _Leaf(rule, _local(p), _local(g), slots, shards)


def _wide(x):
    """Numbers are computed in float32 at least."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def _number(x, dtype, device):
    if not isinstance(x, torch.Tensor):
        return torch.full((), x, dtype=dtype, device=device)
    x = x.full_tensor() if isinstance(x, DTensor) else x
    return x.detach().reshape(()).to(device, dtype)


def _for_each(leaves, values):
    """Numbers that leaves share, for each: in its precision, on its device."""
    made = {}

    def of(p):
        key = (torch.promote_types(p.dtype, torch.float32), p.device)
        if key not in made:
            made[key] = {name: _number(x, *key) for name, x in values.items()}
        return made[key]

    return [of(leaf.p) for leaf in leaves]


def _total(parts, combined):
    """What the parts of leaves come to, and those of all their shards."""
    groups = collections.defaultdict(list)
    for part, shards in parts:
        groups[shards].append(part.to(parts[0][0].device))
    totals = []
    for shards, of_group in groups.items():
        total = combined(torch.stack(of_group))
        totals.append(combined(_of_shards(total, *shards)) if shards else total)
    return combined(torch.stack(totals))


def _parts(functions, leaves, numbers):
    """What of each leaf goes into totals, or what it begins with."""
    return [
        function(_wide(g), _wide(p), slots, own)
        for function, (p, g, slots), own in zip(functions, leaves, numbers)
    ]


def _write(into, value):
    """Puts a value into a tensor, or a number into each of its elements."""
    if isinstance(value, torch.Tensor):
        _local(into).copy_(_local(value))
    else:
        _local(into).fill_(value)


def _advance(functions, leaves, numbers):
    """Steps each leaf in place; gives what all leaves share."""
    shared = {}
    for function, (p, g, slots), own in zip(functions, leaves, numbers):
        update, after = function(_wide(g), _wide(p), slots, own)
        stepped = _wide(p) + update
        for place, value in after.items():
            # an old value that goes into another slot
            if any(value is x for key, x in slots.items() if key != place):
                after[place] = value.clone()
        for place, value in after.items():
            if SLOTS[place].scope == "tree":
                shared.setdefault(place, value)
            elif value is not slots[place]:
                _write(slots[place], value)
        _write(p, stepped)
    return shared


def _is_flat(rule, p, slots):
    """Whether each element may be stepped without the others, wherever it stands."""
    return (
        not rule.whole
        and p.is_contiguous()
        and all(
            SLOTS[place].scope == "tree"
            or (SLOTS[place].scope == "element" and x.is_contiguous())
            for place, x in slots.items()
        )
    )


def _columns(p, g, slots):
    """The tensors of a flat leaf that have a number for each element."""
    own = [x for place, x in slots.items() if SLOTS[place].scope == "element"]
    return [x.reshape(-1) for x in (p, g, *own)]


def _with(columns, slots):
    """A flat leaf of these tensors, with what else stands in the slots."""
    p, g, *own = columns
    places = [place for place in slots if SLOTS[place].scope == "element"]
    return p, g, {**slots, **dict(zip(places, own))}


def _advance_joined(function, leaves, numbers):
    """Steps flat leaves of one rule as one leaf."""
    columns = list(zip(*(_columns(*leaf) for leaf in leaves)))
    joined = [torch.cat(of_leaves) for of_leaves in columns]
    shared = _advance([function], [_with(joined, leaves[0][-1])], [numbers])
    sizes = [p.numel() for p, _, _ in leaves]
    for i, (of_leaves, x) in enumerate(zip(columns, joined)):
        if i != 1:  # the gradients stay what they are
            torch._foreach_copy_(of_leaves, x.split(sizes))
    return shared


def _advance_in_blocks(rules, functions, leaves, numbers):
    """Steps leaves as _advance does, small ones joined and large ones in pieces.

    Few calls take less time than many, and what is made of a piece stays in a CPU's
    cache.
    """
    shared, rest = {}, []
    joined, filled = collections.defaultdict(list), collections.Counter()
    for rule, function, leaf, own in zip(rules, functions, leaves, numbers):
        p, g, slots = leaf
        is_on_cpu, size = p.device.type == "cpu", p.numel()
        block = 2**16 if is_on_cpu else 2**20
        if not _is_flat(rule, p, slots) or (size > block and not is_on_cpu):
            rest.append((function, leaf, own))
        elif size > block:
            pieces = zip(*(x.split(block) for x in _columns(p, g, slots)))
            rest += [(function, _with(piece, slots), own) for piece in pieces]
        else:
            kind = (function, p.device, p.dtype)
            joined[kind, filled[kind] // block].append((leaf, own))
            filled[kind] += size
    for ((function, *_), _), some in joined.items():
        if len(some) == 1:
            rest.append((function, *some[0]))
        else:
            own = [leaf for leaf, _ in some]
            shared.update(_advance_joined(function, own, some[0][1]))
    shared.update(_advance(*zip(*rest)) if rest else {})
    return shared
`

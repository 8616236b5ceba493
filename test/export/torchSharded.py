"""Runs printed modules on several processes: under FSDP2, HSDP and DDP.

python torchSharded.py FOLDER: FOLDER/modules.json names the modules; sharded.json there
tells how far each is off one process that trains alone.
"""

import json
import os
import sys
import traceback

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.nn.parallel import DistributedDataParallel

STEPS, HALF = 6, 3
DTYPE = torch.float64


class Model(torch.nn.Module):
    """A layer that four processes cannot share evenly: one has nothing of its kernel."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.kernel = torch.nn.Parameter(torch.randn(6, 5, dtype=DTYPE))
        self.bias = torch.nn.Parameter(torch.randn(5, dtype=DTYPE))

    def forward(self, x):
        return torch.tanh(x @ self.kernel) + self.bias


def batch(i):
    generator = torch.Generator().manual_seed(i + 1)
    return torch.randn(8, 6, generator=generator, dtype=DTYPE)


def train(model, optimizer, first, last, rank=0, world=1):
    """Some steps, each on this process's part of a batch."""
    for i in range(first, last):
        optimizer.zero_grad()
        x = batch(i).chunk(world)[rank]
        model(x).square().mean().backward()
        optimizer.step()


def printed(text, model):
    scope = {"__name__": "printed"}
    exec(text, scope)
    return scope["Optimizer"](model.named_parameters())


def whole(x):
    return x.full_tensor() if hasattr(x, "full_tensor") else torch.as_tensor(x)


def values(optimizer):
    """All that an optimizer has, by its places in a file."""
    entries = optimizer._entries("params", "state")
    return {keys: whole(x).detach().clone() for keys, _, x in entries}


def difference(own, expected):
    worst = 0.0
    for keys, y in expected.items():
        x = own[keys]
        if not torch.equal(x, y):
            worst = max(worst, ((x - y).abs().max() / y.abs().max()).item())
    return worst


def alone(text, path):
    """One process: what it comes to, and a file from on the way."""
    model = Model()
    optimizer = printed(text, model)
    train(model, optimizer, 0, HALF)
    optimizer.save_safetensors(path)
    train(model, optimizer, HALF, STEPS)
    return values(optimizer)


def sharded(text, path, expected, mesh):
    rank, world = dist.get_rank(), dist.get_world_size()
    model = fully_shard(Model(), mesh=mesh)
    optimizer = printed(text, model)
    train(model, optimizer, 0, HALF, rank, world)
    own_file = f"{path}.sharded-{mesh.ndim}-{world}"
    optimizer.save_safetensors(own_file)
    saved = optimizer.state_dict()
    train(model, optimizer, HALF, STEPS, rank, world)
    own = difference(values(optimizer), expected)
    dist.barrier()
    worst = {}
    for name, file in ("there", own_file), ("alone", path + ".safetensors"):
        other = fully_shard(Model(), mesh=mesh)
        loaded = printed(text, other)
        loaded.load_safetensors(file)
        train(other, loaded, HALF, STEPS, rank, world)
        worst[name] = difference(values(loaded), expected)
    loaded.load_state_dict(saved)
    return {"trained": own, "loaded": worst["there"], "from one": worst["alone"]}


def replicated(text, expected):
    rank, world = dist.get_rank(), dist.get_world_size()
    model = Model()
    optimizer = printed(text, model)
    train(DistributedDataParallel(model), optimizer, 0, STEPS, rank, world)
    return {"trained": difference(values(optimizer), expected)}


def work(rank, world, folder, modules):
    """What one of the processes does."""
    torch.set_num_threads(1)
    where = f"file://{folder}/rendezvous-{world}"
    dist.init_process_group("gloo", init_method=where, rank=rank, world_size=world)
    meshes = {"FSDP2": init_device_mesh("cpu", (world,))}
    if world == 4:
        names = ("replicate", "shard")
        meshes["HSDP"] = init_device_mesh("cpu", (2, 2), mesh_dim_names=names)
    results = {}
    for name, file in modules.items():
        path = os.path.join(folder, file)
        expected = torch.load(path + ".pt")
        with open(path) as text:
            text = compile(text.read(), path, "exec")
        results[name] = {}
        try:
            for how, mesh in meshes.items():
                results[name][f"{how} {world}"] = sharded(text, path, expected, mesh)
            if world == 2:
                results[name]["DDP 2"] = replicated(text, expected)
        except Exception:
            results[name] = {"error": traceback.format_exc(limit=-4)}
    if rank == 0:
        with open(os.path.join(folder, f"sharded-{world}.json"), "w") as file:
            json.dump(results, file)
    dist.destroy_process_group()


if __name__ == "__main__":
    folder = sys.argv[1]
    with open(os.path.join(folder, "modules.json")) as file:
        modules = json.load(file)
    torch.set_num_threads(1)
    for file in modules.values():
        path = os.path.join(folder, file)
        with open(path) as text:
            come_to = alone(compile(text.read(), path, "exec"), path + ".safetensors")
        torch.save(come_to, path + ".pt")
    for world in (2, 4):
        mp.spawn(work, (world, folder, modules), nprocs=world)

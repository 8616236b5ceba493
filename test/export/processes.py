"""Runs printed modules on two processes with four devices each.

python processes.py FOLDER: FOLDER/modules.json names the modules, of each of which there
is a checkpoint; FOLDER/processes-0.json and -1.json tell how far each is off from one device.
"""

import json
import os
import socket
import subprocess
import sys
import time
import traceback

PROCESSES, DEVICES = 2, 4

# a machine that has other things to do is no failure
os.environ["XLA_FLAGS"] = " ".join(
    [
        f"--xla_force_host_platform_device_count={DEVICES}",
        "--xla_cpu_collective_call_terminate_timeout_seconds=600",
        "--xla_cpu_collective_timeout_seconds=600",
    ]
)
PATIENCE = 600

# what processes say that have not found each other in time, or whose port another took
UNLUCKY = ("DEADLINE_EXCEEDED", "Failed to add port")


def free_port():
    with socket.socket() as found:
        found.bind(("localhost", 0))
        return found.getsockname()[1]


def start(folder):
    """Starts the processes, again where the machine was too busy for them."""
    for _ in range(5):
        own = [sys.executable, __file__, folder, str(free_port())]
        said = [open(os.path.join(folder, f"said-{i}"), "w+") for i in range(PROCESSES)]
        # gloo tells of each of its connections on the other stream
        started = [
            subprocess.Popen([*own, str(i)], stdout=subprocess.DEVNULL, stderr=errors)
            for i, errors in enumerate(said)
        ]
        ended = ends_of(started)
        if not any(ended):
            return 0
        for errors in said:
            errors.seek(0)
        texts = [errors.read() for errors in said]
        if not any(word in text for word in UNLUCKY for text in texts):
            break
    print(*texts, sep="\n", file=sys.stderr)
    return 1


def ends_of(started):
    """Waits for processes, of which none is left behind where another has failed."""
    while any(process.poll() is None for process in started):
        if any(process.poll() for process in started):
            for process in started:
                process.kill()
        time.sleep(0.1)
    return [process.wait() for process in started]


def run(folder, file, sharded):
    from jax.experimental import multihost_utils

    module = module_of(folder, file)
    tx = module["tx"]
    path = os.path.join(folder, file + ".safetensors")

    def restored(shard, path=path):
        params = shard(drawn(0))
        return module["load"](path, {"params": params, "state": tx.init(params)})

    both = walk(tx, sharded, restored(sharded))
    kernel = both["params"]["kernel"]
    if kernel.is_fully_addressable or len(kernel.sharding.device_set) != 8:
        raise ValueError(f"parameters are on {kernel.sharding}")
    # saved by both, and loaded by each on a device of its own
    back = path + ".back"
    module["save"](back, both)
    multihost_utils.sync_global_devices(back)
    one = walk(tx, lambda tree: tree, restored(lambda tree: tree))
    return difference(restored(lambda tree: tree, back), one)


def work(folder, port, process):
    """One of the processes."""
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(
        f"localhost:{port}",
        PROCESSES,
        process,
        initialization_timeout=PATIENCE,
        heartbeat_timeout_seconds=PATIENCE,
    )
    # columns are of both processes
    devices = np.array(jax.devices()).reshape(PROCESSES, DEVICES).T
    sharded = sharding_over(devices)
    with open(os.path.join(folder, "modules.json")) as file:
        modules = json.load(file)
    results = {name: run(folder, file, sharded) for name, (file, _) in modules.items()}
    with open(os.path.join(folder, f"processes-{process}.json"), "w") as file:
        json.dump(results, file)


if len(sys.argv) == 2:
    sys.exit(start(sys.argv[1]))

import jax
import numpy as np

from training import difference, drawn, module_of, sharding_over, walk

try:
    work(sys.argv[1], sys.argv[2], int(sys.argv[3]))
except Exception:
    traceback.print_exc()
    sys.stderr.flush()
    # at once: the usual end waits for the other process, which waits for this one
    os._exit(1)

"""What both scripts of peers have in common: one core, which peers are installed, and the times of steps."""

import importlib.util
import os
import time

# XLA starts a thread for each core that it may use, so before it is imported there is one.
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def absent_of(needs):
    """The peers, of those with these packages, that lack one."""
    return [
        name for name, packages in needs.items() if any(importlib.util.find_spec(p) is None for p in packages)
    ]


def during(step, ms):
    """The milliseconds of each step that so much time has room for; of two at least."""
    samples = []
    end = time.perf_counter() + ms / 1000
    while len(samples) < 2 or time.perf_counter() < end:
        begin = time.perf_counter()
        step()
        samples.append(1000 * (time.perf_counter() - begin))
    return samples

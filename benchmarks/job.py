"""Inside one job's process: pin, time, measure memory, find spikes, print one line of JSON.

python -m benchmarks.<module> WORK.json OPTIONS.json, started by `benchmarks.runner`. A module gives
``run(work, options) -> dict`` and imports its simulator inside it, after the process is pinned: JAX sizes its thread
pool by the cores that it sees.
"""

import json
import os
import re
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.timing import Timed, interleaved
from benchmarks.work import Work, load

REPEATS, BUDGET = 5, 20.0  # calls after the first, and seconds after which no further call begins
AT_LEAST = 1.0  # s of calls, unless a single one is asked for
SAMPLE_MS = 0.5  # the soma's voltage is kept at this spacing for comparisons
THRESHOLD = 0.0  # mV, of a spike


def main(run: Callable[[Work, dict[str, Any]], dict[str, Any]]) -> None:
    """Read the work and the options, run, print."""
    work, options = load(sys.argv[1]), json.loads(sys.argv[2])
    pin(options.get("cores", 1), options.get("core", 0))
    record = run(work, options)
    record.setdefault("peak_rss_mb", rss_mb())
    print(json.dumps(record))


def pin(count: int, first: int) -> None:
    """Keep the process on `count` of the cores it may use, from the `first` on; no-op where the system cannot."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, set((cores * 2)[first % len(cores) :][:count]))


def rss_mb() -> float:
    """Peak resident memory of the process so far [MB].

    Linux's ru_maxrss survives exec, so that a small program started by a big one reports the big one's: VmHWM does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s*(\d+)", status.read_text())[1]) / 1024.0  # type: ignore[index]
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def timed(call: Callable[[], Any], options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Call once, then again and again; a call must block until it is done.

    Short runs are called for a second: the first few grow the process's memory and take up to twice as long.

    Args:
        call: the run.
        options: "repeats" and "budget" [s] override the defaults.

    Returns:
        The last value, and first_s, and cpu_s and wall_s of the later calls.
    """
    return _seconds(interleaved({"": call}, **_limits(options))[""])


def _limits(options: dict[str, Any]) -> dict[str, Any]:
    repeats = options.get("repeats", REPEATS)
    at_least = AT_LEAST if repeats > 1 else 0.0
    return {"rounds": repeats, "at_least": at_least, "budget": options.get("budget", BUDGET)}


def _seconds(done: Timed) -> tuple[Any, dict[str, Any]]:
    return done.value, {"first_s": done.first_s, "cpu_s": done.cpu_s, "wall_s": done.wall_s}


def compiled_and_timed(
    functions: dict[str, Callable[[Any], Any]], argument: Any, options: dict[str, Any]
) -> dict[str, tuple[Any, dict[str, Any], float, float]]:
    """Functions of JAX, compiled ahead and timed in turns, with the limits of `timed`.

    Returns:
        Of each the value and the times; [s] what compiling took, and [MB] what the program needs beside its results.
    """
    import jax

    calls, cost = {}, {}
    for name, function in functions.items():
        start = time.perf_counter()
        program = jax.jit(function).lower(argument).compile()
        cost[name] = time.perf_counter() - start, program.memory_analysis().temp_size_in_bytes / 2**20
        calls[name] = lambda program=program: jax.block_until_ready(program(argument))
    return {name: (*_seconds(done), *cost[name]) for name, done in interleaved(calls, **_limits(options)).items()}


def record(work: Work, times: dict[str, Any], build_s: float, v: Any = None, **more: Any) -> dict[str, Any]:
    """The line of a job.

    Args:
        work: the work.
        times: what `timed` returned.
        build_s: [s] from plain numbers to a model that is ready to run.
        v: (n_probe, n_time) [mV], the recorded voltages of the middle cell, row 0 the soma.
        more: further entries.

    Returns:
        Entries of the results file.
    """
    cpu, wall = statistics.median(times["cpu_s"]), statistics.median(times["wall_s"])
    per_step = 1e6 / work.n_step
    line = {
        "us_per_step": cpu * per_step,
        "us_per_step_min": min(times["cpu_s"]) * per_step,
        "us_per_step_max": max(times["cpu_s"]) * per_step,
        "wall_us_per_step": wall * per_step,
        "wall_us_per_step_min": min(times["wall_s"]) * per_step,
        "wall_us_per_step_max": max(times["wall_s"]) * per_step,
        "build_s": build_s,
        "compile_s": max(times["first_s"] - wall, 0.0),
        "repeats": len(times["cpu_s"]),
    }
    if v is not None:
        line |= traces(work, np.atleast_2d(np.asarray(v, dtype=float)))
    return line | more


def traces(work: Work, v: np.ndarray) -> dict[str, Any]:
    """Spike times [ms] and samples [mV] of the soma, samples of the last probe. A passive cell has no spikes."""
    v = v[:, : work.n_step + 1]  # Jaxley returns one step more than was asked for
    t = work.dt * np.arange(v.shape[1])
    stride = max(round(SAMPLE_MS / work.dt), 1)
    return {
        "spike_times": [] if set(work.channels) <= {"leak"} else [round(s, 5) for s in spikes(t, v[0])],
        "v_soma": np.round(v[0, ::stride], 6).tolist(),
        "v_far": np.round(v[-1, ::stride], 6).tolist(),
    }


def spikes(t: np.ndarray, v: np.ndarray, threshold: float = THRESHOLD) -> list[float]:
    """Times [ms] at which v [mV] crosses the threshold upwards, interpolated between samples."""
    i = np.flatnonzero((v[:-1] < threshold) & (v[1:] >= threshold))
    return (t[i] + (threshold - v[i]) / (v[i + 1] - v[i]) * (t[i + 1] - t[i])).tolist()

"""Timing: one core, interleaved rounds, medians, ratios inside a round."""

import os
import statistics
import time
from collections.abc import Callable, Mapping

ROUNDS = 7


def pin(core: int = 0) -> None:
    """Keep the process on one core; call it before JAX is imported, which sizes its thread pool by what it sees."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[core]})


def interleaved(runs: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Seconds of each run in each round, after one warm-up call. A run must block until it is done."""
    for run in runs.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def median_ratio(a: list[float], b: list[float]) -> float:
    """The median over rounds of a / b."""
    return statistics.median(x / y for x, y in zip(a, b, strict=True))

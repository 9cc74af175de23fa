"""Timing: one core, interleaved rounds, medians, ratios inside a round."""

import math
import os
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

ROUNDS = 7


def pin(core: int = 0) -> None:
    """Keep the process on one core; call it before JAX is imported, which sizes its thread pool by what it sees."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[core]})


class Timed(NamedTuple):
    """A run's last value, the seconds of its first call, and processor's and wall's seconds of the later ones."""

    value: Any
    first_s: float
    cpu_s: list[float]
    wall_s: list[float]


def interleaved(
    runs: Mapping[Any, Callable[[], Any]], rounds: int = ROUNDS, at_least: float = 0.0, budget: float = math.inf
) -> dict[Any, Timed]:
    """Call each run once, then all in turns, so that a slow minute falls on all of them.

    Args:
        runs: name -> run, which must block until it is done.
        rounds: turns after the first call.
        at_least: [s] for which turns go on, for each run.
        budget: [s] after which no further turn begins, for each run.

    Returns:
        Name -> what was timed.
    """
    found = {}
    for name, run in runs.items():
        start = time.perf_counter()
        value = run()
        found[name] = Timed(value, time.perf_counter() - start, [], [])
    begin, turn, spent = time.perf_counter(), 0, 0.0
    while (turn < rounds or spent < at_least * len(runs)) and spent <= budget * len(runs):
        for name, run in runs.items():
            w, c = time.perf_counter(), time.process_time()
            value = run()
            found[name].cpu_s.append(time.process_time() - c)
            found[name].wall_s.append(time.perf_counter() - w)
            found[name] = found[name]._replace(value=value)
        turn, spent = turn + 1, time.perf_counter() - begin
    return found


def median_ratio(a: list[float], b: list[float]) -> float:
    """The median over rounds of a / b."""
    return statistics.median(x / y for x, y in zip(a, b, strict=True))

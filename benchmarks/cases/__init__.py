"""The cases by name; one file for each kind, with its work and its rows."""

import dataclasses
import importlib
from collections.abc import Callable, Iterator

from benchmarks.jobs import Job
from benchmarks.work import Work

# case -> its file
FILES = {
    "hh_point": "hh_point",
    "cable": "cable",
    "ca1_hh": "ca1_hh",
    "ca1_l5pc8": "ca1_l5pc",
    "ca1_l5pc12": "ca1_l5pc",
    "batch_points_64": "batch_points",
    "batch_points_1024": "batch_points",
    "batch_cells": "batch_cells",
    "gradient": "gradient",
    "gradient_batch16": "gradient",
    "rallpack1": "rallpack1",
    "rallpack3": "rallpack3",
}
# Curves: what grows -> its sizes. Each point is a case, sweep_<what>_<size>.
SWEEPS = {
    "compartments": (1, 10, 100, 1000, 10000),
    "batch": (1, 4, 16, 64, 256, 1024),
    "channels": (1, 2, 4, 8),
    "steps": (100, 1000, 10000, 100000),
}
BOTH = ("float32", "float64")
HH = {"gna": 0.12, "gk": 0.036, "gl": 3e-4, "el": -54.3, "ena": 50.0, "ek": -77.0}  # S/cm2, mV: NEURON's hh


@dataclasses.dataclass(frozen=True)
class Case:
    """A case.

    Args:
        title: one line about it.
        work: the work; small=True gives one that takes a moment, for tests.
        jobs: the rows for some precisions.
    """

    title: str
    work: Callable[[bool], Work]
    jobs: Callable[[tuple[str, ...]], list[Job]]


def get(name: str) -> Case:
    """A case by name."""
    file = "sweeps" if name in sweep(*SWEEPS) else FILES.get(name)
    if file is None:
        raise SystemExit(f"no case {name!r}; known: {', '.join((*FILES, *sweep(*SWEEPS)))}")
    return importlib.import_module(f"benchmarks.cases.{file}").CASES[name]


def sweep(*kinds: str) -> list[str]:
    """The cases of some curves."""
    return [f"sweep_{kind}_{n}" for kind in kinds for n in SWEEPS[kind]]


def every() -> Iterator[tuple[str, Case]]:
    """All cases but the curves'."""
    for name in FILES:
        yield name, get(name)

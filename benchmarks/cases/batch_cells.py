"""64 CA1 cells with different sodium conductances."""

from benchmarks import jobs
from benchmarks.cases import Case, ca1_hh
from benchmarks.work import Work

CELLS = 64


def work(small: bool) -> Work:
    """The cell of ca1_hh, 64 times."""
    return ca1_hh.work(small).but(batch=3 if small else CELLS)


def rows(dtypes: tuple[str, ...]) -> list[jobs.Job]:
    """Every simulator; plain C with a vector of cells in a block; ours on two cores too."""
    return [
        jobs.reference(),
        *jobs.jaxsim("batch", dtypes, cores=True),
        *jobs.plain_c_by_vectors(dtypes),
        *jobs.neuron(),
        *jobs.arbor(batch=True),
        *jobs.jaxley("batch", dtypes),
    ]


CASES = {"batch_cells": Case("64 CA1 cells, HH and leak, different conductances", work, rows)}

"""Rallpack 3: the axon of Rallpack 1 with HH channels.

Source: Bhalla, Bilitch & Bower 1992, Trends Neurosci 15:453.
"""

from benchmarks import jobs
from benchmarks.cases import HH, Case, rallpack1
from benchmarks.work import Work


def work(small: bool) -> Work:
    """HH with Rallpack 1's leak in place of its own."""
    return rallpack1.work(small).but(channels={"hh": HH | {"gl": 2.5e-5, "el": -65.0}})


def rows(dtypes: tuple[str, ...]) -> list[jobs.Job]:
    """Every simulator."""
    return [
        jobs.reference(),
        *jobs.jaxsim("forward", dtypes),
        *jobs.plain_c(dtypes),
        *jobs.neuron(),
        *jobs.arbor(),
        *jobs.jaxley("forward", dtypes),
    ]


CASES = {"rallpack3": Case("Rallpack 3, 1,000 compartments", work, rows)}

"""Rallpack 1: a passive cable of 1,000 compartments, 1 um each, where single precision is hard.

Source: Bhalla, Bilitch & Bower 1992, Trends Neurosci 15:453.
"""

from benchmarks import jobs, shapes
from benchmarks.cases import Case
from benchmarks.work import Work


def work(small: bool) -> Work:
    """1 mm, 1 um wide, 4 ohm m2, 0.1 nA into the first compartment for 250 ms; both ends recorded."""
    n, t_end = (20, 5.0) if small else (1000, 250.0)
    leak = {"leak": {"g": 2.5e-5, "e": -65.0}}
    return Work(**shapes.cable(n, 1000.0, 0.5), channels=leak, amp=0.1, start=0.0, stop=1e9, dt=0.05, t_end=t_end)


def rows(dtypes: tuple[str, ...]) -> list[jobs.Job]:
    """Every simulator."""
    return [
        jobs.reference(),
        *jobs.jaxsim("forward", dtypes),
        *jobs.plain_c(dtypes),
        *jobs.neuron("passive"),
        *jobs.arbor(),
        *jobs.jaxley("forward", dtypes),
    ]


CASES = {"rallpack1": Case("Rallpack 1, 1,000 compartments", work, rows)}

"""The CA1 pyramidal cell with HH and leak everywhere: the usual cell with the usual channels."""

from benchmarks import jobs, shapes
from benchmarks.cases import HH, Case
from benchmarks.work import Work

CHANNELS = {"hh": HH, "leak": {"g": 1e-4, "e": -65.0}}


def work(small: bool) -> Work:
    """613 compartments, 2 nA at the soma, four places recorded."""
    if small:
        return Work(**shapes.tree(9, 2), channels=CHANNELS, amp=1.0, start=1.0, stop=95.0, t_end=5.0)
    return Work(**shapes.ca1(), channels=CHANNELS, amp=2.0, start=5.0, stop=95.0)


def rows(dtypes: tuple[str, ...]) -> list[jobs.Job]:
    """Every simulator; plain C with its nodes numbered in both ways; the time from the traced file to a model."""
    return [
        jobs.reference(),
        *jobs.jaxsim("forward", dtypes),
        *jobs.plain_c(dtypes, orders=("breadth", "depth")),
        *jobs.neuron(),
        *jobs.arbor(),
        *jobs.jaxley("forward", dtypes),
        jobs.Job("jaxsim f32, SWC file to model", "jaxsim", {"program": "build", "dtype": "float32"}, same=False),
    ]


CASES = {"ca1_hh": Case("CA1 pyramidal cell, HH and leak", work, rows)}

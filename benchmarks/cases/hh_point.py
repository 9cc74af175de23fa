"""One compartment with HH: what a step costs when there is almost nothing to compute.

The run is long, so that what a call costs, which the table gives by itself, does not count among its steps.
"""

from benchmarks import jobs, shapes
from benchmarks.cases import HH, Case
from benchmarks.work import Work


def work(small: bool) -> Work:
    """A cylinder of 20 um x 20 um, 0.2 nA."""
    start, stop, t_end = (1.0, 4.0, 5.0) if small else (5.0, 995.0, 1000.0)
    return Work(**shapes.point(), channels={"hh": HH}, amp=0.2, start=start, stop=stop, t_end=t_end)


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


CASES = {"hh_point": Case("HH on one compartment", work, rows)}

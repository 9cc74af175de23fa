"""One compartment with HH: what a step and a call cost when there is almost nothing to compute."""

from benchmarks import jobs, shapes
from benchmarks.cases import HH, Case
from benchmarks.work import Work


def work(small: bool) -> Work:
    """A cylinder of 20 um x 20 um, 0.2 nA."""
    t_end = 5.0 if small else 100.0
    return Work(**shapes.point(), channels={"hh": HH}, amp=0.2, start=1.0 if small else 5.0, stop=95.0, t_end=t_end)


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

"""A passive cable: the solve and nothing else."""

from benchmarks import jobs, shapes
from benchmarks.cases import Case
from benchmarks.work import Work


def work(small: bool) -> Work:
    """1 mm, 2 um wide, 100 compartments, 0.1 nA at its start."""
    n, t_end = (7, 5.0) if small else (100, 100.0)
    leak = {"leak": {"g": 1e-4, "e": -65.0}}
    return Work(
        **shapes.cable(n, 1000.0, 1.0), channels=leak, amp=0.1, start=1.0 if small else 5.0, stop=95.0, t_end=t_end
    )


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


CASES = {"cable": Case("passive cable of 100 compartments", work, rows)}

"""A loss of four voltages and its gradient by the sodium conductances of twenty groups of compartments."""

from functools import partial

from benchmarks import jobs
from benchmarks.cases import Case, ca1_hh
from benchmarks.work import Work

GROUPS = 20


def work(batch: int, small: bool) -> Work:
    """The cell of ca1_hh for 100 ms; a batch has other conductances in each cell."""
    if small:
        return ca1_hh.work(True).but(groups=3, batch=min(batch, 3))
    return ca1_hh.work(False).but(groups=GROUPS, batch=batch)


def rows(batch: int, dtypes: tuple[str, ...]) -> list[jobs.Job]:
    """Ours and Jaxley's; no other simulator has a gradient. Without checkpoints a batch takes Jaxley 20 GB."""
    jaxley = [job for job in jobs.jaxley("gradient", dtypes) if batch == 1 or job.options["checkpoints"]]
    return [*jobs.jaxsim("gradient", dtypes), *jaxley]


CASES = {
    "gradient": Case("loss and gradient by 20 conductances, CA1 cell", partial(work, 1), partial(rows, 1)),
    "gradient_batch16": Case("the same for a batch of 16", partial(work, 16), partial(rows, 16)),
}

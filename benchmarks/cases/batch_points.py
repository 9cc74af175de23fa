"""Many cells of one compartment with different sodium conductances."""

from functools import partial

from benchmarks import jobs, shapes
from benchmarks.cases import HH, Case
from benchmarks.work import Work

BLOCKS = (64, 256, 1024)  # cells side by side in the C loop


def work(batch: int, small: bool) -> Work:
    """Cylinders of 20 um x 20 um, 0.2 nA, every one recorded."""
    if small:
        return Work(**shapes.point(), channels={"hh": HH}, amp=0.2, start=1.0, stop=95.0, t_end=5.0, batch=5)
    return Work(**shapes.point(), channels={"hh": HH}, amp=0.2, start=5.0, stop=95.0, batch=batch)


def rows(batch: int, dtypes: tuple[str, ...]) -> list[jobs.Job]:
    """Every simulator; plain C with all cells in one block, and in blocks that stay in a core's nearest cache."""
    return [
        jobs.reference(),
        *jobs.jaxsim("batch", dtypes),
        *(job for lanes in sorted({min(batch, n) for n in BLOCKS}) for job in jobs.plain_c(dtypes, lanes=lanes)),
        *jobs.neuron(),
        *jobs.arbor(batch=True),
        *jobs.jaxley("batch", dtypes),
    ]


CASES = {
    f"batch_points_{n}": Case(f"{n} HH points with different conductances", partial(work, n), partial(rows, n))
    for n in (64, 1024)
}

"""Cost against size: compartments, cells in a batch, channels, steps. One case for each point of a curve."""

from functools import partial

from benchmarks import jobs, shapes
from benchmarks.cases import HH, SWEEPS, Case, ca1_hh, ca1_l5pc
from benchmarks.work import Work

STEP_UM = 10.0  # length of a compartment of the cables


def compartments(n: int, small: bool) -> Work:
    """An unbranched HH cable of n compartments."""
    n, t_end = (min(n, 3), 2.5) if small else (n, 25.0)
    return Work(**shapes.cable(n, STEP_UM * n, 1.0), channels={"hh": HH}, amp=0.2, start=1.0, stop=1e9, t_end=t_end)


def batch(n: int, small: bool) -> Work:
    """n trees of 61 compartments with HH and leak."""
    n, t_end = (min(n, 2), 2.5) if small else (n, 25.0)
    return Work(**shapes.tree(15, 4), channels=ca1_hh.CHANNELS, amp=1.0, start=1.0, stop=1e9, t_end=t_end, batch=n)


def channels(n: int, small: bool) -> Work:
    """The CA1 cell with a leak and the first n layer-5 channels."""
    names = (*jobs.LAYER5[:n], "ena", "ek")
    some = {name: ca1_l5pc.LAYER5[name] for name in names}
    work = ca1_l5pc.work(small)
    return work.but(channels=work.channels | {"l5": some}, t_end=work.t_end / 4.0)


def steps(n: int, small: bool) -> Work:
    """n steps of the CA1 cell with HH and leak."""
    work = ca1_hh.work(small)
    return work.but(t_end=(min(n, 100) if small else n) * work.dt, stop=1e9)


def rows(kind: str, n: int, dtypes: tuple[str, ...]) -> list[jobs.Job]:
    """The best settings of each simulator."""
    program = "batch" if kind == "batch" else "forward"
    ours = [job for job in jobs.jaxsim(program, dtypes) if job.options["tune"]]
    neuron = jobs.neuron("layer5" if kind == "channels" else "hh")
    neuron = [job for job in neuron if job.label in ("NEURON", "NEURON, best flags", "CoreNEURON, best flags")]
    jaxley = [job for job in jobs.jaxley(program, dtypes) if job.options.get("mode") != "loop"]
    if kind == "channels":
        return [*ours, *neuron, *jobs.arbor(), *jaxley]
    loops = jobs.plain_c_by_vectors(dtypes, n) if kind == "batch" else jobs.plain_c(dtypes)
    return [*ours, *loops, *neuron, *jobs.arbor(batch=kind == "batch"), *jaxley]


_WORKS = {"compartments": compartments, "batch": batch, "channels": channels, "steps": steps}
CASES = {
    f"sweep_{kind}_{n}": Case(f"{kind}: {n}", partial(_WORKS[kind], n), partial(rows, kind, n))
    for kind, sizes in SWEEPS.items()
    for n in sizes
}

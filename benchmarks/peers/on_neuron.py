"""NEURON and CoreNEURON.

Options: "core" runs CoreNEURON; "mechanisms" is a folder that nrnivmodl filled, "own_hh" its HH in place of the
built-in one; "table" keeps NEURON's table of HH rates (its default; exact rates otherwise); "secondorder" is NEURON's
switch.
"""

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import job
from benchmarks.jobs import CALCIUM, POOL
from benchmarks.work import Work

_CHANNEL = {  # name in NEURON -> parameters
    "leak": ("pas", {"g": "g", "e": "e"}),
    "hh": ("hh", {"gna": "gnabar", "gk": "gkbar", "gl": "gl", "el": "el"}),
    "hh_exact": ("hh_exact", {"gna": "gna", "gk": "gk", "gl": "gl", "el": "el"}),
}


def run(work: Work, options: dict[str, Any]) -> dict[str, Any]:
    """All cells of the batch in one process, one thread."""
    folder = options.get("mechanisms")
    if folder:
        os.environ["CORENEURONLIB"] = str(Path(folder) / "x86_64" / "libcorenrnmech.so")
    import neuron
    from neuron import h

    if folder:
        neuron.load_mechanisms(folder)
    h.load_file("stdrun.hoc")
    start = time.perf_counter()
    h.celsius = work.celsius
    hh = "hh_exact" if folder and options.get("own_hh") else "hh"
    held, rows = [], []
    for i, factor in enumerate(work.factors()):
        sections = _sections(work, i)
        for section in sections:
            _insert(section, work, factor, hh)
        pulse = h.IClamp(sections[0](0.5 / work.n[0]))
        pulse.delay, pulse.dur, pulse.amp = work.start, work.stop - work.start, work.amp
        vectors = [h.Vector().record(_segment(work, sections, k)._ref_v) for k in work.probes]
        held.append((sections, pulse))
        rows.append(vectors)
    call = _runner(work, options)
    build = time.perf_counter() - start
    _, times = job.timed(call, options)
    v = np.array([list(x) for x in rows[work.middle]])
    return job.record(work, times, build, v, version=f"NEURON {neuron.__version__}")


def _sections(work: Work, cell: int) -> list[Any]:
    from neuron import h

    sections: list[Any] = []
    for b, (parent, n, length) in enumerate(zip(work.parent, work.n, work.length, strict=True)):
        section = h.Section(name=f"cell{cell}_{b}")
        section.nseg, section.L, section.Ra, section.cm = n, n * length, work.ra, work.cm
        for segment, radius in zip(section, work.radius[work.first[b] : work.first[b + 1]], strict=True):
            segment.diam = 2.0 * radius
        if parent >= 0:
            section.connect(sections[parent](1), 0)
        sections.append(section)
    return sections


def _insert(section: Any, work: Work, factor: float, hh: str) -> None:
    for name, values in work.channels.items():
        if name == "l5":
            for channel, g in values.items():
                if channel not in ("ena", "ek"):
                    section.insert(channel)
                    setattr(section, f"g{channel}bar_{channel}", g)
            for ion in ("ena", "ek"):
                if hasattr(section, ion):  # there only if a channel of the section uses the ion
                    setattr(section, ion, values[ion])
            continue
        if name == "calcium":
            section.insert(POOL)
            for channel, g in values.items():
                section.insert(CALCIUM[channel])
                setattr(section, f"g{CALCIUM[channel]}bar_{CALCIUM[channel]}", g)
            continue
        suffix, names = _CHANNEL[hh if name == "hh" else name]
        section.insert(suffix)
        for ours, theirs in names.items():
            setattr(section, f"{theirs}_{suffix}", values[ours] * (factor if ours == "gna" else 1.0))
        if name == "hh":
            section.ena, section.ek = values["ena"], values["ek"]


def _segment(work: Work, sections: list[Any], comp: int) -> Any:
    branch, k = work.place(comp)
    return sections[branch]((k + 0.5) / work.n[branch])


def _runner(work: Work, options: dict[str, Any]) -> Any:
    """A function that initialises and runs once."""
    from neuron import h

    h.cvode.active(0)
    h.cvode.cache_efficient(1)
    h.secondorder = options.get("secondorder", 0)
    h.steps_per_ms, h.dt = 1.0 / work.dt, work.dt
    h.usetable_hh = int(options.get("table", False))
    parallel = h.ParallelContext()
    parallel.nthread(1)
    parallel.set_maxstep(10)
    if options.get("coreneuron"):
        from neuron import coreneuron

        coreneuron.enable, coreneuron.verbose, coreneuron.cell_permute = True, 0, 0

    def call() -> None:
        h.finitialize(work.v)
        parallel.psolve(work.t_end)

    return call


if __name__ == "__main__":
    job.main(run)

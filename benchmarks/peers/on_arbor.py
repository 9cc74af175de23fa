"""Arbor: one segment and one control volume a compartment.

Options: "record": "middle" samples the checked cell of a batch only; all cells otherwise. "together": all cells in one
group, which its vector instructions need where cells are small; else a group for each cell, Arbor's default.
"""

import time
from typing import Any

import numpy as np

from benchmarks import job
from benchmarks.jobs import CALCIUM, POOL
from benchmarks.work import Work

_KELVIN = 273.15


def run(work: Work, options: dict[str, Any]) -> dict[str, Any]:
    """All cells of the batch in one simulation, one thread."""
    import arbor
    from arbor import units as u

    start = time.perf_counter()
    tree, first = _tree(work)
    cells = [_cell(work, tree, factor) for factor in work.factors()]
    probes = [
        arbor.cable_probe_membrane_voltage(f"(on-components 0.5 (segment {first[b] + k}))", f"p{i}")
        for i, (b, k) in enumerate(work.place(c) for c in work.probes)
    ]
    sampled = [work.middle] if options.get("record") == "middle" else list(range(work.batch))
    group = work.batch if options.get("together") else 1
    simulation, handles = _simulation(cells, probes, sampled, work.dt, group)
    build = time.perf_counter() - start

    def call() -> None:
        simulation.reset()
        simulation.run(work.t_end * u.ms, work.dt * u.ms)

    _, times = job.timed(call, options)
    v = np.array([simulation.samples(handle)[0][0][:, 1] for handle in handles[work.middle]])
    return job.record(work, times, build, v, version=f"Arbor {arbor.__version__}")


def _tree(work: Work) -> tuple[Any, list[int]]:
    """The segment tree, and the first segment of each branch; drawn side by side, which has no meaning."""
    import arbor

    tree, first, last, end = arbor.segment_tree(), [], [], []
    for b, (parent, n, length) in enumerate(zip(work.parent, work.n, work.length, strict=True)):
        here, x = (arbor.mnpos, 0.0) if parent < 0 else (last[parent], end[parent])
        for k in range(n):
            r = float(work.radius[work.first[b] + k])
            near, far = arbor.mpoint(x, float(b), 0.0, r), arbor.mpoint(x + length, float(b), 0.0, r)
            here, x = tree.append(here, near, far, tag=1), x + length
            if k == 0:
                first.append(here)
        last.append(here)
        end.append(x)
    return tree, first


def _cell(work: Work, tree: Any, factor: float) -> Any:
    import arbor
    from arbor import units as u

    decor = arbor.decor()
    decor.set_property(
        Vm=work.v * u.mV,
        cm=0.01 * work.cm * u.F / u.m2,
        rL=work.ra * u.Ohm * u.cm,
        tempK=(_KELVIN + work.celsius) * u.Kelvin,
    )
    for name, values in work.channels.items():
        if name == "leak":
            decor.paint("(all)", arbor.density(f"pas/e={values['e']}", {"g": values["g"]}))
            continue
        if name == "calcium":
            decor.set_ion("ca", int_con=5e-5 * u.mM, ext_con=2.0 * u.mM, method="nernst/x=ca")
            decor.paint("(all)", arbor.density(POOL))
            for channel, g in values.items():
                decor.paint("(all)", arbor.density(CALCIUM[channel], {f"g{CALCIUM[channel]}bar": g}))
            continue
        # Two statements: set_ion changes the decor and returns a copy, so that a second call on its result is lost.
        decor.set_ion("na", rev_pot=values["ena"] * u.mV)
        decor.set_ion("k", rev_pot=values["ek"] * u.mV)
        if name == "hh":
            own = {"gnabar": values["gna"] * factor, "gkbar": values["gk"], "gl": values["gl"], "el": values["el"]}
            decor.paint("(all)", arbor.density("hh", own))
        for channel, g in values.items() if name == "l5" else ():
            if channel not in ("ena", "ek"):
                decor.paint("(all)", arbor.density(channel, {f"g{channel}bar": g}))
    clamp = arbor.i_clamp(work.start * u.ms, (work.stop - work.start) * u.ms, work.amp * u.nA)
    decor.place("(on-components 0.5 (segment 0))", clamp)
    return arbor.cable_cell(tree, decor, arbor.label_dict(), arbor.cv_policy_every_segment("(all)"))


def _simulation(
    cells: list[Any], probes: list[Any], sampled: list[int], dt: float, group: int
) -> tuple[Any, dict[int, list[Any]]]:
    import arbor
    from arbor import units as u

    properties = arbor.neuron_cable_properties()
    catalogue = arbor.default_catalogue()
    catalogue.extend(arbor.bbp_catalogue(), "")
    properties.catalogue = catalogue

    class Recipe(arbor.recipe):
        def __init__(self) -> None:
            arbor.recipe.__init__(self)

        def num_cells(self) -> int:
            return len(cells)

        def cell_kind(self, gid: int) -> Any:
            return arbor.cell_kind.cable

        def cell_description(self, gid: int) -> Any:
            return cells[gid]

        def global_properties(self, kind: Any) -> Any:
            return properties

        def probes(self, gid: int) -> list[Any]:
            return probes if gid in sampled else []

    recipe, context = Recipe(), arbor.context(threads=1)
    hint = arbor.partition_hint(cpu_group_size=group)
    domains = arbor.partition_load_balance(recipe, context, {arbor.cell_kind.cable: hint})
    simulation = arbor.simulation(recipe, context, domains)
    every = arbor.regular_schedule(dt * u.ms)
    handles = {g: [simulation.sample((g, f"p{i}"), every) for i in range(len(probes))] for g in sampled}
    return simulation, handles


if __name__ == "__main__":
    job.main(run)

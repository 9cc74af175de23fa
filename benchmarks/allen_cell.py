"""A published cell rebuilt from its own files: morphology, fitted conductances and .mod files of the Allen Institute.

python -m benchmarks.allen_cell FOLDER [--neuron]

FOLDER has the files of model 472363762 as the PyPI package bmtk ships them below bmtk/utils/scripts/bionet:
Scnn1a_473845048_m.swc, 472363762_fit.json and the .mod files, in any subfolders. With --neuron the same cell is run in
NEURON: the same compartments, the files compiled by nrnivmodl, backward Euler in both.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import jaxsim as js
from tests import neuron_cell

REGIONS = {"soma": "soma", "axon": "axon", "dend": "basal", "apic": "apical"}
TAGS = {1: "soma", 2: "axon", 3: "dend", 4: "apic"}
START, STOP, T_END = 100.0, 600.0, 700.0  # ms
SUBTHRESHOLD, RHEOBASE, STRONG = 0.05, 0.1, 0.25  # nA
STUB_LENGTH, STUB_RADIUS = 30.0, 0.5  # um, of the two sections that stand for the axon
SEGMENT = 40.0  # um: a section has 1 + 2 int(L / 40) compartments


class Files(NamedTuple):
    """The published files."""

    swc: Path
    fit: dict[str, Any]
    mods: dict[str, Path]


def files(folder: Path) -> Files:
    """The files below a folder."""
    fit = json.loads(next(folder.rglob("472363762_fit.json")).read_text())
    return Files(next(folder.rglob("Scnn1a_473845048_m.swc")), fit, {p.stem: p for p in folder.rglob("*.mod")})


def morphology(swc: Path) -> js.Morphology:
    """The traced cell with two short cylinders in place of its axon; points as NEURON stores them."""
    stub = js.cylinder(STUB_LENGTH, STUB_RADIUS, tag=2)
    cell = js.prune(js.read_swc(swc), "axon")
    cell = js.attach(cell, stub, 0, 0.5)
    return neuron_cell.float32(js.attach(cell, stub, cell.n_branch - 1, 1.0))


def conductances(fit: dict[str, Any]) -> dict[tuple[str, str], dict[str, float]]:
    """(mechanism, section) -> parameter -> value."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for one in fit["genome"]:
        mechanism = one["mechanism"] or "pas"
        found.setdefault((mechanism, one["section"]), {})[one["name"].removesuffix(f"_{mechanism}")] = float(
            one["value"]
        )
    return found


def build(published: Files) -> js.Cell:
    """The cell, every mechanism but the leak read from its .mod file."""
    m = morphology(published.swc)
    lengths = [float(np.linalg.norm(np.diff(m.points(b)[0], axis=0), axis=1).sum()) for b in range(m.n_branch)]
    cell = js.Cell(m, js.PerBranch([1 + 2 * int(length / SEGMENT) for length in lengths]))
    passive, conditions = published.fit["passive"][0], published.fit["conditions"][0]
    reversal = {e["section"]: e for e in conditions["erev"]}
    cell.at(js.everywhere()).set("ra", passive["ra"]).set("v", conditions["v_init"])
    for one in passive["cm"]:
        cell.at(REGIONS[one["section"]]).set("cm", one["cm"])
    for (mechanism, section), values in conductances(published.fit).items():
        here = cell.at(REGIONS[section])
        if mechanism == "pas":
            here.insert(js.Leak(gbar=values["g"], e=passive["e_pas"]))
            continue
        read = js.read_mod(published.mods[mechanism])
        given = {e: reversal[section][e] for e in ("ena", "ek") if e in read.parameters()}
        here.insert(read(**values, **given))
        if mechanism == "CaDynamics":
            here.insert(js.Calcium())
    cell.at("soma").set("celsius", conditions["celsius"])
    return cell


def stimulated(cell: js.Cell) -> js.Model:
    """The cell with a current into its soma, voltage and calcium recorded there."""
    soma = cell.loc("soma", 0.5)
    cell.stimulate(soma, js.Pulse(amp=RHEOBASE, start=START, stop=STOP))
    return cell.record(soma).record(soma, "ca.inside").compile()


class InNeuron:
    """The same cell in NEURON.

    Args:
        cell: ours.
        published: its files.
    """

    def __init__(self, cell: js.Cell, published: Files) -> None:
        h = neuron_cell.neuron()
        if not hasattr(h, "NaTs"):
            with tempfile.TemporaryDirectory() as place:
                for mechanism, _ in conductances(published.fit):
                    if mechanism != "pas":
                        shutil.copy(published.mods[mechanism], place)
                compiler = Path(sys.executable).with_name("nrnivmodl")
                subprocess.run([compiler, "."], cwd=place, check=True, capture_output=True)
                h.nrn_load_dll(str(next(Path(place).glob("*/libnrnmech.*"))))
        passive, self.conditions = published.fit["passive"][0], published.fit["conditions"][0]
        self.sections = neuron_cell.build_sections(cell.cable)
        neuron_cell.set_ra(self.sections, passive["ra"])
        for section, tag in zip(self.sections, cell.cable.morphology.tag.tolist(), strict=True):
            self._paint(section, TAGS[tag], passive, published.fit["genome"])
        self.clamp = h.IClamp(self.sections[0](0.5))
        self.clamp.delay, self.clamp.dur = START, STOP - START
        self.v = h.Vector().record(self.sections[0](0.5)._ref_v)

    def _paint(self, section: Any, region: str, passive: dict[str, Any], genome: list[dict[str, Any]]) -> None:
        section.cm = next(e["cm"] for e in passive["cm"] if e["section"] == region)
        section.insert("pas")
        section.e_pas = passive["e_pas"]
        for one in genome:
            if one["section"] == region:
                section.insert(one["mechanism"] or "pas")
                setattr(section, one["name"], float(one["value"]))
        if region == "soma":
            for e in self.conditions["erev"]:
                section.ena, section.ek = e["ena"], e["ek"]

    def run(self, amp: float, dt: float) -> np.ndarray:
        """(n_time,) [mV] at the soma."""
        self.clamp.amp = amp
        neuron_cell.run(T_END, dt, v=self.conditions["v_init"], celsius=self.conditions["celsius"])
        return np.array(self.v)


def spike_times(v: np.ndarray, dt: float) -> np.ndarray:
    """[ms] of the steps that cross 0 mV upwards."""
    return dt * np.flatnonzero((v[:-1] < 0.0) & (v[1:] >= 0.0))


def first_spike(v: jax.Array, dt: float) -> jax.Array:
    """() [ms] of the first crossing of 0 mV, on the line between two steps: differentiable."""
    k = jnp.argmax((v[:-1] < 0.0) & (v[1:] >= 0.0))
    return dt * (k.astype(v.dtype) + v[k] / (v[k] - v[k + 1]))


def timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """A result and its seconds."""
    start = time.perf_counter()
    found = jax.block_until_ready(run())
    return found, time.perf_counter() - start


def spike_time_gradient(model: js.Model, parameter: str, dt: float) -> tuple[float, float]:
    """d first spike / d ln parameter [ms], by reverse mode and by central differences."""
    value = model.get(parameter)

    def at(scale: jax.Array) -> jax.Array:
        return first_spike(js.simulate(model.set(parameter, scale * value), STOP / 2, dt).v[0], dt)

    slope = float(jax.jit(jax.grad(at))(1.0))
    return slope, float(at(1.0 + 1e-4) - at(1.0 - 1e-4)) / 2e-4


def main() -> None:
    """Build, run, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--neuron", action="store_true")
    options = parser.parse_args()
    jax.config.update("jax_enable_x64", True)
    published = files(options.folder)
    names = sorted({m for m, _ in conductances(published.fit)} - {"pas"})
    _, s = timed(lambda: [js.read_mod(published.mods[name]) for name in names] and None)
    print(f"import of {len(names)} .mod files: {s:.2f} s")
    cell, s = timed(lambda: build(published))
    print(f"cell of {cell.cable.n_comp} compartments: {s:.2f} s")
    model, s = timed(lambda: stimulated(cell))
    print(f"model: {s:.2f} s")
    theirs = InNeuron(cell, published) if options.neuron else None
    for dt in (0.1, 0.025):
        for amp in (SUBTHRESHOLD, RHEOBASE, STRONG):
            now = model.set("Pulse.amp", amp)
            run = lambda now=now, dt=dt: js.simulate(now, T_END, dt, method=js.BackwardEuler())  # noqa: E731
            _, first = timed(run)
            recording, again = timed(run)
            v = np.asarray(recording.v[0])
            line = f"dt {dt:5.3f} ms, {amp:.2f} nA: {spike_times(v, dt).size} spikes; "
            line += f"first call {first:.2f} s, {again:.3f} s"
            if theirs is not None:
                ours, theirs_s = v, time.perf_counter()
                other = theirs.run(amp, dt)
                theirs_s = time.perf_counter() - theirs_s
                same = np.array_equal(spike_times(ours, dt), spike_times(other, dt))
                line += f"; NEURON {theirs_s:.3f} s, apart {np.abs(ours - other).max():.1e} mV, "
                line += "same spikes" if same else f"other spikes: {spike_times(other, dt)}"
            print(line)
    for parameter in ("NaTs.gbar", "Kv3_1.gbar", "Ih.gbar", "Im.gbar"):
        slope, quotient = spike_time_gradient(model.set("Pulse.amp", STRONG), parameter, 0.025)
        print(f"d first spike / d ln {parameter}: {slope:.6f} ms, by central differences {quotient:.6f} ms")


if __name__ == "__main__":
    main()

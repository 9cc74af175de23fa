"""NEURON and Arbor in the work-precision diagram. Imports neither JAX nor jaxsim at its top: Arbor has its own
interpreter.

PYTHON -m benchmarks.work_precision_peers JOB.json

writes Arbor's traces to JOB.npz, says "ready", and for each line that it reads runs once more and prints the seconds.
"""

import contextlib
import dataclasses
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

SAMPLE = 0.0125  # ms, at which CVODE's own interpolation is read
KELVIN = 273.15
ROOT = Path(__file__).parents[1]


def no_neuron(layer5: bool) -> str:
    """Why NEURON's points are missing; "" where it can run."""
    try:
        import neuron  # noqa: F401
    except ImportError:
        return "NEURON is not installed"
    from tests.mechanisms import hay_2011_reference

    if layer5 and not hay_2011_reference.FOLDER:
        return "NEURON is left out: JAXSIM_L5PC_MODS does not name the folder of the layer-5 .mod files"
    return ""


@dataclasses.dataclass(frozen=True)
class NeuronCase:
    """The same cell in NEURON.

    Args:
        sections: kept alive.
        pulse: the stimulus, kept alive.
        segments: the recorded segments.
        v: [mV] at the start.
        celsius: [degC].
    """

    sections: list[Any]
    pulse: Any
    segments: list[Any]
    v: float
    celsius: float

    @classmethod
    def of(cls, cell: Any, case: Any) -> "NeuronCase":
        """A case's cell with its own compartments, first pulse and probes; .mod files are compiled where needed."""
        from benchmarks.work_precision_cases import mechanisms, reversals
        from tests import neuron_cell
        from tests.mechanisms import hay_2011_reference

        work, cable, spec = case.work, cell.cable, cell.spec()
        h = hay_2011_reference.neuron(hay_2011_reference.FOLDER) if "l5" in work.channels else neuron_cell.neuron()
        sections = neuron_cell.build_sections(cable)
        neuron_cell.set_ra(sections, work.ra)
        neuron_cell.set_cm(sections, cable, work.cm)
        for mechanism, parameters in mechanisms(work).items():
            neuron_cell.insert(sections, mechanism, **parameters)
        for section in sections:
            for ion, e in reversals(work).items():
                setattr(section, f"e{ion}", e)
        pulse = h.IClamp(neuron_cell.node(sections, cable, int(spec.points[0].node[0])))
        pulse.delay, pulse.dur, pulse.amp = work.start, work.stop - work.start, work.amp
        segments = [neuron_cell.node(sections, cable, int(p.node)) for p in spec.probes]
        return cls(sections, pulse, segments, work.v, work.celsius)

    def fixed(self, t_end: float, dt: float, order: int) -> None:
        """A run by secondorder = order."""
        from neuron import h

        h.cvode.active(0)
        h.secondorder = order
        h.steps_per_ms, h.dt = 1.0 / dt, dt
        self._run(round(t_end / dt) * dt)

    def variable(self, t_end: float, atol: float) -> None:
        """A run by CVODE at this tolerance."""
        from neuron import h

        h.secondorder = 0
        h.cvode.active(1)
        h.cvode.atol(atol)
        self._run(t_end)

    def _run(self, t_end: float) -> None:
        from neuron import h

        h.usetable_hh, h.celsius = 0, self.celsius
        h.ParallelContext().set_maxstep(10)
        h.finitialize(self.v)
        h.ParallelContext().psolve(t_end)

    def fixed_trace(self, t_end: float, dt: float, order: int) -> tuple[np.ndarray, np.ndarray]:
        """t [ms] and v [mV] of `fixed`."""
        from neuron import h

        vectors = [h.Vector().record(s._ref_v) for s in self.segments]
        self.fixed(t_end, dt, order)
        v = np.array([np.array(x) for x in vectors])
        return dt * np.arange(v.shape[-1]), v

    def variable_trace(self, t_end: float, atol: float) -> tuple[np.ndarray, np.ndarray]:
        """t [ms] and v [mV] of `variable`."""
        from neuron import h

        vectors = [h.Vector().record(s._ref_v, SAMPLE) for s in self.segments]
        self.variable(t_end, atol)
        v = np.array([np.array(x) for x in vectors])
        return SAMPLE * np.arange(v.shape[-1]), v


@contextlib.contextmanager
def arbor_process(python: str, case: Any, steps: list[float], timed: tuple[float, float]) -> Iterator["ArborProcess"]:
    """Arbor's side of a case in another interpreter.

    Args:
        python: an interpreter that has Arbor.
        case: the case.
        steps: [ms] of the traces.
        timed: [ms] end and step of the run that is timed.
    """
    from benchmarks.work_precision_cases import mechanisms, reversals

    work = case.work
    kept = ("t_end", "amp", "start", "stop", "v", "celsius", "ra", "cm")
    job = {name: getattr(work, name) for name in kept} | {"swc": case.swc, "length": case.length}
    job |= {"mechanisms": mechanisms(work), "reversals": reversals(work), "steps": steps, "timed": timed}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.json"
        path.write_text(json.dumps(job))
        command = [python, "-m", "benchmarks.work_precision_peers", str(path)]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            try:
                said = process.stdout.readline()
                if said.strip() != "ready":
                    raise RuntimeError(f"Arbor failed: {said}")
                yield ArborProcess(process, dict(np.load(path.with_suffix(".npz"))))
            finally:
                process.stdin.close()


@dataclasses.dataclass(frozen=True)
class ArborProcess:
    """The process, waiting, and what it found: n_cv, and t<k>, v<k> of each step."""

    process: Any
    found: dict[str, np.ndarray]

    def seconds(self) -> float:
        """Processor time of one more of the timed runs."""
        self.process.stdin.write("run\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


def _arbor_cell(job: dict[str, Any]) -> tuple[Any, list[str]]:
    """The cell, and the places that are recorded: the ends of the cable, or the soma."""
    import arbor as A
    from arbor import units as U

    if job["swc"] is None:
        tree = A.segment_tree()
        tree.append(A.mnpos, A.mpoint(0, 0, 0, 0.5), A.mpoint(1000, 0, 0, 0.5), tag=1)
        places = ["(root)", "(terminal)"]
    else:
        tree = A.load_swc_neuron(job["swc"]).segment_tree
        places = ["(location 0 0.5)"]
    decor = A.decor()
    decor.set_property(
        Vm=job["v"] * U.mV,
        cm=0.01 * job["cm"] * U.F / U.m2,
        rL=job["ra"] * U.Ohm * U.cm,
        tempK=(job["celsius"] + KELVIN) * U.Kelvin,
    )
    for ion, e in job["reversals"].items():  # one statement each: a call changes the decor and returns a copy of it
        decor.set_ion(ion, rev_pot=e * U.mV)
    for name, parameters in job["mechanisms"].items():
        if name == "pas":
            decor.paint("(all)", A.density(f"pas/e={parameters['e']}", {"g": parameters["g"]}))
        else:
            decor.paint("(all)", A.density(name, parameters))
    duration = min(job["stop"] - job["start"], 1e6)
    decor.place(places[0], A.i_clamp(job["start"] * U.ms, duration * U.ms, job["amp"] * U.nA))
    return A.cable_cell(tree, decor, A.label_dict(), A.cv_policy_max_extent(job["length"] * U.um)), places


def _arbor_recipe(cell: Any, places: list[str]) -> Any:
    import arbor as A

    properties = A.neuron_cable_properties()
    catalogue = A.default_catalogue()
    catalogue.extend(A.bbp_catalogue(), "")
    properties.catalogue = catalogue

    class Recipe(A.recipe):
        def num_cells(self) -> int:
            return 1

        def cell_kind(self, gid: int) -> Any:
            return A.cell_kind.cable

        def cell_description(self, gid: int) -> Any:
            return cell

        def global_properties(self, kind: Any) -> Any:
            return properties

        def probes(self, gid: int) -> list[Any]:
            return [A.cable_probe_membrane_voltage(p, f"p{i}") for i, p in enumerate(places)]

    return Recipe()


def main() -> None:
    """Arbor's traces, then its times, one a line that comes in."""
    import arbor as A
    from arbor import units as U

    path = Path(sys.argv[1])
    job = json.loads(path.read_text())
    cell, places = _arbor_cell(job)
    recipe = _arbor_recipe(cell, places)
    found: dict[str, Any] = {"n_cv": np.array(A.cv_data(cell).num_cv)}
    for k, dt in enumerate(job["steps"]):
        simulation = A.simulation(recipe, A.context(threads=1))
        handles = [simulation.sample((0, f"p{i}"), A.regular_schedule(dt * U.ms)) for i in range(len(places))]
        simulation.run((job["t_end"] + dt) * U.ms, dt * U.ms)  # a sample is taken in the step that begins at its time
        rows = [simulation.samples(x)[0][0] for x in handles]
        found[f"t{k}"] = dt * np.arange(round(job["t_end"] / dt) + 1)
        found[f"v{k}"] = np.array([r[: len(found[f"t{k}"]), 1] for r in rows])
    np.savez(path.with_suffix(".npz"), **found)
    t_end, dt = job["timed"]
    simulation = A.simulation(recipe, A.context(threads=1))
    print("ready", flush=True)
    for _ in sys.stdin:
        simulation.reset()
        start = time.process_time()
        simulation.run(t_end * U.ms, dt * U.ms)
        print(time.process_time() - start, flush=True)


if __name__ == "__main__":
    main()

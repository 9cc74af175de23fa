"""The main job on a real cell: a target that NEURON made with known conductances, and the configuration that fits it.

python -m benchmarks.real_cell CELL.swc FOLDER       # writes cell.swc, target.npz, fit.toml and true.json there
jaxsim fit FOLDER/fit.toml --out FOLDER/fit
python -m benchmarks.real_cell --compare FOLDER      # fitted against true conductances

The cell, its stimuli and its recordings are those of tutorials/fit_real_cell.toml; only the conductances differ by
region.
"""

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

import jaxsim as js
from jaxsim.cli import build
from jaxsim.cli.config import read_config
from jaxsim.cli.document import read_document
from tests import neuron_cell

CONFIG = Path(__file__).parents[1] / "tutorials" / "fit_real_cell.toml"
TRUE = {  # parameter -> region -> S/cm2
    "HH.gbar_na": {"soma": 0.18, "axon": 0.25, "basal": 0.06, "apical": 0.08},
    "HH.gbar_k": {"soma": 0.045, "axon": 0.06, "basal": 0.018, "apical": 0.025},
    "Leak.gbar": {"soma": 5e-4, "axon": 4e-4, "basal": 1.5e-4, "apical": 2.5e-4},
}


def neuron_target(cell: js.Cell, t_end: float, dt: float) -> tuple[np.ndarray, np.ndarray]:
    """(n_time,) [ms] and (n_record, n_time) [mV]: what NEURON (secondorder = 2) records from the same cell."""
    h, cable, spec = neuron_cell.neuron(), cell.cable, cell.spec()
    sections = neuron_cell.build_sections(cable)
    neuron_cell.set_ra(sections, float(spec.ra[0]))
    neuron_cell.set_cm(sections, cable, spec.cm)
    names = {"HH": ("hh", {"gnabar": "gbar_na", "gkbar": "gbar_k", "gl": "gbar_leak", "el": "e_leak"})}
    names["Leak"] = ("pas", {"g": "gbar", "e": "e"})
    segments = neuron_cell.segments(sections)
    for density in spec.densities:
        mechanism, parameters = names[density.name]
        neuron_cell.insert(sections, mechanism)
        for theirs, ours in parameters.items():
            for comp, value in zip(density.comp.tolist(), getattr(density.mechanism, ours).tolist(), strict=True):
                setattr(getattr(segments[comp], mechanism), theirs, value)
    for section in sections:
        section.ena, section.ek = 50.0, -77.0
    clamps: list[Any] = []
    for point in spec.points:
        pulse: Any = point.mechanism
        for k, node in enumerate(point.node.tolist()):
            clamp = h.IClamp(neuron_cell.node(sections, cable, node))
            clamp.delay, clamp.dur, clamp.amp = pulse.start[k], pulse.stop[k] - pulse.start[k], pulse.amp[k]
            clamps.append(clamp)
    vectors = neuron_cell.record(sections, cable, [probe.node for probe in spec.probes])
    neuron_cell.run(t_end, dt, secondorder=2)
    v = np.array([np.array(vector) for vector in vectors])
    return dt * np.arange(v.shape[1]), v


def prepare(swc: Path, folder: Path) -> None:
    """Write the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    js.write_swc(neuron_cell.float32(js.read_swc(swc)), folder / "cell.swc")
    shutil.copy(CONFIG, folder / "fit.toml")
    np.savez(folder / "target.npz", t=np.zeros(2), v=np.zeros((1, 2)))  # the configuration is read before the target is
    config = read_config(read_document(folder / "fit.toml"), True)
    cell = build.cell(config)
    for name, values in TRUE.items():
        for region, value in values.items():
            cell.at(region).set(name, value)
    t, v = neuron_target(cell, config.simulation.t_end, config.simulation.dt)
    np.savez(folder / "target.npz", t=t, v=v)
    (folder / "true.json").write_text(json.dumps(TRUE, indent=1))
    rec = js.simulate(cell.compile(), config.simulation.t_end, config.simulation.dt)
    difference = np.abs(np.asarray(rec.v) - v).max()
    print(f"{cell}\nNEURON's voltages: {v.min():.1f} .. {v.max():.1f} mV")
    print(f"ours with the same conductances differ by at most {difference:.1e} mV ({rec.v.dtype})")


def compare(folder: Path) -> None:
    """Print fitted and true values."""
    true = json.loads((folder / "true.json").read_text())
    fitted = json.loads((folder / "fit" / "fitted.json").read_text())
    print({key: value for key, value in fitted.items() if key != "parameters"})
    for name, parameter in fitted["parameters"].items():
        for region, value in parameter["values"].items():
            error = value["fitted"] / true[name][region] - 1.0
            print(f"{name:12s} {region:8s} fitted {value['fitted']:.5g}, true {true[name][region]:.5g}: {error:+.1e}")


def main() -> None:
    """Prepare or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--compare", action="store_true")
    options = parser.parse_args()
    compare(options.paths[0]) if options.compare else prepare(*options.paths)


if __name__ == "__main__":
    main()

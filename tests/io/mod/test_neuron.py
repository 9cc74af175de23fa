"""Imported mechanisms give NEURON's numbers, step by step: each kind of file, and those that NEURON ships."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import mod_agreement
from tests.agreement.cells import measured
from tests.io.mod.sources import SOURCES
from tests.io.nmodl.neuron_files import NEURON_FILES

DEMO = ["cabpump", "cachan1", "camchan", "capmpr"]
SHIPPED = [*DEMO, "hh", "khhchan", "nacaex", "passive", "stim", "svclmp", "expsyn", "exp2syn"]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[mod_agreement.Job, dict[str, np.ndarray]]]:
    """Every mechanism: ours, and what NEURON gives."""
    pytest.importorskip("neuron")
    if not (shutil.which("g++") or shutil.which("c++")):
        pytest.skip("needs a C++ compiler")
    folder, built = (tmp_path_factory.mktemp(name) for name in ("mods", "built"))
    for name, text in SOURCES.items():
        (folder / f"{name}.mod").write_text(text)
    shipped = [x for x in NEURON_FILES if x.stem in SHIPPED and ("demo" in x.parts or x.stem not in DEMO)]
    jobs, _, refused = mod_agreement.read([folder, *{path.stem: path for path in shipped}.values()])
    assert not refused
    good = mod_agreement.translate(jobs, built)
    assert good.keys() == jobs.keys()
    (built / "plan.json").write_text(json.dumps({name: job.plan for name, job in jobs.items()}))
    root = Path(mod_agreement.__file__).parents[1]
    command = [sys.executable, "-m", "benchmarks.peers.mod_on_neuron", built]
    subprocess.run(command, check=True, cwd=root, capture_output=True)
    return {job.path.stem: (job, _theirs(built, name)) for name, job in jobs.items()}


def _theirs(folder: Path, name: str) -> dict[str, np.ndarray]:
    runs = {what: np.load(folder / f"{name}.{what}.npz") for what in ("ramp", "spike")}
    return {f"{what}/{quantity}": x for what, kept in runs.items() for quantity, x in kept.items()}


@pytest.mark.parametrize("name", [*SOURCES, *SHIPPED])
def test_voltage_states_and_currents_are_neurons(x64, ran, name):
    job, theirs = ran[name]
    verdict, found = mod_agreement.compare(job, theirs)
    worst = max(found, key=found.get)
    measured(f"{name}.mod against NEURON: {verdict}, {worst} {found[worst]:.1e}")
    assert verdict in ("same", "same with NEURON's slope")
    assert {f"spike/{x}" for x in job.plan["states"]} <= found.keys()
    assert np.ptp(theirs["spike/v"]) > 50.0

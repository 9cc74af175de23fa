"""A published cell rebuilt from its own files: the same spikes as NEURON's, and a spike's time has a gradient.

Needs the files of the PyPI package bmtk: installed, or a folder of them named by JAXSIM_BMTK.
"""

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest

import jaxsim as js
from benchmarks import allen_cell
from tests.agreement.cells import measured

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def published() -> allen_cell.Files:
    found = importlib.util.find_spec("bmtk")
    folder = os.environ.get("JAXSIM_BMTK") or (str(Path(str(found.origin)).parent) if found else "")
    if not folder:
        pytest.skip("needs the PyPI package bmtk, or JAXSIM_BMTK for the folder of its files")
    return allen_cell.files(Path(folder))


@pytest.mark.parametrize("dt", [0.1, 0.025])
def test_the_cell_spikes_as_in_neuron(x64, published, dt):
    pytest.importorskip("neuron")
    cell = allen_cell.build(published)
    model = allen_cell.stimulated(cell)
    theirs = allen_cell.InNeuron(cell, published)
    for amp, spikes in ((allen_cell.SUBTHRESHOLD, 0), (allen_cell.RHEOBASE, 6), (allen_cell.STRONG, 26)):
        ours = js.simulate(model.set("Pulse.amp", amp), allen_cell.T_END, dt, method=js.BackwardEuler())
        v, other = np.asarray(ours.v[0]), theirs.run(amp, dt)
        apart = np.abs(v - other).max()
        measured(f"Allen cell 472363762, dt {dt}, {amp} nA: {spikes} spikes, {apart:.1e} mV from NEURON's")
        times = allen_cell.spike_times(v, dt)
        assert times.size == spikes
        np.testing.assert_array_equal(times, allen_cell.spike_times(other, dt))
        assert apart < (1e-6 if spikes == 0 else 0.05)


@pytest.mark.parametrize("parameter", ["NaTs.gbar", "Ih.gbar"])
def test_the_time_of_a_spike_has_the_gradient_of_central_differences(x64, published, parameter):
    model = allen_cell.stimulated(allen_cell.build(published)).set("Pulse.amp", allen_cell.STRONG)
    slope, quotient = allen_cell.spike_time_gradient(model, parameter, 0.025)
    assert abs(slope) > 0.1
    np.testing.assert_allclose(slope, quotient, rtol=1e-4)

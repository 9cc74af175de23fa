"""Fixed steps equal NEURON's: the same cell and dt, every compartment and every branch end, over 40 ms of spiking."""

import numpy as np
import pytest

import jaxsim as js
from tests.agreement import reference_cell
from tests.agreement.cells import measured

T_END = 40.0


@pytest.mark.parametrize("dt", [0.025, 0.01])
@pytest.mark.parametrize(("method", "secondorder"), [(js.BackwardEuler(), 0), (js.CrankNicolson(), 2)])
def test_voltages_equal_neurons(x64, method, secondorder, dt):
    pytest.importorskip("neuron")
    cell = reference_cell.cell()
    ours = reference_cell.simulate(cell, T_END, dt, method)
    theirs = reference_cell.simulate_neuron(cell, T_END, dt, secondorder)
    assert theirs.max() > 20.0  # it spikes
    error = np.abs(ours - theirs).max()
    measured(f"{method} dt {dt}: max |dV| = {error:.2e} mV over {len(ours)} nodes")
    assert error <= 1e-6

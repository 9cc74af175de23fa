"""Traced cells with HH everywhere equal NEURON's at the same dt, at the soma and out in the dendrites.

What is left is NEURON's own rounding: it subtracts the coordinates of neighbouring points in single precision, which
changes a length by up to 5e-8. Where those differences are exact, both agree to 1e-10 mV.
"""

import numpy as np
import pytest

import jaxsim as js
from tests import neuron_cell
from tests.agreement.cells import measured, uniform, voltages
from tests.data_dir import data

T_END, DT, RA = 30.0, 0.025, 100.0
START, STOP, AMP = 1.0, 26.0, 1.0
FILES = ["rat_ca1_n120", "mouse_allen_480353286"]
SLOW = [
    "rat_ca1_c91662",
    "mouse_allen_473601979",
    "human_allen_H17.03.009.11.11.01_650039094_m",
    "neurom_Neuron",
    "mouse_allen_480351780",
    "mouse_allen_485574832",
]


def places(cell: js.Cell) -> list[js.Location]:
    """The soma's middle, and dendrites at one and two thirds of the compartments by distance, and the farthest."""
    cable = cell.cable
    by_distance = np.argsort(cable.distance)
    chosen = by_distance[[cable.n_comp // 3, 2 * cable.n_comp // 3, -1]]
    return [cell.loc(0, 0.5), *(cell.loc(int(cable.branch[i]), float(cable.x[i])) for i in chosen)]


def in_neuron(cell: js.Cell, secondorder: int) -> np.ndarray:
    """(n_probe, n_time) [mV] of the same cell in NEURON."""
    h = neuron_cell.neuron()
    sections = neuron_cell.build_sections(cell.cable)
    neuron_cell.set_ra(sections, RA)
    neuron_cell.insert(sections, "hh")
    for section in sections:
        section.ena, section.ek = 50.0, -77.0
    stimulus = h.IClamp(neuron_cell.node(sections, cell.cable, places(cell)[0].node(cell.cable)))
    stimulus.delay, stimulus.dur, stimulus.amp = START, STOP - START, AMP
    vectors = neuron_cell.record(sections, cell.cable, [p.node(cell.cable) for p in places(cell)])
    neuron_cell.run(T_END, DT, secondorder=secondorder)
    return np.array([np.array(v) for v in vectors])


@pytest.mark.parametrize(("method", "secondorder"), [(js.BackwardEuler(), 0), (js.CrankNicolson(), 2)])
@pytest.mark.parametrize("name", [*FILES, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_traced_cell_equals_neurons(x64, name, method, secondorder):
    pytest.importorskip("neuron")
    cell = uniform(neuron_cell.float32(js.read_swc(data(f"swc/{name}.swc"))), js.MaxLength(30.0), js.HH(), RA)
    soma = places(cell)[0]
    cell.stimulate(soma, js.Pulse(amp=AMP, start=START, stop=STOP)).record(places(cell))
    _, ours = voltages(cell, T_END, DT, method)
    theirs = in_neuron(cell, secondorder)
    error = np.abs(ours - theirs).max(axis=1)
    sizes = f"{cell.cable.n_branch} branches, {cell.cable.n_comp} compartments"
    measured(
        f"NEURON {name} ({sizes}) {type(method).__name__}: soma {error[0]:.1e}, dendrites {error[1:].max():.1e} mV"
    )
    assert theirs.max(axis=1).min() > 0.0  # spikes everywhere
    assert error.max() <= 1e-4

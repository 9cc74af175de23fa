"""Voltage clamps with a series resistance equal NEURON's at the same dt; several stand at one place."""

import numpy as np
import pytest

import jaxsim as js
from tests import neuron_cell
from tests.agreement.cells import measured

T_END, DT = 15.0, 0.025
LEVELS = ((0.0, 5.0, -40.0), (5.0, 9.0, 10.0), (9.0, 12.0, -65.0))


def ours(method: js.AbstractMethod) -> np.ndarray:
    cell = js.Cell(js.cylinder(400.0, 1.0), js.PerBranch(21)).insert(js.HH())
    middle, end = cell.loc(0, 0.5), cell.loc(0, 1.0)
    for start, stop, v in LEVELS:
        cell.place(middle, js.SEClamp(v=v, start=start, stop=stop, rs=5.0), name=f"from_{start:.0f}")
    cell.place(middle, js.SEClamp(v=-60.0, stop=3.0, rs=50.0)).place(end, js.SEClamp(v=-80.0, stop=8.0, rs=200.0))
    return np.asarray(js.simulate(cell.record([middle, end]).compile(), T_END, DT, method=method).v)


def theirs(secondorder: int) -> np.ndarray:
    h = neuron_cell.neuron()
    section = h.Section(name="cable")
    section.L, section.diam, section.nseg, section.Ra, section.cm = 400.0, 2.0, 21, 35.4, 1.0
    section.insert("hh")
    h.celsius, h.usetable_hh, h.secondorder, h.dt = 6.3, 0, secondorder, DT
    levels, beside, end = h.SEClamp(section(0.5)), h.SEClamp(section(0.5)), h.SEClamp(section(1.0))
    levels.rs, beside.rs, end.rs = 5.0, 50.0, 200.0
    levels.dur1, levels.dur2, levels.dur3 = (stop - start for start, stop, _ in LEVELS)
    levels.amp1, levels.amp2, levels.amp3 = (v for _, _, v in LEVELS)
    beside.dur1, beside.amp1, end.dur1, end.amp1 = 3.0, -60.0, 8.0, -80.0
    rows = [h.Vector().record(section(x)._ref_v) for x in (0.5, 1.0)]
    h.finitialize(-65.0)
    while h.t < T_END - 1e-9:
        h.fadvance()
    h.secondorder = 0
    return np.array([np.array(row) for row in rows])


@pytest.mark.parametrize(("method", "secondorder"), [(js.BackwardEuler(), 0), (js.CrankNicolson(), 2)])
def test_voltages_equal_neurons(x64, method, secondorder):
    pytest.importorskip("neuron")
    expected = theirs(secondorder)
    assert expected.max() - expected.min() > 50.0
    error = np.abs(ours(method) - expected).max()
    measured(f"{method}: max |dV| = {error:.1e} mV under three clamps")
    assert error <= 1e-6

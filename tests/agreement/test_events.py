"""Synapses driven by trains of events equal NEURON's at the same dt; events arrive at the nearest step in both."""

import numpy as np
import pytest

import jaxsim as js
from tests import neuron_cell
from tests.agreement.cells import measured

T_END, DT = 25.0, 0.025
# Where each synapse stands, its parameters, and its events: times, weight [uS], delay.
SYNAPSES = [
    (0.5, "ExpSyn", {"tau": 1.5, "e": 0.0}, [((2.0, 2.51, 9.013), 4e-4, 1.0)]),
    (0.5, "Exp2Syn", {"tau1": 0.4, "tau2": 3.0, "e": -80.0}, [((5.0, 12.026), 1e-3, 0.5), ((4.99, 5.0), 5e-4, 0.513)]),
    (1.0, "Exp2Syn", {"tau1": 0.4, "tau2": 2.0, "e": 10.0}, [((7.0, 7.013, 7.0376, 15.0), 8e-4, 0.0)]),
]


def ours(method: js.AbstractMethod) -> np.ndarray:
    cell = js.Cell(js.cylinder(400.0, 1.0), js.PerBranch(21)).insert(js.HH())
    for k, (x, kind, parameters, trains) in enumerate(SYNAPSES):
        cell.place(cell.loc(0, x), getattr(js, kind)(**parameters), name=f"synapse_{k}")
        for n, (times, weight, delay) in enumerate(trains):
            train = js.SpikeTrain(times=times, weight=weight, delay=delay)
            cell.send(train, cell.loc(0, x), f"synapse_{k}", name=f"train_{k}_{n}")
    rows = [cell.loc(0, 0.5), cell.loc(0, 1.0)]
    return np.asarray(js.simulate(cell.record(rows).compile(), T_END, DT, method=method).v)


def theirs(secondorder: int) -> np.ndarray:
    h = neuron_cell.neuron()
    section = h.Section(name="cable")
    section.L, section.diam, section.nseg, section.Ra, section.cm = 400.0, 2.0, 21, 35.4, 1.0
    section.insert("hh")
    h.celsius, h.usetable_hh, h.secondorder, h.dt = 6.3, 0, secondorder, DT
    rows = [h.Vector().record(section(x)._ref_v) for x in (0.5, 1.0)]
    kept, arrivals = [], []
    for x, kind, parameters, trains in SYNAPSES:
        synapse = getattr(h, kind)(section(x))
        for name, value in parameters.items():
            setattr(synapse, name, value)
        for times, weight, delay in trains:
            connection = h.NetCon(None, synapse)
            connection.weight[0] = weight
            kept.append((synapse, connection))
            arrivals.append((connection, [t + delay for t in times]))
    h.finitialize(-65.0)
    for connection, times in arrivals:
        for t in times:
            connection.event(t)
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
    measured(f"{method}: max |dV| = {error:.1e} mV under {len(SYNAPSES)} synapses")
    assert error <= 1e-6

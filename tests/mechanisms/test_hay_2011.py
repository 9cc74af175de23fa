"""The channels of hay_2011: their temperature, and a cell of them against NEURON, which needs the .mod files."""

import jax
import numpy as np
import pytest

import jaxsim as js
from jaxsim.mechanisms.library import CHANNELS
from tests import neuron_cell
from tests.agreement.cells import measured
from tests.mechanisms import hay_2011_reference as reference
from tests.mechanisms.mod_reference import VOLTAGES


@pytest.mark.parametrize("name", [name for name in reference.CHANNELS if "celsius" in CHANNELS[name].parameters()])
def test_the_default_temperature_gives_the_factor_of_the_files(x64, name):
    """2.3^((34 - 21) / 10), and 1 at 21 degC; the steady states stay."""
    warm, cold = (jax.jit(lambda v, c=c: CHANNELS[name](**c).rates(v))(VOLTAGES) for c in ({}, {"celsius": 21.0}))
    for x in reference.CHANNELS[name].gates:
        np.testing.assert_allclose(cold[x].tau, 2.3**1.3 * warm[x].tau, rtol=1e-12)
        np.testing.assert_allclose(cold[x].x_inf, warm[x].x_inf, rtol=1e-12)


# S/cm2; with them a cell of one kind of membrane fires
DENSITY = {
    "NaTs2_t": 0.05, "NaTa_t": 0.05, "Nap_Et2": 1e-4, "K_Pst": 0.002, "K_Tst": 0.005, "SKv3_1": 0.05, "Im": 1e-4,
    "Ih": 1e-4,
}  # fmt: skip
DT, T_END = 0.025, 40.0


@pytest.mark.skipif(not reference.FOLDER, reason="JAXSIM_L5PC_MODS does not name the folder of the .mod files")
def test_a_spiking_cell_equals_neurons(x64):
    h = reference.neuron(reference.FOLDER)
    morphology = neuron_cell.float32(js.ball_and_stick(10.0, 200.0, 1.0))
    cell = js.Cell(morphology, js.PerBranch([1, 7]), ra=100.0, v=-75.0)
    cell.insert(js.Leak(gbar=3e-5, e=-75.0))
    for name, gbar in DENSITY.items():
        cell.insert(CHANNELS[name](gbar=gbar))
    cell.stimulate(cell.loc(0), js.Pulse(amp=0.4, start=2.0, stop=35.0))
    cable = cell.cable
    cell.record([cell.loc(0), cell.loc(1, 0.5 / 7), cell.loc(1, 6.5 / 7)])
    v = np.array(js.simulate(cell.compile(), T_END, DT, method=js.BackwardEuler()).v)

    sections = neuron_cell.build_sections(cable)
    neuron_cell.set_ra(sections, 100.0)
    neuron_cell.insert(sections, "pas", g=3e-5, e=-75.0)
    for name, gbar in DENSITY.items():
        neuron_cell.insert(sections, name, **{f"g{name}bar": gbar})
    for section in sections:
        section.ena, section.ek = 50.0, -85.0
    stimulus = h.IClamp(sections[0](0.5))
    stimulus.delay, stimulus.dur, stimulus.amp = 2.0, 33.0, 0.4
    vectors = neuron_cell.record(sections, cable, [0, 1, 7])
    neuron_cell.run(T_END, DT, v=-75.0)
    theirs = np.array([np.array(vector) for vector in vectors])

    spikes = np.count_nonzero((theirs[0, :-1] < 0.0) & (theirs[0, 1:] >= 0.0))
    assert spikes >= 3
    measured(f"eight channels of hay_2011, {spikes} spikes, dt {DT} ms: {np.abs(v - theirs).max():.1e} mV")
    np.testing.assert_allclose(v, theirs, rtol=0, atol=1e-6)

"""The channels of hay_2011 against numbers that NEURON computed from the published .mod files, and against NEURON.

The numbers are in data/hay_2011.json; hay_2011_reference.py makes them. The last test needs the .mod files themselves.
"""

import functools
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from jaxsim.mechanisms.library import CHANNELS
from jaxsim.numerics.gates import exponential_step
from tests import neuron_cell
from tests.agreement.cells import measured
from tests.mechanisms import hay_2011_reference as reference

REFERENCE = json.loads(reference.DATA.read_text(encoding="utf-8"))
SINGULAR = np.array(reference.SINGULAR)
KNOWN, LIMIT, NEAR = (
    slice(k, k + n) for k, n in ((0, 100), (100, len(SINGULAR)), (100 + len(SINGULAR), len(SINGULAR)))
)
GATE = [(name, x) for name, gates in reference.GATES.items() for x in gates]
every_gate = pytest.mark.parametrize(("name", "x"), GATE)
every_channel = pytest.mark.parametrize("name", reference.GATES)


@functools.cache
def rates(name: str, dtype: str = "float64", celsius: float = 34.0) -> dict[str, dict[str, np.ndarray]]:
    """Gate -> x_inf, tau and opening at the reference's voltages, its singular ones and their neighbours."""
    v = np.concatenate([reference.VOLTAGES, SINGULAR, SINGULAR + 1e-9]).astype(dtype)
    kind = CHANNELS[name]
    channel = kind(celsius=celsius) if "celsius" in kind.parameters() else kind()

    @jax.jit
    def evaluate(v):
        return {x: {"x_inf": r.x_inf, "tau": r.tau, "opening": r.opening} for x, r in channel.rates(v).items()}

    return jax.tree.map(np.asarray, evaluate(v))


def test_the_reference_has_every_channel_of_the_module():
    here = {name for name, kind in CHANNELS.items() if kind.__module__.endswith("hay_2011")}
    assert here == set(REFERENCE) == set(reference.GATES)


@every_gate
def test_rates_are_those_of_the_published_files(x64, name, x):
    x_inf, tau = REFERENCE[name]["rates"][x]
    rate = rates(name)[x]
    np.testing.assert_allclose(rate["x_inf"][KNOWN], x_inf, rtol=1e-9)
    np.testing.assert_allclose(rate["tau"][KNOWN], tau, rtol=1e-9)
    np.testing.assert_allclose(rate["opening"][KNOWN], np.divide(x_inf, tau), rtol=1e-9)


@every_gate
def test_singular_points_are_limits(x64, name, x):
    """The files move v by 1e-4 mV there, which changes no rate by more than 1e-4 of itself."""
    x_inf, tau = REFERENCE[name]["singular"][x]
    rate = rates(name)[x]
    np.testing.assert_allclose(rate["x_inf"][LIMIT], x_inf, rtol=1e-4)
    np.testing.assert_allclose(rate["tau"][LIMIT], tau, rtol=1e-4)
    np.testing.assert_allclose(rate["tau"][LIMIT], rate["tau"][NEAR], rtol=1e-9)


@every_gate
def test_single_precision_rates_are_right_too(name, x):
    x_inf, tau = REFERENCE[name]["rates"][x]
    rate = rates(name, "float32")[x]
    assert rate["tau"].dtype == np.float32
    np.testing.assert_allclose(rate["x_inf"][KNOWN], x_inf, rtol=4e-6)
    np.testing.assert_allclose(rate["tau"][KNOWN], tau, rtol=4e-6)


@every_channel
def test_current_along_a_voltage_ramp(x64, name):
    channel = CHANNELS[name](gbar=reference.GBAR)
    v = jnp.asarray(reference.ramp())

    def step(gates, u):
        new = {
            x: exponential_step(gates[x], x_inf=r.x_inf, decay=r.decay, dt=jnp.asarray(reference.DT_RAMP))
            for x, r in channel.rates(u).items()
        }
        return new, channel.current(u, new)

    start = {x: r.x_inf for x, r in channel.rates(v[0]).items()}
    current = jax.jit(lambda: jax.lax.scan(step, start, v)[1])()[reference.EVERY - 1 :: reference.EVERY]
    np.testing.assert_allclose(current, REFERENCE[name]["ramp"], rtol=1e-6)


@pytest.mark.parametrize("name", [name for name in reference.GATES if "celsius" in CHANNELS[name].parameters()])
def test_the_default_temperature_gives_the_factor_of_the_files(x64, name):
    """2.3^((34 - 21) / 10), and 1 at 21 degC; the steady states stay."""
    warm, cold = rates(name), rates(name, celsius=21.0)
    for x in reference.GATES[name]:
        np.testing.assert_allclose(cold[x]["tau"], 2.3**1.3 * warm[x]["tau"], rtol=1e-12)
        np.testing.assert_allclose(cold[x]["x_inf"], warm[x]["x_inf"], rtol=1e-12)


# S/cm2; with them a cell of one kind of membrane fires
DENSITY = {
    "NaTs2_t": 0.05, "NaTa_t": 0.05, "Nap_Et2": 1e-4, "K_Pst": 0.002, "K_Tst": 0.005, "SKv3_1": 0.05, "Im": 1e-4,
    "Ih": 1e-4,
}  # fmt: skip
DT, T_END = 0.025, 40.0


@pytest.mark.skipif(not reference.FOLDER, reason="JAXSIM_L5PC_MODS does not name the folder of the .mod files")
def test_a_spiking_cell_equals_neurons(x64):
    h = reference.load(reference.FOLDER)
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

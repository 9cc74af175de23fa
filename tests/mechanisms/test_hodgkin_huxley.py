"""HH against the formulas of 1952 written out, and against NEURON's hh.mod."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from tests import neuron_cell

# Away from -40 and -55, where the plain quotients are 0/0.
V = np.linspace(-119.7, 79.7, 1001)


@jax.jit
def rates(celsius: jax.Array, v: jax.Array) -> dict[str, js.Rate]:
    return js.HH(celsius=celsius).rates(v)


def rates_1952(v: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """alpha and beta [1/ms] as in the paper, whose voltage is the depolarisation from rest, here -65 mV."""
    d = v + 65.0
    return {
        "m": (0.1 * (25.0 - d) / (np.exp((25.0 - d) / 10.0) - 1.0), 4.0 * np.exp(-d / 18.0)),
        "h": (0.07 * np.exp(-d / 20.0), 1.0 / (np.exp((30.0 - d) / 10.0) + 1.0)),
        "n": (0.01 * (10.0 - d) / (np.exp((10.0 - d) / 10.0) - 1.0), 0.125 * np.exp(-d / 80.0)),
    }


@pytest.mark.parametrize("gate", ["m", "h", "n"])
def test_rates_are_those_of_1952(x64, gate):
    rate = rates(6.3, V)[gate]
    alpha, beta = rates_1952(V)[gate]
    np.testing.assert_allclose(rate.opening, alpha, rtol=1e-11)
    np.testing.assert_allclose(rate.decay, alpha + beta, rtol=1e-11)


def test_single_precision_rates_follow_double(x64):
    single = rates(6.3, V.astype(np.float32))
    double = rates(6.3, V.astype(np.float32).astype(float))
    for gate in "mhn":
        np.testing.assert_allclose(single[gate].decay, double[gate].decay, rtol=2e-6)


def test_each_ion_has_its_own_current(x64):
    gate = {"m": 0.3, "h": 0.6, "n": 0.4}
    hh = js.HH(gbar_na=0.1, gbar_k=0.03, gbar_leak=2e-4, e_na=45.0, e_k=-80.0, e_leak=-60.0)
    i = jax.jit(hh.current)(V, gate)
    expected = {"na": 0.1 * 0.3**3 * 0.6 * (V - 45.0), "k": 0.03 * 0.4**4 * (V + 80.0), "": 2e-4 * (V + 60.0)}
    assert i.keys() == expected.keys()
    for ion in i:
        np.testing.assert_allclose(i[ion], expected[ion], rtol=1e-12, atol=1e-15)


def test_current_at_rest_vanishes_near_minus_65(x64):
    """The leak's reversal potential was chosen so that -65 mV is the resting state."""
    hh = js.HH()
    current = jax.jit(lambda v: sum(hh.current(v, {x: r.x_inf for x, r in hh.rates(v).items()}).values()))
    below, above = current(jnp.asarray([-65.05, -64.95])).tolist()
    assert below < 0.0 < above


def test_ten_degrees_triple_the_rates(x64):
    cold, warm = rates(6.3, V), rates(16.3, V)
    for gate in "mhn":
        np.testing.assert_allclose(warm[gate].decay, 3.0 * cold[gate].decay, rtol=1e-12)
        np.testing.assert_allclose(warm[gate].x_inf, cold[gate].x_inf, rtol=1e-12)


def test_hodgkin_huxley_is_another_name():
    assert js.HodgkinHuxley is js.HH


@pytest.fixture(scope="module")
def neuron_hh():
    """NEURON's steady states and time constants over -120 .. 80 mV at 18.5 degC: gate -> (x_inf, tau)."""
    pytest.importorskip("neuron")
    h = neuron_cell.neuron()
    section = h.Section(name="hh")
    section.insert("hh")
    h.usetable_hh, h.celsius = 0, 18.5
    v = np.arange(-120.0, 80.1, 0.5)
    table = {x: np.empty((2, len(v))) for x in "mhn"}
    for k, value in enumerate(v.tolist()):
        h.finitialize(value)
        for x in "mhn":
            table[x][:, k] = getattr(section(0.5), f"{x}_hh"), getattr(section(0.5), f"{x}tau_hh")
    h.celsius = 6.3
    return v, table


@pytest.mark.parametrize("gate", ["m", "h", "n"])
def test_steady_state_equals_neurons(x64, neuron_hh, gate):
    v, table = neuron_hh
    rate = rates(18.5, v)[gate]
    np.testing.assert_allclose(rate.x_inf, table[gate][0], rtol=1e-9)


@pytest.mark.parametrize("gate", ["m", "h", "n"])
def test_time_constant_equals_neurons(x64, neuron_hh, gate):
    v, table = neuron_hh
    rate = rates(18.5, v)[gate]
    np.testing.assert_allclose(rate.tau, table[gate][1], rtol=1e-9)


def test_slope_of_the_current_is_the_conductance(x64):
    """With its gates held, the membrane is a conductor: di/dv = sum of open conductances."""
    gate = {x: rate.opening / rate.decay for x, rate in rates(6.3, V).items()}
    current = lambda v: sum(js.HH().current(v, gate).values())  # noqa: E731
    slope = jax.jit(lambda v: jax.jvp(current, (v,), (jnp.ones_like(v),))[1])(V)
    m, h, n = (np.asarray(gate[x]) for x in "mhn")
    np.testing.assert_allclose(slope, 0.12 * m**3 * h + 0.036 * n**4 + 0.0003, rtol=1e-12)

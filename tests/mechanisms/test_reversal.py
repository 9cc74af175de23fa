"""Nernst's potential, the current and the potential of Goldman, Hodgkin and Katz: limits, slopes, NEURON's values."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from jaxsim.units import FARADAY, GAS_CONSTANT, ZERO_CELSIUS
from tests import neuron_cell

V = np.linspace(-150.0, 150.0, 301)
RT_OVER_F = 1e3 * GAS_CONSTANT * (ZERO_CELSIUS + 6.3) / FARADAY  # mV


def test_no_potential_between_equal_concentrations(precision):
    assert float(js.nernst(jnp.asarray(3.0, precision), jnp.asarray(3.0, precision), 2, 20.0)) == 0.0


def test_ten_times_the_concentration_is_58_mv_at_20_degrees(x64):
    assert float(js.nernst(jnp.asarray(1.0), jnp.asarray(10.0), 1, 20.0)) == pytest.approx(58.17, abs=0.01)


@pytest.mark.parametrize("ion", [js.Sodium(), js.Potassium(), js.Calcium()])
def test_neurons_concentrations_and_potentials(x64, ion):
    h = neuron_cell.neuron()
    h.celsius = ion.celsius
    theirs = h.nernst(ion.inside, ion.outside, ion.valence)
    ours = js.nernst(jnp.asarray(ion.inside), jnp.asarray(ion.outside), ion.valence, ion.celsius)
    assert float(ours) == pytest.approx(theirs, rel=1e-12)
    h.ion_register(ion.symbol, ion.valence)
    x = ion.symbol
    theirs = getattr(h, f"{x}i0_{x}_ion"), getattr(h, f"{x}o0_{x}_ion")
    assert (ion.inside, ion.outside) == theirs


@pytest.mark.parametrize("valence", [1, 2, -1])
def test_the_current_is_neurons(x64, valence):
    h = neuron_cell.neuron()
    h.celsius = 6.3
    ours = js.ghk_current(jnp.asarray(V), 0.1, 2.0, valence, 6.3)
    np.testing.assert_allclose(ours, [h.ghk(v, 0.1, 2.0, valence) for v in V.tolist()], rtol=1e-8, atol=1e-9)


def test_no_current_flows_at_nernsts_potential(x64):
    e = js.nernst(jnp.asarray(5e-5), jnp.asarray(2.0), 2, 34.0)
    assert abs(float(js.ghk_current(e, 5e-5, 2.0, 2, 34.0))) < 1e-12


def test_without_voltage_the_current_is_diffusion(precision):
    """P z F (inside - outside), and its slope P z^2 F^2 (inside + outside) / (2 R T)."""
    f = lambda v: js.ghk_current(v, 1.0, 3.0, 2, 6.3)  # noqa: E731
    value, slope = jax.jvp(f, (jnp.asarray(0.0, precision),), (jnp.asarray(1.0, precision),))
    assert float(value) == pytest.approx(1e-3 * 2 * FARADAY * (1.0 - 3.0), rel=1e-6)
    assert float(slope) == pytest.approx(1e-3 * 4 * FARADAY * (1.0 + 3.0) / (2 * RT_OVER_F), rel=1e-6)


def test_value_and_slope_are_finite_at_every_voltage(precision):
    v = jnp.asarray(np.linspace(-200.0, 200.0, 4001), precision)
    f = lambda v, i, o: js.ghk_current(v, i, o, 2, 36.0).sum()  # noqa: E731
    for slope in jax.grad(f, (0, 1, 2))(v, jnp.full_like(v, 5e-5), jnp.full_like(v, 2.0)):
        assert np.all(np.isfinite(slope))


def test_the_potential_is_where_the_currents_cancel(x64):
    permeability, inside, outside, valence = (1.0, 0.04, 0.45), (140.0, 10.0, 10.0), (4.0, 140.0, 110.0), (1, 1, -1)
    v = js.ghk_potential(permeability, inside, outside, valence, 20.0)
    total = sum(
        p * js.ghk_current(v, i, o, z, 20.0) for p, i, o, z in zip(permeability, inside, outside, valence, strict=True)
    )
    assert -75.0 < float(v) < -55.0
    assert abs(float(total)) < 1e-9


def test_one_permeability_alone_is_nernst(x64):
    v = js.ghk_potential([0.3], [54.4], [2.5], [1], 6.3)
    assert float(v) == pytest.approx(float(js.nernst(jnp.asarray(54.4), jnp.asarray(2.5), 1, 6.3)), rel=1e-12)


def test_calcium_has_no_such_potential():
    with pytest.raises(ValueError, match=r"valences of \+1 or -1, got \[2\]"):
        js.ghk_potential([1.0], [1.0], [2.0], [2], 6.3)

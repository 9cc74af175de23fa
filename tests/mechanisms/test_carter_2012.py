"""The kinetic scheme of NaV against NEURON: its rest, one implicit step from rest, and the current along a ramp."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

import jaxsim as js
from tests.mechanisms import agreement
from tests.mechanisms.agreement import markov, numbers
from tests.mechanisms.carter_2012_reference import CELSIUS, DATA, STATES
from tests.mechanisms.mod_reference import VOLTAGES

NUMBERS = numbers(DATA)


@functools.cache
def at_rest(dtype: str) -> dict[str, np.ndarray]:
    channel = js.NaV(celsius=CELSIUS)
    return jax.device_get(jax.jit(lambda v: agreement.at_rest(channel, v))(jnp.asarray(VOLTAGES, dtype)))


def test_it_begins_at_rest(x64):
    for name in STATES:
        np.testing.assert_allclose(at_rest("float64")[name], NUMBERS["rest"][name], rtol=1e-7, atol=1e-11)


def test_the_scheme_keeps_its_total(precision):
    """To what the longest steps to the steady state, 1e9 ms, leave of the precision."""
    total = sum(np.asarray(x, float) for x in at_rest(precision.name).values())
    np.testing.assert_allclose(total, 1.0, rtol=0, atol=1e-4 if precision == np.float32 else 1e-7)


def test_temperature_moves_the_speed_alone(x64):
    """Ten degrees are the factor 2.3 of every reaction."""
    state = {x: jnp.full(VOLTAGES.shape, k + 1.0) for k, x in enumerate(STATES)}
    cold, warm = (jax.jit(js.NaV(celsius=c).derivative)(VOLTAGES, state) for c in (27.0, 37.0))
    for x in STATES:
        np.testing.assert_allclose(warm[x], 2.3 * cold[x], rtol=1e-10)


def test_one_step_from_rest(x64):
    for name in STATES:
        np.testing.assert_allclose(markov()[0][name], NUMBERS["stepped"][name], rtol=1e-7)


def test_current_along_a_voltage_ramp(x64):
    np.testing.assert_allclose(markov()[1], NUMBERS["ramp"], rtol=1e-6)


def test_rest_is_finite_far_away():
    v = jnp.asarray([-200.0, 200.0], jnp.float32)
    rest = lambda v: agreement.at_rest(js.NaV(), v)["O"]  # noqa: E731
    for found in jax.jit(lambda v: jax.jvp(rest, (v,), (jnp.ones_like(v),)))(v):
        assert np.all(np.isfinite(found))

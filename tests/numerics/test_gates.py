"""The exponential step of a gate: exact at every step length, and compiled without a value computed twice."""

import re

import jax
import jax.numpy as jnp
import numpy as np

import jaxsim as js
from jaxsim.mechanisms.library import CHANNELS
from jaxsim.numerics.gates import exponential_shift, exponential_step

X, X_INF = 0.3, 0.8


def advance(decay: np.ndarray, dt: float, dtype: np.dtype) -> np.ndarray:
    values = (jnp.asarray(a, dtype) for a in (X, X_INF, decay, dt))
    x, x_inf, decay, dt = values
    return np.asarray(jax.jit(exponential_step)(x, x_inf=x_inf, decay=decay, dt=dt), float)


def test_closed_form(precision):
    decay = np.geomspace(1e-3, 1e4, 141).astype(precision)
    exact = X_INF + (X - X_INF) * np.exp(-decay.astype(float) * 0.025)
    np.testing.assert_allclose(advance(decay, 0.025, precision), exact, rtol=4 * np.finfo(precision).eps)


def test_two_half_steps_are_one_step(x64):
    whole = advance(np.array(0.7), 0.5, np.dtype(float))
    half = exponential_step(
        *[jnp.asarray(advance(np.array(0.7), 0.25, np.dtype(float)))],
        x_inf=jnp.asarray(X_INF), decay=jnp.asarray(0.7), dt=jnp.asarray(0.25),
    )  # fmt: skip
    np.testing.assert_allclose(half, whole, rtol=1e-15)


def test_a_slow_gate_keeps_its_digits_in_single_precision():
    """Started at 0, with a time constant of 10^5 steps, its first step is right to rounding (1 - exp: to 1e-2)."""
    decay, dt = jnp.float32(4e-4), jnp.float32(0.025)
    first = exponential_step(jnp.float32(0.0), x_inf=jnp.float32(1.0), decay=decay, dt=dt)
    np.testing.assert_allclose(float(first), -np.expm1(-float(decay) * float(dt)), rtol=3e-7)


def test_a_fast_gate_arrives(precision):
    np.testing.assert_allclose(advance(np.array([1e6, 1e30]), 1.0, precision), X_INF, rtol=1e-6)


def test_a_shift_back_undoes_a_step_of_a_slow_gate_and_is_bounded_for_a_fast_one(precision):
    """Of what a gate was many time constants ago nothing is left but rounding, which is not magnified."""
    decay = jnp.asarray([0.1, 10.0, 1e3, 1e30], precision)
    x_inf, dt = jnp.asarray(X_INF, precision), jnp.asarray(0.05, precision)
    shift = lambda x, dt: exponential_shift(x, x_inf=x_inf, decay=decay, dt=dt)  # noqa: E731
    later = shift(jnp.full_like(decay, X), dt)
    np.testing.assert_array_equal(later, exponential_step(jnp.full_like(decay, X), x_inf=x_inf, decay=decay, dt=dt))
    before = np.asarray(shift(later, -dt), float)
    np.testing.assert_allclose(before[:2], X, rtol=20 * np.finfo(precision).eps)
    np.testing.assert_allclose(before[2:], X_INF, rtol=20 * np.finfo(precision).eps)
    slope = jax.grad(lambda d: jnp.sum(exponential_shift(later, x_inf=x_inf, decay=d, dt=-dt)))(decay)
    assert np.all(np.isfinite(slope))


# Exponentials of a step: those of the equations after the merging that the channels describe, and one for each gate.
# SK_E2 has none under constant calcium.
EXPONENTIALS = {
    "HH": 9, "NaTs2_t": 4, "NaTa_t": 4, "Nap_Et2": 7, "K_Pst": 6, "K_Tst": 6, "SKv3_1": 3, "Im": 2, "Ih": 3,
    "Na": 6, "K": 3, "Km": 4, "CaL": 6, "CaT": 4, "Ca_HVA": 6, "Ca_LVA": 6, "SK_E2": 0, "CaT_GHK": 7,
    "NaTs": 4, "NaTa": 4, "Nap": 4, "K_P": 6, "K_T": 6, "Kd": 2, "Kv2like": 9, "Im_v2": 4, "Kdr_RGC": 8,
    "Na_FM": 6, "K_FM": 3, "KA_FM": 6, "Ca_FM": 3, "Na_RGC": 6, "KA_RGC": 4, "CaN_RGC": 6, "CaL_RGC": 3,
}  # fmt: skip


def test_no_exponential_is_computed_twice():
    """XLA repeats cheap operations where it likes; a step in the present form gives it no reason to."""
    assert set(EXPONENTIALS) == {name for name, kind in CHANNELS.items() if kind().rates(jnp.ones(1))}
    for name, expected in EXPONENTIALS.items():
        channel: js.AbstractChannel = CHANNELS[name]()

        @jax.jit
        def step(gates, v, channel=channel):
            return {
                x: exponential_step(gates[x], x_inf=r.x_inf, decay=r.decay, dt=jnp.float32(0.025))
                for x, r in channel.rates(v).items()
            }

        v = jnp.linspace(-100.0, 50.0, 1000, dtype=jnp.float32)
        program = step.lower(dict.fromkeys(channel.rates(v), v), v).compile().as_text()
        assert len(re.findall(r"round-nearest-even\(", program)) == expected, name

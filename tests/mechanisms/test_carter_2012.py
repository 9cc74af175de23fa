"""The kinetic scheme of NaV against NEURON: its rest, one implicit step from rest, and the current along a ramp."""

import functools
import json

import jax
import jax.numpy as jnp
import numpy as np

import jaxsim as js
from jaxsim.model.gates import initial_states
from jaxsim.numerics.ode import Vector, implicit_euler
from tests.mechanisms.carter_2012_reference import CELSIUS, DATA, DT, HOLD, STATES
from tests.mechanisms.mod_reference import DT_RAMP, EVERY, GBAR, VOLTAGES, ramp

NUMBERS = json.loads(DATA.read_text(encoding="utf-8"))


def stepped(channel: js.NaV, v: jax.Array, x: Vector, dt: float) -> list[jax.Array]:
    """The states after one step of implicit Euler."""

    def system(x: Vector) -> Vector:
        found = channel.derivative(v, dict(zip(STATES, x, strict=True)))
        return [found[name] for name in STATES]

    return implicit_euler(system, x, jnp.asarray(dt, v.dtype))


@functools.cache
def at_rest(dtype: str) -> dict[str, np.ndarray]:
    channel = js.NaV(celsius=CELSIUS)
    return jax.device_get(jax.jit(lambda v: initial_states(channel, v))(jnp.asarray(VOLTAGES, dtype)))


def test_it_begins_at_rest(x64):
    for name in STATES:
        np.testing.assert_allclose(at_rest("float64")[name], NUMBERS["rest"][name], rtol=1e-7, atol=1e-11)


def test_the_scheme_keeps_its_total(precision):
    total = sum(np.asarray(x, float) for x in at_rest(precision.name).values())
    np.testing.assert_allclose(total, 1.0, rtol=0, atol=1e-4 if precision == np.float32 else 1e-9)


def test_temperature_moves_the_speed_alone(x64):
    """Ten degrees are the factor 2.3 of every reaction."""
    state = {x: jnp.full(VOLTAGES.shape, k + 1.0) for k, x in enumerate(STATES)}
    cold, warm = (jax.jit(js.NaV(celsius=c).derivative)(VOLTAGES, state) for c in (27.0, 37.0))
    for x in STATES:
        np.testing.assert_allclose(warm[x], 2.3 * cold[x], rtol=1e-10)


def test_one_step_from_rest(x64):
    rest = initial_states(js.NaV(), jnp.asarray(HOLD))
    v = jnp.asarray(VOLTAGES)
    x = [jnp.full_like(v, rest[name]) for name in STATES]
    after = dict(zip(STATES, jax.jit(lambda v, x: stepped(js.NaV(), v, x, DT))(v, x), strict=True))
    for name in STATES:
        np.testing.assert_allclose(after[name], NUMBERS["stepped"][name], rtol=1e-7)


def test_current_along_a_voltage_ramp(x64):
    channel, v = js.NaV(gbar=GBAR), jnp.asarray(ramp())
    rest = initial_states(channel, v[0])

    def step(x, u):
        x = stepped(channel, u, x, DT_RAMP)
        return x, channel.current(u, dict(zip(STATES, x, strict=True)))

    current = jax.jit(lambda x: jax.lax.scan(step, x, v)[1])([rest[name] for name in STATES])[EVERY - 1 :: EVERY]
    np.testing.assert_allclose(current, NUMBERS["ramp"], rtol=1e-6)


def test_rest_is_finite_far_away():
    v = jnp.asarray([-200.0, 200.0], jnp.float32)
    rest = lambda v: initial_states(js.NaV(), v)["O"]  # noqa: E731
    for found in jax.jit(lambda v: jax.jvp(rest, (v,), (jnp.ones_like(v),)))(v):
        assert np.all(np.isfinite(found))

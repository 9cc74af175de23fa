"""vtrap(x, y) = x / (exp(x / y) - 1): value, slope and curvature against closed forms, in both precisions."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import bernoulli

from jaxsim.mechanisms.rates import vtrap

Y = 10.0
SINGULAR = [0.0, -40.0, -55.0, -35.0]


def grid(dtype: np.dtype) -> np.ndarray:
    """-200 .. 200 mV every 0.02, zero, the neighbours of zero, the branch points of the formula, subnormal numbers."""
    tiny = np.finfo(dtype).tiny
    special = [0.0, -0.0, tiny, -tiny, tiny / 4, np.finfo(dtype).eps, 1e-3, -1e-3]
    special += [s * np.nextafter(dtype.type(2.5), dtype.type(d)) for s in (1, -1) for d in (0.0, 9.0)]
    return np.concatenate([np.linspace(-200.0, 200.0, 20001), special]).astype(dtype)


def exact(u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """u / (exp(u) - 1) and its first two derivatives: the Bernoulli series inside |u| < 1, exponentials outside."""
    b = bernoulli(24)
    b[1] = -0.5
    value, slope, curvature = (np.zeros_like(u) for _ in range(3))
    near = np.abs(u) < 1.0
    for k in range(25):
        c = b[k] / math.factorial(k)
        value[near] += c * u[near] ** k
        slope[near] += c * k * u[near] ** max(k - 1, 0)
        curvature[near] += c * k * (k - 1) * u[near] ** max(k - 2, 0)
    a = np.abs(u[~near])
    w = np.exp(-a)
    d = -np.expm1(-a)
    f, df, ddf = a * w / d, w * (d - a) / d**2, w * (a * (1 + w) - 2 * d) / d**3
    positive = u[~near] > 0
    value[~near] = np.where(positive, f, f + a)  # f(-u) = f(u) + u
    slope[~near] = np.where(positive, df, -df - 1.0)
    curvature[~near] = ddf
    return value, slope, curvature


@jax.jit
def all_derivatives(x: jax.Array) -> tuple[jax.Array, ...]:
    f = lambda x: vtrap(x, Y)  # noqa: E731
    return jax.vmap(f)(x), jax.vmap(jax.grad(f))(x), jax.vmap(jax.grad(jax.grad(f)))(x)


def derivatives(x: np.ndarray) -> list[np.ndarray]:
    """Value, slope and curvature in double; always of one length, so that one program serves all tests."""
    return [np.asarray(f, float)[: len(x)] for f in all_derivatives(jnp.asarray(np.resize(x, len(grid(x.dtype)))))]


def test_value(precision):
    x = grid(precision)
    value, *_ = derivatives(x)
    expected = Y * exact(x.astype(float) / Y)[0]
    np.testing.assert_allclose(value, expected, rtol=20 * np.finfo(precision).eps, atol=1e-30)


def test_slope(precision):
    x = grid(precision)
    _, slope, _ = derivatives(x)
    error = np.abs(slope - exact(x.astype(float) / Y)[1])
    assert error.max() < 60 * np.finfo(precision).eps  # the slope itself runs from -1 to 0


def test_curvature(precision):
    x = grid(precision)
    *_, curvature = derivatives(x)
    error = np.abs(Y * curvature - exact(x.astype(float) / Y)[2])
    assert error.max() < 1000 * np.finfo(precision).eps  # at most 1/6; the quotient's second derivative cancels twice


def test_limits_at_the_singular_point(precision):
    value, slope, curvature = derivatives(np.zeros(1, precision))
    assert value[0] == Y
    assert slope[0] == -0.5
    assert curvature[0] == pytest.approx(1.0 / (6.0 * Y), rel=1e-6)


@pytest.mark.parametrize("shift", SINGULAR)
def test_finite_at_every_voltage_of_a_shifted_rate(precision, shift):
    for f in derivatives(grid(precision) - precision.type(shift)):
        assert np.all(np.isfinite(f))


def test_finite_far_outside_the_physiological_range(precision):
    x = np.array([-1e30, -1e6, -1e4, -800.0, 800.0, 1e4, 1e6, 1e30], precision)
    value, slope, curvature = derivatives(x)
    np.testing.assert_allclose(value, np.where(x < 0, -x.astype(float), 0.0), rtol=1e-6, atol=1e-30)
    np.testing.assert_allclose(slope, np.where(x < 0, -1.0, 0.0), atol=1e-6)
    np.testing.assert_allclose(curvature, 0.0, atol=1e-30)


def test_negative_scale_mirrors(precision):
    """vtrap(-x, -y) = -vtrap(x, y): some papers write their rates with a negative slope factor."""
    x = grid(precision)
    mirrored = jax.jit(lambda x: vtrap(-x, -Y))(jnp.asarray(x))
    np.testing.assert_array_equal(mirrored, -np.asarray(all_derivatives(jnp.asarray(x))[0]))


def test_gradient_with_respect_to_the_scale(x64):
    x = jnp.asarray([-150.0, -20.0, -2.5, -1.0, 0.0, 1e-9, 2.4, 2.6, 30.0, 150.0])
    along_y = jax.jit(jax.vmap(jax.grad(lambda y, x: vtrap(x, y)), (None, 0)))
    for y in (5.0, -12.0):
        slope = along_y(jnp.asarray(y), x)
        value, along, _ = exact(np.asarray(x) / y)
        np.testing.assert_allclose(slope, value - np.asarray(x) / y * along, rtol=1e-11, atol=1e-13)


def test_no_step_where_series_and_quotient_meet(precision):
    """Neighbouring numbers on both sides of the switch give neighbouring values."""
    x = np.array([2.5], precision)
    below, above = np.nextafter(x, precision.type(0)), np.nextafter(x, precision.type(9))
    value, *_ = derivatives(np.concatenate([below, above]))
    assert abs(value[0] - value[1]) < 20 * np.finfo(precision).eps * Y


def test_forward_and_reverse_mode_agree(precision):
    x = jnp.asarray(grid(precision))
    forward = jax.jit(lambda x: jax.jvp(lambda x: vtrap(x, Y), (x,), (jnp.ones_like(x),))[1])(x)
    reverse = all_derivatives(x)[1]
    np.testing.assert_allclose(forward, reverse, rtol=0, atol=10 * np.finfo(precision).eps)

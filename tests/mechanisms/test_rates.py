"""Rate functions other than vtrap: sigmoid, q10, and the two ways to write a gate."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import expit

from jaxsim.mechanisms.rates import Rate, alpha_beta, inf_tau, q10, sigmoid


def test_sigmoid_value(precision):
    x = np.linspace(-80.0, 80.0, 4001).astype(precision)
    np.testing.assert_allclose(sigmoid(jnp.asarray(x)), expit(x.astype(float)), rtol=10 * np.finfo(precision).eps)


def test_sigmoid_slope(precision):
    x = np.linspace(-80.0, 80.0, 4001).astype(precision)
    slope = jax.vmap(jax.grad(sigmoid))(jnp.asarray(x))
    y = expit(x.astype(float))
    np.testing.assert_allclose(slope, y * expit(-x.astype(float)), rtol=0, atol=np.finfo(precision).eps)


def test_sigmoid_never_overflows(precision):
    x = jnp.asarray([-1e30, -1e4, -800.0, 800.0, 1e4, 1e30], precision)
    np.testing.assert_array_equal(sigmoid(x), np.array([0, 0, 0, 1, 1, 1], precision))
    assert np.all(np.isfinite(jax.vmap(jax.grad(sigmoid))(x)))


def test_q10_is_one_at_the_reference_and_the_factor_ten_degrees_above():
    assert q10(3.0, 6.3, 6.3) == 1.0
    assert q10(3.0, 16.3, 6.3) == pytest.approx(3.0)
    assert q10(2.3, 14.0, 34.0) == pytest.approx(1.0 / 2.3**2)


def test_q10_gradient(x64):
    slope = jax.grad(lambda c: q10(3.0, c, 6.3))(jnp.asarray(20.0))
    assert float(slope) == pytest.approx(np.log(3.0) / 10.0 * 3.0**1.37, rel=1e-12)


def test_alpha_beta_is_the_linear_equation(x64):
    alpha, beta, x = jnp.asarray([0.3, 2.0]), jnp.asarray([0.7, 0.1]), 0.25
    rate = alpha_beta(alpha, beta, q10=2.0)
    np.testing.assert_allclose(rate.opening - rate.decay * x, 2.0 * (alpha * (1 - x) - beta * x), rtol=1e-14)


def test_alpha_beta_and_inf_tau_are_the_same_gate(precision):
    alpha = jnp.asarray(np.geomspace(1e-3, 50.0, 40), precision)
    beta = jnp.asarray(np.geomspace(20.0, 1e-4, 40), precision)
    a = alpha_beta(alpha, beta)
    b = inf_tau(alpha / (alpha + beta), 1.0 / (alpha + beta))
    tolerance = 10 * np.finfo(precision).eps
    np.testing.assert_allclose(a.opening, b.opening, rtol=tolerance)
    np.testing.assert_allclose(a.decay, b.decay, rtol=tolerance)


def test_x_inf_and_tau_undo_inf_tau(precision):
    x_inf, tau = jnp.asarray([0.0, 0.1, 1.0], precision), jnp.asarray([0.01, 5.0, 400.0], precision)
    rate = inf_tau(x_inf, tau)
    np.testing.assert_allclose(rate.x_inf, x_inf, rtol=1e-6)
    np.testing.assert_allclose(rate.tau, tau, rtol=1e-6)


def test_temperature_shortens_tau_and_leaves_the_steady_state(x64):
    alpha, beta = jnp.asarray(0.4), jnp.asarray(1.1)
    cold, warm = alpha_beta(alpha, beta), alpha_beta(alpha, beta, q10(3.0, 16.3, 6.3))
    assert float(warm.x_inf) == pytest.approx(float(cold.x_inf), rel=1e-14)
    assert float(warm.tau) == pytest.approx(float(cold.tau) / 3.0, rel=1e-14)


def test_a_rate_is_a_pytree_of_its_two_arrays():
    leaves = jax.tree.leaves(Rate(jnp.zeros(2), jnp.ones(2)))
    assert [float(leaf[0]) for leaf in leaves] == [0.0, 1.0]

"""The losses: values by hand, gradients finite, no silent broadcast."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsim.fit.losses import causal_mse, mse, window_statistics

WINDOWS = [(0.0, 2.0), (2.0, 10.0)]


def trace(precision: np.dtype) -> tuple[jax.Array, jax.Array]:
    t = jnp.arange(10.0, dtype=precision)
    return jnp.stack([jnp.sin(t), 3.0 * jnp.cos(t)]), t


def test_mse_is_the_mean_of_squares(precision: np.dtype) -> None:
    v, _ = trace(precision)
    np.testing.assert_allclose(mse(v, v + 2.0), 4.0, rtol=1e-6)


def test_mse_keeps_the_dtype(precision: np.dtype) -> None:
    v, _ = trace(precision)
    assert mse(v, np.zeros(v.shape)).dtype == precision


@pytest.mark.parametrize("shape", [(10,), (1, 10), (2, 1)])
def test_mse_does_not_broadcast(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"target must have the shape of v, \(2, 10\)"):
        mse(jnp.zeros((2, 10)), jnp.zeros(shape))


def test_causal_weights_change_the_gradient_and_not_the_loss() -> None:
    v, target = jnp.array([[1.0, 2.0, 0.0, 3.0]]), jnp.zeros((1, 4))
    assert causal_mse(v, target, 1.0) == mse(v, target) == 14.0 / 4.0
    weight = np.exp(-np.cumsum([0.0, 1.0, 4.0, 0.0]) / 4.0)
    plain = np.asarray(jax.grad(mse)(v, target))
    np.testing.assert_allclose(jax.grad(causal_mse)(v, target, 1.0), weight * plain, rtol=1e-6)


def test_causal_weights_count_all_rows_before(precision: np.dtype) -> None:
    v, _ = trace(precision)
    d = np.asarray(v)
    before = np.concatenate([[0.0], np.cumsum((d**2).sum(axis=0))[:-1]])
    expected = 2.0 * d / d.size * np.exp(-before / d.size / 0.5**2)
    found = jax.grad(causal_mse)(v, jnp.zeros_like(v), 0.5)
    assert found.dtype == precision
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)


def test_causal_mse_of_one_row_may_have_no_axis_for_rows(precision: np.dtype) -> None:
    v, _ = trace(precision)
    one, row = (causal_mse(x, jnp.zeros_like(x), 2.0) for x in (v[0], v[:1]))
    assert one == row


def test_causal_mse_of_a_large_tolerance_is_the_mse() -> None:
    v, _ = trace(np.dtype("float32"))
    found, expected = (jax.grad(f)(v) for f in (lambda v: causal_mse(v, v + 1.0, 1e6), lambda v: mse(v, v + 1.0)))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("tolerance", [0.0, -1.0, float("nan")])
def test_causal_tolerance_must_be_positive(tolerance: float) -> None:
    with pytest.raises(ValueError, match="tolerance must be positive"):
        causal_mse(jnp.zeros(3), jnp.zeros(3), tolerance)


def test_causal_mse_does_not_broadcast() -> None:
    with pytest.raises(ValueError, match=r"target must have the shape of v, \(2, 10\)"):
        causal_mse(jnp.zeros((2, 10)), jnp.zeros(10), 1.0)


def test_window_statistics_are_those_of_numpy(precision: np.dtype) -> None:
    v, t = trace(precision)
    parts = [np.asarray(v)[:, :2], np.asarray(v)[:, 2:]]
    expected = np.stack([[part.mean(1), part.std(1)] for part in parts]).transpose(2, 0, 1)
    found = window_statistics(v, t, WINDOWS)
    assert found.dtype == precision
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_a_constant_trace_has_a_finite_gradient(precision: np.dtype) -> None:
    t = jnp.arange(10.0, dtype=precision)
    gradient = jax.jit(jax.grad(lambda v: jnp.sum(window_statistics(v, t, WINDOWS))))(jnp.full(10, -65.0, precision))
    assert np.all(np.isfinite(gradient))


def test_gradient_of_the_statistics_is_the_central_difference(x64: None) -> None:
    v, t = trace(np.dtype("float64"))
    direction = jnp.asarray(np.random.default_rng(0).normal(size=v.shape))
    weight = jnp.asarray(np.random.default_rng(1).normal(size=(2, 2, 2)))

    @jax.jit
    def f(h: float) -> jax.Array:
        return jnp.sum(weight * window_statistics(v + h * direction, t, WINDOWS))

    np.testing.assert_allclose(jax.grad(f)(0.0), (f(1e-6) - f(-1e-6)) / 2e-6, rtol=1e-7)


def test_statistics_work_under_jit() -> None:
    v, t = trace(np.dtype("float32"))
    traced = jax.jit(lambda v, t: window_statistics(v, t, WINDOWS))(v, t)
    np.testing.assert_allclose(traced, window_statistics(v, t, WINDOWS), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("windows", "said"),
    [
        ([(2.0, 2.0)], "with start < stop"),
        ([1.0, 2.0], "must be pairs"),
        ([(0.0, 2.0), (20.0, 30.0)], r"must hold a sample; t runs from 0 to 9 ms, got \[20.0, 30.0\]"),
    ],
)
def test_bad_windows(windows: list[tuple[float, float]], said: str) -> None:
    v, t = trace(np.dtype("float32"))
    with pytest.raises(ValueError, match=said):
        window_statistics(v, t, windows)


def test_times_must_fit() -> None:
    with pytest.raises(ValueError, match="t must have one time for each"):
        window_statistics(jnp.zeros((2, 10)), jnp.zeros(9), WINDOWS)

"""exp and expm1 as arithmetic: value, ends of the range, derivatives of any kind, and what other devices get."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from jaxsim._exp import exp, expm1

TOLERANCE = {np.dtype(np.float32): 2e-7, np.dtype(np.float64): 4e-16}
INF = float("inf")


def grid(dtype: np.dtype, reach: float) -> np.ndarray:
    """Even steps over the range, small numbers of both signs, the neighbours of every change of n; not 0."""
    n = np.arange(-int(reach / np.log(2.0)) + 1, int(reach / np.log(2.0)))
    edges = ((n + 0.5) * np.log(2.0)).astype(dtype)
    small = np.geomspace(1e-20, 1.0, 2001)
    parts = [np.linspace(-reach, reach, 40001), small, -small, edges]
    parts += [np.nextafter(edges, dtype.type(d)) for d in (-1e3, 1e3)]
    x = np.concatenate(parts).astype(dtype)
    return x[x != 0]


def precisely(function: np.ufunc, x: np.ndarray) -> np.ndarray:
    """In more digits than double has, where NumPy has such a type."""
    if np.finfo(np.longdouble).eps > 1e-18:
        pytest.skip("np.longdouble has no more digits than float64 here")
    return function(x.astype(np.longdouble))


@pytest.mark.parametrize(("ours", "exact"), [(exp, np.exp), (expm1, np.expm1)])
def test_value(precision, ours, exact):
    x = grid(precision, 87.0 if precision == np.float32 else 708.0)
    found = np.asarray(jax.jit(ours)(x))
    assert found.dtype == precision
    error = np.abs(found.astype(np.longdouble) / precisely(exact, x) - 1.0)
    assert error.max() <= TOLERANCE[precision]


def test_ends_of_the_range(precision):
    x = jnp.asarray([-INF, -1e30, -1e4, -0.0, 0.0, 1e4, 1e30, INF, float("nan")], precision)
    np.testing.assert_array_equal(exp(x), [0, 0, 0, 1, 1, INF, INF, INF, np.nan])
    most = expm1(jnp.asarray(88.37 if precision == np.float32 else 709.43, precision))
    assert 0.7 * np.finfo(precision).max < float(most) < INF
    np.testing.assert_array_equal(expm1(x), [-1, -1, -1, 0, 0, most, most, most, np.nan])


def test_it_only_grows(precision):
    """Through the places where it becomes 0 and where it grows no more, and nowhere NaN."""
    low, high = (-89.0, 90.0) if precision == np.float32 else (-712.0, 712.0)
    for start in (low, high - 4.0):
        x = np.linspace(start, start + 4.0, 40001).astype(precision)
        for function in (exp, expm1):
            value = np.asarray(jax.jit(function)(x))
            assert not np.any(np.isnan(value))
            assert np.all(value[1:] >= value[:-1])


@pytest.mark.parametrize("function", [exp, expm1])
def test_derivatives_are_the_exponential(precision, function):
    x = jnp.asarray(np.linspace(-20.0, 20.0, 401), precision)
    expected = np.exp(np.asarray(x, float))
    tolerance = 1e-6 if precision == np.float32 else 1e-14
    first = jax.vmap(jax.grad(function))
    second = jax.vmap(jax.grad(jax.grad(function)))
    forward = jax.vmap(jax.jacfwd(jax.jacrev(jax.jacfwd(function))))
    for derivative in (first, second, forward):
        found = np.asarray(jax.jit(derivative)(x), float)
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance if function is expm1 else 0)


def test_batched_is_looped(precision):
    x = jnp.asarray(np.linspace(-3.0, 3.0, 12).reshape(3, 4), precision)
    together = jax.vmap(jax.vmap(exp))(x)
    np.testing.assert_allclose(together, [[float(exp(b)) for b in a] for a in x], rtol=1e-6)


def test_other_types_get_the_usual_function():
    x = jnp.asarray([0.0, 1.0, -2.0], jnp.float16)
    assert exp(x).dtype == jnp.float16
    np.testing.assert_array_equal(exp(x), jnp.exp(x))
    np.testing.assert_array_equal(expm1(x), jnp.expm1(x))


@pytest.mark.parametrize("function", [exp, expm1])
def test_written_out_on_a_cpu_and_not_on_a_gpu(function):
    traced = jax.jit(function).trace(jnp.ones(3))
    cpu, gpu = (traced.lower(lowering_platforms=(p,)).as_text() for p in ("cpu", "cuda"))
    assert "bitcast_convert" in cpu
    assert "stablehlo.exponential" not in cpu
    assert "bitcast_convert" not in gpu
    assert "stablehlo.exponential" in gpu


def test_it_is_public():
    assert js.exp is exp

"""Losses: pure functions of recorded arrays, to be put together into a loss of theta."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from jaxsim.errors import must


def mse(v: jax.Array, target: jax.Array) -> jax.Array:
    """The mean squared difference.

        loss = mean (v - target)^2

    Args:
        v: any shape, e.g. (n_probe, n_time) [mV].
        target: the shape of v [mV].

    Returns:
        () [mV2], the square of the unit of v.

    Raises:
        ValueError: if the shapes differ; nothing is broadcast.

    >>> mse(jnp.array([[-65.0, -60.0]]), jnp.array([[-65.0, -64.0]]))
    Array(8., dtype=float32)
    """
    if jnp.shape(v) != jnp.shape(target):
        raise ValueError(must("target", f"have the shape of v, {jnp.shape(v)}", jnp.shape(target)))
    return jnp.mean(jnp.square(v - jnp.asarray(target, v.dtype)))


def causal_mse(v: jax.Array, target: jax.Array, tolerance: float) -> jax.Array:
    """The mean squared difference, with a gradient that settles what comes first: for traces with spikes.

        loss = mean d(t)^2,   d = v - target
        gradient: mean w(t) grad d(t)^2,   w(t) = exp(-(sum of d^2 before t) / (n tolerance^2))

    Where a spike comes at the wrong time, the squared difference no longer says in which direction it must move. Here a
    sample enters the gradient only as far as all that came before it, in all rows, agrees already; later spikes count
    as soon as it agrees to about the tolerance. The value is the plain `mse`; w is constant to derivatives.

    Args:
        v: (..., n_time) [mV], e.g. rows of a recording.
        target: the shape of v [mV].
        tolerance: () [mV], positive: w falls to 1/e where the earlier squares, over the number n of samples of v, sum
            to its square.

    Returns:
        () [mV2], the square of the unit of v.

    Raises:
        ValueError: if the shapes differ, or the tolerance is not positive.

    The first sample is off by 2, so the second counts by exp(-(4 / 2) / 1):

    >>> v, target = jnp.array([2.0, 3.0]), jnp.zeros(2)
    >>> causal_mse(v, target, 1.0)
    Array(6.5, dtype=float32)
    >>> (jax.grad(causal_mse)(v, target, 1.0) / jax.grad(mse)(v, target)).round(4)
    Array([1.    , 0.1353], dtype=float32)
    """
    if jnp.shape(v) != jnp.shape(target):
        raise ValueError(must("target", f"have the shape of v, {jnp.shape(v)}", jnp.shape(target)))
    if not isinstance(tolerance, jax.core.Tracer) and not tolerance > 0.0:
        raise ValueError(must("tolerance", "be positive [mV]", tolerance))
    share = jnp.square(v - jnp.asarray(target, v.dtype)) / v.size
    at = jnp.sum(share.reshape(-1, v.shape[-1]), axis=0)
    before = (jnp.cumsum(at) - at) / jnp.asarray(tolerance, v.dtype) ** 2
    total, led = jnp.sum(at), jnp.sum(jax.lax.stop_gradient(jnp.exp(-before)) * at)
    return jax.lax.stop_gradient(total - led) + led


def window_statistics(v: jax.Array, t: jax.Array, windows: Sequence[tuple[float, float]]) -> jax.Array:
    """Mean and standard deviation in windows of time: what a fit compares when single spikes need not coincide.

    A window is start <= t < stop. The gradient of a standard deviation of zero is zero.

    Args:
        v: (..., n_time) [mV], e.g. rows of a recording.
        t: (n_time,) [ms], their times.
        windows: (start, stop) [ms] of each window; they may overlap.

    Returns:
        (..., n_window, 2) [mV], mean and standard deviation.

    Raises:
        ValueError: if a window's start is not before its stop, a window holds no sample, or t does not fit v.

    Source: the summary statistics of Deistler et al. 2025, Nature Methods.

    >>> window_statistics(jnp.array([0.0, 2.0, 5.0, 5.0]), jnp.arange(4.0), [(0.0, 2.0), (2.0, 4.0)])
    Array([[1., 1.],
           [5., 0.]], dtype=float32)
    """
    if jnp.shape(t) != jnp.shape(v)[-1:]:
        raise ValueError(must("t", f"have one time for each of the {jnp.shape(v)[-1:]} samples", jnp.shape(t)))
    edges = np.asarray(windows, float)
    if edges.ndim != 2 or edges.shape[1] != 2 or not np.all(edges[:, 0] < edges[:, 1]):
        raise ValueError(must("windows", "be pairs (start, stop) [ms] with start < stop", windows))
    start, stop = jnp.asarray(edges.T, v.dtype)[:, :, None]
    t = jnp.asarray(t, v.dtype)
    inside = (t >= start) & (t < stop)
    if not isinstance(inside, jax.core.Tracer) and not np.all(np.any(inside, axis=1)):
        empty = edges[~np.any(inside, axis=1)][0].tolist()
        raise ValueError(must("a window", f"hold a sample; t runs from {t[0]:g} to {t[-1]:g} ms", empty))
    weight = inside.astype(v.dtype)
    weight = weight / jnp.sum(weight, axis=1, keepdims=True)
    mean = jnp.matmul(v, weight.T, precision="highest")
    square = jnp.square(v[..., None, :] - mean[..., None])
    variance = jnp.sum(weight * square, axis=-1)
    some = variance > 0.0
    deviation = jnp.where(some, jnp.sqrt(jnp.where(some, variance, 1.0)), 0.0)
    return jnp.stack([mean, deviation], axis=-1)

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
    mean = v @ weight.T
    square = jnp.square(v[..., None, :] - mean[..., None])
    variance = jnp.sum(weight * square, axis=-1)
    some = variance > 0.0
    deviation = jnp.where(some, jnp.sqrt(jnp.where(some, variance, 1.0)), 0.0)
    return jnp.stack([mean, deviation], axis=-1)

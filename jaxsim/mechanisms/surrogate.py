"""The derivative of a spike: a step function with, in its derivative's place, a bump around the threshold."""

import math
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp

from jaxsim.errors import unknown


def super_spike(u: jax.Array) -> jax.Array:
    """1 / (1 + |u|)^2, with long tails. Source: Zenke & Ganguli 2018, Neural Comput 30:1514."""
    return 1.0 / (1.0 + jnp.abs(u)) ** 2


def triangle(u: jax.Array) -> jax.Array:
    """max(0, 1 - |u|), none beyond one width. Source: Bellec et al. 2018, NeurIPS 31:787."""
    return jnp.maximum(1.0 - jnp.abs(u), 0.0)


def arctan(u: jax.Array) -> jax.Array:
    """1 / (1 + (pi u)^2). Source: Fang et al. 2021, ICCV 2021:2641."""
    return 1.0 / (1.0 + (math.pi * u) ** 2)


def sigmoid_slope(u: jax.Array) -> jax.Array:
    """4 s (1 - s), s = 1 / (1 + exp(-u)). Source: Neftci, Mostafa & Zenke 2019, IEEE Signal Process Mag 36:51."""
    s = jax.nn.sigmoid(u)
    return 4.0 * s * (1.0 - s)


SURROGATES: dict[str, Callable[[jax.Array], jax.Array]] = {
    "super_spike": super_spike,
    "triangle": triangle,
    "arctan": arctan,
    "sigmoid": sigmoid_slope,
}


@partial(jax.custom_jvp, nondiff_argnums=(2,))
def _step(x: jax.Array, width: jax.Array, surrogate: str) -> jax.Array:
    return jnp.where(x >= 0.0, 1.0, 0.0).astype(x.dtype)


@_step.defjvp
def _step_jvp(surrogate: str, primals: tuple, tangents: tuple) -> tuple[jax.Array, jax.Array]:
    x, width = primals
    return _step(x, width, surrogate), SURROGATES[surrogate](x / width) / width * tangents[0]


def spike(x: jax.Array, width: jax.Array, surrogate: str = "super_spike") -> jax.Array:
    """1 where x is not negative, else 0; with a surrogate derivative, d spike / dx = surrogate(x / width) / width.

    Args:
        x: any shape [mV], by how much a threshold is exceeded.
        width: the same shape [mV], of the surrogate, positive.
        surrogate: its name, one of `SURROGATES`: "super_spike", "triangle", "arctan" or "sigmoid". Each is 1 at 0.

    Returns:
        The shape of x [1].

    Raises:
        KeyError: if there is no surrogate of that name.
    """
    if surrogate not in SURROGATES:
        raise KeyError(unknown("surrogate derivative", surrogate, SURROGATES))
    return _step(x, jnp.broadcast_to(jnp.asarray(width, x.dtype), x.shape), surrogate)


def jumped(s: jax.Array, old: jax.Array, new: jax.Array) -> jax.Array:
    """`new` to the bit where there is a spike, else `old`; its derivative has that of the spike too.

        old + s (new - old)

    Args:
        s: any shape [1], from `spike`.
        old: the same shape [any one unit].
        new: the same shape [the same unit].

    Returns:
        The shape of s [the same unit].
    """
    change = jax.lax.stop_gradient(new - old)
    return jnp.where(s > 0.5, new, old) + (s - jax.lax.stop_gradient(s)) * change

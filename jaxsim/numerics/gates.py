"""Integration of a mechanism's states over one step, the voltage held."""

import jax
import jax.numpy as jnp


def exponential_step(x: jax.Array, opening: jax.Array, decay: jax.Array, dt: jax.Array) -> jax.Array:
    """The exact solution of dx/dt = opening - decay x after dt.

        x(t + dt) = x_inf + (x(t) - x_inf) exp(-decay dt),   x_inf = opening / decay

    Args:
        x: any shape [1], state.
        opening: the same shape [1/ms].
        decay: the same shape [1/ms], positive.
        dt: () [ms], step.

    Returns:
        The shape of x [1].
    """
    x_inf = opening / decay
    return x_inf + (x - x_inf) * jnp.exp(-decay * dt)

"""Integration of a mechanism's states over one step, the voltage held."""

import jax
import jax.numpy as jnp

from jaxsim._exp import expm1


def exponential_step(x: jax.Array, *, x_inf: jax.Array, decay: jax.Array, dt: jax.Array) -> jax.Array:
    """The exact solution of dx/dt = decay (x_inf - x) after dt.

        x(t + dt) = x + (x_inf - x) (1 - exp(-decay dt))

    In this form x_inf and the exponential are used once each, so that XLA computes a whole gate in one loop (18 loops
    become 7 for HH's three gates, and a step of HH takes 0.8 of the time). `expm1` keeps the digits of a slow gate's
    increment in single precision: with decay dt = 2e-4 the difference 1 - exp has three.

    Args:
        x: any shape [1], state.
        x_inf: the same shape [1], steady state.
        decay: the same shape [1/ms], positive.
        dt: () [ms], step.

    Returns:
        The shape of x [1].
    """
    return x - (x_inf - x) * expm1(-decay * dt)


# Back in time a gate's distance from x_inf grows at most e-fold: of one that is faster nothing is known.
_BACK = 1.0


def exponential_shift(x: jax.Array, *, x_inf: jax.Array, decay: jax.Array, dt: jax.Array) -> jax.Array:
    """`exponential_step` by a dt that may be negative, where x is taken back.

    What a gate was more than its time constant ago cannot be told from what it is: its distance from x_inf, rounding
    included, would grow as exp(decay |dt|). It grows e-fold at most.

    Args:
        x: as in `exponential_step`.
        x_inf: the same.
        decay: the same.
        dt: () [ms].

    Returns:
        The shape of x [1].
    """
    return x - (x_inf - x) * expm1(jnp.minimum(-decay * dt, _BACK))


# The drift of x_inf over a step enters with (1 - e)^2 / 12: the leading term of the exact weight
# (1 - e) (coth(y / 2) / 2 - 1 / y), y = decay dt, without its division, and bounded.
_DRIFT = 1.0 / 12.0


def drifting_step(x: jax.Array, *, x_inf: jax.Array, decay: jax.Array, drift: jax.Array, dt: jax.Array) -> jax.Array:
    """`exponential_step` with a steady state that drifts at a constant speed, x_inf and decay those of the middle.

        x(t + dt) = x + (x_inf - x) (1 - e) + drift (1 - e)^2 / 12,   e = exp(-decay dt)

    Args:
        x: any shape [1], state.
        x_inf: the same shape [1], steady state in the middle of the step.
        decay: the same shape [1/ms], positive.
        drift: the same shape [1], change of x_inf over the step.
        dt: () [ms], step.

    Returns:
        The shape of x [1].
    """
    moved = expm1(-decay * dt)
    return x - moved * ((x_inf - x) - _DRIFT * drift * moved)


def noise_scale(decay: jax.Array, dt: jax.Array) -> jax.Array:
    """What a step makes of white noise in a state that decays: the standard deviation of its integral.

        sqrt((1 - exp(-2 decay dt)) / (2 decay)),    sqrt(dt) where nothing decays

    Args:
        decay: any shape [1/ms].
        dt: () [ms], step.

    Returns:
        The shape of decay [sqrt(ms)].

    Source: Uhlenbeck & Ornstein 1930, Phys Rev 36:823; Gillespie 1996, Phys Rev E 54:2084.
    """
    y = 2.0 * decay * dt
    some = jnp.abs(y) > _SMALL
    return jnp.sqrt(dt * jnp.where(some, -expm1(-y) / jnp.where(some, y, 1.0), 1.0))


# Below this |y| the mean (1 - exp(-y)) / y is 1 - y / 2 to rounding.
_SMALL = 1e-8


def linear_step(x: jax.Array, *, opening: jax.Array, decay: jax.Array, dt: jax.Array) -> jax.Array:
    """The exact solution of dx/dt = opening - decay x after dt, for any decay, 0 too.

        x(t + dt) = x + (opening - decay x) dt (1 - exp(-y)) / y,    y = decay dt

    Args:
        x: any shape, state, in any unit.
        opening: the same shape [unit/ms].
        decay: the same shape [1/ms].
        dt: () [ms], step.

    Returns:
        The shape of x.
    """
    y = decay * dt
    some = jnp.abs(y) > _SMALL
    mean = jnp.where(some, -expm1(-y) / jnp.where(some, y, 1.0), 1.0 - 0.5 * y)
    return x + (opening - decay * x) * (dt * mean)

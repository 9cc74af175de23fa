"""Gate equations and rate functions, finite in value and gradient at every voltage and in both precisions."""

import jax
import jax.numpy as jnp

from jaxsim._struct import struct

# Below this |x| the series of x / (exp(x) - 1) is used. Its first neglected term is 5e-10 x^12: 3e-17 here, while the
# quotient's cancellation costs eps / 0.25 at most.
_SERIES_BELOW = 0.25


@struct
class Rate:
    """A gate's linear equation, dx/dt = opening - decay x.

    Attributes:
        opening: any shape [1/ms], alpha, or x_inf / tau.
        decay: the same shape [1/ms], alpha + beta, or 1 / tau.
    """

    opening: jax.Array
    decay: jax.Array

    @property
    def x_inf(self) -> jax.Array:
        """The steady state, opening / decay [1]."""
        return self.opening / self.decay

    @property
    def tau(self) -> jax.Array:
        """The time constant, 1 / decay [ms]."""
        return 1.0 / self.decay


def alpha_beta(alpha: jax.Array, beta: jax.Array, q10: jax.Array | float = 1.0) -> Rate:
    """A gate from its opening and closing rates, dx/dt = q10 (alpha (1 - x) - beta x).

    Args:
        alpha: any shape [1/ms], opening rate.
        beta: the same shape [1/ms], closing rate.
        q10: temperature factor [1] of both, e.g. `q10(3.0, celsius, 6.3)`.

    Returns:
        The `Rate`.
    """
    return Rate(q10 * alpha, q10 * (alpha + beta))


def inf_tau(x_inf: jax.Array, tau: jax.Array) -> Rate:
    """A gate from its steady state and time constant, dx/dt = (x_inf - x) / tau.

    Args:
        x_inf: any shape [1], steady state.
        tau: the same shape [ms], time constant.

    Returns:
        The `Rate`.
    """
    return Rate(x_inf / tau, 1.0 / tau)


def q10(factor: jax.Array | float, celsius: jax.Array | float, reference: jax.Array | float) -> jax.Array:
    """The temperature factor of a rate, factor^((celsius - reference) / 10).

    Args:
        factor: [1], how much faster 10 degC make it.
        celsius: [degC], temperature.
        reference: [degC], temperature at which the rate was measured.

    Returns:
        () [1] the factor, or the shape of celsius.
    """
    return factor ** ((celsius - reference) / 10.0)  # type: ignore[return-value]


def vtrap(x: jax.Array, y: jax.Array | float = 1.0) -> jax.Array:
    """The singular rate function x / (exp(x / y) - 1), y at x = 0; smooth, and finite in value and gradient everywhere.

    Args:
        x: any shape [mV].
        y: [mV], scale.

    Returns:
        The shape of x [mV].

    >>> float(vtrap(jnp.asarray(0.0), 10.0))
    10.0
    """
    u = x / y
    near = jnp.abs(u) < _SERIES_BELOW
    safe = jnp.where(near, 1.0, u)  # the branch not taken must be finite too, or its gradient is 0 * inf
    size = jnp.abs(safe)
    w = jnp.exp(-size)  # never overflows: u / (e^u - 1) = |u| w / (1 - w) for u > 0, |u| / (1 - w) for u < 0
    quotient = size / (1.0 - w) * jnp.where(safe > 0.0, w, 1.0)
    inside = jnp.where(near, u, 0.0)
    return y * jnp.where(near, _series(inside), quotient)


def _series(u: jax.Array) -> jax.Array:
    """u / (exp(u) - 1) about 0: the Bernoulli numbers B_k / k!."""
    square = u * u
    even = square * (1 / 12 - square * (1 / 720 - square * (1 / 30240 - square * (1 / 1209600 - square / 47900160))))
    return 1.0 - 0.5 * u + even


def sigmoid(x: jax.Array) -> jax.Array:
    """The Boltzmann function 1 / (1 + exp(-x)), without overflow for any x.

    Args:
        x: any shape [1].

    Returns:
        The shape of x [1], between 0 and 1.

    >>> float(sigmoid(jnp.asarray(0.0)))
    0.5
    """
    return jax.nn.sigmoid(x)

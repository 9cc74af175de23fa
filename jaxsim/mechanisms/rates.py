"""Gate equations and rate functions, finite in value and gradient at every voltage and in both precisions."""

import math

import jax
import jax.numpy as jnp

from jaxsim._exp import exp, expm1
from jaxsim._struct import struct

# Below this |u| the slope of u / (exp(u) - 1) is taken from its series. The first neglected term is 2e-10 u^13, 3e-18
# here, while the closed form's cancellation costs eps / 0.25 at most.
_SERIES_BELOW = 0.25
_AS_ZERO = 1e-30  # u / (exp(u) - 1) is 1 to rounding here and 0 / 0 at 0


@jax.custom_jvp
def inverse(x: jax.Array) -> jax.Array:
    """1 / x, whose derivative -1 / x^2 is made of the value: a inverse(b) and all its derivatives divide once.

    Args:
        x: any shape.

    Returns:
        The shape of x.
    """
    return 1.0 / x


@inverse.defjvp
def _inverse_jvp(primals: tuple[jax.Array], tangents: tuple[jax.Array]) -> tuple[jax.Array, jax.Array]:
    y = inverse(*primals)
    return y, -tangents[0] * (y * y)


@struct
class Rate:
    """A gate's linear equation, dx/dt = opening - decay x.

    Attributes:
        opening: any shape [1/ms], alpha, or x_inf / tau.
        decay: the same shape [1/ms], alpha + beta, or 1 / tau.
        steady: the same shape [1], opening / decay where it is known without that division; else None.
    """

    opening: jax.Array
    decay: jax.Array
    steady: jax.Array | None = None

    @property
    def x_inf(self) -> jax.Array:
        """The steady state, opening / decay [1]."""
        return self.opening * inverse(self.decay) if self.steady is None else self.steady

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
    total = alpha + beta
    return Rate(q10 * alpha, q10 * total, alpha * inverse(total))


def inf_tau(x_inf: jax.Array, tau: jax.Array) -> Rate:
    """A gate from its steady state and time constant, dx/dt = (x_inf - x) / tau.

    Args:
        x_inf: any shape [1], steady state.
        tau: the same shape [ms], time constant.

    Returns:
        The `Rate`.
    """
    return inf_decay(x_inf, inverse(tau))


def inf_decay(x_inf: jax.Array, decay: jax.Array) -> Rate:
    """A gate from its steady state and the inverse of its time constant, dx/dt = decay (x_inf - x).

    Args:
        x_inf: any shape [1], steady state.
        decay: the same shape [1/ms], 1 / tau.

    Returns:
        The `Rate`.
    """
    return Rate(x_inf * decay, decay, x_inf)


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


def bounded_exp(x: jax.Array) -> jax.Array:
    """exp(x), constant above the x at which its square would overflow: 42 in float32, 350 in float64.

    For rate functions that are written without thought of overflow: quotients of it are finite in value and gradient.

    Args:
        x: any shape [1].

    Returns:
        The shape of x [1].
    """
    return exp(_bounded(x))


def bounded_expm1(x: jax.Array) -> jax.Array:
    """exp(x) - 1 without cancellation at small x, constant where `bounded_exp` is.

    Args:
        x: any shape [1].

    Returns:
        The shape of x [1].
    """
    return expm1(_bounded(x))


def _bounded(x: jax.Array) -> jax.Array:
    return jnp.minimum(x, 0.475 * math.log(jnp.finfo(x.dtype).max))


def vtrap(x: jax.Array, y: jax.Array | float = 1.0) -> jax.Array:
    """The singular rate function x / (exp(x / y) - 1), y at x = 0; smooth, and finite in value and gradient everywhere.

    Its mirror image is vtrap(-x, y) = vtrap(x, y) + x: a pair of rates needs one exponential.

    Args:
        x: any shape [mV].
        y: [mV], scale.

    Returns:
        The shape of x [mV].

    >>> float(vtrap(jnp.asarray(0.0), 10.0))
    10.0
    """
    return y * _linoid(x / y)


@jax.custom_jvp
def _linoid(u: jax.Array) -> jax.Array:
    """u / (exp(u) - 1). `expm1` has no cancellation, so the quotient is right at every u but 0 itself."""
    u = _inside(u)
    return u * inverse(expm1(u))


def _inside(u: jax.Array) -> jax.Array:
    """u where u / (exp(u) - 1) can be computed and has the same value to rounding."""
    largest = 0.95 * math.log(jnp.finfo(u.dtype).max)  # above it the value is 0 to rounding, and exp overflows
    return jnp.where(jnp.abs(u) < _AS_ZERO, _AS_ZERO, jnp.minimum(u, largest))


@_linoid.defjvp
def _linoid_jvp(primals: tuple[jax.Array], tangents: tuple[jax.Array]) -> tuple[jax.Array, jax.Array]:
    """f' = (1 - u - f) / (exp(u) - 1), and its series about 0."""
    (u,) = primals
    f, per = _linoid(u), inverse(expm1(_inside(u)))
    near = jnp.abs(u) < _SERIES_BELOW  # the branch not taken must be finite too, or its gradient is 0 * inf
    slope = jnp.where(near, _slope_series(jnp.where(near, u, 0.0)), jnp.where(near, 0.0, per) * (1.0 - (f + u)))
    return f, tangents[0] * slope


def _slope_series(u: jax.Array) -> jax.Array:
    """The derivative of u / (exp(u) - 1) about 0: k B_k / k!, B the Bernoulli numbers."""
    s = u * u
    odd = 1 / 6 - s * (1 / 180 - s * (1 / 5040 - s * (1 / 151200 - s * (1 / 4790016 - s * (691 / 108972864000)))))
    return u * odd - 0.5


@jax.custom_jvp
def sigmoid(x: jax.Array) -> jax.Array:
    """The Boltzmann function 1 / (1 + exp(-x)), without overflow for any x.

    Args:
        x: any shape [1].

    Returns:
        The shape of x [1], between 0 and 1.

    >>> float(sigmoid(jnp.asarray(0.0)))
    0.5
    """
    return 1.0 / (1.0 + exp(-x))


@sigmoid.defjvp
def _sigmoid_jvp(primals: tuple[jax.Array], tangents: tuple[jax.Array]) -> tuple[jax.Array, jax.Array]:
    y = sigmoid(*primals)
    return y, tangents[0] * (y * (1.0 - y))

"""Gates that several models of cortical pyramidal cells share, each by the paper whose measurements it fits.

A model places them at its own voltages and gives them its own temperature factor q.

What a step costs is exponentials and divisions, so two rates x / (1 - exp(-x / y)) and -x / (1 - exp(x / y)) are one
`vtrap` (they differ by x), and a time constant that is divided by is never formed. Where a steady state or a decay is
used once, the compiler keeps the whole gate in one loop: that is why they stand side by side, not as products.
"""

import jax
import jax.numpy as jnp

from jaxsim._exp import exp
from jaxsim.mechanisms.rates import Rate, inf_decay, sigmoid, vtrap


def opening_and_sum(x: jax.Array, a: float, b: float) -> tuple[jax.Array, jax.Array]:
    """alpha = a x / (1 - exp(-x / 6)) and alpha + beta, beta = -b x / (1 - exp(x / 6)), by one exponential.

    With t = x / (1 - exp(-x / 6)), beta is b (t - x). Nothing cancels in the sum while b is not much more than a.
    """
    t = vtrap(-x, 6.0)
    return a * t, (a + b) * t - b * x


def transient_sodium(x: jax.Array, y: jax.Array, q: jax.Array) -> dict[str, Rate]:
    """Gates m and h of the transient sodium current.

        alpha_m =  0.182 x / (1 - exp(-x / 6))      beta_m = -0.124 x / (1 - exp(x / 6))
        alpha_h = -0.015 y / (1 - exp(y / 6))       beta_h =  0.015 y / (1 - exp(-y / 6))

    Args:
        x: any shape [mV], distance from the singular point of m.
        y: the same shape [mV], from that of h.
        q: temperature factor [1].

    Returns:
        The equations of m and h.

    Source: Colbert & Pan 2002, Nat Neurosci 5:533.
    """
    alpha_m, sum_m = opening_and_sum(x, 0.182, 0.124)
    alpha_h, sum_h = opening_and_sum(-y, 0.015, 0.015)
    return {"m": Rate(q * alpha_m, q * sum_m, alpha_m / sum_m), "h": Rate(q * alpha_h, q * sum_h, alpha_h / sum_h)}


def persistent_sodium_h(v: jax.Array, q: jax.Array) -> Rate:
    """The slow inactivation of the persistent sodium current.

        h_inf = 1 / (1 + exp((v + 48.8) / 10))      tau_h = 1 / (alpha_h + beta_h) / q
        alpha_h = -2.88e-6 (v + 17) / (1 - exp((v + 17) / 4.63))
        beta_h = 6.94e-6 (v + 64.4) / (1 - exp(-(v + 64.4) / 2.63))

    Args:
        v: any shape [mV], membrane voltage.
        q: temperature factor [1].

    Returns:
        The equation of h.

    Source: Magistretti & Alonso 1999, J Gen Physiol 114:491.
    """
    sum_h = 2.88e-6 * vtrap(v + 17.0, 4.63) + 6.94e-6 * vtrap(-(v + 64.4), 2.63)
    return inf_decay(sigmoid(-(v + 48.8) / 10.0), q * sum_h)


def persistent_potassium(m_inf: jax.Array, u: jax.Array, q: jax.Array) -> dict[str, Rate]:
    """Gates m and h of the persistent potassium current.

        tau_m = (1.25 + 175.03 exp(0.026 u)) / q where u < -50,  (1.25 + 13 exp(-0.026 u)) / q elsewhere
        h_inf = 1 / (1 + exp((u + 54) / 11))
        tau_h = (360 + (1010 + 24 (u + 55)) exp(-((u + 75) / 48)^2)) / q

    Args:
        m_inf: any shape [1], steady state of m.
        u: the same shape [mV], voltage as it was measured.
        q: temperature factor [1].

    Returns:
        The equations of m and h.

    Source: Korngreen & Sakmann 2000, J Physiol 525:621.
    """
    low = u < -50.0
    # The exponent is chosen, not the exponential: one in place of two, and neither can overflow.
    tau_m = 1.25 + jnp.where(low, 175.03, 13.0) * exp(0.026 * jnp.where(low, u, -u))
    tau_h = 360.0 + (1010.0 + 24.0 * (u + 55.0)) * bell((u + 75.0) / 48.0)
    return {"m": inf_decay(m_inf, q / tau_m), "h": inf_decay(sigmoid(-(u + 54.0) / 11.0), q / tau_h)}


def transient_potassium(m_inf: jax.Array, u: jax.Array, q: jax.Array) -> dict[str, Rate]:
    """Gates m and h of the transient potassium current.

        tau_m = (0.34 + 0.92 exp(-((u + 71) / 59)^2)) / q
        h_inf = 1 / (1 + exp((u + 66) / 10))     tau_h = (8 + 49 exp(-((u + 73) / 23)^2)) / q

    Args:
        m_inf: any shape [1], steady state of m.
        u: the same shape [mV], voltage as it was measured.
        q: temperature factor [1].

    Returns:
        The equations of m and h.

    Source: Korngreen & Sakmann 2000, J Physiol 525:621.
    """
    tau_m = 0.34 + 0.92 * bell((u + 71.0) / 59.0)
    tau_h = 8.0 + 49.0 * bell((u + 73.0) / 23.0)
    return {"m": inf_decay(m_inf, q / tau_m), "h": inf_decay(sigmoid(-(u + 66.0) / 10.0), q / tau_h)}


def bell(x: jax.Array) -> jax.Array:
    """exp(-x^2)."""
    return exp(-(x * x))

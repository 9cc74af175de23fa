"""Noise that an electrode or the synapses of a network bring: Ornstein-Uhlenbeck processes."""

import jax
import jax.numpy as jnp

from jaxsim._struct import struct
from jaxsim.mechanisms.point_process import AbstractPointProcess
from jaxsim.mechanisms.rates import Rate, inf_tau
from jaxsim.units import ms, mV, nA, uS


def _wiener(sigma: jax.Array, tau: jax.Array) -> jax.Array:
    """By how much white noise moves a process with standard deviation sigma and correlation time tau."""
    return sigma * jnp.sqrt(2.0 / tau)


@struct
class OUCurrent(AbstractPointProcess):
    """A noisy current, inward positive.

        di = (mean - i) / tau dt + sigma sqrt(2 / tau) dW

    Its steady distribution is normal with that mean and the standard deviation sigma, its correlation exp(-|t| / tau);
    a step is exact for any dt. It begins at its mean. A run needs a key: ``simulate(model, t_end, key=key)``.

    Attributes:
        mean: [nA].
        sigma: [nA] standard deviation.
        tau: [ms] correlation time.

    Source: Uhlenbeck & Ornstein 1930, Phys Rev 36:823.
    """

    electrode = True
    noises = ("xi",)

    mean: nA = 0.0
    sigma: nA = 0.05
    tau: ms = 5.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {"x": inf_tau(self.mean, self.tau)}

    def noise(self, v: jax.Array, state: dict[str, jax.Array], xi: dict[str, jax.Array]) -> dict[str, jax.Array]:
        return {"x": _wiener(self.sigma, self.tau) * xi["xi"]}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return gate["x"]


@struct
class OUConductance(AbstractPointProcess):
    """Two noisy conductances, as the synapses of an active network make at the soma (point conductance).

        i = g_e (v - e_e) + g_i (v - e_i)
        dg_x = (g_x0 - g_x) / tau_x dt + sigma_x sqrt(2 / tau_x) dW_x,  x = e, i

    A step is exact for any dt; a conductance may be negative for a while, as in the paper. They begin at their means.

    Attributes:
        g_e0: [uS] mean excitatory conductance.
        g_i0: [uS] mean inhibitory conductance.
        sigma_e: [uS] standard deviation.
        sigma_i: [uS] standard deviation.
        tau_e: [ms] correlation time.
        tau_i: [ms] correlation time.
        e_e: [mV] reversal potential.
        e_i: [mV] reversal potential.

    Source: Destexhe, Rudolph, Fellous & Sejnowski 2001, Neuroscience 107:13.
    """

    noises = ("xi_e", "xi_i")

    g_e0: uS = 0.0121
    g_i0: uS = 0.0573
    sigma_e: uS = 0.0030
    sigma_i: uS = 0.0066
    tau_e: ms = 2.728
    tau_i: ms = 10.49
    e_e: mV = 0.0
    e_i: mV = -75.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {"g_e": inf_tau(self.g_e0, self.tau_e), "g_i": inf_tau(self.g_i0, self.tau_i)}

    def noise(self, v: jax.Array, state: dict[str, jax.Array], xi: dict[str, jax.Array]) -> dict[str, jax.Array]:
        return {
            "g_e": _wiener(self.sigma_e, self.tau_e) * xi["xi_e"],
            "g_i": _wiener(self.sigma_i, self.tau_i) * xi["xi_i"],
        }

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return gate["g_e"] * (v - self.e_e) + gate["g_i"] * (v - self.e_i)

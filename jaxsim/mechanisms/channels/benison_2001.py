"""The channels of the retinal ganglion cell of Benison, Keizer, Chalupa & Robinson (2001).

They are those of the published model files (nargc, kargc, canrgc, calrgc) with their conductances for defaults, which
leave the reversal potentials to the user. The rates have no temperature factor. The files' delayed rectifier is
`Kdr_RGC` of `skaliora_1995`.
"""

import jax

from jaxsim._exp import exp
from jaxsim._struct import struct
from jaxsim.mechanisms.base import AbstractChannel
from jaxsim.mechanisms.rates import Rate, alpha_beta, inf_tau, sigmoid, vtrap
from jaxsim.units import S_per_cm2, ms, mV


@struct
class Na_RGC(AbstractChannel):
    """Fast sodium current.

        i = gbar m^3 h (v - e)
        dx/dt = alpha_x (1 - x) - beta_x x,  x = m, h

        alpha_m = 0.5 (v + 29) / (1 - exp(-0.18 (v + 29)))      beta_m = 6 exp(-(v + 45) / 15)
        alpha_h = 0.15 exp(-(v + 47) / 20)                      beta_h = 2.8 / (1 + exp(-(v + 20) / 10))

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where sodium is not inserted.

    Source: Benison et al. 2001, J Theor Biol 210:187.
    """

    reads = {"e": "na.e"}
    carries = "na"

    gbar: S_per_cm2 = 0.01
    e: mV = 50.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {
            "m": alpha_beta(0.5 * vtrap(-(v + 29.0), 1.0 / 0.18), 6.0 * exp(-(v + 45.0) / 15.0)),
            "h": alpha_beta(0.15 * exp(-(v + 47.0) / 20.0), 2.8 * sigmoid((v + 20.0) / 10.0)),
        }

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * m * m * m * h * (v - self.e)


@struct
class KA_RGC(AbstractChannel):
    """Transient potassium current (A current).

        i = gbar m^3 h (v - e)
        dm/dt = alpha (1 - m) - beta m,    dh/dt = (h_inf - h) / tau_h

        alpha = 0.02 (v + 15) / (1 - exp(-0.12 (v + 15)))       beta = 0.05 exp(-(v + 1) / 30)
        h_inf = 1 / (1 + exp((v + 62) / 6.35))

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where potassium is not inserted.
        tau_h: [ms] time constant of h.

    Source: Benison et al. 2001, J Theor Biol 210:187; Skaliora et al. 1995, Eur J Neurosci 7:1558.
    """

    reads = {"e": "k.e"}
    carries = "k"

    gbar: S_per_cm2 = 0.01
    e: mV = -85.0
    tau_h: ms = 25.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {
            "m": alpha_beta(0.02 * vtrap(-(v + 15.0), 1.0 / 0.12), 0.05 * exp(-(v + 1.0) / 30.0)),
            "h": inf_tau(sigmoid(-(v + 62.0) / 6.35), self.tau_h),
        }

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * m * m * m * h * (v - self.e)


@struct
class CaN_RGC(AbstractChannel):
    """Calcium current of N type, which inactivates.

        i = gbar m^2 h (v - e)
        dx/dt = alpha_x (1 - x) - beta_x x,  x = m, h

        alpha_m = 0.1 (v - 20) / (1 - exp(-(v - 20) / 10))      beta_m = 0.4 exp(-(v + 25) / 18)
        alpha_h = 0.01 exp(-(v + 50) / 10)                      beta_h = 0.1 / (1 + exp(-(v + 17) / 17))

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where calcium is not inserted.

    Source: Benison et al. 2001, J Theor Biol 210:187; Huang & Robinson 1998, Neuroscience 85:239.
    """

    reads = {"e": "ca.e"}
    carries = "ca"

    gbar: S_per_cm2 = 0.01
    e: mV = 55.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {
            "m": alpha_beta(0.1 * vtrap(20.0 - v, 10.0), 0.4 * exp(-(v + 25.0) / 18.0)),
            "h": alpha_beta(0.01 * exp(-(v + 50.0) / 10.0), 0.1 * sigmoid((v + 17.0) / 17.0)),
        }

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * m * m * h * (v - self.e)


@struct
class CaL_RGC(AbstractChannel):
    """Calcium current of L type, which does not inactivate.

        i = gbar m^2 (v - e)
        dm/dt = alpha (1 - m) - beta m

        alpha = 0.061 (v - 3) / (1 - exp(-(v - 3) / 12.5))      beta = 0.058 exp(-(v - 10) / 15)

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where calcium is not inserted.

    Source: Benison et al. 2001, J Theor Biol 210:187; Huang & Robinson 1998, Neuroscience 85:239.
    """

    reads = {"e": "ca.e"}
    carries = "ca"

    gbar: S_per_cm2 = 0.01
    e: mV = 45.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {"m": alpha_beta(0.061 * vtrap(3.0 - v, 12.5), 0.058 * exp(-(v - 10.0) / 15.0))}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return self.gbar * gate["m"] * gate["m"] * (v - self.e)

"""The channels of the retinal ganglion cell of Fohlmeister & Miller (1997), at 22 degC.

They are the five currents of the published model file (spike), one by one, with its conductances for defaults. Calcium
is `Calcium(inside=1e-4, outside=1.8, celsius=22.0)` with the pool `CaDecay(depth=0.1, taur=1.5, cainf=1e-4)`; its
reversal potential is then Nernst's of the present concentration. Gates start at their steady state; the file starts
them at fixed numbers. The rates have no temperature factor.
"""

import jax

from jaxsim._exp import exp
from jaxsim._struct import struct
from jaxsim.mechanisms.base import AbstractChannel
from jaxsim.mechanisms.rates import Rate, alpha_beta, sigmoid, vtrap
from jaxsim.units import S_per_cm2, mM, mV


@struct
class Na_FM(AbstractChannel):
    """Fast sodium current.

        i = gbar m^3 h (v - e)
        dx/dt = alpha_x (1 - x) - beta_x x,  x = m, h

        alpha_m = 0.6 (v + 30) / (1 - exp(-(v + 30) / 10))      beta_m = 20 exp(-(v + 55) / 18)
        alpha_h = 0.4 exp(-(v + 50) / 20)                       beta_h = 6 / (1 + exp(-(v + 20) / 10))

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where sodium is not inserted.

    Source: Fohlmeister & Miller 1997, J Neurophysiol 78:1935.
    """

    reads = {"e": "na.e"}
    carries = "na"

    gbar: S_per_cm2 = 0.04
    e: mV = 35.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {
            "m": alpha_beta(0.6 * vtrap(-(v + 30.0), 10.0), 20.0 * exp(-(v + 55.0) / 18.0)),
            "h": alpha_beta(0.4 * exp(-(v + 50.0) / 20.0), 6.0 * sigmoid((v + 20.0) / 10.0)),
        }

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * m * m * m * h * (v - self.e)


@struct
class K_FM(AbstractChannel):
    """Delayed-rectifier potassium current.

        i = gbar n^4 (v - e)
        dn/dt = alpha (1 - n) - beta n

        alpha = 0.02 (v + 40) / (1 - exp(-(v + 40) / 10))       beta = 0.4 exp(-(v + 50) / 80)

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where potassium is not inserted.

    Source: Fohlmeister & Miller 1997, J Neurophysiol 78:1935.
    """

    reads = {"e": "k.e"}
    carries = "k"

    gbar: S_per_cm2 = 0.012
    e: mV = -75.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {"n": alpha_beta(0.02 * vtrap(-(v + 40.0), 10.0), 0.4 * exp(-(v + 50.0) / 80.0))}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        n = gate["n"]
        return self.gbar * (n * n) * (n * n) * (v - self.e)


@struct
class KA_FM(AbstractChannel):
    """Transient potassium current (A current).

        i = gbar p^3 q (v - e)
        dx/dt = alpha_x (1 - x) - beta_x x,  x = p, q

        alpha_p = 0.006 (v + 90) / (1 - exp(-(v + 90) / 10))    beta_p = 0.1 exp(-(v + 30) / 10)
        alpha_q = 0.04 exp(-(v + 70) / 20)                      beta_q = 0.6 / (1 + exp(-(v + 40) / 10))

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where potassium is not inserted.

    Source: Fohlmeister & Miller 1997, J Neurophysiol 78:1935.
    """

    reads = {"e": "k.e"}
    carries = "k"

    gbar: S_per_cm2 = 0.036
    e: mV = -75.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {
            "p": alpha_beta(0.006 * vtrap(-(v + 90.0), 10.0), 0.1 * exp(-(v + 30.0) / 10.0)),
            "q": alpha_beta(0.04 * exp(-(v + 70.0) / 20.0), 0.6 * sigmoid((v + 40.0) / 10.0)),
        }

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        p, q = gate["p"], gate["q"]
        return self.gbar * p * p * p * q * (v - self.e)


@struct
class Ca_FM(AbstractChannel):
    """Calcium current.

        i = gbar c^3 (v - e)
        dc/dt = alpha (1 - c) - beta c

        alpha = 0.3 (v + 13) / (1 - exp(-(v + 13) / 10))        beta = 10 exp(-(v + 38) / 18)

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where calcium is not inserted; that of 1e-4 and 1.8 mM at 22 degC.

    Source: Fohlmeister & Miller 1997, J Neurophysiol 78:1935.
    """

    reads = {"e": "ca.e"}
    carries = "ca"

    gbar: S_per_cm2 = 0.002
    e: mV = 124.6

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {"c": alpha_beta(0.3 * vtrap(-(v + 13.0), 10.0), 10.0 * exp(-(v + 38.0) / 18.0))}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        c = gate["c"]
        return self.gbar * c * c * c * (v - self.e)


@struct
class KCa_FM(AbstractChannel):
    """Potassium current that calcium opens at once.

        i = gbar (cai / ca_diss) / (1 + cai / ca_diss) (v - e)

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where potassium is not inserted.
        ca_diss: [mM] concentration that opens half of it.
        cai: [mM] calcium inside where calcium is not inserted.

    Source: Fohlmeister & Miller 1997, J Neurophysiol 78:1935.
    """

    reads = {"e": "k.e", "cai": "ca.inside"}
    carries = "k"

    gbar: S_per_cm2 = 5e-5
    e: mV = -75.0
    ca_diss: mM = 1e-3
    cai: mM = 1e-4

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return self.gbar * self.cai / (self.cai + self.ca_diss) * (v - self.e)

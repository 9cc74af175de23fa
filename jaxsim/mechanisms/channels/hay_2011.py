"""The voltage-gated channels of the layer-5 pyramidal cell of Hay et al. (2011) that need no calcium.

They are the channels of the published model files, renamed in nothing but the conductance and the reversal potential
(gNaTs2_tbar is `gbar`, ena, ek and ehcn are `e`). The files fix the temperature factor at 2.3^((34 - 21) / 10): the
default of `celsius`, 34 degC, gives exactly that; SKv3_1 and Ih have no factor. At the singular points of a rate the
files move v by 1e-4 mV; here the limit is taken.
"""

import jax

from jaxsim._exp import exp
from jaxsim._struct import struct
from jaxsim.mechanisms.base import AbstractChannel
from jaxsim.mechanisms.channels.pyramidal_gates import (
    opening_and_sum,
    persistent_potassium,
    persistent_sodium_h,
    transient_potassium,
    transient_sodium,
)
from jaxsim.mechanisms.rates import Rate, alpha_beta, inf_decay, q10, sigmoid, vtrap
from jaxsim.units import S_per_cm2, degC, mV

_Q10, _REFERENCE_CELSIUS = 2.3, 21.0
_JUNCTION = 10.0  # mV, the junction potential for which Korngreen & Sakmann's voltages are corrected


def _q(celsius: jax.Array | float) -> jax.Array:
    return q10(_Q10, celsius, _REFERENCE_CELSIUS)


@struct
class NaTs2_t(AbstractChannel):
    """Fast inactivating sodium current of the dendrites: NaTa_t shifted by 6 mV.

        i = gbar m^3 h (v - e)
        dx/dt = q (alpha_x (1 - x) - beta_x x),  q = 2.3^((celsius - 21) / 10),  x = m, h

        alpha_m =  0.182 (v + 32) / (1 - exp(-(v + 32) / 6))    beta_m = -0.124 (v + 32) / (1 - exp((v + 32) / 6))
        alpha_h = -0.015 (v + 60) / (1 - exp((v + 60) / 6))     beta_h =  0.015 (v + 60) / (1 - exp(-(v + 60) / 6))

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential.
        celsius: [degC] temperature.

    Source: Hay et al. 2011, PLoS Comput Biol 7:e1002107; Colbert & Pan 2002, Nat Neurosci 5:533.
    """

    reads = {"e": "na.e"}
    carries = "na"

    gbar: S_per_cm2 = 1e-5
    e: mV = 50.0
    celsius: degC = 34.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return transient_sodium(v + 32.0, v + 60.0, _q(self.celsius))

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * m * m * m * h * (v - self.e)


@struct
class NaTa_t(AbstractChannel):
    """Fast inactivating sodium current of the axon.

        i = gbar m^3 h (v - e)
        dx/dt = q (alpha_x (1 - x) - beta_x x),  q = 2.3^((celsius - 21) / 10),  x = m, h

        alpha_m =  0.182 (v + 38) / (1 - exp(-(v + 38) / 6))    beta_m = -0.124 (v + 38) / (1 - exp((v + 38) / 6))
        alpha_h = -0.015 (v + 66) / (1 - exp((v + 66) / 6))     beta_h =  0.015 (v + 66) / (1 - exp(-(v + 66) / 6))

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential.
        celsius: [degC] temperature.

    Source: Hay et al. 2011, PLoS Comput Biol 7:e1002107; Colbert & Pan 2002, Nat Neurosci 5:533.
    """

    reads = {"e": "na.e"}
    carries = "na"

    gbar: S_per_cm2 = 1e-5
    e: mV = 50.0
    celsius: degC = 34.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return transient_sodium(v + 38.0, v + 66.0, _q(self.celsius))

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * m * m * m * h * (v - self.e)


@struct
class Nap_Et2(AbstractChannel):
    """Persistent sodium current; m is six times slower than that of NaTa_t.

        i = gbar m^3 h (v - e)
        dx/dt = (x_inf - x) / tau_x,  q = 2.3^((celsius - 21) / 10),  x = m, h

        m_inf = 1 / (1 + exp(-(v + 52.6) / 4.6))    tau_m = 6 / (alpha_m + beta_m) / q
        h_inf = 1 / (1 + exp((v + 48.8) / 10))      tau_h = 1 / (alpha_h + beta_h) / q

        alpha_m = 0.182 (v + 38) / (1 - exp(-(v + 38) / 6))
        beta_m = -0.124 (v + 38) / (1 - exp((v + 38) / 6))
        alpha_h = -2.88e-6 (v + 17) / (1 - exp((v + 17) / 4.63))
        beta_h = 6.94e-6 (v + 64.4) / (1 - exp(-(v + 64.4) / 2.63))

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential.
        celsius: [degC] temperature.

    Source: Hay et al. 2011, PLoS Comput Biol 7:e1002107; Magistretti & Alonso 1999, J Gen Physiol 114:491.
    """

    reads = {"e": "na.e"}
    carries = "na"

    gbar: S_per_cm2 = 1e-5
    e: mV = 50.0
    celsius: degC = 34.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        q = _q(self.celsius)
        _, sum_m = opening_and_sum(v + 38.0, 0.182, 0.124)
        return {"m": inf_decay(sigmoid((v + 52.6) / 4.6), q / 6.0 * sum_m), "h": persistent_sodium_h(v, q)}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * m * m * m * h * (v - self.e)


@struct
class K_Pst(AbstractChannel):
    """Persistent (slowly inactivating) potassium current, its voltages corrected for a junction potential of -10 mV.

        i = gbar m^2 h (v - e)
        dx/dt = (x_inf - x) / tau_x,  q = 2.3^((celsius - 21) / 10),  u = v + 10,  x = m, h

        m_inf = 1 / (1 + exp(-(u + 1) / 12))
        tau_m = (1.25 + 175.03 exp(0.026 u)) / q where u < -50,  (1.25 + 13 exp(-0.026 u)) / q elsewhere
        h_inf = 1 / (1 + exp((u + 54) / 11))
        tau_h = (360 + (1010 + 24 (u + 55)) exp(-((u + 75) / 48)^2)) / q

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential.
        celsius: [degC] temperature.

    Source: Hay et al. 2011, PLoS Comput Biol 7:e1002107; Korngreen & Sakmann 2000, J Physiol 525:621.
    """

    reads = {"e": "k.e"}
    carries = "k"

    gbar: S_per_cm2 = 1e-5
    e: mV = -85.0
    celsius: degC = 34.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        u = v + _JUNCTION
        return persistent_potassium(sigmoid((u + 1.0) / 12.0), u, _q(self.celsius))

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * m * m * h * (v - self.e)


@struct
class K_Tst(AbstractChannel):
    """Transient potassium current, its voltages corrected for a junction potential of -10 mV.

        i = gbar m^4 h (v - e)
        dx/dt = (x_inf - x) / tau_x,  q = 2.3^((celsius - 21) / 10),  u = v + 10,  x = m, h

        m_inf = 1 / (1 + exp(-u / 19))           tau_m = (0.34 + 0.92 exp(-((u + 71) / 59)^2)) / q
        h_inf = 1 / (1 + exp((u + 66) / 10))     tau_h = (8 + 49 exp(-((u + 73) / 23)^2)) / q

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential.
        celsius: [degC] temperature.

    Source: Hay et al. 2011, PLoS Comput Biol 7:e1002107; Korngreen & Sakmann 2000, J Physiol 525:621.
    """

    reads = {"e": "k.e"}
    carries = "k"

    gbar: S_per_cm2 = 1e-5
    e: mV = -85.0
    celsius: degC = 34.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        u = v + _JUNCTION
        return transient_potassium(sigmoid(u / 19.0), u, _q(self.celsius))

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * (m * m) * (m * m) * h * (v - self.e)


@struct
class SKv3_1(AbstractChannel):
    """Fast, non-inactivating potassium current (Kv3.1).

        i = gbar m (v - e)
        dm/dt = (m_inf - m) / tau_m

        m_inf = 1 / (1 + exp(-(v - 18.7) / 9.7))    tau_m = 4 / (1 + exp(-(v + 46.56) / 44.14))

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential.

    Source: Hay et al. 2011, PLoS Comput Biol 7:e1002107; Rettig et al. 1992, EMBO J 11:2473.
    """

    reads = {"e": "k.e"}
    carries = "k"

    gbar: S_per_cm2 = 1e-5
    e: mV = -85.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {"m": inf_decay(sigmoid((v - 18.7) / 9.7), 0.25 * (1.0 + exp(-(v + 46.56) / 44.14)))}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return self.gbar * gate["m"] * (v - self.e)


@struct
class Im(AbstractChannel):
    """Muscarinic potassium current (M current).

        i = gbar m (v - e)
        dm/dt = q (alpha_m (1 - m) - beta_m m),  q = 2.3^((celsius - 21) / 10)

        alpha_m = 3.3e-3 exp(0.1 (v + 35))    beta_m = 3.3e-3 exp(-0.1 (v + 35))

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential.
        celsius: [degC] temperature.

    Source: Hay et al. 2011, PLoS Comput Biol 7:e1002107; Adams, Brown & Constanti 1982, J Physiol 330:537.
    """

    reads = {"e": "k.e"}
    carries = "k"

    gbar: S_per_cm2 = 1e-5
    e: mV = -85.0
    celsius: degC = 34.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        # alpha and beta are one exponential and its inverse, and m_inf is 1 / (1 + beta / alpha).
        w = exp(-0.1 * (v + 35.0))
        return {"m": inf_decay(1.0 / (1.0 + w * w), _q(self.celsius) * 3.3e-3 * (w + 1.0 / w))}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return self.gbar * gate["m"] * (v - self.e)


@struct
class Ih(AbstractChannel):
    """Hyperpolarisation-activated cation current.

        i = gbar m (v - e)
        dm/dt = alpha_m (1 - m) - beta_m m

        alpha_m = 0.00643 (v + 154.9) / (exp((v + 154.9) / 11.9) - 1)    beta_m = 0.193 exp(v / 33.1)

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential.

    Source: Hay et al. 2011, PLoS Comput Biol 7:e1002107; Kole, Hallermann & Stuart 2006, J Neurosci 26:1677.
    """

    gbar: S_per_cm2 = 1e-5
    e: mV = -45.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {"m": alpha_beta(0.00643 * vtrap(v + 154.9, 11.9), 0.193 * exp(v / 33.1))}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return self.gbar * gate["m"] * (v - self.e)

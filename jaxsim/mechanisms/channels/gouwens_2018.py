"""The channels of the cortical cells of Gouwens et al. (2018), the biophysical models of the Allen Cell Types Database.

They are those of the published model files that `hay_2011` and `hay_2011_calcium` do not have. The files' Ca_HVA,
Ca_LVA, Ih and Im are the classes of the same name there; Kv3_1 is `SKv3_1`, SK is `SK_E2`, and CaDynamics is
`CaDynamics_E2`, which begins at the concentration of the inserted `Calcium`, where the file begins at minCai. NaV is in
`carter_2012`. The models are simulated at 34 degC, the default of `celsius`. Parameters that the models leave alone
(shifts of 0, factors of 1) have their value.
"""

import jax
import jax.numpy as jnp

from jaxsim._exp import exp
from jaxsim._struct import struct
from jaxsim.mechanisms.base import AbstractChannel
from jaxsim.mechanisms.channels.pyramidal_gates import (
    bell,
    persistent_potassium,
    persistent_sodium_h,
    transient_potassium,
    transient_sodium,
)
from jaxsim.mechanisms.rates import Rate, alpha_beta, inf_decay, inf_tau, q10, sigmoid, vtrap
from jaxsim.units import S_per_cm2, degC, ms, mV

_Q10 = 2.3
_REFERENCE_CELSIUS = 21.0  # but for the transient sodium currents and Im_v2
_REFERENCE_CELSIUS_NA, _REFERENCE_CELSIUS_M = 23.0, 30.0
_SHORTEST_H2 = 100.0  # ms, at 21 degC; the fit is negative below -119.0 mV


@struct
class NaTs(AbstractChannel):
    """Fast inactivating sodium current of the soma.

        i = gbar m^3 h (v - e)
        dx/dt = q (alpha_x (1 - x) - beta_x x),  q = 2.3^((celsius - 23) / 10),  x = m, h

        alpha_m =  0.182 (v + 40) / (1 - exp(-(v + 40) / 6))    beta_m = -0.124 (v + 40) / (1 - exp((v + 40) / 6))
        alpha_h = -0.015 (v + 66) / (1 - exp((v + 66) / 6))     beta_h =  0.015 (v + 66) / (1 - exp(-(v + 66) / 6))

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where sodium is not inserted.
        celsius: [degC] temperature.

    Source: Gouwens et al. 2018, Nat Commun 9:710; Colbert & Pan 2002, Nat Neurosci 5:533.
    """

    reads = {"e": "na.e"}
    carries = "na"

    gbar: S_per_cm2 = 1e-5
    e: mV = 53.0
    celsius: degC = 34.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return transient_sodium(v + 40.0, v + 66.0, q10(_Q10, self.celsius, _REFERENCE_CELSIUS_NA))

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * m * m * m * h * (v - self.e)


@struct
class NaTa(AbstractChannel):
    """Fast inactivating sodium current of the axon.

        i = gbar m^3 h (v - e)
        dx/dt = q (alpha_x (1 - x) - beta_x x),  q = 2.3^((celsius - 23) / 10),  x = m, h

        alpha_m =  0.182 (v + 48) / (1 - exp(-(v + 48) / 6))    beta_m = -0.124 (v + 48) / (1 - exp((v + 48) / 6))
        alpha_h = -0.015 (v + 69) / (1 - exp((v + 69) / 6))     beta_h =  0.015 (v + 69) / (1 - exp(-(v + 69) / 6))

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where sodium is not inserted.
        celsius: [degC] temperature.

    Source: Gouwens et al. 2018, Nat Commun 9:710; Colbert & Pan 2002, Nat Neurosci 5:533.
    """

    reads = {"e": "na.e"}
    carries = "na"

    gbar: S_per_cm2 = 1e-5
    e: mV = 53.0
    celsius: degC = 34.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return transient_sodium(v + 48.0, v + 69.0, q10(_Q10, self.celsius, _REFERENCE_CELSIUS_NA))

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * m * m * m * h * (v - self.e)


@struct
class Nap(AbstractChannel):
    """Persistent sodium current that opens at once.

        i = gbar m_inf h (v - e)
        dh/dt = (h_inf - h) / tau_h,  q = 2.3^((celsius - 21) / 10)

        m_inf = 1 / (1 + exp(-(v + 52.6) / 4.6))
        h_inf = 1 / (1 + exp((v + 48.8) / 10))      tau_h = 1 / (alpha_h + beta_h) / q

        alpha_h = -2.88e-6 (v + 17) / (1 - exp((v + 17) / 4.63))
        beta_h = 6.94e-6 (v + 64.4) / (1 - exp(-(v + 64.4) / 2.63))

    The slope of the current has that of m_inf.

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where sodium is not inserted.
        celsius: [degC] temperature.

    Source: Gouwens et al. 2018, Nat Commun 9:710; Magistretti & Alonso 1999, J Gen Physiol 114:491.
    """

    reads = {"e": "na.e"}
    carries = "na"

    gbar: S_per_cm2 = 1e-5
    e: mV = 53.0
    celsius: degC = 34.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {"h": persistent_sodium_h(v, q10(_Q10, self.celsius, _REFERENCE_CELSIUS))}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return self.gbar * sigmoid((v + 52.6) / 4.6) * gate["h"] * (v - self.e)


@struct
class K_P(AbstractChannel):
    """Persistent (slowly inactivating) potassium current.

        i = gbar m^2 h (v - e)
        dx/dt = (x_inf - x) / tau_x,  q = 2.3^((celsius - 21) / 10),  x = m, h

        m_inf = 1 / (1 + exp(-(v + 14.3) / 14.6))
        tau_m = (1.25 + 175.03 exp(0.026 v)) / q where v < -50,  (1.25 + 13 exp(-0.026 v)) / q elsewhere
        h_inf = 1 / (1 + exp((v + 54) / 11))
        tau_h = (360 + (1010 + 24 (v + 55)) exp(-((v + 75) / 48)^2)) / q

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where potassium is not inserted.
        celsius: [degC] temperature.

    Source: Gouwens et al. 2018, Nat Commun 9:710; Korngreen & Sakmann 2000, J Physiol 525:621.
    """

    reads = {"e": "k.e"}
    carries = "k"

    gbar: S_per_cm2 = 1e-5
    e: mV = -107.0
    celsius: degC = 34.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return persistent_potassium(sigmoid((v + 14.3) / 14.6), v, q10(_Q10, self.celsius, _REFERENCE_CELSIUS))

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * m * m * h * (v - self.e)


@struct
class K_T(AbstractChannel):
    """Transient potassium current.

        i = gbar m^4 h (v - e)
        dx/dt = (x_inf - x) / tau_x,  q = 2.3^((celsius - 21) / 10),  x = m, h

        m_inf = 1 / (1 + exp(-(v + 47) / 29))    tau_m = (0.34 + 0.92 exp(-((v + 71) / 59)^2)) / q
        h_inf = 1 / (1 + exp((v + 66) / 10))     tau_h = (8 + 49 exp(-((v + 73) / 23)^2)) / q

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where potassium is not inserted.
        celsius: [degC] temperature.

    Source: Gouwens et al. 2018, Nat Commun 9:710; Korngreen & Sakmann 2000, J Physiol 525:621.
    """

    reads = {"e": "k.e"}
    carries = "k"

    gbar: S_per_cm2 = 1e-5
    e: mV = -107.0
    celsius: degC = 34.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return transient_potassium(sigmoid((v + 47.0) / 29.0), v, q10(_Q10, self.celsius, _REFERENCE_CELSIUS))

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * (m * m) * (m * m) * h * (v - self.e)


@struct
class Kv2like(AbstractChannel):
    """Slow delayed-rectifier potassium current like that of Kv2; half of it inactivates slowly, half very slowly.

        i = gbar m^2 (h1 + h2) / 2 (v - e)
        dm/dt = q (alpha (1 - m) - beta m) / 2.5,  q = 2.3^((celsius - 21) / 10)
        dx/dt = (h_inf - x) / tau_x,  x = h1, h2

        alpha = 0.12 (v - 43) / (1 - exp(-(v - 43) / 11))       beta = 0.02 exp(-(v + 1.27) / 120)
        h_inf = 1 / (1 + exp((v + 58) / 11))
        tau_h1 = (360 + (1010 + 23.7 (v + 54)) exp(-((v + 75) / 48)^2)) / q
        tau_h2 = (2350 + 1380 exp(-0.011 v) - 210 exp(-0.03 v)) / q

    tau_h2 is held at 100 ms / q below -118.4 mV, where the published fit goes through zero.

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where potassium is not inserted.
        celsius: [degC] temperature.

    Source: Gouwens et al. 2018, Nat Commun 9:710; Keren et al. 2005, J Neurophysiol 94:3730; Liu & Bean 2014,
    J Neurosci 34:4991.
    """

    reads = {"e": "k.e"}
    carries = "k"

    gbar: S_per_cm2 = 1e-5
    e: mV = -107.0
    celsius: degC = 34.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        q = q10(_Q10, self.celsius, _REFERENCE_CELSIUS)
        h_inf = sigmoid(-(v + 58.0) / 11.0)
        tau_h1 = 360.0 + (1010.0 + 23.7 * (v + 54.0)) * bell((v + 75.0) / 48.0)
        tau_h2 = jnp.maximum(2350.0 + 1380.0 * exp(-0.011 * v) - 210.0 * exp(-0.03 * v), _SHORTEST_H2)
        return {
            "m": alpha_beta(0.12 * vtrap(43.0 - v, 11.0), 0.02 * exp(-(v + 1.27) / 120.0), q / 2.5),
            "h1": inf_decay(h_inf, q / tau_h1),
            "h2": inf_decay(h_inf, q / tau_h2),
        }

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], 0.5 * (gate["h1"] + gate["h2"])
        return self.gbar * m * m * h * (v - self.e)


@struct
class Kd(AbstractChannel):
    """Potassium current that inactivates very slowly (D current, Kv1).

        i = gbar m h (v - e)
        dx/dt = (x_inf - x) / tau_x,  x = m, h

        m_inf = 1 / (1 + exp(-(v + 43) / 8))      h_inf = 1 / (1 + exp((v + 67) / 7.3))

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where potassium is not inserted.
        tau_m: [ms] time constant of m.
        tau_h: [ms] time constant of h.

    Source: Gouwens et al. 2018, Nat Commun 9:710; Foust et al. 2011, J Neurosci 31:15490.
    """

    reads = {"e": "k.e"}
    carries = "k"

    gbar: S_per_cm2 = 1e-5
    e: mV = -107.0
    tau_m: ms = 1.0
    tau_h: ms = 1500.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {
            "m": inf_tau(sigmoid((v + 43.0) / 8.0), self.tau_m),
            "h": inf_tau(sigmoid(-(v + 67.0) / 7.3), self.tau_h),
        }

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return self.gbar * gate["m"] * gate["h"] * (v - self.e)


@struct
class Im_v2(AbstractChannel):
    """Slow potassium current (M current, Kv7).

        i = gbar m (v - e)
        dm/dt = (m_inf - m) / tau,  q = 2.3^((celsius - 30) / 10)

        alpha = 0.007 exp(2.4 (v + 48) / 26.12)    beta = 0.007 exp(-3.6 (v + 48) / 26.12)
        m_inf = alpha / (alpha + beta)             tau = (15 + 1 / (alpha + beta)) / q

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where potassium is not inserted.
        celsius: [degC] temperature.

    Source: Gouwens et al. 2018, Nat Commun 9:710; after Vervaeke et al. 2006.
    """

    reads = {"e": "k.e"}
    carries = "k"

    gbar: S_per_cm2 = 1e-5
    e: mV = -107.0
    celsius: degC = 34.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        u = (v + 48.0) / 26.12
        total = 0.007 * (exp(2.4 * u) + exp(-3.6 * u))
        q = q10(_Q10, self.celsius, _REFERENCE_CELSIUS_M)
        return {"m": inf_decay(sigmoid(6.0 * u), q * total / (15.0 * total + 1.0))}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return self.gbar * gate["m"] * (v - self.e)

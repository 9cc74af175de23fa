"""The squid giant axon channels of Hodgkin & Huxley (1952)."""

import jax

from jaxsim._exp import exp
from jaxsim._struct import struct
from jaxsim.mechanisms.base import AbstractChannel
from jaxsim.mechanisms.rates import Rate, alpha_beta, q10, sigmoid, vtrap
from jaxsim.units import S_per_cm2, degC, mV

_REFERENCE_CELSIUS = 6.3  # temperature of the measurements
_Q10 = 3.0


@struct
class HH(AbstractChannel):
    """Squid giant axon sodium, potassium and leak currents.

        i = gbar_na m^3 h (v - e_na) + gbar_k n^4 (v - e_k) + gbar_leak (v - e_leak)
        dx/dt = q (alpha_x (1 - x) - beta_x x),  q = 3^((celsius - 6.3) / 10),  x = m, h, n

        alpha_m = 0.1 (v + 40) / (1 - exp(-(v + 40) / 10))      beta_m = 4 exp(-(v + 65) / 18)
        alpha_h = 0.07 exp(-(v + 65) / 20)                      beta_h = 1 / (1 + exp(-(v + 35) / 10))
        alpha_n = 0.01 (v + 55) / (1 - exp(-(v + 55) / 10))     beta_n = 0.125 exp(-(v + 65) / 80)

    Attributes:
        gbar_na: [S/cm2] sodium conductance.
        gbar_k: [S/cm2] potassium conductance.
        gbar_leak: [S/cm2] leak conductance.
        e_na: [mV] sodium reversal potential.
        e_k: [mV] potassium reversal potential.
        e_leak: [mV] leak reversal potential.
        celsius: [degC] temperature.

    Source: Hodgkin & Huxley 1952, J Physiol 117:500; sign turned and rest shifted to -65 mV as in common use.
    """

    reads = {"e_na": "na.e", "e_k": "k.e"}

    gbar_na: S_per_cm2 = 0.12
    gbar_k: S_per_cm2 = 0.036
    gbar_leak: S_per_cm2 = 0.0003
    e_na: mV = 50.0
    e_k: mV = -77.0
    e_leak: mV = -54.3
    celsius: degC = 6.3

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        q = q10(_Q10, self.celsius, _REFERENCE_CELSIUS)
        return {
            "m": alpha_beta(0.1 * vtrap(-(v + 40.0), 10.0), 4.0 * exp(-(v + 65.0) / 18.0), q),
            "h": alpha_beta(0.07 * exp(-(v + 65.0) / 20.0), sigmoid((v + 35.0) / 10.0), q),
            "n": alpha_beta(0.01 * vtrap(-(v + 55.0), 10.0), 0.125 * exp(-(v + 65.0) / 80.0), q),
        }

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> dict[str, jax.Array]:
        m, h, n = gate["m"], gate["h"], gate["n"]
        return {
            "na": self.gbar_na * m * m * m * h * (v - self.e_na),
            "k": self.gbar_k * (n * n) * (n * n) * (v - self.e_k),
            "": self.gbar_leak * (v - self.e_leak),
        }


HodgkinHuxley = HH

"""The delayed rectifier of retinal ganglion cells of Skaliora, Robinson, Scobey & Chalupa (1995)."""

import jax
import jax.numpy as jnp

from jaxsim._exp import exp
from jaxsim._struct import struct
from jaxsim.mechanisms.base import AbstractChannel
from jaxsim.mechanisms.rates import Rate, inf_decay, sigmoid
from jaxsim.mechanisms.reversal import thermal_voltage
from jaxsim.units import S_per_cm2, degC, ms, mV


@struct
class Kdr_RGC(AbstractChannel):
    """Delayed-rectifier potassium current of postnatal cells, which inactivates slowly.

        i = gbar m^3 h (v - e)
        dx/dt = (x_inf - x) / tau_x,  x = m, h

        m_inf = 1 / (1 + exp(-(v - 0.2) / 9.4))     tau_m = exp(0.8 y) / (0.04 (1 + exp(y)))
        h_inf = 1 / (1 + exp((v + 52.3) / 7.4))     tau_h = exp(0.6 z) / (0.0001 (1 + exp(z))), not below hmin
        y = 3 (v + 30) F / (R T)                    z = 4 (v + 58) F / (R T)

    Temperature enters by R T / F alone, as in the published file (kdrgc), whose q10 is 1.

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where potassium is not inserted.
        hmin: [ms] shortest time constant of h.
        celsius: [degC] temperature.

    Source: Skaliora et al. 1995, Eur J Neurosci 7:1558.
    """

    reads = {"e": "k.e"}
    carries = "k"

    gbar: S_per_cm2 = 0.02
    e: mV = -85.0
    hmin: ms = 700.0
    celsius: degC = 24.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        per_mv = 1.0 / thermal_voltage(self.celsius)
        y, z = 3.0 * per_mv * (v + 30.0), 4.0 * per_mv * (v + 58.0)
        # (1 + exp(y)) / exp(0.8 y) as a sum: neither of its terms overflows, and there is no quotient.
        decay_m = 0.04 * (exp(-0.8 * y) + exp(0.2 * y))
        decay_h = jnp.minimum(1e-4 * (exp(-0.6 * z) + exp(0.4 * z)), 1.0 / self.hmin)
        return {"m": inf_decay(sigmoid((v - 0.2) / 9.4), decay_m), "h": inf_decay(sigmoid(-(v + 52.3) / 7.4), decay_h)}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * m * m * m * h * (v - self.e)

"""The low-threshold calcium current of the thalamic relay cell of Destexhe, Neubig, Ulrich & Huguenard (1998)."""

import jax
import jax.numpy as jnp

from jaxsim._exp import exp
from jaxsim._struct import struct
from jaxsim.mechanisms.base import AbstractChannel
from jaxsim.mechanisms.rates import Rate, inf_decay, q10, sigmoid
from jaxsim.mechanisms.reversal import ghk_current
from jaxsim.units import cm_per_s, degC, mM, mV

_REFERENCE_CELSIUS = 24.0
_Q10_M, _Q10_H = 5.0, 3.0


@struct
class CaT_GHK(AbstractChannel):
    """Low-threshold calcium current (T type) by the equation of Goldman, Hodgkin and Katz, `ghk_current`.

        i = pbar m^2 h ghk(v, cai, cao)                 u = v + shift + actshift,  w = v + shift
        dx/dt = (x_inf - x) / tau_x,  x = m, h          q_m = 5^((celsius - 24) / 10),  q_h = 3^((celsius - 24) / 10)

        m_inf = 1 / (1 + exp(-(u + 57) / 6.2))
        tau_m = (0.612 + 1 / (exp(-(u + 132) / 16.7) + exp((u + 16.8) / 18.2))) / q_m
        h_inf = 1 / (1 + exp((w + 81) / 4))
        tau_h = exp((w + 467) / 66.6) / q_h where w < -80,  (28 + exp(-(w + 22) / 10.5)) / q_h elsewhere

    Attributes:
        pbar: [cm/s] permeability.
        shift: [mV] by which surface charge moves the curves; 2 mV stand for 2 mM calcium outside.
        actshift: [mV] by which m is moved besides.
        cai: [mM] calcium inside where calcium is not inserted.
        cao: [mM] calcium outside where calcium is not inserted.
        celsius: [degC] temperature.

    Source: Destexhe et al. 1998, J Neurosci 18:3574; Huguenard & McCormick 1992, J Neurophysiol 68:1373.
    """

    reads = {"cai": "ca.inside", "cao": "ca.outside"}
    carries = "ca"

    pbar: cm_per_s = 2e-4
    shift: mV = 2.0
    actshift: mV = 0.0
    cai: mM = 2.4e-4
    cao: mM = 2.0
    celsius: degC = 36.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        w = v + self.shift
        u = w + self.actshift
        tau_m = 0.612 + 1.0 / (exp(-(u + 132.0) / 16.7) + exp((u + 16.8) / 18.2))
        low = w < -80.0
        # The exponent is chosen, not the exponential: one in place of two, and neither can overflow.
        tau_h = jnp.where(low, 0.0, 28.0) + exp(jnp.where(low, (w + 467.0) / 66.6, -(w + 22.0) / 10.5))
        return {
            "m": inf_decay(sigmoid((u + 57.0) / 6.2), q10(_Q10_M, self.celsius, _REFERENCE_CELSIUS) / tau_m),
            "h": inf_decay(sigmoid(-(w + 81.0) / 4.0), q10(_Q10_H, self.celsius, _REFERENCE_CELSIUS) / tau_h),
        }

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.pbar * m * m * h * ghk_current(v, self.cai, self.cao, 2, self.celsius)

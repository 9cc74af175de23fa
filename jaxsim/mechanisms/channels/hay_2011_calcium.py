"""The mechanisms of the layer-5 pyramidal cell of Hay et al. (2011) that calcium passes through, opens or leaves by.

As in `hay_2011`, they are those of the published model files, renamed in nothing but the conductance, the reversal
potential and minCai, which is `cai_min`. Ca_LVA is the files' Ca_LVAst. Where calcium is inserted (`Calcium`), its
reversal potential is Nernst's; elsewhere it is NEURON's constant.
"""

import jax
import jax.numpy as jnp

from jaxsim._exp import exp
from jaxsim._struct import struct
from jaxsim.mechanisms.base import AbstractChannel, AbstractPool
from jaxsim.mechanisms.rates import Rate, alpha_beta, inf_decay, inf_tau, q10, sigmoid, vtrap
from jaxsim.units import FARADAY, S_per_cm2, degC, dimensionless, mA_per_cm2, mM, ms, mV, um

_Q10, _REFERENCE_CELSIUS = 2.3, 21.0
_JUNCTION = 10.0  # mV
_HALF_CALCIUM = 0.00043  # mM
_LEAST_CALCIUM = 1e-7  # mM, where SK_E2 is shut to 1e-17, and the power still has a slope
_UM_PER_CM = 1e4


@struct
class Ca_HVA(AbstractChannel):
    """High-voltage activated calcium current.

        i = gbar m^2 h (v - e)
        dx/dt = alpha_x (1 - x) - beta_x x,  x = m, h

        alpha_m = 0.055 (v + 27) / (1 - exp(-(v + 27) / 3.8))   beta_m = 0.94 exp(-(v + 75) / 17)
        alpha_h = 0.000457 exp(-(v + 13) / 50)                  beta_h = 0.0065 / (1 + exp(-(v + 15) / 28))

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where calcium is not inserted.

    Source: Hay et al. 2011, PLoS Comput Biol 7:e1002107; Reuveni et al. 1993, J Neurosci 13:4609.
    """

    reads = {"e": "ca.e"}
    carries = "ca"

    gbar: S_per_cm2 = 1e-5
    e: mV = 132.4579341637009

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {
            "m": alpha_beta(0.055 * vtrap(-(v + 27.0), 3.8), 0.94 * exp(-(v + 75.0) / 17.0)),
            "h": alpha_beta(0.000457 * exp(-(v + 13.0) / 50.0), 0.0065 * sigmoid((v + 15.0) / 28.0)),
        }

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * m * m * h * (v - self.e)


@struct
class Ca_LVA(AbstractChannel):
    """Low-voltage activated calcium current, its voltages corrected for a junction potential of -10 mV.

        i = gbar m^2 h (v - e)
        dx/dt = (x_inf - x) / tau_x,  q = 2.3^((celsius - 21) / 10),  u = v + 10,  x = m, h

        m_inf = 1 / (1 + exp(-(u + 30) / 6))      tau_m = (5 + 20 / (1 + exp((u + 25) / 5))) / q
        h_inf = 1 / (1 + exp((u + 80) / 6.4))     tau_h = (20 + 50 / (1 + exp((u + 40) / 7))) / q

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where calcium is not inserted.
        celsius: [degC] temperature.

    Source: Hay et al. 2011, PLoS Comput Biol 7:e1002107; Avery & Johnston 1996, J Neurosci 16:5567; time constants of
    Randall & Tsien 1997, Neuropharmacology 36:879.
    """

    reads = {"e": "ca.e"}
    carries = "ca"

    gbar: S_per_cm2 = 1e-5
    e: mV = 132.4579341637009
    celsius: degC = 34.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        q = q10(_Q10, self.celsius, _REFERENCE_CELSIUS)
        u = v + _JUNCTION
        tau_m = 5.0 + 20.0 * sigmoid(-(u + 25.0) / 5.0)
        tau_h = 20.0 + 50.0 * sigmoid(-(u + 40.0) / 7.0)
        return {
            "m": inf_decay(sigmoid((u + 30.0) / 6.0), q / tau_m),
            "h": inf_decay(sigmoid(-(u + 80.0) / 6.4), q / tau_h),
        }

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * m * m * h * (v - self.e)


@struct
class SK_E2(AbstractChannel):
    """Small-conductance potassium current that calcium opens.

        i = gbar z (v - e)
        dz/dt = (z_inf - z) / tau,  z_inf = 1 / (1 + (0.00043 / cai)^4.8)

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where potassium is not inserted.
        tau: [ms] time constant.
        cai: [mM] calcium inside where calcium is not inserted.

    Source: Hay et al. 2011, PLoS Comput Biol 7:e1002107; Kohler et al. 1996, Science 273:1709.
    """

    reads = {"e": "k.e", "cai": "ca.inside"}
    carries = "k"

    gbar: S_per_cm2 = 1e-6
    e: mV = -85.0
    tau: ms = 1.0
    cai: mM = 5e-5

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        power = 4.8 * jnp.log(jnp.maximum(self.cai, _LEAST_CALCIUM) / _HALF_CALCIUM)
        return {"z": inf_tau(sigmoid(power), self.tau)}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return self.gbar * gate["z"] * (v - self.e)


@struct
class CaDynamics_E2(AbstractPool):
    """Calcium in a shell below the membrane: a part of the calcium current stays free, and is pumped out.

        d cai / dt = -10^4 gamma i_ca / (2 F depth) - (cai - cai_min) / decay

    Attributes:
        ica: [mA/cm2] calcium current where calcium is not inserted.
        gamma: [1] part of the calcium that no buffer takes.
        decay: [ms] time constant of its removal.
        depth: [um] of the shell.
        cai_min: [mM] concentration that is left.

    Source: Hay et al. 2011, PLoS Comput Biol 7:e1002107; after Destexhe et al. 1994, J Neurophysiol 72:803.
    """

    reads = {"ica": "ca.i"}
    writes = {"cai": "ca.inside"}

    ica: mA_per_cm2 = 0.0
    gamma: dimensionless = 0.05
    decay: ms = 80.0
    depth: um = 0.1
    cai_min: mM = 1e-4

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        inward = -_UM_PER_CM * self.ica * self.gamma / (2.0 * FARADAY * self.depth)
        return {"cai": Rate(inward + self.cai_min / self.decay, 1.0 / self.decay)}

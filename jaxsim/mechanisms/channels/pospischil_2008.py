"""The channels of the minimal cortical and thalamic neurons of Pospischil et al. (2008).

They are the channels of the published model files (hh2, im, ical, it), whose sodium and potassium currents stand here
one by one, with the conductances of the files' cells for defaults: the regular-spiking cell, and for calcium the cells
that burst. Gates start at their steady state; the files start them at 0. The files' calcium reversal potential is
Nernst's of 2.4e-4 and 2 mM at 36 degC, 120 mV: here it is `e`.

A cell in the paper is one compartment: 96 um long and wide with Na, K, Km and `Leak(gbar=1e-4, e=-70.0)` spikes
regularly and adapts.
"""

import jax

from jaxsim._exp import exp
from jaxsim._struct import struct
from jaxsim.mechanisms.base import AbstractChannel
from jaxsim.mechanisms.rates import Rate, alpha_beta, inf_decay, q10, sigmoid, vtrap
from jaxsim.units import S_per_cm2, degC, ms, mV

_REFERENCE_CELSIUS = 36.0  # of the rates, but for h of CaT
_REFERENCE_CELSIUS_T = 24.0
_Q10, _Q10_M_CURRENT = 3.0, 2.3


@struct
class Na(AbstractChannel):
    """Fast sodium current of the action potential.

        i = gbar m^3 h (v - e)
        dx/dt = q (alpha_x (1 - x) - beta_x x),  q = 3^((celsius - 36) / 10),  u = v - vt,  x = m, h

        alpha_m = 0.32 (u - 13) / (1 - exp(-(u - 13) / 4))      beta_m = 0.28 (u - 40) / (exp((u - 40) / 5) - 1)
        alpha_h = 0.128 exp(-(u - 17) / 18)                     beta_h = 4 / (1 + exp(-(u - 40) / 5))

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential.
        vt: [mV] from where the voltage counts: moves the threshold.
        celsius: [degC] temperature.

    Source: Pospischil et al. 2008, Biol Cybern 99:427; Traub & Miles 1991, Neuronal Networks of the Hippocampus.
    """

    reads = {"e": "na.e"}
    carries = "na"

    gbar: S_per_cm2 = 0.05
    e: mV = 50.0
    vt: mV = -55.0
    celsius: degC = 36.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        q = q10(_Q10, self.celsius, _REFERENCE_CELSIUS)
        u = v - self.vt
        return {
            "m": alpha_beta(0.32 * vtrap(13.0 - u, 4.0), 0.28 * vtrap(u - 40.0, 5.0), q),
            "h": alpha_beta(0.128 * exp((17.0 - u) / 18.0), 4.0 * sigmoid((u - 40.0) / 5.0), q),
        }

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        m, h = gate["m"], gate["h"]
        return self.gbar * m * m * m * h * (v - self.e)


@struct
class K(AbstractChannel):
    """Delayed-rectifier potassium current of the action potential.

        i = gbar n^4 (v - e)
        dn/dt = q (alpha (1 - n) - beta n),  q = 3^((celsius - 36) / 10),  u = v - vt

        alpha = 0.032 (u - 15) / (1 - exp(-(u - 15) / 5))       beta = 0.5 exp(-(u - 10) / 40)

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential.
        vt: [mV] from where the voltage counts: moves the threshold.
        celsius: [degC] temperature.

    Source: Pospischil et al. 2008, Biol Cybern 99:427; Traub & Miles 1991, Neuronal Networks of the Hippocampus.
    """

    reads = {"e": "k.e"}
    carries = "k"

    gbar: S_per_cm2 = 0.005
    e: mV = -100.0
    vt: mV = -55.0
    celsius: degC = 36.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        q = q10(_Q10, self.celsius, _REFERENCE_CELSIUS)
        u = v - self.vt
        return {"n": alpha_beta(0.032 * vtrap(15.0 - u, 5.0), 0.5 * exp((10.0 - u) / 40.0), q)}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        n = gate["n"]
        return self.gbar * (n * n) * (n * n) * (v - self.e)


@struct
class Km(AbstractChannel):
    """Slow potassium current that adapts the firing (M current).

        i = gbar p (v - e)
        dp/dt = (p_inf - p) / tau,  q = 2.3^((celsius - 36) / 10)

        p_inf = 1 / (1 + exp(-(v + 35) / 10))
        tau = taumax / (3.3 exp((v + 35) / 20) + exp(-(v + 35) / 20)) / q

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential.
        taumax: [ms] scale of the time constant; its largest value is 0.275 of it.
        celsius: [degC] temperature.

    Source: Pospischil et al. 2008, Biol Cybern 99:427; Yamada, Koch & Adams 1989, Methods in Neuronal Modeling.
    """

    reads = {"e": "k.e"}
    carries = "k"

    gbar: S_per_cm2 = 7e-5
    e: mV = -100.0
    taumax: ms = 1000.0
    celsius: degC = 36.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        q = q10(_Q10_M_CURRENT, self.celsius, _REFERENCE_CELSIUS)
        u = (v + 35.0) / 20.0
        return {"p": inf_decay(sigmoid(2.0 * u), q / self.taumax * (3.3 * exp(u) + exp(-u)))}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return self.gbar * gate["p"] * (v - self.e)


@struct
class CaL(AbstractChannel):
    """High-threshold calcium current (L type) of cells that burst from the action potential's foot.

        i = gbar q^2 r (v - e)
        dx/dt = alpha_x (1 - x) - beta_x x,  x = q, r

        alpha_q = 0.055 (v + 27) / (1 - exp(-(v + 27) / 3.8))   beta_q = 0.94 exp(-(v + 75) / 17)
        alpha_r = 0.000457 exp(-(v + 13) / 50)                  beta_r = 0.0065 / (1 + exp(-(v + 15) / 28))

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential.

    Source: Pospischil et al. 2008, Biol Cybern 99:427; Reuveni et al. 1993, J Neurosci 13:4609.
    """

    reads = {"e": "ca.e"}
    carries = "ca"

    gbar: S_per_cm2 = 1e-4
    e: mV = 120.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {
            "q": alpha_beta(0.055 * vtrap(-(v + 27.0), 3.8), 0.94 * exp(-(v + 75.0) / 17.0)),
            "r": alpha_beta(0.000457 * exp(-(v + 13.0) / 50.0), 0.0065 * sigmoid((v + 15.0) / 28.0)),
        }

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        q, r = gate["q"], gate["r"]
        return self.gbar * q * q * r * (v - self.e)


@struct
class CaT(AbstractChannel):
    """Low-threshold calcium current (T type) of cells that burst on rebound; it opens at once.

        i = gbar s_inf^2 u (v - e)
        du/dt = (u_inf - u) / tau,  q = 3^((celsius - 24) / 10),  w = v + shift

        s_inf = 1 / (1 + exp(-(w + 57) / 6.2))      u_inf = 1 / (1 + exp((w + 81) / 4))
        tau = (30.8 + (211.4 + exp((w + 113.2) / 5)) / (1 + exp((w + 84) / 3.2))) / q

    `BackwardEuler` and `CrankNicolson` hold s_inf while they linearise the current, as the published file does, which
    makes `CrankNicolson` of first order; the other schemes take its slope.

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential.
        shift: [mV] by which surface charge moves the curves; 2 mV stand for 2 mM calcium outside.
        celsius: [degC] temperature.

    Source: Pospischil et al. 2008, Biol Cybern 99:427; Destexhe et al. 1996, J Neurophysiol 76:2049.
    """

    reads = {"e": "ca.e"}
    carries = "ca"

    gbar: S_per_cm2 = 0.001
    e: mV = 120.0
    shift: mV = 2.0
    celsius: degC = 36.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        q = q10(_Q10, self.celsius, _REFERENCE_CELSIUS_T)
        w = v + self.shift
        tau = 30.8 + (211.4 + exp((w + 113.2) / 5.0)) * sigmoid(-(w + 84.0) / 3.2)
        return {"u": inf_decay(sigmoid(-(w + 81.0) / 4.0), q / tau)}

    def held(self, v: jax.Array, gate: dict[str, jax.Array]) -> dict[str, jax.Array]:
        return {"s_inf": sigmoid((v + self.shift + 57.0) / 6.2)}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        s = gate["s_inf"]
        return self.gbar * s * s * gate["u"] * (v - self.e)

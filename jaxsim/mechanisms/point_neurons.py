"""Point neurons: models of a whole cell in one compartment, most with a reset in place of a spike's course.

Each is placed at a location of a cell of one compartment, whose capacitance is the model's; `point_neuron` makes one.
"""

import jax
import jax.numpy as jnp

from jaxsim._struct import static, struct
from jaxsim.mechanisms.point_process import AbstractPointProcess, AbstractSpiking
from jaxsim.mechanisms.rates import Rate, bounded_exp, inf_tau
from jaxsim.mechanisms.surrogate import jumped, spike
from jaxsim.units import dimensionless, ms, mV, nA, per_ms, uS


@struct
class LeakyIntegrator(AbstractPointProcess):
    """A graded neuron: what it gives to others is its voltage, there are no spikes.

        i = g (v - e)

    Attributes:
        g: [uS] leak conductance; the time constant is capacitance / g.
        e: [mV] resting potential.

    Source: Lapicque 1907, J Physiol Pathol Gen 9:620.
    """

    g: uS = 0.01
    e: mV = -65.0

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return self.g * (v - self.e)


@struct
class IntegrateAndFire(AbstractSpiking):
    """Leaky integrate-and-fire.

        i = g (v - e);    v >= v_threshold: a spike, then v = v_reset for the time of `refractory`

    Attributes:
        g: [uS] leak conductance.
        e: [mV] resting potential.
        v_threshold: [mV].
        v_reset: [mV].
        refractory: [ms], while the voltage is held.
        width: [mV] of the surrogate derivative.
        surrogate: its name, see `spike`.

    Source: Gerstner, Kistler, Naud & Paninski 2014, Neuronal Dynamics, section 1.3.
    """

    g: uS = 0.01
    e: mV = -65.0
    v_threshold: mV = -50.0
    v_reset: mV = -65.0
    refractory: ms = 2.0
    width: mV = 1.0
    surrogate: str = static(default="super_spike")

    def initial(self, v: jax.Array) -> dict[str, jax.Array]:
        return {"left": jnp.zeros_like(v), "spike": jnp.zeros_like(v)}

    def update(self, v: jax.Array, state: dict[str, jax.Array], dt: jax.Array) -> dict[str, jax.Array]:
        return {"left": jnp.maximum(state["left"] - dt, 0.0), "spike": state["spike"]}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return self.g * (v - self.e)

    def reset(self, v: jax.Array, state: dict[str, jax.Array]) -> tuple[jax.Array, dict[str, jax.Array]]:
        v = jnp.where(state["left"] > 0.0, self.v_reset, v)
        s = spike(v - self.v_threshold, self.width, self.surrogate)
        return jumped(s, v, self.v_reset), {"left": jumped(s, state["left"], self.refractory), "spike": s}


@struct
class AdEx(AbstractSpiking):
    """Adaptive exponential integrate-and-fire.

        i = g (v - e) - g delta exp((v - v_threshold) / delta) + w
        tau_w dw/dt = a (v - e) - w;    v >= v_peak: a spike, v = v_reset, w = w + b

    Attributes:
        g: [uS] leak conductance.
        e: [mV] resting potential.
        v_threshold: [mV] where the exponential current takes over.
        delta: [mV] slope factor.
        a: [uS] subthreshold adaptation.
        b: [nA] by which a spike raises w.
        tau_w: [ms] time constant of w.
        v_peak: [mV] where a spike is cut.
        v_reset: [mV].
        width: [mV] of the surrogate derivative.
        surrogate: its name, see `spike`.

    Source: Brette & Gerstner 2005, J Neurophysiol 94:3637, whose capacitance is 0.281 nF.
    """

    g: uS = 0.030
    e: mV = -70.6
    v_threshold: mV = -50.4
    delta: mV = 2.0
    a: uS = 0.004
    b: nA = 0.0805
    tau_w: ms = 144.0
    v_peak: mV = 20.0
    v_reset: mV = -70.6
    width: mV = 1.0
    surrogate: str = static(default="super_spike")

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {"w": inf_tau(self.a * (v - self.e), self.tau_w)}

    def initial(self, v: jax.Array) -> dict[str, jax.Array]:
        return {"w": self.a * (v - self.e), "spike": jnp.zeros_like(v)}

    def update(self, v: jax.Array, state: dict[str, jax.Array], dt: jax.Array) -> dict[str, jax.Array]:
        return {"spike": state["spike"]}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        upstroke = self.g * self.delta * bounded_exp((jnp.minimum(v, self.v_peak) - self.v_threshold) / self.delta)
        return self.g * (v - self.e) - upstroke + gate["w"]

    def reset(self, v: jax.Array, state: dict[str, jax.Array]) -> tuple[jax.Array, dict[str, jax.Array]]:
        s = spike(v - self.v_peak, self.width, self.surrogate)
        v = jnp.minimum(v, self.v_peak)
        return jumped(s, v, self.v_reset), {"w": jumped(s, state["w"], state["w"] + self.b), "spike": s}


@struct
class Izhikevich(AbstractSpiking):
    """The quadratic integrate-and-fire model with recovery of Izhikevich.

        C dv/dt = 0.04 v^2 + 5 v + 140 - u + I,    du/dt = a (b v - u);    v >= 30: a spike, v = c, u = u + d

    The paper's I without unit is in nA where the capacitance is 1 nF, the default of `point_neuron`.

    Attributes:
        a: [1/ms] rate of recovery.
        b: [uS] sensitivity of u.
        c: [mV] reset.
        d: [nA] by which a spike raises u.
        v_peak: [mV] where a spike is cut.
        width: [mV] of the surrogate derivative.
        surrogate: its name, see `spike`.

    Source: Izhikevich 2003, IEEE Trans Neural Netw 14:1569; the defaults are those of a regular-spiking cell.
    """

    a: per_ms = 0.02
    b: uS = 0.2
    c: mV = -65.0
    d: nA = 8.0
    v_peak: mV = 30.0
    width: mV = 1.0
    surrogate: str = static(default="super_spike")

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {"u": inf_tau(self.b * v, 1.0 / self.a)}

    def initial(self, v: jax.Array) -> dict[str, jax.Array]:
        return {"u": self.b * v, "spike": jnp.zeros_like(v)}

    def update(self, v: jax.Array, state: dict[str, jax.Array], dt: jax.Array) -> dict[str, jax.Array]:
        return {"spike": state["spike"]}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return gate["u"] - (0.04 * v * v + 5.0 * v + 140.0)

    def reset(self, v: jax.Array, state: dict[str, jax.Array]) -> tuple[jax.Array, dict[str, jax.Array]]:
        s = spike(v - self.v_peak, self.width, self.surrogate)
        v = jnp.minimum(v, self.v_peak)
        return jumped(s, v, self.c), {"u": jumped(s, state["u"], state["u"] + self.d), "spike": s}


@struct
class FitzHughNagumo(AbstractPointProcess):
    """The FitzHugh-Nagumo model, whose spikes are a limit cycle: nothing is reset.

        C dv/dt = v - v^3 / 3 - w + I,    dw/dt = (v + a - b w) / tau

    v and I have no unit in the papers; here they are mV and nA, with a capacitance of 1 nF, the default of
    `point_neuron`.

    Attributes:
        a: [1].
        b: [1].
        tau: [ms] time constant of w, 1 / 0.08 in FitzHugh's phi.

    Source: FitzHugh 1961, Biophys J 1:445; Nagumo, Arimoto & Yoshizawa 1962, Proc IRE 50:2061.
    """

    a: dimensionless = 0.7
    b: dimensionless = 0.8
    tau: ms = 12.5

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {"w": Rate((v + self.a) / self.tau, self.b / self.tau)}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return gate["w"] - (v - v * v * v / 3.0)

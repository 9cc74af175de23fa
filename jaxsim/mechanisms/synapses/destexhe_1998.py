"""Kinetic synapses of Destexhe, Mainen & Sejnowski 1998: a pulse of transmitter binds to receptors of two states.

An event releases transmitter at the concentration c_max for the time c_dur; while it is there, and for dead_time after
it, further events release nothing. Which share of receptors is open is then exact at any step, as the authors give it.
An event's weight is not used: gmax is the conductance.

Source: Destexhe, Mainen & Sejnowski 1998, Kinetic models of synaptic transmission, in Koch & Segev (eds), Methods in
Neuronal Modeling, 2nd ed., pp 1-25, with the parameters of its files (ModelDB 18500); Destexhe, Mainen & Sejnowski
1994, Neural Comput 6:14.
"""

import jax
import jax.numpy as jnp

from jaxsim._exp import exp
from jaxsim._struct import struct
from jaxsim.mechanisms.point_process import AbstractPointProcess
from jaxsim.units import dimensionless, mM, ms, mV, per_mM_ms, per_ms, uS

State = dict[str, jax.Array]


class _Pulsed(AbstractPointProcess):
    """Transmitter that an event releases: the state `released` counts down from c_dur [ms], to -dead_time."""

    c_max: mM
    c_dur: ms
    dead_time: ms
    alpha: per_mM_ms
    beta: per_ms

    def initial(self, v: jax.Array) -> State:
        return {"R": jnp.zeros_like(v), "released": jnp.broadcast_to(-self.dead_time, jnp.shape(v)).astype(v.dtype)}

    def receive(self, weight: jax.Array, v: jax.Array, state: State) -> State:
        since = state["released"]
        return {"released": jnp.where(since <= -self.dead_time, self.c_dur - since, 0.0)}

    def update(self, v: jax.Array, state: State, dt: jax.Array) -> State:
        """dR/dt = alpha C (1 - R) - beta R, exact: first with C = c_max for what is left of the pulse, then with 0."""
        left = jnp.clip(state["released"], 0.0, dt)
        rate = self.alpha * self.c_max + self.beta
        steady = self.alpha * self.c_max / rate
        bound = steady + (state["R"] - steady) * exp(-rate * left)
        released = jnp.maximum(state["released"] - dt, -self.dead_time)
        return {"R": bound * exp(-self.beta * (dt - left)), "released": released}


@struct
class AMPA(_Pulsed):
    """Fast excitation.

        i = gmax R (v - e),    dR/dt = alpha C (1 - R) - beta R

    Attributes:
        gmax: [uS] conductance with all receptors open.
        e: [mV] reversal potential.
        alpha: [1/(mM ms)] binding.
        beta: [1/ms] unbinding.
        c_max: [mM] transmitter.
        c_dur: [ms] how long it is there.
        dead_time: [ms] after it, in which events release nothing.

    Source: Destexhe et al. 1998.
    """

    gmax: uS = 1e-3
    e: mV = 0.0
    alpha: per_mM_ms = 1.1
    beta: per_ms = 0.19
    c_max: mM = 1.0
    c_dur: ms = 1.0
    dead_time: ms = 1.0

    def current(self, v: jax.Array, gate: State) -> jax.Array:
        return self.gmax * gate["R"] * (v - self.e)


@struct
class NMDA(_Pulsed):
    """Slow excitation, which magnesium blocks at negative voltages.

        i = gmax R B(v) (v - e),    B = 1 / (1 + exp(-0.062 v) mg / 3.57),    dR/dt = alpha C (1 - R) - beta R

    Attributes:
        gmax: [uS] conductance with all receptors open.
        e: [mV] reversal potential.
        alpha: [1/(mM ms)] binding.
        beta: [1/ms] unbinding.
        mg: [mM] magnesium outside.
        c_max: [mM] transmitter.
        c_dur: [ms] how long it is there.
        dead_time: [ms] after it, in which events release nothing.

    Source: Destexhe et al. 1998; the block: Jahr & Stevens 1990, J Neurosci 10:3178.
    """

    gmax: uS = 1e-4
    e: mV = 0.0
    alpha: per_mM_ms = 0.072
    beta: per_ms = 0.0066
    mg: mM = 1.0
    c_max: mM = 1.0
    c_dur: ms = 1.0
    dead_time: ms = 1.0

    def current(self, v: jax.Array, gate: State) -> jax.Array:
        block = 1.0 / (1.0 + exp(-0.062 * v) * self.mg / 3.57)
        return self.gmax * gate["R"] * block * (v - self.e)


@struct
class GABAA(_Pulsed):
    """Fast inhibition.

        i = gmax R (v - e),    dR/dt = alpha C (1 - R) - beta R

    Attributes:
        gmax: [uS] conductance with all receptors open.
        e: [mV] reversal potential.
        alpha: [1/(mM ms)] binding.
        beta: [1/ms] unbinding.
        c_max: [mM] transmitter.
        c_dur: [ms] how long it is there.
        dead_time: [ms] after it, in which events release nothing.

    Source: Destexhe et al. 1998.
    """

    gmax: uS = 1e-3
    e: mV = -80.0
    alpha: per_mM_ms = 5.0
    beta: per_ms = 0.18
    c_max: mM = 1.0
    c_dur: ms = 1.0
    dead_time: ms = 1.0

    def current(self, v: jax.Array, gate: State) -> jax.Array:
        return self.gmax * gate["R"] * (v - self.e)


@struct
class GABAB(_Pulsed):
    """Slow inhibition: receptors activate a G-protein, of which n open a potassium channel.

        i = gmax G^n / (G^n + kd) (v - e),    dR/dt = alpha C (1 - R) - beta R,    dG/dt = k3 R - k4 G

    Attributes:
        gmax: [uS] conductance with all channels open.
        e: [mV] reversal potential.
        alpha: [1/(mM ms)] binding, K1 of the paper.
        beta: [1/ms] unbinding, K2.
        k3: [1/ms] making of the G-protein.
        k4: [1/ms] its decay.
        kd: [1] dissociation constant of the channel.
        n: [1] binding sites of the channel.
        c_max: [mM] transmitter.
        c_dur: [ms] how long it is there.
        dead_time: [ms] after it, in which events release nothing.

    Source: Destexhe et al. 1998; the rates: Destexhe & Sejnowski 1995, PNAS 92:9515.
    """

    gmax: uS = 1e-3
    e: mV = -95.0
    alpha: per_mM_ms = 0.52
    beta: per_ms = 0.0013
    k3: per_ms = 0.098
    k4: per_ms = 0.033
    kd: dimensionless = 100.0
    n: dimensionless = 4.0
    c_max: mM = 0.5
    c_dur: ms = 0.3
    dead_time: ms = 1.0

    def initial(self, v: jax.Array) -> State:
        return {**super().initial(v), "G": jnp.zeros_like(v)}

    def update(self, v: jax.Array, state: State, dt: jax.Array) -> State:
        # G is stepped under the mean of R, to second order.
        new = super().update(v, state, dt)
        steady = self.k3 * 0.5 * (state["R"] + new["R"]) / self.k4
        return {**new, "G": steady + (state["G"] - steady) * exp(-self.k4 * dt)}

    def current(self, v: jax.Array, gate: State) -> jax.Array:
        bound = jnp.where(gate["G"] > 0.0, gate["G"], 1.0) ** self.n
        bound = jnp.where(gate["G"] > 0.0, bound, 0.0)
        return self.gmax * bound / (bound + self.kd) * (v - self.e)

"""Conductances that events open and that close exponentially."""

import jax
import jax.numpy as jnp

from jaxsim._struct import struct
from jaxsim.mechanisms.point_process import AbstractPointProcess
from jaxsim.mechanisms.rates import Rate
from jaxsim.units import ms, mV

# The rise of two exponentials is at most this share of their decay: with equal time constants they would cancel.
_LARGEST_SHARE = 0.9999


def _closing(tau: jax.Array, like: jax.Array) -> Rate:
    return Rate(jnp.zeros_like(like), jnp.broadcast_to(1.0 / tau, jnp.shape(like)))


@struct
class ExpSyn(AbstractPointProcess):
    """A conductance that jumps at each event by its weight [uS] and decays.

        i = g (v - e),    dg/dt = -g / tau;    at an event: g = g + weight

    Attributes:
        tau: [ms] time constant.
        e: [mV] reversal potential.

    Source: NEURON 9, ExpSyn (expsyn.mod).
    """

    tau: ms = 0.1
    e: mV = 0.0

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {"g": _closing(self.tau, v)}

    def receive(self, weight: jax.Array, v: jax.Array, state: dict[str, jax.Array]) -> dict[str, jax.Array]:
        return {"g": weight}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return gate["g"] * (v - self.e)


@struct
class Exp2Syn(AbstractPointProcess):
    """A conductance with exponential rise and decay, whose peak after one event is its weight [uS].

        i = (B - A) (v - e),    dA/dt = -A / tau1,    dB/dt = -B / tau2
        at an event: A = A + weight f, B = B + weight f
        1 / f = exp(-t_p / tau2) - exp(-t_p / tau1),    t_p = tau1 tau2 / (tau2 - tau1) log(tau2 / tau1)

    Attributes:
        tau1: [ms] time constant of the rise; one above 0.9999 tau2 is taken as that.
        tau2: [ms] time constant of the decay.
        e: [mV] reversal potential.

    Source: NEURON 9, Exp2Syn (exp2syn.mod).
    """

    tau1: ms = 0.1
    tau2: ms = 10.0
    e: mV = 0.0

    @property
    def _rise(self) -> jax.Array:
        return jnp.minimum(self.tau1, _LARGEST_SHARE * self.tau2)

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        return {"A": _closing(self._rise, v), "B": _closing(self.tau2, v)}

    def receive(self, weight: jax.Array, v: jax.Array, state: dict[str, jax.Array]) -> dict[str, jax.Array]:
        rise = self._rise
        peak = rise * self.tau2 / (self.tau2 - rise) * jnp.log(self.tau2 / rise)
        jump = weight / (jnp.exp(-peak / self.tau2) - jnp.exp(-peak / rise))
        return {"A": jump, "B": jump}

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return (gate["B"] - gate["A"]) * (v - self.e)

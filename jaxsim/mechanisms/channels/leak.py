"""The passive membrane conductance."""

import jax

from jaxsim._struct import struct
from jaxsim.mechanisms.base import AbstractChannel
from jaxsim.units import S_per_cm2, mV


@struct
class Leak(AbstractChannel):
    """A constant conductance.

        i = gbar (v - e)

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential.

    Source: Rall 1959, Exp Neurol 1:491 (the passive membrane of cable theory).
    """

    gbar: S_per_cm2 = 1e-4
    e: mV = -65.0

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return self.gbar * (v - self.e)

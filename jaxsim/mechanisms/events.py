"""Events and what sends them: instants at which a point process is told of something, with a weight."""

import jax
import jax.numpy as jnp

from jaxsim._struct import struct
from jaxsim.mechanisms.base import AbstractMechanism
from jaxsim.units import dimensionless, ms


@struct
class SpikeTrain(AbstractMechanism):
    """Events at given times, sent to a point process by `Cell.send`.

    Each arrives at its time plus the delay, in any order. Trains of one name may have different numbers of events: the
    shorter ones are filled up with infinite times, which never come.

    Attributes:
        times: (n_event,) [ms].
        weight: [1] what `AbstractPointProcess.receive` is given, in a unit of its own: of `ExpSyn` and `Exp2Syn` the
            conductance in uS.
        delay: [ms].

    Source: NEURON 9, VecStim and NetCon.
    """

    times: ms
    weight: dimensionless = 1.0
    delay: ms = 0.0

    def arrivals(self) -> jax.Array:
        """(n_event,) [ms], when the events arrive."""
        return jnp.asarray(self.times) + self.delay

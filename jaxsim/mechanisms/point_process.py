"""Point processes: what is placed at a location, what events tell it, and what it tells itself."""

import abc
from typing import Any, ClassVar

import jax

from jaxsim.mechanisms.base import AbstractCurrent

# What sends events, and their flags [1].
SelfEvents = tuple[tuple[jax.Array, jax.Array | float], ...]


class AbstractPointProcess(AbstractCurrent):
    """What is placed at a location: its current is in nA, whatever the membrane's area there.

    It is written as a channel, with states of its own; several may stand at one location. A conductance that opens for
    a while::

        @js.struct
        class Shunt(js.AbstractPointProcess):
            g: js.units.uS = 1e-3
            e: js.units.mV = -70.0
            start: js.units.ms = 10.0
            stop: js.units.ms = 20.0

            def input(self, t):
                return {"open": jnp.where((t >= self.start) & (t < self.stop), 1.0, 0.0)}

            def current(self, v, gate):
                return self.g * gate["open"] * (v - self.e)

    Parameters that are arrays for one instance (samples, for example) are there for `input` only.

    What follows an event later (the end of a pulse, the next one of a group) is an event that it sends to itself, as
    NEURON's net_send: `sends` says when, `receive` what it does. What happens where a voltage or a state passes a value
    is an event too, see `crossings`.

    Attributes:
        electrode: whether the current is that of an electrode, inward positive, as a stimulus's.
        waiting: how many events that it sends to itself may wait at one time, those of each connection for themselves.
            One more makes its states nan.
    """

    electrode: ClassVar[bool] = False
    waiting: ClassVar[int] = 8

    def connection(self) -> dict[str, Any]:
        """Numbers that each connection keeps for `receive`, as they begin; by default none.

        Returns:
            Name -> value, of the shape of a parameter or a number.
        """
        return {}

    def receive(self, weight: jax.Array, v: jax.Array, state: dict[str, jax.Array]) -> dict[str, jax.Array]:
        """What an event adds to the states; by default nothing: events cannot be sent to it.

        Where this depends on the weight and on parameters alone and the states are those of `rates`, the schemes of
        second order take the instant of an event inside a step into account, and its time can be trained. Else it
        enters whole before its step; events of one step see the states before it. The schemes that equal NEURON's
        round the times of all events to steps.

        Args:
            weight: any shape [as the process says], the event's.
            v: the same shape [mV], membrane voltage.
            state: state name -> array of the same shape; among them the connection's numbers, "t" [ms], when the event
                arrives, and "flag" [1], which is 0 of one from outside.

        Returns:
            State, or number of the connection -> what is added to it.
        """
        return {}

    def sends(self, weight: jax.Array, v: jax.Array, state: dict[str, jax.Array]) -> SelfEvents:
        """The events that it sends to itself when one arrives; by default none.

        They arrive with the weight and the numbers of the connection of that event. As with all that are not sums, one
        enters whole with the step that it falls in.

        Args:
            weight: as of `receive`.
            v: the same.
            state: the same, before the event.

        Returns:
            For each (how much later [ms], inf for not at all; its flag [1]).
        """
        return ()

    def sends_at_start(self, v: jax.Array) -> SelfEvents:
        """The events that it sends to itself when a run begins, without a weight; by default none.

        Args:
            v: any shape [mV], initial voltage.

        Returns:
            As of `sends`.
        """
        return ()

    def crossings(self, v: jax.Array, state: dict[str, jax.Array]) -> SelfEvents:
        """What sends an event to itself, without a weight, at the step that takes it above 0; by default nothing.

        It is looked at before each step. Where it begins to be looked at above 0 it must have come down first.

        Args:
            v: any shape [mV], membrane voltage.
            state: state name -> array of the same shape; among them "t" [ms], the time.

        Returns:
            For each (a value [any unit], -inf where it is not looked at; the flag of the event [1]).
        """
        return ()


class AbstractSpiking(AbstractPointProcess):
    """A point neuron whose spikes are instants: after each step `reset` says what they change.

    Where its current falls with the voltage faster than half the capacitance over dt, as in an upstroke, it is taken as
    falling so fast: the steps of an upstroke are of first order, and stable. One stands at a location.
    """

    @abc.abstractmethod
    def reset(self, v: jax.Array, state: dict[str, jax.Array]) -> tuple[jax.Array, dict[str, jax.Array]]:
        """The voltage and the states after a step, by spikes if there were.

        Args:
            v: any shape [mV], the voltage that the step led to.
            state: state name -> array of the shape of v.

        Returns:
            The voltage, and the states that a spike changes.
        """

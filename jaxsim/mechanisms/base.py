"""What a mechanism is: a struct of its own parameters with pure methods, and nothing else.

A mechanism is written as if for one compartment. The framework stacks its instances (each parameter becomes an array
with one entry an instance), evaluates the methods elementwise, takes slopes by automatic differentiation and integrates
the states.
"""

import abc
import dataclasses
import functools
from typing import Any

import jax

from jaxsim.mechanisms.rates import Rate
from jaxsim.units import unit_of


class AbstractMechanism(abc.ABC):
    """A struct whose fields are its parameters (leaves: they batch and train)."""

    @classmethod
    def parameters(cls) -> dict[str, str]:
        """The parameters and their units.

        Returns:
            Parameter name -> unit, in the order of declaration; static fields are not parameters.
        """
        return dict(_parameters(cls))


@functools.cache
def _parameters(cls: type) -> dict[str, str]:
    return {f.name: unit_of(cls, f.name) for f in dataclasses.fields(cls) if not f.metadata.get("static", False)}


class AbstractChannel(AbstractMechanism):
    """A density mechanism: a membrane current per area with gates that follow the voltage.

        dx/dt = alpha(v) (1 - x) - beta(v) x    for each gate x

    `rates` gives the equations of the gates, `current` the current. Both see arrays of any one shape and must work
    elementwise. Adding a channel is one class::

        @js.struct
        class Kv(js.AbstractChannel):
            gbar: js.units.S_per_cm2 = 0.01
            e: js.units.mV = -77.0

            def rates(self, v):
                return {"n": js.alpha_beta(0.1 * js.vtrap(-(v + 55.0), 10.0), 0.125 * js.exp(-(v + 65.0) / 80.0))}

            def current(self, v, gate):
                return self.gbar * gate["n"] ** 4 * (v - self.e)
    """

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        """The gate equations at voltage v [mV]; a channel without gates has none.

        Args:
            v: any shape [mV], membrane voltage.

        Returns:
            Gate name -> `Rate`, arrays of the shape of v.
        """
        return {}

    @abc.abstractmethod
    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        """The membrane current, outward positive.

        Args:
            v: any shape [mV], membrane voltage.
            gate: gate name -> array of the shape of v [1].

        Returns:
            Array of the shape of v [mA/cm2].
        """


class AbstractStimulus(AbstractMechanism):
    """A current injected at a location, inward positive, a function of time alone."""

    @abc.abstractmethod
    def current(self, t: jax.Array) -> jax.Array:
        """The injected current at time t.

        Args:
            t: () [ms], time.

        Returns:
            () [nA], positive depolarises.
        """


class AbstractClamp(AbstractMechanism):
    """An ideal voltage source at a location: it holds the voltage at a command while it is on."""

    @abc.abstractmethod
    def command(self, t: jax.Array) -> jax.Array:
        """The voltage held at time t, the start or the end of a step: () [ms] -> () [mV]."""

    @abc.abstractmethod
    def on(self, t: jax.Array) -> jax.Array:
        """Whether the clamp holds in the step whose middle is t: () [ms] -> () bool."""


def stacked(mechanism: AbstractMechanism, values: dict[str, Any]) -> Any:
    """The same mechanism with parameters replaced by `values` (name -> array)."""
    return dataclasses.replace(mechanism, **values)  # type: ignore[type-var]

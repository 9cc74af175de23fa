"""What a mechanism is: a struct of its own parameters with pure methods, and nothing else.

A mechanism is written as if for one compartment. The framework stacks its instances (each parameter becomes an array
with one entry an instance), evaluates the methods elementwise, takes slopes by automatic differentiation and integrates
the states.
"""

import abc
import dataclasses
import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import jax

from jaxsim.mechanisms.rates import Rate
from jaxsim.units import degC, mM, unit_of


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


class AbstractPainted(AbstractMechanism):
    """What is inserted in compartments: a channel, a pool, an ion, or the diffusion of one."""


class AbstractDynamics(AbstractMechanism):
    """States that follow equations of their own: what a density mechanism and a point process have.

    Attributes:
        reads: parameter -> quantity of an ion, such as ``{"e": "ca.e", "cai": "ca.inside"}``. Where that ion is
            inserted the parameter is the ion's present value, elsewhere its own. The quantities are e [mV], inside and
            outside [mM], and for a pool i [mA/cm2]. ``"cable.diam"`` [um] and ``"cable.area"`` [um2] are the
            compartment's mean diameter and area, always.
        starts_steady: whether the states of `derivative` are brought to rest from `initial`, at the initial voltage.
        noises: names of the independent noises that `noise` makes use of.
    """

    reads: ClassVar[Mapping[str, str]] = MappingProxyType({})
    starts_steady: ClassVar[bool] = False
    noises: ClassVar[tuple[str, ...]] = ()

    def input(self, t: jax.Array) -> dict[str, jax.Array]:
        """Functions of time alone, which `derivative`, `update` and the current see among the states; by default none.

        The current sees them at the middle of a step, the equations of the states at its end, as in NEURON.

        Args:
            t: () [ms], time.

        Returns:
            Name -> () value.
        """
        return {}

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        """The equations of the states at voltage v [mV]; a mechanism without states has none.

        Args:
            v: any shape [mV], membrane voltage.

        Returns:
            State name -> `Rate`, arrays of the shape of v.
        """
        return {}

    def derivative(self, v: jax.Array, state: dict[str, jax.Array]) -> dict[str, jax.Array]:
        """The equations of states that depend on one another or are not linear in themselves; by default none.

        They are stepped together, implicitly, with the exact Jacobian; what they conserve is conserved.

        Args:
            v: any shape [mV], membrane voltage.
            state: state name -> array of the shape of v; all states.

        Returns:
            State name -> d state / dt [1/ms], of the states that `rates` has not.
        """
        return {}

    def update(self, v: jax.Array, state: dict[str, jax.Array], dt: jax.Array) -> dict[str, jax.Array]:
        """States that the mechanism steps by itself, for equations that are given as steps; by default none.

        Args:
            v: any shape [mV], membrane voltage.
            state: state name -> array of the shape of v; all states, those of `rates` and `derivative` after dt.
            dt: () [ms], step, positive.

        Returns:
            State name -> the state after dt, of the states that neither `rates` nor `derivative` has.
        """
        return {}

    def initial(self, v: jax.Array) -> dict[str, jax.Array]:
        """The states at the start of a run: by default those of `rates`, steady at the initial voltage.

        Args:
            v: any shape [mV], initial voltage.

        Returns:
            State name -> array of the shape of v, or a number.
        """
        return {x: rate.x_inf for x, rate in self.rates(v).items()}

    def noise(self, v: jax.Array, state: dict[str, jax.Array], xi: dict[str, jax.Array]) -> dict[str, jax.Array]:
        """What white noise adds to the states (Ito), beside their equations; by default nothing.

            dx = f dt + sum_k g_k dW_k

        Args:
            v: any shape [mV], membrane voltage.
            state: state name -> array of the shape of v.
            xi: noise name -> array of the shape of v [1], standard normal numbers, new ones in each step.

        Returns:
            State name -> sum_k g_k xi_k [1/sqrt(ms)], of the states that are noisy.
        """
        return {}


class AbstractCurrent(AbstractDynamics):
    """States and a current that they let flow through the membrane.

    Attributes:
        carries: the ion whose current it is; none by default.
    """

    carries: ClassVar[str] = ""

    def held(self, v: jax.Array, gate: dict[str, jax.Array]) -> dict[str, jax.Array]:
        """Quantities that the current sees among the gates, computed from the voltage; by default none.

        The schemes that equal NEURON's keep them while they linearise the current, as NEURON keeps what a .mod file
        computes outside its BREAKPOINT block; the others take their slope too.

        Args:
            v: any shape [mV], membrane voltage.
            gate: gate name -> array of the shape of v.

        Returns:
            Name -> array of the shape of v.
        """
        return {}

    @abc.abstractmethod
    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array | dict[str, jax.Array]:
        """The current, outward positive.

        Args:
            v: any shape [mV], membrane voltage.
            gate: gate name -> array of the shape of v [1].

        Returns:
            Array of the shape of v, [mA/cm2] of a channel and [nA] of a point process; a dict of ion -> array where
            several are carried, ``""`` for none.
        """


def currents(channel: AbstractCurrent, v: jax.Array, gate: dict[str, jax.Array]) -> dict[str, jax.Array]:
    """A mechanism's current by the ion that carries it, ``""`` for none; arguments as of its `current`."""
    i = channel.current(v, {**channel.held(v, gate), **gate})
    return i if isinstance(i, dict) else {channel.carries: i}


class AbstractDensity(AbstractDynamics, AbstractPainted):
    """What is painted on the membrane: a channel, a pool, or both."""


class AbstractChannel(AbstractCurrent, AbstractDensity):
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

    With ``reads = {"e": "k.e"}`` and ``carries = "k"`` its current is potassium's, and where potassium is inserted its
    reversal potential is Nernst's.
    """


class AbstractPool(AbstractDensity):
    """A density mechanism that changes concentrations: some of its states are an ion's inside or outside one.

    A pool that decays, of which a part of the calcium current is free::

        @js.struct
        class Decaying(js.AbstractPool):
            reads = {"ica": "ca.i"}
            writes = {"cai": "ca.inside"}
            ica: js.units.mA_per_cm2 = 0.0
            per_charge: js.units.dimensionless = 2.6
            tau: js.units.ms = 80.0
            cai_inf: js.units.mM = 1e-4

            def rates(self, v):
                return {"cai": js.Rate(-self.per_charge * self.ica + self.cai_inf / self.tau, 1.0 / self.tau)}

    A concentration begins as the ion has it, unless `initial` says otherwise.

    Attributes:
        writes: state -> concentration that it is, ``"<ion>.inside"`` or ``"<ion>.outside"``.
    """

    writes: ClassVar[Mapping[str, str]]

    def initial(self, v: jax.Array) -> dict[str, jax.Array]:
        return {x: rate.x_inf for x, rate in self.rates(v).items() if x not in self.writes}


class AbstractIon(AbstractPainted):
    """An ion: its concentrations on both sides of the membrane, whence its reversal potential.

    A subclass is a struct with the parameters inside and outside [mM] and celsius [degC]. In a model it has the name of
    its symbol.

    Attributes:
        symbol: its name, such as ``"ca"``.
        valence: its charge number.
    """

    symbol: ClassVar[str]
    valence: ClassVar[int]
    inside: mM
    outside: mM
    celsius: degC


def name_of(mechanism: AbstractMechanism) -> str:
    """What a mechanism is called where no name is given: an ion's symbol, else its class."""
    return mechanism.symbol if isinstance(mechanism, AbstractIon) else type(mechanism).__name__


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

"""Schemes: how a state goes from t to t + dt. Configuration as objects; each step reads as the scheme is written."""

import abc
import dataclasses
import math
from typing import ClassVar

import jax
import jax.numpy as jnp

from jaxsim._struct import struct
from jaxsim.model.circuit import Circuit
from jaxsim.model.drive import Drive, during, ending
from jaxsim.model.events import receive_late
from jaxsim.model.gates import Coupled, advance_drifting_gates, advance_gates
from jaxsim.model.ions import Concentrations, Gates, halfway, reading
from jaxsim.model.jumps import jump
from jaxsim.model.pools import advance_concentrations, advance_pools, diffuse
from jaxsim.model.voltage import Solved, Weights, one_stage_voltage, two_stage_voltage, where_free
from jaxsim.numerics.ode import implicit_euler, implicit_midpoint
from jaxsim.numerics.ops import Ops

# Weights of v(t + dt) and v(t - dt) in the damped scheme: of the second-order ones of this form they leave the least of
# what is infinitely fast, a third a step.
_IMPLICIT, _EARLIER = 9.0 / 16.0, 1.0 / 16.0
# One such step of a long cable under a current that has just begun is exact where it enters: 1 / sqrt(a) =
# 2 / sqrt(pi).
_AFRESH = math.pi / 4.0
# The mean of a parabola over a step less its middle, in units of its second difference.
_BEND = 1.0 / 24.0


@struct
class Moving:
    """What a scheme carries from step to step.

    Attributes:
        v: (n_node,) [mV], voltage at t.
        gates: channel or pool -> state -> (n_place,), pools' at t, channels' at t, or at t + dt / 2 where staggered.
        ions: ion -> "inside" or "outside" -> (n_node,) [mM], at t.
        ions_before: as ions, at t - dt, inf where they are not known.
        before: (n_node,) [mV], voltage at t - dt, inf where nothing is known of the past (a mark at each node: a number
            a lane would be loaded again at each node of a batch); None for a scheme that does not look back.
    """

    v: jax.Array
    gates: Gates
    ions: Concentrations
    ions_before: Concentrations
    before: jax.Array | None = None


class AbstractMethod(abc.ABC):
    """A time scheme.

    Attributes:
        staggered: whether the gates live half a step after the voltage.
        looks_back: whether it needs the voltage one step earlier.
        sees_instants: whether events have an instant inside a step; else they arrive at the nearest step's start.
    """

    staggered: ClassVar[bool] = True
    looks_back: ClassVar[bool] = False
    sees_instants: ClassVar[bool] = True

    @abc.abstractmethod
    def step(self, circuit: Circuit, now: Moving, drive: Drive, dt: jax.Array, ops: Ops) -> tuple[Moving, Solved]:
        """One step, in this order: reversal potentials, currents, voltage, concentrations, gates.

        Args:
            circuit: the circuit.
            now: the state at t.
            drive: what acts from outside during the step.
            dt: () [ms].
            ops: the differentiable operations.

        Returns:
            The state at t + dt, and what flowed during the step.
        """


class AbstractTheta(AbstractMethod):
    """One implicit stage for the voltage, then the gates at the new voltage."""

    sees_instants: ClassVar[bool] = False

    @property
    @abc.abstractmethod
    def theta(self) -> float:
        """Where in the step the implicit equation stands: 1 at its end, 1/2 in its middle."""

    @property
    @abc.abstractmethod
    def coupled(self) -> Coupled:
        """How states that depend on one another are stepped."""

    def step(self, circuit: Circuit, now: Moving, drive: Drive, dt: jax.Array, ops: Ops) -> tuple[Moving, Solved]:
        weights, coupled = Weights(self.theta, 0.0, 1.0 / self.theta), self.coupled
        wires = reading(during(circuit, drive), now.ions, ops)
        explicit = not self.staggered
        solved = one_stage_voltage(wires, now.v, None, now.gates, drive, dt, weights, ops, explicit, neurons=True)
        flow = solved.ion_current
        wires = ending(wires, drive)
        v, gates, _ = jump(wires, solved.v, now.gates, ops)
        ions, gates = advance_pools(wires, now.ions, gates, flow, v, dt, ops, coupled)
        ions = diffuse(circuit, ions, dt, ops, second_order=False)
        gates = advance_gates(reading(wires, ions, ops), gates, v, dt, ops, coupled)
        return Moving(v, gates, ions, now.ions), solved


@dataclasses.dataclass(frozen=True)
class BackwardEuler(AbstractTheta):
    """NEURON's default fixed step (secondorder = 0): first order, damps everything.

        (C/dt + di/dv + G) v(t+dt) = C/dt v(t) - i(v(t)) + di/dv v(t) + i_ext(t + dt/2)    gates held
        c(t+dt) = c_inf + (c(t) - c_inf) exp(-dt / tau)                                    under i_ion(v(t))
        x(t+dt) = x_inf + (x(t) - x_inf) exp(-dt / tau)                                    at the new voltage and c

    for voltage v, concentrations c and gates x, in this order; reversal potentials in i are those of c(t).

    Source: Hines 1984, Int J Biomed Comput 15:69; NEURON 9, fadvance.cpp.
    """

    staggered: ClassVar[bool] = False

    @property
    def theta(self) -> float:
        return 1.0

    @property
    def coupled(self) -> Coupled:
        return implicit_euler


@dataclasses.dataclass(frozen=True)
class CrankNicolson(AbstractTheta):
    """NEURON's second-order fixed step (secondorder = 2): gates live at t + dt/2, the voltage at t.

        (2C/dt + di/dv + G) u = 2C/dt v(t) - i(v(t)) + di/dv v(t) + i_ext(t + dt/2)    gates at t + dt/2
        v(t+dt) = 2 u - v(t)
        c(t+dt) = c_inf + (c(t) - c_inf) exp(-dt / tau)                                under i_ion(u)
        x(t+3dt/2) = x_inf + (x(t+dt/2) - x_inf) exp(-dt / tau)                        at the new voltage and c

    Second order in dt for voltages and spike times; not where concentrations move reversal potentials, which as in
    NEURON are those of c(t), nor where a mechanism holds a quantity (`AbstractChannel.held`): there
    `DampedCrankNicolson` is. It does not damp what is much faster than dt: a current
    that jumps at a node without area (a branch's end) leaves that node's own voltage ringing, as in NEURON. Recorded
    gates and channel currents are those at t, computed back from t + dt/2.

    Source: Hines 1984, Int J Biomed Comput 15:69; NEURON 9, fadvance.cpp.
    """

    @property
    def theta(self) -> float:
        return 0.5

    @property
    def coupled(self) -> Coupled:
        return implicit_midpoint


@dataclasses.dataclass(frozen=True)
class DampedCrankNicolson(AbstractMethod):
    """Second order at the price of one solve, and damped: gates live at t + dt/2, the voltage at t. The default.

        u = 9/16 v(t+dt) + 3/8 v(t) + 1/16 v(t-dt)
        C (v(t+dt) - v(t)) / dt = -i(u) - G u + i_ext(t + dt/2)                            gates at t + dt/2
        x(t+3dt/2) = x_inf + (x(t+dt/2) - x_inf) e + dx_inf (1 - e)^2 / 12,    e = exp(-dt / tau)

    x_inf and tau are those of the mean voltage around t + dt, v(t+dt) + (v(t+dt) - 2 v(t) + v(t-dt)) / 24, and dx_inf
    is how x_inf moves with the voltage during a step, x_inf' (v(t+dt) - v(t)). What is much faster than dt falls to a
    third at each step (Crank-Nicolson's does not fall at all). Nodes without area, which carry no charge, obey
    Kirchhoff's law. Concentrations c live at t with the voltage: reversal potentials are those of the line through
    c(t-dt) and c(t) at t + dt/2, a pool takes up the very current that charged the membrane, and gates see c(t+dt). The
    first step of a run has u = pi/4 v(t+dt) + (1 - pi/4) v(t): the voltage of a long cable, which
    rises as sqrt(t) where a current enters, is then exact after the step. Recorded gates and channel currents are those
    at t, computed back from t + dt/2.

    Source: weights 9/16, 3/8, 1/16: Ascher, Ruuth & Wetton 1995, SIAM J Numer Anal 32:797. The drift of x_inf is the
    fourth-order term of the Magnus series: Iserles & Norsett 1999, Phil Trans R Soc Lond A 357:983.
    """

    looks_back: ClassVar[bool] = True

    def step(self, circuit: Circuit, now: Moving, drive: Drive, dt: jax.Array, ops: Ops) -> tuple[Moving, Solved]:
        if now.before is None:
            raise TypeError("a scheme that looks back needs the voltage one step earlier.")
        afresh = jnp.isinf(now.before)
        before = jnp.where(afresh, now.v, now.before)
        either = lambda first, later: jnp.where(afresh, first, later).astype(now.v.dtype)  # noqa: E731
        weights = Weights(either(_AFRESH, _IMPLICIT), either(0.0, _EARLIER), either(1.0 / _AFRESH, 1.0 / _IMPLICIT))
        wires = reading(during(circuit, drive), halfway(now.ions, now.ions_before), ops)
        solved = one_stage_voltage(wires, now.v, before, now.gates, drive, dt, weights, ops)
        bend = where_free(circuit, _BEND * (solved.change - (now.v - before)), drive, ops)
        wires = ending(circuit, drive)
        v, gates, still = jump(wires, solved.v, now.gates, ops)
        gates = receive_late(wires, v, gates, drive.events, dt, ops)
        middle, change = ops.apart(v + _kept(still, bend), _kept(still, solved.change))
        ions, gates = advance_concentrations(wires, now.ions, gates, solved, dt, ops)
        gates = advance_drifting_gates(reading(wires, ions, ops), gates, middle, change, dt, ops)
        return Moving(v, gates, ions, now.ions, _kept(still, now.v, jnp.inf)), solved


@dataclasses.dataclass(frozen=True)
class TRBDF2(AbstractMethod):
    """Second order and L-stable, two substitutions with one matrix: gates live at t + dt/2, the voltage at t.

        A u = c v(t) + b,    A = c + di/dv + G,    c = 2 C / (gamma dt),    gamma = 2 - sqrt(2)
        A v(t+dt) = c (u + sqrt(2) (u - v(t))) + b,    b = di/dv v(t) - i(v(t)) + i_ext        gates at t + dt/2
        x(t+3dt/2) = x_inf + (x(t+dt/2) - x_inf) e + dx_inf (1 - e)^2 / 12,    e = exp(-dt / tau)

    x_inf and tau are those of v(t+dt), in the middle of the gates' step, and dx_inf is how x_inf moves with the voltage
    during a step, x_inf' (v(t+dt) - v(t)). What is much faster than dt is gone after one step, whatever began it, and a
    node without area obeys Kirchhoff's law at t + dt: nothing rings. Concentrations as in `DampedCrankNicolson`.

    Source: Bank et al. 1985, IEEE Trans CAD 4:436; the drift of x_inf is the fourth-order term of the Magnus series:
    Iserles & Norsett 1999, Phil Trans R Soc Lond A 357:983.
    """

    def step(self, circuit: Circuit, now: Moving, drive: Drive, dt: jax.Array, ops: Ops) -> tuple[Moving, Solved]:
        wires = reading(during(circuit, drive), halfway(now.ions, now.ions_before), ops)
        solved = two_stage_voltage(wires, now.v, now.gates, drive, dt, ops)
        wires = ending(circuit, drive)
        v, gates, still = jump(wires, solved.v, now.gates, ops)
        gates = receive_late(wires, v, gates, drive.events, dt, ops)
        ions, gates = advance_concentrations(wires, now.ions, gates, solved, dt, ops)
        gates = advance_drifting_gates(reading(wires, ions, ops), gates, v, _kept(still, solved.change), dt, ops)
        return Moving(v, gates, ions, now.ions), solved


def _kept(still: jax.Array | None, x: jax.Array, other: float = 0.0) -> jax.Array:
    """x where nothing jumped, else `other`."""
    return x if still is None else jnp.where(still, x, other)

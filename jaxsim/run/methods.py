"""Schemes: how a state goes from t to t + dt. Configuration as objects; each step reads as the scheme is written."""

import abc
import dataclasses

import jax

from jaxsim.model.circuit import Circuit
from jaxsim.model.membrane import Gates, advance_gates
from jaxsim.model.step import Drive, implicit_voltage
from jaxsim.numerics.ops import Ops


class AbstractMethod(abc.ABC):
    """A time scheme."""

    @abc.abstractmethod
    def step(
        self, circuit: Circuit, v: jax.Array, gates: Gates, drive: Drive, dt: jax.Array, ops: Ops
    ) -> tuple[jax.Array, Gates, jax.Array]:
        """One step.

        Args:
            circuit: the circuit.
            v: (n_node,) [mV], voltage at t.
            gates: channel -> gate -> (n_place,) [1].
            drive: what acts from outside during the step.
            dt: () [ms].
            ops: the differentiable operations.

        Returns:
            (n_node,) [mV] voltage at t + dt, gates at t + dt, and (n_clamped,) [nA] the clamps' currents.
        """


class AbstractTheta(AbstractMethod):
    """One implicit stage for the voltage, then the gates at the new voltage."""

    @property
    @abc.abstractmethod
    def theta(self) -> float:
        """Where in the step the implicit equation stands: 1 at its end, 1/2 in its middle."""

    def step(
        self, circuit: Circuit, v: jax.Array, gates: Gates, drive: Drive, dt: jax.Array, ops: Ops
    ) -> tuple[jax.Array, Gates, jax.Array]:
        v, clamp_current = implicit_voltage(circuit, v, gates, drive, dt, self.theta, ops)
        gates = advance_gates(circuit, gates, v, dt, ops)
        return v, gates, clamp_current


@dataclasses.dataclass(frozen=True)
class BackwardEuler(AbstractTheta):
    """NEURON's default fixed step (secondorder = 0): first order, damps everything.

        (C/dt + di/dv + G) v(t+dt) = C/dt v(t) - i(v(t)) + di/dv v(t) + i_ext(t + dt/2)    gates held
        x(t+dt) = x_inf + (x(t) - x_inf) exp(-dt / tau)                                    at the new voltage

    Source: Hines 1984, Int J Biomed Comput 15:69; NEURON 9, fadvance.cpp.
    """

    @property
    def theta(self) -> float:
        return 1.0


@dataclasses.dataclass(frozen=True)
class CrankNicolson(AbstractTheta):
    """NEURON's second-order fixed step (secondorder = 2): gates live at t + dt/2, the voltage at t.

        (2C/dt + di/dv + G) u = 2C/dt v(t) - i(v(t)) + di/dv v(t) + i_ext(t + dt/2)    gates at t + dt/2
        v(t+dt) = 2 u - v(t)
        x(t+3dt/2) = x_inf + (x(t+dt/2) - x_inf) exp(-dt / tau)                        at the new voltage

    Second order in dt for voltages and spike times. It does not damp what is much faster than dt: a current that jumps
    at a node without area (a branch's end) leaves that node's own voltage ringing, as in NEURON. Recorded gates, and
    the channel currents made with them, belong to t + dt/2.

    Source: Hines 1984, Int J Biomed Comput 15:69; NEURON 9, fadvance.cpp.
    """

    @property
    def theta(self) -> float:
        return 0.5

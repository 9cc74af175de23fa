"""The state of a model, and one implicit step of its voltage as the schemes share it."""

from typing import TypeVar

import jax
import jax.numpy as jnp

from jaxsim._struct import struct
from jaxsim.mechanisms.base import AbstractClamp, AbstractStimulus
from jaxsim.model.circuit import Circuit, circuit
from jaxsim.model.membrane import Gates, slope_and_current, steady_gates
from jaxsim.model.model import Model
from jaxsim.numerics.indexing import at_places, from_places
from jaxsim.numerics.scan import Ops

# A clamped row's conductance over everything else attached to it. What is left of the unclamped equation is 1e-9 of
# it, below single precision, and in double below the tolerance of any comparison; the node itself is then set exactly.
_CLAMP_DOMINANCE = 1e9


_Kind = TypeVar("_Kind")


@struct
class Clock:
    """Time as a count of steps, so that a run continued from a state meets the same times as one long run, to the bit.

    Attributes:
        origin: () [ms], where counting began.
        dt: () [ms], the step.
        n: () int32, steps taken.
    """

    origin: jax.Array
    dt: jax.Array
    n: jax.Array

    @property
    def t(self) -> jax.Array:
        """() [ms], the time."""
        return self.origin + self.n.astype(self.dt.dtype) * self.dt

    def with_step(self, dt: jax.Array) -> "Clock":
        """The same time, counted on in steps of dt [ms]."""
        same = dt == self.dt
        return Clock(jnp.where(same, self.origin, self.t), dt, jnp.where(same, self.n, 0))


@struct
class State:
    """Everything that changes in time; what a simulation returns and continues from.

    Attributes:
        v: (n_node,) [mV], voltage of the nodes.
        gates: channel -> gate -> (n_place,) [1].
        clock: the time.
    """

    v: jax.Array
    gates: Gates
    clock: Clock


@struct
class Drive:
    """What acts from outside during a step, or during every step (leading axis n_step).

    Attributes:
        current: (n_stimulated,) [nA], at the middle of the step.
        command: (n_clamped,) [mV], at the end of the step.
        clamped: (n_clamped,) bool, whether the clamp is on at the end of the step.
    """

    current: jax.Array
    command: jax.Array
    clamped: jax.Array


def init(model: Model) -> State:
    """The state at time 0: the model's initial voltage, gates at their steady state there.

    Args:
        model: the compiled cell.

    Returns:
        The initial `State`.
    """
    return init_circuit(circuit(model))


def init_circuit(circuit: Circuit) -> State:
    """`init` for a circuit."""
    zero = jnp.zeros((), circuit.v.dtype)
    return State(circuit.v, steady_gates(circuit, circuit.v), Clock(zero, zero, jnp.zeros((), jnp.int32)))


def drive_at(model: Model, t: jax.Array, dt: jax.Array) -> Drive:
    """What acts during the step from t to t + dt.

    Args:
        model: the compiled cell.
        t: () [ms], start of the step.
        dt: () [ms], step.

    Returns:
        The `Drive`.
    """
    wiring, layout, dtype = model.wiring, model.layout, model.v.dtype
    n_stimulated, n_clamped = wiring.stimulated.node.shape[0], wiring.clamped.node.shape[0]
    current, command = jnp.zeros(n_stimulated, dtype), jnp.zeros(n_clamped, dtype)
    clamped = jnp.zeros(n_clamped, bool)
    for name in layout.stimuli:
        stimulus = _of_kind(model, name, AbstractStimulus)  # type: ignore[type-abstract]
        i = jax.vmap(lambda s: s.current(t + dt / 2))(stimulus)
        current = current.at[wiring.stimulus_place[name]].add(i.astype(dtype))
    for name in layout.clamps:
        clamp = _of_kind(model, name, AbstractClamp)  # type: ignore[type-abstract]
        v, on = jax.vmap(lambda c: (c.command(t + dt), c.on(t + dt)))(clamp)
        place = wiring.clamp_place[name]
        command = command.at[place].add(jnp.where(on, v, 0.0).astype(dtype))
        clamped = clamped.at[place].max(on)
    return Drive(current, command, clamped)


def _of_kind(model: Model, name: str, kind: type[_Kind]) -> _Kind:
    mechanism = model.mechanisms[name]
    if not isinstance(mechanism, kind):
        raise TypeError(f"{name} must be an {kind.__name__}, got {type(mechanism).__name__}.")
    return mechanism


def implicit_voltage(
    circuit: Circuit, v: jax.Array, gates: Gates, drive: Drive, dt: jax.Array, theta: float, ops: Ops
) -> tuple[jax.Array, jax.Array]:
    """The voltage after one step of the theta scheme, the membrane linearised at v with gates held.

        C (x - v) / (theta dt) = -i(v) - s (x - v) - G x + i_ext,    v(t + dt) = v + (x - v) / theta

    Args:
        circuit: the circuit.
        v: (n_node,) [mV], voltage at t.
        gates: channel -> gate -> (n_place,) [1].
        drive: what acts during the step.
        dt: () [ms].
        theta: 1 for backward Euler, 1/2 for Crank-Nicolson.
        ops: the differentiable operations.

    Returns:
        (n_node,) [mV] the voltage at t + dt, and (n_clamped,) [nA] the current of each clamp, inward positive.
    """
    wiring = circuit.wiring
    slope, current = slope_and_current(circuit, v, gates, ops.take)
    c = circuit.capacitance / (theta * dt)
    s = c + slope
    r = c * v + (slope * v - current) + at_places(drive.current, wiring.stimulated, ops.take)
    if not circuit.layout.clamps:
        x = ops.solve(wiring.forest, s, circuit.axial, r)
        return (x if theta == 1.0 else v + (x - v) / theta), drive.command
    return _clamped_voltage(circuit, v, s, r, drive, theta, ops)


def _clamped_voltage(
    circuit: Circuit, v: jax.Array, s: jax.Array, r: jax.Array, drive: Drive, theta: float, ops: Ops
) -> tuple[jax.Array, jax.Array]:
    """The same with clamped nodes: their rows say x = command, their current is what Kirchhoff's law lacks."""
    wiring, g = circuit.wiring, circuit.axial
    places = wiring.clamped
    v_clamp = from_places(v, places, ops.take)
    target = v_clamp + theta * (drive.command - v_clamp)
    around = g[wiring.clamp_edge]
    stiff = _CLAMP_DOMINANCE * (from_places(s, places, ops.take) + around.sum(axis=1))
    stiff = jnp.where(drive.clamped, jax.lax.stop_gradient(stiff), 0.0)
    x = ops.solve(
        wiring.forest,
        s + at_places(stiff, places, ops.take),
        g,
        r + at_places(stiff * target, places, ops.take),
    )
    held = at_places(drive.clamped.astype(v.dtype), places, ops.take) > 0.5
    x = jnp.where(held, at_places(target, places, ops.take), x)
    x_clamp = from_places(x, places, ops.take)
    axial = (around * (x_clamp[:, None] - x[wiring.clamp_neighbour])).sum(axis=1)
    lacking = from_places(s, places, ops.take) * x_clamp - from_places(r, places, ops.take) + axial
    v_new = x if theta == 1.0 else v + (x - v) / theta
    v_new = jnp.where(held, at_places(drive.command, places, ops.take), v_new)
    return v_new, jnp.where(drive.clamped, lacking, 0.0)

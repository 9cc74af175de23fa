"""The state of a model, and one implicit step of its voltage as the schemes share it."""

from typing import TypeVar

import jax
import jax.numpy as jnp

from jaxsim._struct import Frozen, replace, static, struct
from jaxsim.mechanisms.base import AbstractClamp, AbstractStimulus
from jaxsim.model.circuit import Circuit, circuit
from jaxsim.model.membrane import Gates, slope_and_current, steady_gates
from jaxsim.model.model import Model, Wiring
from jaxsim.numerics.ops import Ops

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

    def after(self, n: jax.Array | float) -> jax.Array:
        """The time [ms] n steps from now; n may be a half.

        One product and one sum from the origin: whatever the compiler contracts, a continued run meets the same bits.
        """
        return self.origin + (self.n.astype(self.dt.dtype) + n) * self.dt

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
        nodes: (n_node,) int, the cable's node of each node: what tells one model's state from another's.
    """

    v: jax.Array
    gates: Gates
    clock: Clock
    nodes: Frozen | None = static(default=None)


@struct
class Drive:
    """What acts from outside during a step, or during every step (leading axis n_step).

    Attributes:
        current: (n_stimulated,) [nA], at the middle of the step.
        command: (n_clamped,) [mV], at the end of the step.
        clamped: (n_clamped,) bool, whether the clamp is on in the step.
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
    return replace(init_circuit(circuit(model)), nodes=model.nodes)


def init_circuit(circuit: Circuit) -> State:
    """`init` for a circuit."""
    zero = jnp.zeros((), circuit.v.dtype)
    return State(circuit.v, steady_gates(circuit, circuit.v), Clock(zero, zero, jnp.zeros((), jnp.int32)))


def drive_at(model: Model, middle: jax.Array, end: jax.Array) -> Drive:
    """What acts during a step.

    Args:
        model: the compiled cell.
        middle: () [ms], the time in the middle of the step.
        end: () [ms], the time at its end.

    Returns:
        The `Drive`.
    """
    wiring, layout, dtype = model.wiring, model.layout, model.v.dtype
    n_stimulated, n_clamped = wiring.stimulated.node.shape[0], wiring.clamped.node.shape[0]
    current, command = jnp.zeros(n_stimulated, dtype), jnp.zeros(n_clamped, dtype)
    clamped = jnp.zeros(n_clamped, bool)
    for name in layout.stimuli:
        stimulus = _of_kind(model, name, AbstractStimulus)  # type: ignore[type-abstract]
        i = jax.vmap(lambda s: s.current(middle))(stimulus)
        current = current.at[wiring.stimulus_place[name]].add(i.astype(dtype))
    for name in layout.clamps:
        clamp = _of_kind(model, name, AbstractClamp)  # type: ignore[type-abstract]
        v, on = jax.vmap(lambda c: (c.command(end), c.on(middle)))(clamp)
        place = wiring.clamp_place[name]
        for k in range(on.shape[0]):  # in the order of placing: the last one that is on holds
            here = (jnp.arange(n_clamped, dtype=place.dtype) == place[k]) & on[k]
            command, clamped = jnp.where(here, v[k].astype(dtype), command), clamped | here
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
    slope, current = slope_and_current(circuit, v, gates, ops)
    c = circuit.capacitance / (theta * dt)
    s = c + slope
    r = c * v + (slope * v - current) + ops.spread(drive.current, wiring.stimulated)
    if not circuit.layout.clamps:
        x = ops.system(wiring.forest, s, circuit.axial)(r)
        return (x if theta == 1.0 else v + (x - v) / theta), drive.command
    return _clamped_voltage(circuit, v, s, r, drive, theta, ops)


def _clamped_voltage(
    circuit: Circuit, v: jax.Array, s: jax.Array, r: jax.Array, drive: Drive, theta: float, ops: Ops
) -> tuple[jax.Array, jax.Array]:
    """The same with clamped nodes as boundary values; a clamp's current is what Kirchhoff's law lacks."""
    wiring, places, g = circuit.wiring, circuit.wiring.clamped, circuit.axial
    v_clamp = ops.pick(v, places)
    target = v_clamp + theta * (drive.command - v_clamp)
    on = drive.clamped.astype(v.dtype)
    around = ops.rows(g, wiring.clamp_edge)
    held = ops.spread(on, places) > 0.5
    s_cut, r_cut, g_cut = _cut_off(wiring, s, r, g, around * on.reshape(-1, 1, ops.lanes), target, ops)
    target_node = ops.spread(target, places)
    solve = ops.system(wiring.forest, jnp.where(held, 1.0, s_cut), g_cut)
    x = solve(jnp.where(held, target_node, r_cut))
    x_clamp = ops.pick(x, places)
    difference = x_clamp.reshape(-1, 1, ops.lanes) - ops.rows(x, wiring.clamp_neighbour)
    axial = (around * difference).sum(axis=1).reshape(-1)
    lacking = ops.pick(s, places) * x_clamp - ops.pick(r, places) + axial
    v_new = x if theta == 1.0 else v + (x - v) / theta
    v_new = jnp.where(held, ops.spread(drive.command, places), v_new)
    return v_new, jnp.where(drive.clamped, lacking, 0.0)


def _cut_off(
    wiring: Wiring, s: jax.Array, r: jax.Array, g: jax.Array, held: jax.Array, target: jax.Array, ops: Ops
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """The system with the edges of held nodes replaced by conductances from their neighbours to the held voltages.

    Args:
        wiring: integer arrays.
        s: (n_node * lanes,) [uS].
        r: (n_node * lanes,) [nA].
        g: (n_node * lanes,) [uS].
        held: (n_clamped, n_around, lanes) [uS], conductance of each edge around a held node, 0 around a free one.
        target: (n_clamped * lanes,) [mV].
        ops: the layout.

    Returns:
        The new s, r and g.
    """
    n = wiring.forest.parent.shape[0]
    target = target.reshape(-1, ops.lanes)
    for c in range(held.shape[0]):  # few clamps with few edges: sums of masks, no scatter
        for k in range(held.shape[1]):
            at_neighbour = ops.is_node(wiring.clamp_neighbour[c, k], n)
            s = s + jnp.where(at_neighbour, ops.at_each(held[c, k], n), 0.0)
            r = r + jnp.where(at_neighbour, ops.at_each(held[c, k] * target[c], n), 0.0)
            cut = ops.is_node(wiring.clamp_edge[c, k], n) & (ops.at_each(held[c, k], n) > 0.0)
            g = jnp.where(cut, 0.0, g)
    return s, r, g

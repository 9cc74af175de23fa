"""The voltage after one implicit step, the membrane linearised and the gates held: what the schemes share."""

import math
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxsim.model.circuit import Circuit
from jaxsim.model.drive import Drive
from jaxsim.model.ions import Currents, Gates
from jaxsim.model.membrane import Membrane, membrane
from jaxsim.model.model import Wiring
from jaxsim.numerics.ops import Ops

# TR-BDF2 with the gamma that gives both stages one matrix. The first stage stands at gamma / 2 of the step and carries
# the weight FIRST of it, the second at its end with SECOND.
ROOT2 = math.sqrt(2.0)
GAMMA = 2.0 - ROOT2
_FIRST, _SECOND = 1.0 / ROOT2, 1.0 - 1.0 / ROOT2

# (right-hand side, change of the clamped nodes) -> change of all nodes
_Solve = Callable[[jax.Array, jax.Array], jax.Array]


class Weights(NamedTuple):
    """Of which voltages the implicit evaluation is made: x = a v(t + dt) + (1 - a - d) v(t) + d v(t - dt).

    Attributes:
        implicit: a, a float or (n_node,).
        earlier: d, the same.
        inverse: 1 / a, the same: three products instead of three divisions at every node.
    """

    implicit: jax.Array | float
    earlier: jax.Array | float
    inverse: jax.Array | float


class Solved(NamedTuple):
    """One step of the voltage.

    Attributes:
        v: (n_node,) [mV], at t + dt.
        change: (n_node,) [mV], by how much it changed, good to the rounding of the change and without the jump where a
            clamp began.
        clamp_current: (n_clamped,) [nA], the mean current of each clamp, inward positive.
        ion_current: ion -> (n_node,) [nA], the mean current of each ion that is counted, outward positive.
    """

    v: jax.Array
    change: jax.Array
    clamp_current: jax.Array
    ion_current: Currents


def one_stage_voltage(
    circuit: Circuit,
    v: jax.Array,
    before: jax.Array | None,
    gates: Gates,
    drive: Drive,
    dt: jax.Array,
    weights: Weights,
    ops: Ops,
    explicit: bool = False,
    neurons: bool = False,
) -> Solved:
    """The voltage after one step with one implicit evaluation.

        x = a v(t + dt) + (1 - a - d) v(t) + d v(t - dt)
        C (v(t + dt) - v(t)) / dt = -i(v) - s (x - v) - G x + i_ext

    Args:
        circuit: the circuit.
        v: (n_node,) [mV], voltage at t.
        before: (n_node,) [mV], voltage at t - dt; None where d is 0.
        gates: channel -> gate -> (n_place,) [1].
        drive: what acts during the step.
        dt: () [ms].
        weights: a and d.
        ops: the differentiable operations.
        explicit: whether the ions' currents are those of v(t), as NEURON's are, and not those of x, whose sum is what
            charges the membrane.
        neurons: whether the current is linearised as NEURON does it, see `AbstractChannel.held`.

    Returns:
        The step.
    """
    wiring = circuit.wiring
    a, d, per_a = weights
    clamped = lambda w: w if isinstance(w, float) else ops.pick(w, wiring.clamped)  # noqa: E731
    here = membrane(circuit, v, gates, ops, neurons)
    c = circuit.capacitance / dt * per_a
    slope, current = _limited(circuit, here.slope, c), here.current
    known = v if before is None else v + d * (before - v)  # x less what the step changes: x = known + a (v_new - v)
    inward = -current if before is None else slope * (v - known) - current
    target = drive.starting + clamped(a - d) * (drive.command - drive.starting)
    held = (target - ops.pick(known, wiring.clamped)) * clamped(per_a)
    # Divided by a, so that the unknown is the change itself: its cotangent then exists once (see `apart`).
    inward = ops.add(inward, drive.current, wiring.stimulated)
    change, _ = _solve_change(circuit, c + slope, inward * per_a, known * per_a, held, drive, ops)
    v_new = _where_held(circuit, drive.command, v + change, drive, ops)
    if before is not None:
        v_new = _settled(circuit, v, v_new, here, drive, ops)
    x = known + a * change
    ion_current = _at_voltage(here, jnp.zeros_like(v) if explicit else x - v)
    moved = _where_held(circuit, drive.command - drive.starting, v_new - v, drive, ops)
    if not circuit.layout.clamps:
        return Solved(v_new, moved, drive.command, ion_current)
    outward = circuit.capacitance * (v_new - v) / dt + (slope * (x - known) - inward)
    return Solved(v_new, moved, _lacking(circuit, outward, x, drive, ops), ion_current)


def _limited(circuit: Circuit, slope: jax.Array, c: jax.Array) -> jax.Array:
    """The membrane's slope, where there are point neurons not so negative that c + slope is far below c."""
    return jnp.maximum(slope, -0.5 * c) if any(layout.spikes for layout in circuit.layout.channels) else slope


def _at_voltage(here: Membrane, change: jax.Array) -> Currents:
    """The ions' currents [nA] when the voltage is `change` [mV] away."""
    return {ion: i + slope * change for ion, (slope, i) in here.carried.items()}


def _settled(circuit: Circuit, old: jax.Array, v: jax.Array, here: Membrane, drive: Drive, ops: Ops) -> jax.Array:
    """v with nodes without area, which carry no charge and have no history, as Kirchhoff's law has them at t + dt.

    Only those that are recorded and not held: nobody sees the others, and nothing depends on their v.
    """
    wiring, lanes = circuit.wiring, ops.lanes
    if wiring.bare.node.shape[0] == 0:
        return v
    g = ops.rows(circuit.axial, wiring.bare_edge)
    i = ops.pick(ops.spread(drive.ending, wiring.stimulated), wiring.bare).reshape(-1, lanes)
    total = g.sum(axis=1)
    if any(layout.is_point for layout in circuit.layout.channels):
        slope = ops.pick(here.slope, wiring.bare)
        i = i + (slope * ops.pick(old, wiring.bare) - ops.pick(here.current, wiring.bare)).reshape(-1, lanes)
        total = total + slope.reshape(-1, lanes)
    settled = (((g * ops.rows(v, wiring.bare_neighbour)).sum(axis=1) + i) / total).reshape(-1)
    v = ops.put(v, settled, jnp.ones_like(settled, bool), wiring.bare)
    return _where_held(circuit, drive.command, v, drive, ops)


def two_stage_voltage(circuit: Circuit, v: jax.Array, gates: Gates, drive: Drive, dt: jax.Array, ops: Ops) -> Solved:
    """The voltage after one step of TR-BDF2.

        A (u - v) = i_1 - i(v) - G v,                     A = c + s + G,  c = 2 C / (gamma dt)
        A (v(t + dt) - u) = (1 + sqrt 2) c (u - v) + i_2 - i_1

    i_2 is the external current at t + dt, and i_1 such that the step's charge is that of its middle.

    Args:
        circuit: the circuit.
        v: (n_node,) [mV], voltage at t.
        gates: channel -> gate -> (n_place,) [1].
        drive: what acts during the step.
        dt: () [ms].
        ops: the differentiable operations.

    Returns:
        The step.
    """
    wiring = circuit.wiring
    here = membrane(circuit, v, gates, ops)
    c = circuit.capacitance * (2.0 / (GAMMA * dt))
    slope, current = _limited(circuit, here.slope, c), here.current
    i_1 = (drive.current - _SECOND * drive.ending) / _FIRST
    b = ops.add(-current, i_1, wiring.stimulated)
    between = drive.starting + (0.5 * GAMMA) * (drive.command - drive.starting)
    held_change = between - ops.pick(v, wiring.clamped)
    y, again = _solve_change(circuit, c + slope, b, v, held_change, drive, ops)
    jump = drive.ending - i_1
    z = again(ops.add((1.0 + ROOT2) * c * y, jump, wiring.stimulated), drive.command - between)
    change = y + z
    v_new = v + change
    ion_current = _at_voltage(here, _FIRST * y + _SECOND * change)
    if not circuit.layout.clamps:
        return Solved(v_new, change, drive.command, ion_current)
    v_new = _where_held(circuit, drive.command, v_new, drive, ops)
    at_u = _lacking(circuit, slope * y - b, v + y, drive, ops)
    at_end = _lacking(circuit, slope * change - ops.add(b, jump, wiring.stimulated), v_new, drive, ops)
    charging = ops.pick(circuit.capacitance * (v_new - v) / dt, wiring.clamped)
    change = _where_held(circuit, drive.command - drive.starting, change, drive, ops)
    clamp_current = jnp.where(drive.clamped, charging, 0.0) + _FIRST * at_u + _SECOND * at_end
    return Solved(v_new, change, clamp_current, ion_current)


def _solve_change(
    circuit: Circuit, s: jax.Array, r: jax.Array, x: jax.Array, held: jax.Array, drive: Drive, ops: Ops
) -> tuple[jax.Array, _Solve]:
    """y with s y + G (x + y) = r at free nodes, and y = held (n_clamped,) at held ones, which are boundary values.

    A held node's edges become conductances from its neighbours to the held voltage.

    Returns:
        y, and a function of another right-hand side and held values that gives the solution for x = 0.
    """
    wiring, g, lanes = circuit.wiring, circuit.axial, ops.lanes
    if not circuit.layout.clamps:
        y, again = ops.change(wiring.forest, s, g, r, x)
        return y, lambda r, _: again(r)
    places, on = wiring.clamped, drive.clamped
    around = ops.rows(g, wiring.clamp_edge) * on.astype(s.dtype).reshape(-1, 1, lanes)  # (n_clamped, n_around, lanes)

    def side(r: jax.Array, held: jax.Array, difference: jax.Array | float) -> jax.Array:
        r = _at_neighbours(wiring, r, around * (held.reshape(-1, 1, lanes) + difference), ops)
        return ops.put(r, held, on, places)

    difference = ops.pick(x, places).reshape(-1, 1, lanes) - ops.rows(x, wiring.clamp_neighbour)
    s = ops.put(_at_neighbours(wiring, s, around, ops), jnp.ones_like(held), on, places)
    y, again_cut = ops.change(wiring.forest, s, _cut(wiring, g, around, ops), side(r, held, difference), x)
    return y, lambda r, held: again_cut(side(r, held, 0.0))


def _at_neighbours(wiring: Wiring, x: jax.Array, values: jax.Array, ops: Ops) -> jax.Array:
    """x (n_node * lanes,) plus values (n_clamped, n_around, lanes) at the neighbours of clamped nodes."""
    for c, k in _edges(wiring):
        x = ops.add_row(x, values[c, k], wiring.clamp_neighbour[c, k])
    return x


def _cut(wiring: Wiring, g: jax.Array, around: jax.Array, ops: Ops) -> jax.Array:
    """The axial conductances without the edges around held nodes."""
    for c, k in _edges(wiring):
        g = ops.put_row(g, jnp.zeros_like(around[c, k]), around[c, k] > 0.0, wiring.clamp_edge[c, k])
    return g


def _edges(wiring: Wiring) -> list[tuple[int, int]]:
    n_clamped, n_around = wiring.clamp_edge.shape
    return [(c, k) for c in range(n_clamped) for k in range(n_around)]


def where_free(circuit: Circuit, x: jax.Array, drive: Drive, ops: Ops) -> jax.Array:
    """x (n_node,), 0 where a clamp holds."""
    return _where_held(circuit, jnp.zeros_like(drive.command), x, drive, ops)


def _where_held(circuit: Circuit, values: jax.Array, x: jax.Array, drive: Drive, ops: Ops) -> jax.Array:
    """x (n_node,), and to the bit values (n_clamped,) where a clamp holds."""
    if not circuit.layout.clamps:
        return x
    return ops.put(x, values, drive.clamped, circuit.wiring.clamped)


def _lacking(circuit: Circuit, outward: jax.Array, x: jax.Array, drive: Drive, ops: Ops) -> jax.Array:
    """(n_clamped * lanes,) [nA], what Kirchhoff's law lacks at the held nodes: the outward current there and G x."""
    places, wiring = circuit.wiring.clamped, circuit.wiring
    difference = ops.pick(x, places).reshape(-1, 1, ops.lanes) - ops.rows(x, wiring.clamp_neighbour)
    axial = (ops.rows(circuit.axial, wiring.clamp_edge) * difference).sum(axis=1).reshape(-1)
    return jnp.where(drive.clamped, ops.pick(outward, places) + axial, 0.0)

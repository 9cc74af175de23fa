"""The voltage after one implicit step, the membrane linearised and the gates held: what the schemes share."""

import math
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxsim.model.circuit import Circuit
from jaxsim.model.drive import Drive
from jaxsim.model.membrane import Gates, slope_and_current
from jaxsim.model.model import Wiring
from jaxsim.numerics.ops import Ops

# TR-BDF2 with the gamma that gives both stages one matrix. The first stage stands at gamma / 2 of the step and carries
# the weight FIRST of it, the second at its end with SECOND.
_ROOT2 = math.sqrt(2.0)
_GAMMA = 2.0 - _ROOT2
_FIRST, _SECOND = 1.0 / _ROOT2, 1.0 - 1.0 / _ROOT2

# (right-hand side, voltages of the clamped nodes) -> voltages of all nodes
_Solve = Callable[[jax.Array, jax.Array], jax.Array]


class Weights(NamedTuple):
    """Of which voltages the implicit evaluation is made: x = a v(t + dt) + (1 - a - d) v(t) + d v(t - dt).

    Attributes:
        implicit: a, a float or (lanes,).
        earlier: d, the same.
    """

    implicit: jax.Array | float
    earlier: jax.Array | float = 0.0


def one_stage_voltage(
    circuit: Circuit,
    v: jax.Array,
    before: jax.Array | None,
    gates: Gates,
    drive: Drive,
    dt: jax.Array,
    weights: Weights,
    ops: Ops,
) -> tuple[jax.Array, jax.Array]:
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

    Returns:
        (n_node,) [mV] the voltage at t + dt, and (n_clamped,) [nA] the mean current of each clamp, inward positive.
    """
    n, n_clamped = v.shape[0] // ops.lanes, circuit.wiring.clamped.node.shape[0]
    over = lambda w, n: w if isinstance(w, float) else ops.at_each(w, n)  # noqa: E731
    a, d = over(weights.implicit, n), over(weights.earlier, n)
    moved = over(weights.implicit, n_clamped) - over(weights.earlier, n_clamped)
    slope, current = slope_and_current(circuit, v, gates, ops)
    c = circuit.capacitance / (a * dt)
    known = v if before is None else v + d * (before - v)  # x less what the step changes: x = known + a (v_new - v)
    b = slope * v - current + ops.spread(drive.current, circuit.wiring.stimulated)
    target = drive.starting + moved * (drive.command - drive.starting)
    y = _system(circuit, c + slope, drive, ops)((c * known + b) / a, target / over(weights.implicit, n_clamped))
    v_new = y if isinstance(a, float) and a == 1.0 else y + (v - known / a)
    x = a * y
    if before is not None:
        v_new = _settled(circuit, v_new, drive, ops)
    if not circuit.layout.clamps:
        return v_new, drive.command
    v_new = _where_held(circuit, drive.command, v_new, drive, ops)
    charging = circuit.capacitance * (v_new - v) / dt
    return v_new, _lacking(circuit, charging + (slope * x - b), x, drive, ops)


def _settled(circuit: Circuit, v: jax.Array, drive: Drive, ops: Ops) -> jax.Array:
    """v with nodes without area, which carry no charge and have no history, as Kirchhoff's law has them.

    That is at x for most, which nobody sees, and at t + dt, from the nodes around, for those that are recorded.
    """
    wiring, lanes = circuit.wiring, ops.lanes
    if wiring.bare.node.shape[0] == 0:
        return v
    g = ops.rows(circuit.axial, wiring.bare_edge)
    i = ops.pick(ops.spread(drive.ending, wiring.stimulated), wiring.bare).reshape(-1, lanes)
    settled = ((g * ops.rows(v, wiring.bare_neighbour)).sum(axis=1) + i) / g.sum(axis=1)
    here = ops.spread(jnp.ones_like(settled).reshape(-1), wiring.bare) > 0.5
    return jnp.where(here, ops.spread(settled.reshape(-1), wiring.bare), v)


def two_stage_voltage(
    circuit: Circuit, v: jax.Array, gates: Gates, drive: Drive, dt: jax.Array, ops: Ops
) -> tuple[jax.Array, jax.Array]:
    """The voltage after one step of TR-BDF2.

        A u = c v + b + i_1,                               A = c + s + G,  c = 2 C / (gamma dt),  b = s v - i(v)
        A v(t + dt) = c (u + sqrt 2 (u - v)) + b + i_2

    i_2 is the external current at t + dt, and i_1 such that the step's charge is that of its middle.

    Args:
        circuit: the circuit.
        v: (n_node,) [mV], voltage at t.
        gates: channel -> gate -> (n_place,) [1].
        drive: what acts during the step.
        dt: () [ms].
        ops: the differentiable operations.

    Returns:
        (n_node,) [mV] the voltage at t + dt, and (n_clamped,) [nA] the mean current of each clamp, inward positive.
    """
    stimulated = circuit.wiring.stimulated
    slope, current = slope_and_current(circuit, v, gates, ops)
    c = circuit.capacitance * (2.0 / (_GAMMA * dt))
    s = c + slope
    b = slope * v - current
    solve = _system(circuit, s, drive, ops)
    r_1 = c * v + b + ops.spread((drive.current - _SECOND * drive.ending) / _FIRST, stimulated)
    u = solve(r_1, drive.starting + (0.5 * _GAMMA) * (drive.command - drive.starting))
    r_2 = c * ((1.0 + _ROOT2) * u - _ROOT2 * v) + b + ops.spread(drive.ending, stimulated)
    v_new = solve(r_2, drive.command)
    if not circuit.layout.clamps:
        return v_new, drive.command
    v_new = _where_held(circuit, drive.command, v_new, drive, ops)
    first, second = (_lacking(circuit, s * x - r, x, drive, ops) for r, x in ((r_1, u), (r_2, v_new)))
    return v_new, _FIRST * first + _SECOND * second


def _system(circuit: Circuit, s: jax.Array, drive: Drive, ops: Ops) -> _Solve:
    """The implicit system with row excess s; clamped nodes are boundary values.

    A held node's edges become conductances from its neighbours to the held voltage.
    """
    wiring, g = circuit.wiring, circuit.axial
    if not circuit.layout.clamps:
        solve_free = ops.system(wiring.forest, s, g)
        return lambda r, _: solve_free(r)
    places, around = wiring.clamped, _held_edges(circuit, drive, ops)
    held = ops.spread(drive.clamped.astype(s.dtype), places) > 0.5
    s = jnp.where(held, 1.0, _at_neighbours(wiring, s, around, ops))
    solve_cut = ops.system(wiring.forest, s, _cut(wiring, g, around, ops))

    def solve(r: jax.Array, target: jax.Array) -> jax.Array:
        r = _at_neighbours(wiring, r, around * target.reshape(-1, 1, ops.lanes), ops)
        return solve_cut(jnp.where(held, ops.spread(target, places), r))

    return solve


def _held_edges(circuit: Circuit, drive: Drive, ops: Ops) -> jax.Array:
    """(n_clamped, n_around, lanes) [uS], conductance of each edge around a held node, 0 around a free one."""
    on = drive.clamped.astype(circuit.axial.dtype)
    return ops.rows(circuit.axial, circuit.wiring.clamp_edge) * on.reshape(-1, 1, ops.lanes)


def _at_neighbours(wiring: Wiring, x: jax.Array, values: jax.Array, ops: Ops) -> jax.Array:
    """x (n_node * lanes,) plus values (n_clamped, n_around, lanes) at the neighbours of clamped nodes.

    Clamps are few and have few edges: sums of masks, no scatter.
    """
    n = wiring.forest.parent.shape[0]
    for c, k in _edges(wiring):
        here = ops.is_node(wiring.clamp_neighbour[c, k], n)
        x = x + jnp.where(here, ops.at_each(values[c, k], n), 0.0)
    return x


def _cut(wiring: Wiring, g: jax.Array, around: jax.Array, ops: Ops) -> jax.Array:
    """The axial conductances without the edges around held nodes."""
    n = wiring.forest.parent.shape[0]
    for c, k in _edges(wiring):
        cut = ops.is_node(wiring.clamp_edge[c, k], n) & (ops.at_each(around[c, k], n) > 0.0)
        g = jnp.where(cut, 0.0, g)
    return g


def _edges(wiring: Wiring) -> list[tuple[int, int]]:
    n_clamped, n_around = wiring.clamp_edge.shape
    return [(c, k) for c in range(n_clamped) for k in range(n_around)]


def voltage_change(circuit: Circuit, v: jax.Array, v_new: jax.Array, drive: Drive, ops: Ops) -> jax.Array:
    """(n_node,) [mV], how much the voltage changed in the step, without the jump where a clamp began."""
    return _where_held(circuit, drive.command - drive.starting, v_new - v, drive, ops)


def where_free(circuit: Circuit, x: jax.Array, drive: Drive, ops: Ops) -> jax.Array:
    """x (n_node,), 0 where a clamp holds."""
    return _where_held(circuit, jnp.zeros_like(drive.command), x, drive, ops)


def _where_held(circuit: Circuit, values: jax.Array, x: jax.Array, drive: Drive, ops: Ops) -> jax.Array:
    """x (n_node,), and to the bit values (n_clamped,) where a clamp holds."""
    if not circuit.layout.clamps:
        return x
    places = circuit.wiring.clamped
    held = ops.spread(drive.clamped.astype(x.dtype), places) > 0.5
    return jnp.where(held, ops.spread(values, places), x)


def _lacking(circuit: Circuit, outward: jax.Array, x: jax.Array, drive: Drive, ops: Ops) -> jax.Array:
    """(n_clamped * lanes,) [nA], what Kirchhoff's law lacks at the held nodes: the outward current there and G x."""
    places, wiring = circuit.wiring.clamped, circuit.wiring
    difference = ops.pick(x, places).reshape(-1, 1, ops.lanes) - ops.rows(x, wiring.clamp_neighbour)
    axial = (ops.rows(circuit.axial, wiring.clamp_edge) * difference).sum(axis=1).reshape(-1)
    return jnp.where(drive.clamped, ops.pick(outward, places) + axial, 0.0)

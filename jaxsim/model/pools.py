"""Pools: what the concentrations of ions are at the start, and how they change."""

import jax
import jax.numpy as jnp

from jaxsim._struct import replace
from jaxsim.mechanisms.base import AbstractPool
from jaxsim.mechanisms.rates import Rate
from jaxsim.model.circuit import Circuit
from jaxsim.model.gates import Coupled, after, initial_states
from jaxsim.model.ions import Concentrations, Currents, Gates, at_places, dynamics, read, reading
from jaxsim.model.layout import ChannelLayout
from jaxsim.model.voltage import GAMMA, ROOT2, Solved
from jaxsim.numerics.gates import linear_step
from jaxsim.numerics.ode import rosenbrock
from jaxsim.numerics.ops import PLAIN, Ops


def initial_concentrations(circuit: Circuit, v: jax.Array) -> tuple[Concentrations, Gates]:
    """What a run begins with: the ions' own concentrations, or what a pool says, and the pools' states.

    Args:
        circuit: the circuit.
        v: (n_node,) [mV], initial voltage.

    Returns:
        The concentrations that change, and pool -> state -> (n_place,).
    """
    states: Gates = {}
    start = {ion.name: {q: getattr(circuit.ions[ion.name], q) for q in ion.written} for ion in circuit.layout.ions}
    start = {name: written for name, written in start.items() if written}
    for layout in circuit.layout.channels:
        if layout.writes:
            inside = {w.state: at_places(circuit, layout, start[w.ion][w.quantity], PLAIN) for w in layout.writes}
            v_here, inputs = at_places(circuit, layout, v, PLAIN), circuit.inputs_now.get(layout.name, {})
            own = initial_states(dynamics(circuit, layout), v_here, inside, inputs)
            start = _written(circuit, layout, start, own, PLAIN)
            states[layout.name] = own
    return start, states


def advance_pools(
    circuit: Circuit,
    now: Concentrations,
    gates: Gates,
    current: Currents,
    v: jax.Array,
    dt: jax.Array,
    ops: Ops,
    coupled: Coupled = rosenbrock,
) -> tuple[Concentrations, Gates]:
    """The concentrations and the other states of the pools after dt, under a constant current and voltage.

    Args:
        circuit: the circuit, reading the present concentrations.
        now: the concentrations.
        gates: mechanism -> state -> (n_place,).
        current: ion -> (n_node,) [nA], of the ions whose current is counted.
        v: (n_node,) [mV].
        dt: () [ms].
        ops: how to gather.
        coupled: how states that depend on one another are stepped.

    Returns:
        The new concentrations, and all states, those of pools new.
    """
    new, states = now, dict(gates)
    for layout in circuit.layout.channels:
        if not layout.writes:
            continue
        pool = with_currents(circuit, layout, current, ops)
        old = dict(gates[layout.name])
        for w in layout.writes:
            old[w.state] = at_places(circuit, layout, now[w.ion][w.quantity], ops)
        given = circuit.inputs_now.get(layout.name, {})
        later = after(pool, old, at_places(circuit, layout, v, ops), dt, _linear, coupled, given)
        new = _written(circuit, layout, new, later, ops)
        states[layout.name] = {x: later[x] for x in layout.gates}
    return new, states


def _linear(x: jax.Array, rate: Rate, dt: jax.Array) -> jax.Array:
    return linear_step(x, opening=rate.opening, decay=rate.decay, dt=dt)


def advance_concentrations(
    circuit: Circuit, now: Concentrations, gates: Gates, solved: Solved, dt: jax.Array, ops: Ops
) -> tuple[Concentrations, Gates]:
    """Half a step of diffusion, the pools' step, another half of diffusion: second order.

    Args:
        circuit: the circuit.
        now: the concentrations.
        gates: mechanism -> state -> (n_place,).
        solved: the step of the voltage.
        dt: () [ms].
        ops: the differentiable operations.

    Returns:
        The new concentrations, and all states, those of pools new.
    """
    middle = solved.v - 0.5 * solved.change
    now = diffuse(circuit, now, 0.5 * dt, ops, second_order=True)
    wires = reading(circuit, now, ops)
    now, gates = advance_pools(wires, now, gates, solved.ion_current, middle, dt, ops)
    return diffuse(circuit, now, 0.5 * dt, ops, second_order=True), gates


def diffuse(circuit: Circuit, now: Concentrations, dt: jax.Array, ops: Ops, second_order: bool) -> Concentrations:
    """The concentrations after dt of diffusion along the cable: implicit Euler, or TR-BDF2, both conserving.

        (V / dt + G) c(t + dt) = V / dt c(t)

    Args:
        circuit: the circuit.
        now: the concentrations.
        dt: () [ms].
        ops: the differentiable operations.
        second_order: whether by TR-BDF2.

    Returns:
        The new concentrations.
    """
    new = {ion: dict(values) for ion, values in now.items()}
    for ion, paths in circuit.diffusion.items():
        c, nothing = now[ion]["inside"], jnp.zeros_like(now[ion]["inside"])
        s = paths.volume / dt if not second_order else paths.volume * (2.0 / (GAMMA * dt))
        y, again = ops.change(circuit.wiring.forest, s, paths.conductance, nothing, c)
        new[ion]["inside"] = c + y + again((1.0 + ROOT2) * s * y) if second_order else c + y
    return new


def with_currents(circuit: Circuit, layout: ChannelLayout, current: Currents, ops: Ops) -> AbstractPool:
    """A pool with the ions' currents [mA/cm2] for the parameters that read them."""
    pool = dynamics(circuit, layout)
    if not isinstance(pool, AbstractPool):
        raise TypeError(f"{layout.name} changes concentrations and must be an AbstractPool.")
    values = {}
    for r in layout.reads:
        if r.quantity == "i" and circuit.per_area is not None:
            values[r.parameter] = read(circuit, layout, r, current[r.ion] * circuit.per_area, ops)
    return replace(pool, **values)  # type: ignore[type-var]


def _written(
    circuit: Circuit, layout: ChannelLayout, now: Concentrations, states: dict[str, jax.Array], ops: Ops
) -> Concentrations:
    """The concentrations with a pool's states for those that it writes."""
    new = {ion: dict(values) for ion, values in now.items()}
    for w in layout.writes:
        if w.state not in states:
            continue
        x, places = states[w.state], circuit.wiring.channels[layout.name]
        old = new[w.ion][w.quantity]
        if layout.everywhere and w.wholly:
            new[w.ion][w.quantity] = jnp.broadcast_to(x, old.shape)
        elif layout.everywhere:
            new[w.ion][w.quantity] = jnp.where(circuit.factor[layout.name] > 0.0, x, old)
        else:
            x = jnp.broadcast_to(x, (places.node.shape[0] * ops.lanes,))
            new[w.ion][w.quantity] = ops.put(old, x, jnp.ones_like(x, bool), places)
    return new

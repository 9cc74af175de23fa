"""Concentrations: what channels read of them, what a run begins with, and how pools change them."""

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from jaxsim._struct import replace
from jaxsim.mechanisms.base import AbstractDensity, AbstractPool
from jaxsim.mechanisms.reversal import nernst
from jaxsim.model.layout import ChannelLayout, IonLayout, Reading
from jaxsim.numerics.gates import linear_step
from jaxsim.numerics.ops import PLAIN, Ops

if TYPE_CHECKING:
    from jaxsim.model.circuit import Circuit

# ion -> "inside" or "outside" -> (n_node,) [mM]: those that pools change
Concentrations = dict[str, dict[str, jax.Array]]
# mechanism -> state -> (n_place,)
Gates = dict[str, dict[str, jax.Array]]
# ion -> (n_node,) [nA], outward positive
Currents = dict[str, jax.Array]


def density(circuit: "Circuit", layout: ChannelLayout) -> AbstractDensity:
    """One channel or pool of a circuit."""
    mechanism = circuit.channels[layout.name]
    if not isinstance(mechanism, AbstractDensity):
        raise TypeError(f"{layout.name} is placed on compartments but is a {type(mechanism).__name__}.")
    return mechanism


def at_places(circuit: "Circuit", layout: ChannelLayout, x: jax.Array, ops: Ops) -> jax.Array:
    """Values of all nodes at the places of a channel or pool."""
    return x if layout.everywhere else ops.pick(x, circuit.wiring.channels[layout.name])


def reading(circuit: "Circuit", now: Concentrations, ops: Ops, constant: bool = False) -> "Circuit":
    """The circuit whose channels and pools have the ions' present values for the parameters that read them.

    Args:
        circuit: the circuit.
        now: the concentrations that change.
        ops: how to gather.
        constant: whether to give them the values that do not change too.

    Returns:
        The circuit with other parameters of its channels.
    """
    moving = {(ion, q) for ion, written in now.items() for q in (*written, "e")}
    seen: dict[tuple[str, str], jax.Array] = {}
    channels = dict(circuit.channels)
    for layout in circuit.layout.channels:
        values = {}
        for r in layout.reads:
            key = r.ion, r.quantity
            if r.quantity == "i" or not (constant or key in moving):
                continue
            if key not in seen:
                seen[key] = quantity(circuit, now, *key, ops)
            values[r.parameter] = _read(circuit, layout, r, seen[key], ops)
        if values:
            channels[layout.name] = replace(channels[layout.name], **values)  # type: ignore[type-var]
    return replace(circuit, channels=channels)


def _read(circuit: "Circuit", layout: ChannelLayout, r: Reading, x: jax.Array, ops: Ops) -> jax.Array:
    """An ion's value (n_node,) at the places of a mechanism, its own where the ion is not."""
    here = at_places(circuit, layout, x, ops)
    if r.wholly:
        return here
    present = at_places(circuit, layout, circuit.present[r.ion], ops)
    return jnp.where(present > 0.5, here, getattr(density(circuit, layout), r.parameter))


def quantity(circuit: "Circuit", now: Concentrations, name: str, what: str, ops: Ops) -> jax.Array:
    """A quantity of an ion, wherever it is.

    Args:
        circuit: the circuit.
        now: the concentrations that change.
        name: the ion.
        what: "inside" or "outside" [mM], or "e" [mV].
        ops: how to gather.

    Returns:
        (n_node,) values; something finite where the ion is not.
    """
    ion, changing = circuit.ions[name], now.get(name, {})
    if what != "e":
        return changing.get(what, getattr(ion, what))
    layout = _ion(circuit, name)
    values = [changing.get("inside", ion.inside), changing.get("outside", ion.outside), ion.celsius]
    if layout.everywhere:
        return nernst(values[0], values[1], ion.valence, values[2])
    places = circuit.wiring.ions[name]
    inside, outside, celsius = (ops.pick(x, places) for x in values)
    return ops.spread(nernst(inside, outside, ion.valence, celsius), places)


def _ion(circuit: "Circuit", name: str) -> IonLayout:
    return next(ion for ion in circuit.layout.ions if ion.name == name)


def initial_concentrations(circuit: "Circuit", v: jax.Array) -> Concentrations:
    """What a run begins with: the ions' own concentrations, or what a pool says.

    Args:
        circuit: the circuit.
        v: (n_node,) [mV], initial voltage.

    Returns:
        The concentrations that change.
    """
    start = {ion.name: {q: getattr(circuit.ions[ion.name], q) for q in ion.written} for ion in circuit.layout.ions}
    start = {name: written for name, written in start.items() if written}
    for layout in circuit.layout.channels:
        if layout.writes:
            own = density(circuit, layout).initial(at_places(circuit, layout, v, PLAIN))
            start = _written(circuit, layout, start, own, PLAIN)
    return start


def advance_pools(
    circuit: "Circuit", now: Concentrations, gates: Gates, current: Currents, v: jax.Array, dt: jax.Array, ops: Ops
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
        rates = pool.rates(at_places(circuit, layout, v, ops))
        after = {x: linear_step(old[x], opening=r.opening, decay=r.decay, dt=dt) for x, r in rates.items()}
        new = _written(circuit, layout, new, after, ops)
        states[layout.name] = {x: after[x] for x in layout.gates}
    return new, states


def with_currents(circuit: "Circuit", layout: ChannelLayout, current: Currents, ops: Ops) -> AbstractPool:
    """A pool with the ions' currents [mA/cm2] for the parameters that read them."""
    pool = density(circuit, layout)
    if not isinstance(pool, AbstractPool):
        raise TypeError(f"{layout.name} changes concentrations and must be an AbstractPool.")
    values = {}
    for r in layout.reads:
        if r.quantity == "i" and circuit.per_area is not None:
            values[r.parameter] = _read(circuit, layout, r, current[r.ion] * circuit.per_area, ops)
    return replace(pool, **values)  # type: ignore[type-var]


def _written(
    circuit: "Circuit", layout: ChannelLayout, now: Concentrations, states: dict[str, jax.Array], ops: Ops
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


def halfway(now: Concentrations, before: Concentrations) -> Concentrations:
    """The concentrations half a step from now, on the line through those of now and one step before; at least half.

    Args:
        now: the concentrations at t.
        before: those at t - dt, inf where they are not known: then they are as now.

    Returns:
        Those at t + dt / 2, to second order.
    """

    def ahead(c: jax.Array, earlier: jax.Array) -> jax.Array:
        step = jnp.where(jnp.isinf(earlier), 0.0, c - jnp.where(jnp.isinf(earlier), c, earlier))
        return c + jnp.maximum(0.5 * step, -0.5 * c)

    return jax.tree.map(ahead, now, before)

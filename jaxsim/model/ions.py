"""Ions: what channels and pools read of their concentrations, potentials and currents."""

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from jaxsim._struct import replace
from jaxsim.mechanisms.base import AbstractDynamics
from jaxsim.mechanisms.reversal import nernst
from jaxsim.model.layout import ChannelLayout, IonLayout, Reading
from jaxsim.numerics.ops import Ops

if TYPE_CHECKING:
    from jaxsim.model.circuit import Circuit

# ion -> "inside" or "outside" -> (n_node,) [mM]: those that pools change
Concentrations = dict[str, dict[str, jax.Array]]
# mechanism -> state -> (n_place,)
Gates = dict[str, dict[str, jax.Array]]
# ion -> (n_node,) [nA], outward positive
Currents = dict[str, jax.Array]


def dynamics(circuit: "Circuit", layout: ChannelLayout) -> AbstractDynamics:
    """One channel, pool or point process of a circuit."""
    mechanism = circuit.channels[layout.name]
    if not isinstance(mechanism, AbstractDynamics):
        raise TypeError(f"{layout.name} is placed in a membrane but is a {type(mechanism).__name__}.")
    return mechanism


def at_places(circuit: "Circuit", layout: ChannelLayout, x: jax.Array, ops: Ops) -> jax.Array:
    """Values of all nodes at each instance of a mechanism."""
    wiring = circuit.wiring
    return x if layout.everywhere else ops.pick_each(x, wiring.channels[layout.name], wiring.fans.get(layout.name))


def states_of(circuit: "Circuit", layout: ChannelLayout, gates: Gates, ops: Ops) -> dict[str, jax.Array]:
    """All that a mechanism's equations see: its states, the concentrations that it changes, its functions of time."""
    inside = {w.state: at_places(circuit, layout, circuit.ions_now[w.ion][w.quantity], ops) for w in layout.writes}
    return {**gates[layout.name], **inside, **circuit.inputs_now.get(layout.name, {})}


def reading(circuit: "Circuit", now: Concentrations, ops: Ops, constant: bool = False) -> "Circuit":
    """The circuit whose channels and pools have the ions' present values for the parameters that read them.

    Args:
        circuit: the circuit.
        now: the concentrations that change.
        ops: how to gather.
        constant: whether to give them the values that do not change too.

    Returns:
        The circuit with other parameters of its channels, and with the concentrations.
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
            values[r.parameter] = read(circuit, layout, r, seen[key], ops)
        if values:
            channels[layout.name] = replace(channels[layout.name], **values)  # type: ignore[type-var]
    return replace(circuit, channels=channels, ions_now=now)


def read(circuit: "Circuit", layout: ChannelLayout, r: Reading, x: jax.Array, ops: Ops) -> jax.Array:
    """An ion's value (n_node,) at the places of a mechanism, its own where the ion is not."""
    here = at_places(circuit, layout, x, ops)
    if r.wholly:
        return here
    present = at_places(circuit, layout, circuit.present[r.ion], ops)
    return jnp.where(present > 0.5, here, getattr(dynamics(circuit, layout), r.parameter))


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

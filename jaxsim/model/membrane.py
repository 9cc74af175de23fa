"""The membrane: currents, slopes and gates of all channels at the nodes."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxsim.mechanisms.base import AbstractChannel, AbstractDensity, currents
from jaxsim.model.circuit import Circuit
from jaxsim.model.ions import Gates, at_places, density
from jaxsim.model.layout import ChannelLayout
from jaxsim.numerics.gates import drifting_step, exponential_shift, exponential_step
from jaxsim.numerics.ops import PLAIN, Ops


class Membrane(NamedTuple):
    """The membrane at one voltage, gates held.

    Attributes:
        slope: (n_node,) [uS], di/dv.
        current: (n_node,) [nA], i, outward positive.
        carried: ion -> slope and current of that ion alone, of the ions whose current is counted.
    """

    slope: jax.Array
    current: jax.Array
    carried: dict[str, tuple[jax.Array, jax.Array]]


def membrane(circuit: Circuit, v: jax.Array, gates: Gates, ops: Ops) -> Membrane:
    """The membrane's slope conductance and current at every node, gates held.

        i = sum_k area_k i_k(v),    s = di/dv    (exact, by forward-mode differentiation)

    Args:
        circuit: the circuit.
        v: (n_node,) [mV].
        gates: channel -> gate -> (n_place,) [1].
        ops: how to gather.

    Returns:
        The `Membrane`.
    """
    slope = current = jnp.zeros_like(v)
    carried = {ion.name: (slope, current) for ion in circuit.layout.ions if ion.counted}
    for layout in circuit.layout.channels:
        if not layout.flows:
            continue
        channel, gate = _channel(circuit, layout.name), gates[layout.name]
        v_here = at_places(circuit, layout, v, ops)
        i, di_dv = jax.jvp(lambda u, c=channel, g=gate: currents(c, u, g), (v_here,), (jnp.ones_like(v_here),))
        factor = circuit.factor[layout.name]
        add = partial(_added, circuit, layout, ops)
        slope, current = add(slope, factor * _sum(di_dv)), add(current, factor * _sum(i))
        for ion in [ion for ion in carried if ion in i]:
            s, c = carried[ion]
            carried[ion] = add(s, factor * di_dv[ion]), add(c, factor * i[ion])
    return Membrane(slope, current, carried)


def _added(circuit: Circuit, layout: ChannelLayout, ops: Ops, x: jax.Array, here: jax.Array) -> jax.Array:
    """x (n_node,) plus values at the places of a channel."""
    return x + here if layout.everywhere else ops.add(x, here, circuit.wiring.channels[layout.name])


def _sum(parts: dict[str, jax.Array]) -> jax.Array:
    first, *others = parts.values()
    return sum(others, first)


def _channel(circuit: Circuit, name: str) -> AbstractChannel:
    channel = circuit.channels[name]
    if not isinstance(channel, AbstractChannel):
        raise TypeError(f"{name} has a current and must be an AbstractChannel, got {type(channel).__name__}.")
    return channel


def advance_gates(circuit: Circuit, gates: Gates, v: jax.Array, dt: jax.Array, ops: Ops) -> Gates:
    """The gates after dt, the voltage held at v: the exact solution of each gate's linear equation.

    Args:
        circuit: the circuit.
        gates: channel -> gate -> (n_place,) [1].
        v: (n_node,) [mV].
        dt: () [ms].
        ops: how to gather.

    Returns:
        The new gates.
    """
    return _each_channel(gates_after, circuit, gates, v, dt, ops)


def shift_gates(circuit: Circuit, gates: Gates, v: jax.Array, dt: jax.Array) -> Gates:
    """`advance_gates` by a dt that may be negative, for one lane outside the time loop."""
    return _each_channel(gates_shifted, circuit, gates, v, dt, PLAIN)


def _each_channel(rule: Callable, circuit: Circuit, gates: Gates, v: jax.Array, dt: jax.Array, ops: Ops) -> Gates:
    """A rule for the gates of each channel; the states of pools stay."""
    new: Gates = dict(gates)
    for layout in circuit.layout.channels:
        if layout.gates and not layout.writes:
            v_here = at_places(circuit, layout, v, ops)
            new[layout.name] = rule(density(circuit, layout), gates[layout.name], v_here, dt)
    return new


def gates_after(
    channel: AbstractDensity,
    gates: dict[str, jax.Array],
    v: jax.Array,
    dt: jax.Array,
    rule: Callable[..., jax.Array] = exponential_step,
) -> dict[str, jax.Array]:
    """One channel's gates [1] after dt [ms], the voltage v [mV] held; all of one shape."""
    rates = channel.rates(v) if gates else {}
    return {x: rule(g, x_inf=rates[x].x_inf, decay=rates[x].decay, dt=dt) for x, g in gates.items()}


def gates_shifted(
    channel: AbstractDensity, gates: dict[str, jax.Array], v: jax.Array, dt: jax.Array
) -> dict[str, jax.Array]:
    """`gates_after` a dt that may be negative."""
    return gates_after(channel, gates, v, dt, exponential_shift)


def advance_drifting_gates(
    circuit: Circuit, gates: Gates, v: jax.Array, change: jax.Array, dt: jax.Array, ops: Ops
) -> Gates:
    """`advance_gates` over a step in whose middle the voltage is v, and which it changes by `change`.

    Args:
        circuit: the circuit.
        gates: channel -> gate -> (n_place,) [1].
        v: (n_node,) [mV].
        change: (n_node,) [mV].
        dt: () [ms].
        ops: how to gather.

    Returns:
        The new gates.
    """
    new: Gates = dict(gates)
    for layout in circuit.layout.channels:
        channel, old = density(circuit, layout), gates[layout.name]
        if layout.writes or not layout.gates:
            continue

        def steady(u: jax.Array, channel: AbstractDensity = channel) -> tuple[dict, dict]:
            rates = channel.rates(u)
            return {x: rate.x_inf for x, rate in rates.items()}, {x: rate.decay for x, rate in rates.items()}

        here, moves = at_places(circuit, layout, v, ops), at_places(circuit, layout, change, ops)
        (x_inf, decay), (drift, _) = jax.jvp(steady, (here,), (moves,))
        new[layout.name] = {
            x: drifting_step(old[x], x_inf=x_inf[x], decay=decay[x], drift=drift[x], dt=dt) for x in layout.gates
        }
    return new


def initial_gates(circuit: Circuit, v: jax.Array) -> Gates:
    """The gates and the other states of a run's start, as the mechanisms say: by default steady at that voltage.

    Args:
        circuit: the circuit.
        v: (n_node,) [mV].

    Returns:
        mechanism -> state -> (n_place,).
    """
    gates: Gates = {}
    for layout in circuit.layout.channels:
        v_here = at_places(circuit, layout, v, PLAIN)
        start = density(circuit, layout).initial(v_here) if layout.gates else {}
        gates[layout.name] = {x: jnp.broadcast_to(start[x], v_here.shape) for x in layout.gates}
    return gates

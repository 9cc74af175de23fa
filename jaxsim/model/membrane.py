"""The membrane: currents, slopes and gates of all channels at the nodes."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from jaxsim.mechanisms.base import AbstractChannel
from jaxsim.model.circuit import Circuit
from jaxsim.model.model import ChannelLayout
from jaxsim.numerics.gates import drifting_step, exponential_shift, exponential_step
from jaxsim.numerics.ops import PLAIN, Ops

Gates = dict[str, dict[str, jax.Array]]


def _channel(circuit: Circuit, layout: ChannelLayout) -> AbstractChannel:
    channel = circuit.channels[layout.name]
    if not isinstance(channel, AbstractChannel):
        raise TypeError(f"{layout.name} is placed on compartments but is no AbstractChannel: {type(channel).__name__}.")
    return channel


def _voltage_at(circuit: Circuit, layout: ChannelLayout, v: jax.Array, ops: Ops) -> jax.Array:
    """The voltage at a channel's places."""
    return v if layout.everywhere else ops.pick(v, circuit.wiring.channels[layout.name])


def slope_and_current(circuit: Circuit, v: jax.Array, gates: Gates, ops: Ops) -> tuple[jax.Array, jax.Array]:
    """The membrane's slope conductance and current at every node, gates held.

        i = sum_k area_k i_k(v),    s = di/dv    (exact, by forward-mode differentiation)

    Args:
        circuit: the circuit.
        v: (n_node,) [mV].
        gates: channel -> gate -> (n_place,) [1].
        ops: how to gather.

    Returns:
        (n_node,) [uS] slope, and (n_node,) [nA] current, outward positive.
    """
    slope = current = jnp.zeros_like(v)
    for layout in circuit.layout.channels:
        channel, gate = _channel(circuit, layout), gates[layout.name]
        v_here = _voltage_at(circuit, layout, v, ops)
        i, di_dv = jax.jvp(lambda u, c=channel, g=gate: c.current(u, g), (v_here,), (jnp.ones_like(v_here),))
        factor = circuit.factor[layout.name]
        i, di_dv = factor * i, factor * di_dv
        if layout.everywhere:
            slope, current = slope + di_dv, current + i
        else:
            places = circuit.wiring.channels[layout.name]
            slope, current = ops.add(slope, di_dv, places), ops.add(current, i, places)
    return slope, current


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
    new: Gates = {}
    for layout in circuit.layout.channels:
        v_here = _voltage_at(circuit, layout, v, ops) if layout.gates else v
        new[layout.name] = rule(_channel(circuit, layout), gates[layout.name], v_here, dt)
    return new


def gates_after(
    channel: AbstractChannel,
    gates: dict[str, jax.Array],
    v: jax.Array,
    dt: jax.Array,
    rule: Callable[..., jax.Array] = exponential_step,
) -> dict[str, jax.Array]:
    """One channel's gates [1] after dt [ms], the voltage v [mV] held; all of one shape."""
    rates = channel.rates(v) if gates else {}
    return {x: rule(g, x_inf=rates[x].x_inf, decay=rates[x].decay, dt=dt) for x, g in gates.items()}


def gates_shifted(
    channel: AbstractChannel, gates: dict[str, jax.Array], v: jax.Array, dt: jax.Array
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
    new: Gates = {}
    for layout in circuit.layout.channels:
        channel, old = _channel(circuit, layout), gates[layout.name]
        if not layout.gates:
            new[layout.name] = {}
            continue

        def steady(u: jax.Array, channel: AbstractChannel = channel) -> tuple[dict, dict]:
            rates = channel.rates(u)
            return {x: rate.x_inf for x, rate in rates.items()}, {x: rate.decay for x, rate in rates.items()}

        here, moves = _voltage_at(circuit, layout, v, ops), _voltage_at(circuit, layout, change, ops)
        (x_inf, decay), (drift, _) = jax.jvp(steady, (here,), (moves,))
        new[layout.name] = {
            x: drifting_step(old[x], x_inf=x_inf[x], decay=decay[x], drift=drift[x], dt=dt) for x in layout.gates
        }
    return new


def steady_gates(circuit: Circuit, v: jax.Array) -> Gates:
    """The gates' steady state at a voltage, x_inf = opening / decay.

    Args:
        circuit: the circuit.
        v: (n_node,) [mV].

    Returns:
        channel -> gate -> (n_place,) [1].
    """
    gates: Gates = {}
    for layout in circuit.layout.channels:
        v_here = _voltage_at(circuit, layout, v, PLAIN)
        rates = _channel(circuit, layout).rates(v_here)
        gates[layout.name] = {x: jnp.broadcast_to(rates[x].x_inf, v_here.shape) for x in layout.gates}
    return gates

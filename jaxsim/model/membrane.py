"""The membrane: currents and slopes of all channels at the nodes."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxsim.mechanisms.base import AbstractCurrent, currents
from jaxsim.model.circuit import Circuit
from jaxsim.model.ions import Gates, at_places, states_of
from jaxsim.model.layout import ChannelLayout
from jaxsim.numerics.ops import Ops


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


def membrane(circuit: Circuit, v: jax.Array, gates: Gates, ops: Ops, hold: bool = False) -> Membrane:
    """The membrane's slope conductance and current at every node, gates held.

        i = sum_k area_k i_k(v),    s = di/dv    (exact, by forward-mode differentiation)

    Args:
        circuit: the circuit.
        v: (n_node,) [mV].
        gates: channel -> gate -> (n_place,) [1].
        ops: how to gather.
        hold: whether what a channel holds has no slope, as NEURON takes it.

    Returns:
        The `Membrane`.
    """
    slope = current = jnp.zeros_like(v)
    carried = {ion.name: (slope, current) for ion in circuit.layout.ions if ion.counted}
    for layout in circuit.layout.channels:
        if not layout.flows:
            continue
        channel, gate = _channel(circuit, layout.name), states_of(circuit, layout, gates, ops)
        v_here = at_places(circuit, layout, v, ops)
        if hold:
            gate = {**channel.held(v_here, gate), **gate}
        i, di_dv = jax.jvp(lambda u, c=channel, g=gate: currents(c, u, g), (v_here,), (jnp.ones_like(v_here),))
        scaled = partial(_scaled, circuit, layout)
        add = partial(_added, circuit, layout, ops)
        slope, current = add(slope, scaled(_sum(di_dv))), add(current, scaled(_sum(i)))
        for ion in [ion for ion in carried if ion in i]:
            s, c = carried[ion]
            carried[ion] = add(s, scaled(di_dv[ion])), add(c, scaled(i[ion]))
    return Membrane(slope, current, carried)


def _added(circuit: Circuit, layout: ChannelLayout, ops: Ops, x: jax.Array, here: jax.Array) -> jax.Array:
    """x (n_node,) plus values of the instances of a mechanism."""
    if layout.everywhere:
        return x + here
    return ops.add_each(x, here, circuit.wiring.channels[layout.name], circuit.wiring.fans.get(layout.name))


def _scaled(circuit: Circuit, layout: ChannelLayout, x: jax.Array) -> jax.Array:
    """A mechanism's own current as one in nA, outward positive."""
    if layout.is_point:
        return -x if layout.kind == "electrode" else x
    return circuit.factor[layout.name] * x


def _sum(parts: dict[str, jax.Array]) -> jax.Array:
    first, *others = parts.values()
    return sum(others, first)


def _channel(circuit: Circuit, name: str) -> AbstractCurrent:
    channel = circuit.channels[name]
    if not isinstance(channel, AbstractCurrent):
        raise TypeError(f"{name} has a current and must be an AbstractCurrent, got {type(channel).__name__}.")
    return channel

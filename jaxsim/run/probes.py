"""What is read from a state: the recorded quantities of one instant."""

import jax

from jaxsim._struct import replace
from jaxsim.mechanisms.base import AbstractChannel
from jaxsim.model.circuit import Circuit
from jaxsim.model.membrane import Gates
from jaxsim.model.model import ChannelLayout
from jaxsim.numerics.indexing import Places
from jaxsim.numerics.ops import Ops


def observe(circuit: Circuit, v: jax.Array, gates: Gates, clamp_current: jax.Array, ops: Ops) -> dict[str, jax.Array]:
    """The recorded quantities, each picked once and by one gather.

    Args:
        circuit: the circuit.
        v: (n_node,) [mV].
        gates: channel -> gate -> (n_place,) [1].
        clamp_current: (n_clamped,) [nA].
        ops: how to gather.

    Returns:
        Quantity -> (n_picked,) values.
    """
    seen = {}
    for what in circuit.layout.probes:
        places = circuit.wiring.probes[what]
        name, _, quantity = what.rpartition(".")
        if what == "v":
            seen[what] = ops.pick(v, places)
        elif name in circuit.layout.clamps:
            seen[what] = ops.pick(clamp_current, places)
        elif quantity == "i":
            seen[what] = _channel_current(circuit, name, v, gates, places, ops)
        else:
            seen[what] = ops.pick(gates[name][quantity], places)
    return seen


def _channel_current(circuit: Circuit, name: str, v: jax.Array, gates: Gates, places: Places, ops: Ops) -> jax.Array:
    """The current density of one channel at the probes [mA/cm2], evaluated there only."""
    layout: ChannelLayout = next(c for c in circuit.layout.channels if c.name == name)
    channel = circuit.channels[name]
    if not isinstance(channel, AbstractChannel):
        raise TypeError(f"{name} must be an AbstractChannel to have a current, got {type(channel).__name__}.")
    pick = lambda x: ops.pick(x, places)  # noqa: E731
    here = replace(channel, **{k: pick(getattr(channel, k)) for k in channel.parameters()})  # type: ignore[type-var]
    v_here = v if layout.everywhere else ops.pick(v, circuit.wiring.channels[name])
    return here.current(pick(v_here), {x: pick(gates[name][x]) for x in layout.gates})

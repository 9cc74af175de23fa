"""What is read from a state: the recorded quantities of one instant."""

import jax

from jaxsim._struct import replace
from jaxsim.mechanisms.base import AbstractChannel
from jaxsim.model.circuit import Circuit
from jaxsim.model.membrane import Gates, gates_shifted
from jaxsim.model.model import ChannelLayout
from jaxsim.numerics.indexing import Places
from jaxsim.numerics.ops import Ops


def observe(
    circuit: Circuit, v: jax.Array, gates: Gates, lead: jax.Array | None, clamp_current: jax.Array, ops: Ops
) -> dict[str, jax.Array]:
    """The recorded quantities of the voltage's instant, each picked once and by one gather.

    Args:
        circuit: the circuit.
        v: (n_node,) [mV].
        gates: channel -> gate -> (n_place,) [1].
        lead: () [ms], how much later than v the gates are: what is recorded is taken back by it; None for not at all.
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
        else:
            channel, v_here, gates_here = _picked(circuit, name, v, gates[name], lead, places, ops)
            seen[what] = channel.current(v_here, gates_here) if quantity == "i" else gates_here[quantity]
    return seen


def _picked(
    circuit: Circuit,
    name: str,
    v: jax.Array,
    gates: dict[str, jax.Array],
    lead: jax.Array | None,
    places: Places,
    ops: Ops,
) -> tuple[AbstractChannel, jax.Array, dict[str, jax.Array]]:
    """One channel at the probes only: its parameters, the voltage there, its gates at the voltage's instant."""
    layout: ChannelLayout = next(c for c in circuit.layout.channels if c.name == name)
    channel = circuit.channels[name]
    if not isinstance(channel, AbstractChannel):
        raise TypeError(f"{name} must be an AbstractChannel to be recorded, got {type(channel).__name__}.")
    pick = lambda x: ops.pick(x, places)  # noqa: E731
    here: AbstractChannel = replace(channel, **{k: pick(getattr(channel, k)) for k in channel.parameters()})  # type: ignore[type-var]
    v_here = pick(v if layout.everywhere else ops.pick(v, circuit.wiring.channels[name]))
    gates_here = {x: pick(gates[x]) for x in layout.gates}
    return here, v_here, gates_here if lead is None else gates_shifted(here, gates_here, v_here, -lead)

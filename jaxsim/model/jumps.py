"""What happens at once: the spikes of point neurons, which reset their voltage and move their states."""

import jax
import jax.numpy as jnp

from jaxsim.mechanisms.point_process import AbstractSpiking
from jaxsim.model.circuit import Circuit
from jaxsim.model.ions import Gates, at_places, dynamics, states_of
from jaxsim.numerics.ops import Ops


def jump(circuit: Circuit, v: jax.Array, gates: Gates, ops: Ops) -> tuple[jax.Array, Gates, jax.Array | None]:
    """The voltage and states after the spikes of a step.

    Args:
        circuit: the circuit.
        v: (n_node,) [mV], at the end of the step.
        gates: mechanism -> state -> (n_place,).
        ops: how to gather.

    Returns:
        The new voltage; the new states; where nothing jumped, (n_node,) bool, or None if nothing can.
    """
    spiking = [layout for layout in circuit.layout.channels if layout.spikes]
    if not spiking:
        return v, gates, None
    new, states = v, dict(gates)
    for layout in spiking:
        neuron, places = dynamics(circuit, layout), circuit.wiring.channels[layout.name]
        if not isinstance(neuron, AbstractSpiking):
            raise TypeError(f"{layout.name} spikes and must be an AbstractSpiking, got {type(neuron).__name__}.")
        v_here, moved = neuron.reset(at_places(circuit, layout, v, ops), states_of(circuit, layout, gates, ops))
        states[layout.name] = {**gates[layout.name], **moved}
        new = ops.put(new, v_here, jnp.ones_like(v_here, bool), places)
    return new, states, new == v

"""`Circuit`: a model's parameters as absolute quantities at the nodes, computed once before the time loop."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from jaxsim._struct import static, struct
from jaxsim.mechanisms.base import AbstractMechanism
from jaxsim.model.geometry import areas_and_resistances
from jaxsim.model.model import ChannelLayout, Layout, Model, Wiring
from jaxsim.numerics.indexing import rows_at
from jaxsim.units import S_PER_CM2_TO_US_PER_UM2, UF_PER_CM2_TO_NF_PER_UM2


@struct
class Circuit:
    """The equivalent circuit: capacitors and channels at the nodes, conductances between them.

    Attributes:
        capacitance: (n_node,) [nF], 0 at a node without area.
        axial: (n_node,) [uS], conductance to the parent, 0 at a root.
        channels: name -> mechanism, parameters by place.
        factor: name -> (n_place,) [uS / (S/cm2)] and [nA / (mA/cm2)], the area behind each place.
        wiring: integer arrays.
        layout: the structure.
    """

    capacitance: jax.Array
    axial: jax.Array
    channels: dict[str, AbstractMechanism]
    factor: dict[str, jax.Array]
    wiring: Wiring
    layout: Layout = static()


def circuit(model: Model) -> Circuit:
    """The circuit of a model; differentiable with respect to all its parameters.

    Args:
        model: the compiled cell.

    Returns:
        The `Circuit`.
    """
    wiring, layout = model.wiring, model.layout
    area, resistance = areas_and_resistances(model.geometry, model.radius_scale, model.length_scale)
    at_node = _to_nodes(wiring)
    node_area = at_node(area)
    axial = _axial(resistance * jnp.repeat(model.ra, 2), wiring)
    channels, factor = {}, {}
    for channel in layout.channels:
        mechanism = model.mechanisms[channel.name]
        channels[channel.name], factor[channel.name] = _placed(channel, mechanism, node_area, wiring)
    return Circuit(
        capacitance=UF_PER_CM2_TO_NF_PER_UM2 * at_node(model.cm) * node_area,
        axial=axial,
        channels=channels,
        factor=factor,
        wiring=wiring,
        layout=layout,
    )


def _to_nodes(wiring: Wiring) -> Callable[[jax.Array], jax.Array]:
    """(n_comp,) -> (n_node,), zero at nodes without area."""
    return lambda x: rows_at(x, wiring.node_comp, zero_past_end=True)


def _axial(resistance: jax.Array, wiring: Wiring) -> jax.Array:
    """Conductance of the one or two half-compartments between each node and its parent."""
    r = rows_at(resistance, wiring.edge_half, zero_past_end=True).sum(axis=1)
    joined = r > 0
    return jnp.where(joined, 1.0 / jnp.where(joined, r, 1.0), 0.0)


def initial_voltage(v: jax.Array, axial: jax.Array, wiring: Wiring) -> jax.Array:
    """Compartments as given (n_comp,) [mV]; a node without area at the mean that carries no net current: (n_node,)."""
    v_node = _to_nodes(wiring)(v)
    if wiring.joint.node.shape[0] == 0:
        return v_node
    g = rows_at(axial, wiring.joint_edge)
    mean = (g * rows_at(v_node, wiring.joint_neighbour)).sum(axis=1) / g.sum(axis=1)
    return v_node + rows_at(mean, wiring.joint.place, zero_past_end=True)


def _placed(
    channel: ChannelLayout, mechanism: AbstractMechanism, node_area: jax.Array, wiring: Wiring
) -> tuple[AbstractMechanism, jax.Array]:
    """A channel's parameters by place, and the area factor of each place."""
    places = wiring.channels[channel.name]
    n_inst = places.node.shape[0]
    if not channel.everywhere:
        return mechanism, S_PER_CM2_TO_US_PER_UM2 * rows_at(node_area, places.node)
    present = places.place < n_inst
    spread = jnp.where(present, places.place, 0)  # absent: the first instance's parameters, without area
    factor = jnp.where(present, S_PER_CM2_TO_US_PER_UM2 * node_area, 0.0)
    return jax.tree.map(lambda x: rows_at(x, spread), mechanism), factor

"""`Circuit`: a model's parameters as absolute quantities at the nodes, computed once before the time loop."""

from collections.abc import Callable
from typing import TypeVar

import jax
import jax.numpy as jnp

from jaxsim._struct import replace, static, struct
from jaxsim.mechanisms.base import AbstractIon, AbstractMechanism
from jaxsim.mechanisms.events import SpikeTrain
from jaxsim.mechanisms.ions.diffusion import Diffusion
from jaxsim.model.geometry import areas_and_resistances, mean_diameters, volumes
from jaxsim.model.ions import Concentrations, reading
from jaxsim.model.layout import FeedLayout, IonLayout, Layout
from jaxsim.model.model import Model, Wiring
from jaxsim.numerics.fan import fan_out
from jaxsim.numerics.indexing import Places, rows_at
from jaxsim.numerics.ops import PLAIN
from jaxsim.units import PER_UM_PER_MOHM_PER_OHM_CM, S_PER_CM2_TO_US_PER_UM2, UF_PER_CM2_TO_NF_PER_UM2

# mechanism -> function of time, or noise -> (n_place,)
Inputs = dict[str, dict[str, jax.Array]]

_Mechanism = TypeVar("_Mechanism", bound=AbstractMechanism)
_Tree = TypeVar("_Tree")


@struct
class Paths:
    """Where an ion moves along the cable.

    Attributes:
        conductance: (n_node,) [um3/ms], to the parent; 0 at a root and where nothing passes.
        volume: (n_node,) [um3]; 0 at a node without volume that something passes, 1 where nothing does.
    """

    conductance: jax.Array
    volume: jax.Array


@struct
class Circuit:
    """The equivalent circuit: capacitors and channels at the nodes, conductances between them.

    Attributes:
        capacitance: (n_node,) [nF], 0 at a node without area.
        axial: (n_node,) [uS], conductance to the parent, 0 at a root.
        channels: name -> channel, pool or point process, parameters by place.
        factor: name -> (n_place,) [uS / (S/cm2)] and [nA / (mA/cm2)], the area behind each place of a density
            mechanism.
        ions: name -> ion, parameters (n_node,).
        present: name -> (n_node,), 1 where an ion is and 0 elsewhere, of ions that are missing where something reads
            them.
        diffusion: name -> paths of an ion that moves along the cable.
        per_area: (n_node,) [mA/cm2 / nA], 0 at a node without area; None where no pool takes up a current.
        ions_now: ion -> concentration -> (n_node,) [mM], the present ones of those that change; see `reading`.
        inputs_now: mechanism -> function of time -> (n_place,), its present values.
        feeds: trains' name -> (n_train,) the weights of their events.
        receivers: trains' name -> the point process that they are sent to, parameters by train.
        wiring: integer arrays.
        layout: the structure.
    """

    capacitance: jax.Array
    axial: jax.Array
    channels: dict[str, AbstractMechanism]
    factor: dict[str, jax.Array]
    ions: dict[str, AbstractIon]
    present: dict[str, jax.Array]
    diffusion: dict[str, Paths]
    per_area: jax.Array | None
    ions_now: Concentrations
    inputs_now: Inputs
    feeds: dict[str, jax.Array]
    receivers: dict[str, AbstractMechanism]
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
    channels, factor, ions = {}, {}, {}
    for channel in layout.channels:
        mechanism, places = model.mechanisms[channel.name], wiring.channels[channel.name]
        for parameter, what in channel.sizes:
            size = area if what == "area" else mean_diameters(model.geometry, model.radius_scale)
            here = rows_at(size, rows_at(wiring.node_comp, places.node))
            here = here if channel.name not in wiring.fans else fan_out(here, wiring.fans[channel.name])
            mechanism = replace(mechanism, **{parameter: here})  # type: ignore[type-var]
        if channel.is_point:
            channels[channel.name] = _one_number_each(mechanism)
            continue
        channels[channel.name] = at_nodes(mechanism, places) if channel.everywhere else mechanism
        area_here = _where(places, node_area) if channel.everywhere else rows_at(node_area, places.node)
        factor[channel.name] = S_PER_CM2_TO_US_PER_UM2 * area_here
    for layout_of_ion in layout.ions:
        mechanism = model.mechanisms[layout_of_ion.name]
        if not isinstance(mechanism, AbstractIon):
            raise TypeError(f"{layout_of_ion.name} must be an AbstractIon, got {type(mechanism).__name__}.")
        ions[layout_of_ion.name] = at_nodes(mechanism, wiring.ions[layout_of_ion.name])
    amiss = {r.ion for c in layout.channels for r in c.reads if not r.wholly}
    bare = Circuit(
        capacitance=UF_PER_CM2_TO_NF_PER_UM2 * at_node(model.cm) * node_area,
        axial=axial,
        channels=channels,
        factor=factor,
        ions=ions,
        present={ion: _where(wiring.ions[ion], jnp.ones_like(node_area)) for ion in sorted(amiss)},
        diffusion={ion.name: _paths(model, ion, resistance) for ion in layout.ions if ion.diffusion},
        per_area=_per_area(node_area) if any(ion.counted for ion in layout.ions) else None,
        ions_now={},
        inputs_now={},
        feeds={feed.name: _weights(model, feed) for feed in layout.feeds},
        receivers={feed.name: _by_train(channels[feed.to], wiring, feed) for feed in layout.feeds},
        wiring=wiring,
        layout=layout,
    )
    return reading(bare, {}, PLAIN, constant=True)


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


def _paths(model: Model, ion: IonLayout, resistance: jax.Array) -> Paths:
    """The halves of compartments in series between neighbours; one without diffusion lets nothing pass."""
    wiring = model.wiring
    d = jnp.zeros(model.layout.n_comp, resistance.dtype)
    for name in ion.diffusion:
        mechanism = model.mechanisms[name]
        if not isinstance(mechanism, Diffusion):
            raise TypeError(f"{name} must be a Diffusion, got {type(mechanism).__name__}.")
        d = d.at[rows_at(wiring.node_comp, wiring.diffusion[name].node)].add(mechanism.d)
    halves = jnp.repeat(d, 2)
    closed = halves <= 0.0
    r = PER_UM_PER_MOHM_PER_OHM_CM * resistance / jnp.where(closed, 1.0, halves)
    blocked = rows_at(closed.astype(r.dtype), wiring.edge_half, zero_past_end=True).sum(axis=1) > 0.0
    g = jnp.where(blocked, 0.0, _axial(r, wiring))
    passes = g.at[wiring.forest.parent].add(g) > 0.0
    volume = _to_nodes(wiring)(volumes(model.geometry, model.radius_scale, model.length_scale))
    return Paths(g, jnp.where(passes, volume, 1.0))


def at_nodes(mechanism: _Tree, places: Places) -> _Tree:
    """A mechanism's parameters, or an array, by node; where it is absent those of its first instance."""
    spread = jnp.where(places.place < places.node.shape[0], places.place, 0)
    return jax.tree.map(lambda x: rows_at(x, spread), mechanism)


def _one_number_each(mechanism: _Mechanism) -> _Mechanism:
    """A point process without the arrays that only its functions of time need."""
    values = {k: getattr(mechanism, k) for k in mechanism.parameters()}
    return replace(mechanism, **{k: jnp.zeros(x.shape[:1], x.dtype) for k, x in values.items() if x.ndim > 1})  # type: ignore[type-var]


def _weights(model: Model, feed: FeedLayout) -> jax.Array:
    train = model.mechanisms[feed.name]
    if not isinstance(train, SpikeTrain):
        raise TypeError(f"{feed.name} must be a SpikeTrain, got {type(train).__name__}.")
    return train.weight


def _by_train(process: AbstractMechanism, wiring: Wiring, feed: FeedLayout) -> AbstractMechanism:
    """A point process's parameters at the trains of events that are sent to it."""
    places, fan = wiring.channels[feed.name], wiring.fans.get(feed.name)
    here = lambda x: rows_at(x, places.node) if fan is None else fan_out(rows_at(x, places.node), fan)  # noqa: E731
    return jax.tree.map(here, process)


def _where(places: Places, x: jax.Array) -> jax.Array:
    """x (n_node,), 0 elsewhere than at places."""
    return jnp.where(places.place < places.node.shape[0], x, 0.0)


def _per_area(node_area: jax.Array) -> jax.Array:
    """(n_node,) [mA/cm2 / nA], 0 at a node without area."""
    some = node_area > 0.0
    return jnp.where(some, 1.0 / (S_PER_CM2_TO_US_PER_UM2 * jnp.where(some, node_area, 1.0)), 0.0)

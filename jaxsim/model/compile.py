"""`compile_model`: from a `Spec` to a `Model`, once; NumPy until the last line."""

from typing import Any

import jax
import numpy as np

from jaxsim.cable.order import NodeTree, elimination_tree
from jaxsim.errors import unknown
from jaxsim.mechanisms.base import AbstractClamp, AbstractStimulus, stacked
from jaxsim.mechanisms.point_process import AbstractPointProcess
from jaxsim.model.check import check_spec, floating
from jaxsim.model.info import info_of
from jaxsim.model.layout import ChannelLayout, IonLayout, Layout
from jaxsim.model.membrane_layout import (
    ION_QUANTITIES,
    diffusion_names,
    feed_layouts,
    ion_names,
    membrane_layout,
    recordable,
)
from jaxsim.model.model import Geometry, Model, Wiring
from jaxsim.model.spec import COMPARTMENT_PARAMETERS, Point, Probe, Spec, parameter_values
from jaxsim.numerics.contraction import contraction
from jaxsim.numerics.fan import Fan, fan_of
from jaxsim.numerics.indexing import Places
from jaxsim.numerics.tree_solve import Forest


def compile_model(spec: Spec, dtype: Any = None) -> Model:
    """The model of a specification.

    Args:
        spec: the cell as plain data.
        dtype: floating-point type; JAX's default (float32, or float64 where the user enabled it).

    Returns:
        The `Model`.

    Raises:
        KeyError: if a probe names a mechanism or state that is not there.
        TypeError: if dtype is no floating-point type, or a mechanism is of the wrong kind for its place.
        ValueError: if the specification breaks a rule (`check_spec`), a probe records a channel where it is not, or
            double precision is asked for and JAX does not allow it.
    """
    dtype = floating(dtype)
    check_spec(spec, dtype)
    points = spec.points
    keep = [n for p in points for n in p.node.tolist()] + [p.node for p in spec.probes]
    cable = spec.cable
    tree = elimination_tree(cable.n_comp, cable.node_parent, cable.edge_half, keep)
    processes = tuple(p for p in points if isinstance(p.mechanism, AbstractPointProcess))
    stimuli = tuple(p for p in points if isinstance(p.mechanism, AbstractStimulus))
    clamps = tuple(p for p in points if isinstance(p.mechanism, AbstractClamp))
    channels, ions = membrane_layout(spec, tree.n_node, dtype)
    probes = _probes(spec, tree, channels, ions, clamps)
    layout = Layout(
        cable.n_comp,
        channels,
        ions,
        tuple(p.name for p in stimuli),
        tuple(p.name for p in clamps),
        tuple(probes),
        feed_layouts(spec, dtype),
    )
    wiring = _wiring(spec, tree, stimuli, clamps, processes, probes)
    # NumPy converts: `jnp.asarray` compiles a program for each shape, half of what building a cell would take.
    number = lambda x: jax.device_put(np.asarray(x, dtype))  # noqa: E731
    index = lambda x: jax.device_put(np.asarray(x, np.int32))  # noqa: E731
    return Model(
        **{name: number(getattr(spec, name)) for name in COMPARTMENT_PARAMETERS},
        mechanisms={
            name: stacked(mechanism, {k: number(v) for k, v in parameter_values(mechanism).items()})
            for name, mechanism in spec.mechanisms().items()
        },
        geometry=Geometry(
            index(cable.piece_half // 2),
            number(cable.piece_dx),
            number(cable.piece_d0),
            number(cable.piece_d1),
            number(cable.r_half.ravel()),
        ),
        wiring=jax.tree.map(index, wiring),
        layout=layout,
        info=info_of(spec, tree),
    )


def _places(nodes: np.ndarray, n_node: int) -> Places:
    place = np.full(n_node, len(nodes))
    place[nodes] = np.arange(len(nodes))
    return Places(nodes, place)  # type: ignore[arg-type]


def _placed(nodes: np.ndarray, n_node: int) -> tuple[Places, Fan | None]:
    """The nodes of a point process, each once, and which of them each instance has, where it is not one each.

    In the same way the instances of a process that events are sent to, and which of them each train has.
    """
    unique, place = np.unique(nodes, return_inverse=True)
    return (
        (_places(nodes, n_node), None)
        if len(unique) == len(nodes)
        else (
            _places(unique, n_node),
            fan_of(place, len(unique)),
        )
    )


def _shared_places(points: tuple[Point, ...], tree: NodeTree) -> tuple[Places, dict[str, np.ndarray]]:
    """The nodes of several point mechanisms, each once, and the place of each instance among them."""
    at = {p.name: tree.position[p.node] for p in points}
    nodes = np.unique(np.concatenate([*at.values(), np.zeros(0, int)])).astype(int)
    return _places(nodes, tree.n_node), {name: np.searchsorted(nodes, n) for name, n in at.items()}


def _wiring(
    spec: Spec,
    tree: NodeTree,
    stimuli: tuple[Point, ...],
    clamps: tuple[Point, ...],
    processes: tuple[Point, ...],
    probes: dict[str, tuple[Places, np.ndarray]],
) -> Wiring:
    n_comp = spec.cable.n_comp
    stimulated, stimulus_place = _shared_places(stimuli, tree)
    clamped, clamp_place = _shared_places(clamps, tree)
    neighbour, edge = _around(np.asarray(clamped.node), tree)
    recorded = np.asarray(probes["v"][0].node) if "v" in probes else np.zeros(0, int)
    joint = np.flatnonzero(tree.node >= n_comp)
    joint_neighbour, joint_edge = _around(joint, tree)
    bare = recorded[tree.node[recorded] >= n_comp]
    bare_neighbour, bare_edge = _around(bare, tree)
    painted, ions = {d.name: _places(tree.position[d.comp], tree.n_node) for d in spec.densities}, ion_names(spec)
    diffusion = diffusion_names(spec)
    placed = {p.name: _placed(tree.position[p.node], tree.n_node) for p in processes}
    n_instance = {p.name: len(p.node) for p in processes}
    placed |= {feed.name: _placed(feed.instance, n_instance[feed.to]) for feed in spec.feeds}
    return Wiring(
        forest=_forest(tree.parent),
        node_comp=np.minimum(tree.node, n_comp),  # type: ignore[arg-type]
        edge_half=np.where(tree.edge_half < 0, 2 * n_comp, tree.edge_half),  # type: ignore[arg-type]
        channels={name: places for name, places in painted.items() if name not in (*ions, *diffusion)}
        | {name: places for name, (places, _) in placed.items()},
        fans={name: fan for name, (_, fan) in placed.items() if fan is not None},
        diffusion={name: painted[name] for name in diffusion},
        ions={name: places for name, places in painted.items() if name in ions},
        stimulated=stimulated,
        stimulus_place=stimulus_place,  # type: ignore[arg-type]
        joint=_places(joint, tree.n_node),
        joint_neighbour=joint_neighbour,  # type: ignore[arg-type]
        joint_edge=joint_edge,  # type: ignore[arg-type]
        clamped=clamped,
        clamp_place=clamp_place,  # type: ignore[arg-type]
        clamp_neighbour=neighbour,  # type: ignore[arg-type]
        clamp_edge=edge,  # type: ignore[arg-type]
        bare=_places(bare, tree.n_node),
        bare_neighbour=bare_neighbour,  # type: ignore[arg-type]
        bare_edge=bare_edge,  # type: ignore[arg-type]
        probes={what: places for what, (places, _) in probes.items()},
        probe_row={what: row for what, (_, row) in probes.items()},  # type: ignore[misc]
    )


def _forest(parent: np.ndarray) -> Forest:
    return Forest(parent, contraction(parent) if _runs_in_parallel() else None)  # type: ignore[arg-type]


def _around(nodes: np.ndarray, tree: NodeTree) -> tuple[np.ndarray, np.ndarray]:
    """Neighbours of some nodes, and the nodes that own the edges; padded with the node and a root's absent edge.

    A row is as long as the most neighbours that any of the nodes has: 3 to 12 in traced cells.
    """
    parent, root = tree.parent, 0  # the first node is a root
    child = np.flatnonzero(parent != np.arange(tree.n_node))
    child = child[np.argsort(parent[child], kind="stable")]
    first, last = (np.searchsorted(parent[child], nodes, side) for side in ("left", "right"))
    column = first[:, None] + np.arange(np.max(last - first, initial=0))
    below = np.where(column < last[:, None], np.append(child, -1)[np.minimum(column, len(child))], -1)
    neighbour = np.where(below >= 0, below, nodes[:, None])
    edge = np.where(below >= 0, below, root)
    return np.column_stack([neighbour, parent[nodes]]), np.column_stack([edge, nodes])


def _probes(
    spec: Spec,
    tree: NodeTree,
    channels: tuple[ChannelLayout, ...],
    ions: tuple[IonLayout, ...],
    clamps: tuple[Point, ...],
) -> dict[str, tuple[Places, np.ndarray]]:
    """Per recorded quantity: what is picked (each once), and the picked value of each row."""
    found = {}
    for what in dict.fromkeys(p.what for p in spec.probes):
        rows = [p for p in spec.probes if p.what == what]
        at, size = _probe_positions(what, rows, spec, tree, channels, ions, clamps)
        unique, row = np.unique(at, return_inverse=True)
        found[what] = (_places(unique, size), row)
    return found


def _probe_positions(
    what: str,
    rows: list[Probe],
    spec: Spec,
    tree: NodeTree,
    channels: tuple[ChannelLayout, ...],
    ions: tuple[IonLayout, ...],
    clamps: tuple[Point, ...],
) -> tuple[np.ndarray, int]:
    """Where a quantity's probes stand in the array that holds it, and the length of that array."""
    nodes = np.array([p.node for p in rows])
    position = tree.position[nodes]
    if what == "v":
        return position, tree.n_node
    name, _, quantity = what.rpartition(".")
    known = ["v"]
    for channel in channels:
        quantities = recordable(channel)
        known += [f"{channel.name}.{q}" for q in quantities]
        if channel.name == name and quantity in quantities:
            if channel.is_point:
                return _instances_of(spec, what, rows)
            comp = _compartments_of(spec, what, rows)
            at = position if channel.everywhere else np.searchsorted(comp, nodes)
            return at, tree.n_node if channel.everywhere else len(comp)
    for ion in ions:
        known += [f"{ion.name}.{q}" for q in ION_QUANTITIES]
        if ion.name == name and quantity in ION_QUANTITIES:
            _compartments_of(spec, what, rows)
            return position, tree.n_node
    known += [f"{c.name}.i" for c in clamps]
    if name in {c.name for c in clamps} and quantity == "i":
        clamped = np.unique(np.concatenate([tree.position[c.node] for c in clamps]))
        own = np.concatenate([c.node for c in clamps if c.name == name])
        absent = [p.label for p in rows if p.node not in own]
        if absent:
            raise ValueError(
                f"cannot record {what!r} at {absent[0]}: no clamp {name!r} there. Record it where it is placed."
            )
        return np.searchsorted(clamped, position), len(clamped)
    raise KeyError(unknown("quantity to record", what, known))


def _compartments_of(spec: Spec, what: str, rows: list[Probe]) -> np.ndarray:
    """The compartments of the mechanism that is recorded, after a check that the probes stand in them."""
    name = what.rpartition(".")[0]
    comp = next(d.comp for d in spec.densities if d.name == name)
    ends = [p.label for p in rows if p.node >= spec.cable.n_comp]
    if ends:
        raise ValueError(f"cannot record {what!r} at {ends[0]}: a branch's end has no membrane. Use 0 < x < 1.")
    absent = [p.label for p in rows if p.node not in comp]
    if absent:
        raise ValueError(f"cannot record {what!r} at {absent[0]}: {name} is not inserted there. Insert it first.")
    return comp


def _instances_of(spec: Spec, what: str, rows: list[Probe]) -> tuple[np.ndarray, int]:
    """The instances of the point process that is recorded, after a check that one stands at each probe."""
    name = what.rpartition(".")[0]
    node = next(p.node for p in spec.points if p.name == name)
    at = [np.flatnonzero(node == p.node) for p in rows]
    for found, row in zip(at, rows, strict=True):
        if len(found) == 0:
            raise ValueError(f"cannot record {what!r} at {row.label}: no {name} stands there. Place it first.")
        if len(found) > 1:
            fix = "Give the one that is recorded a name of its own: cell.place(location, ..., name=...)."
            raise ValueError(f"cannot record {what!r} at {row.label}: {len(found)} of them stand there. {fix}")
    return np.concatenate(at), len(node)


def _runs_in_parallel() -> bool:
    """Whether the model's device solves in parallel rounds; a CPU is faster node by node."""
    return jax.default_backend() != "cpu"

"""`Model`: a compiled cell. Its floating-point leaves batch and train; what they are attached to is fixed."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxsim._struct import Frozen, replace, static, struct
from jaxsim.cable.where import select
from jaxsim.errors import must, unknown
from jaxsim.mechanisms.base import AbstractMechanism, stacked
from jaxsim.model.info import Info
from jaxsim.model.layout import ChannelLayout, Layout
from jaxsim.model.spec import (
    COMPARTMENT_PARAMETERS,
    EVERYWHERE,
    Density,
    Feed,
    Point,
    Spec,
    check_values,
    parameter_values,
)
from jaxsim.numerics.fan import Fan
from jaxsim.numerics.indexing import Places
from jaxsim.numerics.tree_solve import Forest


@struct
class Geometry:
    """The traced frusta, from which areas and resistances follow (Cable).

    Attributes:
        piece_comp: (n_piece,) int32, compartment of each piece, ascending.
        dx: (n_piece,) [um] length.
        d0: (n_piece,) [um] proximal diameter.
        d1: (n_piece,) [um] distal diameter.
        resistance: (2 n_comp,) [MOhm / (ohm cm)], proximal and distal half of each compartment, scale factors 1.
    """

    piece_comp: jax.Array
    dx: jax.Array
    d0: jax.Array
    d1: jax.Array
    resistance: jax.Array


@struct
class Wiring:
    """Which number belongs where: integer arrays only.

    Attributes:
        forest: the nodes' connections.
        node_comp: (n_node,) int32, compartment of each node, n_comp where a node has no area.
        edge_half: (n_node, 2) int32, halves in series to the parent, 2 n_comp for none.
        channels: name -> places of a density mechanism's instances, or the nodes of a point process; of trains of
            events the instances that they are sent to.
        fans: name -> which of those nodes each instance of a point process has, or of those instances each train, where
            it is not one each.
        ions: name -> places where it is.
        diffusion: name -> places of its instances.
        stimulated: the nodes with a stimulus.
        stimulus_place: name -> (n_inst,) int32, place among `stimulated`.
        joint: the nodes without area; around each are compartments alone.
        joint_neighbour: (n_joint, n_around) int32, as clamp_neighbour.
        joint_edge: (n_joint, n_around) int32, as clamp_edge.
        clamped: the nodes with a clamp.
        clamp_place: name -> (n_inst,) int32, place among `clamped`.
        clamp_neighbour: (n_clamped, n_around) int32, nodes around each clamped node.
        clamp_edge: (n_clamped, n_around) int32, node whose edge to its parent joins the two; a root's for none.
        bare: the nodes without area whose voltage is recorded.
        bare_neighbour: (n_bare, n_around) int32, as clamp_neighbour.
        bare_edge: (n_bare, n_around) int32, as clamp_edge.
        probes: name -> what is picked, each once.
        probe_row: name -> (n_row,) int32, picked value of each row of the recording.
    """

    forest: Forest
    node_comp: jax.Array
    edge_half: jax.Array
    channels: dict[str, Places]
    fans: dict[str, Fan]
    ions: dict[str, Places]
    diffusion: dict[str, Places]
    stimulated: Places
    stimulus_place: dict[str, jax.Array]
    joint: Places
    joint_neighbour: jax.Array
    joint_edge: jax.Array
    clamped: Places
    clamp_place: dict[str, jax.Array]
    clamp_neighbour: jax.Array
    clamp_edge: jax.Array
    bare: Places
    bare_neighbour: jax.Array
    bare_edge: jax.Array
    probes: dict[str, Places]
    probe_row: dict[str, jax.Array]

    def n_place(self, layout: ChannelLayout) -> int:
        """How many numbers each state of a mechanism has: its places or instances, or all nodes."""
        places, fan = self.channels[layout.name], self.fans.get(layout.name)
        where = fan.place if fan is not None else places.place if layout.everywhere else places.node
        return where.shape[0]


@struct
class Model:
    """A compiled cell: parameters as leaves of a pytree, connections as integer leaves, structure as static data.

    Parameters are named ``"ra"``, ``"cm"``, ``"v"`` (the initial voltage), ``"radius_scale"``, ``"length_scale"``, one
    number a compartment, and ``"<mechanism>.<parameter>"``, one number (or array) an instance. Nothing is changed in
    place.

    Attributes:
        ra: (n_comp,) [ohm cm] axial resistivity.
        cm: (n_comp,) [uF/cm2] specific capacitance.
        v: (n_comp,) [mV] initial voltage.
        radius_scale: (n_comp,) [1] factor on the traced radii.
        length_scale: (n_comp,) [1] factor on the traced lengths.
        mechanisms: name -> mechanism, parameters stacked by instance.
        geometry: the traced frusta.
        wiring: integer arrays.
        layout: the structure.
        info: what the model was compiled from.
    """

    ra: jax.Array
    cm: jax.Array
    v: jax.Array
    radius_scale: jax.Array
    length_scale: jax.Array
    mechanisms: dict[str, AbstractMechanism]
    geometry: Geometry
    wiring: Wiring
    layout: Layout = static()
    info: Info | None = static(default=None)

    def parameters(self) -> dict[str, tuple[tuple[int, ...], str]]:
        """Every parameter's name, shape and unit.

        Returns:
            Name -> (shape, unit), compartment parameters first; without those that follow an ion wherever they are.
        """
        table = {name: (getattr(self, name).shape, unit) for name, unit in COMPARTMENT_PARAMETERS.items()}
        for name, mechanism in self.mechanisms.items():
            for parameter, unit in mechanism.parameters().items():
                if (name, parameter) in self._read:
                    continue
                table[f"{name}.{parameter}"] = (jnp.shape(getattr(mechanism, parameter)), unit)
        return table

    def get(self, name: str) -> jax.Array:
        """The values of a parameter.

        Args:
            name: e.g. ``"HH.gbar_na"`` or ``"cm"``.

        Returns:
            (n_comp,) or (n_inst, ...) values in the parameter's unit.

        Raises:
            KeyError: if there is no such parameter.
        """
        mechanism, _, parameter = self._known(name).rpartition(".")
        return getattr(self.mechanisms[mechanism] if mechanism else self, parameter)

    def set(self, name: str, value: Any, at: Any = None) -> "Model":
        """A model with other values of a parameter.

        Args:
            name: e.g. ``"HH.gbar_na"`` or ``"cm"``; ``"celsius"`` is that of every mechanism and ion that has one.
            value: a number, or an array that broadcasts to the parameter's shape, in its unit. May be traced.
            at: a region (or its name) to which the change is confined; everywhere by default.

        Returns:
            The new model.

        Raises:
            KeyError: if there is no such parameter.
            TypeError: if the value is text or a dict.
            ValueError: if the value's shape or sign does not fit, it is not finite, or `at` is given for a parameter
                that belongs to no compartment, or selects none that has it.
        """
        if name == EVERYWHERE:
            return self._set_everywhere(name, value, at)
        old = self.get(name)
        if isinstance(value, str | dict):
            fix = f"By region: model.set({name!r}, value, at='soma')."
            raise TypeError(must(name, "be a number or an array", value, fix))
        value = jnp.asarray(value, old.dtype)
        try:
            new = jnp.broadcast_to(value, old.shape)
        except ValueError:
            fix = f"model.compartments({name!r}) tells which compartments have it."
            raise ValueError(must(name, f"broadcast to shape {old.shape}", value.shape, fix)) from None
        if not isinstance(value, jax.core.Tracer):
            self._check(name, np.asarray(value))
        if at is not None:
            inside = np.isin(self.compartments(name), select(self.compiled_from.cable, at))
            if not inside.any():
                raise ValueError(f"{name.rpartition('.')[0]} is not inserted in {at!r}: nothing there to set.")
            new = jnp.where(inside.reshape(inside.shape + (1,) * (old.ndim - 1)), new, old)
        return self._with(name, new)

    def _set_everywhere(self, name: str, value: Any, at: Any) -> "Model":
        """What several mechanisms have, set in each of them that is there."""
        names = [n for n in self.parameters() if n.rpartition(".")[2] == name]
        if at is not None:
            inside = select(self.compiled_from.cable, at)
            names = [n for n in names if np.isin(self.compartments(n), inside).any()]
        if not names:
            raise KeyError(unknown("parameter", name, self.parameters(), "No mechanism there has it."))
        new = self
        for one in names:
            new = new.set(one, value, at)
        return new

    def compartments(self, name: str) -> np.ndarray:
        """The compartment of each value of a parameter.

        Args:
            name: e.g. ``"HH.gbar_na"``.

        Returns:
            (n_value,) int, compartments.

        Raises:
            KeyError: if there is no such parameter.
            ValueError: if the parameter is a stimulus's or a clamp's, which stand at a location.
        """
        mechanism = self._known(name).rpartition(".")[0]
        if not mechanism:
            return np.arange(self.layout.n_comp)
        for density in self.compiled_from.densities:
            if density.name == mechanism:
                return np.asarray(density.comp)
        raise ValueError(
            must("a parameter with a region", "belong to compartments", name, "Stimuli stand at a location.")
        )

    def __repr__(self) -> str:
        layout = self.layout
        painted = [c.name for c in layout.channels if not c.is_point]
        channels = ", ".join(f"{name} ({self.wiring.channels[name].node.shape[0]})" for name in painted)
        placed = ", ".join(sorted(layout.placed)) or "nothing placed"
        return f"Model({layout.n_comp} compartments; {channels or 'no channels'}; {placed}; {self.v.dtype})"

    @property
    def spec(self) -> Spec:
        """The model as plain data, with its present parameters: what is saved. Not inside a traced function.

        Raises:
            ValueError: if the model was stripped of its info.
        """
        was = self.compiled_from
        columns = {name: np.asarray(getattr(self, name), float) for name in COMPARTMENT_PARAMETERS}
        now = {
            name: stacked(mechanism, {k: np.asarray(v, float) for k, v in parameter_values(mechanism).items()})
            for name, mechanism in self.mechanisms.items()
        }
        densities = tuple(Density(d.name, now[d.name], d.comp) for d in was.densities)
        points = tuple(Point(p.name, now[p.name], p.node) for p in was.points)
        feeds = tuple(Feed(f.name, now[f.name], f.to, f.instance) for f in was.feeds)
        return Spec(was.cable, **columns, densities=densities, points=points, probes=was.probes, feeds=feeds)

    @property
    def compiled_from(self) -> Spec:
        """The specification that was compiled: its structure is the model's, its parameter values are those of then.

        Raises:
            ValueError: if the model was stripped of its info.
        """
        if self.info is None:
            raise ValueError("this model was stripped of its specification; use the one that compile_model returned.")
        return self.info.spec

    @property
    def nodes(self) -> Frozen | None:
        """(n_node,) int, the cable's node of each node, by which states are told apart; None without info."""
        return None if self.info is None else self.info.nodes

    def _check(self, name: str, value: np.ndarray) -> None:
        if name.rpartition(".")[0] not in self.layout.placed:
            check_values(name, self.parameters()[name][1], value)
        elif np.any(np.isnan(value)):  # infinite is allowed: a pulse that never stops
            raise ValueError(must(name, "not be NaN", float("nan")))

    @property
    def _read(self) -> dict[tuple[str, str], str]:
        """(mechanism, parameter) -> the ion, or "cable", that it follows, of those that follow it everywhere."""
        sizes = {(c.name, parameter): "cable" for c in self.layout.channels for parameter, _ in c.sizes}
        return sizes | {(c.name, r.parameter): r.ion for c in self.layout.channels for r in c.reads if r.wholly}

    def _known(self, name: str) -> str:
        if name not in self.parameters():
            mechanism, _, parameter = name.rpartition(".")
            ion = self._read.get((mechanism, parameter))
            fix = f"It follows the ion {ion!r}: set '{ion}.inside' or '{ion}.outside'." if ion else ""
            fix = "It is the size of the compartment: set 'radius_scale'." if ion == "cable" else fix
            raise KeyError(unknown("parameter", name, self.parameters(), fix))
        return name

    def _with(self, name: str, value: jax.Array) -> "Model":
        mechanism, _, parameter = name.rpartition(".")
        if not mechanism:
            return replace(self, **{parameter: value})
        changed = stacked(self.mechanisms[mechanism], {parameter: value})
        return replace(self, mechanisms={**self.mechanisms, mechanism: changed})

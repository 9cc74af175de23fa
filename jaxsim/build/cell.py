"""`Cell`: a morphology with channels painted on it and stimuli placed on it, before it is compiled."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np

from jaxsim.build.placed import with_value
from jaxsim.build.selection import Selection
from jaxsim.build.trains import Trains, only_instance
from jaxsim.build.values import check_struct, numbers, per_compartment, stack, static_fields
from jaxsim.cable.cable import Cable
from jaxsim.cable.discretise import discretise
from jaxsim.cable.location import Location
from jaxsim.cable.policy import DLambda, PerBranch, Policy
from jaxsim.cable.where import as_region, everywhere, locate, locate_at_distance, select
from jaxsim.errors import must, unknown
from jaxsim.mechanisms.base import AbstractClamp, AbstractMechanism, AbstractPainted, AbstractStimulus, name_of, stacked
from jaxsim.mechanisms.events import SpikeTrain
from jaxsim.mechanisms.point_process import AbstractPointProcess
from jaxsim.model.check import two_clamps
from jaxsim.model.compile import compile_model
from jaxsim.model.model import Model
from jaxsim.model.spec import (
    COMPARTMENT_PARAMETERS,
    EVERYWHERE,
    Density,
    Probe,
    Spec,
    check_values,
    parameter_values,
)
from jaxsim.morphology.morphology import Morphology, tag_name


@dataclasses.dataclass(eq=False)
class _Painted:
    """A mechanism and where it is: parameters over all compartments, meaningful where it is present."""

    channel: AbstractPainted
    present: np.ndarray
    values: dict[str, np.ndarray]


class Cell:
    """A cell under construction. Nothing is computed until `compile`.

    A region is painted (`at(...).insert`, `at(...).set`), at a location things are placed (`stimulate`, `clamp`,
    `record`).

    Args:
        morphology: the traced tree, e.g. from `read_swc`.
        policy: how branches are cut into compartments, e.g. `MaxLength(20.0)`; one compartment a branch by default.
        ra: [ohm cm] axial resistivity.
        cm: [uF/cm2] specific membrane capacitance.
        v: [mV] initial voltage.

    Raises:
        TypeError: if morphology or policy is something else.
        ValueError: if ra or cm is not positive.
    """

    def __init__(
        self,
        morphology: Morphology,
        policy: Policy | None = None,
        *,
        ra: float = 35.4,
        cm: float = 1.0,
        v: float = -65.0,
    ) -> None:
        if not isinstance(morphology, Morphology):
            fix = "Read one with read_swc(path), or make one with cylinder(...)."
            raise TypeError(must("morphology", "be a Morphology", type(morphology).__name__, fix))
        if isinstance(policy, DLambda):
            policy = policy.of_cell(ra, cm)
        self._cable = discretise(morphology, PerBranch(1) if policy is None else policy)
        ones = np.ones(self.cable.n_comp)
        self._columns = {"ra": ones.copy(), "cm": ones.copy(), "v": ones.copy()}
        self._columns |= {"radius_scale": ones.copy(), "length_scale": ones.copy()}
        self._painted: dict[str, _Painted] = {}
        self._points: dict[str, list[tuple[AbstractMechanism, int]]] = {}
        self._feeds: dict[str, Trains] = {}
        self._probes: list[Probe] = []
        for name, value in (("ra", ra), ("cm", cm), ("v", v)):
            self.at(everywhere()).set(name, value)

    @property
    def cable(self) -> Cable:
        """The compartments: their branch, x, distance, radius, area, tag, each (n_comp,)."""
        return self._cable

    @property
    def morphology(self) -> Morphology:
        """The traced tree."""
        return self.cable.morphology

    def at(self, where: Any) -> Selection:
        """A region of the cell.

        Args:
            where: a region such as ``"soma"``, ``"apical"``, `path_distance() > 100.0`, `branches([3, 4])`, or a
                boolean mask.

        Returns:
            The `Selection`, to `insert` and `set` in.

        Raises:
            KeyError: if a region's name does not exist in this cell.
            TypeError: if it is a location, which is a single place.
            ValueError: if no compartment lies in the region.
        """
        region = as_region(where)
        return Selection(self, select(self.cable, region), repr(region))

    def insert(self, channel: AbstractPainted, name: str | None = None) -> "Cell":
        """Insert a channel, a pool or an ion everywhere.

        Args:
            channel: the channel, pool or ion.
            name: its name in the model; the class's name by default, an ion's is its symbol.

        Returns:
            The cell, to go on.

        Raises:
            TypeError: if it is something else.
            ValueError: if one of that name is already there.
        """
        self.at(everywhere()).insert(channel, name)
        return self

    def loc(self, where: Any, x: float = 0.5, *, path_distance: float | None = None) -> Location:
        """A location of the cell.

        Args:
            where: a branch's index, or a region that is one branch, such as ``"soma"``; with path_distance any region.
            x: position along the branch, 0 its proximal and 1 its distal end.
            path_distance: [um] in place of x: the middle of the region's compartment that is nearest to this distance
                from the soma.

        Returns:
            The `Location`, to `stimulate`, `clamp` and `record` at.

        Raises:
            KeyError: if a region's name does not exist in this cell.
            ValueError: if x lies outside [0, 1], the region has several branches, or no compartment of it lies at the
                distance.
        """
        if path_distance is not None:
            return locate_at_distance(self.cable, where, path_distance)
        return locate(self.cable, where, x)

    def stimulate(self, location: Location, stimulus: AbstractStimulus, name: str | None = None) -> "Cell":
        """Place a current source.

        Args:
            location: where, from `loc`.
            stimulus: e.g. `Pulse(amp=1.5, start=1.0, stop=8.0)` [nA, ms].
            name: its name in the model; the class's name by default. Stimuli of one name are instances of one
                mechanism.

        Returns:
            The cell, to go on.

        Raises:
            TypeError: if location is not a location or stimulus no stimulus.
            ValueError: if the stimulus cannot be an instance beside those of the same name.
        """
        self._place(location, stimulus, AbstractStimulus, name, "stimulate")
        return self

    def clamp(self, location: Location, clamp: AbstractClamp, name: str | None = None) -> "Cell":
        """Place an ideal voltage source; its current is recorded with ``record(location, "<name>.i")``.

        Args:
            location: where, from `loc`.
            clamp: e.g. `VoltageClamp(v=-20.0, start=5.0, stop=50.0)` [mV, ms].
            name: its name in the model; the class's name by default.

        Returns:
            The cell, to go on.

        Raises:
            TypeError: if location is not a location or clamp no clamp.
            ValueError: if the clamp cannot be an instance beside those of the same name.
        """
        self._place(location, clamp, AbstractClamp, name, "clamp")
        return self

    def place(self, location: Location, process: AbstractPointProcess, name: str | None = None) -> "Cell":
        """Place a point process; its current is recorded with ``record(location, "<name>.i")``.

        Args:
            location: where, from `loc`; several may stand at one place.
            process: e.g. `SEClamp(v=-20.0, start=5.0, stop=50.0, rs=1.0)`.
            name: its name in the model; the class's name by default. Point processes of one name are instances of one
                mechanism.

        Returns:
            The cell, to go on.

        Raises:
            TypeError: if location is not a location or process no point process.
            ValueError: if the process cannot be an instance beside those of the same name.
        """
        self._place(location, process, AbstractPointProcess, name, "place")
        return self

    def send(self, train: SpikeTrain, location: Location, to: str, name: str | None = None) -> "Cell":
        """Send events to a point process that is placed.

        Args:
            train: e.g. `SpikeTrain(times=[5.0, 12.0], weight=1e-3)` [ms, of ExpSyn uS].
            location: where the point process stands; one of its name.
            to: its name in the model, such as ``"ExpSyn"``.
            name: the train's name; the class's name by default. Trains of one name are instances of one mechanism and
                go to point processes of one name.

        Returns:
            The cell, to go on.

        Raises:
            KeyError: if no point process has that name.
            TypeError: if train is no `SpikeTrain` or location no location.
            ValueError: if there is none, or more than one, at that location, or the train's name is used otherwise.
        """
        if not isinstance(train, SpikeTrain):
            raise TypeError(must("what cell.send sends", "be a SpikeTrain", train, "SpikeTrain(times=[5.0, 12.0])."))
        instance = only_instance(self._points, to, self._node(location, "send"), self._label(location))
        name = name or type(train).__name__
        if name in self._painted or name in self._points or name in self._columns or "." in name:
            raise ValueError(must("the name", "be unused and without a dot", name, "Choose another: name=..."))
        self._feeds[name] = self._feeds.get(name, Trains(name, to)).with_one(train, instance, to)
        return self

    def record(self, location: Location | Iterable[Location], what: str = "v") -> "Cell":
        """Record a quantity.

        Args:
            location: one location or several; one row each.
            what: ``"v"`` [mV], ``"<channel>.<gate>"`` [1], ``"<channel>.i"`` [mA/cm2], ``"<clamp>.i"`` and
                ``"<point process>.i"`` [nA],
                ``"<ion>.inside"`` and ``"<ion>.outside"`` [mM], ``"<ion>.e"`` [mV] or ``"<ion>.i"`` [mA/cm2], the sum
                of the currents that the ion carries, its mean over the step before.

        Returns:
            The cell, to go on.

        Raises:
            TypeError: if a location is something else, or what is no name.
            ValueError: if a location's branch does not exist.
        """
        several = isinstance(location, Iterable) and not isinstance(location, str)
        places: list[Any] = list(location) if several else [location]  # type: ignore[arg-type]
        if not isinstance(what, str):
            raise TypeError(must("what is recorded", 'be a name such as "v" or "HH.m"', what))
        rows = [Probe(what, self._node(place, "record"), self._label(place)) for place in places]
        self._probes.extend(rows)
        return self

    def spec(self) -> Spec:
        """What was built, as frozen plain data."""
        densities = []
        for name, painted in self._painted.items():
            comp = np.flatnonzero(painted.present)
            values = {k: v[comp].copy() for k, v in painted.values.items()}
            densities.append(Density(name, stacked(painted.channel, values), comp))
        points = tuple(stack(name, instances) for name, instances in self._points.items())
        columns = {name: column.copy() for name, column in self._columns.items()}
        probes, feeds = tuple(self._probes), tuple(trains.feed() for trains in self._feeds.values())
        return Spec(self.cable, **columns, densities=tuple(densities), points=points, probes=probes, feeds=feeds)

    def compile(self, dtype: Any = None) -> Model:
        """Compile the cell.

        Args:
            dtype: floating-point type; JAX's default (float32, or float64 where the user enabled it).

        Returns:
            The `Model`.

        Raises:
            KeyError: if something recorded does not exist.
            ValueError: if something is recorded where it is not.
        """
        return compile_model(self.spec(), dtype)

    def __repr__(self) -> str:
        cable = self.cable
        inserted = ", ".join(f"{n} ({int(p.present.sum())})" for n, p in self._painted.items()) or "no channels"
        return f"Cell({cable.n_branch} branches, {cable.n_comp} compartments; {inserted})"

    def _insert(self, selection: Selection, channel: AbstractPainted, name: str | None) -> None:
        if not isinstance(channel, AbstractPainted):
            fix = "Stimuli and clamps are placed: cell.stimulate(cell.loc(...), ...)."
            fix = f"Make one: {channel.__name__}()." if isinstance(channel, type) else fix
            raise TypeError(must("an inserted mechanism", "be a channel such as HH(), a pool or an ion", channel, fix))
        check_struct(channel)
        name = name or name_of(channel)
        values = {k: per_compartment(f"{name}.{k}", v, selection) for k, v in parameter_values(channel).items()}
        for k, unit in channel.parameters().items():
            check_values(f"{name}.{k}", unit, values[k])
        if name in self._points or name in self._feeds or name in self._columns or "." in name:
            raise ValueError(must("a channel's name", "be unused and without a dot", name, "Choose another: name=..."))
        painted = self._painted.get(name)
        if painted is None:
            n_comp = self.cable.n_comp
            blank = {k: np.zeros(n_comp) for k in values}
            painted = self._painted[name] = _Painted(channel, np.zeros(n_comp, bool), blank)
        if type(painted.channel) is not type(channel):
            other = type(painted.channel).__name__
            raise ValueError(f"the name {name!r} already belongs to a {other}. Give this one another: name=...")
        if static_fields(painted.channel) != static_fields(channel):
            was = static_fields(painted.channel)
            raise ValueError(
                f"{name} is already inserted with {was}, all its compartments alike; this one has "
                f"{static_fields(channel)}. Give it another name: name=..."
            )
        twice = int(painted.present[selection.comp].sum())
        if twice:
            raise ValueError(
                f"{name} is already inserted in {twice} compartments of {selection.label}. Change its parameters with "
                f"cell.at(region).set('{name}.<parameter>', value), or insert a second copy under another name=."
            )
        painted.present[selection.comp] = True
        for k, value in values.items():
            painted.values[k][selection.comp] = value

    def _set(self, selection: Selection, name: str, value: Any) -> None:
        values = per_compartment(name, value, selection)
        if name == EVERYWHERE:
            return self._set_everywhere(selection, name, values)
        if name in COMPARTMENT_PARAMETERS:
            check_values(name, COMPARTMENT_PARAMETERS[name], values)
            self._columns[name][selection.comp] = values
            return
        channel, _, parameter = name.rpartition(".")
        painted = self._painted.get(channel)
        if painted is None or parameter not in painted.values:
            known = [f"{n}.{k}" for n, p in self._painted.items() for k in p.values]
            fix = f"Insert {channel} first." if channel and painted is None else ""
            raise KeyError(unknown("parameter", name, [*COMPARTMENT_PARAMETERS, *known], fix))
        missing = int((~painted.present[selection.comp]).sum())
        if missing:
            raise ValueError(
                f"{channel} is not inserted in {missing} of the {len(selection.comp)} compartments of "
                f"{selection.label}. Insert it there first, or set it in a smaller region."
            )
        check_values(name, painted.channel.parameters()[parameter], values)
        painted.values[parameter][selection.comp] = values

    def _set_everywhere(self, selection: Selection, name: str, values: np.ndarray) -> None:
        """Set what several mechanisms have in each of them that is there."""
        having = [p for p in self._painted.values() if name in p.values and p.present[selection.comp].any()]
        points = with_value(self._points, name, dict(zip(selection.comp.tolist(), values, strict=True)), self.cable)
        if not having and points is None:
            raise KeyError(unknown("parameter", name, COMPARTMENT_PARAMETERS, f"Insert one that has a {name!r} first."))
        for painted in having:
            check_values(name, painted.channel.parameters()[name], values)
            here = painted.present[selection.comp]
            painted.values[name][selection.comp[here]] = values[here]
        self._points.update(points or {})

    def _place(self, location: Location, mechanism: Any, kind: Any, name: str | None, verb: str) -> None:
        node = self._node(location, verb)
        if not isinstance(mechanism, kind):
            fix = f"Make one: {mechanism.__name__}(...)." if isinstance(mechanism, type) else ""
            raise TypeError(must(f"what cell.{verb} places", f"be an {kind.__name__}", mechanism, fix))
        check_struct(mechanism)
        name = name or type(mechanism).__name__
        if name in self._painted or name in self._feeds or name in self._columns or "." in name:
            raise ValueError(must("the name", "be unused and without a dot", name, "Choose another: name=..."))
        if isinstance(mechanism, AbstractClamp):
            for other, placed in self._points.items():
                if other != name and any(n == node and isinstance(m, AbstractClamp) for m, n in placed):
                    raise ValueError(two_clamps(other, name))
        values = {k: numbers(f"{name}.{k}", v) for k, v in parameter_values(mechanism).items()}
        instances = [*self._points.get(name, []), (stacked(mechanism, values), node)]
        stack(name, instances)  # raises where the new one does not fit beside the others
        self._points[name] = instances

    def _node(self, location: Any, verb: str) -> int:
        if not isinstance(location, Location):
            fix = f"cell.{verb}(cell.loc('soma', 0.5), ...)."
            raise TypeError(must(f"where cell.{verb} acts", "be a location", location, fix))
        return location.node(self.cable)

    def _label(self, location: Location) -> str:
        name = tag_name(int(self.morphology.tag[location.branch]))
        only = int((self.morphology.tag == self.morphology.tag[location.branch]).sum()) == 1
        return f"{name}({location.x:.3g})" if only else f"{name}[{location.branch}]({location.x:.3g})"

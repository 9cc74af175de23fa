"""Where: a `Region` is a set of compartments (paint on it), a `Location` is one place (put things there).

Regions are written before the cell is cut and answered by a `Cable`: ``tag("apical") & (path_distance() > 100.0)``.
"""

import dataclasses
import math
import operator
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from jaxsim.cable.cable import Cable
from jaxsim.cable.location import Location
from jaxsim.errors import must, unknown
from jaxsim.morphology.morphology import TAG_NAMES

_STANDARD = frozenset({*TAG_NAMES.values(), "dendrite"})


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Region:
    """A set of compartments, described without a cell: combine with ``&``, ``|``, ``-`` and ``~``.

    Make one with `everywhere`, `tag`, `branches`, `from_mask`, or by comparing `path_distance`, `radius` or
    `branch_order` with a number.

    Args:
        label: how it is written; its repr.
        rule: from a cable to its (n_comp,) bool mask.
        quantities: the quantities that were compared, for messages.
        compound: whether the label needs brackets inside a larger one.
    """

    label: str
    rule: Callable[[Cable], np.ndarray]
    quantities: tuple["Quantity", ...] = ()
    compound: bool = False

    def mask(self, cable: Cable) -> np.ndarray:
        """(n_comp,) bool: the compartments of a cable that lie in the region; perhaps none.

        Raises:
            KeyError: if a name does not exist in this cell.
            ValueError: if a branch or a mask does not fit this cell.
        """
        return self.rule(cable)

    def __and__(self, other: object) -> "Region":
        return self._combine(other, "&", operator.and_)

    def __or__(self, other: object) -> "Region":
        return self._combine(other, "|", operator.or_)

    def __sub__(self, other: object) -> "Region":
        return self._combine(other, "-", lambda a, b: a & ~b)

    # "soma" | region, mask & region: what stands left is no region yet, and NumPy must not loop over its elements.
    __array_ufunc__ = None

    def __rand__(self, other: object) -> "Region":
        return as_region(other) & self

    def __ror__(self, other: object) -> "Region":
        return as_region(other) | self

    def __rsub__(self, other: object) -> "Region":
        return as_region(other) - self

    def __invert__(self) -> "Region":
        return Region(f"~{_bracket(self)}", lambda cable: ~self.mask(cable), self.quantities)

    def __bool__(self) -> bool:
        raise TypeError(
            f"a region is not true or false: {self.label}. Combine regions with &, | and ~ in place of and, or and "
            "not, and write path_distance().between(a, b) in place of a < path_distance() < b."
        )

    def __repr__(self) -> str:
        return self.label

    def _combine(self, other: object, sign: str, rule: Callable[[Any, Any], np.ndarray]) -> "Region":
        second = as_region(other)
        return Region(
            f"{_bracket(self)} {sign} {_bracket(second)}",
            lambda cable: rule(self.mask(cable), second.mask(cable)),
            tuple(dict.fromkeys(self.quantities + second.quantities)),
            compound=True,
        )


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Quantity:
    """A number that every compartment has; comparing it with a number gives a `Region`.

    >>> path_distance() > 100.0
    path_distance() > 100.0
    >>> path_distance().between(50.0, 100.0) & tag("apical")
    path_distance().between(50.0, 100.0) & tag('apical')
    """

    name: str
    unit: str
    values: Callable[[Cable], np.ndarray]

    __array_ufunc__ = None  # so that np.float64(100.0) < path_distance() is asked of us

    def __lt__(self, bound: float) -> Region:
        return self._compare("<", operator.lt, bound)

    def __le__(self, bound: float) -> Region:
        return self._compare("<=", operator.le, bound)

    def __gt__(self, bound: float) -> Region:
        return self._compare(">", operator.gt, bound)

    def __ge__(self, bound: float) -> Region:
        return self._compare(">=", operator.ge, bound)

    def between(self, low: float, high: float) -> Region:
        """The compartments where ``low <= quantity <= high``.

        Raises:
            ValueError: if low is greater than high, or one of them is not a number.
        """
        a, b = self._number(low), self._number(high)
        if a > b:
            raise ValueError(must(f"{self}.between(low, high)", "have low <= high", (low, high)))
        return Region(f"{self}.between({a!r}, {b!r})", lambda cable: _within(self.values(cable), a, b), (self,))

    def _compare(self, sign: str, compare: Callable[[Any, Any], np.ndarray], bound: float) -> Region:
        number = self._number(bound)
        label = f"{self} {sign} {number!r}"
        return Region(label, lambda cable: compare(self.values(cable), number), (self,), compound=True)

    def _number(self, bound: object) -> float:
        number = isinstance(bound, int | float | np.number) and not isinstance(bound, bool)
        if not number or math.isnan(bound):  # type: ignore[arg-type]
            raise ValueError(must(f"the bound of {self}", f"be a number [{self.unit}]", bound))
        return float(bound)  # type: ignore[arg-type]

    def __repr__(self) -> str:
        return f"{self.name}()"


def everywhere() -> Region:
    """All compartments.

    Returns:
        The `Region`.
    """
    return Region("everywhere()", lambda cable: np.ones(cable.n_comp, bool))


def tag(name: str | int) -> Region:
    """The compartments of a named region: ``"soma"``, ``"axon"``, ``"basal"``, ``"apical"``, ``"dendrite"``, or a tag.

    Args:
        name: a region's name ("dendrite" is basal and apical together), or an SWC tag.

    Returns:
        The `Region`.

    Raises:
        TypeError: if it is neither a string nor an integer.
    """
    if not isinstance(name, str | int | np.integer) or isinstance(name, bool):
        raise TypeError(must("a region's name", "be a string or an SWC tag", name))
    if not isinstance(name, str):
        return Region(f"tag({int(name)})", lambda cable: cable.tag == name)

    def rule(cable: Cable) -> np.ndarray:
        names = cable.morphology.region_names()
        if name not in names and name not in _STANDARD:
            raise KeyError(unknown("region", name, names))
        return np.isin(cable.tag, sorted(names.get(name, ())))

    return Region(f"tag({name!r})", rule)


def branches(ids: int | Iterable[int]) -> Region:
    """The compartments of given branches.

    Args:
        ids: one branch index or several.

    Returns:
        The `Region`.

    Raises:
        TypeError: if they are not integers.
    """
    wanted = np.atleast_1d(np.asarray(ids if isinstance(ids, int | np.ndarray) else list(ids)))  # type: ignore[arg-type]
    if wanted.size and not np.issubdtype(wanted.dtype, np.integer):
        raise TypeError(must("branches(ids)", "be given branch indices", ids))

    def rule(cable: Cable) -> np.ndarray:
        for b in wanted.tolist():
            _check_branch(cable, b)
        return np.isin(cable.branch, wanted)

    return Region(f"branches({wanted.tolist()})", rule)


def from_mask(mask: np.ndarray, label: str = "") -> Region:
    """The compartments where a mask is true.

    Args:
        mask: (n_comp,) bool, for one cable.
        label: how to write it in messages.

    Returns:
        The `Region`.

    Raises:
        TypeError: if the mask is not boolean.
    """
    chosen = np.array(mask)
    if chosen.dtype != np.bool_ or chosen.ndim != 1:
        raise TypeError(must("mask", "be a one-dimensional boolean array", mask))

    def rule(cable: Cable) -> np.ndarray:
        if len(chosen) != cable.n_comp:
            raise ValueError(must("mask", f"have one value for each of {cable.n_comp} compartments", len(chosen)))
        return chosen.copy()

    return Region(label or f"from_mask({int(chosen.sum())} of {len(chosen)})", rule)


def path_distance() -> Quantity:
    """[um] path length from the soma's centre to a compartment's centre.

    Returns:
        The `Quantity`; compare it with a number [um] to get a `Region`.
    """
    return _PATH_DISTANCE


def radius() -> Quantity:
    """[um] mean radius of a compartment.

    Returns:
        The `Quantity`; compare it with a number [um] to get a `Region`.
    """
    return _RADIUS


def branch_order() -> Quantity:
    """[1] number of forks between the soma and a compartment.

    Returns:
        The `Quantity`; compare it with a number to get a `Region`.
    """
    return _BRANCH_ORDER


_PATH_DISTANCE = Quantity("path_distance", "um", lambda cable: cable.distance)
_RADIUS = Quantity("radius", "um", lambda cable: cable.radius)
_BRANCH_ORDER = Quantity("branch_order", "1", lambda cable: cable.order)


def as_region(where: object) -> Region:
    """A region from what people write: a region, a region's name, or a boolean mask.

    Raises:
        TypeError: for anything else, with what to write.
    """
    if isinstance(where, Region):
        return where
    if isinstance(where, str):
        return tag(where)
    if isinstance(where, np.ndarray) and where.dtype == np.bool_:
        return from_mask(where)
    if isinstance(where, Quantity):
        fix = f"Compare it: {where} > 100.0, or {where}.between(a, b)."
    elif isinstance(where, bool):
        fix = "A quantity has no == or !=; write branch_order().between(2, 2)."
    elif isinstance(where, int | np.integer):
        fix = f"For a branch write branches({where})."
    elif isinstance(where, Location):
        fix = "A location is a single place; mechanisms are painted on regions such as 'soma' or branches(3)."
    else:
        fix = ""
    raise TypeError(must("where", "be a region, a region's name or a boolean mask", where, fix))


def select(cable: Cable, where: object) -> np.ndarray:
    """The compartments of a region, which must not be empty.

    Args:
        cable: the cell.
        where: a region, a region's name or a boolean mask.

    Returns:
        (n,) int, ascending.

    Raises:
        ValueError: if no compartment lies in the region.

    >>> from jaxsim.cable import PerBranch, discretise
    >>> from jaxsim.morphology import ball_and_stick
    >>> cable = discretise(ball_and_stick(10.0, 100.0, 1.0), PerBranch(5))
    >>> select(cable, path_distance() > 50.0)
    array([7, 8, 9])
    """
    region = as_region(where)
    found = np.flatnonzero(region.mask(cable))
    if len(found):
        return found
    ranges = []
    for quantity in region.quantities:
        values = quantity.values(cable)
        ranges.append(f"{quantity} runs from {values.min():.6g} to {values.max():.6g} [{quantity.unit}]")
    known = ", ".join(repr(name) for name in cable.morphology.region_names())
    facts = "; ".join([*ranges, f"regions: {known}"])
    raise ValueError(f"the region {region} selects no compartment. In this cell {facts}.")


def locate(cable: Cable, where: object, x: float = 0.5) -> Location:
    """The location at a fraction of a branch's length.

    Args:
        cable: the cell.
        where: a branch index, or a region that is exactly one branch, such as ``"soma"``.
        x: position in [0, 1] along the branch.

    Raises:
        TypeError: if where is already a location.
        ValueError: if x lies outside [0, 1], the branch does not exist, or the region is not one whole branch.

    >>> from jaxsim.cable import PerBranch, discretise
    >>> from jaxsim.morphology import ball_and_stick
    >>> locate(discretise(ball_and_stick(10.0, 100.0, 1.0), PerBranch(5)), "soma", 0.5)
    Location(branch=0, x=0.5)
    """
    if isinstance(where, Location):
        raise TypeError(
            must("where", "be a branch index or a region", where, "A Location needs no x; use it as it is.")
        )
    if isinstance(where, int | np.integer) and not isinstance(where, bool):
        _check_branch(cable, int(where))
        return Location(int(where), x)
    region = as_region(where)
    found = select(cable, region)
    ids = np.unique(cable.branch[found]).tolist()
    if len(ids) > 1:
        listed = ", ".join(str(b) for b in ids[:12]) + (", ..." if len(ids) > 12 else "")
        raise ValueError(
            f"a location lies on one branch, but {region} covers {len(ids)} branches: {listed}. "
            f"Choose one by its index: cell.loc({ids[0]}, {x!r})."
        )
    first, stop = cable.comp_offset[ids[0] : ids[0] + 2].tolist()
    if len(found) != stop - first:
        raise ValueError(
            f"x is a fraction of a whole branch, but {region} covers only a part of branch {ids[0]}. "
            f"Name the branch: cell.loc({ids[0]}, {x!r})."
        )
    return Location(ids[0], x)


def locate_at_distance(cable: Cable, where: object, distance: float) -> Location:
    """The middle of the compartment of a region that is nearest to a path distance from the soma.

    Args:
        cable: the cell.
        where: a region, or a branch index.
        distance: [um].

    Raises:
        ValueError: if no compartment of the region lies within its own length of that distance.
    """
    comp = select(cable, branches(int(where)) if isinstance(where, int | np.integer) else where)
    away = np.abs(cable.distance[comp] - distance)
    nearest = comp[np.argmin(away)]
    if not np.min(away) <= cable.length[nearest]:
        span = f"{cable.distance[comp].min():.6g} .. {cable.distance[comp].max():.6g}"
        raise ValueError(must("path_distance", f"lie within the region's {span} um", distance))
    return Location(int(cable.branch[nearest]), float(cable.x[nearest]))


def _within(values: np.ndarray, low: float, high: float) -> np.ndarray:
    return (values >= low) & (values <= high)


def _bracket(region: Region) -> str:
    return f"({region.label})" if region.compound else region.label


def _check_branch(cable: Cable, branch: int) -> None:
    if not 0 <= branch < cable.n_branch:
        raise ValueError(must("branch", f"be in 0 .. {cable.n_branch - 1}", branch))

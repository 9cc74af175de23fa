"""`Morphology`: the shape of one cell as a tree of unbranched, traced branches."""

import dataclasses
from functools import cached_property
from typing import Any

import numpy as np

from jaxsim.errors import must

SOMA, AXON, BASAL, APICAL = 1, 2, 3, 4
TAG_NAMES = {SOMA: "soma", AXON: "axon", BASAL: "basal", APICAL: "apical"}


def tag_name(tag: int) -> str:
    """The region name of an SWC tag.

    Args:
        tag: int: 1 soma, 2 axon, 3 basal, 4 apical; others custom.

    Returns:
        The name; ``"tag<number>"`` for a custom tag.

    >>> tag_name(1), tag_name(7)
    ('soma', 'tag7')
    """
    return TAG_NAMES.get(int(tag), f"tag{int(tag)}")


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Morphology:
    """A tree of unbranched, traced branches: frusta between consecutive points.

    A child's first point repeats the point of its parent at which it forks, except at the soma, where the child starts
    at its own first point and is joined by a wire (no membrane, no resistance). Arrays are copied and made read-only.

    Args:
        xyz: (n_point, 3) [um], grouped by branch, proximal to distal.
        radius: (n_point,) [um], positive.
        offset: (n_branch + 1,) int: the points of branch b are ``offset[b]:offset[b + 1]``, at least two of them.
        parent: (n_branch,) int: parent branch, smaller than the branch's own number; -1 for branch 0, the one root.
        parent_x: (n_branch,) in [0, 1]: path position on the parent, as a share of its length, where the branch's first
            point is wired; 0 for the root.
        tag: (n_branch,) int: SWC tag (1 soma, 2 axon, 3 basal, 4 apical, others custom).

    Raises:
        ValueError: when an array breaks one of these rules, or a branch has no length.

    >>> m = Morphology([[0, 0, 0], [10, 0, 0]], [1, 1], [0, 2], [-1], [0], [3])
    >>> m
    Morphology(1 branch, 2 points, 10 um: basal)
    """

    xyz: np.ndarray
    radius: np.ndarray
    offset: np.ndarray
    parent: np.ndarray
    parent_x: np.ndarray
    tag: np.ndarray

    def __post_init__(self) -> None:
        for name, dtype in _DTYPES.items():
            object.__setattr__(self, name, _read_only(name, getattr(self, name), dtype))
        _check_shapes(self)
        _check_values(self)
        _check_tree(self)

    @property
    def n_point(self) -> int:
        """Number of points."""
        return len(self.radius)

    @property
    def n_branch(self) -> int:
        """Number of branches."""
        return len(self.parent)

    @cached_property
    def branch_of_point(self) -> np.ndarray:
        """(n_point,): the branch that each point belongs to."""
        return _frozen(np.repeat(np.arange(self.n_branch), np.diff(self.offset)))

    @cached_property
    def arc(self) -> np.ndarray:
        """(n_point,) [um]: path position of each point inside its branch, 0 at the branch's first point."""
        step = np.zeros(self.n_point)
        step[1:] = np.sqrt(np.sum(np.diff(self.xyz, axis=0) ** 2, axis=1))
        step[self.offset[:-1]] = 0.0
        total = np.cumsum(step)
        # One running sum over the whole cell would round short branches against the length of all before them.
        if self.n_branch > 1:
            total = np.concatenate([np.cumsum(s) for s in np.split(step, self.offset[1:-1])])
        return _frozen(total)

    @cached_property
    def length(self) -> np.ndarray:
        """(n_branch,) [um]: path length of each branch."""
        return _frozen(self.arc[self.offset[1:] - 1])

    def points(self, branch: int) -> tuple[np.ndarray, np.ndarray]:
        """The traced points of one branch, proximal to distal.

        Args:
            branch: int: its number, 0 <= branch < n_branch.

        Returns:
            (n, 3) [um] coordinates and (n,) [um] radii.

        Raises:
            ValueError: when there is no such branch.
        """
        if not 0 <= branch < self.n_branch:
            raise ValueError(must("branch", f"be a number from 0 to {self.n_branch - 1}", branch))
        part = slice(self.offset[branch], self.offset[branch + 1])
        return self.xyz[part], self.radius[part]

    def region_names(self) -> dict[str, frozenset[int]]:
        """The regions that this cell has, by name, with the tags that each one holds.

        >>> from jaxsim.morphology import ball_and_stick
        >>> {name: set(tags) for name, tags in ball_and_stick(10.0, 100.0, 1.0).region_names().items()}
        {'soma': {1}, 'basal': {3}, 'dendrite': {3}}
        """
        tags = sorted({int(t) for t in self.tag})
        names = {tag_name(t): frozenset([t]) for t in tags}
        dendrite = frozenset(t for t in tags if t in (BASAL, APICAL))
        return names | ({"dendrite": dendrite} if dendrite else {})

    def __repr__(self) -> str:
        regions = ", ".join(name for name in self.region_names() if name != "dendrite")
        branches = "1 branch" if self.n_branch == 1 else f"{self.n_branch} branches"
        return f"Morphology({branches}, {self.n_point} points, {self.length.sum():.6g} um: {regions})"


_DTYPES: dict[str, type] = {
    "xyz": np.float64,
    "radius": np.float64,
    "offset": np.int64,
    "parent": np.int64,
    "parent_x": np.float64,
    "tag": np.int64,
}


def _frozen(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array


def _read_only(name: str, value: Any, dtype: type) -> np.ndarray:
    try:
        given = np.asarray(value)
        array: np.ndarray = given.astype(dtype)
    except (TypeError, ValueError):
        raise ValueError(must(name, f"be an array of {np.dtype(dtype)}", value)) from None
    if dtype is np.int64 and not np.array_equal(array, given):
        raise ValueError(must(name, "be whole numbers", value))
    return _frozen(array)


def _check_shapes(m: Morphology) -> None:
    if m.offset.ndim != 1 or len(m.offset) < 2:
        raise ValueError(must("offset", "be (n_branch + 1,) for at least one branch", m.offset.shape))
    n_branch, n_point = len(m.offset) - 1, int(m.offset[-1])
    rules = {
        "xyz": (n_point, 3),
        "radius": (n_point,),
        "parent": (n_branch,),
        "parent_x": (n_branch,),
        "tag": (n_branch,),
    }
    for name, shape in rules.items():
        got = getattr(m, name).shape
        if got != shape:
            raise ValueError(must(name, f"have shape {shape}, as offset says ({n_branch} branches)", got))
    size = np.diff(m.offset)
    if m.offset[0] != 0 or size.min() < 2:
        bad = int(np.argmin(size))
        raise ValueError(
            must("offset", f"start at 0 and give every branch two points (branch {bad})", m.offset[: bad + 2])
        )


def _check_values(m: Morphology) -> None:
    bad = np.flatnonzero(~np.isfinite(m.xyz).all(axis=1))
    if bad.size:
        raise ValueError(must(f"xyz of point {bad[0]}", "be finite [um]", m.xyz[bad[0]].tolist()))
    bad = np.flatnonzero(~(np.isfinite(m.radius) & (m.radius > 0)))
    if bad.size:
        raise ValueError(must(f"radius of point {bad[0]}", "be positive and finite [um]", float(m.radius[bad[0]])))
    bad = np.flatnonzero(~((m.parent_x >= 0) & (m.parent_x <= 1)))
    if bad.size:
        raise ValueError(must(f"parent_x of branch {bad[0]}", "lie in [0, 1]", float(m.parent_x[bad[0]])))
    bad = np.flatnonzero(m.length <= 0)
    if bad.size:
        fix = "Drop the branch, or move one of its points."
        raise ValueError(must(f"length of branch {bad[0]}", "be positive [um]", float(m.length[bad[0]]), fix))


def _check_tree(m: Morphology) -> None:
    if m.parent[0] != -1:
        raise ValueError(must("parent of branch 0", "be -1: branch 0 is the root", int(m.parent[0])))
    if m.parent_x[0] != 0:
        raise ValueError(must("parent_x of branch 0", "be 0: branch 0 is the root", float(m.parent_x[0])))
    index = np.arange(m.n_branch)
    bad = np.flatnonzero((m.parent[1:] < 0) | (m.parent[1:] >= index[1:])) + 1
    if bad.size:
        fix = "Number parents before their children; a cell has one root."
        raise ValueError(must(f"parent of branch {bad[0]}", f"be from 0 to {bad[0] - 1}", int(m.parent[bad[0]]), fix))

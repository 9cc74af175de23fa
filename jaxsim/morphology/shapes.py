"""Morphologies made by hand: a cylinder, a ball and stick, Rall's binary tree, any list of branches."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from jaxsim.errors import must
from jaxsim.morphology.layout import lay_out
from jaxsim.morphology.morphology import BASAL, SOMA, Morphology

# Rall's law: a fork into two equal daughters with r^(3/2) conserved; equal lengths in units of the length constant.
RALL_RADIUS_RATIO = 2.0 ** (-2.0 / 3.0)
RALL_LENGTH_RATIO = 2.0 ** (-1.0 / 3.0)


@dataclasses.dataclass(frozen=True, eq=False)
class Branch:
    """One branch for `from_branches`.

    Args:
        points: (n,) [um] path positions along the branch, starting at 0, or (n, 3) [um] coordinates; n >= 2.
        radius: (n,) or a number [um].
        parent: index of the parent in the list; -1 for the root, which stands first.
        parent_x: where on the parent it is wired, in [0, 1]; of no meaning for the root.
        tag: SWC tag: 1 soma, 2 axon, 3 basal, 4 apical, others custom.
    """

    points: Any
    radius: Any
    parent: int = -1
    parent_x: float = 1.0
    tag: int = BASAL


def from_branches(branches: Sequence[Branch]) -> Morphology:
    """A morphology from a list of branches, parents before children.

    A branch given by path positions is drawn straight, fanned out around its parent in the plane z = 0; its lengths,
    areas and resistances are exact whatever the drawing.

    Args:
        branches: the root first; ``Branch.parent`` refers to positions in this list.

    Returns:
        The morphology; branch i is ``branches[i]``.

    Raises:
        ValueError: when a branch has fewer than two points, positions that decrease or do not start at 0, a radius
            per point that does not fit, or a parent that does not stand before it.
        TypeError: when an item is no `Branch`.

    >>> m = from_branches([
    ...     Branch([0, 20], 10.0, tag=1),
    ...     Branch([0, 6, 20], [6.0, 10.0, 7.0], parent=0, parent_x=0.5),
    ... ])
    >>> m.length.round(9).tolist()
    [20.0, 20.0]
    """
    if len(branches) == 0:
        raise ValueError("from_branches needs at least one branch: the root, Branch(points, radius).")
    for i, branch in enumerate(branches):
        if not isinstance(branch, Branch):
            raise TypeError(must(f"branch {i}", "be a Branch(points, radius, parent, parent_x, tag)", branch))
    checked = [_points_and_radius(i, branch) for i, branch in enumerate(branches)]
    parent = np.array([branch.parent for branch in branches])
    parent_x = np.array([0.0, *(branch.parent_x for branch in branches[1:])])
    _check_parents(parent, parent_x)
    tag = np.array([branch.tag for branch in branches])
    xyz = lay_out([points for points, _ in checked], [radius for _, radius in checked], parent, parent_x, tag)
    offset = np.cumsum([0, *(len(radius) for _, radius in checked)])
    return Morphology(np.concatenate(xyz), np.concatenate([r for _, r in checked]), offset, parent, parent_x, tag)


def cylinder(length: float, radius: float, *, tag: int = BASAL) -> Morphology:
    """One unbranched cylinder along x.

    Args:
        length: [um].
        radius: [um].
        tag: SWC tag, int.

    Returns:
        The morphology, of one branch and two points.

    Raises:
        ValueError: when a size is not positive and finite.

    >>> cylinder(1000.0, 0.5, tag=2)
    Morphology(1 branch, 2 points, 1000 um: axon)
    """
    return from_branches([Branch([0.0, _positive("length", length)], _positive("radius", radius), tag=tag)])


def ball_and_stick(soma_radius: float, length: float, radius: float, *, x: float = 1.0, tag: int = BASAL) -> Morphology:
    """A soma (a cylinder as long as it is wide, with a sphere's area) and one unbranched neurite.

    Args:
        soma_radius: [um].
        length: of the neurite [um].
        radius: of the neurite [um].
        x: where on the soma the neurite starts, in [0, 1].
        tag: SWC tag of the neurite, int.

    Returns:
        The morphology: branch 0 is the soma, of three points, branch 1 the neurite.

    Raises:
        ValueError: when a size is not positive and finite, or x lies outside [0, 1].

    >>> m = ball_and_stick(10.0, 200.0, 1.0)
    >>> m.length.tolist(), m.tag.tolist(), m.parent_x.tolist()
    ([20.0, 200.0], [1, 3], [0.0, 1.0])
    """
    soma_length = 2.0 * _positive("soma_radius", soma_radius)
    soma = Branch([0.0, soma_length / 2, soma_length], soma_radius, tag=SOMA)
    stick = Branch([0.0, _positive("length", length)], _positive("radius", radius), parent=0, parent_x=x, tag=tag)
    return from_branches([soma, stick])


def binary_tree(
    depth: int, length: float | Sequence[float], radius: float | Sequence[float], *, tag: int = BASAL
) -> Morphology:
    """A tree in which every branch but the last ones forks into two: 2^depth - 1 branches, level by level.

    With one number for the root, deeper levels follow Rall's law, length 2^(-k/3) and radius 2^(-2k/3) times the
    root's at level k, so that the tree is equivalent to one unbranched cable.

    Args:
        depth: int: number of levels, at least 1.
        length: of the root branch, or (depth,) of each level [um].
        radius: of the root branch, or (depth,) of each level [um].
        tag: SWC tag, int.

    Returns:
        The morphology; the children of branch b are 2 b + 1 and 2 b + 2.

    Raises:
        ValueError: when a size is not positive and finite, or there is not one for each level.

    Source: Rall 1962, Ann N Y Acad Sci 96:1071; Bhalla, Bilitch & Bower 1992, Trends Neurosci 15:453 (Rallpack 2).

    >>> binary_tree(3, 32.0, 8.0).length.round(2).tolist()
    [32.0, 25.4, 25.4, 20.16, 20.16, 20.16, 20.16]
    """
    if depth < 1:
        raise ValueError(must("depth", "be at least 1", depth))
    lengths = _per_level("length", length, depth, RALL_LENGTH_RATIO)
    radii = _per_level("radius", radius, depth, RALL_RADIUS_RATIO)
    branches = []
    for level in range(depth):
        for i in range(2**level):
            parent = 2 ** (level - 1) - 1 + i // 2 if level else -1
            branches.append(Branch([0.0, lengths[level]], radii[level], parent=parent, tag=tag))
    return from_branches(branches)


def _positive(name: str, value: float) -> float:
    if not (np.isfinite(value) and value > 0):
        raise ValueError(must(name, "be positive and finite [um]", value))
    return float(value)


def _per_level(name: str, value: float | Sequence[float], depth: int, ratio: float) -> list[float]:
    levels = np.asarray(value, dtype=float)
    if levels.ndim == 0:
        levels = levels * ratio ** np.arange(depth)
    if levels.shape != (depth,):
        raise ValueError(must(name, f"be one number or one for each of the {depth} levels [um]", value))
    return [_positive(name, v) for v in levels.tolist()]


def _points_and_radius(i: int, branch: Branch) -> tuple[np.ndarray, np.ndarray]:
    points = np.asarray(branch.points, dtype=float)
    if points.shape[0:1] < (2,) or points.shape[1:] not in ((), (3,)):
        raise ValueError(must(f"points of branch {i}", "be (n,) positions or (n, 3) coordinates, n >= 2", points.shape))
    radius = np.asarray(branch.radius, dtype=float)
    if radius.ndim == 0:
        radius = np.full(len(points), radius)
    if radius.shape != (len(points),):
        raise ValueError(must(f"radius of branch {i}", f"be one number or ({len(points)},), as points", radius.shape))
    if points.ndim == 1 and (points[0] != 0 or np.any(np.diff(points) < 0)):
        raise ValueError(must(f"positions of branch {i}", "start at 0 and never decrease [um]", points.tolist()))
    return points, radius


def _check_parents(parent: np.ndarray, parent_x: np.ndarray) -> None:
    for i in range(1, len(parent)):
        if not 0 <= parent[i] < i:
            fix = "The root stands first; every other branch names an earlier one."
            raise ValueError(must(f"parent of branch {i}", f"be from 0 to {i - 1}", int(parent[i]), fix))
        if not 0 <= parent_x[i] <= 1:
            raise ValueError(must(f"parent_x of branch {i}", "lie in [0, 1]", float(parent_x[i])))

"""Edits of a morphology: each returns a new one."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from jaxsim.errors import must, unknown
from jaxsim.morphology.layout import point_at
from jaxsim.morphology.morphology import SOMA, Morphology


def prune(m: Morphology, which: str | int | Iterable[int]) -> Morphology:
    """The morphology without some branches and everything that grows from them.

    Args:
        m: the morphology.
        which: a region name (``"axon"``, ``"dendrite"``, ``"tag7"``), a branch number or several.

    Returns:
        The rest, renumbered in the same order.

    Raises:
        ValueError: when there is no such branch, or the root would go.
        KeyError: when the cell has no such region.

    >>> from jaxsim.morphology import ball_and_stick
    >>> prune(ball_and_stick(10.0, 200.0, 1.0), "dendrite")
    Morphology(1 branch, 3 points, 20 um: soma)
    """
    drop = _branch_mask(m, which)
    if drop[0]:
        raise ValueError("prune cannot take the root branch (0): nothing would be left. Name branches that grow on it.")
    for b in range(1, m.n_branch):
        drop[b] |= drop[m.parent[b]]
    keep = ~drop
    number = np.cumsum(keep) - 1
    points = keep[m.branch_of_point]
    offset = np.concatenate([[0], np.cumsum(np.diff(m.offset)[keep])])
    parent = np.where(m.parent < 0, -1, number[m.parent])[keep]
    return Morphology(m.xyz[points], m.radius[points], offset, parent, m.parent_x[keep], m.tag[keep])


def attach(m: Morphology, other: Morphology, branch: int, x: float = 1.0) -> Morphology:
    """The morphology with another one grown on it.

    Args:
        m: the morphology that stays where it is.
        other: what to add; it is moved so that its first point lies at the location.
        branch: int: the branch of ``m`` on which its root is wired.
        x: where on that branch, in [0, 1].

    Returns:
        The branches of ``m`` with their numbers, then those of ``other``.

    Raises:
        ValueError: when there is no such branch or x lies outside [0, 1].

    >>> from jaxsim.morphology import cylinder
    >>> attach(cylinder(100.0, 1.0), cylinder(50.0, 0.5, tag=2), 0, 0.5)
    Morphology(2 branches, 4 points, 150 um: axon, basal)
    """
    if not 0 <= x <= 1:
        raise ValueError(must("x", "lie in [0, 1]", x))
    target, _ = m.points(branch)
    shift = point_at(target, x) - other.xyz[0]
    parent = np.where(other.parent < 0, branch, other.parent + m.n_branch)
    parent_x = np.concatenate([[x], other.parent_x[1:]])
    return Morphology(
        np.concatenate([m.xyz, other.xyz + shift]),
        np.concatenate([m.radius, other.radius]),
        np.concatenate([m.offset, other.offset[1:] + m.n_point]),
        np.concatenate([m.parent, parent]),
        np.concatenate([m.parent_x, parent_x]),
        np.concatenate([m.tag, other.tag]),
    )


def rotation(axis: Sequence[float], degrees: float) -> np.ndarray:
    """The rotation about an axis through the origin, counter-clockwise seen from its tip.

    Args:
        axis: (3,), any length but zero.
        degrees: the angle [degrees].

    Returns:
        (3, 3) [1], for ``transform(m, rotate=...)``.

    Raises:
        ValueError: when the axis is not three finite numbers, or all are zero.

    >>> (rotation([0, 0, 1], 90.0) @ [1.0, 0.0, 0.0]).round(12).tolist()
    [0.0, 1.0, 0.0]
    """
    direction = np.asarray(axis, dtype=float)
    if direction.shape != (3,) or not np.isfinite(direction).all() or not direction.any():
        raise ValueError(must("axis", "be three finite numbers, not all zero", axis))
    u = direction / np.linalg.norm(direction)
    cross = np.array([[0.0, -u[2], u[1]], [u[2], 0.0, -u[0]], [-u[1], u[0], 0.0]])
    angle = math.radians(degrees)
    return np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross


def transform(
    m: Morphology,
    *,
    scale: float | Sequence[float] = 1.0,
    rotate: np.ndarray | None = None,
    translate: Sequence[float] = (0.0, 0.0, 0.0),
) -> Morphology:
    """The morphology scaled about the origin, then rotated, then moved.

    Args:
        m: the morphology.
        scale: factor of coordinates and radii, positive; or three, for x, y and z (as for voxels of unequal sides):
            radii then scale by their geometric mean.
        rotate: (3, 3) rotation matrix, see `rotation`.
        translate: (3,) [um].

    Returns:
        The morphology in its new place and size.

    Raises:
        ValueError: when a factor is not positive, ``rotate`` is no rotation, or ``translate`` is not finite.

    >>> from jaxsim.morphology import cylinder
    >>> transform(cylinder(1000.0, 500.0), scale=1e-3)
    Morphology(1 branch, 2 points, 1 um: basal)
    """
    factor = np.asarray(scale, dtype=float)
    if factor.shape not in ((), (3,)) or not np.all(np.isfinite(factor) & (factor > 0)):
        raise ValueError(must("scale", "be one positive number or three", scale))
    turn = np.eye(3) if rotate is None else np.asarray(rotate, dtype=float)
    if turn.shape != (3, 3) or not np.allclose(turn @ turn.T, np.eye(3), atol=1e-9) or np.linalg.det(turn) < 0:
        raise ValueError(
            must("rotate", "be a (3, 3) rotation matrix", turn.tolist(), "Make one with rotation(axis, degrees).")
        )
    shift = np.asarray(translate, dtype=float)
    if shift.shape != (3,) or not np.isfinite(shift).all():
        raise ValueError(must("translate", "be three finite numbers [um]", translate))
    radius = m.radius * (factor if factor.ndim == 0 else np.cbrt(factor.prod()))
    xyz = m.xyz * factor
    if rotate is not None:
        xyz = xyz @ turn.T
    return Morphology(xyz + shift, radius, m.offset, m.parent, m.parent_x, m.tag)


def split_branches(m: Morphology, max_length: float) -> Morphology:
    """The morphology with long branches cut into serial branches of equal length, none longer than max_length.

    Points are interpolated at the cuts, so that lengths, areas and resistances are conserved; a branch wired inside
    another keeps its place. A soma stays whole: it is one place, and distances count from its centre.

    Args:
        m: the morphology.
        max_length: [um], positive.

    Returns:
        The pieces, in the order of their branches.

    Raises:
        ValueError: when max_length is not positive.

    >>> from jaxsim.morphology import cylinder
    >>> split_branches(cylinder(100.0, 1.0), 40.0).length.round(6).tolist()
    [33.333333, 33.333333, 33.333333]
    """
    if not max_length > 0:
        raise ValueError(must("max_length", "be positive [um]", max_length))
    # Lengths that are whole multiples but for rounding are not cut once more.
    count = np.maximum(np.ceil(m.length / max_length * (1 - 1e-12)).astype(np.int64), 1)
    count[m.tag == SOMA] = 1
    first = np.concatenate([[0], np.cumsum(count)])
    pieces: list[np.ndarray] = []
    parent = np.arange(first[-1]) - 1
    parent_x = np.ones(first[-1])
    for b in range(m.n_branch):
        pieces.extend(_cut(m, b, int(count[b])))
        above = m.parent[b]
        if above < 0:
            parent_x[0] = 0.0
            continue
        # The last piece that begins before the place, so that a place on a cut is the end of a piece.
        place = m.parent_x[b] * count[above]
        piece = max(math.ceil(place) - 1, 0)
        parent[first[b]] = first[above] + piece
        parent_x[first[b]] = place - piece
    points = np.concatenate(pieces)
    offset = np.concatenate([[0], np.cumsum([len(p) for p in pieces])])
    return Morphology(points[:, :3], points[:, 3], offset, parent, parent_x, np.repeat(m.tag, count))


def _branch_mask(m: Morphology, which: str | int | Iterable[int]) -> np.ndarray:
    if isinstance(which, str):
        known = m.region_names()
        if which not in known:
            raise KeyError(unknown("region", which, known))
        return np.isin(m.tag, list(known[which]))
    mask = np.zeros(m.n_branch, dtype=bool)
    for b in [which] if isinstance(which, int | np.integer) else which:
        if not 0 <= b < m.n_branch:
            raise ValueError(must("branch", f"be a number from 0 to {m.n_branch - 1}", b))
        mask[b] = True
    return mask


def _cut(m: Morphology, branch: int, count: int) -> list[np.ndarray]:
    """The points (n, 4) of each of the serial pieces of one branch."""
    part = slice(m.offset[branch], m.offset[branch + 1])
    points, arc = np.column_stack([m.xyz[part], m.radius[part]]), m.arc[part]
    cuts = arc[-1] * np.arange(1, count) / count
    # A point on a cut, and any repetition of it, ends the piece before: its jump in radius is counted once.
    after = np.searchsorted(arc, cuts, side="right")
    weight = (cuts - arc[after - 1]) / (arc[after] - arc[after - 1])
    between = points[after - 1] + weight[:, None] * (points[after] - points[after - 1])
    pieces: list[np.ndarray] = []
    start, lower = np.empty((0, 4)), 0
    for cut, upper in zip(between, after, strict=True):
        end = cut[None] if arc[upper - 1] < cuts[len(pieces)] else np.empty((0, 4))
        pieces.append(np.concatenate([start, points[lower:upper], end]))
        start, lower = cut[None], upper
    pieces.append(np.concatenate([start, points[lower:]]))
    return pieces

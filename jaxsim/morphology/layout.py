"""Where branches that have lengths but no coordinates are drawn: a fan in the plane z = 0."""

import math
from collections import defaultdict

import numpy as np

from jaxsim.morphology.morphology import SOMA

# The sector [radians] into which a branch's children fan out, by where they start on the root.
_AT_END = (0.0, math.pi)
_AT_START = (math.pi, math.pi)
_INSIDE = (math.pi / 2, 2 * math.pi)
_ASIDE = math.pi / 3  # how far a child inside a neurite turns from it
_NARROWEST_FORK = math.pi / 6


def point_at(xyz: np.ndarray, x: float) -> np.ndarray:
    """The point at the share x of a traced path.

    Args:
        xyz: (n, 3) [um].
        x: in [0, 1].

    Returns:
        (3,) [um].
    """
    step = np.sqrt(np.sum(np.diff(xyz, axis=0) ** 2, axis=1))
    arc = np.concatenate([[0.0], np.cumsum(step)])
    return np.array([np.interp(x * arc[-1], arc, xyz[:, k]) for k in range(3)])


def lay_out(
    points: list[np.ndarray], radius: list[np.ndarray], parent: np.ndarray, parent_x: np.ndarray, tag: np.ndarray
) -> list[np.ndarray]:
    """Coordinates of every branch: those given as (n, 3) as they are, those given as (n,) positions drawn straight.

    A branch inside a soma starts on the soma's surface; any other starts at the point to which it is wired.

    Returns:
        (n, 3) [um] for each branch.
    """
    direction = _directions(parent, parent_x)
    drawn: list[np.ndarray] = []
    for i, given in enumerate(points):
        if given.ndim == 2:
            drawn.append(given)
            continue
        start, heading = np.zeros(3), np.array([math.cos(direction[i]), math.sin(direction[i]), 0.0])
        if i > 0:
            start = point_at(drawn[parent[i]], parent_x[i])
            if tag[parent[i]] == SOMA and 0 < parent_x[i] < 1:
                start = start + heading * radius[parent[i]].mean()
        drawn.append(start + given[:, None] * heading)
    return drawn


def _directions(parent: np.ndarray, parent_x: np.ndarray) -> np.ndarray:
    """The angle of every branch [radians]: each subtree gets a sector in proportion to its number of tips."""
    n = len(parent)
    children: dict[int, list[int]] = defaultdict(list)
    for i in range(1, n):
        children[int(parent[i])].append(i)
    tips = np.array([0.0 if children[i] else 1.0 for i in range(n)])
    for i in range(n - 1, 0, -1):
        tips[parent[i]] += tips[i]
    angle, width = np.zeros(n), np.full(n, 2 * math.pi / 3)
    for b in range(n):
        groups: dict[tuple[float, float], list[int]] = defaultdict(list)
        for child in children[b]:
            groups[_sector(b, float(angle[b]), float(width[b]), float(parent_x[child]))].append(child)
        for (centre, spread), members in groups.items():
            share = tips[members] / tips[members].sum()
            left = centre - spread / 2 + spread * (np.cumsum(share) - share)
            angle[members] = left + spread * share / 2
            width[members] = np.maximum(spread * share, _NARROWEST_FORK)
    return angle


def _sector(branch: int, angle: float, width: float, x: float) -> tuple[float, float]:
    """Centre and width of the sector for children at x of a branch, seen from it."""
    if branch > 0:
        return (angle if x == 1 else angle + _ASIDE), width
    return _AT_END if x == 1 else _AT_START if x == 0 else _INSIDE

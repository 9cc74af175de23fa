"""The cell that the embedded configuration fits: a small pyramidal neuron, drawn by rule from a fixed seed."""

import dataclasses

import numpy as np

from jaxsim.morphology import Branch, Morphology, from_branches
from jaxsim.morphology.morphology import APICAL, AXON, BASAL, SOMA

_SEED = 7
_SPACING = 8.0  # um between traced points
_WANDER = 0.16  # radians by which a branch turns from point to point
_SOMA_LENGTH, _SOMA_RADIUS = 24.0, 10.5  # um


@dataclasses.dataclass(frozen=True)
class Growth:
    """How one tree grows: a fork after each level.

    Args:
        lengths: [um] branch length at each level.
        radius: [um] at the start of the tree.
        taper: radius at a branch's end over that at its start.
        spread: [radians] angle between a fork's two children.
        tag: SWC tag.
    """

    lengths: tuple[float, ...]
    radius: float
    taper: float
    spread: float
    tag: int


def example_cell() -> Morphology:
    """A pyramidal cell: soma, three basal trees, an apical tree with two obliques and a tuft, a short axon.

    Returns:
        The morphology, always the same.
    """
    rng = np.random.default_rng(_SEED)
    branches = [_soma()]
    basal = Growth((45.0, 60.0, 75.0), 0.9, 0.7, 1.0, BASAL)
    for angle in (-2.7, -1.0, -0.3):
        _grow(branches, 0, 0.35, _point(branches, 0, 0.35), angle, basal, 0, basal.radius, rng)
    trunk = Growth((70.0,), 2.0, 0.8, 0.0, APICAL)
    stem = _grow(branches, 0, 1.0, _point(branches, 0, 1.0), np.pi / 2, trunk, 0, trunk.radius, rng)
    for side, radius in ((1, 1.5), (-1, 1.3)):
        oblique = Growth((55.0, 70.0), 0.8, 0.6, 0.8, APICAL)
        end = _point(branches, stem, 1.0)
        _grow(branches, stem, 1.0, end, np.pi / 2 - side * 1.15, oblique, 0, oblique.radius, rng)
        further = Growth((80.0,), radius, 0.85, 0.0, APICAL)
        stem = _grow(branches, stem, 1.0, end, np.pi / 2 + side * 0.08, further, 0, radius, rng)
    tuft = Growth((60.0, 75.0), 0.9, 0.6, 0.7, APICAL)
    for angle in (np.pi / 2 + 0.5, np.pi / 2 - 0.5):
        _grow(branches, stem, 1.0, _point(branches, stem, 1.0), angle, tuft, 0, tuft.radius, rng)
    axon = Growth((160.0,), 0.8, 0.75, 0.0, AXON)
    _grow(branches, 0, 0.0, _point(branches, 0, 0.0), -np.pi / 2 - 0.15, axon, 0, axon.radius, rng)
    return from_branches(branches)


def _soma() -> Branch:
    y = np.linspace(-0.5, 0.5, 13) * _SOMA_LENGTH
    xyz = np.stack([np.zeros_like(y), y, np.zeros_like(y)], axis=1)
    profile = np.sqrt(1.0 - (1.6 * y / _SOMA_LENGTH) ** 2)
    return Branch(xyz, _SOMA_RADIUS * profile, tag=SOMA)


def _point(branches: list[Branch], branch: int, x: float) -> np.ndarray:
    """The point at a fraction of a branch, (3,) [um]."""
    xyz = np.asarray(branches[branch].points)
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(xyz, axis=0), axis=1))])
    return np.array([np.interp(x * arc[-1], arc, xyz[:, k]) for k in range(3)])


def _grow(
    branches: list[Branch],
    parent: int,
    parent_x: float,
    start: np.ndarray,
    angle: float,
    growth: Growth,
    level: int,
    radius: float,
    rng: np.random.Generator,
) -> int:
    """Append a branch and, level by level, its children; the number of the branch."""
    length = growth.lengths[level]
    n = max(round(length / _SPACING), 2)
    heading = angle + _WANDER * np.cumsum(rng.standard_normal(n)) / 2
    depth = 0.25 * np.cumsum(rng.standard_normal(n)) / n
    step = np.stack([np.cos(heading), np.sin(heading), depth], axis=1) * (length / n)
    xyz = np.concatenate([start[None], start + np.cumsum(step, axis=0)])
    end = growth.taper * radius
    number = len(branches)
    branches.append(Branch(xyz, np.linspace(radius, end, n + 1), parent=parent, parent_x=parent_x, tag=growth.tag))
    if level + 1 < len(growth.lengths):
        for side in (-0.5, 0.5):
            turn = heading[-1] + side * growth.spread * rng.uniform(0.8, 1.2)
            _grow(branches, number, 1.0, xyz[-1], turn, growth, level + 1, 0.85 * end, rng)
    return number

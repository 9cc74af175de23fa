"""Lengths, areas, distances and orders of a morphology, and a summary for people."""

import dataclasses

import numpy as np

from jaxsim.morphology.morphology import SOMA, Morphology, tag_name
from jaxsim.morphology.swc import unit_suspicion

_THIN, _THICK = 0.05, 10.0  # um: radii of neurites below and above which a reconstruction is suspicious


@dataclasses.dataclass(frozen=True)
class RegionSummary:
    """Totals of one region.

    Args:
        name: of the region.
        n_branch: int: number of branches.
        length: [um].
        area: [um2].
        volume: [um3].
        min_diameter: [um].
        max_diameter: [um].
    """

    name: str
    n_branch: int
    length: float
    area: float
    volume: float
    min_diameter: float
    max_diameter: float


@dataclasses.dataclass(frozen=True)
class Summary:
    """What a morphology is made of; ``str(summary)`` is a table.

    Args:
        n_point, n_branch, n_fork, n_tip: counts; forks and tips outside the soma.
        regions: one `RegionSummary` a tag.
        extent: (3,) [um] size of the bounding box.
        max_order: largest branch order.
        max_distance: largest path distance from the soma's centre [um].
        warnings: sentences about what looks wrong.
    """

    n_point: int
    n_branch: int
    n_fork: int
    n_tip: int
    regions: tuple[RegionSummary, ...]
    extent: tuple[float, float, float]
    max_order: int
    max_distance: float
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        size = " x ".join(f"{e:.1f}" for e in self.extent)
        lines = [
            f"{self.n_point} points, {self.n_branch} branches, {self.n_fork} forks, {self.n_tip} tips",
            f"extent {size} um, branch order up to {self.max_order}, path distance up to {self.max_distance:.1f} um",
            f"{'region':<10}{'branches':>10}{'length um':>13}{'area um2':>13}{'diameter um':>22}",
        ]
        for r in self.regions:
            diameter = f"{r.min_diameter:.3g} to {r.max_diameter:.3g}"
            lines.append(f"{r.name:<10}{r.n_branch:>10}{r.length:>13.1f}{r.area:>13.1f}{diameter:>22}")
        return "\n".join([*lines, *(f"warning: {w}" for w in self.warnings)])


def area(m: Morphology) -> np.ndarray:
    """Membrane of each branch, the lateral surface of its frusta: sum pi (r1 + r2) sqrt(dx^2 + (r2 - r1)^2).

    Args:
        m: the morphology.

    Returns:
        (n_branch,) [um2].

    >>> from jaxsim.morphology import cylinder
    >>> area(cylinder(100.0, 0.5)).round(6).tolist()
    [314.159265]
    """
    dx, r1, r2, branch = _frusta(m)
    return np.bincount(branch, np.pi * (r1 + r2) * np.hypot(dx, r2 - r1), m.n_branch)


def volume(m: Morphology) -> np.ndarray:
    """Volume of each branch: sum pi dx (r1^2 + r1 r2 + r2^2) / 3.

    Args:
        m: the morphology.

    Returns:
        (n_branch,) [um3].
    """
    dx, r1, r2, branch = _frusta(m)
    return np.bincount(branch, np.pi * dx * (r1**2 + r1 * r2 + r2**2) / 3, m.n_branch)


def path_distance(m: Morphology) -> np.ndarray:
    """Path distance of each point from the soma's centre, or from the root point of a cell without a soma.

    The centre is the middle of the root branch. A wire has no length: a neurite wired at the centre starts at 0.

    Args:
        m: the morphology.

    Returns:
        (n_point,) [um].

    >>> from jaxsim.morphology import ball_and_stick
    >>> path_distance(ball_and_stick(10.0, 200.0, 1.0)).tolist()
    [10.0, 0.0, 10.0, 10.0, 210.0]
    """
    start = np.zeros(m.n_branch)
    centre = m.length[0] / 2 if m.tag[0] == SOMA else 0.0
    for b in range(1, m.n_branch):
        parent = m.parent[b]
        along = m.parent_x[b] * m.length[parent]
        start[b] = abs(along - centre) if parent == 0 else start[parent] + along
    distance = start[m.branch_of_point] + m.arc
    root = slice(0, m.offset[1])
    distance[root] = np.abs(m.arc[root] - centre)
    return distance


def branch_order(m: Morphology) -> np.ndarray:
    """Branch order: 0 for the root, one more at each fork and on leaving the soma.

    A branch that merely continues its parent, the only one at its end (after a change of tag), has its parent's order.

    Args:
        m: the morphology.

    Returns:
        (n_branch,) int.

    >>> from jaxsim.morphology import binary_tree
    >>> branch_order(binary_tree(3, 10.0, 1.0)).tolist()
    [0, 1, 1, 2, 2, 2, 2]
    """
    at_end = np.bincount(m.parent[1:][m.parent_x[1:] == 1], minlength=m.n_branch)
    order = np.zeros(m.n_branch, dtype=np.int64)
    for b in range(1, m.n_branch):
        parent = m.parent[b]
        leaves_soma = m.tag[parent] == SOMA and m.tag[b] != SOMA
        continues = m.parent_x[b] == 1 and at_end[parent] == 1 and not leaves_soma
        order[b] = order[parent] + (not continues)
    return order


def summary(m: Morphology) -> Summary:
    """Counts, totals by region and what looks wrong.

    Args:
        m: the morphology.

    Returns:
        The summary; ``print`` it for a table.

    >>> from jaxsim.morphology import ball_and_stick
    >>> print(summary(ball_and_stick(10.0, 200.0, 1.0)))
    5 points, 2 branches, 0 forks, 1 tips
    extent 220.0 x 0.0 x 0.0 um, branch order up to 1, path distance up to 210.0 um
    region      branches    length um     area um2           diameter um
    soma               1         20.0       1256.6              20 to 20
    basal              1        200.0       1256.6                2 to 2
    """
    neurite = m.tag != SOMA
    at_end = np.bincount(m.parent[1:][m.parent_x[1:] == 1], minlength=m.n_branch)
    inside = {(int(p), float(x)) for p, x in zip(m.parent[1:], m.parent_x[1:], strict=True) if x < 1 and neurite[p]}
    size = np.ptp(m.xyz, axis=0)
    return Summary(
        n_point=m.n_point,
        n_branch=m.n_branch,
        n_fork=int(np.sum(neurite & (at_end > 1))) + len(inside),
        n_tip=int(np.sum(neurite & (at_end == 0))),
        regions=_regions(m),
        extent=(float(size[0]), float(size[1]), float(size[2])),
        max_order=int(branch_order(m).max()),
        max_distance=float(path_distance(m).max()),
        warnings=tuple(_suspicions(m)),
    )


def _frusta(m: Morphology) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Length, radius at either end and branch of every frustum."""
    inside = m.branch_of_point[1:] == m.branch_of_point[:-1]
    return np.diff(m.arc)[inside], m.radius[:-1][inside], m.radius[1:][inside], m.branch_of_point[1:][inside]


def _regions(m: Morphology) -> tuple[RegionSummary, ...]:
    areas, volumes, tag_of_point = area(m), volume(m), m.tag[m.branch_of_point]
    regions = []
    for tag in np.unique(m.tag):
        mine, diameter = m.tag == tag, 2 * m.radius[tag_of_point == tag]
        region = RegionSummary(
            name=tag_name(tag),
            n_branch=int(mine.sum()),
            length=float(m.length[mine].sum()),
            area=float(areas[mine].sum()),
            volume=float(volumes[mine].sum()),
            min_diameter=float(diameter.min()),
            max_diameter=float(diameter.max()),
        )
        regions.append(region)
    return tuple(regions)


def _suspicions(m: Morphology) -> list[str]:
    found = [unit_suspicion(m)]
    neurite = m.radius[m.tag[m.branch_of_point] != SOMA]
    if not np.any(m.tag == SOMA):
        found.append("no soma (no branch with tag 1): distances count from the root point.")
    elif m.tag[0] != SOMA:
        found.append("the root branch is no soma although the cell has one: distances count from the root point.")
    undefined = int(np.sum(m.tag == 0))
    if undefined:
        count = "1 branch has" if undefined == 1 else f"{undefined} branches have"
        found.append(f"{count} tag 0 (undefined): of no named region but 'tag0'.")
    zero = int(np.sum(_frusta(m)[0] == 0))
    if zero:
        found.append(f"{zero} zero-length segment{'s' * (zero > 1)} (repeated points): harmless.")
    thin = int(np.sum(neurite < _THIN))
    if thin:
        found.append(
            f"{thin} points have a radius below {_THIN} um, the smallest {neurite.min():.3g} um: see min_radius=."
        )
    thick = int(np.sum(neurite > _THICK))
    if thick:
        found.append(
            f"{thick} points outside the soma have a radius above {_THICK:g} um, up to {neurite.max():.4g} um."
        )
    if len(neurite) >= 20 and np.ptp(neurite) == 0:
        found.append(f"all radii outside the soma are {neurite[0]:.4g} um: diameters were probably not measured.")
    return [sentence for sentence in found if sentence]

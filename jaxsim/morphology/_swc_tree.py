"""From a checked SWC table to branches: where a branch ends, how a soma is drawn, where a child is wired."""

import numpy as np

from jaxsim.morphology._swc_table import Table
from jaxsim.morphology.morphology import SOMA, Morphology

_FORK_TAG, _TIP_TAG = 5, 6  # in files that mark structure, not regions
_SPHERE_TOLERANCE = 0.01  # how far a NeuroMorpho three-point soma may be from length = diameter


def build(table: Table) -> Morphology:
    """The branches of one tree, numbered in the order of their first points."""
    table = _without_sphere_marks(_without_structure_tags(table))
    while True:
        wired, continues, parent_x = _rules(table)
        first = np.flatnonzero(~continues)
        head = _follow(np.where(continues, table.parent, np.arange(len(table.tag))))
        order = np.argsort(head, kind="stable")  # grouped by branch, proximal to distal inside it
        branch = np.searchsorted(first, head)
        n_own = np.bincount(branch)
        fork = table.parent[first]
        # A branch starts with the point at which it forks, unless it is joined by a wire and can stand alone.
        repeats = (fork >= 0) & ~(wired[first] & (n_own > 1))
        points, offset = _points(table, order, first, n_own, repeats)
        empty = np.add.reduceat(_step(points, offset), offset[:-1]) == 0
        if not empty.any():
            parent = np.where(fork < 0, -1, branch[fork])
            return Morphology(points[:, :3], points[:, 3], offset, parent, parent_x[first], table.tag[first])
        # Points of a branch without length stand where another point stands: that one takes their children.
        is_first = np.isin(np.arange(len(table.tag)), first[~repeats])
        table = _merge(table, empty[branch] & ~is_first)


def _follow(source: np.ndarray) -> np.ndarray:
    """Where each pointer ends, by doubling; an end points to itself."""
    for _ in range(len(source).bit_length()):
        source = source[source]
    return source


def _merge(table: Table, drop: np.ndarray) -> Table:
    """The table without some points, their children given to their nearest ancestor that stays."""
    ancestor = _follow(np.where(drop, table.parent, np.arange(len(drop))))
    parent = np.where(table.parent < 0, -1, ancestor[table.parent])
    return Table(table.tag, table.xyz, table.radius, parent).keep(~drop)


def _count_children(table: Table, which: np.ndarray) -> np.ndarray:
    """(n,): the number of children of each point among the points of a mask."""
    child = np.flatnonzero(which & (table.parent >= 0))
    return np.bincount(table.parent[child], minlength=len(table.tag))


def _without_structure_tags(table: Table) -> Table:
    """The table with the neurite's own tag at forks and tips, where a file marks exactly these with tags 5 and 6.

    Old SWC files tag structure instead of regions; read as regions, every fork would become a branch of its own.
    """
    n_child = _count_children(table, np.ones(len(table.tag), dtype=bool))
    fork, tip = table.tag == _FORK_TAG, table.tag == _TIP_TAG
    neurite = table.tag != SOMA
    if not (fork.any() and tip.any()):
        return table
    if np.any(fork != (neurite & (n_child > 1))) or np.any(tip != (neurite & (n_child == 0))):
        return table
    marked = fork | tip
    source = _follow(np.where(marked, table.parent, np.arange(len(table.tag))))
    tag = np.where(marked & (table.tag[source] == SOMA), 0, table.tag[source])
    return Table(tag, table.xyz, table.radius, table.parent)


def _without_sphere_marks(table: Table) -> Table:
    """A soma of three points, the centre and one on either side at its radius, is the one point at the centre.

    The rule of NeuroMorpho.org: equal radii, no other children on the two outer points, and the length along the
    three equal to the diameter within 1 %.
    """
    soma = np.flatnonzero(table.tag == SOMA)
    if len(soma) != 3 or soma[0] != 0 or np.any(table.parent[soma[1:]] != 0):
        return table
    outer = soma[1:]
    if np.isin(table.parent, outer).any() or np.any(table.radius[outer] != table.radius[0]):
        return table
    length = np.sqrt(np.sum((table.xyz[outer] - table.xyz[0]) ** 2, axis=1)).sum()
    if abs(length / (2 * table.radius[0]) - 1) >= _SPHERE_TOLERANCE:
        return table
    return table.keep(~np.isin(np.arange(len(table.tag)), outer))


def _rules(table: Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For every point: is it joined by a wire, does it continue its parent's branch, and if not, where is it wired."""
    n = len(table.tag)
    at = np.maximum(table.parent, 0)
    soma = table.tag == SOMA
    same = (table.parent >= 0) & (table.tag == table.tag[at])
    n_same = _count_children(table, same)
    n_child = _count_children(table, np.ones(n, dtype=bool))
    neurite_on_soma = (table.parent >= 0) & ~soma & soma[at]
    # A root without a child of its own tag is a ball; at the first point of a longer soma, and at its last point, a
    # neurite goes on from the soma's axis without a wire, unless the soma itself forks there.
    on_ball = (at == 0) & (n_same[0] == 0) & (table.parent >= 0)
    wired = on_ball | (neurite_on_soma & np.where(at == 0, n_same[at] > 1, n_same[at] > 0))
    # A root, or a neurite that starts at a wire, goes on through a fork at its very first point: the other
    # children start at x = 0, where a branch of one point would have no length.
    through = wired.copy()
    through[0] = True
    eldest = np.full(n, -1)
    same_children = np.flatnonzero(same)[::-1]
    eldest[table.parent[same_children]] = same_children  # written backwards, so that the first one stays
    alone = np.where(soma, n_same, n_child)[at] == 1
    continues = same & (eldest[at] == np.arange(n)) & (through[at] | alone)
    starts_there = (at == 0) | (through[at] & (n_same[at] > 0))
    inside_soma = neurite_on_soma & (at > 0) & (n_same[at] == 1)
    x = np.where(on_ball | inside_soma, 0.5, np.where(starts_there, 0.0, 1.0))
    x[0] = 0.0
    return wired, continues, x


def _points(
    table: Table, order: np.ndarray, first: np.ndarray, n_own: np.ndarray, repeats: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(n_point, 4) x, y, z, radius by branch, and the offsets."""
    lone_root = n_own[0] == 1
    size = n_own + repeats
    size[0] += 2 * lone_root
    offset = np.concatenate([[0], np.cumsum(size)])
    own_start = np.concatenate([[0], np.cumsum(n_own)])[:-1]
    shift = offset[:-1] + repeats - own_start
    points = np.empty((offset[-1], 4))
    values = np.column_stack([table.xyz, table.radius])
    points[np.arange(len(order)) + np.repeat(shift, n_own)] = values[order]
    child = first[repeats]
    points[offset[:-1][repeats]] = values[table.parent[child]]
    # A neurite keeps its own calibre up to the soma's axis: the soma's radius would add a large cone of membrane.
    leaves_soma = (table.tag[table.parent[child]] == SOMA) & (table.tag[child] != SOMA)
    leaves_soma |= lone_root & (table.parent[child] == 0)
    points[offset[:-1][repeats][leaves_soma], 3] = table.radius[child[leaves_soma]]
    if lone_root:
        points[:3] = _sphere(values[0])
    return points, offset


def _sphere(point: np.ndarray) -> np.ndarray:
    """A sphere as a cylinder along x, as long as it is wide: the same area, (3, 4)."""
    sphere = np.tile(point, (3, 1))
    sphere[0, 0] -= point[3]
    sphere[2, 0] += point[3]
    return sphere


def _step(points: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """(n_point,) [um]: the distance from the point before in the same branch, 0 at a branch's first point."""
    step = np.zeros(len(points))
    step[1:] = np.sqrt(np.sum(np.diff(points[:, :3], axis=0) ** 2, axis=1))
    step[offset[:-1]] = 0.0
    return step

"""From branches to the points of an SWC file: which points are written, and which point is whose parent."""

import numpy as np

from jaxsim.errors import must
from jaxsim.morphology._swc_table import Table
from jaxsim.morphology.morphology import SOMA, Morphology


def to_table(m: Morphology) -> Table:
    """The points to write, branch by branch; a child's repetition of its fork point is left out.

    Raises:
        ValueError: when a branch starts where no written point stands.
    """
    row_of = np.full(m.n_point, -1)  # the row that stands for each point of m; a repeated point shares its parent's
    parent_row: list[int] = []
    kept: list[int] = []
    ball = is_ball(m)
    for b in range(m.n_branch):
        if ball and b == 0:
            row_of[:3], parent_row, kept = 0, [-1], [1]
            continue
        start, stop = int(m.offset[b]), int(m.offset[b + 1])
        above = -1
        if b > 0:
            at = 1 if ball and m.parent[b] == 0 else _fork_point(m, b)
            above = int(row_of[at])
            if not (_starts_at_a_wire(m, b) or (ball and m.parent[b] == 0)):
                _check_repeats(m, b, at)
                row_of[start] = above
                start += 1
        row_of[start:stop] = np.arange(len(kept), len(kept) + stop - start)
        parent_row.extend([above, *row_of[start : stop - 1].tolist()])
        kept.extend(range(start, stop))
    kept_rows = np.array(kept)
    return Table(m.tag[m.branch_of_point[kept_rows]], m.xyz[kept_rows], m.radius[kept_rows], np.array(parent_row))


def is_ball(m: Morphology) -> bool:
    """Whether the root is what a reader makes of one point: a cylinder along x, as long as it is wide, wired at 0.5."""
    xyz, radius = m.points(0)
    if len(radius) != 3 or np.any(radius != radius[1]) or np.any(m.parent_x[m.parent == 0] != 0.5):
        return False
    if np.any(m.tag[m.parent == 0] == m.tag[0]):
        return False
    return np.array_equal(xyz, xyz[1] + np.array([[-1.0, 0, 0], [0, 0, 0], [1.0, 0, 0]]) * radius[1])


def same_branches(m: Morphology, other: Morphology) -> str:
    """The first difference between two morphologies, in words; empty when there is none."""
    if m.n_branch != other.n_branch:
        return f"its {m.n_branch} branches would be read back as {other.n_branch}"
    for name in ("parent", "parent_x", "tag"):
        wrong = np.flatnonzero(getattr(m, name) != getattr(other, name))
        if wrong.size:
            b = wrong[0]
            return f"branch {b} would be read back with {name} {getattr(other, name)[b]}, not {getattr(m, name)[b]}"
    if not np.array_equal(m.offset, other.offset):
        b = int(np.flatnonzero(m.offset != other.offset)[0]) - 1
        return f"branch {b} would be read back with another number of points"
    for name in ("xyz", "radius"):
        if not np.array_equal(getattr(m, name), getattr(other, name)):
            return f"a {name} would be read back differently"
    return ""


def _fork_point(m: Morphology, b: int) -> int:
    """The point of the parent at which a branch starts."""
    parent, x = int(m.parent[b]), float(m.parent_x[b])
    first, last = int(m.offset[parent]), int(m.offset[parent + 1]) - 1
    if x in (0.0, 1.0):
        return first if x == 0 else last
    if m.tag[parent] == SOMA and m.tag[b] != SOMA and x == 0.5 and last - first > 1:
        inside = m.arc[first + 1 : last] - m.length[parent] / 2
        return first + 1 + int(np.argmin(np.abs(inside)))
    fix = "Cut the parent there, so that the branch starts at its end."
    if m.tag[parent] == SOMA:
        fix = "Start neurites at 0, 0.5 (with a point of the soma in between) or 1 of it."
    raise ValueError(must(f"SWC: parent_x of branch {b}", "be 0 or 1, or 0.5 of a soma of three points", x, fix))


def _starts_at_a_wire(m: Morphology, b: int) -> bool:
    """Whether a reader will wire the branch to the soma: inside it, or at an end where the soma forks itself."""
    parent, x = m.parent[b], m.parent_x[b]
    if m.tag[parent] != SOMA or m.tag[b] == SOMA:
        return False
    if 0 < x < 1:
        return True
    return bool(np.any((m.parent == parent) & (m.parent_x == x) & (m.tag == SOMA)))


def _check_repeats(m: Morphology, b: int, at: int) -> None:
    start = m.offset[b]
    if not np.array_equal(m.xyz[start], m.xyz[at]):
        fix = "Move the branch there, or add the point to its beginning."
        where = f"repeat its fork point {m.xyz[at].tolist()}"
        raise ValueError(must(f"SWC: the first point of branch {b}", where, m.xyz[start].tolist(), fix))
    keeps_calibre = m.tag[m.parent[b]] == SOMA and m.tag[b] != SOMA
    radius = m.radius[start + 1] if keeps_calibre else m.radius[at]
    if m.radius[start] != radius:
        whose = "of its own second point" if keeps_calibre else "of its fork point"
        fix = "SWC gives a point one radius; taper the branch within its first piece."
        rule = f"be the radius {whose}, {radius:g}"
        raise ValueError(must(f"SWC: the first radius of branch {b}", rule, float(m.radius[start]), fix))

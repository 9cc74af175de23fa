"""Random trees for the tests of the morphology floor."""

from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from jaxsim.morphology import Branch, Morphology, from_branches

quick = settings(max_examples=40)


def swc_text(points: list[tuple]) -> str:
    """One line a point: id, tag, x, y, z, radius, parent."""
    return "\n".join(" ".join(str(value) for value in point) for point in points) + "\n"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


@st.composite
def swc_points(draw) -> list[tuple]:
    """Any SWC tree, points on a coarse grid so that some coincide, in an order in which parents need not come first."""
    n = draw(st.integers(1, 25))
    tags = [draw(st.sampled_from([1, 1, 3, 7]))]
    parents = [0]
    for i in range(1, n):
        up = draw(st.integers(max(0, i - 3), i - 1) | st.integers(0, i - 1))
        parents.append(up + 1)
        tags.append(draw(st.sampled_from([tags[up], tags[up], 1 if tags[up] == 1 else 3, 2, 4])))
    grid = draw(st.lists(st.tuples(*[st.integers(-3, 3)] * 3), min_size=n, max_size=n))
    radii = draw(st.lists(st.sampled_from([0.3, 0.5, 1.1, 2.0]), min_size=n, max_size=n))
    rows = [
        (i + 1, tags[i], *(round(0.7 * c, 3) for c in grid[i]), radii[i], parents[i] if i else -1) for i in range(n)
    ]
    return draw(st.permutations(rows)) if draw(st.booleans()) else rows


@st.composite
def morphologies(draw) -> Morphology:
    """Any tree of branches with coordinates, children anywhere on their parents."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    branches = []
    for i in range(draw(st.integers(1, 10))):
        n = int(rng.integers(2, 6))
        xyz = np.cumsum(rng.normal(0, 10, (n, 3)), axis=0)
        parent = int(rng.integers(0, i)) if i else -1
        x = float(rng.choice([0.0, 0.5, 1.0, rng.uniform()]))
        tag = 1 if i == 0 else int(rng.choice([2, 3, 4, 7]))
        branches.append(Branch(xyz, rng.uniform(0.2, 3.0, n), parent=parent, parent_x=x, tag=tag))
    return from_branches(branches)


def contiguous_swc(seed: int) -> list[tuple]:
    """A tree whose points stand next to their parents where they can, as reconstruction programs write it.

    The soma's points come first; a neurite does not fork at its first point. Without a soma all tags are equal.
    """
    rng = np.random.default_rng(seed)
    points: list[tuple] = []

    def grow(parent: int, tag: int, straight: bool) -> None:
        if len(points) >= 40:
            return
        i = len(points) + 1
        points.append((i, tag, *np.round(rng.normal(0, 20, 3), 3), round(float(rng.uniform(0.2, 2)), 3), parent))
        n_child = 1 if straight else int(rng.choice([0, 1, 1, 2, 3])) if i > 1 else int(rng.integers(1, 5))
        child_tags = [int(rng.choice([1, 2, 3, 4])) if tag == 1 else tag for _ in range(n_child)]
        if tag > 1 and has_soma and not straight:
            child_tags = [int(t) for t in rng.choice([tag, tag, tag, 2, 3, 4], n_child)]
        for child in sorted(child_tags, key=lambda t: t != 1):
            grow(i, child, straight=tag == 1 and child != 1)

    has_soma = bool(rng.random() < 0.8)
    grow(-1, 1 if has_soma else 3, straight=False)
    return points


def same(a: Morphology, b: Morphology) -> bool:
    """Whether two morphologies are the same, number by number."""
    names = ("xyz", "radius", "offset", "parent", "parent_x", "tag")
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)

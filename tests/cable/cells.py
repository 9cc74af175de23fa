"""Small cells for the tests of the cable."""

import numpy as np

from jaxsim.morphology.morphology import Morphology


def straight(branches) -> Morphology:
    """A tree of straight branches, each ``(positions [um], diameters [um], parent, parent_x, tag)``.

    Branch b runs along its own direction from wherever it is joined; only positions and diameters matter.
    """
    xyz, radius, offset = [], [], [0]
    for b, (position, diameter, _, _, _) in enumerate(branches):
        direction = np.array([np.cos(b), np.sin(b), 0.0])
        xyz.append(np.outer(position, direction))
        radius.append(0.5 * np.asarray(diameter, float))
        offset.append(offset[-1] + len(position))
    parent, parent_x, tag = ([branch[i] for branch in branches] for i in (2, 3, 4))
    return Morphology(np.concatenate(xyz), np.concatenate(radius), offset, parent, parent_x, tag)


def one_branch(position, diameter, tag: int = 3) -> Morphology:
    """A single straight branch."""
    return straight([(position, diameter, -1, 0.0, tag)])


def small_cell() -> Morphology:
    """Soma (0); basal on its end (1), forking into 2 and 3; axon on its start (4); apical (5) and, inside that, 6."""
    return straight(
        [
            ([0.0, 10.0, 20.0], [12.0, 20.0, 14.0], -1, 0.0, 1),
            ([0.0, 40.0, 100.0], [4.0, 3.0, 2.0], 0, 1.0, 3),
            ([0.0, 60.0], [2.0, 1.0], 1, 1.0, 3),
            ([0.0, 90.0], [1.5, 1.0], 1, 1.0, 3),
            ([0.0, 200.0], [1.0, 1.0], 0, 0.0, 2),
            ([0.0, 300.0], [5.0, 2.0], 0, 0.5, 4),
            ([0.0, 80.0], [1.0, 0.5], 5, 0.4, 4),
        ]
    )


def random_tree(seed: int, n_branch: int = 12) -> Morphology:
    """A random tree with joints at both ends and inside, and with steps in diameter anywhere but on a branch's end."""
    rng = np.random.default_rng(seed)
    branches = []
    for b in range(n_branch):
        step = rng.uniform(0.5, 30.0, rng.integers(1, 8))
        step[:-1][rng.random(len(step) - 1) < 0.3] = 0.0
        position = np.concatenate([[0.0], np.cumsum(step)])
        place = rng.choice([0.0, 1.0, rng.uniform(0.05, 0.95)])
        parent = int(rng.integers(0, b)) if b else -1
        tag = 1 if b == 0 else int(rng.integers(2, 5))
        branches.append((position, rng.uniform(0.3, 5.0, len(position)), parent, float(place) if b else 0.0, tag))
    return straight(branches)

"""The order of elimination: level by level, every node once, parents first."""

import numpy as np
import pytest

from jaxsim.cable.order import levels
from tests.numerics.systems import KINDS, in_levels, parents, side_branches

N = 300


def depth(parent: np.ndarray) -> np.ndarray:
    """(n,) edges between each node and its root."""
    found = np.zeros(len(parent), int)
    for i, p in enumerate(parent):
        if p != i:
            found[i] = found[p] + 1
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_levels_put_parents_first_and_lose_nobody(kind):
    parent = parents(kind, N, np.random.default_rng(1))
    order = levels(parent)
    assert sorted(order.tolist()) == list(range(N))
    position = np.argsort(order)
    below_root = parent != np.arange(N)
    assert np.all(position[parent[below_root]] < position[np.flatnonzero(below_root)])
    assert np.all(np.diff(depth(parent)[order]) >= 0)


def test_branches_side_by_side_keep_their_order():
    """Four equal branches: the parent of each node stands four places before it."""
    parent = in_levels(side_branches(4, 10))
    assert parent[:5].tolist() == [0] * 5
    np.testing.assert_array_equal(parent[5:], np.arange(5, 41) - 4)

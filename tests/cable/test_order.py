"""The reduced node tree is the same circuit as the cable's full one, in the order that the solver wants."""

import numpy as np
import pytest

from jaxsim.cable import Cable, PerBranch, discretise
from jaxsim.cable.order import NodeTree, elimination_tree
from tests.cable.cells import one_branch, random_tree, small_cell

SEEDS = range(4)


def cable_of(seed: int, n: int = 3) -> Cable:
    return discretise(random_tree(seed), PerBranch(n))


def tree_of(cable: Cable, keep=()) -> NodeTree:
    return elimination_tree(cable.n_comp, cable.node_parent, cable.edge_half, keep)


def matrix(parent: np.ndarray, edge_half: np.ndarray, r_half: np.ndarray, excess: np.ndarray) -> np.ndarray:
    """Kirchhoff's law as a dense matrix: halves in series between a node and its parent, `excess` on the diagonal."""
    a = np.diag(excess)
    for i, (p, halves) in enumerate(zip(parent, edge_half, strict=True)):
        if p >= 0 and p != i:
            g = 1.0 / sum(r_half.ravel()[h] for h in halves if h >= 0)
            a[np.ix_([i, p], [i, p])] += g * np.array([[1, -1], [-1, 1]])
    return a


def voltages(cable: Cable, seed: int, injected: np.ndarray, tree: NodeTree | None = None) -> np.ndarray:
    """The voltages of the full circuit, or of the reduced one: random conductances to ground at the compartments."""
    ground = np.zeros(cable.n_node)
    ground[: cable.n_comp] = np.random.default_rng(seed).uniform(0.1, 1.0, cable.n_comp)
    if tree is None:
        return np.linalg.solve(matrix(cable.node_parent, cable.edge_half, cable.r_half, ground), injected)
    return np.linalg.solve(matrix(tree.parent, tree.edge_half, cable.r_half, ground[tree.node]), injected[tree.node])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n", [1, 2, 3])
def test_reduction_keeps_kirchhoffs_solution(seed, n):
    cable = cable_of(seed, n)
    injected = np.zeros(cable.n_node)
    injected[: cable.n_comp] = np.random.default_rng(seed).normal(size=cable.n_comp)
    tree = tree_of(cable)
    assert tree.n_node < cable.n_node
    full = voltages(cable, seed, injected)
    np.testing.assert_allclose(voltages(cable, seed, injected, tree), full[tree.node], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_current_may_enter_at_any_kept_node(seed):
    cable = cable_of(seed)
    keep = np.random.default_rng(seed).choice(np.arange(cable.n_comp, cable.n_node), 4, replace=False)
    injected = np.zeros(cable.n_node)
    injected[keep] = [1.0, -2.0, 0.5, 3.0]
    tree = tree_of(cable, keep.tolist())
    full = voltages(cable, seed, injected)
    np.testing.assert_allclose(voltages(cable, seed, injected, tree), full[tree.node], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_compartments_and_kept_nodes_stay(seed):
    cable = cable_of(seed)
    keep = [cable.n_comp, cable.n_node - 1]
    tree = tree_of(cable, keep)
    assert {*range(cable.n_comp), *keep} <= set(tree.node.tolist())


@pytest.mark.parametrize("seed", SEEDS)
def test_only_forks_remain_of_the_nodes_without_area(seed):
    cable = cable_of(seed)
    tree = tree_of(cable)
    joins = np.zeros(tree.n_node, int)
    for i, p in enumerate(tree.parent):
        if p != i:
            joins[[i, p]] += 1
    assert np.all(joins[tree.node >= cable.n_comp] >= 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_parents_come_first_and_levels_follow_each_other(seed):
    tree = tree_of(cable_of(seed))
    index = np.arange(tree.n_node)
    root = tree.parent == index
    assert np.all(tree.parent[~root] < index[~root])
    depth = np.zeros(tree.n_node, int)
    for i in index[~root]:
        depth[i] = depth[tree.parent[i]] + 1
    assert np.all(np.diff(depth) >= 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_position_is_the_inverse_of_node(seed):
    cable = cable_of(seed)
    tree = tree_of(cable)
    np.testing.assert_array_equal(tree.position[tree.node], np.arange(tree.n_node))
    left_out = np.setdiff1d(np.arange(cable.n_node), tree.node)
    assert len(left_out)
    np.testing.assert_array_equal(tree.position[left_out], -1)


def test_every_half_but_those_of_dead_ends_carries_current_once():
    """A half appears in one edge; missing are those that end in the air."""
    cable = discretise(small_cell(), PerBranch(3))
    tree = tree_of(cable)
    used = tree.edge_half[tree.edge_half >= 0]
    assert len(used) == len(set(used.tolist()))
    m = cable.morphology
    tips = np.setdiff1d(np.arange(cable.n_branch), m.parent[m.parent_x == 1.0])
    dead = {2 * (cable.comp_offset[b + 1] - 1) + 1 for b in tips.tolist()}
    assert set(range(2 * cable.n_comp)) - set(used.tolist()) == dead


def test_a_single_compartment_is_a_single_node():
    tree = tree_of(discretise(one_branch([0.0, 10.0], [5.0, 5.0]), PerBranch(1)))
    assert tree.node.tolist() == [0]
    assert tree.parent.tolist() == [0]
    assert tree.edge_half.tolist() == [[-1, -1]]


def test_a_single_compartment_with_both_ends_kept():
    cable = discretise(one_branch([0.0, 10.0], [5.0, 5.0]), PerBranch(1))
    tree = tree_of(cable, [1, 2])
    assert tree.node.tolist() == [0, 1, 2]
    assert tree.parent.tolist() == [0, 0, 0]
    assert sorted(h for h in tree.edge_half.ravel().tolist() if h >= 0) == [0, 1]


def test_trees_of_a_forest_keep_their_own_roots_level_by_level():
    """Two cables side by side: both roots first, then both first levels, so that independent work stands together."""
    parts = [cable_of(0), cable_of(1)]
    n_comp = sum(c.n_comp for c in parts)
    comp_at, other_at, half_at = 0, n_comp, 0
    number = []
    for c in parts:
        number.append(np.concatenate([comp_at + np.arange(c.n_comp), other_at + np.arange(c.n_node - c.n_comp)]))
        comp_at, other_at = comp_at + c.n_comp, other_at + c.n_node - c.n_comp
    node_parent = np.empty(other_at, int)
    edge_half = np.full((other_at, 2), -1)
    for c, index in zip(parts, number, strict=True):
        node_parent[index] = np.where(c.node_parent < 0, -1, index[c.node_parent])
        edge_half[index] = np.where(c.edge_half < 0, -1, c.edge_half + half_at)
        half_at += 2 * c.n_comp
    tree = elimination_tree(n_comp, node_parent, edge_half)
    assert np.flatnonzero(tree.parent == np.arange(tree.n_node)).tolist() == [0, 1]
    for c, index in zip(parts, number, strict=True):
        alone = tree_of(c)
        mine = tree.node[np.isin(tree.node, index)]
        np.testing.assert_array_equal(mine, index[alone.node])  # in the same order as alone
        position = tree.position[mine]
        np.testing.assert_array_equal(tree.parent[position], position[alone.parent])


def test_keeping_everything_keeps_the_cables_own_tree():
    cable = cable_of(2)
    tree = tree_of(cable, range(cable.n_node))
    edges = {frozenset((i, int(p))) for i, p in enumerate(cable.node_parent) if p >= 0}
    found = {frozenset((int(tree.node[i]), int(tree.node[p]))) for i, p in enumerate(tree.parent) if p != i}
    assert found == edges

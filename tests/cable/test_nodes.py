"""The tree of nodes that joins the compartments."""

import numpy as np
import pytest

from jaxsim.cable import PerBranch, discretise
from tests.cable.cells import one_branch, random_tree, small_cell

CELLS = [small_cell(), *(random_tree(seed) for seed in range(8))]
N_COMP = [1, 2, 5]


def cables():
    return [discretise(m, PerBranch(n)) for m in CELLS for n in N_COMP]


def test_nodes_form_one_tree():
    for cable in cables():
        assert np.count_nonzero(cable.node_parent == -1) == 1
        ancestor = np.arange(cable.n_node)
        for _ in range(cable.n_node):
            ancestor = np.where(ancestor >= 0, cable.node_parent[ancestor], -1)
        assert np.all(ancestor == -1)


def test_the_root_node_is_the_start_of_the_root_branch():
    for cable in cables():
        assert cable.node_parent[cable.start_node[0]] == -1
        assert cable.start_node[0] == cable.n_comp


def test_every_half_lies_in_exactly_one_edge():
    for cable in cables():
        used = cable.edge_half[cable.edge_half >= 0]
        np.testing.assert_array_equal(np.sort(used), np.arange(2 * cable.n_comp))


def test_every_edge_but_the_roots_has_resistance():
    for cable in cables():
        has_half = (cable.edge_half >= 0).any(axis=1)
        np.testing.assert_array_equal(has_half, cable.node_parent >= 0)


def test_path_to_an_end_node_adds_up_to_the_resistance_of_the_branch():
    for cable in cables():
        half = np.append(cable.r_half.ravel(), 0.0)
        edge = half[cable.edge_half].sum(axis=1)
        for b in range(cable.n_branch):
            total, i = 0.0, int(cable.end_node[b])
            while i != cable.start_node[b]:
                total, i = total + edge[i], int(cable.node_parent[i])
            assert total == pytest.approx(cable.r_half[cable.branch == b].sum(), rel=1e-12)


def test_children_begin_at_their_parents_nodes():
    for cable in cables():
        m = cable.morphology
        for b in range(1, m.n_branch):
            assert cable.start_node[b] == cable.node_at(int(m.parent[b]), float(m.parent_x[b]))


def test_a_cell_of_one_compartment_has_two_more_nodes():
    cable = discretise(one_branch([0.0, 10.0], [10.0, 10.0]), PerBranch(1))
    assert cable.node_parent.tolist() == [1, -1, 0]
    assert cable.edge_half.tolist() == [[0, -1], [-1, -1], [1, -1]]


def test_a_child_inside_a_branch_brings_only_its_own_half():
    cable = discretise(small_cell(), PerBranch(3))
    first = int(cable.comp_offset[6])
    assert cable.node_parent[first] == cable.comp_offset[5] + 1  # int(0.4 * 3)
    assert cable.edge_half[first].tolist() == [2 * first, -1]


@pytest.mark.parametrize(("x", "comp"), [(1e-9, 0), (0.33, 0), (0.34, 1), (0.5, 1), (0.67, 2), (1 - 1e-16, 2)])
def test_a_place_inside_a_branch_is_a_compartment(x, comp):
    cable = discretise(small_cell(), PerBranch(3))
    assert cable.node_at(2, x) == cable.comp_offset[2] + comp


def test_the_ends_of_a_branch_are_nodes_without_area():
    cable = discretise(small_cell(), PerBranch(3))
    assert cable.node_at(2, 0.0) == cable.end_node[1] == cable.node_at(1, 1.0)
    assert cable.node_at(2, 1.0) == cable.end_node[2] >= cable.n_comp


@pytest.mark.parametrize(("branch", "x"), [(-1, 0.5), (7, 0.5), (0, -0.1), (0, 1.1), (0, float("nan"))])
def test_a_place_that_does_not_exist_is_refused(branch, x):
    with pytest.raises(ValueError, match="must be in"):
        discretise(small_cell(), PerBranch(1)).node_at(branch, x)

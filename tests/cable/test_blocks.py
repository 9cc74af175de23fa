"""Blocks of the elimination: every node once, in an order that works, and the solution of the same system."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from jaxsim.cable.blocks import WIDTH, blocks, levels
from jaxsim.numerics.tree_solve import Blocks, Forest, eliminate, substitute
from tests.numerics.systems import KINDS, in_levels, parents, side_branches, system

N = 300
every_kind = pytest.mark.parametrize("kind", KINDS)


def numbered(kind: str, n: int = N, seed: int = 0) -> np.ndarray:
    """A forest in the order of `levels`."""
    return in_levels(parents(kind, n, np.random.default_rng(seed)))


@every_kind
def test_levels_put_parents_first_and_lose_nobody(kind):
    parent = parents(kind, N, np.random.default_rng(1))
    order = levels(parent)
    assert sorted(order.tolist()) == list(range(N))
    position = np.argsort(order)
    below_root = parent != np.arange(N)
    assert np.all(position[parent[below_root]] < position[np.flatnonzero(below_root)])


def test_branches_side_by_side_keep_their_order():
    """Four equal branches: each level is one block, and the level above it too."""
    table = blocks(in_levels(side_branches(4, 10)))
    assert table is not None
    assert np.count_nonzero(table[:, 3] == 4) == 9
    assert len(table) == 9 + 4  # the first nodes have one parent: a trip each


@pytest.mark.parametrize("seed", range(4))
def test_every_node_counts_in_one_block_with_its_parent(seed):
    parent = np.concatenate([side_branches(6, 40), 241 + side_branches(5, 7)])
    rng = np.random.default_rng(seed)
    parent[rng.choice(np.arange(20, 200), 5, replace=False)] = rng.integers(1, 10, 5)
    parent = in_levels(parent)
    table = blocks(parent)
    assert table is not None
    done = np.full(len(parent), -1)
    for b, (i, p, first, count) in enumerate(table.astype(int)):
        assert i + WIDTH <= len(parent)
        assert p >= 0
        node, above = i + first + np.arange(count), p + first + np.arange(count)
        np.testing.assert_array_equal(parent[node], above)
        assert np.all(done[node] == -1)
        assert not set(node) & set(above)
        done[node] = b
    below_root = parent != np.arange(len(parent))
    np.testing.assert_array_equal(done >= 0, below_root)
    assert np.all(done[parent[below_root]] < done[below_root])


@pytest.mark.parametrize("n", [1, 2, 3, 6, 99, 100])
def test_a_cable_is_taken_node_by_node(n):
    forest = js.Cell(js.cylinder(100.0, 1.0), js.PerBranch(n)).insert(js.Leak()).compile().wiring.forest
    assert forest.blocks is None
    assert blocks(numbered("chain", n)) is None


def test_a_branched_cell_has_less_than_half_as_many_blocks_as_nodes():
    forest = js.Cell(js.binary_tree(4, 200.0, 1.0), js.PerBranch(6)).insert(js.Leak()).compile().wiring.forest
    assert forest.blocks is not None
    assert forest.blocks.table.shape[0] // 4 < 0.5 * forest.parent.shape[0]


@pytest.mark.parametrize("lanes", [1, 3])
def test_the_solution_is_that_of_the_loop_over_nodes(precision, lanes):
    parent = in_levels(side_branches(7, 30))
    table = blocks(parent)
    assert table is not None
    alone = [system(parent, np.random.default_rng(k), spread=1.0) for k in range(lanes)]
    s, g, r = (jnp.asarray(np.stack(a, axis=1).reshape(-1), precision) for a in zip(*alone, strict=True))
    x = jnp.asarray(np.random.default_rng(9).normal(size=s.shape), precision)
    nodes = Forest(jnp.asarray(parent, jnp.int32))
    by_blocks = Forest(nodes.parent, Blocks(jnp.asarray(table.reshape(-1)), WIDTH))
    run = jax.jit(lambda forest: eliminate(forest, s, g, r, x, lanes))
    (expected, factors), (found, own) = run(nodes), run(by_blocks)
    size = float(jnp.max(jnp.abs(expected)))
    tolerance = 1e3 * np.finfo(precision).eps
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * size)
    again = substitute(by_blocks, g, own, x, lanes)
    np.testing.assert_allclose(
        again, substitute(nodes, g, factors, x, lanes), rtol=tolerance, atol=tolerance * float(jnp.max(jnp.abs(again)))
    )


def test_lanes_in_blocks_are_systems_of_their_own_to_the_bit(precision):
    parent = in_levels(side_branches(7, 30))
    table = blocks(parent)
    assert table is not None
    forest = Forest(jnp.asarray(parent, jnp.int32), Blocks(jnp.asarray(table.reshape(-1)), WIDTH))
    alone = [[jnp.asarray(a, precision) for a in system(parent, np.random.default_rng(k))] for k in range(3)]
    side = [jnp.stack(a, axis=1).reshape(-1) for a in zip(*alone, strict=True)]
    together = jax.jit(lambda *a: eliminate(forest, *a, lanes=3)[0])(*side).reshape(-1, 3)
    one = jax.jit(lambda *a: eliminate(forest, *a)[0])
    for k in range(3):
        np.testing.assert_array_equal(together[:, k], one(*alone[k]))

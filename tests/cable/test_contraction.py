"""Each round of the contraction is a set of nodes that may go at once, and the rounds are few."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxsim.cable import MaxLength, discretise
from jaxsim.cable.contraction import Round, children, contraction_rounds
from jaxsim.cable.order import elimination_tree
from jaxsim.morphology import read_swc
from tests.data_dir import data

every_kind = pytest.mark.parametrize("kind", ["random", "chain", "star", "binary", "caterpillar", "forest"])


def tree(kind: str, n: int, seed: int = 0) -> np.ndarray:
    """(n,) int, parent[i] < i; a root has itself."""
    rng, i = np.random.default_rng(seed), np.arange(n)
    return {
        "random": lambda: np.array([0] + [int(rng.integers(0, k)) for k in range(1, n)]),
        "chain": lambda: np.maximum(i - 1, 0),
        "star": lambda: np.zeros(n, int),
        "binary": lambda: np.maximum(i - 1, 0) // 2,
        "caterpillar": lambda: np.where(i < (n + 1) // 2, np.maximum(i - 1, 0), i - (n + 1) // 2),
        "forest": lambda: np.array([k if k % 7 == 0 else int(rng.integers(k - k % 7, k)) for k in range(n)]),
    }[kind]()


@st.composite
def forests(draw: st.DrawFn) -> np.ndarray:
    n = draw(st.integers(1, 60))
    return np.array([draw(st.integers(0, i)) for i in range(n)])


def edges(parent: np.ndarray) -> set[frozenset[int]]:
    return {frozenset((i, p)) for i, p in enumerate(parent.tolist()) if p != i}


def follow(parent: np.ndarray, rounds: list[Round]) -> list[tuple[np.ndarray, np.ndarray]]:
    """The parents before each round, and at the end, from the rounds alone; and the first number of each node."""
    found, first = [], np.arange(len(parent))
    for one in rounds:
        found.append((parent, first))
        above = np.where(one.above >= 0, one.above, one.keep)
        parent, first = one.up[parent[above]], first[one.keep]
    return [*found, (parent, first)]


def check(parent: np.ndarray) -> None:
    """Everything that the solve relies on, by plain loops over sets."""
    rounds = contraction_rounds(parent)
    history = follow(parent, rounds)
    for one, (before, _), (after, _) in zip(rounds, history, history[1:], strict=False):
        gone = set(np.flatnonzero(one.eliminated).tolist())
        around: dict[int, set[int]] = {i: set() for i in range(len(before))}
        for a, b in (tuple(edge) for edge in edges(before)):
            around[a].add(b)
            around[b].add(a)
        number = {old: new for new, old in enumerate(one.keep.tolist())}
        assert set(number) == set(range(len(before))) - gone
        expected = {e for e in edges(before) if not e & gone}
        for i in gone:
            child = around[i] - {int(before[i])}
            assert before[i] != i
            assert len(child) <= 1
            assert not around[i] & gone
            assert [one.child[i]] == (list(child) or [-1])
            assert one.up[i] == number[before[i]]
            assert [one.down[i]] == ([number[c] for c in child] or [-1])
            expected |= {frozenset((int(before[i]), c)) for c in child}
        assert {frozenset(number[i] for i in e) for e in expected} == edges(after)
        given_to: dict[int, list[int]] = {new: [] for new in number.values()}
        for below, beyond in zip(one.below, one.beyond, strict=True):
            for new, row in enumerate(below.tolist()):
                given_to[new] += [c for c in row if c >= 0]
            np.testing.assert_array_equal(beyond, np.where(below >= 0, one.child[below], -1))
        for old, new in number.items():
            assert sorted(given_to[new]) == sorted(c for c in gone if before[c] == old)
            assert one.above[new] == (before[old] if before[old] in gone else -1)
            assert one.up[old] == new
        assert before[one.root] == one.root
    last, first = history[-1]
    np.testing.assert_array_equal(last, np.arange(len(last)))
    assert set(first.tolist()) == set(np.flatnonzero(parent == np.arange(len(parent))).tolist())


@given(forests())
def test_rounds_are_the_elimination_of_a_forest(parent):
    check(parent)


@every_kind
@pytest.mark.parametrize("n", [1, 2, 3, 40])
def test_rounds_of_named_trees(kind, n):
    check(tree(kind, n))


@every_kind
def test_rounds_are_few(kind):
    """A chain of 1000 nodes is down to its root in 10 rounds; nothing real takes longer."""
    assert len(contraction_rounds(tree(kind, 1000))) <= 1 + math.ceil(math.log2(1000))


def test_a_chain_halves():
    rounds = contraction_rounds(tree("chain", 1024))
    assert [one.n_before for one in rounds] == [2**k for k in range(10, 0, -1)]


def test_a_star_is_one_round():
    """All leaves at once, the sum at the centre in groups of doubling size."""
    (one,) = contraction_rounds(tree("star", 1000))
    assert one.n_after == 1
    assert len(one.below) <= 3 + math.log2(1000)


@every_kind
def test_the_tables_are_of_the_size_of_the_tree(kind):
    """The work of all rounds together is linear in the nodes: what a round keeps, and its tables."""
    n = 1000
    rounds = contraction_rounds(tree(kind, n))
    assert sum(one.n_before for one in rounds) <= 2.5 * n
    assert sum(group.size for one in rounds for group in one.below) <= 2 * n


def test_the_plan_is_a_function_of_the_tree():
    a, b = (contraction_rounds(tree("random", 200)) for _ in range(2))
    for one, other in zip(a, b, strict=True):
        for field in dataclasses.fields(Round):
            x, y = getattr(one, field.name), getattr(other, field.name)
            for u, v in zip(*((x, y) if isinstance(x, tuple) else ((x,), (y,))), strict=True):
                np.testing.assert_array_equal(u, v)


@pytest.mark.parametrize(("name", "most"), [("rat_ca1_n120.swc", 9), ("rat_bbp_l5pc_with_axon.swc", 12)])
def test_rounds_of_real_cells(name, most):
    cable = discretise(read_swc(data(f"swc/{name}")), MaxLength(20.0))
    parent = elimination_tree(cable.n_comp, cable.node_parent, cable.edge_half).parent
    assert len(parent) > 700
    assert len(contraction_rounds(parent)) <= most


@pytest.mark.parametrize("kind", ["chain", "star", "binary", "random", "hub"])
def test_every_child_stands_once_in_its_parents_row(kind):
    """And the tables stay small, also where one node has many children and many nodes have a few."""
    n = 1000
    i = np.arange(n)
    parent = np.where(i < n // 2, 0, i - n // 2) if kind == "hub" else tree(kind, n)
    tables, place = children(parent)
    assert sum(table.size for table in tables) <= 2 * n
    rows = np.argsort(place)
    found = [(rows[r], c) for table in tables for r, row in enumerate(table) for c in row if c >= 0]
    assert sorted(c for _, c in found) == sorted(np.flatnonzero(parent != i))
    assert all(parent[c] == p for p, c in found)

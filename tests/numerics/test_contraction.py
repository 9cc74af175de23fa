"""The parallel solve: the same solution as the sequential one, as exact in single precision, and few kernels."""

import re
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxsim._struct import replace
from jaxsim.numerics.contraction import Contraction, contraction, factorise, substitute
from jaxsim.numerics.tree_solve import Forest, eliminate, laplacian, to_dense
from tests.numerics.systems import exact, parents, system

N = 24
KINDS = ("random", "chain", "star", "binary", "forest", "caterpillar")
every_kind = pytest.mark.parametrize("kind", KINDS)


def contract(plan: Contraction, s: jax.Array, g: jax.Array, r: jax.Array, lanes: int = 1) -> jax.Array:
    """The solution of A x = r in each lane."""
    return substitute(plan, factorise(plan, s, g, lanes), r, lanes)


solve = jax.jit(contract, static_argnames="lanes")
sequential = jax.jit(lambda *system: eliminate(*system)[0])


def tree(kind: str, n: int, rng: np.random.Generator) -> np.ndarray:
    if kind == "caterpillar":  # a chain with a leaf at each node
        i, spine = np.arange(n), (n + 1) // 2
        return np.where(i < spine, np.maximum(i - 1, 0), i - spine).astype(np.int32)
    return parents(kind, n, rng)


def forest(parent: np.ndarray) -> Forest:
    return Forest(jnp.asarray(parent, jnp.int32))


def arrays(*values: np.ndarray) -> list[jax.Array]:
    return [jnp.asarray(v) for v in values]


@every_kind
def test_solution_equals_dense_algebra_and_the_sequential_one(x64, kind):
    rng = np.random.default_rng(0)
    parent = tree(kind, N, rng)
    s, g, r = system(parent, rng)
    assert np.any(s == 0.0)
    x = solve(contraction(parent), *arrays(s, g, r))
    dense = np.linalg.solve(to_dense(forest(parent), s, g), r)
    np.testing.assert_allclose(x, dense, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(x, sequential(forest(parent), *arrays(s, g, r)), rtol=1e-12, atol=1e-13)


@settings(max_examples=20)
@given(st.data())
def test_any_forest(x64, data):
    """Every tree shape, roots anywhere, rows without excess, conductances of zero."""
    n = data.draw(st.integers(1, 12))
    parent = np.array([data.draw(st.integers(0, i)) for i in range(n)], np.int32)
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    s, g, r = system(parent, rng)
    g[(rng.random(n) < 0.1) & (s > 0.0) & np.isin(np.arange(n), parent, invert=True)] = 0.0
    x = solve(contraction(parent), *arrays(s, g, r))
    np.testing.assert_allclose(x, np.linalg.solve(to_dense(forest(parent), s, g), r), rtol=1e-8, atol=1e-10)


@every_kind
def test_single_precision_is_accurate_component_by_component(kind):
    """Conductances over ten decades, r >= 0: no component loses digits, whatever the order of elimination is."""
    rng = np.random.default_rng(5)
    parent = tree(kind, N, rng)
    s, g, r = (a.astype(np.float32) for a in system(parent, rng, spread=5.0))
    r = np.abs(r)
    x = np.asarray(solve(contraction(parent), *arrays(s, g, r)), float)
    assert np.max(np.abs(x / exact(parent, s, g, r) - 1.0)) < 2 * N * np.finfo(np.float32).eps


@every_kind
def test_as_exact_as_the_sequential_one_on_stiff_cables(kind):
    """Voltages of a cell whose axial conductances exceed C/dt by 1e4: errors in mV, single precision."""
    rng = np.random.default_rng(2)
    parent = tree(kind, N, rng)
    root = parent == np.arange(N)
    s = rng.uniform(0.5, 2.0, N).astype(np.float32)
    g = np.where(root, 0.0, 1e4 * rng.uniform(0.5, 2.0, N)).astype(np.float32)
    r = (s * rng.uniform(-80.0, 40.0, N)).astype(np.float32)
    truth = exact(parent, s, g, r)
    ours = np.max(np.abs(np.asarray(solve(contraction(parent), *arrays(s, g, r)), float) - truth))
    theirs = np.max(np.abs(np.asarray(sequential(forest(parent), *arrays(s, g, r)), float) - truth))
    assert ours < max(2.0 * theirs, 2e-5)


@every_kind
def test_negative_slopes_are_harmless_while_the_matrix_is_definite(x64, kind):
    rng = np.random.default_rng(7)
    parent = tree(kind, N, rng)
    s, g, r = system(parent, rng, spread=0.5)
    s[s == 0.0] = 0.1
    s[rng.random(N) < 0.2] = -0.04
    a = to_dense(forest(parent), s, g)
    assert s.min() < 0.0 < np.linalg.eigvalsh(a).min()
    np.testing.assert_allclose(
        solve(contraction(parent), *arrays(s, g, r)), np.linalg.solve(a, r), rtol=1e-9, atol=1e-12
    )


def test_uniform_voltage_is_the_solution_where_it_must_be(precision):
    rng = np.random.default_rng(8)
    parent = tree("random", N, rng)
    s, g, _ = (a.astype(precision) for a in system(parent, rng, spread=4.0))
    x = np.asarray(solve(contraction(parent), *arrays(s, g, s * precision.type(-65.0))))
    np.testing.assert_allclose(x, -65.0, rtol=2 * N * np.finfo(precision).eps)


def test_a_root_may_point_at_itself_or_at_node_0(x64):
    rng = np.random.default_rng(3)
    parent = tree("forest", N, rng)
    s, g, r = system(parent, rng)
    to_zero = np.where(parent == np.arange(N), 0, parent)
    a, b = (solve(contraction(p), *arrays(s, g, r)) for p in (parent, to_zero))
    np.testing.assert_allclose(a, b, rtol=1e-12)


def test_trees_of_a_forest_do_not_see_each_other(x64):
    """Not even a tree whose voltage is not a number."""
    rng = np.random.default_rng(4)
    parent = tree("forest", N, rng)
    s, g, r = system(parent, rng)
    broken = r.copy()
    broken[:7] = np.nan
    a, b = (np.asarray(solve(contraction(parent), *arrays(s, g, x))) for x in (r, broken))
    np.testing.assert_array_equal(a[7:], b[7:])
    assert np.all(np.isnan(b[:7]))


def test_lanes_are_systems_side_by_side(precision):
    """Lanes innermost; each lane has the solution that it has alone."""
    rng = np.random.default_rng(10)
    parent = tree("random", N, rng)
    plan = contraction(parent)
    batch = [np.stack(a, axis=1).astype(precision) for a in zip(*(system(parent, rng) for _ in range(3)), strict=True)]
    together = np.asarray(solve(plan, *arrays(*(a.ravel() for a in batch)), lanes=3)).reshape(N, 3)
    for k in range(3):
        alone = solve(plan, *arrays(*(a[:, k] for a in batch)))
        np.testing.assert_allclose(together[:, k], alone, rtol=8 * np.finfo(precision).eps)


def test_vmap_equals_lanes(x64):
    rng = np.random.default_rng(12)
    parent = tree("binary", 12, rng)
    s, g, r = (np.stack(a) for a in zip(*(system(parent, rng) for _ in range(3)), strict=True))
    mapped = jax.jit(jax.vmap(contract, (None, 0, 0, 0)))(contraction(parent), *arrays(s, g, r))
    lanes = solve(contraction(parent), *arrays(*(a.T.ravel() for a in (s, g, r))), lanes=3)
    np.testing.assert_allclose(mapped, np.asarray(lanes).reshape(-1, 3).T, rtol=1e-13)


def test_same_bits_in_every_run(precision):
    rng = np.random.default_rng(11)
    parent = tree("star", 200, rng)  # the longest sums
    given = arrays(*(a.astype(precision) for a in system(parent, rng)))
    first = np.asarray(solve(contraction(parent), *given))
    for _ in range(3):
        np.testing.assert_array_equal(solve(contraction(parent), *given), first)


@every_kind
def test_one_matrix_serves_many_right_hand_sides(x64, kind):
    rng = np.random.default_rng(6)
    parent = tree(kind, N, rng)
    plan = contraction(parent)
    s, g, r = system(parent, rng)
    factors = jax.jit(factorise)(plan, *arrays(s, g))
    for side in (r, r[::-1]):
        x = jax.jit(substitute)(plan, factors, jnp.asarray(side))
        np.testing.assert_allclose(x, solve(plan, *arrays(s, g, side)), rtol=1e-13, atol=1e-15)


@every_kind
@pytest.mark.parametrize("lanes", [1, 3])
def test_laplacian_gathers_what_others_add_up(x64, kind, lanes):
    rng = np.random.default_rng(7)
    parent = tree(kind, N, rng)
    _, g, _ = system(parent, rng)
    x, g = rng.normal(size=N * lanes), np.repeat(g, lanes)
    plain = forest(parent)
    gathered = jax.jit(laplacian, static_argnums=3)(replace(plain, plan=contraction(parent)), *arrays(g, x), lanes)
    added = laplacian(plain, *arrays(g, x), lanes)
    np.testing.assert_allclose(gathered, added, rtol=1e-12, atol=1e-12 * np.abs(added).max())


@pytest.mark.parametrize("n", [1, 5])
def test_single_nodes_need_no_round(precision, n):
    plan = contraction(np.arange(n))
    assert plan.shapes == ()
    s, r = jnp.arange(1, n + 1, dtype=precision), jnp.ones(n, precision)
    np.testing.assert_array_equal(contract(plan, s, jnp.zeros(n, precision), r), r / s)


# What is handed to a GPU. It is lowered for one, which needs none.


def lowered_for_cuda(plan: Contraction, n: int, lanes: int) -> str:
    flat = jax.ShapeDtypeStruct((n * lanes,), jnp.float32)
    traced = jax.jit(partial(contract, lanes=lanes)).trace(plan, flat, flat, flat)
    return traced.lower(lowering_platforms=("cuda",)).as_text()


@pytest.mark.parametrize("lanes", [1, 64])
def test_nothing_is_scattered_looped_or_baked_in(lanes):
    """No atomics, no loop whose trips the device waits for, and the indices are arguments."""
    n = 300
    text = lowered_for_cuda(contraction(tree("random", n, np.random.default_rng(0))), n, lanes)
    assert "stablehlo.gather" in text
    assert not re.search(r"stablehlo\.(scatter|while|sort|custom_call)", text)
    constants = re.findall(r"stablehlo\.constant dense<([^>]*)>", text)
    assert all("," not in c and len(c) < 40 for c in constants)


@pytest.mark.parametrize(("kind", "most"), [("chain", 23), ("binary", 31), ("random", 39)])
def test_gathers_a_round(kind, most):
    """23 gathers a round of a chain, 8 more for a second child, of which XLA shares half.

    Compiled for an H200 the 9 rounds of a CA1 cell are 9 kernels up and 9 back; in small batches 15 in all.
    """
    plan = contraction(tree(kind, 500, np.random.default_rng(0)))
    gathers = lowered_for_cuda(plan, 500, 8).count('stablehlo.gather"(')
    assert 0 < gathers <= most * len(plan.shapes)


def test_arrays_shrink_from_round_to_round():
    """All rounds together have twice the nodes of the first, and 14 integers a node of the tree."""
    plan = contraction(tree("chain", 1024, np.random.default_rng(0)))
    assert sum(shape.before for shape in plan.shapes) < 2 * 1024
    assert plan.index.shape[0] <= 14 * 1024

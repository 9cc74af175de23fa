"""The solution of the cable system on forests: against dense algebra, exact arithmetic, in bad conditions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsim.numerics.tree_solve import Forest, eliminate, laplacian, substitute, to_dense, tree_solve
from tests.numerics.systems import KINDS, exact, parents, system, textbook

N = 40
solve = jax.jit(lambda *system: eliminate(*system)[0])
every_kind = pytest.mark.parametrize("kind", KINDS)


def forest(parent: np.ndarray) -> Forest:
    return Forest(jnp.asarray(parent, jnp.int32))


def arrays(*values: np.ndarray) -> list[jax.Array]:
    return [jnp.asarray(v) for v in values]


@every_kind
@pytest.mark.parametrize("seed", range(3))
def test_solution_equals_dense_algebra(x64, kind, seed):
    rng = np.random.default_rng(seed)
    parent = parents(kind, N, rng)
    s, g, r = system(parent, rng)
    dense = np.linalg.solve(to_dense(forest(parent), s, g), r)
    np.testing.assert_allclose(solve(forest(parent), *arrays(s, g, r)), dense, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_smallest_trees(precision, n):
    rng = np.random.default_rng(n)
    parent = parents("chain", n, rng)
    s, g, r = system(parent, rng)
    dense = np.linalg.solve(to_dense(forest(parent), s, g), r)
    np.testing.assert_allclose(solve(forest(parent), *arrays(s, g, r)), dense, rtol=1e-5)


@every_kind
def test_single_precision_is_accurate_component_by_component(kind):
    """Conductances over ten decades: with r >= 0 only sums of positive numbers occur, so no component loses digits."""
    rng = np.random.default_rng(5)
    parent = parents(kind, N, rng)
    s, g, r = (a.astype(np.float32) for a in system(parent, rng, spread=5.0))
    r = np.abs(r)
    x = np.asarray(solve(forest(parent), *arrays(s, g, r)), float)
    assert np.max(np.abs(x / exact(parent, s, g, r) - 1.0)) < 2 * N * np.finfo(np.float32).eps


def test_textbook_form_cancels_where_this_one_does_not():
    """A fine cable with a long time step, g / s = 1e6, in float32."""
    parent = parents("chain", N, np.random.default_rng(0))
    s, g, r = np.full(N, 1e-3, np.float32), np.full(N, 1e3, np.float32), np.zeros(N, np.float32)
    g[0], r[-1] = 0.0, 1.0
    truth = exact(parent, s, g, r)
    ours = np.max(np.abs(np.asarray(solve(forest(parent), *arrays(s, g, r)), float) / truth - 1.0))
    theirs = np.max(np.abs(textbook(parent, s, g, r) / truth - 1.0))
    assert ours < 1e-6
    assert theirs > 1000.0 * ours


@every_kind
def test_negative_slopes_are_harmless_while_the_matrix_is_definite(x64, kind):
    """A channel that activates has a negative slope; the formulas hold although some rows' excess is negative."""
    rng = np.random.default_rng(7)
    parent = parents(kind, N, rng)
    s, g, r = system(parent, rng, spread=0.5)
    s[s == 0.0] = 0.1
    s[rng.random(N) < 0.2] = -0.04
    a = to_dense(forest(parent), s, g)
    assert s.min() < 0.0 < np.linalg.eigvalsh(a).min()
    np.testing.assert_allclose(solve(forest(parent), *arrays(s, g, r)), np.linalg.solve(a, r), rtol=1e-9, atol=1e-12)


@every_kind
def test_apply_is_the_matrix(x64, kind):
    rng = np.random.default_rng(1)
    parent = parents(kind, N, rng)
    s, g, x = system(parent, rng)
    np.testing.assert_allclose(
        s * x + jax.jit(laplacian)(forest(parent), *arrays(g, x)), to_dense(forest(parent), s, g) @ x, atol=1e-11
    )


def test_a_root_may_point_at_itself_or_at_node_0(x64):
    rng = np.random.default_rng(3)
    parent = parents("forest", N, rng)
    s, g, r = system(parent, rng)
    to_zero = np.where(parent == np.arange(N), 0, parent)
    a, b = (solve(forest(p), *arrays(s, g, r)) for p in (parent, to_zero))
    np.testing.assert_array_equal(a, b)


def test_trees_of_a_forest_do_not_see_each_other(x64):
    rng = np.random.default_rng(4)
    parent = parents("forest", N, rng)
    s, g, r = system(parent, rng)
    changed = r.copy()
    changed[:7] += 1.0  # the first tree
    a, b = (np.asarray(solve(forest(parent), *arrays(s, g, x))) for x in (r, changed))
    np.testing.assert_array_equal(a[7:], b[7:])
    assert np.all(a[:7] != b[:7])


def test_uniform_voltage_is_the_solution_where_it_must_be(precision):
    """r = s v: no axial current flows, whatever the conductances are; this is what keeps a resting cell at rest."""
    rng = np.random.default_rng(8)
    parent = parents("random", N, rng)
    s, g, _ = (a.astype(precision) for a in system(parent, rng, spread=4.0))
    x = np.asarray(solve(forest(parent), *arrays(s, g, s * precision.type(-65.0))))
    np.testing.assert_allclose(x, -65.0, rtol=2 * N * np.finfo(precision).eps)


def test_reciprocity(x64):
    """A is symmetric: current in at a, voltage at b is current in at b, voltage at a."""
    rng = np.random.default_rng(9)
    parent = parents("random", N, rng)
    s, g, _ = system(parent, rng)
    inverse = np.asarray(jax.jit(jax.vmap(solve, (None, None, None, 0)))(forest(parent), *arrays(s, g, np.eye(N))))
    np.testing.assert_allclose(inverse, inverse.T, rtol=1e-10, atol=1e-14)


def test_vmap_equals_a_loop(precision):
    rng = np.random.default_rng(10)
    parent = parents("random", N, rng)
    batch = [np.stack(a).astype(precision) for a in zip(*(system(parent, rng) for _ in range(5)), strict=True)]
    together = jax.jit(jax.vmap(tree_solve, (None, 0, 0, 0)))(forest(parent), *arrays(*batch))
    for k in range(5):
        alone = solve(forest(parent), *arrays(*(a[k] for a in batch)))
        np.testing.assert_allclose(together[k], alone, rtol=50 * np.finfo(precision).eps, atol=1e-7)


def test_vmap_over_forests(x64):
    rng = np.random.default_rng(11)
    all_parents = np.stack([parents(kind, N, rng) for kind in KINDS])
    s, g, r = (np.stack(a) for a in zip(*(system(p, rng) for p in all_parents), strict=True))
    together = jax.jit(jax.vmap(solve))(forest(all_parents), *arrays(s, g, r))
    for k, parent in enumerate(all_parents):
        np.testing.assert_allclose(together[k], solve(forest(parent), *arrays(s[k], g[k], r[k])), rtol=1e-10)


@every_kind
@pytest.mark.parametrize("n", [1, N])
def test_lanes_are_systems_of_their_own(precision, kind, n):
    """Three systems side by side give to the bit what two give and what each gives alone."""
    tree = forest(parents(kind, n, np.random.default_rng(3)))
    alone = [system(np.asarray(tree.parent), np.random.default_rng(k)) for k in range(3)]
    side = [jnp.asarray(np.stack(a, axis=1).reshape(-1), precision) for a in zip(*alone, strict=True)]
    together = jax.jit(lambda *a: eliminate(tree, *a, lanes=3)[0])(*side).reshape(n, 3)
    one, two = (jax.jit(lambda *a, n=n: eliminate(tree, *a, lanes=n)[0]) for n in (1, 2))
    for k in range(3):
        np.testing.assert_array_equal(together[:, k], one(*(jnp.asarray(a, precision) for a in alone[k])))
        pair = [jnp.repeat(jnp.asarray(a, precision), 2) for a in alone[k]]
        np.testing.assert_array_equal(together[:, k], two(*pair)[::2])
        expected = solve(tree, *(jnp.asarray(a, precision) for a in alone[k]))
        np.testing.assert_allclose(together[:, k], expected, rtol=30 * n * np.finfo(precision).eps, atol=0.0)


@every_kind
@pytest.mark.parametrize("lanes", [1, 2])
def test_another_right_hand_side_by_the_factors_alone(x64, kind, lanes):
    tree = forest(parents(kind, N, np.random.default_rng(4)))
    s, g, r = (jnp.repeat(jnp.asarray(a), lanes) for a in system(np.asarray(tree.parent), np.random.default_rng(5)))
    other = jnp.asarray(np.random.default_rng(6).normal(size=N * lanes))
    _, factors = eliminate(tree, s, g, r, lanes=lanes)
    expected, _ = eliminate(tree, s, g, other, lanes=lanes)
    np.testing.assert_allclose(substitute(tree, g, factors, other, lanes), expected, rtol=1e-12)


@every_kind
@pytest.mark.parametrize("lanes", [1, 2])
def test_the_solution_counted_from_somewhere(x64, kind, lanes):
    """(s + G) (x + y) = r + s x, where x is anything."""
    tree = forest(parents(kind, N, np.random.default_rng(7)))
    s, g, r = (jnp.repeat(jnp.asarray(a), lanes) for a in system(np.asarray(tree.parent), np.random.default_rng(8)))
    x = jnp.asarray(np.random.default_rng(9).normal(size=N * lanes))
    y, _ = eliminate(tree, s, g, r, x, lanes)
    whole, _ = eliminate(tree, s, g, r + s * x, lanes=lanes)
    np.testing.assert_allclose(x + y, whole, rtol=1e-10, atol=1e-12)


def test_a_small_change_of_a_large_voltage_keeps_its_digits_in_single_precision():
    """A chain at -65 mV, its ends 1e-3 mV apart: the change is right to 1e-5 of itself, a difference of solutions to
    none."""
    n = 200
    tree, rng = forest(np.maximum(np.arange(n) - 1, 0)), np.random.default_rng(1)
    s, g = rng.uniform(0.5, 1.5, n), np.where(np.arange(n) == 0, 0.0, 1e3)
    x, r = -65.0 + 1e-3 * np.arange(n) / n, 1e-4 * rng.normal(size=n)
    single = lambda *a: [jnp.asarray(b, jnp.float32) for b in a]  # noqa: E731
    rounded = np.asarray(single(x)[0], float)
    a = to_dense(tree, s, g)
    exact_change = np.linalg.solve(a, r - to_dense(tree, np.zeros(n), g) @ rounded)
    scale = np.abs(exact_change).max()
    y, _ = eliminate(tree, *single(s, g, r, x))
    z, _ = eliminate(tree, *single(s, g, r + s * rounded))
    assert np.abs(y - exact_change).max() < 1e-4 * scale
    assert np.abs(np.asarray(z, float) - rounded - exact_change).max() > 1e-2 * scale

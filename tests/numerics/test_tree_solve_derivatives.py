"""The derivative rules of the tree solve: forward, reverse, second, and those of a solution that is already known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsim.numerics.ops import PLAIN, forward_ops, replayed_ops
from jaxsim.numerics.tree_solve import Forest, eliminate, known_solution, to_dense, tree_solve
from tests.numerics.systems import parents, system

N = 12


@pytest.fixture(params=["random", "chain", "forest"])
def case(x64, request):
    rng = np.random.default_rng(0)
    parent = parents(request.param, N, rng)
    s, g, r = system(parent, rng, spread=0.7)
    return Forest(jnp.asarray(parent)), jnp.asarray(s), jnp.asarray(g), jnp.asarray(r)


@jax.jit
def forward(forest, system, tangent):
    return jax.jvp(lambda *a: tree_solve(forest, *a), system, tangent)


@jax.jit
def reverse(forest, system, x_bar):
    x, pull = jax.vjp(lambda *a: tree_solve(forest, *a), *system)
    return x, pull(x_bar)


@jax.jit
def reverse_known(forest, system, x, x_bar):
    factors = eliminate(forest, *system)[1]
    y, pull = jax.vjp(lambda *a: known_solution(forest, *a, None, x, factors), *system)
    return y, pull(x_bar)


@jax.jit
def weighted(forest, system, w):
    return (tree_solve(forest, *system) * w).sum()


def tangents(seed: int, g: jax.Array) -> tuple[jax.Array, ...]:
    """Directions for s, g and r; a root's absent conductance does not move."""
    ds, dg, dr = np.random.default_rng(seed).normal(size=(3, N))
    return jnp.asarray(ds), jnp.asarray(np.where(g == 0.0, 0.0, dg)), jnp.asarray(dr)


def laplacian(forest: Forest, g: jax.Array) -> np.ndarray:
    return to_dense(forest, np.zeros(N), np.asarray(g))


def test_forward_derivative_is_the_dense_implicit_one(case):
    forest, s, g, r = case
    ds, dg, dr = tangents(1, g)
    x, dx = forward(forest, (s, g, r), (ds, dg, dr))
    a = to_dense(forest, s, g)
    expected = np.linalg.solve(a, dr - ds * x - laplacian(forest, dg) @ x)
    np.testing.assert_allclose(dx, expected, rtol=1e-9, atol=1e-11)


def test_reverse_derivative_is_the_dense_implicit_one(case):
    forest, s, g, r = case
    x_bar = np.random.default_rng(2).normal(size=N)
    x, (s_bar, g_bar, r_bar) = reverse(forest, (s, g, r), jnp.asarray(x_bar))
    lam, p = np.linalg.solve(to_dense(forest, s, g), x_bar), np.asarray(forest.parent)
    x = np.asarray(x)
    np.testing.assert_allclose(r_bar, lam, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(s_bar, -lam * x, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(g_bar, -(lam - lam[p]) * (x - x[p]), rtol=1e-9, atol=1e-11)


def test_forward_derivative_is_a_central_difference(case):
    forest, s, g, r = case
    direction = tangents(3, g)
    _, dx = forward(forest, (s, g, r), direction)
    step = 1e-6
    up, down = (
        forward(forest, tuple(a + e * d for a, d in zip((s, g, r), direction, strict=True)), direction)[0]
        for e in (step, -step)
    )
    np.testing.assert_allclose(dx, (up - down) / (2 * step), rtol=1e-6, atol=1e-6)


def test_forward_and_reverse_are_transposes(case):
    forest, s, g, r = case
    direction = tangents(4, g)
    x_bar = jnp.asarray(np.random.default_rng(5).normal(size=N))
    _, dx = forward(forest, (s, g, r), direction)
    _, bars = reverse(forest, (s, g, r), x_bar)
    assert float(x_bar @ dx) == pytest.approx(float(sum(b @ d for b, d in zip(bars, direction, strict=True))), rel=1e-9)


def test_second_derivative_is_a_central_difference_of_the_first(case):
    forest, s, g, r = case
    w = jnp.asarray(np.random.default_rng(6).normal(size=N))
    direction = tangents(7, g)
    gradient = jax.jit(jax.grad(lambda a: weighted(forest, a, w)))
    product = jax.jit(lambda a, d: jax.jvp(jax.grad(lambda a: weighted(forest, a, w)), (a,), (d,))[1])
    step = 1e-5
    up, down = (gradient(tuple(a + e * d for a, d in zip((s, g, r), direction, strict=True))) for e in (step, -step))
    for found, a, b in zip(product((s, g, r), direction), up, down, strict=True):
        scale = float(jnp.abs(found).max())
        np.testing.assert_allclose(found, (a - b) / (2 * step), rtol=0, atol=1e-6 * scale)


def test_known_solution_has_the_derivative_of_the_solve(case):
    forest, s, g, r = case
    x_bar = jnp.asarray(np.random.default_rng(8).normal(size=N))
    x, bars = reverse(forest, (s, g, r), x_bar)
    y, known = reverse_known(forest, (s, g, r), x, x_bar)
    np.testing.assert_array_equal(x, y)
    for a, b in zip(known, bars, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_single_precision_derivative_is_close(case):
    forest, *system_ = case
    x_bar = jnp.asarray(np.random.default_rng(9).normal(size=N))
    _, double = reverse(forest, tuple(system_), x_bar)
    _, single = reverse(forest, tuple(a.astype(jnp.float32) for a in system_), x_bar.astype(jnp.float32))
    for a, b in zip(single, double, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-4 * float(jnp.abs(b).max()))


def test_gradient_through_vmap(case):
    """A batch of systems: each row's gradient is its own."""
    forest, s, g, r = case
    batch = jnp.stack([r, 2.0 * r, -r])
    rows = jax.jit(jax.grad(lambda b: (jax.vmap(lambda r: tree_solve(forest, s, g, r))(b) ** 2).sum()))(batch)
    for k in range(3):
        x, _ = reverse(forest, (s, g, batch[k]), r)
        _, (_, _, alone) = reverse(forest, (s, g, batch[k]), 2.0 * x)
        np.testing.assert_allclose(rows[k], alone, rtol=1e-9, atol=1e-11)


def test_known_change_has_the_derivative_of_the_change(case):
    forest, s, g, r = case
    x, y_bar = jnp.asarray(np.random.default_rng(10).normal(size=(2, N)))
    tape: list = []
    a, b = PLAIN.change, forward_ops(1, tape).change
    y, pull = jax.vjp(lambda *system: a(forest, *system)[0], s, g, r, x)
    np.testing.assert_allclose(b(forest, s, g, r, x)[0], y, rtol=1e-10, atol=1e-12)
    _, known = jax.vjp(lambda *system: replayed_ops(1, tuple(tape)).change(forest, *system)[0], s, g, r, x)
    for found, expected in zip(known(y_bar), pull(y_bar), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-11)

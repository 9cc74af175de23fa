"""Small systems at every compartment: the solution, that of the transposed system, few entries, derivatives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsim.numerics.elimination import factors, inverse


def matrix(pattern, seed):
    """A dictionary of entries, dominated by the diagonal of each column, and the same as (3, n, n)."""
    rng = np.random.default_rng(seed)
    dense = rng.uniform(-1.0, 1.0, (3, *pattern.shape)) * (pattern | np.eye(len(pattern), dtype=bool))
    np.einsum("kii->ki", dense)[:] = np.abs(dense).sum(axis=1) + 1.0
    entries = {at: jnp.asarray(dense[:, *at]) for at in zip(*np.nonzero(dense[0]), strict=True)}
    return {(int(i), int(j)): x for (i, j), x in entries.items()}, dense


def patterns():
    rng = np.random.default_rng(0)
    yield from (rng.uniform(size=(n, n)) < p for n, p in ((1, 1.0), (2, 0.5), (5, 0.3), (9, 0.2), (9, 1.0)))
    arrow = np.eye(7, dtype=bool)
    arrow[0] = arrow[:, 0] = True
    yield arrow


@pytest.mark.parametrize("pattern", list(patterns()), ids=lambda p: f"{len(p)} unknowns, {p.sum()} entries")
def test_solutions_are_numpys(x64, pattern):
    entries, dense = matrix(pattern, 1)
    b = np.random.default_rng(2).normal(size=(3, len(pattern)))
    a = factors(entries, len(pattern))
    x, y = a.solve(list(jnp.asarray(b.T))), a.solve_transposed(list(jnp.asarray(b.T)))
    np.testing.assert_allclose(np.transpose(x), np.linalg.solve(dense, b[..., None])[..., 0], rtol=1e-12)
    back = np.linalg.solve(dense.transpose(0, 2, 1), b[..., None])[..., 0]
    np.testing.assert_allclose(np.transpose(y), back, rtol=1e-12)


def test_the_centre_of_a_star_goes_last():
    """Eliminated first it would make every entry of the rest."""
    arrow = np.eye(20, dtype=bool)
    arrow[0] = arrow[:, 0] = True
    entries, _ = matrix(arrow, 1)
    assert len(factors(entries, 20).entries) == len(entries)


def test_first_and_second_derivatives_are_those_of_the_dense_solution(x64):
    entries, dense = matrix(np.ones((4, 4), bool), 3)
    b = jnp.asarray(np.random.default_rng(4).normal(size=4))

    def ours(p):
        now = {at: x[:1] * (1.0 + p * x[:1]) for at, x in entries.items()}
        product = lambda x: [sum(now[i, j] * x[j] for j in range(4)) for i in range(4)]  # noqa: E731
        return sum(x.sum() ** 2 for x in inverse(product, now, 4)([b[k : k + 1] for k in range(4)]))

    def theirs(p):
        return (jnp.linalg.solve(dense[0] * (1.0 + p * dense[0]), b) ** 2).sum()

    for derivative in (jax.grad, jax.jacfwd, lambda f: jax.grad(jax.grad(f)), jax.hessian):
        np.testing.assert_allclose(derivative(ours)(0.3), derivative(theirs)(0.3), rtol=1e-10)

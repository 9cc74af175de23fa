"""The dyadic steps of a run that chooses them."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxsim.numerics.step_control import Grid, lower_level, next_level


@pytest.mark.parametrize(("n", "levels"), [(1, 0), (7, 2), (8, 3), (37, 5), (100, 3)])
def test_a_step_reads_its_first_and_last_interval_and_its_mean(x64, n, levels):
    grid, x = Grid(n, levels), np.random.default_rng(0).normal(size=(n, 2))
    means = grid.means(jnp.asarray(x))
    for level in range(levels + 1):
        for k in range(0, n - 2**level + 1, 2**level):
            first, last, mean = grid.rows(jnp.int32(k), jnp.int32(level))
            assert (int(first), int(last)) == (k, k + 2**level - 1)
            np.testing.assert_allclose(means[mean], x[k : k + 2**level].mean(axis=0), atol=1e-14)


@pytest.mark.parametrize(("n", "levels"), [(1, 0), (7, 2), (8, 3), (37, 5), (100, 3)])
def test_the_largest_step_is_aligned_and_does_not_pass_the_end(n, levels):
    grid = Grid(n, levels)
    for k in range(n):
        expected = max(level for level in range(levels + 1) if k % 2**level == 0 and k + 2**level <= n)
        assert int(grid.largest(jnp.int32(k))) == expected


def test_the_next_step_follows_the_deviation():
    grid, three = Grid(1000, 4), jnp.int32(3)
    assert [int(next_level(three, jnp.asarray(d), grid)) for d in (0.0, 0.09, 0.5, 1.0)] == [4, 4, 3, 3]
    assert int(next_level(jnp.int32(4), jnp.asarray(0.0), grid)) == 4
    deviations = [1.1, 7.9, 8.1, 65.0, 1e9, np.inf, np.nan]
    assert [int(lower_level(three, jnp.asarray(d))) for d in deviations] == [2, 2, 1, 0, 0, 0, 0]

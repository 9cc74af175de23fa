"""Instances at shared places: sums by place, and their transposes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsim.numerics.fan import fan_in, fan_of, fan_out, reversible_fan_in, reversible_fan_out

COUNTS = [[1], [3], [1, 2, 1], [9, 1, 8], [200, 1, 65, 7]]


def case(counts: list[int], seed: int = 0):
    """A shuffled assignment of instances to places, and its fan."""
    rng = np.random.default_rng(seed)
    place = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    return place, jax.tree.map(jnp.asarray, fan_of(place, len(counts))), rng


@pytest.mark.parametrize("lanes", [1, 3])
@pytest.mark.parametrize("counts", COUNTS, ids=str)
def test_sums_and_copies(counts, lanes):
    place, fan, rng = case(counts)
    x = rng.normal(size=(len(place), lanes)).astype(np.float32)
    expected = np.zeros((len(counts), lanes))
    np.add.at(expected, place, x)
    found = fan_in(jnp.asarray(x.reshape(-1)), fan, lanes).reshape(-1, lanes)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    y = rng.normal(size=(len(counts), lanes)).astype(np.float32)
    np.testing.assert_array_equal(fan_out(jnp.asarray(y.reshape(-1)), fan, lanes).reshape(-1, lanes), y[place])


@pytest.mark.parametrize("counts", COUNTS, ids=str)
def test_the_reversible_ones_have_the_same_values_and_derivatives(counts):
    place, fan, rng = case(counts)
    x, y = (jnp.asarray(rng.normal(size=n), jnp.float32) for n in (len(place), len(counts)))
    for plain, reversible, at, weight in (
        (fan_in, reversible_fan_in, x, y),
        (fan_out, reversible_fan_out, y, x),
    ):
        np.testing.assert_array_equal(reversible(at, fan), plain(at, fan))
        scalar = lambda f, w=weight: jax.grad(lambda z: jnp.vdot(f(z, fan), w))  # noqa: E731
        expected, found = scalar(plain)(at), scalar(reversible)(at)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_a_few_rounds_are_enough():
    """A thousand instances at one place are summed in four rounds of at most eight: 8^4 = 4096."""
    _, fan, _ = case([1000, 1])
    assert [level.shape[1] for level in fan.levels] == [8, 8, 8, 2]
    assert [level.shape[0] for level in fan.levels] == [126, 17, 3, 2]

"""Gathers between places and nodes: what they give, and that each is the transpose of its inverse."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsim.numerics.indexing import Places, reversible_take, take
from jaxsim.numerics.ops import Ops

N = 20
both = pytest.mark.parametrize("kind", [take, reversible_take], ids=["plain", "reversible"])
few_and_many = pytest.mark.parametrize("n_place", [0, 1, 4, 5, N])


def places(n_place: int) -> Places:
    node = np.random.default_rng(n_place).permutation(N)[:n_place]
    place = np.full(N, n_place)
    place[node] = np.arange(n_place)
    return Places(jnp.asarray(node, jnp.int32), jnp.asarray(place, jnp.int32))


def no_system(*_):
    raise NotImplementedError


def from_places(x, where, kind, lanes=1):
    return Ops(no_system, kind, lanes).pick(x, where)


def at_places(values, where, kind, lanes=1):
    return Ops(no_system, kind, lanes).spread(values, where)


def numbers(seed: int, n: int) -> jax.Array:
    return jnp.asarray(np.random.default_rng(seed).normal(size=n))


@both
@few_and_many
def test_from_places_picks(x64, kind, n_place):
    where, x = places(n_place), numbers(0, N)
    np.testing.assert_array_equal(from_places(x, where, kind), np.asarray(x)[np.asarray(where.node)])


@both
@few_and_many
def test_at_places_spreads_and_is_zero_elsewhere(x64, kind, n_place):
    where, values = places(n_place), numbers(1, n_place)
    expected = np.zeros(N)
    expected[np.asarray(where.node)] = values
    np.testing.assert_array_equal(at_places(values, where, kind), expected)


@both
@pytest.mark.parametrize("n_place", [1, 4, 5, N])
def test_at_places_and_from_places_are_transposes(precision, kind, n_place):
    """<y, take x> = <take^T y, x>, with the transpose that differentiation uses."""
    where, x, y = places(n_place), numbers(2, N).astype(precision), numbers(3, n_place).astype(precision)
    picked, pull = jax.vjp(lambda x: from_places(x, where, kind), x)
    np.testing.assert_array_equal(pull(y)[0], at_places(y, where, take))
    spread, pull = jax.vjp(lambda y: at_places(y, where, kind), y)
    np.testing.assert_allclose(pull(x)[0], from_places(x, where, take), rtol=1e-6)
    assert float(y @ picked) == pytest.approx(float(spread @ x), rel=1e-5, abs=1e-6)


@few_and_many
def test_plain_take_has_a_forward_derivative(x64, n_place):
    where, x = places(n_place), numbers(4, N)
    _, tangent = jax.jvp(lambda x: from_places(x, where, take), (x,), (2.0 * x,))
    np.testing.assert_array_equal(tangent, 2.0 * from_places(x, where, take))


def test_take_past_the_end_is_zero(precision):
    """More positions than values: what has no value is zero, and the last value is not repeated."""
    index = jnp.asarray([2, 0, 3, 1, 3, 3], jnp.int32)
    inverse = jnp.asarray([1, 3, 0], jnp.int32)
    x = jnp.asarray([1.0, 2.0, 3.0])
    for kind in (take, reversible_take):
        np.testing.assert_array_equal(kind(x, index, inverse), [3.0, 1.0, 0.0, 2.0, 0.0, 0.0])


@both
def test_under_vmap(x64, kind):
    where, x = places(9), jnp.stack([numbers(5, N), numbers(6, N)])
    together = jax.vmap(lambda x: at_places(from_places(x, where, kind), where, kind))(x)
    for row, alone in zip(together, x, strict=True):
        np.testing.assert_array_equal(row, at_places(from_places(alone, where, kind), where, kind))


@both
@pytest.mark.parametrize("n_place", [1, 4, 5, N])
def test_lanes_lie_side_by_side(x64, kind, n_place):
    """What holds for one lane holds for each of several."""
    where, x, y = places(n_place), numbers(7, 3 * N), numbers(8, 3 * n_place)
    picked = from_places(x, where, kind, 3).reshape(-1, 3)
    spread = at_places(y, where, kind, 3).reshape(-1, 3)
    for k in range(3):
        np.testing.assert_array_equal(picked[:, k], from_places(x[k::3], where, kind))
        np.testing.assert_array_equal(spread[:, k], at_places(y[k::3], where, kind))
    back = jax.vjp(lambda x: from_places(x, where, kind, 3), x)[1](y)[0]
    np.testing.assert_allclose(back, spread.reshape(-1), rtol=1e-12)


@few_and_many
@pytest.mark.parametrize("lanes", [1, 3])
def test_nodes_changed_in_place_are_those_of_the_masks(precision, n_place, lanes):
    """`add` and `put` where they stand and by masks: the same numbers, and the same derivatives."""
    where = places(n_place)
    x, values = (numbers(k, n * lanes).astype(precision) for k, n in ((4, N), (5, n_place)))
    on = jnp.asarray(np.random.default_rng(6).random(n_place * lanes) < 0.5)
    weight = numbers(7, N * lanes).astype(precision)

    def found(in_place: bool, what: str) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
        ops = Ops(no_system, reversible_take, lanes, in_place=in_place)
        change = lambda x, v: ops.add(x, v, where) if what == "add" else ops.put(x, v, on, where)  # noqa: E731
        return change(x, values), jax.grad(lambda x, v: weight @ change(x, v), argnums=(0, 1))(x, values)

    at = np.asarray(where.node)
    rows, own = np.array(x).reshape(N, lanes), np.asarray(values).reshape(n_place, lanes)
    expected = {"add": rows.copy(), "put": rows.copy()}
    expected["add"][at] += own
    expected["put"][at] = np.where(np.asarray(on).reshape(n_place, lanes), own, rows[at])
    for what, value in expected.items():
        masks, in_place = found(False, what), found(True, what)
        np.testing.assert_array_equal(in_place[0], value.reshape(-1))
        for a, b in zip(jax.tree.leaves(masks), jax.tree.leaves(in_place), strict=True):
            np.testing.assert_array_equal(a, b)

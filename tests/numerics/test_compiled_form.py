"""The elimination is compiled to a native loop: no array is copied inside it.

XLA updates a carried array in place only in a narrow form; anything else costs a copy of the array every trip, up to 60
times the time, with the same result. So the compiled program itself is read.
"""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from jaxsim.numerics.tree_solve import Forest, eliminate
from tests.numerics.systems import parents

N = 496


def array_copies_in_loops(function, *arguments) -> int:
    """Copies of arrays (not scalars) that stand in the bodies of the compiled program's while loops."""
    text = jax.jit(function).lower(*arguments).compile().as_text()
    bodies = set(re.findall(r"body=%?([\w.\-]+)", text))
    assert bodies, "the program has no loop"
    copies, inside = 0, False
    for line in text.splitlines():
        if head := re.match(r"\s*(?:ENTRY )?%?([\w.\-]+) \(.*\{$", line):
            inside = head[1] in bodies
        elif inside:
            copies += len(re.findall(r"= \w+\[\d[\d,]*\]\S* copy(?:-start)?\(", line))
    return copies


def arguments(dtype: np.dtype) -> tuple:
    forest = Forest(jnp.asarray(parents("random", N, np.random.default_rng(0))))
    ones = jnp.ones(N, dtype)
    return forest, ones, ones.at[0].set(0), ones, ones


def _row(a: jax.Array, i: jax.Array) -> jax.Array:
    return lax.dynamic_slice_in_dim(a, i, 1)


def _above(parent: jax.Array, i: jax.Array) -> jax.Array:
    return lax.dynamic_index_in_dim(parent, i, keepdims=False).astype(jnp.uint32)


def _put(a: jax.Array, value: jax.Array, i: jax.Array) -> jax.Array:
    return lax.dynamic_update_slice_in_dim(a, value, i, 0)


def updates_twice(forest: Forest, s: jax.Array, g: jax.Array, r: jax.Array, x: jax.Array) -> tuple:
    """A loop like the elimination's that stores a second number in each carried array."""

    def fold(k, carry):
        s, r = carry
        i = jnp.asarray(N - 1 - k, jnp.uint32)
        p = _above(forest.parent, i)
        f = _row(g, i) / (_row(s, i) + _row(g, i))
        s, r = _put(s, _row(s, p) + f * _row(s, i), p), _put(r, _row(r, p) + f * _row(r, i), p)
        return _put(s, _row(r, p), i), _put(r, _row(s, p), i)

    return lax.fori_loop(0, N - 1, fold, (s, r))


def unrolled(forest: Forest, s: jax.Array, g: jax.Array, r: jax.Array, x: jax.Array) -> tuple:
    """The loop to the roots, four trips at once."""

    def fold(carry, k):
        s, r = carry
        i = jnp.asarray(N - 1 - k, jnp.uint32)
        p = _above(forest.parent, i)
        f = _row(g, i) / (_row(s, i) + _row(g, i))
        return (_put(s, _row(s, p) + f * _row(s, i), p), _put(r, _row(r, p) + f * _row(r, i), p)), None

    return lax.scan(fold, (s, r), jnp.arange(N - 1, dtype=jnp.int32), unroll=4)[0]


def side_by_side(arrays: list[jax.Array], lanes: int) -> list[jax.Array]:
    return [jnp.repeat(a, lanes) for a in arrays]


@pytest.mark.parametrize("counted_from", ["zero", "x"])
@pytest.mark.parametrize("lanes", [1, 4, 16])
def test_no_array_is_copied_inside_the_loops(precision, lanes, counted_from):
    forest, *system = arguments(precision)
    side = side_by_side(system if counted_from == "x" else system[:3], lanes)
    assert array_copies_in_loops(lambda *a: eliminate(*a, lanes=lanes), forest, *side) == 0


def test_lanes_stay_flat():
    """A view with an axis of lanes would be loaded number by number in the code around the loops."""
    forest, *system = arguments(np.dtype("float32"))
    side = side_by_side(system, 16)
    text = jax.jit(lambda *a: eliminate(*a, lanes=16)).lower(forest, *side).compile().as_text()
    assert f"f32[{N * 16}]" in text
    assert f"f32[{N},16]" not in text


@pytest.mark.parametrize("slow", [updates_twice, unrolled])
def test_the_count_sees_a_slow_form(slow):
    """The guard guards: both forms are known to be several times slower than they look."""
    assert array_copies_in_loops(slow, *arguments(np.dtype("float32"))) > 0


@pytest.mark.parametrize(("lanes", "loops"), [(1, 6), (4, 6), (16, 3)])
def test_few_loops(lanes, loops):
    """The matrix, the right-hand side and the way back; few lanes take eight nodes a trip, then the rest."""
    forest, *system = arguments(np.dtype("float32"))
    text = (
        jax.jit(lambda *a: eliminate(*a, lanes=lanes)).lower(forest, *side_by_side(system, lanes)).compile().as_text()
    )
    assert len(re.findall(r" while\(", text)) == loops

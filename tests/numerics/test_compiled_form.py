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

from jaxsim.numerics.tree_solve import Forest, _above, _put, _row, eliminate
from tests.numerics.systems import parents

N = 500


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
    return forest, ones, ones.at[0].set(0), ones


def updates_twice(forest: Forest, s: jax.Array, g: jax.Array, r: jax.Array) -> tuple[jax.Array, jax.Array]:
    """A loop like the elimination's that stores a second number in each carried array."""

    def fold(k, carry):
        s, r = carry
        i = jnp.asarray(N - 1 - k, jnp.uint32)
        p = _above(forest.parent, i)
        f = _row(g, i) / (_row(s, i) + _row(g, i))
        s, r = _put(s, _row(s, p) + f * _row(s, i), p), _put(r, _row(r, p) + f * _row(r, i), p)
        return _put(s, _row(r, p), i), _put(r, _row(s, p), i)

    return lax.fori_loop(0, N - 1, fold, (s, r))


def unrolled(forest: Forest, s: jax.Array, g: jax.Array, r: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The loop to the roots, four trips at once."""

    def fold(carry, k):
        s, r = carry
        i = jnp.asarray(N - 1 - k, jnp.uint32)
        p = _above(forest.parent, i)
        f = _row(g, i) / (_row(s, i) + _row(g, i))
        return (_put(s, _row(s, p) + f * _row(s, i), p), _put(r, _row(r, p) + f * _row(r, i), p)), None

    return lax.scan(fold, (s, r), jnp.arange(N - 1, dtype=jnp.int32), unroll=4)[0]


@pytest.mark.parametrize("lanes", [1, 16])
def test_no_array_is_copied_inside_the_loops(precision, lanes):
    forest, *system = arguments(precision)
    side = [jnp.repeat(a, lanes) for a in system]
    assert array_copies_in_loops(lambda *a: eliminate(*a, lanes=lanes), forest, *side) == 0


def test_lanes_stay_flat():
    """A view with an axis of lanes would be loaded number by number in the code around the loops."""
    forest, *system = arguments(np.dtype("float32"))
    side = [jnp.repeat(a, 16) for a in system]
    text = jax.jit(lambda *a: eliminate(*a, lanes=16)).lower(forest, *side).compile().as_text()
    assert f"f32[{N * 16}]" in text
    assert f"f32[{N},16]" not in text


@pytest.mark.parametrize("slow", [updates_twice, unrolled])
def test_the_count_sees_a_slow_form(slow):
    """The guard guards: both forms are known to be several times slower than they look."""
    assert array_copies_in_loops(slow, *arguments(np.dtype("float32"))) > 0


@pytest.mark.parametrize("n", [10, N])
def test_two_loops_and_no_more(n):
    """One loop to the roots, one back."""
    parent = jnp.asarray(parents("chain", n, np.random.default_rng(0)))
    ones = jnp.ones(n)
    text = jax.jit(eliminate).lower(Forest(parent), ones, ones, ones).compile().as_text()
    assert len(re.findall(r" while\(", text)) == 2

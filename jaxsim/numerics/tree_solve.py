"""The implicit cable system on a forest: A x = r with A = diag(s) + graph Laplacian of the axial conductances g.

Nodes are numbered so that a parent comes before its children (breadth first: consecutive eliminations are then
independent, which a processor overlaps). s >= 0 is what a row exceeds its off-diagonal sum by, so that with

    f_i = g_i / (s_i + g_i),   s_parent += f_i s_i,   r_parent += f_i r_i        leaves to roots
    x_i = f_i x_parent + r_i / (s_i + g_i)                                       roots to leaves

nothing is ever subtracted: no cancellation, no pivots, no fill-in, and a row with s = 0 (a branch point) is harmless.
The textbook form D_p -= g^2 / D_i loses s to rounding in single precision as soon as g >> s.

A is symmetric, so the derivative needs the same elimination and no other (`tree_solve`); differentiating through the
loop itself costs 10 to 90 times more.
"""

from functools import partial
from typing import Any

import jax
import numpy as np
from jax import lax

from jaxsim._struct import struct
from jaxsim.numerics import contraction
from jaxsim.numerics.contraction import Contraction


@struct
class Forest:
    """The connections of the nodes, in elimination order.

    Attributes:
        parent: (n_node,) int32, parent of each node, parent[i] < i; a root points at itself or node 0: its g is 0.
        plan: how to eliminate in parallel, for a device that has many lanes; None to eliminate node by node.
    """

    parent: jax.Array
    plan: Contraction | None = None


@struct
class Factors:
    """What the elimination makes of a matrix, by which other right-hand sides are solved without a division.

    Attributes:
        f: (n_node * lanes,) [1], the share of a row that its parent's takes over.
        w: (n_node * lanes,) [1/uS], one over the pivot.
    """

    f: jax.Array
    w: jax.Array


def rows(a: jax.Array, lanes: int) -> jax.Array:
    """A flat array as one row a node: (n * lanes,) -> (n, lanes); one lane stays (n,)."""
    return a if lanes == 1 else a.reshape(-1, lanes)


def _row(a: jax.Array, i: jax.Array, lanes: int = 1) -> jax.Array:
    return lax.dynamic_slice_in_dim(a, i * lanes, lanes, 0)


def _put(a: jax.Array, value: jax.Array, i: jax.Array, lanes: int = 1) -> jax.Array:
    return lax.dynamic_update_slice_in_dim(a, value, i * lanes, 0)


def eliminate(
    forest: Forest, s: jax.Array, g: jax.Array, r: jax.Array, lanes: int = 1
) -> tuple[jax.Array, Factors | contraction.Factors]:
    """The solution itself, without derivative rules, and the factors of the matrix.

    The loops have exactly one in-place update per carried array and trip: XLA compiles that form to one native loop,
    and any other to array copies, 10 to 60 times slower. Arrays stay flat: with a (n_node, lanes) view of the same
    numbers the elementwise code around the loops loads them one by one, 5 times slower. (tests/numerics reads both in
    the compiled program.)

    Args:
        forest: the connections of n_node nodes.
        s: (n_node * lanes,) [uS], row excess.
        g: (n_node * lanes,) [uS], axial conductance to the parent; 0 at a root.
        r: (n_node * lanes,) [nA], right-hand side.
        lanes: number of systems solved side by side, their values next to each other at each node.

    Returns:
        (n_node * lanes,) [mV], the solution; the factors of the matrix.
    """
    if forest.plan is not None:
        rounds = contraction.factorise(forest.plan, s, g, lanes)
        return contraction.substitute(forest.plan, rounds, r, lanes), rounds
    parent = forest.parent
    n = parent.shape[0]

    def fold(k: jax.Array, carry: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        s, r = carry
        i = n - 1 - k
        p = parent[i]
        g_i, s_i, r_i = _row(g, i, lanes), _row(s, i, lanes), _row(r, i, lanes)
        f = g_i / (s_i + g_i)
        return _put(s, _row(s, p, lanes) + f * s_i, p, lanes), _put(r, _row(r, p, lanes) + f * r_i, p, lanes)

    if n > 1:
        s, r = lax.fori_loop(0, n - 1, fold, (s, r))
    w = 1.0 / (s + g)
    factors = Factors(g * w, w)
    return _unfold(forest, factors, r * w, lanes), factors


def substitute(forest: Forest, factors: Any, r: jax.Array, lanes: int = 1) -> jax.Array:
    """The solution for another right-hand side of a matrix that `eliminate` has met.

    Args:
        forest: the connections of n_node nodes.
        factors: the matrix, as `eliminate` returned it.
        r: (n_node * lanes,) [nA], right-hand side.
        lanes: as in `eliminate`.

    Returns:
        (n_node * lanes,) [mV], the solution.
    """
    if forest.plan is not None:
        return contraction.substitute(forest.plan, factors, r, lanes)
    parent, f = forest.parent, factors.f
    n = parent.shape[0]

    def fold(k: jax.Array, r: jax.Array) -> jax.Array:
        i = n - 1 - k
        p = parent[i]
        return _put(r, _row(r, p, lanes) + _row(f, i, lanes) * _row(r, i, lanes), p, lanes)

    if n > 1:
        r = lax.fori_loop(0, n - 1, fold, r)
    return _unfold(forest, factors, r * factors.w, lanes)


def _unfold(forest: Forest, factors: Factors, y: jax.Array, lanes: int) -> jax.Array:
    """x_i = y_i + f_i x_parent, roots to leaves."""
    parent, f = forest.parent, factors.f
    n = parent.shape[0]

    def unfold(k: jax.Array, x: jax.Array) -> jax.Array:
        i = k + 1
        return _put(x, _row(x, i, lanes) + _row(f, i, lanes) * _row(x, parent[i], lanes), i, lanes)

    return lax.fori_loop(0, n - 1, unfold, y) if n > 1 else y


def apply(forest: Forest, s: jax.Array, g: jax.Array, x: jax.Array) -> jax.Array:
    """The product A x (n_node,) [nA]; arguments as in `eliminate`."""
    along = g * (x - x[forest.parent])
    return s * x + along - jax.ops.segment_sum(along, forest.parent, num_segments=x.shape[0])


def tree_solve(forest: Forest, s: jax.Array, g: jax.Array, r: jax.Array) -> jax.Array:
    """The solution x of A x = r, with exact derivatives of any order, in forward and reverse mode.

        A dx = dr - ds x - dL(g) x        (forward)
        A lam = xbar,  rbar = lam,  sbar = -lam x,  gbar_i = -(lam_i - lam_p) (x_i - x_p)        (reverse)

    Args:
        forest: the connections of n_node nodes.
        s: (n_node,) [uS], row excess, at least one positive in each tree.
        g: (n_node,) [uS], axial conductance to the parent; 0 at a root.
        r: (n_node,) [nA], right-hand side.

    Returns:
        (n_node,) [mV], the solution.

    >>> import jax.numpy as jnp
    >>> forest = Forest(jnp.asarray([0, 0], jnp.int32))
    >>> x = tree_solve(forest, jnp.asarray([1.0, 0.0]), jnp.asarray([0.0, 2.0]), jnp.asarray([3.0, 0.0]))
    >>> [round(float(v), 6) for v in x]
    [3.0, 3.0]
    """

    def solve(_: object, b: jax.Array) -> jax.Array:
        return eliminate(forest, lax.stop_gradient(s), lax.stop_gradient(g), b)[0]

    return lax.custom_linear_solve(lambda x: apply(forest, s, g, x), r, solve, solve, symmetric=True)


@partial(jax.custom_vjp, nondiff_argnums=(6,))
def known_solution(
    forest: Forest,
    s: jax.Array,
    g: jax.Array,
    r: jax.Array,
    x: jax.Array,
    factors: Any,
    lanes: int = 1,
) -> jax.Array:
    """`tree_solve` where the solution is already known (stored by a forward run): only its reverse derivative is
    computed, by a substitution.

    Args:
        forest: the connections of n_node nodes.
        s: (n_node * lanes,) [uS], row excess.
        g: (n_node * lanes,) [uS], axial conductance to the parent.
        r: (n_node * lanes,) [nA], right-hand side.
        x: (n_node * lanes,) [mV], the solution for these s, g and r; a constant.
        factors: the matrix, eliminated; constants.
        lanes: as in `eliminate`.

    Returns:
        x, with the derivative of `tree_solve`.
    """
    return x


def _known_forward(
    forest: Forest, s: jax.Array, g: jax.Array, r: jax.Array, x: jax.Array, factors: Any, lanes: int
) -> tuple:
    return x, (forest, factors, x)


def _known_backward(lanes: int, saved: tuple, x_bar: jax.Array) -> tuple:
    forest, factors, x = saved
    lam = substitute(forest, factors, x_bar, lanes)
    to_parent = lambda a: a - rows(a, lanes)[forest.parent].reshape(-1)  # noqa: E731
    return None, -lam * x, -to_parent(lam) * to_parent(x), lam, None, None


known_solution.defvjp(_known_forward, _known_backward)


def to_dense(forest: Forest, s: np.ndarray, g: np.ndarray) -> np.ndarray:
    """The matrix A as (n_node, n_node) [uS], the oracle of the tests; NumPy, double precision."""
    parent = np.asarray(forest.parent)
    n = len(parent)
    a = np.diag(np.asarray(s, float))
    for i in range(n):
        p, g_i = parent[i], float(g[i])
        if g_i != 0.0:
            a[i, i] += g_i
            a[p, p] += g_i
            a[i, p] -= g_i
            a[p, i] -= g_i
    return a

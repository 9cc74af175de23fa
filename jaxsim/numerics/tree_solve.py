"""The implicit cable system on a forest: A y = r - G x, A = diag(s) + G, G the graph Laplacian of the conductances g.

y is what a voltage x lacks to solve the system: the unknown of an implicit step. In single precision a step that solves
for the voltage itself is good to the rounding of s x, which the time loop adds up (a passive cable of 1000
compartments ends 1e-3 off, Rallpack 1); one that solves for the change is good to that of the change.

Nodes are numbered so that a parent comes before its children. s >= 0 is what a row exceeds its off-diagonal sum by, so
that, p above i,

    s_p += f_i s_i,   f_i = g_i / (s_i + g_i)                     leaves to roots: the factors of the matrix
    r_p += f_i (r_i + s_i (x_i - x_p))                            leaves to roots
    y_i = r_i / (s_i + g_i) + f_i (y_p + (x_p - x_i))             roots to leaves

nothing cancels: there are no pivots, no fill-in, and a row with s = 0 (a branch point) is harmless.
The textbook form D_p -= g^2 / D_i loses s to rounding in single precision as soon as g >> s.

Each of the three is a loop over the nodes. A trip takes several of them, one after the other (`_AT_ONCE`), because
XLA's loops keep their counter and the addresses of their arrays in memory.

A is symmetric, so the derivative needs the same elimination and no other (`tree_solve`); differentiating through the
loop itself costs 10 to 90 times more.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxsim._struct import struct
from jaxsim.numerics import contraction
from jaxsim.numerics.contraction import Contraction
from jaxsim.numerics.indexing import rows, rows_at


@struct
class Forest:
    """The connections of the nodes, in elimination order.

    Attributes:
        parent: (n_node,) int32, parent of each node, parent[i] < i; a root points at itself or node 0: its g is 0.
        plan: how to eliminate in parallel, for a device that has many lanes; None to go node by node.
    """

    parent: jax.Array
    plan: Contraction | None = None


# Nodes a trip, and up to how many lanes: with 16 a trip does enough for its overhead not to count (decision 7).
_AT_ONCE, _FEW_LANES = 8, 8


def _repeat(n: int, at_once: int, body: Callable[[jax.Array, jax.Array], jax.Array], carry: jax.Array) -> jax.Array:
    """carry = body(k, carry) for k = 0 to n - 1, `at_once` of them a trip.

    Unlike `lax.fori_loop` it counts in 32 bits where 64 are allowed, and without a sign: an index that cannot be
    negative needs no instructions that wrap it, half of what a trip consists of.
    """
    groups = n // at_once * at_once
    for begin, end, step in ((0, groups, at_once), (groups, n, 1)):
        if begin < end:
            carry = _loop(begin, end, step, body, carry)
    return carry


def _loop(begin: int, end: int, step: int, body: Callable, carry: jax.Array) -> jax.Array:
    def trip(loop: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        k, a = loop
        for j in range(step):
            a = body(k + np.uint32(j), a)
        return k + np.uint32(step), a

    return lax.while_loop(lambda loop: loop[0] < np.uint32(end), trip, (jnp.uint32(begin), carry))[1]


_Load = Callable[[jax.Array], jax.Array]
_Change = Callable[[jax.Array, _Load, _Load], jax.Array]


def _over_nodes(forest: Forest, lanes: int, change: _Change, start: jax.Array, upwards: bool) -> jax.Array:
    """An array changed in place node by node, to the leaves or, upwards, to the roots; the first node stays.

    `change` gets the array, a function that loads the node's row of an array and one that loads its parent's, and gives
    what is added to the row that changes: the parent's upwards, else the node's.
    """
    n = forest.parent.shape[0]

    @partial(jax.jit, inline=True)
    def body(k: jax.Array, a: jax.Array) -> jax.Array:
        i = np.uint32(n - 1) - k if upwards else k + np.uint32(1)
        p = lax.convert_element_type(lax.dynamic_index_in_dim(forest.parent, i, keepdims=False), np.uint32)
        here, above = partial(_row, i=i, lanes=lanes), partial(_row, i=p, lanes=lanes)
        row, target = (above, p) if upwards else (here, i)
        return lax.dynamic_update_slice_in_dim(a, row(a) + change(a, here, above), target * np.uint32(lanes), 0)

    return _repeat(n - 1, _AT_ONCE if lanes <= _FEW_LANES else 1, body, start)


def _row(a: jax.Array, i: jax.Array, lanes: int) -> jax.Array:
    return lax.dynamic_slice_in_dim(a, i * np.uint32(lanes), lanes, 0)


def eliminate(
    forest: Forest, s: jax.Array, g: jax.Array, r: jax.Array, x: jax.Array | None = None, lanes: int = 1
) -> tuple[jax.Array, jax.Array | contraction.Factors]:
    """The solution itself, without derivative rules, and the factors of the matrix.

    A loop carries one array and changes it at one node after the other: XLA compiles that form to one native loop, and
    others to array copies, 10 to 60 times slower. Arrays stay flat: with a (n_node, lanes) view of the same numbers the
    elementwise code around the loops loads them one by one, 5 times slower. (tests/numerics reads both in the compiled
    program.)

    Args:
        forest: the connections of n_node nodes.
        s: (n_node * lanes,) [uS], row excess.
        g: (n_node * lanes,) [uS], axial conductance to the parent; 0 at a root.
        r: (n_node * lanes,) [nA], right-hand side.
        x: (n_node * lanes,) [mV], from where the solution is counted; None for 0.
        lanes: number of systems solved side by side, their values next to each other at each node.

    Returns:
        (n_node * lanes,) [mV], the solution y; what `substitute` needs: (n_node * lanes,) [1/uS], one over each pivot.
    """
    if forest.plan is not None:
        rounds = contraction.factorise(forest.plan, s, g, lanes)
        r = r if x is None else r - laplacian(forest, g, x, lanes)
        return contraction.substitute(forest.plan, rounds, r, lanes), rounds

    s = _over_nodes(forest, lanes, lambda s, here, _: here(g) / (here(s) + here(g)) * here(s), s, upwards=True)
    w = 1.0 / (s + g)
    f = g * w
    r = _fold(forest, f, r, None if x is None else (f * s, x), lanes)
    return _unfold(forest, f, r * w, x, lanes), w


def substitute(forest: Forest, g: jax.Array, factors: Any, r: jax.Array, lanes: int = 1) -> jax.Array:
    """The solution for another right-hand side of a matrix that `eliminate` has met.

    Args:
        forest: the connections of n_node nodes.
        g: (n_node * lanes,) [uS], as in `eliminate`.
        factors: the matrix, as `eliminate` returned it.
        r: (n_node * lanes,) [nA], right-hand side.
        lanes: as in `eliminate`.

    Returns:
        (n_node * lanes,) [mV], the solution.
    """
    if forest.plan is not None:
        return contraction.substitute(forest.plan, factors, r, lanes)
    f = g * factors
    return _unfold(forest, f, _fold(forest, f, r, None, lanes) * factors, None, lanes)


def _fold(
    forest: Forest, f: jax.Array, r: jax.Array, since: tuple[jax.Array, jax.Array] | None, lanes: int
) -> jax.Array:
    """r_p += f_i r_i, and f_i s_i (x_i - x_p) where `since` gives f s and x; leaves to roots."""

    def change(r: jax.Array, here: _Load, above: _Load) -> jax.Array:
        if since is None:
            return here(f) * here(r)
        fs, x = since
        return here(f) * here(r) + here(fs) * (here(x) - above(x))

    return _over_nodes(forest, lanes, change, r, upwards=True)


def _unfold(forest: Forest, f: jax.Array, y: jax.Array, x: jax.Array | None, lanes: int) -> jax.Array:
    """y_i += f_i (y_p + (x_p - x_i)), roots to leaves."""

    def change(y: jax.Array, here: _Load, above: _Load) -> jax.Array:
        return here(f) * (above(y) if x is None else above(y) + (above(x) - here(x)))

    return _over_nodes(forest, lanes, change, y, upwards=False)


def laplacian(forest: Forest, g: jax.Array, x: jax.Array, lanes: int = 1) -> jax.Array:
    """The product G x (n_node * lanes,) [nA]; arguments as in `eliminate`."""
    along = g * (x - rows_at(rows(x, lanes), forest.parent).reshape(-1))
    if forest.plan is not None:
        along = jnp.where(g > 0, along, 0)  # a root gives nothing, whatever its x: it stands for missing children
        return along - contraction.sum_over_children(forest.plan, along, lanes)
    n = forest.parent.shape[0]
    return along - jax.ops.segment_sum(rows(along, lanes), forest.parent, num_segments=n).reshape(-1)


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

    return lax.custom_linear_solve(lambda x: s * x + laplacian(forest, g, x), r, solve, solve, symmetric=True)


@partial(jax.custom_vjp, nondiff_argnums=(7,))
def known_solution(
    forest: Forest,
    s: jax.Array,
    g: jax.Array,
    r: jax.Array,
    x: jax.Array | None,
    y: jax.Array,
    factors: Any,
    lanes: int = 1,
) -> jax.Array:
    """The solution where it is already known (stored by a forward run): only its reverse derivative is computed, by a
    substitution.

        A lam = ybar,  rbar = lam,  sbar = -lam y,  gbar_i = -(lam_i - lam_p) (z_i - z_p),  z = x + y
        xbar = -G lam = s lam - ybar

    Args:
        forest: the connections of n_node nodes.
        s: (n_node * lanes,) [uS], row excess.
        g: (n_node * lanes,) [uS], axial conductance to the parent.
        r: (n_node * lanes,) [nA], right-hand side.
        x: (n_node * lanes,) [mV], from where the solution is counted; None for 0.
        y: (n_node * lanes,) [mV], the solution for these s, g, r and x; a constant.
        factors: the matrix, eliminated; constants.
        lanes: as in `eliminate`.

    Returns:
        y, with the derivative of the solve.
    """
    return y


def _known_forward(
    forest: Forest,
    s: jax.Array,
    g: jax.Array,
    r: jax.Array,
    x: jax.Array | None,
    y: jax.Array,
    factors: Any,
    lanes: int,
) -> tuple:
    return y, (forest, s, g, x, y, factors)


def _known_backward(lanes: int, saved: tuple, y_bar: jax.Array) -> tuple:
    forest, s, g, x, y, factors = saved
    lam = substitute(forest, g, factors, y_bar, lanes)
    to_parent = lambda a: a - rows_at(rows(a, lanes), forest.parent).reshape(-1)  # noqa: E731
    g_bar = -to_parent(lam) * to_parent(y if x is None else x + y)
    x_bar = None if x is None else s * lam - y_bar
    return None, -lam * y, g_bar, lam, x_bar, None, None


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

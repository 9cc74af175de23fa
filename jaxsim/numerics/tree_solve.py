"""The implicit cable system on a forest: A y = r - G x, A = diag(s) + G, G the graph Laplacian of the conductances g.

y is what a voltage x lacks to solve the system: the unknown of an implicit step. In single precision a step that solves
for the voltage itself is good to the rounding of s x, which the time loop adds up (a passive cable of 1000
compartments ends 1e-3 off, Rallpack 1); one that solves for the change is good to that of the change.

Nodes are numbered so that a parent comes before its children (breadth first: consecutive eliminations are then
independent, which a processor overlaps). s >= 0 is what a row exceeds its off-diagonal sum by, so that with

    f_i = g_i / (s_i + g_i),   s_p += f_i s_i,   r_p += f_i (r_i + s_i (x_i - x_p))        leaves to roots
    y_i = r_i / (s_i + g_i) + f_i (y_p + (x_p - x_i))                                      roots to leaves, p above i

nothing cancels: there are no pivots, no fill-in, and a row with s = 0 (a branch point) is harmless.
The textbook form D_p -= g^2 / D_i loses s to rounding in single precision as soon as g >> s.

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


def _repeat(n: int, body: Callable[[jax.Array, Any], Any], carry: Any) -> Any:
    """carry = body(k, carry) for k = 0 to n - 1.

    Unlike `lax.fori_loop` it counts in 32 bits where 64 are allowed, and without a sign: an index that cannot be
    negative needs no instructions that wrap it, half of what a trip consists of.
    """
    one, end = jnp.uint32(1), jnp.uint32(n)
    trip = lambda loop: (loop[0] + one, body(loop[0], loop[1]))  # noqa: E731
    return lax.while_loop(lambda loop: loop[0] < end, trip, (jnp.uint32(0), carry))[1]


def _above(parent: jax.Array, i: jax.Array) -> jax.Array:
    """() uint32, the parent of node i."""
    return lax.convert_element_type(lax.dynamic_index_in_dim(parent, i, keepdims=False), np.uint32)


def _row(a: jax.Array, i: jax.Array, lanes: int = 1) -> jax.Array:
    return lax.dynamic_slice_in_dim(a, i * jnp.uint32(lanes), lanes, 0)


def _put(a: jax.Array, value: jax.Array, i: jax.Array, lanes: int = 1) -> jax.Array:
    return lax.dynamic_update_slice_in_dim(a, value, i * jnp.uint32(lanes), 0)


def eliminate(
    forest: Forest, s: jax.Array, g: jax.Array, r: jax.Array, x: jax.Array | None = None, lanes: int = 1
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
        x: (n_node * lanes,) [mV], from where the solution is counted; None for 0.
        lanes: number of systems solved side by side, their values next to each other at each node.

    Returns:
        (n_node * lanes,) [mV], the solution y; the factors of the matrix.
    """
    if forest.plan is not None:
        rounds = contraction.factorise(forest.plan, s, g, lanes)
        r = r if x is None else r - laplacian(forest, g, x, lanes)
        return contraction.substitute(forest.plan, rounds, r, lanes), rounds
    parent = forest.parent
    n = parent.shape[0]

    def fold(k: jax.Array, carry: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        s, r = carry
        i = jnp.uint32(n - 1) - k
        p = _above(parent, i)
        g_i, s_i, r_i = _row(g, i, lanes), _row(s, i, lanes), _row(r, i, lanes)
        f = g_i / (s_i + g_i)
        if x is not None:
            r_i = r_i + s_i * (_row(x, i, lanes) - _row(x, p, lanes))
        return _put(s, _row(s, p, lanes) + f * s_i, p, lanes), _put(r, _row(r, p, lanes) + f * r_i, p, lanes)

    if n > 1:
        s, r = _repeat(n - 1, fold, (s, r))
    w = 1.0 / (s + g)
    factors = Factors(g * w, w)
    return _unfold(forest, factors, r * w, x, lanes), factors


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
        i = jnp.uint32(n - 1) - k
        p = _above(parent, i)
        return _put(r, _row(r, p, lanes) + _row(f, i, lanes) * _row(r, i, lanes), p, lanes)

    if n > 1:
        r = _repeat(n - 1, fold, r)
    return _unfold(forest, factors, r * factors.w, None, lanes)


def _unfold(forest: Forest, factors: Factors, y: jax.Array, x: jax.Array | None, lanes: int) -> jax.Array:
    """y_i += f_i (y_parent + (x_parent - x_i)), roots to leaves."""
    parent, f = forest.parent, factors.f
    n = parent.shape[0]

    def unfold(k: jax.Array, y: jax.Array) -> jax.Array:
        i = k + jnp.uint32(1)
        p = _above(parent, i)
        above = _row(y, p, lanes)
        if x is not None:
            above = above + (_row(x, p, lanes) - _row(x, i, lanes))
        return _put(y, _row(y, i, lanes) + _row(f, i, lanes) * above, i, lanes)

    return _repeat(n - 1, unfold, y) if n > 1 else y


def laplacian(forest: Forest, g: jax.Array, x: jax.Array, lanes: int = 1) -> jax.Array:
    """The product G x (n_node * lanes,) [nA]; arguments as in `eliminate`."""
    along = g * (x - rows(x, lanes)[forest.parent].reshape(-1))
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
    return y, (forest, s, x, y, factors)


def _known_backward(lanes: int, saved: tuple, y_bar: jax.Array) -> tuple:
    forest, s, x, y, factors = saved
    lam = substitute(forest, factors, y_bar, lanes)
    to_parent = lambda a: a - rows(a, lanes)[forest.parent].reshape(-1)  # noqa: E731
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

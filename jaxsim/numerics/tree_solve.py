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

import jax
import numpy as np
from jax import lax

from jaxsim._struct import struct


@struct
class Forest:
    """The connections of the nodes, in elimination order.

    Attributes:
        parent: (n_node,) int32, parent of each node, parent[i] < i; a root points at itself or node 0: its g is 0.
    """

    parent: jax.Array


def _row(a: jax.Array, i: jax.Array) -> jax.Array:
    return lax.dynamic_slice_in_dim(a, i, 1, 0)


def _put(a: jax.Array, value: jax.Array, i: jax.Array) -> jax.Array:
    return lax.dynamic_update_slice_in_dim(a, value, i, 0)


def eliminate(forest: Forest, s: jax.Array, g: jax.Array, r: jax.Array) -> jax.Array:
    """The solution itself, without derivative rules.

    The loops have exactly one in-place update per carried array and trip: XLA compiles that form to one native loop,
    and any other to array copies, 10 to 60 times slower (tests/numerics counts it in the compiled program).

    Args:
        forest: the connections of n_node nodes.
        s: (n_node,) [uS], row excess.
        g: (n_node,) [uS], axial conductance to the parent; 0 at a root.
        r: (n_node,) [nA], right-hand side.

    Returns:
        (n_node,) [mV], the solution.
    """
    n = s.shape[0]
    if n == 1:
        return r / s
    parent = forest.parent

    def fold(k: jax.Array, carry: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        s, r = carry
        i = n - 1 - k
        p = parent[i]
        g_i, s_i, r_i = _row(g, i), _row(s, i), _row(r, i)
        f = g_i / (s_i + g_i)
        return _put(s, _row(s, p) + f * s_i, p), _put(r, _row(r, p) + f * r_i, p)

    s, r = lax.fori_loop(0, n - 1, fold, (s, r))
    w = 1.0 / (s + g)
    f = g * w

    def unfold(k: jax.Array, x: jax.Array) -> jax.Array:
        i = k + 1
        return _put(x, _row(x, i) + _row(f, i) * _row(x, parent[i]), i)

    return lax.fori_loop(0, n - 1, unfold, r * w)


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
        return eliminate(forest, lax.stop_gradient(s), lax.stop_gradient(g), b)

    return lax.custom_linear_solve(lambda x: apply(forest, s, g, x), r, solve, solve, symmetric=True)


@jax.custom_vjp
def known_solution(forest: Forest, s: jax.Array, g: jax.Array, r: jax.Array, x: jax.Array) -> jax.Array:
    """`tree_solve` where the solution x is already known (stored by a forward run): only its reverse derivative is
    computed.

    Args:
        forest: the connections of n_node nodes.
        s: (n_node,) [uS], row excess.
        g: (n_node,) [uS], axial conductance to the parent.
        r: (n_node,) [nA], right-hand side.
        x: (n_node,) [mV], the solution for these s, g and r; a constant.

    Returns:
        x, with the derivative of `tree_solve`.
    """
    return x


def _known_forward(forest: Forest, s: jax.Array, g: jax.Array, r: jax.Array, x: jax.Array) -> tuple:
    return x, (forest, s, g, x)


def _known_backward(saved: tuple, x_bar: jax.Array) -> tuple:
    forest, s, g, x = saved
    lam = eliminate(forest, s, g, x_bar)
    p = forest.parent
    return None, -lam * x, -(lam - lam[p]) * (x - x[p]), lam, None


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

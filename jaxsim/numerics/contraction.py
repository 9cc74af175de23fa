"""The cable system on a forest solved in about log2(n) rounds instead of n steps, for devices with many lanes.

The system is that of `tree_solve`: A = diag(s) + graph Laplacian of g. In a round, all eliminated nodes c, each with a
parent a and at most one child b, go at once:

    w = 1 / (s_c + g_a + g_b)
    s_a += g_a w s_c,   s_b += g_b w s_c,   r likewise,   new edge between a and b: g_a g_b w
    x_c = w (r_c + g_a x_a + g_b x_b)                                                         on the way back

Only sums, products and quotients of non-negative numbers where s >= 0: no cancellation, as in the sequential form.

Each kept node gathers what its eliminated neighbours give it, and in the product with the Laplacian each node what its
children give it: nothing is scattered, so the sums have one order and the result is the same to the bit in every run. A
round computes new, shorter arrays, and on the way back w is computed again rather than stored: XLA compiles a round to
one kernel on a GPU, and its way back to another.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxsim._struct import static, struct
from jaxsim.cable.contraction import Round, children, contraction_rounds
from jaxsim.numerics.indexing import rows_at

# s and g before each round, and s after the last.
Factors = tuple[tuple[tuple[jax.Array, jax.Array], ...], jax.Array]


class _Shape(NamedTuple):
    """What fixes the layout of a round's integers: nodes before and after it, and (rows, width) of each group."""

    before: int
    after: int
    groups: tuple[tuple[int, int], ...]


@struct
class Contraction:
    """The rounds of a forest: one array of integers, and how it is divided.

    Attributes:
        index: (n_index,) int32, the integers of all rounds, and those of `jaxsim.cable.contraction.children`.
        shapes: the sizes of each round.
        children: rows and width of each table of children.
    """

    index: jax.Array
    shapes: tuple[_Shape, ...] = static()
    children: tuple[tuple[int, int], ...] = static()


def contraction(parent: np.ndarray) -> Contraction:
    """The plan of the parallel solve.

    Args:
        parent: (n_node,) int, parent of each node, parent[i] < i; a root has itself.

    Returns:
        The `Contraction`.
    """
    rounds = contraction_rounds(parent)
    pieces = [piece for one in rounds for piece in _pieces(one)]
    tables, place = children(parent)
    pieces += [*(_edge(table, 0) for table in tables), place]  # the first node is a root
    index = np.concatenate([piece.ravel() for piece in pieces])
    shapes = tuple(_Shape(one.n_before, one.n_after, tuple(g.shape for g in one.below)) for one in rounds)
    return Contraction(jnp.asarray(index, jnp.int32), shapes, tuple(table.shape for table in tables))


def _edge(index: np.ndarray, root: int) -> np.ndarray:
    """Numbers of edges: one that is not there is a root's, of conductance 0."""
    return np.where(index >= 0, index, root)


def _pieces(one: Round) -> tuple[np.ndarray, ...]:
    """The integers of a round. "None" becomes a place where the formulas give nothing, which saves masks: see `_edge`;
    a parent that stays is the node itself.
    """
    edge = partial(_edge, root=one.root)
    above = np.where(one.above >= 0, one.above, one.keep)
    down = np.where(one.down >= 0, one.down, one.up)
    groups = (*(edge(group) for group in one.below), *(edge(group) for group in one.beyond))
    return (one.keep, above, *groups, one.eliminated, edge(one.child), one.up, down)


class _Rows(NamedTuple):
    """The integers of one round; see `jaxsim.cable.contraction.Round`."""

    keep: jax.Array
    above: jax.Array
    below: tuple[jax.Array, ...]
    beyond: tuple[jax.Array, ...]
    eliminated: jax.Array
    child: jax.Array
    up: jax.Array
    down: jax.Array


def _reader(index: jax.Array, at: int = 0) -> Callable[..., jax.Array]:
    """A function of a shape that gives the next integers from a place on."""

    def piece(*shape: int) -> jax.Array:
        nonlocal at
        start, at = at, at + math.prod(shape)
        return lax.slice(index, (start,), (at,)).reshape(shape)

    return piece


def _rows(plan: Contraction) -> list[_Rows]:
    piece, found = _reader(plan.index), []
    for before, after, groups in plan.shapes:
        keep, above = piece(after), piece(after)
        below, beyond = (tuple(piece(*group) for group in groups) for _ in range(2))
        found.append(_Rows(keep, above, below, beyond, *(piece(before) for _ in range(4))))
    return found


def sum_over_children(plan: Contraction, x: jax.Array, lanes: int = 1) -> jax.Array:
    """What the children of each node give it.

    Args:
        plan: the plan of the forest.
        x: (n_node * lanes,), what each node gives its parent; 0 at a root.
        lanes: how many systems stand side by side.

    Returns:
        (n_node * lanes,), the sums.
    """
    x = x.reshape(-1, lanes)
    n = x.shape[0]
    piece = _reader(plan.index, plan.index.shape[0] - n - sum(map(math.prod, plan.children)))
    total = jnp.zeros_like(x)
    for shape in plan.children:
        total = _add_rows(total, rows_at(x, piece(*shape)).sum(axis=1))
    return rows_at(total, piece(n)).reshape(-1)


def _add_rows(total: jax.Array, rows: jax.Array) -> jax.Array:
    """Adds (m_group, lanes) to the first rows of (m, lanes)."""
    return total + lax.pad(rows, jnp.zeros((), rows.dtype), [(0, total.shape[0] - rows.shape[0], 0), (0, 0, 0)])


def _upwards(rows: _Rows, s: jax.Array, g: jax.Array) -> jax.Array:
    """What a kept node gets of its eliminated parent: the share g_b w, 0 where the parent stays."""
    g_own = rows_at(g, rows.keep)
    return jnp.where(_orphaned(rows), g_own / (rows_at(s, rows.above) + rows_at(g, rows.above) + g_own), 0)


def _orphaned(rows: _Rows) -> jax.Array:
    return (rows.above != rows.keep)[:, None]


def _downwards(rows: _Rows, s: jax.Array, g: jax.Array) -> list[jax.Array]:
    """What kept nodes get of their eliminated children: the shares g_a w, (m_group, width, lanes) a group."""
    shares = []
    for below, beyond in zip(rows.below, rows.beyond, strict=True):
        g_c = rows_at(g, below)
        shares.append(jnp.where(g_c > 0, g_c / (rows_at(s, below) + g_c + rows_at(g, beyond)), 0))
    return shares


def _collect(rows: _Rows, above: jax.Array, below: list[jax.Array], x: jax.Array) -> jax.Array:
    """s or r of the kept nodes: their own and their shares of the eliminated nodes'."""
    total = rows_at(x, rows.keep) + above * rows_at(x, rows.above)
    for index, share in zip(rows.below, below, strict=True):
        total = _add_rows(total, (share * rows_at(x, index)).sum(axis=1))
    return total


def _back(rows: _Rows, s: jax.Array, g: jax.Array, r: jax.Array, x: jax.Array) -> jax.Array:
    """The solution at all nodes of a round from that at the kept ones."""
    g_b, x_a = rows_at(g, rows.child), rows_at(x, rows.up)
    x_c = (r + g * x_a + g_b * rows_at(x, rows.down)) / (s + g + g_b)
    return jnp.where((rows.eliminated > 0)[:, None], x_c, x_a)


def factorise(plan: Contraction, s: jax.Array, g: jax.Array, lanes: int = 1) -> Factors:
    """The matrix of every round: what solves with several right-hand sides share.

    Args:
        plan: the plan of the forest.
        s: (n_node * lanes,) [uS], row excess, lanes innermost.
        g: (n_node * lanes,) [uS], axial conductance to the parent; 0 at a root.
        lanes: how many systems stand side by side.

    Returns:
        s and g before each round, (n_before, lanes) [uS], and s of the roots.
    """
    s, g = s.reshape(-1, lanes), g.reshape(-1, lanes)
    matrices = []
    for rows in _rows(plan):
        matrices.append((s, g))
        above, below = _upwards(rows, s, g), _downwards(rows, s, g)
        g_own = rows_at(g, rows.keep)
        s, g = _collect(rows, above, below, s), jnp.where(_orphaned(rows), above * rows_at(g, rows.above), g_own)
    return tuple(matrices), s


def substitute(plan: Contraction, factors: Factors, r: jax.Array, lanes: int = 1) -> jax.Array:
    """The solution for a right-hand side.

    Args:
        plan: the plan of the forest.
        factors: of the matrix, from `factorise`.
        r: (n_node * lanes,) [nA], right-hand side, lanes innermost.
        lanes: how many systems stand side by side.

    Returns:
        (n_node * lanes,) [mV], the solution.
    """
    matrices, s = factors
    r = r.reshape(-1, lanes)
    rounds, sides = _rows(plan), []
    for rows, matrix in zip(rounds, matrices, strict=True):
        sides.append(r)
        r = _collect(rows, _upwards(rows, *matrix), _downwards(rows, *matrix), r)
    x = r / s
    for rows, matrix, r in zip(reversed(rounds), reversed(matrices), reversed(sides), strict=True):
        x = _back(rows, *matrix, r, x)
    return x.reshape(-1)

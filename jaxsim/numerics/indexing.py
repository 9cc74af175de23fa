"""Moving values between a short list of places and all nodes, in both directions without a scatter.

Inside the time loop a scatter costs a loop of its own on a CPU, and stops XLA from compiling its surroundings to one
native loop. A one-to-one index is therefore kept with its inverse: the transpose of a gather is then a gather too.

Arrays are flat, the values of one node's lanes next to each other: (n * lanes,).
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

from jaxsim._struct import struct

# Up to this many places are treated one by one, more of them at once.
FEW = 4


@struct
class Places:
    """A one-to-one list of places among n nodes.

    Attributes:
        node: (n_place,) int32, the node of each place, each node at most once.
        place: (n,) int32, the place at each node; n_place where there is none.
    """

    node: jax.Array
    place: jax.Array


def rows(a: jax.Array, lanes: int) -> jax.Array:
    """A flat array as one row a node: (n * lanes,) -> (n, lanes); one lane stays (n,)."""
    return a if lanes == 1 else a.reshape(-1, lanes)


def rows_at(x: jax.Array, index: jax.Array, zero_past_end: bool = False) -> jax.Array:
    """x[index] for positions that are never negative.

    `x[index]` would compile to more (it wraps negative positions) and takes twice as long to trace. The reverse
    derivative scatters: inside the time loop one-to-one places want `reversible_take`.

    Args:
        x: (n, ...) values.
        index: (...) int32, positions in x, 0 to n - 1.
        zero_past_end: whether n is allowed too and gives zero.

    Returns:
        (*index.shape, *x.shape[1:]) values.
    """
    inner = tuple(range(index.ndim, index.ndim + x.ndim - 1))
    numbers = lax.GatherDimensionNumbers(offset_dims=inner, collapsed_slice_dims=(0,), start_index_map=(0,))
    how: dict = {"mode": "fill", "fill_value": 0} if zero_past_end else {"mode": "promise_in_bounds"}
    return lax.gather(x, index[..., None], numbers, (1, *x.shape[1:]), **how)


def take(x: jax.Array, index: jax.Array, inverse: jax.Array, lanes: int = 1) -> jax.Array:
    """x[index], zero where the index is past the end.

    Args:
        x: (n * lanes,) values.
        index: (m,) int32, positions in x; where m is the number of nodes and so greater than n, n gives zero.
        inverse: (n,) int32, the index the other way round; m for values that are not taken.
        lanes: values side by side at each position.

    Returns:
        (m * lanes,) values.
    """
    places_among_nodes = index.shape[0] <= inverse.shape[0]
    return rows_at(rows(x, lanes), index, zero_past_end=not places_among_nodes).reshape(-1)


@partial(jax.custom_vjp, nondiff_argnums=(3,))
def reversible_take(x: jax.Array, index: jax.Array, inverse: jax.Array, lanes: int = 1) -> jax.Array:
    """`take` whose reverse derivative is the gather by the inverse (no forward mode)."""
    return take(x, index, inverse, lanes)


def _take_forward(x: jax.Array, index: jax.Array, inverse: jax.Array, lanes: int) -> tuple:
    return take(x, index, inverse, lanes), (index, inverse)


def _take_backward(lanes: int, saved: tuple, y_bar: jax.Array) -> tuple:
    index, inverse = saved
    n_place, n = index.shape[0], inverse.shape[0]
    if lanes == 1 or n_place > min(FEW, n):
        return take(y_bar, inverse, index, lanes), None, None
    x_bar = jnp.zeros(n * lanes, y_bar.dtype)  # row by row: a gather of all rows from few is worked number by number
    for k in range(n_place):
        x_bar = lax.dynamic_update_slice_in_dim(x_bar, y_bar[k * lanes : (k + 1) * lanes], index[k] * lanes, 0)
    return x_bar, None, None


reversible_take.defvjp(_take_forward, _take_backward)

"""Moving values between a short list of places and all nodes, in both directions without a scatter.

Inside the time loop a scatter costs a loop of its own on a CPU, and stops XLA from compiling its surroundings to one
native loop. A one-to-one index is therefore kept with its inverse: the transpose of a gather is then a gather too.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from jaxsim._struct import struct

# Up to this many places a sum of masks is used: it fuses into the kernel around it, a gather of n_node elements does
# not.
_FEW = 4


@struct
class Places:
    """A one-to-one list of places among n nodes.

    Attributes:
        node: (n_place,) int32, the node of each place, each node at most once.
        place: (n,) int32, the place at each node; n_place where there is none.
    """

    node: jax.Array
    place: jax.Array


Take = Callable[[jax.Array, jax.Array, jax.Array], jax.Array]


def take(x: jax.Array, index: jax.Array, inverse: jax.Array) -> jax.Array:
    """x[index], zero where the index is past the end.

    Args:
        x: (n,) values.
        index: (m,) int32, positions in x; n gives zero.
        inverse: (n,) int32, the index the other way round; m for values that are not taken.

    Returns:
        (m,) values.
    """
    del inverse
    if index.shape[0] <= x.shape[0]:  # places among nodes: always inside
        return x.at[index].get(mode="promise_in_bounds")
    return x.at[index].get(mode="fill", fill_value=0)


@jax.custom_vjp
def reversible_take(x: jax.Array, index: jax.Array, inverse: jax.Array) -> jax.Array:
    """`take` whose reverse derivative is the gather by the inverse (no forward mode)."""
    return take(x, index, inverse)


def _take_forward(x: jax.Array, index: jax.Array, inverse: jax.Array) -> tuple:
    return take(x, index, inverse), (index, inverse)


def _take_backward(saved: tuple, y_bar: jax.Array) -> tuple:
    index, inverse = saved
    return take(y_bar, inverse, index), None, None


reversible_take.defvjp(_take_forward, _take_backward)


def at_places(values: jax.Array, places: Places, take: Take) -> jax.Array:
    """Values of places spread over all nodes, zero elsewhere: (n_place,) -> (n,)."""
    n_place, n = places.node.shape[0], places.place.shape[0]
    if n_place > _FEW:
        return take(values, places.place, places.node)
    nodes = jnp.arange(n, dtype=places.node.dtype)
    total = jnp.zeros((n,), values.dtype)
    for k in range(n_place):
        total = total + jnp.where(nodes == places.node[k], values[k], 0)
    return total


def from_places(x: jax.Array, places: Places, take: Take) -> jax.Array:
    """Values of all nodes picked at places: (n,) -> (n_place,)."""
    return take(x, places.node, places.place)

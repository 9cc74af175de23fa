"""Several instances at one place: values of places handed out to instances, values of instances summed by place.

As with `Places`, nothing scatters inside the time loop: each sum is a gather of at most a few values a row, and the
rows' sums are summed again until there is one a place. What is summed and what is handed out are each other's
transpose.
"""

from functools import partial

import jax
import numpy as np

from jaxsim._struct import struct
from jaxsim.numerics.indexing import rows, rows_at

# Most values that one row of a sum has: more would be padding where places differ in their number of instances.
_WIDTH = 8


@struct
class Fan:
    """Which place each instance has.

    Attributes:
        place: (n_inst,) int32.
        levels: rounds of sums from instances to places, each (n_row, width) int32: what a row sums, and the number of
            values where it has less.
    """

    place: jax.Array
    levels: tuple[jax.Array, ...]


def fan_of(place: np.ndarray, n_place: int) -> Fan:
    """The fan of instances.

    Args:
        place: (n_inst,) int, the place of each; every one of 0 .. n_place - 1 at least once.
        n_place: number of places.

    Returns:
        The `Fan`, of NumPy arrays.
    """
    order = np.argsort(place, kind="stable")
    child, owner, levels = order, place[order], []  # type: ignore[var-annotated]
    while len(child) > n_place or not levels:
        rank = np.arange(len(child)) - np.searchsorted(owner, owner)
        begins = rank % _WIDTH == 0
        row = np.cumsum(begins) - 1
        width = min(_WIDTH, int(rank.max()) + 1)
        table = np.full((row[-1] + 1, width), len(child))
        table[row, rank % _WIDTH] = child
        levels.append(table)
        child, owner = np.arange(row[-1] + 1), owner[begins]
    return Fan(place, tuple(levels))  # type: ignore[arg-type]


def fan_out(x: jax.Array, fan: Fan, lanes: int = 1) -> jax.Array:
    """The value of each instance's place: (n_place * lanes,) -> (n_inst * lanes,)."""
    return rows_at(rows(x, lanes), fan.place).reshape(-1)


def fan_in(x: jax.Array, fan: Fan, lanes: int = 1) -> jax.Array:
    """The sum over the instances of each place: (n_inst * lanes,) -> (n_place * lanes,)."""
    values = rows(x, lanes)
    for children in fan.levels:
        values = rows_at(values, children, zero_past_end=True).sum(axis=1)
    return values.reshape(-1)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def reversible_fan_out(x: jax.Array, fan: Fan, lanes: int = 1) -> jax.Array:
    """`fan_out` whose reverse derivative is `fan_in` (no forward mode)."""
    return fan_out(x, fan, lanes)


reversible_fan_out.defvjp(
    lambda x, fan, lanes: (fan_out(x, fan, lanes), fan),
    lambda lanes, fan, y_bar: (fan_in(y_bar, fan, lanes), None),
)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def reversible_fan_in(x: jax.Array, fan: Fan, lanes: int = 1) -> jax.Array:
    """`fan_in` whose reverse derivative is `fan_out` (no forward mode)."""
    return fan_in(x, fan, lanes)


reversible_fan_in.defvjp(
    lambda x, fan, lanes: (fan_in(x, fan, lanes), fan),
    lambda lanes, fan, y_bar: (fan_out(y_bar, fan, lanes), None),
)

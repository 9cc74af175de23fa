"""The operations of a step that know how nodes are connected and laid out: solving, gathering, spreading.

All else in a step is elementwise. A step is written once for flat arrays (n_node * lanes,), the values of one node's
lanes next to each other; these operations alone tell one lane from many, and one kind of time loop from another.
"""

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxsim.numerics.apart import apart
from jaxsim.numerics.fan import Fan, fan_in, fan_out, reversible_fan_in, reversible_fan_out
from jaxsim.numerics.indexing import FEW, Places, reversible_take, rows_at, take
from jaxsim.numerics.tree_solve import Forest, eliminate, known_solution, laplacian, substitute, tree_solve

Solve = Callable[[jax.Array], jax.Array]


def _as_they_are(arrays: tuple[jax.Array, ...]) -> tuple[jax.Array, ...]:
    return arrays


@dataclasses.dataclass(frozen=True)
class Ops:
    """The operations whose derivative depends on how the loop is differentiated.

    Args:
        change: (forest, s, g, r, x) -> y that solves (s + G) (x + y) = r + s x, all (n_node * lanes,), and a function
            that gives the solution for another right-hand side: the matrix is eliminated once.
        gather: (x, index, inverse, lanes) -> x[index].
        lanes: number of simulations side by side.
        keep_apart: makes the cotangents of some arrays exist once, see `apart`.
        in_place: whether single nodes are changed where they stand; else by masks over all nodes. One lane wants masks,
            which fuse into the kernel around them (in place a step of 620 compartments takes 6 us more); with several,
            that kernel would load a mask's values one by one (a batch's step takes 1.5 times as long).
        hand_out: (x, fan, lanes) -> the value of each instance's place.
        sum_up: (x, fan, lanes) -> the sum over the instances of each place.
    """

    change: Callable[[Forest, jax.Array, jax.Array, jax.Array, jax.Array], tuple[jax.Array, Solve]]
    gather: Callable[[jax.Array, jax.Array, jax.Array, int], jax.Array]
    lanes: int = 1
    keep_apart: Callable[[tuple[jax.Array, ...]], tuple[jax.Array, ...]] = _as_they_are
    in_place: bool = False
    hand_out: Callable[[jax.Array, Fan, int], jax.Array] = fan_out
    sum_up: Callable[[jax.Array, Fan, int], jax.Array] = fan_in

    def apart(self, *arrays: jax.Array) -> tuple[jax.Array, ...]:
        """The same arrays; say so where each of several is used several times and leads to much work."""
        return self.keep_apart(arrays)

    def pick(self, x: jax.Array, places: Places) -> jax.Array:
        """Values of all nodes picked at places: (n * lanes,) -> (n_place * lanes,)."""
        return self.gather(x, places.node, places.place, self.lanes)

    def pick_each(self, x: jax.Array, places: Places, fan: Fan | None) -> jax.Array:
        """As `pick`, for instances of which several may stand at one place: (n * lanes,) -> (n_inst * lanes,)."""
        here = self.pick(x, places)
        return here if fan is None else self.hand_out(here, fan, self.lanes)

    def add_each(self, x: jax.Array, values: jax.Array, places: Places, fan: Fan | None) -> jax.Array:
        """As `add`, for instances of which several may stand at one place."""
        return self.add(x, values if fan is None else self.sum_up(values, fan, self.lanes), places)

    def spread(self, values: jax.Array, places: Places) -> jax.Array:
        """Values of places spread over all nodes, zero elsewhere: (n_place * lanes,) -> (n * lanes,)."""
        if places.node.shape[0] > FEW:
            return self.gather(values, places.place, places.node, self.lanes)
        return self.add(jnp.zeros((places.place.shape[0] * self.lanes,), values.dtype), values, places)

    def add(self, x: jax.Array, values: jax.Array, places: Places) -> jax.Array:
        """x (n * lanes,) plus values (n_place * lanes,) at places."""
        if places.node.shape[0] > FEW:
            return x + self.spread(values, places)
        for k, value in enumerate(values.reshape(-1, self.lanes)):
            x = self.add_row(x, value, places.node[k])
        return x

    def put(self, x: jax.Array, values: jax.Array, on: jax.Array, places: Places) -> jax.Array:
        """x (n * lanes,), and values (n_place * lanes,) to the bit at places where `on` (n_place * lanes,) bool."""
        if places.node.shape[0] > FEW:
            return jnp.where(self.spread(on.astype(x.dtype), places) > 0.5, self.spread(values, places), x)
        values, on = values.reshape(-1, self.lanes), on.reshape(-1, self.lanes)
        for k in range(places.node.shape[0]):
            x = self.put_row(x, values[k], on[k], places.node[k])
        return x

    def add_row(self, x: jax.Array, value: jax.Array, node: jax.Array) -> jax.Array:
        """x (n * lanes,) plus value (lanes,) at a node () int."""
        if not self.in_place:
            return x + jnp.where(self._is_node(node, x), self.each(value, x), 0)
        at = node * self.lanes
        row = lax.dynamic_slice_in_dim(x, at, self.lanes) + value
        return lax.dynamic_update_slice_in_dim(x, row, at, 0)

    def put_row(self, x: jax.Array, value: jax.Array, on: jax.Array, node: jax.Array) -> jax.Array:
        """x (n * lanes,), and value (lanes,) at a node () int where `on` (lanes,) bool."""
        if not self.in_place:
            here = self._is_node(node, x) & self.each(on, x)
            return jnp.where(here, self.each(value, x), x)
        at = node * self.lanes
        row = jnp.where(on, value, lax.dynamic_slice_in_dim(x, at, self.lanes))
        return lax.dynamic_update_slice_in_dim(x, row, at, 0)

    def _is_node(self, node: jax.Array, like: jax.Array) -> jax.Array:
        """Where a node is: () int -> (n * lanes,) bool."""
        return jnp.arange(like.shape[0], dtype=node.dtype) // self.lanes == node

    def each(self, value: jax.Array, like: jax.Array) -> jax.Array:
        """One value a lane for each of n: (lanes,) -> (n * lanes,)."""
        return jnp.broadcast_to(value, (like.shape[0] // self.lanes, self.lanes)).reshape(-1)

    def rows(self, x: jax.Array, index: jax.Array) -> jax.Array:
        """x[index] for positions 0 to n - 1, any several times: (n * lanes,) -> (*index.shape, lanes)."""
        return rows_at(x.reshape(-1, self.lanes), index)


def _plain_change(forest: Forest, s: jax.Array, g: jax.Array, r: jax.Array, x: jax.Array) -> tuple[jax.Array, Solve]:
    solve = partial(tree_solve, forest, s, g)
    return solve(r - laplacian(forest, g, x)), solve


PLAIN = Ops(_plain_change, take)


def forward_ops(lanes: int, tape: list[Any] | None = None) -> Ops:
    """Values only, no derivatives.

    Args:
        lanes: number of simulations side by side.
        tape: what `replayed_ops` needs later is appended here.

    Returns:
        The operations.
    """
    record = (lambda _: None) if tape is None else tape.append

    def change(forest: Forest, s: jax.Array, g: jax.Array, r: jax.Array, x: jax.Array) -> tuple[jax.Array, Solve]:
        y, factors = eliminate(forest, s, g, r, x, lanes)
        record((y, factors))

        def again(r: jax.Array) -> jax.Array:
            y = substitute(forest, g, factors, r, lanes)
            record(y)
            return y

        return y, again

    return Ops(change, take, lanes, in_place=lanes > 1)


def replayed_ops(lanes: int, tape: tuple[Any, ...]) -> Ops:
    """Reverse derivatives of a step whose solutions were recorded: nothing is solved again.

    Args:
        lanes: number of simulations side by side.
        tape: what `forward_ops` recorded in the same step.

    Returns:
        The operations.
    """
    remaining = iter(tape)

    def change(forest: Forest, s: jax.Array, g: jax.Array, r: jax.Array, x: jax.Array) -> tuple[jax.Array, Solve]:
        y, factors = next(remaining)

        def again(r: jax.Array) -> jax.Array:
            return known_solution(forest, s, g, r, None, next(remaining), factors, lanes)

        return known_solution(forest, s, g, r, x, y, factors, lanes), again

    return Ops(change, reversible_take, lanes, apart, lanes > 1, reversible_fan_out, reversible_fan_in)

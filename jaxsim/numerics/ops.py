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

from jaxsim.numerics.apart import apart
from jaxsim.numerics.indexing import Places, reversible_take, take
from jaxsim.numerics.tree_solve import Forest, eliminate, known_solution, laplacian, substitute, tree_solve

# Up to this many places a sum of masks is used: it fuses into the kernel around it, a gather of n_node elements does
# not.
_FEW = 4

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
    """

    change: Callable[[Forest, jax.Array, jax.Array, jax.Array, jax.Array], tuple[jax.Array, Solve]]
    gather: Callable[[jax.Array, jax.Array, jax.Array, int], jax.Array]
    lanes: int = 1
    keep_apart: Callable[[tuple[jax.Array, ...]], tuple[jax.Array, ...]] = _as_they_are

    def apart(self, *arrays: jax.Array) -> tuple[jax.Array, ...]:
        """The same arrays; say so where each of several is used several times and leads to much work."""
        return self.keep_apart(arrays)

    def pick(self, x: jax.Array, places: Places) -> jax.Array:
        """Values of all nodes picked at places: (n * lanes,) -> (n_place * lanes,)."""
        return self.gather(x, places.node, places.place, self.lanes)

    def spread(self, values: jax.Array, places: Places) -> jax.Array:
        """Values of places spread over all nodes, zero elsewhere: (n_place * lanes,) -> (n * lanes,)."""
        n_place, n = places.node.shape[0], places.place.shape[0]
        if n_place > _FEW:
            return self.gather(values, places.place, places.node, self.lanes)
        by_place = values.reshape(n_place, self.lanes)
        total = jnp.zeros((n * self.lanes,), values.dtype)
        for k in range(n_place):
            total = total + jnp.where(self.is_node(places.node[k], n), self.at_each(by_place[k], n), 0)
        return total

    def is_node(self, node: jax.Array, n: int) -> jax.Array:
        """Where one of n nodes is: () int -> (n * lanes,) bool."""
        return jnp.arange(n * self.lanes, dtype=node.dtype) // self.lanes == node

    def at_each(self, value: jax.Array, n: int) -> jax.Array:
        """One value a lane at each of n nodes: (lanes,) -> (n * lanes,)."""
        return jnp.broadcast_to(value, (n, self.lanes)).reshape(-1)

    def rows(self, x: jax.Array, index: jax.Array) -> jax.Array:
        """x[index] for any index: (n * lanes,) -> (*index.shape, lanes)."""
        return x.reshape(-1, self.lanes)[index]


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
            y = substitute(forest, factors, r, lanes)
            record(y)
            return y

        return y, again

    return Ops(change, take, lanes)


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

    return Ops(change, reversible_take, lanes, apart)

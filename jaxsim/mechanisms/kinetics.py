"""Kinetic schemes: from reactions to the derivatives of their states."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jax

from jaxsim.errors import unknown

# One species or several; one that stands twice takes part twice.
Side = str | tuple[str, ...]
# left <-> right, with the rates of both directions
Reaction = tuple[Side, Side, jax.Array | float, jax.Array | float]


def kinetics(
    state: dict[str, jax.Array], reactions: Iterable[Reaction], volume: Mapping[str, jax.Array | float] | None = None
) -> dict[str, jax.Array]:
    """The derivatives of a kinetic scheme by the law of mass action.

        left <-> right:    flux = forward prod(left) - backward prod(right)
        volume_left d left / dt = -flux,    volume_right d right / dt = flux

    A channel that opens and inactivates, ``derivative`` of its class::

        return js.kinetics(state, [("c", "o", alpha, beta), ("o", "i", 0.3, 0.01)])

    Args:
        state: species -> any shape.
        reactions: (left, right, forward, backward): a species or a tuple of several on each side, ``("ca", "ca", "b")``
            where two ions bind at once; rates [1/ms], or per concentration where several react.
        volume: species -> volume in which it is [any one unit]; 1 by default.

    Returns:
        Species -> derivative, of all species of the reactions.

    Raises:
        KeyError: if a reaction names a species that is no state.
    """
    total: dict[str, jax.Array] = {}
    for before, behind, there, back in fluxes(state, reactions):
        flux = there - back
        for x in before:
            total[x] = total[x] - flux if x in total else -flux
        for x in behind:
            total[x] = total[x] + flux if x in total else flux
    sizes = volume or {}
    return {x: rate / sizes[x] if x in sizes else rate for x, rate in total.items()}


def fluxes(
    state: dict[str, jax.Array], reactions: Iterable[Reaction]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], jax.Array, jax.Array]]:
    """The species of both sides of each reaction, and how much goes from left to right and back.

    Args:
        state: as of `kinetics`.
        reactions: the same.

    Yields:
        left, right, forward prod(left), backward prod(right).

    Raises:
        KeyError: if a reaction names a species that is no state.
    """
    for left, right, forward, backward in reactions:
        before, behind = (side if isinstance(side, tuple) else (side,) for side in (left, right))
        for x in (*before, *behind):
            if x not in state:
                raise KeyError(unknown("state in a reaction", x, state))
        yield before, behind, forward * _product(state, before), backward * _product(state, behind)


def _product(state: dict[str, jax.Array], species: tuple[str, ...]) -> Any:
    """The product of concentrations; 1 of none."""
    return math.prod([state[x] for x in species[1:]], start=state[species[0]]) if species else 1.0

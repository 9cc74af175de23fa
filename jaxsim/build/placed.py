"""Values of what is placed, by the compartment where it stands."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jaxsim.cable.cable import Cable
from jaxsim.mechanisms.base import AbstractMechanism, stacked

Placed = Sequence[tuple[Any, int]]


def with_value(
    points: Mapping[str, Placed], name: str, values: Mapping[int, float], cable: Cable
) -> dict[str, list[tuple[Any, int]]] | None:
    """Point mechanisms with another value of a parameter that several kinds have.

    Args:
        points: name -> what is placed under it, each with its node.
        name: the parameter.
        values: compartment -> value.
        cable: the cable, whose branches' ends count as the compartment beside them.

    Returns:
        Name -> what is placed, of those that have the parameter and stand in one of the compartments; None if none do.
    """
    found: dict[str, list[tuple[Any, int]]] = {}
    for key, placed in points.items():
        if name in placed[0][0].parameters():
            comps = [_compartment(cable, node) for _, node in placed]
            if any(c in values for c in comps):
                found[key] = [
                    (_with(m, name, values[c]) if c in values else m, node)
                    for (m, node), c in zip(placed, comps, strict=True)
                ]
    return found or None


def _with(mechanism: AbstractMechanism, name: str, value: float) -> AbstractMechanism:
    return stacked(mechanism, {name: np.asarray(value)})


def _compartment(cable: Cable, node: int) -> int:
    """The compartment of a node; of a branch's end the one towards the root, or the first one beyond it."""
    while node >= cable.n_comp:
        parent = int(cable.node_parent[node])
        node = parent if parent >= 0 else int(np.flatnonzero(cable.node_parent == node)[0])
        if parent < 0:
            break
    return node

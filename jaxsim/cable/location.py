"""`Location`: one place on a cell, where things are put."""

import dataclasses

import numpy as np

from jaxsim.cable.cable import Cable
from jaxsim.errors import must


@dataclasses.dataclass(frozen=True)
class Location:
    """One place on a cell: a position along a branch.

    Args:
        branch: index of the branch.
        x: position in [0, 1] along it, 0 proximal.

    Raises:
        ValueError: if x lies outside [0, 1] or the branch is negative.
    """

    branch: int
    x: float

    def __post_init__(self) -> None:
        if isinstance(self.branch, bool) or not isinstance(self.branch, int | np.integer) or self.branch < 0:
            raise ValueError(must("branch", "be a branch index", self.branch))
        object.__setattr__(self, "branch", int(self.branch))
        object.__setattr__(self, "x", _fraction(self.x))

    def node(self, cable: Cable) -> int:
        """The node of a cable that stands for this place."""
        return cable.node_at(self.branch, self.x)


def _fraction(x: object) -> float:
    number = isinstance(x, int | float | np.number) and not isinstance(x, bool)
    if not number or not 0.0 <= x <= 1.0:  # type: ignore[operator]
        raise ValueError(must("x", "be in [0, 1], a fraction of the branch's length", x))
    return float(x)  # type: ignore[arg-type]

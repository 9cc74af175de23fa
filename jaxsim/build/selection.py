"""A part of a cell while it is built: paint on it."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from jaxsim.build.cell import Cell
    from jaxsim.mechanisms.base import AbstractPainted


class Selection:
    """The compartments of a region of a cell, made by `Cell.at`.

    Args:
        cell: the cell they belong to.
        comp: (n,) int, the compartments, ascending.
        label: how the region was written.
    """

    def __init__(self, cell: "Cell", comp: np.ndarray, label: str) -> None:
        self._cell = cell
        self.comp = comp
        self.label = label

    def insert(self, channel: "AbstractPainted", name: str | None = None) -> "Selection":
        """Insert a channel, a pool or an ion in these compartments.

        Args:
            channel: the channel, pool or ion; its parameters are numbers, or arrays with one entry a compartment of the
                region.
            name: its name in the model; the class's name by default, an ion's is its symbol. A second copy of a channel
                needs one.

        Returns:
            The selection, to go on.

        Raises:
            TypeError: if it is something else.
            ValueError: if one of that name is already there, or a parameter has the wrong shape.
        """
        self._cell._insert(self, channel, name)
        return self

    def set(self, name: str, value: Any) -> "Selection":
        """Set a parameter in these compartments.

        Args:
            name: ``"ra"`` [ohm cm], ``"cm"`` [uF/cm2], ``"v"`` [mV], ``"radius_scale"``, ``"length_scale"`` [1],
                ``"<channel>.<parameter>"``, or ``"celsius"`` [degC] for the temperature of every mechanism and ion
                that is inserted or placed here and has one.
            value: a number, or an array with one entry a compartment of the region.

        Returns:
            The selection, to go on.

        Raises:
            KeyError: if there is no such parameter.
            ValueError: if the channel is not inserted in all these compartments, or the shape or sign is wrong.
        """
        self._cell._set(self, name, value)
        return self

    def __repr__(self) -> str:
        return f"Selection({self.label}: {len(self.comp)} of {self._cell.cable.n_comp} compartments)"

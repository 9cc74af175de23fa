"""A point neuron as a cell: one compartment of a given capacitance."""

import math

from jaxsim.build.cell import Cell
from jaxsim.errors import must
from jaxsim.mechanisms.point_process import AbstractPointProcess
from jaxsim.morphology.shapes import cylinder
from jaxsim.units import UF_PER_CM2_TO_NF_PER_UM2


def point_neuron(
    model: AbstractPointProcess | None = None, capacitance: float = 1.0, v: float = -65.0, name: str | None = None
) -> Cell:
    """A cell of one compartment, in whose middle a point neuron is placed.

    The compartment has 1 uF/cm2, and so an area of capacitance / cm: density mechanisms can be inserted beside.

    Args:
        model: the point neuron, e.g. `AdEx()`, or any point process; None for the compartment alone.
        capacitance: [nF], positive.
        v: [mV] initial voltage.
        name: the model's name; its class's name by default.

    Returns:
        The `Cell`; its only location is ``cell.loc(0)``.

    Raises:
        TypeError: if model is no point process.
        ValueError: if the capacitance is not positive.

    >>> import jaxsim as js
    >>> cell = js.point_neuron(js.AdEx(), capacitance=0.281, v=-70.6)
    >>> cell = cell.stimulate(cell.loc(0), js.Pulse(amp=0.8, start=20.0)).record(cell.loc(0), "AdEx.spike")
    >>> recording = js.simulate(cell.compile(), t_end=200.0)
    >>> int(recording["AdEx.spike"][0].sum())
    6
    """
    if not (math.isfinite(capacitance) and capacitance > 0.0):
        raise ValueError(must("capacitance", "be positive and finite [nF]", capacitance))
    diameter = math.sqrt(capacitance / UF_PER_CM2_TO_NF_PER_UM2 / math.pi)  # [um], as long as it is wide
    cell = Cell(cylinder(diameter, 0.5 * diameter), v=v)
    return cell if model is None else cell.place(cell.loc(0), model, name)

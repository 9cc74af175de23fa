"""Small cells for the tests of the runs, compiled once a precision."""

import functools

import numpy as np

import jaxsim as js

DT = 0.025


def driven(n: int = 4) -> js.Cell:
    """Soma with HH and a dendrite with a leak; a pulse in the soma, a clamp with a window inside the dendrite."""
    cell = js.Cell(js.ball_and_stick(20.0, 200.0, 2.0), js.PerBranch(n))
    cell.at("soma").insert(js.HH())
    cell.at("basal").insert(js.Leak())
    cell.stimulate(cell.loc("soma", 0.5), js.Pulse(amp=1.0, start=0.3125, stop=1.5125))
    cell.clamp(cell.loc("basal", 0.9), js.VoltageClamp(v=-30.0, start=0.8125, stop=1.3125))
    cell.record([cell.loc("soma", 0.5), cell.loc("basal", 1.0), cell.loc("basal", 0.3)])
    cell.record(cell.loc("soma", 0.5), "HH.m").record(cell.loc("soma", 0.5), "HH.i")
    return cell.record(cell.loc("basal", 0.9), "VoltageClamp.i")


@functools.cache
def model(precision: np.dtype) -> js.Model:
    """`driven` compiled; call it inside the precision it names."""
    return driven().compile(precision)


def passive(n: int = 3, **parameters: float) -> js.Cell:
    """A passive ball and stick; compiles quickly."""
    return js.Cell(js.ball_and_stick(20.0, 200.0, 2.0), js.PerBranch(n), **parameters).insert(
        js.Leak(gbar=2e-4, e=-70.0)
    )


def quick(precision: np.dtype | str = "float32") -> js.Model:
    """A passive cell with a pulse in the soma and a clamp with a window inside the dendrite."""
    cell = passive()
    cell.stimulate(cell.loc("soma"), js.Pulse(amp=0.5, start=0.3125, stop=1.5125))
    cell.clamp(cell.loc("basal", 0.9), js.VoltageClamp(v=-30.0, start=0.8125, stop=1.3125))
    return cell.record([cell.loc("soma"), cell.loc("basal", 1.0)]).compile(precision)

"""The ideal voltage clamp: it holds exactly, and its current is what theory and a current clamp say."""

import numpy as np
import pytest

import jaxsim as js
from tests.agreement.cable_theory import Cable, input_resistance, order
from tests.agreement.cells import NA_PER_UM2, SCHEMES, hh_current, hh_rates, measured, passive, uniform, voltages
from tests.data_dir import data

REST, DT = -65.0, 0.025


def clamped(cell: js.Cell, at: js.Location, **clamp: float) -> js.Cell:
    return cell.clamp(at, js.VoltageClamp(**clamp)).record(at).record(at, "VoltageClamp.i")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_voltage_is_the_command_while_the_clamp_is_on(x64, scheme):
    cell = passive(js.read_swc(data("swc/mouse_allen_473601979.swc")), js.MaxLength(40.0), g=1e-4)
    recording = js.simulate(
        clamped(cell, cell.loc(0, 0.5), v=-40.0, start=1.0, stop=5.0).compile(), 8.0, DT, method=SCHEMES[scheme]
    )
    on = (np.array(recording.t) > 1.0 + DT / 2) & (np.array(recording.t) < 5.0 + DT / 2)
    v, i = np.array(recording.v)[0], np.array(recording["VoltageClamp.i"])[0]
    assert np.all(v[on] == -40.0)
    assert np.all(v[~on] < -40.0)
    assert np.all(i[1:][~on[1:]] == 0.0)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_current_clamp_with_the_clamps_current_gives_the_clamps_voltage(x64, scheme):
    """In the steady state, on a real tree whose membrane is fast (1 ms)."""
    morphology, policy = js.read_swc(data("swc/mouse_allen_473601979.swc")), js.MaxLength(40.0)
    cell = passive(morphology, policy, g=1e-3)
    recording = js.simulate(clamped(cell, cell.loc(0, 0.5), v=-45.0).compile(), 60.0, 0.05, method=SCHEMES[scheme])
    current = float(recording["VoltageClamp.i"][0, -1])
    cell = passive(morphology, policy, g=1e-3)
    cell.stimulate(cell.loc(0, 0.5), js.Pulse(amp=current)).record(cell.loc(0, 0.5))
    v = voltages(cell, 60.0, 0.05, SCHEMES[scheme])[1][0, -1]
    measured(f"clamp at -45 mV needs {current:.6f} nA; that current gives {v:.9f} mV ({scheme})")
    assert v == pytest.approx(-45.0, abs=1e-7)


def test_clamp_current_of_a_sealed_cable_is_given_by_its_input_resistance(x64):
    cable, errors = Cable(length=700.0, diameter=3.0, ra=120.0, g=1e-3), []
    for n in (50, 100):
        cell = passive(js.cylinder(cable.length, cable.diameter / 2), n, cable.g, cable.ra)
        recording = js.simulate(clamped(cell, cell.loc(0, 0.0), v=REST + 10.0).compile(), 60.0, 0.05)
        errors.append(abs(float(recording["VoltageClamp.i"][0, -1]) * input_resistance(cable) / 10.0 - 1.0))
    measured(f"clamp current of a sealed cable, n 50, 100: relative errors {errors}")
    assert errors[-1] <= 2e-4
    assert np.all(np.abs(order(errors) - 2.0) < 0.1)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("command", [-90.0, -20.0, 30.0])
def test_clamped_hh_compartment_has_the_closed_form_of_its_gates(x64, command, scheme):
    """Gates relax exponentially at a held voltage: the current after k steps is exact, at any dt.

    The current of a step is that of the gates held in it, which have relaxed since the step that jumped.
    """
    cell = uniform(js.cylinder(20.0, 10.0), 1, js.HH())
    cell = clamped(cell, cell.loc(0, 0.5), v=command)
    recording = js.simulate(cell.compile(), 20.0, 0.1, method=SCHEMES[scheme])
    since = 0.1 * np.arange(1, 200)
    before, after = hh_rates(REST), hh_rates(command)
    gate = {x: after[x][0] + (before[x][0] - after[x][0]) * np.exp(-after[x][1] * since) for x in ("m", "h", "n")}
    exact = NA_PER_UM2 * cell.cable.area[0] * hh_current(command, **gate)
    error = np.abs(np.array(recording["VoltageClamp.i"])[0, 2:] - exact).max()
    measured(f"HH under a clamp at {command} mV {scheme}: max {error:.1e} of {np.abs(exact).max():.1f} nA")
    assert error <= 1e-8 * np.abs(exact).max()

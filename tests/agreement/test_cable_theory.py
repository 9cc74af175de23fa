"""Cells return what cable theory says: steady states, resistances, time and length constants, equivalent cables."""

import jax
import numpy as np
import pytest

import jaxsim as js
from jaxsim.morphology import Branch
from tests.agreement.cable_theory import (
    Cable,
    ac_attenuation,
    attenuation,
    input_resistance,
    order,
    step_response,
    tapered_steady_state,
)
from tests.agreement.cells import SCHEMES, centres, measured, passive, uniform, voltages

REST = -65.0


def steady(cell: js.Cell, tau: float) -> np.ndarray:
    """(n_probe,) [mV] from rest: that of the discrete cable, which backward Euler reaches exactly with any step."""
    return voltages(cell, 100.0 * tau, tau, js.BackwardEuler())[1][:, -1] - REST


def cylinder(cable: Cable) -> js.Morphology:
    return js.cylinder(cable.length, cable.diameter / 2)


@pytest.fixture(scope="module")
def tapered_errors() -> dict[int, float]:
    """The greatest relative error of the steady state of a cable that widens from 1 to 1.7 um, by compartments."""
    errors = {}
    with jax.enable_x64(True):
        for n in (10, 100, 1000):
            cell = passive(js.from_branches([Branch([0.0, 1000.0], [0.5, 0.85])]), n)
            cell.stimulate(cell.loc(0, 1.0), js.Pulse(amp=0.1)).record(centres(cell))
            exact = tapered_steady_state(Cable(), 1.7, 1000.0 * cell.cable.x, 0.1)
            errors[n] = float(np.abs(steady(cell, 40.0) / exact - 1.0).max())
            measured(f"tapered cable n {n}: relative error {errors[n]:.3e}")
    return errors


@pytest.mark.parametrize(("n", "mark"), [(10, 3.80e-4), (100, 3.82e-6), (1000, 3.83e-8)])
def test_tapered_cable_has_the_steady_state_of_its_bessel_functions(tapered_errors, n, mark):
    assert tapered_errors[n] <= mark


def test_tapered_cable_is_of_second_order_in_dx(tapered_errors):
    assert np.all(np.abs(order(list(tapered_errors.values()), 10.0) - 2.0) < 0.01)


@pytest.mark.parametrize("killed", [False, True], ids=["sealed", "killed"])
def test_steady_cable_with_one_end_sealed_or_killed(x64, killed):
    """Input resistance, and attenuation to every compartment: of second order in dx."""
    cable = Cable(length=1500.0, diameter=2.0, ra=150.0, g=1e-4)
    errors = []
    for n in (50, 100):
        cell = passive(cylinder(cable), n, cable.g, cable.ra)
        cell.stimulate(cell.loc(0, 0.0), js.Pulse(amp=0.1)).record([cell.loc(0, 0.0), *centres(cell)])
        if killed:
            cell.clamp(cell.loc(0, 1.0), js.VoltageClamp(v=REST))
        v = steady(cell, cable.time_constant)
        resistance = abs(v[0] / 0.1 / input_resistance(cable, killed=killed) - 1.0)
        fall = np.abs(v[1:] / v[0] - attenuation(cable, cable.length * cell.cable.x, killed=killed)).max()
        errors.append([resistance, fall])
        end = "killed" if killed else "sealed"
        measured(f"{end} end, n {n}: input resistance {resistance:.2e} (relative), attenuation {fall:.2e}")
    assert np.all(np.array(errors[-1]) <= 9e-5)
    assert np.all(np.abs(order(errors) - 2.0) < 0.05)


def phasors(cell: js.Cell, frequency: float, dt: float, cycles: int) -> np.ndarray:
    """(n_probe,) complex amplitudes of the recorded voltages, fitted over the last half of the cycles."""
    period = 1e3 / frequency
    t = np.arange(0.0, cycles * period + dt, dt)
    wave = 0.1 * np.sin(2e-3 * np.pi * frequency * t)
    cell.stimulate(cell.loc(0, 0.0), js.Samples(wave, dt))
    t, v = voltages(cell, cycles * period, dt, js.CrankNicolson())
    late = t >= (cycles // 2) * period
    phase = 2e-3 * np.pi * frequency * t[late]
    basis = np.stack([np.exp(1j * phase).real, np.exp(1j * phase).imag, np.ones(late.sum())], axis=1)
    fit = np.linalg.lstsq(basis, v[:, late].T, rcond=None)[0]
    return fit[0] - 1j * fit[1]


def test_alternating_current_is_attenuated_and_delayed(x64):
    cable = Cable(length=600.0, diameter=1.0, ra=100.0, g=5e-4)
    cell = passive(cylinder(cable), 200, cable.g, cable.ra)
    cell.record([cell.loc(0, (i + 0.5) / 200) for i in (0, 60, 199)])
    z = phasors(cell, 100.0, 0.025, 10)
    exact = ac_attenuation(cable, cable.length * (np.array([0, 60, 199]) + 0.5) / 200, 100.0)
    error = np.abs(z / z[0] - exact / exact[0]).max()
    measured(f"AC attenuation and phase at 100 Hz: {error:.1e}")
    assert error <= 1e-4


def test_alternating_current_falls_with_neurons_length_constant(x64):
    cable = Cable(length=1000.0, diameter=1.0, ra=100.0)
    cell = js.Cell(cylinder(cable), js.PerBranch(400), ra=cable.ra)  # no conductance: capacitance alone
    cell.record([cell.loc(0, (i + 0.5) / 400) for i in (20, 120)])
    z = np.abs(phasors(cell, 1000.0, 0.01, 60))
    lambda_f = 100 * cable.length / 400 / np.log(z[0] / z[1])
    measured(f"AC length constant: {lambda_f:.4f} um, theory {cable.ac_length_constant(1000.0):.4f} um")
    assert lambda_f == pytest.approx(cable.ac_length_constant(1000.0), rel=5e-4)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_slowest_time_constants(x64, scheme):
    """After a pulse V(0) + V(L) decays with tau_0, while V(0) - V(L) holds the odd modes only: with tau_1."""
    cable, n, dt = Cable(), 200, 0.025
    cell = passive(cylinder(cable), n, cable.g, cable.ra)
    cell.stimulate(cell.loc(0, 0.0), js.Pulse(amp=1.0, stop=1.0))
    cell.record([cell.loc(0, 0.5 / n), cell.loc(0, 1.0 - 0.5 / n)])
    t, v = voltages(cell, 60.0, dt, SCHEMES[scheme])
    odd, even = v[0] - v[1], v[0] + v[1] - 2.0 * REST
    first, last = np.searchsorted(t, [5.0, 15.0])
    tau_1 = (t[last] - t[first]) / np.log(odd[first] / odd[last])
    first, last = np.searchsorted(t, [35.0, 59.0])
    tau_0 = (t[last] - t[first]) / np.log(even[first] / even[last])
    error = tau_0 / cable.time_constant - 1.0, tau_1 / cable.equalizing_time_constant(1) - 1.0
    measured(f"{scheme} tau_0 and tau_1: relative errors {error[0]:.1e} {error[1]:.1e}")
    # backward Euler's decay in a step is 1/(1 + dt/tau): slower by dt/(2 tau)
    slow = dt / 2.0 if scheme == "BackwardEuler" else 0.0
    assert tau_0 == pytest.approx(cable.time_constant + slow, rel=1e-5)
    assert tau_1 == pytest.approx(cable.equalizing_time_constant(1) + slow, rel=1e-4)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_tree_under_ralls_law_is_one_cylinder(x64, scheme):
    """Equal electrotonic compartments: the discrete tree collapses on the discrete cable exactly, spikes too."""
    depth, n = 5, 4
    tree = uniform(js.binary_tree(depth, 300.0, 4.0), n, js.HH())
    cable = uniform(js.cylinder(depth * 300.0, 4.0), depth * n, js.HH())
    for cell in (tree, cable):
        cell.stimulate(cell.loc(0, 0.0), js.Pulse(amp=5.0, start=1.0, stop=4.0))
    tree.record([tree.loc(2**level - 1, (i + 0.5) / n) for level in range(depth) for i in range(n)])
    cable.record(centres(cable))
    ours, theirs = (voltages(cell, 20.0, 0.025, SCHEMES[scheme])[1] for cell in (tree, cable))
    measured(f"Rall's collapse {scheme}: {np.abs(ours - theirs).max():.1e} mV")
    assert theirs.max() > 0.0  # it spikes
    assert np.abs(ours - theirs).max() <= 1e-10


def test_step_response_inside_the_cable(x64):
    cable, x = Cable(), (np.array([100, 200, 300]) + 0.5) / 400
    cell = passive(cylinder(cable), 400)
    cell.stimulate(cell.loc(0, 0.0), js.Pulse(amp=0.1)).record([cell.loc(0, float(a)) for a in x])
    t, v = voltages(cell, 100.0, 0.025, js.CrankNicolson())
    exact = [REST + step_response(cable, t, a * cable.length, 0.1) for a in x]
    error = np.abs(v - exact).max(axis=1)
    measured(f"step response at L/4, L/2, 3L/4: max {error} mV")
    assert error.max() <= 1e-3

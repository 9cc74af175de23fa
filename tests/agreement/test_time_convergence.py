"""One compartment against exact solutions: charging, a synapse, spikes; the order of each scheme in dt."""

import dataclasses
import functools

import jax
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import jaxsim as js
from tests.agreement.cable_theory import crossings, order
from tests.agreement.cells import NA_PER_UM2, NF_PER_UM2, SCHEMES, hh_current, hh_rates, measured, uniform, voltages
from tests.agreement.reference_cell import ExpSyn

REST = -65.0
G = 1e-4  # S/cm2: tau = 10 ms
ORDER = {"BackwardEuler": 1.0, "CrankNicolson": 2.0, "DampedCrankNicolson": 2.0, "TRBDF2": 2.0}


def charging(scheme: str, dt: float) -> tuple[np.ndarray, np.ndarray, float]:
    """t [ms], V - rest [mV] and its asymptote [mV] of one passive compartment under a constant current."""
    cell = uniform(js.cylinder(20.0, 10.0), 1, js.Leak(gbar=G, e=REST))
    cell.stimulate(cell.loc(0, 0.5), js.Pulse(amp=0.02)).record(cell.loc(0, 0.5))
    t, v = voltages(cell, 40.0, dt, SCHEMES[scheme])
    return t, v[0] - REST, 0.02 / (NA_PER_UM2 * G * cell.cable.area[0])


def decaying(scheme: str, z: float, n: int) -> np.ndarray:
    """(n,) dy/dt = -y / tau from y = 1 as the scheme's documentation has it, z = dt / tau."""
    y, gamma = [1.0], 2.0 - np.sqrt(2.0)
    for k in range(n - 1):
        if scheme == "BackwardEuler":
            y.append(y[-1] / (1.0 + z))
        elif scheme == "CrankNicolson":
            y.append(y[-1] * (1.0 - z / 2.0) / (1.0 + z / 2.0))
        elif scheme == "TRBDF2":
            u = y[-1] / (1.0 + gamma * z / 2.0)
            y.append((u + np.sqrt(2.0) * (u - y[-1])) / (1.0 + gamma * z / 2.0))
        else:
            a, d = (np.pi / 4.0, 0.0) if k == 0 else (9.0 / 16.0, 1.0 / 16.0)
            y.append((y[-1] - z * ((1.0 - a - d) * y[-1] + d * y[k - 1])) / (1.0 + a * z))
    return np.array(y)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_charging_is_the_schemes_own_power_law(x64, scheme):
    """What is left to charge obeys the scheme's formula for dy/dt = -y / tau, to rounding; z = dt / tau."""
    t, v, v_inf = charging(scheme, 0.1)
    y = decaying(scheme, 0.1 / 10.0, len(t))
    assert np.abs(v - v_inf * (1.0 - y)).max() <= 1e-11 * v_inf


@pytest.mark.parametrize("scheme", SCHEMES)
def test_charging_converges_with_the_schemes_order(x64, scheme):
    errors = []
    for dt in (0.2, 0.1):
        t, v, v_inf = charging(scheme, dt)
        errors.append(np.abs(v / v_inf - (1.0 - np.exp(-t / 10.0))).max())
    measured(f"charging {scheme}, dt 0.2, 0.1: {np.array(errors)} orders {order(errors)}")
    assert np.all(np.abs(order(errors) - ORDER[scheme]) < 0.05)


@pytest.mark.parametrize(("scheme", "mark"), [("BackwardEuler", 3.91e-3), ("CrankNicolson", 4.7e-4)])
def test_synapse_on_one_compartment_is_as_close_as_neurons(x64, scheme, mark):
    """nsuite's rc-expsyn: 100 MOhm, 0.01 nF, a conductance of 0.1 uS that decays with 1 ms; error relative to 65 mV."""
    radius = 10.0 / np.sqrt(2.0 * np.pi)  # length = diameter
    cell = uniform(js.cylinder(2.0 * radius, radius), 1, js.Leak(gbar=1.0, e=REST)).insert(ExpSyn(tau=1.0))
    area = cell.cable.area[0]
    cell.at("basal").set("Leak.gbar", 0.01 / (NA_PER_UM2 * area)).set("cm", 0.01 / (NF_PER_UM2 * area))
    model = cell.record(cell.loc(0, 0.5)).compile()
    state = js.init(model)
    gates = {**state.gates, "ExpSyn": {"g": state.gates["ExpSyn"]["g"] + 0.1 / (NA_PER_UM2 * area)}}
    state = dataclasses.replace(state, gates=gates)
    recording = js.simulate(model, 10.0, 0.0025, method=SCHEMES[scheme], state=state)

    def slope(t: float, v: np.ndarray) -> np.ndarray:
        return (-(v - REST) / 100.0 - 0.1 * np.exp(-t) * v) / 0.01

    exact = solve_ivp(slope, (0.0, 10.0), [REST], "Radau", np.array(recording.t), rtol=1e-10, atol=1e-10).y[0]
    error = np.abs(np.array(recording.v)[0] - exact).max() / 65.0
    measured(f"rc-expsyn {scheme}: {error:.2e}")
    assert exact[400] == pytest.approx(-12.09457, abs=2e-5)
    assert error <= mark


AMP, STOP = 0.2, 60.0  # nA, ms
LENGTH, RADIUS = 20.0, 10.0  # um


@functools.cache
def exact_spikes() -> np.ndarray:
    """Spike times [ms] of one HH compartment by an adaptive solver at a tight tolerance."""
    area = 2.0 * np.pi * RADIUS * LENGTH

    def slope(t: float, y: np.ndarray) -> list[float]:
        v, gates = y[0], y[1:]
        dv = (AMP - NA_PER_UM2 * area * hh_current(v, *gates)) / (NF_PER_UM2 * area)
        return [dv, *(rate * (steady - x) for (steady, rate), x in zip(hh_rates(v).values(), gates, strict=True))]

    def spike(t: float, y: np.ndarray) -> float:
        return y[0]

    spike.direction = 1.0
    start = [REST, *(hh_rates(REST)[gate][0] for gate in "mhn")]
    return solve_ivp(slope, (0.0, STOP), start, "DOP853", events=spike, rtol=1e-11, atol=1e-11).t_events[0]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_spike_times_converge_with_the_schemes_order(scheme):
    errors = []
    with jax.enable_x64(True):
        for dt in (0.02, 0.01):
            cell = uniform(js.cylinder(LENGTH, RADIUS), 1, js.HH())
            cell.stimulate(cell.loc(0, 0.5), js.Pulse(amp=AMP)).record(cell.loc(0, 0.5))
            t, v = voltages(cell, STOP, dt, SCHEMES[scheme])
            spikes = crossings(t, v[0])
            assert len(spikes) == len(exact_spikes()) >= 3
            errors.append(abs(spikes[-1] - exact_spikes()[-1]))
    measured(f"last of {len(spikes)} spikes {scheme}, dt 0.02, 0.01: {np.array(errors)} ms, {order(errors)}")
    assert np.all(np.abs(order(errors) - ORDER[scheme]) < 0.15)

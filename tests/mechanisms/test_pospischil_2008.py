"""The cells of Pospischil et al. (2008): temperature and start of their channels, and their spikes beside NEURON's.

The last tests need the .mod files.
"""

from typing import Any

import jax
import numpy as np
import pytest

import jaxsim as js
from jaxsim.mechanisms.library import CHANNELS
from tests.agreement.cable_theory import crossings
from tests.agreement.cells import measured
from tests.mechanisms import pospischil_2008_reference as reference
from tests.mechanisms.mod_reference import VOLTAGES

T_END = 400.0
PULSE = {"start": 20.0, "stop": 380.0}
# cell -> nA, leak, channel -> S/cm2
CELLS: dict[str, tuple[float, tuple[float, float], dict[str, float]]] = {
    "regular": (0.75, (1e-4, -70.0), {"Na": 0.05, "K": 0.005, "Km": 7e-5}),
    "bursting": (0.15, (1e-5, -85.0), {"Na": 0.05, "K": 0.005, "Km": 3e-5, "CaL": 1.7e-4}),
    "low threshold": (0.15, (1e-5, -85.0), {"Na": 0.05, "K": 0.005, "Km": 3e-5, "CaT": 4e-4}),
}


@pytest.mark.parametrize(("name", "factor", "reference_celsius"), [
    ("Na", 3.0, 36.0), ("K", 3.0, 36.0), ("Km", 2.3, 36.0), ("CaT", 3.0, 24.0)
])  # fmt: skip
def test_temperature(x64, name, factor, reference_celsius):
    """Ten degrees are the factor, and at the reference temperature there is none."""
    at = [jax.jit(lambda v, t=t: CHANNELS[name](celsius=t).rates(v))(VOLTAGES) for t in (0.0, 10.0)]
    plain = jax.jit(lambda v: CHANNELS[name](celsius=reference_celsius).rates(v))(VOLTAGES)
    for x in plain:
        np.testing.assert_allclose(at[1][x].decay, factor * at[0][x].decay, rtol=1e-12)
        np.testing.assert_allclose(plain[x].decay, factor ** (reference_celsius / 10.0) * at[0][x].decay, rtol=1e-12)
        np.testing.assert_allclose(at[1][x].x_inf, at[0][x].x_inf, rtol=1e-12)


def test_vt_shifts_the_voltage(x64):
    for name in ("Na", "K"):
        here = jax.jit(lambda v, name=name: CHANNELS[name](vt=-55.0).rates(v))(VOLTAGES)
        there = jax.jit(lambda v, name=name: CHANNELS[name](vt=-48.0).rates(v + 7.0))(VOLTAGES)
        for x in here:
            np.testing.assert_allclose(there[x].decay, here[x].decay, rtol=1e-10)


def ours(kind: str, dt: float) -> tuple[js.State, np.ndarray]:
    amp, (g, e), densities = CELLS[kind]
    cell = js.Cell(js.cylinder(96.0, 48.0), js.PerBranch(1), v=e).insert(js.Leak(gbar=g, e=e))
    for name, gbar in densities.items():
        cell.insert(CHANNELS[name](gbar=gbar, **reference.OURS.get(name, {})))
    middle = cell.loc(0, 0.5)
    model = cell.stimulate(middle, js.Pulse(amp=amp, **PULSE)).record(middle).compile()
    return js.init(model), np.array(js.simulate(model, T_END, dt, method=js.BackwardEuler()).v[0])


def theirs(kind: str, dt: float, start: js.State) -> np.ndarray:
    """The same cell in NEURON; its gates are put where ours start, because the files start them at 0."""
    h: Any = reference.neuron(reference.FOLDER)
    amp, (g, e), densities = CELLS[kind]
    section = h.Section(name="cell")
    section.L = section.diam = 96.0
    section.cm = 1.0
    section.insert("pas")
    section.g_pas, section.e_pas = g, e
    for name in densities:
        reference.CHANNELS[name].insert(section)
    for name, gbar in densities.items():  # after all are there: Na and K are one mechanism
        reference.CHANNELS[name].set_gbar(section, gbar)
    clamp = h.IClamp(section(0.5))
    clamp.delay, clamp.dur, clamp.amp = PULSE["start"], PULSE["stop"] - PULSE["start"], amp
    h.secondorder, h.dt = 0, dt
    h.finitialize(e)
    for name in densities:
        channel = reference.CHANNELS[name]
        for x, state in channel.gates.items():
            setattr(getattr(section(0.5), channel.suffix), state, float(start.gates[name][x][0]))
    h.fcurrent()
    v = [section(0.5).v]
    for _ in range(round(T_END / dt)):
        h.fadvance()
        v.append(section(0.5).v)
    return np.array(v)


without_files = pytest.mark.skipif(
    not reference.FOLDER, reason="JAXSIM_POSPISCHIL_MODS does not name the folder of the .mod files"
)


@without_files
@pytest.mark.parametrize("kind", ["regular", "bursting"])
def test_a_cell_equals_neurons(x64, kind):
    start, v = ours(kind, 0.025)
    other = theirs(kind, 0.025, start)
    n_spike = crossings(0.025 * np.arange(len(other)), other).size
    assert n_spike >= 3
    measured(f"{kind} cell of pospischil_2008, {n_spike} spikes, dt 0.025 ms: {np.abs(v - other).max():.1e} mV")
    np.testing.assert_allclose(v, other, rtol=0, atol=1e-6)


@without_files
def test_a_cell_with_a_current_that_opens_at_once_converges_to_neurons(x64):
    """NEURON holds the T current's opening in the slope, here it is part of it: they meet as dt falls."""
    apart = []
    for dt in (0.02, 0.01, 0.005):
        start, v = ours("low threshold", dt)
        mine, other = (crossings(dt * np.arange(len(x)), x) for x in (v, theirs("low threshold", dt, start)))
        assert mine.size == other.size >= 2
        apart.append(np.abs(mine - other).max())
    measured(f"low-threshold cell of pospischil_2008, spikes apart at dt 0.02, 0.01, 0.005 ms: {apart} ms")
    assert apart[0] > 1.7 * apart[1] > 1.7 * 1.7 * apart[2]
    assert apart[2] < 0.05

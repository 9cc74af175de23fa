"""The cells of Pospischil et al. (2008): temperature and start of their channels, and their spikes beside NEURON's."""

import json

import jax
import numpy as np
import pytest

import jaxsim as js
from jaxsim.mechanisms.library import CHANNELS
from tests.agreement.cable_theory import crossings
from tests.agreement.cells import measured
from tests.mechanisms import pospischil_2008_reference as reference
from tests.mechanisms.mod_reference import VOLTAGES

NUMBERS = json.loads(reference.CELLS_DATA.read_text(encoding="utf-8"))


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


@pytest.mark.parametrize("secondorder", [0, 2])
@pytest.mark.parametrize("kind", reference.CELLS)
def test_a_cell_equals_neurons(x64, kind, secondorder):
    """With CaT too, whose opening NEURON's file holds while the current is linearised."""
    method = {0: js.BackwardEuler(), 2: js.CrankNicolson()}[secondorder]
    recording = js.simulate(reference.here(kind).compile(), reference.T_END, reference.DT, method=method)
    v, other = np.array(recording.v[0]), np.array(NUMBERS[kind][str(secondorder)])
    n_spike = crossings(np.array(recording.t), v).size
    assert n_spike >= 2
    apart = np.abs(v[:: reference.EVERY] - other).max()
    measured(
        f"{kind} cell of pospischil_2008, {n_spike} spikes, secondorder {secondorder}, dt 0.025 ms: {apart:.1e} mV"
    )
    assert apart < 1e-6


@js.struct
class Whole(js.CaT):
    """CaT, nothing held."""

    def held(self, v, gate):
        return {}

    def current(self, v, gate):
        return super().current(v, {**gate, **super().held(v, gate)})


def spikes(channel: js.CaT, dt: float, method: js.AbstractMethod) -> np.ndarray:
    recording = js.simulate(reference.here("low threshold", CaT=channel).compile(), 200.0, dt, method=method)
    return crossings(np.array(recording.t), np.array(recording.v[0]))


def test_an_opening_that_is_held_costs_crank_nicolson_an_order(x64):
    """And the default scheme nothing."""
    gbar = 5 * reference.CELLS["low threshold"][2]["CaT"]
    exact = spikes(js.CaT(gbar=gbar), 0.0025, js.DampedCrankNicolson())
    assert len(exact) == 6
    orders = {}
    for name, channel, method in (
        ("held", js.CaT, js.CrankNicolson()), ("not held", Whole, js.CrankNicolson()),
        ("default scheme", js.CaT, js.DampedCrankNicolson()),
    ):  # fmt: skip
        off = [np.abs(spikes(channel(gbar=gbar), dt, method) - exact).max() for dt in (0.025, 0.0125)]
        measured(f"T current {name}: spikes off by {off[0]:.2f}, {off[1]:.2f} ms at dt 0.025, 0.0125 ms")
        orders[name] = np.log2(off[0] / off[1])
    assert orders["held"] < 1.5
    assert orders["not held"] > 1.8
    assert orders["default scheme"] > 1.8


def test_the_opening_that_is_held_is_the_opening(x64):
    """-59 mV, where half is open without the shift."""
    s = jax.jit(lambda v: js.CaT().held(v, {})["s_inf"])(np.array([-59.0, -59.0 + 6.2 * np.log(3.0)]))
    np.testing.assert_allclose(s, [0.5, 0.75], rtol=1e-12)

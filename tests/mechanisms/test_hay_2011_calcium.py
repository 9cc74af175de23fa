"""Calcium of hay_2011 against NEURON: SK_E2 over calcium, and a cell of all twelve mechanisms at the same dt."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from jaxsim.mechanisms.library import CHANNELS
from tests.agreement.cable_theory import crossings
from tests.agreement.cells import measured
from tests.mechanisms import hay_2011_calcium_reference as reference
from tests.mechanisms.hay_2011_calcium_reference import CALCIUM, CELSIUS, DENSITY, DT, EVERY, PLACES, POOL, T_END, V

NUMBERS = json.loads(reference.CELL_DATA.read_text(encoding="utf-8"))


def twelve() -> js.Cell:
    """The cell of the reference."""
    cell = js.Cell(reference.shape(), js.PerBranch([1, 7]), ra=100.0, v=V)
    cell.insert(js.Leak(gbar=3e-5, e=V)).insert(js.Calcium(celsius=CELSIUS)).insert(js.CaDynamics_E2(**POOL))
    for name, gbar in DENSITY.items():
        cell.insert(CHANNELS[name](gbar=gbar))
    cell.stimulate(cell.loc(0), js.Pulse(**reference.PULSE))
    cable = cell.cable
    places = [cell.loc(int(cable.branch[comp]), float(cable.x[comp])) for comp in PLACES]
    return cell.record(places).record(places, "ca.inside").record(places, "ca.e")


def test_what_calcium_opens(x64):
    rates = jax.jit(lambda cai: js.SK_E2(cai=cai).rates(jnp.zeros(()))["z"].x_inf)
    np.testing.assert_allclose(rates(jnp.asarray(CALCIUM)), NUMBERS["z_inf"], rtol=1e-9)


def test_without_calcium_it_is_shut(precision):
    z_inf = jax.jit(jax.value_and_grad(lambda cai: js.SK_E2(cai=cai).rates(jnp.zeros(()))["z"].x_inf))
    for cai in (0.0, -1e-6):
        value, slope = z_inf(jnp.asarray(cai, precision))
        assert 0.0 <= value < 1e-16
        assert np.isfinite(slope)


@pytest.mark.parametrize(("secondorder", "method"), [("0", js.BackwardEuler()), ("2", js.CrankNicolson())])
def test_a_cell_of_twelve_mechanisms_equals_neurons(x64, secondorder, method):
    recording = js.simulate(twelve().compile(), T_END, DT, method=method)
    theirs = {name: np.array(rows) for name, rows in NUMBERS[secondorder].items()}
    v, cai = (np.array(recording[what])[:, ::EVERY] for what in ("v", "ca.inside"))
    before = np.array(recording["ca.e"])[:, EVERY - 1 :: EVERY]  # NEURON has eca from the start of the step that ended
    assert len(crossings(np.array(recording.t), np.array(recording.v[0]))) >= 2
    assert theirs["cai"].max() > 20 * theirs["cai"].min()
    apart = np.abs(v - theirs["v"]).max()
    measured(f"12 mechanisms of hay_2011, secondorder {secondorder}, dt {DT}: {apart:.1e} mV")
    np.testing.assert_allclose(v, theirs["v"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(cai, theirs["cai"], rtol=1e-7)
    np.testing.assert_allclose(before, theirs["eca"][:, 1:], rtol=0, atol=1e-7)


def test_single_precision_keeps_the_spikes(x64):
    model = twelve()
    spikes = [
        crossings(np.array(r.t, float), np.array(r.v[0], float))
        for r in (js.simulate(model.compile(dtype), T_END, DT) for dtype in ("float32", "float64"))
    ]
    np.testing.assert_allclose(*spikes, rtol=0, atol=0.02)

"""Calcium of hay_2011 against NEURON: SK_E2 over calcium, and a cell of all twelve mechanisms at the same dt."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from tests.agreement.cable_theory import crossings
from tests.agreement.cells import measured
from tests.mechanisms import hay_2011_calcium_reference as reference
from tests.mechanisms.hay_2011_calcium_reference import CALCIUM, CELL

NUMBERS = json.loads(reference.CELL_DATA.read_text(encoding="utf-8"))


def test_what_calcium_opens(x64):
    rates = jax.jit(lambda cai: js.SK_E2(cai=cai).rates(jnp.zeros(()))["z"].x_inf)
    np.testing.assert_allclose(rates(jnp.asarray(CALCIUM)), NUMBERS["z_inf"], rtol=1e-9)


def test_without_calcium_it_is_shut(precision):
    z_inf = jax.jit(jax.value_and_grad(lambda cai: js.SK_E2(cai=cai).rates(jnp.zeros(()))["z"].x_inf))
    for cai in (0.0, -1e-6):
        value, slope = z_inf(jnp.asarray(cai, precision))
        assert 0.0 <= value < 1e-16
        assert np.isfinite(slope)


@pytest.mark.parametrize("secondorder", [0, 2])
def test_a_cell_of_twelve_mechanisms_equals_neurons(x64, secondorder):
    v, cai, eca = CELL.apart(NUMBERS, secondorder)
    measured(f"12 mechanisms of hay_2011, secondorder {secondorder}, dt {CELL.dt}: {v:.1e} mV")
    assert v < 1e-6
    assert cai < 1e-7
    assert eca < 1e-7


def test_single_precision_keeps_the_spikes(x64):
    model = CELL.here()
    spikes = [
        crossings(np.array(r.t, float), np.array(r.v[0], float))
        for r in (js.simulate(model.compile(dtype), CELL.t_end, CELL.dt) for dtype in ("float32", "float64"))
    ]
    np.testing.assert_allclose(*spikes, rtol=0, atol=0.02)

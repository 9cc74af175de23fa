"""A cell of Fohlmeister & Miller (1997) against NEURON at the same dt, its calcium pool stepped as the file's."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from tests.agreement.cells import measured
from tests.mechanisms.fohlmeister_1997_reference import CELL, CELL_DATA


@pytest.mark.parametrize("secondorder", [0, 2])
def test_a_cell_equals_neurons(x64, secondorder):
    v, cai, eca = CELL.apart(json.loads(CELL_DATA.read_text(encoding="utf-8")), secondorder)
    measured(f"5 channels and the pool of fohlmeister_1997, secondorder {secondorder}, dt {CELL.dt}: {v:.1e} mV")
    assert v < 1e-6
    assert cai < 1e-7
    assert eca < 1e-7


def test_half_of_the_potassium_current_is_open_at_ca_diss(precision):
    current = lambda cai: js.KCa_FM(cai=cai).current(jnp.asarray(-65.0, precision), {})  # noqa: E731
    half = jax.jit(current)(jnp.asarray(1e-3, precision))
    np.testing.assert_allclose(half, 0.5 * 5e-5 * 10.0, rtol=1e-6)
    value, slope = jax.jit(jax.value_and_grad(current))(jnp.asarray(0.0, precision))
    assert value == 0.0
    assert np.isfinite(slope)


def test_the_reversal_potential_of_calcium_is_nernsts(x64):
    e = js.nernst(jnp.asarray(1e-4), jnp.asarray(1.8), 2, 22.0)
    np.testing.assert_allclose(e, js.Ca_FM().e, rtol=1e-3)

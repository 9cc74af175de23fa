"""The mechanisms of gouwens_2018: their temperature, and a cell of them against NEURON at the same dt."""

import json

import jax
import numpy as np
import pytest

from jaxsim.mechanisms.library import CHANNELS
from tests.agreement.cells import measured
from tests.mechanisms.gouwens_2018_reference import CELL, CELL_DATA
from tests.mechanisms.mod_reference import VOLTAGES

REFERENCE = {"NaTs": 23.0, "NaTa": 23.0, "Nap": 21.0, "K_P": 21.0, "K_T": 21.0, "Kv2like": 21.0, "Im_v2": 30.0}  # degC


@pytest.mark.parametrize("name", REFERENCE)
def test_ten_degrees_are_a_factor_from_the_reference_on(x64, name):
    at = [jax.jit(lambda v, t=t: CHANNELS[name](celsius=REFERENCE[name] + t).rates(v))(VOLTAGES) for t in (0.0, 10.0)]
    usual = jax.jit(CHANNELS[name]().rates)(VOLTAGES)
    for x in usual:
        np.testing.assert_allclose(at[1][x].decay, 2.3 * at[0][x].decay, rtol=1e-12)
        np.testing.assert_allclose(
            usual[x].decay, 2.3 ** ((34.0 - REFERENCE[name]) / 10.0) * at[0][x].decay, rtol=1e-12
        )
        np.testing.assert_allclose(at[1][x].x_inf, at[0][x].x_inf, rtol=1e-12)


def test_the_slow_gate_has_a_shortest_time_constant(x64):
    """Where the published fit is below it, and then below 0."""
    rate = jax.jit(lambda v: CHANNELS["Kv2like"](celsius=21.0).rates(v)["h2"])(np.array([-200.0, -119.5, -118.0]))
    np.testing.assert_allclose(rate.tau, [100.0, 100.0, 165.459], rtol=1e-5)


@pytest.mark.parametrize("secondorder", [0, 2])
def test_a_cell_of_fifteen_mechanisms_equals_neurons(x64, secondorder):
    v, cai, eca = CELL.apart(json.loads(CELL_DATA.read_text(encoding="utf-8")), secondorder)
    measured(f"15 mechanisms of gouwens_2018, secondorder {secondorder}, dt {CELL.dt}: {v:.1e} mV")
    assert v < 1e-6
    assert cai < 1e-7
    assert eca < 1e-7

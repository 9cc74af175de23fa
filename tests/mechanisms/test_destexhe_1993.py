"""CaDecay against NEURON with three published files, whose steps are those of implicit Euler."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from tests.mechanisms.agreement import decayed
from tests.mechanisms.destexhe_1993_reference import FILES


@pytest.mark.parametrize("name", FILES)
def test_one_step(x64, name):
    found, theirs = decayed(name)
    assert np.ptp(theirs) > 10 * theirs.min()
    np.testing.assert_allclose(found, theirs, rtol=1e-9)


def test_an_outward_current_is_not_counted(precision):
    rate = js.CaDecay(ica=jnp.asarray(1e-3, precision)).rates(jnp.zeros((), precision))["cai"]
    np.testing.assert_allclose(rate.x_inf, 2e-4, rtol=1e-6)


def test_it_decays_to_its_rest(x64):
    cell = js.Cell(js.cylinder(20.0, 10.0)).insert(js.Leak()).insert(js.Calcium(inside=1e-3)).insert(js.CaDecay())
    recording = js.simulate(cell.record(cell.loc(0), "ca.inside").compile(), 10.0)
    expected = 2e-4 + 8e-4 * np.exp(-np.asarray(recording.t) / 5.0)
    np.testing.assert_allclose(recording["ca.inside"][0], expected, rtol=1e-9)

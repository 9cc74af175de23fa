"""Gradients equal to derivatives that are known in closed form: the steady state of a passive cable."""

import math

import jax
import numpy as np
import pytest

import jaxsim as js

LENGTH, RADIUS, RA, GBAR, E, AMP = 800.0, 0.6, 130.0, 2e-4, -70.0, 0.05
T_END, DT = 400.0, 2.0  # 80 time constants of 5 ms: steady to rounding


POINTS = {
    "ra": RA,
    "Leak.gbar": GBAR,
    "radius_scale": 1.0,
    "length_scale": 1.0,
    "Pulse.amp": AMP,
    "Leak.e": E,
    "cm": 1.0,
    "v": -65.0,
}
KEYWORDS = {"Leak.gbar": "gbar", "Pulse.amp": "amp", "Leak.e": "e"}


@pytest.fixture(scope="module")
def steady():
    """The input's voltage at the steady state, and its derivatives by every parameter."""
    with jax.enable_x64(True):
        cell = js.Cell(js.cylinder(LENGTH, RADIUS), js.PerBranch(801), ra=RA).insert(js.Leak(gbar=GBAR, e=E))
        cell.stimulate(cell.loc(0, 0.0), js.Pulse(amp=AMP)).record(cell.loc(0, 0.0))
        model = cell.compile()

        def v_end(values):
            changed = model
            for name, value in values.items():
                changed = changed.set(name, value)
            return js.simulate(changed, T_END, DT, method=js.BackwardEuler()).v[0, -1]

        value, gradient = jax.jit(jax.value_and_grad(v_end))(POINTS)
        return float(value), {name: float(g) for name, g in gradient.items()}


def _theory(ra=RA, gbar=GBAR, radius_scale=1.0, length_scale=1.0, amp=AMP, e=E):
    """v = e + I R_inf coth(L / lambda) [mV]; R_inf = Ra lambda / (pi a^2), lambda = sqrt(a / (2 Ra g)). Rall 1959."""
    a, length = RADIUS * radius_scale * 1e-4, LENGTH * length_scale * 1e-4  # cm
    lam = math.sqrt(a / (2.0 * ra * gbar))
    return e + amp * 1e-6 * ra * lam / (math.pi * a * a) / math.tanh(length / lam)


def test_input_resistance(steady):
    np.testing.assert_allclose(steady[0], _theory(), rtol=2e-6)  # 801 compartments: order dx^2


@pytest.mark.parametrize("name", ["ra", "Leak.gbar", "radius_scale", "length_scale", "Pulse.amp", "Leak.e"])
def test_derivative_of_the_input_resistance(steady, name):
    x, keyword = POINTS[name], KEYWORDS.get(name, name)
    h = 1e-4 * abs(x)
    expected = (_theory(**{keyword: x + h}) - _theory(**{keyword: x - h})) / (2.0 * h)
    np.testing.assert_allclose(steady[1][name], expected, rtol=3e-5)  # order dx^2 again


@pytest.mark.parametrize("name", ["cm", "v"])
def test_the_steady_state_forgets(steady, name):
    assert abs(steady[1][name]) < 1e-9

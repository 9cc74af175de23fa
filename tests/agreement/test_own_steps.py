"""Mechanisms as step-by-step programs give them: states that step themselves, quantities held in a step."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from tests.agreement.test_coupled_states import Product, alpha_beta_n, spiking


@js.struct
class Stepping(js.AbstractChannel):
    """HH's potassium current whose gate steps itself, exactly at a fixed voltage."""

    gbar: js.units.S_per_cm2 = 0.036
    e: js.units.mV = -77.0

    def update(self, v, state, dt):
        alpha, beta = alpha_beta_n(v)
        n_inf, decay = alpha / (alpha + beta), alpha + beta
        return {"n": n_inf + (state["n"] - n_inf) * jnp.exp(-dt * decay)}

    def initial(self, v):
        alpha, beta = alpha_beta_n(v)
        return {"n": alpha / (alpha + beta)}

    def current(self, v, gate):
        return self.gbar * gate["n"] ** 4 * (v - self.e)


@js.struct
class Blocked(js.AbstractChannel):
    """A current with a block by magnesium that follows the voltage at once."""

    gbar: js.units.S_per_cm2 = 2e-4
    e: js.units.mV = 0.0

    def current(self, v, gate):
        return self.gbar * self.free(v) * (v - self.e)

    def free(self, v):
        return 1.0 / (1.0 + js.exp(-0.062 * v) / 3.57)


@js.struct
class BlockHeld(Blocked):
    """The same, the block held."""

    def held(self, v, gate):
        return {"free": self.free(v)}

    def current(self, v, gate):
        return self.gbar * gate["free"] * (v - self.e)


def test_a_gate_that_steps_itself_is_the_gate_with_the_equation(x64):
    runs = [js.simulate(spiking(k), 20.0, method=js.BackwardEuler()).v for k in (Stepping(), Product())]
    assert float(runs[0].max()) > 0.0
    np.testing.assert_allclose(*runs, rtol=0, atol=1e-10)


def test_a_gate_that_steps_itself_keeps_the_second_order(x64):
    apart = []
    for dt in (0.02, 0.01, 0.005):
        own, equation = (js.simulate(spiking(k), 20.0, dt).v for k in (Stepping(), Product()))
        apart.append(float(np.abs(own - equation).max()))
    assert np.log2(apart[-2] / apart[-1]) > 1.8


def blocked(channel: js.AbstractChannel) -> js.Model:
    cell = js.Cell(js.cylinder(20.0, 10.0)).insert(channel).insert(js.Leak(gbar=1e-4, e=-70.0))
    cell.stimulate(cell.loc(0), js.Pulse(amp=0.02, start=1.0))
    return cell.record(cell.loc(0)).compile()


@pytest.mark.parametrize("scheme", [js.BackwardEuler, js.CrankNicolson])
def test_what_is_held_has_no_slope_where_the_scheme_is_neurons(x64, scheme):
    model, dt = blocked(BlockHeld()), 0.1
    v = np.asarray(js.simulate(model, 2 * dt, dt, method=scheme()).v)[0]
    theta = 1.0 if scheme is js.BackwardEuler else 0.5
    g = 2e-4 / (1.0 + np.exp(-0.062 * v[0]) / 3.57)
    # cm dv/dt = -(g (v* - 0) + 1e-4 (v* + 70)), v* = v0 + theta dv; 1 uF/cm2 mV/ms = 1e-3 mA/cm2
    dv = -(g * v[0] + 1e-4 * (v[0] + 70.0)) / (1e-3 / dt + theta * (g + 1e-4))
    np.testing.assert_allclose(v[1], v[0] + dv, rtol=0, atol=1e-10)


def test_what_is_held_keeps_its_slope_in_the_other_schemes(x64):
    held, whole = (js.simulate(blocked(c), 5.0).v for c in (BlockHeld(), Blocked()))
    assert np.ptp(whole) > 5.0
    np.testing.assert_allclose(held, whole, rtol=0, atol=1e-11)


def test_held_has_the_gradient_of_the_whole_current(x64):
    def last(g, model, name):
        return js.simulate(model.set(f"{name}.gbar", g), 5.0).v[0, -1]

    held, whole = (jax.grad(last)(2e-4, blocked(c()), type(c()).__name__) for c in (BlockHeld, Blocked))
    np.testing.assert_allclose(held, whole, rtol=1e-9)


def test_a_state_with_an_equation_and_a_step_of_its_own_is_refused():
    class Twice(Stepping):
        def rates(self, v):
            return {"n": js.alpha_beta(*alpha_beta_n(v))}

    with pytest.raises(TypeError, match="the state 'n' of Twice must have one equation, got 'rates and update'"):
        spiking(js.struct(Twice)())

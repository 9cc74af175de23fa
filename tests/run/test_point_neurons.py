"""Point neurons: spike times against closed forms and fine integration, resets, and the surrogate derivative."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import jaxsim as js
from jaxsim.mechanisms.surrogate import SURROGATES, jumped, spike

METHODS = [js.BackwardEuler(), js.CrankNicolson(), js.DampedCrankNicolson(), js.TRBDF2()]
named = lambda m: type(m).__name__  # noqa: E731
every_method = pytest.mark.parametrize("method", METHODS, ids=named)


def stimulated(model: js.AbstractPointProcess, capacitance: float, v: float, amp: float, *what: str) -> js.Model:
    cell = js.point_neuron(model, capacitance, v, name="neuron")
    here = cell.loc(0)
    cell.stimulate(here, js.Pulse(amp=amp)).record(here)
    for name in what:
        cell.record(here, f"neuron.{name}")
    return cell.compile()


def spikes(rec: js.Recording) -> np.ndarray:
    return np.asarray(rec.t)[np.asarray(rec["neuron.spike"][0]) > 0.5]


@every_method
def test_the_capacitance_is_the_models(precision, method):
    """A leaky integrator follows its exponential."""
    rec = js.simulate(stimulated(js.LeakyIntegrator(g=0.02, e=-60.0), 0.3, -60.0, 0.1), 30.0, method=method)
    expected = -60.0 + 5.0 * (1.0 - np.exp(-np.asarray(rec.t) / 15.0))
    np.testing.assert_allclose(rec.v[0], expected, atol=5e-3)


@every_method
def test_integrate_and_fire_at_its_closed_form(x64, method):
    """Interval: refractory + tau ln((v_inf - v_reset) / (v_inf - v_threshold)), each to a step."""
    model = js.IntegrateAndFire(g=0.01, e=-65.0, v_threshold=-50.0, v_reset=-70.0, refractory=3.0)
    dt = 0.01
    rec = js.simulate(stimulated(model, 0.1, -65.0, 0.3, "spike"), 100.0, dt, method=method)
    v_inf, tau = -65.0 + 0.3 / 0.01, 10.0
    first = tau * np.log((v_inf + 65.0) / (v_inf + 50.0))
    interval = 3.0 + tau * np.log((v_inf + 70.0) / (v_inf + 50.0))
    found = spikes(rec)
    assert found[0] == pytest.approx(first, abs=1.5 * dt)
    np.testing.assert_allclose(np.diff(found), interval, atol=2.5 * dt)
    held = np.asarray(rec.v[0])[np.searchsorted(rec.t, found[0]) :][:290]
    np.testing.assert_array_equal(held, -70.0)
    assert np.asarray(rec.v).max() < -50.0


def fine(f, reset, v, w, t_end: float, dt: float = 5e-4) -> np.ndarray:
    """Spike times of a point neuron by Heun's method with tiny steps."""
    times = []
    for k in range(round(t_end / dt)):
        dv, dw = f(v, w)
        dv2, dw2 = f(min(v + dt * dv, 60.0), w + dt * dw)
        v, w = v + 0.5 * dt * (dv + dv2), w + 0.5 * dt * (dw + dw2)
        after = reset(v, w)
        if after is not None:
            v, w = after
            times.append((k + 1) * dt)
    return np.array(times)


def adex(v, w):
    upstroke = 0.030 * 2.0 * np.exp(min((v + 50.4) / 2.0, 35.2))
    return (-0.030 * (v + 70.6) + upstroke - w + 0.8) / 0.281, (0.004 * (v + 70.6) - w) / 144.0


def izhikevich(v, u):
    return 0.04 * v * v + 5.0 * v + 140.0 - u + 10.0, 0.02 * (0.2 * v - u)


CASES = {
    "AdEx": (js.AdEx(), 0.281, -70.6, 0.8, adex, lambda v, w: (-70.6, w + 0.0805) if v >= 20.0 else None, 0.0),
    "Izhikevich": (
        js.Izhikevich(),
        1.0,
        -65.0,
        10.0,
        izhikevich,
        lambda v, u: (-65.0, u + 8.0) if v >= 30.0 else None,
        -13.0,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_spike_times_converge_to_those_of_a_fine_integration(x64, name):
    """First order because of the reset: half the step, about half the error, and little of it at 0.0125 ms."""
    model, capacitance, v, amp, f, reset, w = CASES[name]
    expected = fine(f, reset, v, w, 100.0)
    compiled = stimulated(model, capacitance, v, amp, "spike")
    errors = {}
    for dt in (0.1, 0.0125):
        for method in METHODS:
            found = spikes(js.simulate(compiled, 100.0, dt, method=method))
            assert len(found) == len(expected) >= 3
            errors[dt, named(method)] = np.abs(found - expected).max()
    assert max(errors[0.0125, named(m)] for m in METHODS) < 0.15
    for method in METHODS:
        assert errors[0.0125, named(method)] < max(0.3 * errors[0.1, named(method)], 0.05)


def test_fitzhugh_nagumo_has_its_limit_cycle(x64):
    """With I = 0.5 it oscillates between the branches of the cubic; with none it rests where both nullclines meet."""
    rec = js.simulate(stimulated(js.FitzHughNagumo(), 1.0, -1.2, 0.5, "w"), 200.0, 0.05)
    v = np.asarray(rec.v[0])[2000:]
    slopes = lambda t, x: (x[0] - x[0] ** 3 / 3 - x[1] + 0.5, (x[0] + 0.7 - 0.8 * x[1]) / 12.5)  # noqa: E731
    exact = solve_ivp(slopes, (0.0, 200.0), (-1.2, -0.625), rtol=1e-9, atol=1e-9, max_step=0.05).y[0]
    assert v.max() == pytest.approx(exact[len(exact) // 2 :].max(), abs=1e-3)
    assert v.min() == pytest.approx(exact[len(exact) // 2 :].min(), abs=1e-3)
    assert v.max() > 1.5
    still = js.simulate(stimulated(js.FitzHughNagumo(), 1.0, -1.2, 0.0, "w"), 200.0, 0.05)
    v, w = float(still.v[0][-1]), float(still["neuron.w"][0][-1])
    assert v - v**3 / 3 - w == pytest.approx(0.0, abs=1e-6)
    assert v + 0.7 - 0.8 * w == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("name", SURROGATES)
def test_a_spike_is_a_step_with_a_bump_for_its_derivative(precision, name):
    x = jnp.asarray([-3.0, -0.1, 0.0, 0.1, 3.0], precision)
    np.testing.assert_array_equal(spike(x, 2.0, name), [0.0, 0.0, 1.0, 1.0, 1.0])
    slope = jax.vmap(jax.grad(lambda u: spike(u, jnp.asarray(2.0, precision), name)))(x)
    np.testing.assert_allclose(slope[2], 0.5)
    np.testing.assert_allclose(slope, slope[::-1], rtol=1e-6)
    assert 0.0 <= slope[0] < slope[1]
    assert slope[2] >= slope[1]


def test_an_unknown_surrogate_is_named():
    with pytest.raises(KeyError, match="did you mean 'triangle'"):
        spike(jnp.zeros(3), 1.0, "triangel")


def test_a_jump_is_exact_and_its_derivative_has_the_spikes(x64):
    old, new = jnp.asarray([1e17, -40.0]), jnp.asarray([-65.0, -65.0])
    s = spike(old + 50.0, 1.0)
    np.testing.assert_array_equal(jumped(s, old, new), [-65.0, -65.0])
    slope = jax.grad(lambda v: jumped(spike(v + 50.0, 1.0), v, jnp.asarray(-65.0)))(-50.5)
    np.testing.assert_allclose(slope, 1.0 + (-65.0 + 50.5) / 1.5**2)


@every_method
def test_the_gradient_of_a_subthreshold_run_is_exact(x64, method):
    """No spike, no surrogate: the central difference, of the exponential current too."""
    model = stimulated(js.AdEx(width=1e-9), 0.281, -70.6, 0.4, "w")

    @jax.jit
    def loss(delta):
        return jnp.mean(js.simulate(model.set("neuron.delta", delta), 10.0, 0.05, method=method).v ** 2)

    np.testing.assert_allclose(jax.grad(loss)(2.0), (loss(2.0001) - loss(1.9999)) / 2e-4, rtol=1e-6)


def test_a_rate_is_learnt_through_the_surrogate(x64):
    """A gain of the drive is found with which the neuron fires a given number of times."""
    model = stimulated(js.IntegrateAndFire(refractory=0.0, width=5.0), 0.1, -65.0, 0.2, "spike")

    @jax.jit
    @jax.value_and_grad
    def loss(amp):
        count = js.simulate(model.set("Pulse.amp", amp), 50.0, 0.1)["neuron.spike"].sum()
        return (count - 12.0) ** 2

    amp, found = 0.2, []
    for _ in range(60):
        value, slope = loss(amp)
        found.append(float(value))
        amp = amp - 0.01 * np.sign(float(slope)) * min(1.0, float(value))
    assert found[0] > 16.0
    assert min(found) == 0.0


def test_a_batch_is_a_loop(precision):
    model = stimulated(js.AdEx(), 0.281, -70.6, 0.5, "spike")
    run = lambda amp: js.simulate(model.set("Pulse.amp", amp), 30.0, 0.1)["neuron.spike"][0]  # noqa: E731
    amps = jnp.asarray([0.4, 0.8, 1.6], precision)
    np.testing.assert_array_equal(jax.vmap(run)(amps), jnp.stack([run(a) for a in amps]))


def test_beside_channels_and_synapses(x64):
    """A point neuron's cell takes density mechanisms and other point processes."""
    cell = js.point_neuron(js.IntegrateAndFire(), 0.1).insert(js.Leak(gbar=1e-5, e=-60.0))
    cell.place(cell.loc(0), js.LeakyIntegrator(g=0.01, e=0.0)).record(cell.loc(0), "IntegrateAndFire.spike")
    assert js.simulate(cell.compile(), 50.0)["IntegrateAndFire.spike"].sum() > 3


def test_errors_say_what_to_do():
    cell = js.point_neuron(js.AdEx(), 0.281)
    cell.place(cell.loc(0), js.Izhikevich())
    with pytest.raises(ValueError, match=r"several point neurons \(AdEx, Izhikevich\)"):
        cell.compile()
    with pytest.raises(ValueError, match="capacitance must be positive"):
        js.point_neuron(js.AdEx(), -1.0)
    model = stimulated(js.AdEx(), 0.281, -70.6, 0.5)
    with pytest.raises(ValueError, match="steps of one size where a voltage is reset, as by neuron"):
        js.simulate(model, 1.0, method=js.Adaptive())

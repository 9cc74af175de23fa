"""Stimuli and clamps as functions of time."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js

INF = float("inf")


def at(function, *times) -> list[float]:
    """The function at each time, in the test's precision; always 8 times, so that operations compile once."""
    padded = np.resize(np.asarray(times, float), 8)
    return np.asarray(jax.vmap(function)(jnp.asarray(padded)), float)[: len(times)].tolist()


def test_pulse_is_on_from_start_until_before_stop(precision):
    pulse = js.Pulse(amp=1.5, start=1.0, stop=8.0)
    before = np.nextafter(precision.type(8.0), precision.type(0.0))
    assert at(pulse.current, -1.0, 0.999, 1.0, 4.0, before, 8.0, 9.0) == [0.0, 0.0, 1.5, 1.5, 1.5, 0.0, 0.0]


def test_pulse_without_stop_never_ends(precision):
    assert at(js.Pulse(amp=-0.2, start=3.0).current, 0.0, 3.0, 1e9) == pytest.approx([0.0, -0.2, -0.2])


def test_pulse_that_stops_before_it_starts_is_silent():
    assert at(js.Pulse(amp=1.0, start=5.0, stop=2.0).current, 1.0, 2.0, 3.0, 5.0, 6.0) == [0.0] * 5


def test_pulse_gradient_is_one_while_on_and_zero_for_its_edges():
    slope = jax.jit(jax.grad(lambda p, t: p.current(t)))
    on, off = (slope(js.Pulse(0.5, 1.0, 8.0), t) for t in (2.0, 9.0))
    assert (float(on.amp), float(off.amp)) == (1.0, 0.0)
    assert (float(on.start), float(on.stop)) == (0.0, 0.0)


def test_ramp_is_linear_between_its_ends(precision):
    ramp = js.Ramp(first=0.2, last=1.0, start=10.0, stop=30.0)
    found = at(ramp.current, 9.9, 10.0, 15.0, 20.0, 30.0, 40.0)
    assert found == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.0, 0.0], rel=1e-6)


def test_ramp_gradient_is_the_fraction_of_the_way():
    slope = jax.jit(jax.grad(lambda r: r.current(15.0)))(js.Ramp(0.2, 1.0, 10.0, 30.0))
    assert float(slope.first) == pytest.approx(0.75)
    assert float(slope.last) == pytest.approx(0.25)
    assert float(slope.start) == pytest.approx(0.8 * (15.0 - 30.0) / 20.0**2)  # unlike a pulse's start, it trains


def test_empty_ramp_is_silent_and_has_a_finite_gradient():
    value, slope = jax.jit(jax.value_and_grad(lambda r: r.current(4.0)))(js.Ramp(0.2, 1.0, 4.0, 4.0))
    assert float(value) == 0.0
    assert all(np.isfinite(x) for x in jax.tree.leaves(slope))


def test_alpha_current_peaks_tau_after_its_onset(precision):
    alpha = js.AlphaCurrent(amp=0.4, start=10.0, tau=2.0)
    found = at(alpha.current, 0.0, 10.0, 11.0, 12.0, 14.0, 1e6)
    assert found == pytest.approx([0.0, 0.0, 0.2 * np.exp(0.5), 0.4, 0.8 * np.exp(-1.0), 0.0], rel=1e-6)


def test_charge_of_an_alpha_current(x64):
    """amp tau e."""
    t = jnp.arange(0.0, 100.0, 0.001)
    alpha = js.AlphaCurrent(amp=0.4, start=10.0, tau=2.0)
    assert float(jax.vmap(alpha.current)(t).sum() * 0.001) == pytest.approx(0.4 * 2.0 * np.e, rel=1e-6)


@pytest.mark.parametrize("t", [4.0, 10.0, 11.0, 1e6])
def test_alpha_current_has_a_finite_gradient(precision, t):
    slope = jax.jit(jax.grad(lambda a: a.current(jnp.asarray(t, precision))))(js.AlphaCurrent(0.4, 10.0, 2.0))
    assert all(np.isfinite(x) for x in jax.tree.leaves(slope))


def test_sine_begins_at_its_start_and_has_its_frequency(precision):
    sine = js.Sine(amp=0.5, frequency=100.0, start=20.0, stop=60.0)
    found = at(sine.current, 10.0, 20.0, 22.5, 25.0, 27.5, 52.5, 60.0, 62.5)
    assert found == pytest.approx([0.0, 0.0, 0.5, 0.0, -0.5, 0.5, 0.0, 0.0], abs=1e-5)


def test_chirp_sweeps_its_frequency(x64):
    """The phase is the integral of the frequency, which goes from 2 to 8 Hz in a second."""
    chirp = js.Chirp(amp=0.5, first=2.0, last=8.0, start=100.0, stop=1100.0)
    assert at(chirp.current, 99.0, 100.0, 1100.0, 1200.0) == [0.0, 0.0, 0.0, 0.0]
    cycles = lambda t: 2.0 * (t / 1e3) + 6.0 * (t / 1e3) ** 2 / 2.0  # noqa: E731
    times = [1.0, 250.0, 500.0, 999.0]
    expected = [0.5 * np.sin(2.0 * np.pi * cycles(t)) for t in times]
    assert at(chirp.current, *(100.0 + t for t in times)) == pytest.approx(expected, abs=1e-12)


def test_empty_chirp_is_silent_and_has_a_finite_gradient():
    value, slope = jax.jit(jax.value_and_grad(lambda c: c.current(4.0)))(js.Chirp(0.1, 1.0, 9.0, 4.0, 4.0))
    assert float(value) == 0.0
    assert all(np.isfinite(x) for x in jax.tree.leaves(slope))


def test_samples_are_linear_between_and_zero_outside(precision):
    samples = js.Samples(values=jnp.asarray([1.0, 3.0, -1.0]), dt=0.5, start=2.0)
    times = [1.99, 2.0, 2.25, 2.5, 2.75, 3.0, 3.01]
    assert at(samples.current, *times) == pytest.approx([0.0, 1.0, 2.0, 3.0, 1.0, -1.0, 0.0], abs=1e-6)


def test_held_samples_last_one_step_each(precision):
    samples = js.Samples(values=jnp.asarray([1.0, 3.0, -1.0]), dt=0.5, start=2.0, hold=True)
    times = [1.99, 2.0, 2.49, 2.5, 2.99, 3.0, 3.49, 3.5]
    assert at(samples.current, *times) == [0.0, 1.0, 1.0, 3.0, 3.0, -1.0, -1.0, 0.0]


def test_linear_samples_equal_numpys_interpolation(precision):
    rng = np.random.default_rng(0)
    values = rng.normal(size=17).astype(precision)
    times = rng.uniform(3.0, 3.0 + 16 * 0.3, 200)
    found = jax.jit(jax.vmap(js.Samples(values=values, dt=0.3, start=3.0).current))(times.astype(precision))
    np.testing.assert_allclose(found, np.interp(times, 3.0 + 0.3 * np.arange(17), values), atol=1e-5)


def test_one_sample_is_a_pulse_when_held():
    held = js.Samples(values=jnp.asarray([2.0]), dt=0.5, start=1.0, hold=True)
    assert at(held.current, 0.9, 1.0, 1.4, 1.5) == [0.0, 2.0, 2.0, 0.0]


def test_samples_gradient_weighs_the_two_neighbours():
    current = lambda v: js.Samples(values=v, dt=0.5).current(0.6)  # noqa: E731
    slope = jax.jit(jax.grad(current))(jnp.asarray([1.0, 3.0, -1.0, 2.0]))
    np.testing.assert_allclose(slope, [0.0, 0.8, 0.2, 0.0], atol=1e-6)


def test_samples_may_be_a_numpy_array_inside_jit():
    assert at(js.Samples(values=np.array([0.0, 1.0], np.float32), dt=1.0).current, 0.25) == [0.25]


def test_voltage_clamp_holds_from_start_until_stop(precision):
    """A step is held if its middle lies in the window, as with a pulse."""
    clamp = js.VoltageClamp(v=-20.0, start=1.0, stop=5.0)
    assert at(clamp.on, 0.5, 1.0, 4.99, 5.0, 5.01) == [0.0, 1.0, 1.0, 0.0, 0.0]
    assert at(clamp.command, 0.0, 3.0, 9.0) == [-20.0, -20.0, -20.0]


def test_voltage_samples_are_on_from_first_to_last(precision):
    clamp = js.VoltageSamples(values=jnp.asarray([-65.0, 0.0, -80.0]), dt=2.0, start=1.0)
    assert at(clamp.on, 0.9, 1.0, 3.0, 5.0, 5.1) == [0.0, 1.0, 1.0, 1.0, 0.0]
    assert at(clamp.command, 1.0, 2.0, 3.0, 4.5, 5.0) == pytest.approx([-65.0, -32.5, 0.0, -60.0, -80.0])


def test_voltage_samples_command_a_sample_whenever_they_are_on(precision):
    """Whatever rounding does to the first and last moment, a clamp that is on never falls to 0 mV."""
    start, sample_dt = (x.ravel().astype(precision) for x in np.meshgrid([0.0, 0.3, 0.7, 1.0], [0.05, 0.1, 0.3]))
    step = np.array([0.025, 0.1, 0.0125, 0.01], precision)
    times = np.arange(1500).astype(precision) * step[:, None] + step[:, None]

    def hold(start, dt, t):
        clamp = js.VoltageSamples(values=jnp.full(31, -20.0), dt=dt, start=start)
        return clamp.on(t), clamp.command(t)

    on, command = jax.jit(jax.vmap(jax.vmap(hold, (None, None, 0)), (0, 0, None)))(start, sample_dt, times.ravel())
    assert np.all(np.asarray(on).sum(axis=1) > 100)
    np.testing.assert_allclose(np.asarray(command)[np.asarray(on)], -20.0, rtol=1e-6)

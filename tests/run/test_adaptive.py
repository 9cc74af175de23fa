"""Steps that a run chooses: the same spikes as with fixed ones, nothing missed, nothing beyond the end."""

import dataclasses
import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from jaxsim.run.adaptive import grid_of
from tests.agreement.cable_theory import crossings
from tests.run.compilations import compilations

DT = 0.025


def n_steps(rec: js.Recording) -> int:
    return int(np.asarray(rec.step_ends).sum()) - 1


T_END = 100.0


def spiking(onsets: tuple[float, ...] = (5.0,), precision: str = "float64") -> js.Model:
    """A soma with HH and a passive dendrite; brief pulses, and two more whose amplitude is 0."""
    branches = [js.Branch([0.0, 20.0], 10.0), js.Branch([0.0, 200.0], 1.0, parent=0)]
    cell = js.Cell(js.from_branches(branches), js.PerBranch([1, 5])).insert(js.Leak(gbar=1e-4))
    cell.at(js.branches([0])).insert(js.HH())
    soma = cell.loc(0, 0.5)
    for onset in onsets:
        cell.stimulate(soma, js.Pulse(amp=1.0, start=onset, stop=onset + 2.0))
    cell.stimulate(soma, js.Pulse(amp=0.0, start=50.01, stop=50.11))
    cell.stimulate(soma, js.Pulse(amp=0.0, start=50.11, stop=50.21))
    cell.record([soma, cell.loc(1, 0.9)])
    return cell.record(soma, "HH.n").record(soma, "HH.i").compile(precision)


def adaptive(model: js.Model, *options: float, **more: object) -> js.Recording:
    return js.simulate(model, T_END, DT, method=js.Adaptive(*options), **more)


def fixed(model: js.Model, **more: object) -> js.Recording:
    return js.simulate(model, T_END, DT, method=js.TRBDF2(), **more)


def test_a_second_with_five_spikes_takes_a_tenth_of_the_steps(x64):
    """The same spikes as a run of fixed steps of an eighth of dt, within 0.01 ms."""
    model = spiking((50.0, 250.0, 450.0, 650.0, 850.0))
    rec = js.simulate(model, 1000.0, DT, method=js.Adaptive())
    fine = js.simulate(model, 1000.0, DT / 8, method=js.TRBDF2())
    found, expected = (crossings(np.asarray(r.t), np.asarray(r.v[0]), -20.0) for r in (rec, fine))
    assert found.size == expected.size == 5
    assert np.abs(found - expected).max() < 0.01
    assert n_steps(rec) < 40000 / 10


def test_what_is_recorded_lies_near_the_run_of_fixed_steps(x64):
    """Everywhere on the grid, in steps and between their ends; closer for a smaller tolerance."""
    model = spiking()
    expected, errors = fixed(model), []
    for tolerance in (1e-2, 1e-3, 1e-4):
        rec = adaptive(model, tolerance)
        errors.append(float(jnp.abs(rec.v - expected.v).max()))
        for what in ("HH.n", "HH.i"):  # gates come from half a step before instead of after
            allowed = (0.05 * errors[-1] + 1e-4) * float(jnp.abs(expected[what]).max())
            assert float(jnp.abs(rec[what] - expected[what]).max()) < allowed
    assert errors[0] > 3.0 * errors[1] > 9.0 * errors[2]
    assert errors[1] < 0.02


def test_with_nothing_tolerated_it_is_the_scheme_of_fixed_steps(x64):
    model = spiking()
    rec, expected = adaptive(model, 1e-300), fixed(model)
    assert bool(rec.step_ends.all())
    assert bool(expected.step_ends.all())
    np.testing.assert_allclose(rec.v, expected.v, atol=1e-9)


def test_single_precision_takes_long_steps_too():
    model = spiking(precision="float32")
    rec = adaptive(model)
    assert n_steps(rec) < 1000
    assert float(jnp.abs(rec.v - fixed(model).v).max()) < 0.02


@pytest.mark.parametrize("n_step", [1, 37, 1001])
def test_a_run_ends_where_it_was_asked_to(x64, n_step):
    cell = js.Cell(js.cylinder(20.0, 10.0), js.PerBranch(1)).insert(js.Leak(e=-70.0))
    model = cell.record(cell.loc(0, 0.5)).compile()
    rec = js.simulate(model, n_step * DT, DT, method=js.Adaptive(math.inf))
    assert rec.t.shape == (n_step + 1,)
    np.testing.assert_allclose(rec.t[-1], n_step * DT, rtol=1e-12)
    np.testing.assert_allclose(rec.state.clock.t, n_step * DT, rtol=1e-12)
    ends = np.flatnonzero(rec.step_ends)
    lengths = np.diff(ends)
    assert ends[0] == 0
    assert ends[-1] == n_step
    assert all(length & (length - 1) == 0 for length in lengths.tolist())
    assert np.all(ends[:-1] % lengths == 0)
    assert lengths.max() <= 128
    exact = -70.0 + 5.0 * np.exp(-n_step * DT / 10.0)  # tau = C / g = 1 uF/cm2 / 1e-4 S/cm2
    np.testing.assert_allclose(rec.v[0, -1], exact, atol=5e-3)


def test_the_longest_step_is_what_was_allowed(x64):
    model = spiking()
    for longest, most in ((0.8, 32), (1.0, 32), (1e-6, 1)):
        ends = np.flatnonzero(adaptive(model, math.inf, longest).step_ends)
        assert np.diff(ends).max() == most


def test_a_short_signal_without_charge_is_not_missed(x64):
    """A biphasic pulse of 0.2 ms, after a quiet stretch in which steps are of 3.2 ms."""
    model = spiking().set("Pulse.amp", jnp.array([0.0, 40.0, -40.0]))
    rec, expected = adaptive(model), fixed(model)
    assert float(jnp.ptp(expected.v[0])) > 5.0
    np.testing.assert_allclose(rec.v, expected.v, atol=0.01)


def test_charge_is_exact_in_steps_of_any_size(x64):
    """Without channels the voltage rises by Q / C, whatever the steps; ramps, and switches inside a step."""
    cell = js.Cell(js.cylinder(20.0, 10.0), js.PerBranch(1))
    here = cell.loc(0, 0.5)
    cell.stimulate(here, js.Ramp(first=0.0, last=0.05, start=3.3, stop=40.1))
    model = cell.stimulate(here, js.Pulse(amp=-0.03, start=11.11, stop=23.456)).record(here).compile()
    rec, expected = adaptive(model, math.inf), fixed(model)
    assert n_steps(rec) < 1400
    np.testing.assert_allclose(rec.v[0, -1], expected.v[0, -1], rtol=1e-12)


def test_a_clamp_is_held_and_its_switch_is_met(x64):
    """One that is switched on and off inside a step, and one whose command moves."""
    cell = js.Cell(js.cylinder(400.0, 2.0), js.PerBranch(5)).insert(js.HH(gbar_na=0.0))
    ends = cell.loc(0, 0.1), cell.loc(0, 1.0)
    cell.clamp(ends[0], js.VoltageClamp(-70.0, 10.01, 20.0)).record(ends[0], "VoltageClamp.i")
    command = -65.0 + 0.01 * (0.1 * np.arange(100)) ** 2
    cell.clamp(ends[1], js.VoltageSamples(command, dt=0.1, start=30.0)).record(ends[1], "VoltageSamples.i")
    model = cell.record([*ends, cell.loc(0, 0.5)]).compile()
    rec, expected = adaptive(model), fixed(model)
    np.testing.assert_allclose(rec.v, expected.v, atol=0.01)
    for what, share in (("VoltageClamp.i", 2e-3), ("VoltageSamples.i", 2e-2)):
        np.testing.assert_allclose(rec[what], expected[what], atol=share * float(jnp.abs(expected[what]).max()))
    assert n_steps(rec) < 2600


def test_the_current_of_a_clamp_is_followed(x64):
    """A held voltage tells nothing of the gates behind the current: all steps are dt."""
    cell = js.Cell(js.cylinder(20.0, 20.0), js.PerBranch(1)).insert(js.HH())
    soma = cell.loc(0, 0.5)
    cell.clamp(soma, js.VoltageClamp(-80.0, 0.0, 20.0)).clamp(soma, js.VoltageClamp(0.0, 20.0, 60.0))
    model = cell.record(soma, "VoltageClamp.i").compile()
    rec, expected = adaptive(model)["VoltageClamp.i"], fixed(model)["VoltageClamp.i"]
    np.testing.assert_allclose(rec, expected, atol=1e-5 * float(jnp.abs(expected).max()))


def test_other_values_and_tolerances_run_the_same_program(x64):
    model = spiking()
    adaptive(model)
    other = model.set("HH.gbar_na", 0.13)
    with compilations() as heard:
        adaptive(other, 1e-2)
    assert not heard


def test_a_batch_takes_the_same_steps(x64):
    """Short where any lane needs them; each lane is within the tolerance of what it is alone. Nested batches too."""
    model = spiking()
    onsets = jnp.array([5.0, 30.0, 60.0, 7.0])

    def one(onset: jax.Array) -> js.Recording:
        start = model.get("Pulse.start").at[0].set(onset)
        return adaptive(model.set("Pulse.start", start).set("Pulse.stop", start + 2.0))

    batch = jax.vmap(one)(onsets)
    assert bool((batch.step_ends == batch.step_ends[0]).all())
    for k, onset in enumerate(onsets):
        alone = one(onset)
        np.testing.assert_allclose(batch.v[k], alone.v, atol=0.02)
        assert n_steps(alone) < np.asarray(batch.step_ends[k]).sum() - 1
    nested = jax.vmap(jax.vmap(one))(onsets.reshape(2, 2))
    np.testing.assert_allclose(nested.v.reshape(batch.v.shape), batch.v, atol=1e-9)


def loss(model: js.Model, method: js.Adaptive, scale: jax.Array) -> jax.Array:
    """A number that depends on all that is recorded and on the last state."""
    for name, share in (("HH.gbar_na", 1.0), ("Pulse.amp", 0.7), ("ra", 0.3), ("v", 0.1)):
        model = model.set(name, model.get(name) * (1.0 + share * (scale - 1.0)))
    rec = js.simulate(model, T_END, DT, method=method)
    return jnp.mean((rec.v + 60.0) ** 2) + jnp.mean(rec["HH.n"]) + jnp.sum(rec.state.v)


def test_the_gradient_is_that_of_the_run(x64):
    """Equal to central differences where the stimulus alone decides over the steps."""
    f = jax.jit(partial(loss, spiking(), js.Adaptive(math.inf, 0.8)))
    slope = jax.jit(jax.grad(f))
    central = lambda h: (f(1.0 + h) - f(1.0 - h)) / (2.0 * h)  # noqa: E731
    np.testing.assert_allclose(slope(1.0), (4.0 * central(1e-4) - central(2e-4)) / 3.0, rtol=1e-7)


@pytest.mark.slow
def test_the_gradients_of_a_batch_are_those_of_its_lanes(x64):
    f = jax.grad(partial(loss, spiking(), js.Adaptive(math.inf, 0.8)))
    scales = jnp.array([0.9, 1.0, 1.1])
    alone = jax.jit(f)
    np.testing.assert_allclose(jax.jit(jax.vmap(f))(scales), [alone(x) for x in scales], rtol=1e-9)


@pytest.mark.slow
def test_the_gradient_by_a_tiny_amplitude_is_finite():
    model = spiking(precision="float32")
    f = lambda share: adaptive(model.set("Pulse.amp", share * jnp.array([1.0, 1.0, -1.0]))).v.mean()  # noqa: E731
    slope = jax.jit(jax.grad(f))
    for size in (0.0, 1e-30, 1e-21, 1e-18):
        assert bool(jnp.isfinite(slope(jnp.float32(size))))


@pytest.mark.slow
def test_the_gradient_is_near_that_of_fixed_steps(x64):
    model = spiking()
    a, b = (float(jax.jit(jax.grad(partial(loss, model, m)))(1.0)) for m in (js.Adaptive(), js.TRBDF2()))
    np.testing.assert_allclose(a, b, rtol=2e-3)


@pytest.mark.slow
def test_memory_of_a_gradient_grows_as_the_square_root_of_the_steps(x64):
    """Beyond what is recorded: half a MB for 40,000 intervals, 100 nodes."""
    cell = js.Cell(js.cylinder(1000.0, 1.0), js.PerBranch(100)).insert(js.HH())
    model = cell.stimulate(cell.loc(0, 0.0), js.Pulse(amp=0.5)).record(cell.loc(0, 1.0)).compile()

    def temporary(n_step: int) -> int:
        f = lambda g: jnp.mean(js.simulate(model.set("HH.gbar_na", g), n_step * DT, DT, method=js.Adaptive()).v)  # noqa: E731
        return jax.jit(jax.grad(f)).lower(0.12).compile().memory_analysis().temp_size_in_bytes

    few, many = temporary(2500), temporary(40000)
    per_interval = 8 * 40  # what acts, and what is recorded
    assert many - 40000 * per_interval < 4.5 * few


@pytest.mark.slow
def test_a_batch_of_models_runs_too(x64):
    """`vmap` over whole models batches integers: the general layout, where each lane takes its own steps."""
    model = spiking()
    models = jax.tree.map(lambda x: jnp.stack([x, x]), model)
    batch, alone = jax.vmap(adaptive)(models), adaptive(model)
    np.testing.assert_allclose(batch.v[1], alone.v, atol=1e-9)
    assert np.array_equal(batch.step_ends[0], alone.step_ends)
    shares = jnp.array([1.0, 1.1, 0.9])
    inner = lambda m: jax.vmap(lambda x: adaptive(m.set("HH.gbar_na", 0.12 * x)).v)(shares)  # noqa: E731
    np.testing.assert_allclose(jax.vmap(inner)(models)[1], inner(model), atol=1e-9)
    slopes = jax.vmap(jax.grad(lambda m: jnp.mean(adaptive(m).v[0]), allow_int=True))(models)
    alone = jax.grad(lambda m: jnp.mean(adaptive(m).v[0]), allow_int=True)(model)
    expected = alone.mechanisms["HH"].gbar_na
    np.testing.assert_allclose(slopes.mechanisms["HH"].gbar_na[0], expected, rtol=1e-9)


def test_a_run_is_continued_within_the_tolerance(x64):
    model = spiking()
    first = adaptive(model)
    whole = js.simulate(model, 2.0 * T_END, DT, method=js.TRBDF2())
    for second in (adaptive(model, state=first.state), fixed(model, state=first.state)):
        np.testing.assert_allclose(second.t[0], T_END)
        np.testing.assert_allclose(second.v, whole.v[:, whole.v.shape[1] // 2 :], atol=0.01)


def test_a_run_that_fails_ends(x64):
    """Numbers that are none are not tolerated: steps of dt to the end, and no endless loop."""
    model = spiking()
    rec = adaptive(dataclasses.replace(model, v=jnp.full_like(model.v, math.nan)))
    assert bool(rec.step_ends.all())
    assert bool(jnp.isnan(rec.v[0, -1]))


def test_what_cannot_be_is_refused():
    for wrong in ({"tolerance": 0.0}, {"tolerance": math.nan}, {"longest": 0.0}, {"longest": math.inf}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            js.Adaptive(**wrong)
    for wrong in ({"tolerance": "fine"}, {"longest": None}):
        with pytest.raises(TypeError, match=next(iter(wrong))):
            js.Adaptive(**wrong)
    assert grid_of(js.Adaptive(longest=1e307), 1000, DT).levels == 9
    with pytest.raises(TypeError, match="fixed steps"):
        js.step(None, None, DT, method=js.Adaptive())

"""Events that a point process sends to itself: pulses that end, clocks, values that are crossed."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from tests.run.cells import DT, passive

METHODS = [js.BackwardEuler(), js.CrankNicolson(), js.DampedCrankNicolson(), js.TRBDF2()]
every_method = pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)


class Kept(js.AbstractPointProcess):
    """A point process whose states only events change."""

    def update(self, v, state, dt):
        return {x: state[x] for x in self.initial(v)}


@js.struct
class Pulse(Kept):
    """A conductance that is open for a time after each event; it counts those that are open."""

    duration: js.units.ms = 2.0
    e: js.units.mV = 0.0

    def initial(self, v):
        return {"g": jnp.zeros_like(v), "open": jnp.zeros_like(v)}

    def receive(self, weight, v, state):
        begins = state["flag"] == 0.0
        return {"g": jnp.where(begins, weight, -weight), "open": jnp.where(begins, 1.0, -1.0)}

    def sends(self, weight, v, state):
        return ((jnp.where(state["flag"] == 0.0, self.duration, jnp.inf), 1.0),)

    def current(self, v, gate):
        return gate["g"] * (v - self.e)


@js.struct
class Narrow(Pulse):
    """A pulse of which only two can be open."""

    waiting = 2


@js.struct
class Wide(Pulse):
    """A pulse of which many can be open."""

    waiting = 16


@js.struct
class Clock(Kept):
    """A current that is switched on and off; it keeps when it was last switched."""

    first: js.units.ms = 1.0
    on: js.units.ms = 0.5
    off: js.units.ms = 0.7
    amp: js.units.nA = 0.1

    electrode = True

    def initial(self, v):
        return {"high": jnp.zeros_like(v), "last": jnp.zeros_like(v)}

    def sends_at_start(self, v):
        return ((self.first, 1.0),)

    def receive(self, weight, v, state):
        return {"high": 1.0 - 2.0 * state["high"], "last": state["t"] - state["last"]}

    def sends(self, weight, v, state):
        return ((jnp.where(state["high"] == 0.0, self.on, self.off), 1.0),)

    def current(self, v, gate):
        return self.amp * gate["high"]


@js.struct
class Watcher(Kept):
    """It counts how often the voltage rises above a threshold, and how often it falls below another one."""

    high: js.units.mV = -60.0
    low: js.units.mV = -68.0

    def initial(self, v):
        return {"rises": jnp.zeros_like(v), "falls": jnp.zeros_like(v), "at": jnp.zeros_like(v)}

    def crossings(self, v, state):
        return (v - self.high, 2.0), (self.low - v, 3.0)

    def receive(self, weight, v, state):
        rise, fall = state["flag"] == 2.0, state["flag"] == 3.0
        return {"rises": jnp.where(rise, 1.0, 0.0), "falls": jnp.where(fall, 1.0, 0.0), "at": state["t"] - state["at"]}

    def current(self, v, gate):
        return jnp.zeros_like(v)


def pulsed(process=None, times=(0.31, 1.013, 4.2), weight=2e-3):
    cell = passive()
    places = [cell.loc("soma"), cell.loc("basal", 0.5)]
    for place in places:
        cell.place(place, Pulse() if process is None else process, name="pulse")
    cell.send(js.SpikeTrain(times=times, weight=weight), places[0], "pulse", name="first")
    cell.send(js.SpikeTrain(times=(0.9,), weight=1e-3), places[0], "pulse", name="second")
    cell.send(js.SpikeTrain(times=(0.5, 2.0), weight=5e-4), places[1], "pulse", name="third")
    return cell.record(places).record(places, "pulse.g").record(places, "pulse.open")


@every_method
def test_pulses_begin_and_end(x64, method):
    rec = js.simulate(pulsed().compile(), 7.5, DT, method=method)
    t = np.asarray(rec.t)
    near = 0.5 if type(method) in (js.BackwardEuler, js.CrankNicolson) else 1.0  # rounded to steps, or the step's start

    def open_at(begins):
        return sum((t > b - (1 - near) * DT + 1e-6) & (t <= b + 2.0 - (1 - near) * DT + 1e-6) for b in begins)

    away = np.abs(np.subtract.outer(t, np.array([0.31, 1.013, 4.2, 0.9, 0.5, 2.0]))) % 2.0
    clear = np.all((away > 1.01 * DT) & (away < 2.0 - 1.01 * DT), axis=1)  # of the steps in which something happens
    soma = 2e-3 * open_at((0.31, 1.013, 4.2)) + 1e-3 * open_at((0.9,))
    assert clear.sum() > 200
    np.testing.assert_allclose(rec["pulse.g"][0, clear], soma[clear], atol=1e-17)
    np.testing.assert_allclose(rec["pulse.g"][1, clear], 5e-4 * open_at((0.5, 2.0))[clear], atol=1e-17)
    assert not rec["pulse.open"][:, -1].any()
    for count in rec["pulse.open"]:
        assert int(np.abs(np.diff(count)).sum()) in (8, 4)  # each one begins and ends once


@every_method
def test_pulses_on_the_grid_are_as_long_as_they_say(precision, method):
    rec = js.simulate(pulsed(times=(0.3, 1.0, 4.2)).compile(), 7.5, DT, method=method)
    assert int(rec["pulse.open"][1].sum()) == round(2 * 2.0 / DT)
    assert int(rec["pulse.open"][0].sum()) == round(4 * 2.0 / DT)


@pytest.mark.default_first
@every_method
def test_a_clock_goes_on_in_a_continued_run(precision, method):
    cell = passive()
    cell.place(cell.loc("soma"), Clock())
    model = cell.record(cell.loc("soma")).record(cell.loc("soma"), "Clock.high").compile()
    whole = js.simulate(model, 6.0, DT, method=method)
    begun = js.simulate(model, 1.3, DT, method=method)
    rest = js.simulate(model, 4.7, DT, method=method, state=begun.state)
    assert int(np.abs(np.diff(whole["Clock.high"][0])).sum()) == 9
    assert float(jnp.mean(whole["Clock.high"][0, 40:-8])) == pytest.approx(0.5 / 1.2, abs=0.05)
    for what in ("v", "Clock.high"):
        parts = np.concatenate([begun[what], rest[what][:, 1:]], axis=1)
        np.testing.assert_array_equal(parts, whole[what])


def test_times_do_not_drift(x64):
    cell = passive()
    cell.place(cell.loc("soma"), Clock(first=1.003, on=0.511, off=0.707))
    model = cell.record(cell.loc("soma"), "Clock.last").compile()
    last = np.unique(js.simulate(model, 21.0, DT)["Clock.last"][0])[1:]
    begins = 1.003 + (0.511 + 0.707) * np.arange(30)
    expected = np.sort(np.concatenate([begins, begins + 0.511]))
    assert len(last) == np.sum(expected < 20.9)
    np.testing.assert_allclose(last, expected[: len(last)], rtol=1e-12)


@every_method
def test_crossings_are_counted_once(x64, method):
    cell = passive()
    soma = cell.loc("soma")
    cell.place(soma, Watcher()).place(soma, Watcher(high=-200.0), name="above")
    cell.stimulate(soma, js.Sine(amp=1.5, frequency=300.0))
    cell.record(soma).record(soma, "Watcher.rises").record(soma, "Watcher.falls").record(soma, "Watcher.at")
    rec = js.simulate(cell.record(soma, "above.rises").compile(), 12.0, DT, method=method)
    v = np.asarray(rec.v[0])
    rises, falls = ((v[:-2] <= -60.0) & (v[1:-1] > -60.0)), ((v[:-2] >= -68.0) & (v[1:-1] < -68.0))
    assert rises.sum() >= 3
    assert falls.sum() >= 3
    assert (int(rec["Watcher.rises"][0, -1]), int(rec["Watcher.falls"][0, -1])) == (rises.sum(), falls.sum())
    assert float(rec["Watcher.at"][0, -1]) == pytest.approx(rec.t[1:-1][rises | falls][-1])
    assert int(rec["above.rises"][0, -1]) == 0


def test_one_event_too_many_is_no_number(precision):
    assert np.isfinite(js.simulate(pulsed(Narrow(duration=0.5)).compile(), 6.0, DT).v).all()
    v = js.simulate(pulsed(Narrow(duration=4.0), times=(0.3, 0.8, 1.3)).compile(), 6.0, DT).v
    assert np.isfinite(v[:, : round(1.2 / DT)]).all()
    assert np.isnan(v[:, -1]).all()


def test_more_events_than_happen_at_once_are_not_lost(x64):
    cell = passive()
    cell.place(cell.loc("soma"), Wide(duration=50.0))
    cell.send(js.SpikeTrain(times=np.full(11, 1.0), weight=1e-4), cell.loc("soma"), "Wide")
    rec = js.simulate(cell.record(cell.loc("soma"), "Wide.open").compile(), 2.0, DT)
    assert float(rec["Wide.open"][0, -1]) == 11.0


WAYS = [*((m, js.Checkpointed()) for m in METHODS), (js.DampedCrankNicolson(), js.Plain())]


@pytest.mark.default_first
@pytest.mark.parametrize(("method", "gradient"), WAYS, ids=lambda x: type(x).__name__)
def test_gradients_are_central_differences(x64, method, gradient):
    model = pulsed().compile()

    def loss(x):
        changed = model.set("first.weight", x[:1]).set("pulse.e", jnp.stack([x[1], x[1]]))
        return jnp.sum(js.simulate(changed, 4.0, DT, method=method, gradient=gradient).v[0] ** 2)

    at = jnp.array([2e-3, -10.0])
    found = jax.grad(loss)(at)
    for k, h in ((0, 1e-7), (1, 1e-3)):
        step = jnp.zeros(2).at[k].set(h)
        assert float(found[k]) == pytest.approx(float((loss(at + step) - loss(at - step)) / (2 * h)), rel=1e-6)


@pytest.mark.parametrize("n", [3, 40])
def test_a_batch_is_its_members(precision, n):
    model = pulsed().compile()
    run = lambda w, d: js.simulate(model.set("first.weight", w).set("pulse.duration", d), 4.0, DT).v  # noqa: E731
    draw = np.random.default_rng(n)
    weights = jnp.asarray(draw.uniform(1e-3, 3e-3, (n, 1)), precision)
    durations = jnp.asarray(draw.uniform(0.3, 2.0, (n, 2)), precision)
    batch = jax.vmap(run)(weights, durations)
    slope = jax.grad(lambda w, d: jnp.mean(run(w, d) ** 2))
    gradients = jax.vmap(slope)(weights, durations)
    for k in (0, 1, n - 1):
        np.testing.assert_allclose(batch[k], run(weights[k], durations[k]), rtol=2e-6)
        np.testing.assert_allclose(gradients[k], slope(weights[k], durations[k]), rtol=1e-4)


def test_what_cannot_be_is_named():
    cell = passive()
    cell.place(cell.loc("soma"), Clock())
    with pytest.raises(ValueError, match=r"steps of one size where events arrive, as of Clock, got 'Adaptive'"):
        js.simulate(cell.compile(), 1.0, DT, method=js.Adaptive())
    no_room = js.struct(type("NoRoom", (Clock,), {"waiting": 0}))
    bad = passive()
    bad.place(bad.loc("soma"), no_room())
    with pytest.raises(ValueError, match=r"NoRoom\.waiting must be at least 1, got 0"):
        bad.compile()
    blind = js.struct(type("Blind", (Watcher,), {"crossings": lambda self, v, state: ((state["w"], 1.0),)}))
    bad = passive()
    bad.place(bad.loc("soma"), blind())
    with pytest.raises(TypeError, match=r"Blind\.crossings asks for the state 'w'"):
        bad.compile()

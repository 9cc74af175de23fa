"""Events: trains of spikes sent to synapses, at instants inside steps, differentiated, batched, continued."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from jaxsim.io.spec_file import load_spec, save_spec
from tests.run.cells import DT, passive

METHODS = [js.BackwardEuler(), js.CrankNicolson(), js.DampedCrankNicolson(), js.TRBDF2()]
SECOND = [js.DampedCrankNicolson(), js.TRBDF2()]
named = lambda m: type(m).__name__  # noqa: E731
every_method = pytest.mark.parametrize("method", METHODS, ids=named)
second_order = pytest.mark.parametrize("method", SECOND, ids=named)
TIMES = (0.31, 1.013, 1.037, 2.513)


@js.struct
class Injecting(js.AbstractPointProcess):
    """A current that jumps at an event and decays."""

    tau: js.units.ms = 0.5

    def rates(self, v):
        return {"i": js.inf_tau(jnp.zeros_like(v), self.tau)}

    def receive(self, weight, v, state):
        return {"i": weight}

    def current(self, v, gate):
        return -gate["i"]


@js.struct
class Saturating(js.AbstractPointProcess):
    """An event opens a share of what is closed."""

    tau: js.units.ms = 2.0
    g: js.units.uS = 1e-2

    def rates(self, v):
        return {"open": js.inf_tau(jnp.zeros_like(v), self.tau)}

    def receive(self, weight, v, state):
        return {"open": weight * (1.0 - state["open"])}

    def current(self, v, gate):
        return self.g * gate["open"] * v


def with_synapses(times=TIMES, weight=2e-3, delay=0.2, synapse=None, end=1.0):
    """A branched cell with a synapse at three kinds of places, of which one has two trains and one has none."""
    cell = passive()
    synapse = js.Exp2Syn(tau1=0.3, tau2=1.7, e=0.0) if synapse is None else synapse
    places = [cell.loc("soma"), cell.loc("basal", end), cell.loc("basal", 0.5)]
    for place in places:
        cell.place(place, synapse, name="syn")
    cell.send(js.SpikeTrain(times=times, weight=weight, delay=delay), places[0], "syn")
    cell.send(js.SpikeTrain(times=[2.2, 0.7], weight=0.5 * weight), places[1], "syn")
    cell.send(js.SpikeTrain(times=[1.5], weight=0.7 * weight), places[0], "syn")
    return cell.record(places)


def of_one_train(weight, times, tau, delay):
    """The last voltage of a model whose train is changed after it was compiled."""
    model = with_synapses().compile()
    model = model.set("SpikeTrain.weight", weight).set("SpikeTrain.times", times)
    return model.set("syn.tau2", tau).set("SpikeTrain.delay", delay)


@second_order
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_the_charge_of_an_event_is_its_integral(x64, method, share):
    """weight * tau, wherever in a step it arrives, to second order: what the capacitor of a closed cell has at last."""
    errors = []
    for dt in (0.05, 0.025):
        cell = js.point_neuron(Injecting(tau=0.5), capacitance=0.1, v=-65.0)
        cell.send(js.SpikeTrain(times=[(20 + share) * dt], weight=0.2), cell.loc(0), "Injecting")
        end = js.simulate(cell.record(cell.loc(0)).compile(), 20.0, dt, method=method).v[0, -1]
        errors.append(float(end) - (-65.0 + 0.2 * 0.5 / 0.1))
    assert abs(errors[0]) < 2e-3
    assert abs(errors[1]) < abs(errors[0]) / 3.7 + 1e-9


@pytest.mark.default_first
@second_order
def test_voltages_are_of_second_order(x64, method):
    model = with_synapses(end=0.9).compile()
    fine = js.simulate(model, 5.0, 0.1 / 64, method=js.TRBDF2()).v[:, ::64]
    errors = []
    for n in (1, 2, 4, 8):
        v = js.simulate(model, 5.0, 0.1 / n, method=method).v[:, ::n]
        errors.append(float(np.abs(v - fine).max()))
    assert errors[3] < errors[0] / 40.0  # 64, and what the instants' places in the steps add
    assert errors[3] < 1e-3


@pytest.mark.parametrize("method", [js.BackwardEuler(), js.CrankNicolson()], ids=named)
def test_events_arrive_at_the_nearest_step(x64, method):
    at, early, late = (js.simulate(with_synapses([t]).compile(), 4.0, 0.1, method=method).v for t in (1.0, 0.96, 1.04))
    np.testing.assert_array_equal(early, at)
    np.testing.assert_array_equal(late, at)
    other = js.simulate(with_synapses([1.06]).compile(), 4.0, 0.1, method=method).v
    assert np.abs(other - at).max() > 1e-2


@pytest.mark.default_first
@every_method
def test_the_order_of_times_and_those_that_never_come_do_not_matter(precision, method):
    first = js.simulate(with_synapses().compile(), 4.0, DT, method=method).v
    times = [2.513, np.inf, 1.013, 0.31, 1e6, -3.0, 1.037]
    np.testing.assert_array_equal(js.simulate(with_synapses(times).compile(), 4.0, DT, method=method).v, first)


@every_method
def test_an_event_at_the_start_counts_and_one_at_the_end_is_for_the_next_run(precision, method):
    model = with_synapses([-0.2, 1.8]).compile()
    first = js.simulate(model, 2.0, DT, method=method)
    none = js.simulate(with_synapses([np.inf]).compile(), 2.0, DT, method=method)
    only_first = js.simulate(with_synapses([-0.2]).compile(), 2.0, DT, method=method)
    np.testing.assert_array_equal(first.v, only_first.v)
    assert np.abs(first.v - none.v).max() > 0.1


@pytest.mark.default_first
@every_method
def test_a_continued_run_is_one_long_run(precision, method):
    """To the bit, with events on both sides of the cut and at it."""
    model = with_synapses([0.4, 0.8 - 1e-3, 0.8, 0.8 + 1e-3, 1.0]).compile()
    whole = js.simulate(model, 2.0, DT, method=method)
    first = js.simulate(model, 1.0, DT, method=method)
    second = js.simulate(model, 1.0, DT, method=method, state=first.state)
    np.testing.assert_array_equal(np.concatenate([first.v, second.v[:, 1:]], axis=1), whole.v)
    state = first.state
    for _ in range(3):
        state = js.step(model, state, DT, method=method)
    np.testing.assert_allclose(state.v, js.simulate(model, 1.0 + 3 * DT, DT, method=method).state.v, rtol=1e-6)


@pytest.mark.default_first
@second_order
@pytest.mark.parametrize("gradient", [js.Checkpointed(), js.Plain()], ids=named)
def test_gradients_are_central_differences(x64, method, gradient):
    """Also in the times of events and the delays: instants inside a step are seen."""

    def loss(weight, times, tau, delay):
        model = of_one_train(weight, times, tau, delay)
        v = js.simulate(model, 4.0, 0.05, method=method, gradient=gradient).v
        return (v[:, ::7] ** 2).sum() / 100.0

    times = jnp.stack(
        [jnp.pad(jnp.asarray(x), (0, 4 - len(x)), constant_values=jnp.inf) for x in (TIMES, [2.213, 0.71])]
    )
    times = jnp.concatenate([times, jnp.asarray([[1.513, jnp.inf, jnp.inf, jnp.inf]])])
    at = [jnp.asarray([2e-3, 1e-3, 1.4e-3]), times, jnp.asarray([1.7, 1.1, 2.0]), jnp.asarray([0.2, 0.0, 0.013])]
    slopes = jax.grad(loss, (0, 1, 2, 3))(*at)
    assert np.isfinite(slopes[1]).all()
    assert np.all(slopes[1][jnp.isinf(times)] == 0.0)
    for k, index, h in ((0, (0,), 1e-6), (0, (2,), 1e-6), (1, (0, 1), 1e-5), (1, (1, 0), 1e-5), (2, (0,), 1e-5),
                        (3, (0,), 1e-5), (3, (2,), 1e-5)):  # fmt: skip
        up, down = (loss(*[x.at[index].add(s * h) if j == k else x for j, x in enumerate(at)]) for s in (1.0, -1.0))
        np.testing.assert_allclose(slopes[k][index], (up - down) / (2.0 * h), rtol=2e-5)
    assert slopes[2][2] == 0.0  # a synapse without events


def test_forward_mode_is_reverse_mode(x64):
    def end(weight, gradient):
        model = with_synapses().compile().set("SpikeTrain.weight", weight)
        return js.simulate(model, 2.0, 0.05, gradient=gradient).v[:, -1].sum()

    at = jnp.asarray([2e-3, 1e-3, 1.4e-3])
    forward = jax.jacfwd(lambda w: end(w, js.Plain()))(at)
    np.testing.assert_allclose(forward, jax.grad(lambda w: end(w, js.Checkpointed()))(at), rtol=1e-10)


@pytest.mark.default_first
@every_method
def test_a_batch_is_its_members(precision, method):
    weights = jnp.asarray([[0.0, 0.0, 0.0], [1e-3, 2e-3, 3e-3], [4e-3, 0.0, 1e-3]], precision)
    delays = jnp.asarray([[0.0, 0.1, 0.2], [0.31, 0.0, 0.0], [1.0, 2.0, 0.033]], precision)
    model = with_synapses().compile()

    def run(weight, delay):
        return js.simulate(
            model.set("SpikeTrain.weight", weight).set("SpikeTrain.delay", delay), 3.0, DT, method=method
        ).v

    together = jax.vmap(run)(weights, delays)
    for k in range(3):
        atol = 1e-4 if precision == np.float32 else 1e-10
        np.testing.assert_allclose(together[k], run(weights[k], delays[k]), atol=atol)


def test_other_trains_run_the_same_program(x64):
    model = with_synapses().compile()
    js.simulate(model, 1.0, DT)
    with jax.log_compiles(False):
        before = js.run.simulate._run._cache_size() if hasattr(js.run, "simulate") else None
    other = model.set("SpikeTrain.weight", 1e-4).set("SpikeTrain.times", model.get("SpikeTrain.times") + 0.1)
    assert np.abs(js.simulate(other, 1.0, DT).v - js.simulate(model, 1.0, DT).v).max() > 0.0
    if before is not None:
        assert js.run.simulate._run._cache_size() == before


@every_method
def test_an_event_may_depend_on_the_state(x64, method):
    """Each of three events opens half of what is closed; two of them in one step see the same."""
    cell = js.point_neuron(Saturating(tau=1e9), v=-65.0)
    cell.send(js.SpikeTrain(times=[1.0, 2.0, 3.0], weight=0.5), cell.loc(0), "Saturating")
    recording = js.simulate(cell.record(cell.loc(0), "Saturating.open").compile(), 4.0, DT, method=method)
    opened = recording["Saturating.open"][0]
    np.testing.assert_allclose([opened[int(t / DT) + 1] for t in (0.5, 1.5, 2.5, 3.5)], [0.0, 0.5, 0.75, 0.875])
    cell.send(js.SpikeTrain(times=[1.0], weight=0.5), cell.loc(0), "Saturating", name="more")
    more = js.simulate(cell.compile(), 1.5, DT, method=method)["Saturating.open"][0, -1]
    assert 0.7 < more <= 1.0


def test_an_ion_moves_the_reversal_potential(x64):
    """A synapse that reads an ion follows it, in what an event adds too."""

    @js.struct
    class Reading(Saturating):
        reads = {"e": "k.e"}
        e: js.units.mV = 0.0

        def receive(self, weight, v, state):
            return {"open": weight * self.e}

    cell = js.point_neuron(Reading(tau=1e9)).insert(js.Potassium(inside=54.4, outside=2.5))
    cell.send(js.SpikeTrain(times=[1.0], weight=1e-3), cell.loc(0), "Reading").record(cell.loc(0), "Reading.open")
    cell.record(cell.loc(0), "k.e")
    recording = js.simulate(cell.compile(), 2.0, DT)
    np.testing.assert_allclose(recording["Reading.open"][0, -1], 1e-3 * recording["k.e"][0, -1], rtol=1e-8)


@js.struct
class Depressing(js.AbstractPointProcess):
    """A current that each connection gives from a store of its own, which fills again (Tsodyks & Markram 1997)."""

    tau: js.units.ms = 1.0
    recovery: js.units.ms = 10.0
    share: js.units.dimensionless = 0.4

    def rates(self, v):
        return {"flow": js.inf_tau(jnp.zeros_like(v), self.tau)}

    def connection(self):
        return {"left": 1.0 - 0.0 * self.share, "last": 0.0}

    def receive(self, weight, v, state):
        left = 1.0 - (1.0 - state["left"]) * js.exp((state["last"] - state["t"]) / self.recovery)
        spent = self.share * left
        return {"flow": weight * spent, "left": left - spent - state["left"], "last": state["t"] - state["last"]}

    def current(self, v, gate):
        return -gate["flow"]


def depressing(times):
    """Two connections to one synapse of two, the second with one event."""
    cell = passive()
    for x in (0.4, 0.8):
        cell.place(cell.loc("basal", x), Depressing())
    cell.send(js.SpikeTrain(times=times, weight=0.05), cell.loc("basal", 0.8), "Depressing")
    cell.send(js.SpikeTrain(times=[3.0], weight=0.02), cell.loc("basal", 0.8), "Depressing")
    return cell.record(cell.loc("basal", 0.8), "Depressing.flow").record(cell.loc("soma")).compile()


def released(times, weight=0.05, recovery=10.0, share=0.4):
    """What each event of one connection adds."""
    left, last, found = 1.0, 0.0, []
    for t in times:
        left = 1.0 - (1.0 - left) * np.exp((last - t) / recovery)
        found.append(weight * share * left)
        left, last = left * (1.0 - share), t
    return found


def test_each_connection_keeps_its_own_numbers(precision):
    times = [1.0, 2.0, 2.5, 6.0]
    recording = js.simulate(depressing(times), 8.0, DT, method=js.BackwardEuler())
    t = np.asarray(recording.t, float)
    jumps = [*zip(times, released(times), strict=True), (3.0, released([3.0], weight=0.02)[0])]
    exact = sum(np.where(t > s + DT / 2, jump * np.exp(-(t - s)), 0.0) for s, jump in jumps)
    atol = 1e-6 if precision == np.float32 else 1e-12
    np.testing.assert_allclose(recording["Depressing.flow"][0], exact, atol=atol)


@pytest.mark.default_first
@every_method
def test_a_continued_run_keeps_the_numbers(precision, method):
    model = depressing([1.0, 2.0, 2.5, 6.0])
    whole = js.simulate(model, 4.0, DT, method=method)
    first = js.simulate(model, 2.2, DT, method=method)
    second = js.simulate(model, 1.8, DT, method=method, state=first.state)
    np.testing.assert_array_equal(np.concatenate([first.v, second.v[:, 1:]], axis=1), whole.v)
    assert set(first.state.gates["SpikeTrain"]) == {"left", "last"}
    assert first.state.gates["SpikeTrain"]["left"][1] == 1.0
    with pytest.raises(ValueError, match=r"must come from a model with"):
        js.simulate(with_synapses().compile(), 1.0, DT, state=first.state)


def test_gradients_through_the_numbers_are_central_differences(x64):
    model = depressing([1.0, 2.0, 2.5, 6.0])

    def loss(p):
        now = model.set("Depressing.recovery", p["recovery"]).set("Depressing.share", p["share"])
        return (js.simulate(now.set("SpikeTrain.weight", p["weight"]), 8.0, 0.05).v ** 2).sum() / 1e4

    at = {"recovery": jnp.asarray(8.0), "share": jnp.asarray(0.35), "weight": jnp.asarray(0.04)}
    slopes = jax.grad(loss)(at)
    for k, x in at.items():
        up, down = (loss({**at, k: x * (1.0 + s * 1e-4)}) for s in (1.0, -1.0))
        np.testing.assert_allclose(slopes[k], (up - down) / (2e-4 * x), rtol=1e-6)


def test_a_number_that_is_a_state_is_refused():
    @js.struct
    class Twice(Depressing):
        def connection(self):
            return {"flow": 0.0}

    cell = js.point_neuron(Twice())
    with pytest.raises(ValueError, match=r"a number of a connection of Twice must be no state"):
        cell.send(js.SpikeTrain(times=[1.0]), cell.loc(0), "Twice").compile()


def test_equal_rise_and_decay_are_finite(precision):
    """The two exponentials of Exp2Syn would cancel."""

    def end(tau1):
        model = with_synapses(synapse=js.Exp2Syn(tau1=1.7, tau2=1.7)).compile().set("syn.tau1", tau1)
        return js.simulate(model, 2.0, 0.05).v.sum()

    value, slope = jax.value_and_grad(end)(jnp.asarray(1.7, precision))
    assert np.isfinite(value)
    assert np.isfinite(slope)


def test_the_peak_of_two_exponentials_is_the_weight(x64):
    cell = js.point_neuron(js.Exp2Syn(tau1=0.5, tau2=4.0))
    cell.send(js.SpikeTrain(times=[1.0], weight=3e-3), cell.loc(0), "Exp2Syn")
    cell.record(cell.loc(0), "Exp2Syn.A").record(cell.loc(0), "Exp2Syn.B")
    recording = js.simulate(cell.compile(), 10.0, 0.01)
    g = recording["Exp2Syn.B"][0] - recording["Exp2Syn.A"][0]
    assert float(g.max()) == pytest.approx(3e-3, rel=1e-4)


def test_a_file_keeps_the_trains(x64, tmp_path):
    model = with_synapses().compile()
    save_spec(model.set("SpikeTrain.weight", 1e-4).spec, tmp_path / "cell.npz")
    again = js.compile_model(load_spec(tmp_path / "cell.npz"))
    np.testing.assert_array_equal(again.get("SpikeTrain.times"), model.get("SpikeTrain.times"))
    expected = js.simulate(model.set("SpikeTrain.weight", 1e-4), 2.0, DT).v
    np.testing.assert_array_equal(js.simulate(again, 2.0, DT).v, expected)


def test_what_cannot_be_sent_is_refused():
    cell = js.point_neuron(js.ExpSyn()).insert(js.Leak())
    here, train = cell.loc(0), js.SpikeTrain(times=[1.0])
    with pytest.raises(TypeError, match=r"be a SpikeTrain"):
        cell.send([1.0], here, "ExpSyn")
    with pytest.raises(KeyError, match=r"no point process 'Exp'; did you mean 'ExpSyn'"):
        cell.send(train, here, "Exp")
    with pytest.raises(KeyError, match="Place it first"):
        cell.send(train, here, "Leak")
    with pytest.raises(ValueError, match="row of times"):
        cell.send(js.SpikeTrain(times=1.0), here, "ExpSyn")
    with pytest.raises(ValueError, match=r"delay must not be negative \[ms\], got -1"):
        cell.send(js.SpikeTrain(times=[1.0], delay=-1.0), here, "ExpSyn")
    with pytest.raises(ValueError, match="NaN"):
        cell.send(js.SpikeTrain(times=[float("nan")]), here, "ExpSyn")
    with pytest.raises(ValueError, match="weight must be finite"):
        cell.send(js.SpikeTrain(times=[1.0], weight=float("inf")), here, "ExpSyn")
    with pytest.raises(ValueError, match="unused"):
        cell.send(train, here, "ExpSyn", name="Leak")
    cell.send(train, here, "ExpSyn")
    with pytest.raises(ValueError, match="unused"):
        cell.insert(js.HH(), name="SpikeTrain")
    cell.place(here, js.Exp2Syn())
    with pytest.raises(ValueError, match="be 'ExpSyn', got 'Exp2Syn'"):
        cell.send(train, here, "Exp2Syn")
    cell.place(here, js.ExpSyn())
    with pytest.raises(ValueError, match="name of its own"):
        cell.send(train, here, "ExpSyn", name="other")
    with pytest.raises(ValueError, match="steps of one size where events arrive"):
        js.simulate(js.point_neuron(js.ExpSyn()).send(train, here, "ExpSyn").compile(), 1.0, DT, method=js.Adaptive())


def test_a_process_that_receives_nothing_is_named():
    cell = js.point_neuron(js.LeakyIntegrator())
    cell.send(js.SpikeTrain(times=[1.0]), cell.loc(0), "LeakyIntegrator")
    with pytest.raises(TypeError, match=r"say what they add to its states.*Write LeakyIntegrator.receive"):
        cell.compile()


def test_an_event_that_adds_to_no_state_is_named():
    @js.struct
    class Wrong(Saturating):
        def receive(self, weight, v, state):
            return {"opne": weight}

    cell = js.point_neuron(Wrong()).send(js.SpikeTrain(times=[1.0]), js.point_neuron().loc(0), "Wrong")
    with pytest.raises(KeyError, match=r"opne.*did you mean 'open'"):
        cell.compile()

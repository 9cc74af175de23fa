"""simulate: what comes out, what is refused, what is recorded."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from tests.run import cells
from tests.run.cells import DT, driven, model, passive

T_END = 90 * DT


def recording(precision: np.dtype) -> js.Recording:
    return js.simulate(model(precision), T_END, DT)


def test_times_and_shapes(precision):
    rec = recording(precision)
    assert rec.t.shape == (91,)
    np.testing.assert_allclose(rec.t, DT * np.arange(91), rtol=1e-6)
    assert rec.v.shape == (3, 91)
    assert {what: rows.shape for what, rows in rec.values.items()} == {
        "v": (3, 91), "HH.m": (1, 91), "HH.i": (1, 91), "VoltageClamp.i": (1, 91)
    }  # fmt: skip


def test_everything_is_in_the_models_precision(precision):
    rec = recording(precision)
    floats = [x for x in jax.tree.leaves(rec) if jnp.issubdtype(x.dtype, jnp.floating)]
    assert {x.dtype for x in floats} == {precision}


def test_a_single_precision_model_runs_where_double_is_enabled(x64):
    rec = js.simulate(passive().record(js.Location(0, 0.5)).compile(jnp.float32), 0.5)
    assert rec.v.dtype == np.float32


def test_the_first_sample_is_the_initial_state(precision):
    rec = recording(precision)
    start = jax.jit(js.init)(model(precision))
    np.testing.assert_array_equal(rec.v[:, 0], np.full(3, -65.0, precision))
    assert float(rec["HH.m"][0, 0]) == pytest.approx(float(start.gates["HH"]["m"][0]), rel=1e-6)


def test_recorded_current_is_the_channels_own(x64):
    """HH.i is current(v, gates) of the sample's voltage and gates."""
    cell = js.Cell(js.cylinder(20.0, 10.0)).insert(js.HH())
    here = cell.loc(0, 0.5)
    cell.stimulate(here, js.Pulse(amp=0.5))
    for what in ("v", "HH.m", "HH.h", "HH.n", "HH.i"):
        cell.record(here, what)
    rec = js.simulate(cell.compile(), 3.0)
    expected = sum(js.HH().current(rec.v, {x: rec[f"HH.{x}"] for x in "mhn"}).values())
    np.testing.assert_allclose(rec["HH.i"], expected, rtol=1e-12, atol=1e-14)
    assert np.ptp(rec["HH.i"]) > 0.1


def test_many_probes_in_the_order_in_which_they_were_placed():
    cell = passive(n=4)
    cell.at("basal").set("v", [-60.0, -61.0, -62.0, -63.0])
    places = [cell.loc(1, 0.9), cell.loc(0, 0.5), cell.loc(1, 0.1), cell.loc(1, 0.9), cell.loc(1, 0.6)]
    rec = js.simulate(cell.record(places).compile(), 0.1)
    assert rec.v[:, 0].tolist() == [-63.0, -65.0, -60.0, -63.0, -62.0]
    np.testing.assert_array_equal(rec.v[0], rec.v[3])
    assert rec.labels() == ["basal(0.9)", "soma(0.5)", "basal(0.1)", "basal(0.9)", "basal(0.6)"]


def test_what_is_recorded_elsewhere_does_not_move_a_sample(x64):
    """A probe on a branch's end keeps a node in the system that would be left out; the solution is the same."""
    few, many = passive(), passive()
    soma = few.loc("soma")
    for cell in (few, many):
        cell.stimulate(soma, js.Pulse(amp=0.5)).record(soma)
    many.record([many.loc("soma", 0.0), many.loc("soma", 1.0), many.loc("basal", 1.0)])
    a, b = (js.simulate(cell.compile(), 2.0).v[0] for cell in (few, many))
    np.testing.assert_allclose(a, b, rtol=1e-12)


def test_two_names_are_two_quantities():
    rec = recording(np.dtype("float32"))
    assert rec.labels("HH.m") == ["soma(0.5)"]
    with pytest.raises(KeyError, match=r"no recorded quantity 'HH\.h'.*cell\.record"):
        rec["HH.h"]


def test_a_cell_without_probes_still_runs():
    rec = js.simulate(passive().compile(), 0.5)
    assert rec.values == {}
    assert float(rec.state.clock.t) == pytest.approx(0.5)


@pytest.mark.parametrize("method", [js.BackwardEuler(), js.CrankNicolson()], ids=lambda m: type(m).__name__)
def test_step_is_one_step_of_simulate(x64, method):
    cell = model(np.dtype("float64"))
    one = jax.jit(lambda s: js.step(cell, s, DT, method=method))
    state = jax.jit(js.init)(cell)
    for _ in range(30):
        state = one(state)
    whole = js.simulate(cell, 30 * DT, DT, method=method).state
    np.testing.assert_allclose(state.v, whole.v, rtol=1e-11)
    assert float(state.clock.t) == pytest.approx(float(whole.clock.t), rel=1e-12)
    for a, b in zip(jax.tree.leaves(state.gates), jax.tree.leaves(whole.gates), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)


@pytest.fixture(scope="module")
def quick() -> js.Model:
    return cells.quick()


def test_a_model_may_be_an_argument_of_jit(quick):
    inside = jax.jit(lambda m: js.simulate(m, 1.0, DT).v)(quick)
    np.testing.assert_allclose(inside, js.simulate(quick, 1.0, DT).v, rtol=1e-6)


def test_vmap_equals_a_loop(quick):
    amps = jnp.asarray([0.0, 0.5, 1.0])
    together = jax.vmap(lambda a: js.simulate(quick.set("Pulse.amp", a), 1.0, DT).v)(amps)
    for row, amp in zip(together, amps, strict=True):
        np.testing.assert_allclose(row, js.simulate(quick.set("Pulse.amp", amp), 1.0, DT).v, rtol=1e-6)
    assert float(jnp.ptp(together[:, 0, -1])) > 1.0


# Errors


@pytest.mark.parametrize(
    ("t_end", "dt", "nearest"),
    [(1.01, 0.025, "1"), (1.013, 0.025, "1.025"), (0.01, 0.025, "0.025"), (50.0, 0.3, "50.1")],
)
def test_t_end_is_a_whole_number_of_steps(quick, t_end, dt, nearest):
    with pytest.raises(ValueError, match=rf"t_end must be a whole number of steps.*Nearest: {nearest} ms"):
        js.simulate(quick, t_end, dt)


@pytest.mark.parametrize("dt", [0.025, 0.1, 0.0125, 1 / 3, 0.7, np.float32(0.025)])
def test_decimal_steps_count_as_whole(dt):
    from jaxsim.run.simulate import _whole_steps

    for n in (1, 3, 7, 400, 4000, 39999):
        assert _whole_steps(n * float(dt), dt) == n


def test_half_a_step_too_much_is_refused_in_a_long_run(quick):
    from jaxsim.run.simulate import _whole_steps

    with pytest.raises(ValueError, match="whole number"):
        _whole_steps(25000.0125, 0.025)


@pytest.mark.parametrize("dt", [0.0, -0.025, float("nan"), float("inf")])
def test_dt_is_positive_and_finite(quick, dt):
    with pytest.raises(ValueError, match="dt must be positive and finite"):
        js.simulate(quick, 1.0, dt)


@pytest.mark.parametrize("t_end", [0.0, -1.0, float("nan"), float("inf")])
def test_t_end_is_positive_and_finite(quick, t_end):
    with pytest.raises(ValueError, match="t_end must be positive and finite"):
        js.simulate(quick, t_end)


def test_a_cell_is_no_model():
    with pytest.raises(TypeError, match=r"model must be what cell\.compile\(\) returns, got 'Cell'"):
        js.simulate(driven(), 1.0)


def test_a_method_is_an_object(quick):
    with pytest.raises(TypeError, match="method must be a scheme object"):
        js.simulate(quick, 1.0, method=js.BackwardEuler)


# Pictures


def test_plot_draws_a_labelled_line_for_each_row():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    rec = recording(np.dtype("float32"))
    axes = rec.plot()
    assert [line.get_label() for line in axes.lines] == rec.labels() == ["soma(0.5)", "basal(1)", "basal(0.3)"]
    np.testing.assert_array_equal(axes.lines[2].get_ydata(), rec.v[2])
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("t (ms)", "v (mV)")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == rec.labels()
    pyplot.close(axes.figure)


def test_plot_draws_into_given_axes():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    figure, axes = pyplot.subplots()
    assert recording(np.dtype("float32")).plot("HH.m", ax=axes) is axes
    assert len(axes.lines) == 1
    assert axes.get_ylabel() == "HH.m"
    pyplot.close(figure)

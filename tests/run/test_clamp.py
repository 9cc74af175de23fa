"""The ideal voltage clamp holds its node to the bit, and reports the current that this takes."""

import jax
import numpy as np
import pytest

import jaxsim as js
from tests.run.cells import DT, passive

METHODS = [js.BackwardEuler(), js.CrankNicolson(), js.DampedCrankNicolson(), js.TRBDF2()]
named = lambda m: type(m).__name__  # noqa: E731
every_method = pytest.mark.parametrize("method", METHODS, ids=named)


def clamped(place: js.Location, clamp: js.AbstractClamp, **options) -> js.Recording:
    cell = passive()
    cell.clamp(place, clamp).record(place).record(place, f"{type(clamp).__name__}.i")
    return js.simulate(cell.compile(), 40 * DT, DT, **options)


@every_method
def test_nodes_are_held_exactly(precision, method):
    """In the middle of a branch, at its end, and at the soma's start, where there is no membrane."""
    cell = passive()
    places = [cell.loc("soma", 0.5), cell.loc("basal", 1.0), cell.loc("soma", 0.0)]
    for place, v in zip(places, [-21.7, -90.3, -35.1], strict=True):
        cell.clamp(place, js.VoltageClamp(v=v))
    rec = js.simulate(cell.record(places).compile(), 40 * DT, DT, method=method)
    expected = np.array([-21.7, -90.3, -35.1], precision)
    np.testing.assert_array_equal(rec.v[:, 1:], np.tile(expected[:, None], 40))


@pytest.mark.parametrize("start", [0.0, 0.25])
@pytest.mark.parametrize("method", [js.BackwardEuler(), js.DampedCrankNicolson(), js.TRBDF2()], ids=named)
def test_an_end_beside_a_held_compartment_has_its_voltage_at_once(x64, method, start):
    """A node without area whose only neighbour jumps to 0 mV carries no current: it is at 0 mV too."""
    cell = js.Cell(js.cylinder(50.0, 1.0)).insert(js.Leak())
    cell.clamp(cell.loc(0, 0.5), js.VoltageClamp(v=0.0, start=start)).record([cell.loc(0, 1.0), cell.loc(0, 0.0)])
    rec = js.simulate(cell.compile(), 0.5, DT, method=method)
    held = np.asarray(rec.t) > start + 1e-9
    np.testing.assert_allclose(rec.v[:, held], 0.0, atol=1e-9)
    np.testing.assert_allclose(rec.v[:, ~held], -65.0, rtol=1e-6)


def test_the_window_is_from_start_to_stop():
    rec = clamped(js.Location(0, 0.5), js.VoltageClamp(v=-20.0, start=0.25, stop=0.5))
    held = np.asarray(rec.v[0]) == -20.0
    assert np.flatnonzero(held).tolist() == list(
        range(11, 21)
    )  # from the step that begins at 0.25 to the one that ends at 0.5
    assert np.flatnonzero(np.asarray(rec["VoltageClamp.i"][0]) != 0.0).tolist() == list(range(11, 21))


def test_the_window_begins_in_the_right_step_whatever_the_decimals(x64):
    """start = k dt, written as a decimal: the first sample held is the one after it."""
    cell = passive()
    here = cell.loc("soma")
    model = cell.clamp(here, js.VoltageClamp(v=-20.0)).record(here).compile()
    k = np.arange(1, 35)
    start = np.round(k * DT, 3)
    v = jax.vmap(lambda t: js.simulate(model.set("VoltageClamp.start", t), 40 * DT, DT).v[0])(start)
    np.testing.assert_array_equal(np.argmax(np.asarray(v) == -20.0, axis=1), k + 1)


def test_the_command_may_be_samples(x64):
    rec = clamped(js.Location(0, 0.5), js.VoltageSamples(values=np.array([-70.0, -50.0, -90.0]), dt=0.4, start=0.0))
    t = np.asarray(rec.t)
    on = (t > 0.0) & (t < 0.79)
    np.testing.assert_allclose(rec.v[0][on], np.interp(t, [0.0, 0.4, 0.8], [-70.0, -50.0, -90.0])[on], rtol=1e-10)


def test_steady_current_of_one_compartment_is_ohms_law(x64):
    cell = js.Cell(js.cylinder(50.0, 5.0)).insert(js.Leak(gbar=1e-3, e=-70.0))
    here = cell.loc(0, 0.5)
    cell.clamp(here, js.VoltageClamp(v=-20.0)).record(here, "VoltageClamp.i")
    rec = js.simulate(cell.compile(), 2.0)
    expected = 1e-2 * 1e-3 * cell.cable.area[0] * (-20.0 + 70.0)  # nA; inward positive, so it flows in
    assert float(rec["VoltageClamp.i"][0, -1]) == pytest.approx(expected, rel=1e-9)


@pytest.mark.slow
@every_method
def test_a_cell_that_is_driven_by_the_clamps_own_current_follows_it(x64, method):
    """What the clamp reports, injected as samples instead, gives the same voltage: charge is conserved.

    The clamp begins without a jump. Of TR-BDF2's two stages the mean current is reported, which moves v a little.
    """
    here = js.Location(0, 0.5)
    cell = passive(v=-40.0)
    cell.clamp(here, js.VoltageClamp(v=-40.0)).record(here, "VoltageClamp.i")
    current = np.asarray(js.simulate(cell.compile(), 40 * DT, DT, method=method)["VoltageClamp.i"][0, 1:])
    assert current.min() > 0.0
    cell = passive(v=-40.0)
    cell.stimulate(here, js.Samples(current, dt=DT, hold=True)).record(here)
    driven = js.simulate(cell.compile(), 40 * DT, DT, method=method)
    np.testing.assert_allclose(driven.v[0], -40.0, rtol=2e-4 if isinstance(method, js.TRBDF2) else 1e-9)


def test_two_clamps_hold_two_places():
    cell = passive()
    a, b = cell.loc("soma"), cell.loc("basal", 1.0)
    cell.clamp(a, js.VoltageClamp(v=-20.0)).clamp(b, js.VoltageClamp(v=-90.0)).record([a, b])
    cell.record([b, a], "VoltageClamp.i")
    rec = js.simulate(cell.compile(), 5.0, 0.1)
    assert rec.v[:, -1].tolist() == [-20.0, -90.0]
    inward_b, inward_a = rec["VoltageClamp.i"][:, -1].tolist()
    assert inward_b < 0.0 < inward_a


def test_two_windows_at_one_place():
    cell = passive()
    here = cell.loc("soma")
    cell.clamp(here, js.VoltageClamp(v=-20.0, stop=0.5)).clamp(here, js.VoltageClamp(v=-90.0, start=0.5))
    rec = js.simulate(cell.record(here).compile(), 1.0, 0.125)
    assert rec.v[0].tolist() == [-65.0, *[-20.0] * 4, *[-90.0] * 4]


def test_a_clamp_is_not_moved_by_a_current():
    cell = passive()
    here = cell.loc("soma")
    cell.clamp(here, js.VoltageClamp(v=-50.0)).stimulate(here, js.Pulse(amp=0.75)).record(here)
    cell.record(here, "VoltageClamp.i")
    rec = js.simulate(cell.compile(), 1.0)
    alone = clamped(here, js.VoltageClamp(v=-50.0))
    np.testing.assert_array_equal(rec.v[0, 1:], -50.0)
    np.testing.assert_allclose(rec["VoltageClamp.i"][0], alone["VoltageClamp.i"][0] - 0.75, atol=1e-4)


def test_of_two_clamps_that_are_on_the_last_placed_holds(x64):
    cell = js.Cell(js.cylinder(50.0, 1.0), js.PerBranch(3)).insert(js.Leak())
    place = cell.loc(0)
    cell.clamp(place, js.VoltageClamp(v=-20.0, start=0.0, stop=2.0))
    cell.clamp(place, js.VoltageClamp(v=-50.0, start=1.0, stop=3.0)).record(place)
    v = js.simulate(cell.compile(), 4.0, 0.5).v[0]
    assert v[1:7].tolist() == [-20.0, -20.0, -50.0, -50.0, -50.0, -50.0]


def test_a_command_that_moves_from_the_start_is_followed(x64):
    """The first step of a run is weighted otherwise; the clamp's target with it."""

    def beside(dt: float) -> float:
        cell = js.Cell(js.cylinder(100.0, 1.0), js.PerBranch(10), ra=100.0).insert(js.Leak(gbar=1e-3, e=-65.0))
        ramp = js.VoltageSamples(values=np.array([-65.0, 35.0]), dt=1.0)
        cell.clamp(cell.loc(0, 0.05), ramp).record(cell.loc(0, 0.35))
        return float(js.simulate(cell.compile(), 0.2, dt).v[0, -1])

    assert abs(beside(0.2) - beside(0.001)) < 0.3

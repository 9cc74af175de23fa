"""Point processes: currents in nA at locations, any number at one place, with states and functions of time."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from jaxsim.io.spec_file import load_spec, save_spec
from tests.run.cells import DT, passive

METHODS = [js.BackwardEuler(), js.CrankNicolson(), js.DampedCrankNicolson(), js.TRBDF2()]
named = lambda m: type(m).__name__  # noqa: E731
CHECKPOINTED = js.Checkpointed()
every_method = pytest.mark.parametrize("method", METHODS, ids=named)


@js.struct
class Opening(js.AbstractPointProcess):
    """A conductance that opens with a gate of its own, from a time on."""

    g: js.units.uS = 1e-3
    e: js.units.mV = 0.0
    tau: js.units.ms = 1.0
    start: js.units.ms = 0.2

    def input(self, t):
        return {"on": jnp.where(t >= self.start, 1.0, 0.0)}

    def initial(self, v):
        return {"x": jnp.zeros_like(v)}

    def derivative(self, v, state):
        return {"x": (state["on"] - state["x"]) / self.tau}

    def current(self, v, gate):
        return self.g * gate["x"] * (v - self.e)


@js.struct
class Injected(js.AbstractPointProcess):
    """A constant current, as of an electrode."""

    electrode = True
    amp: js.units.nA = 0.1

    def current(self, v, gate):
        return self.amp + 0.0 * v


def three(cell: js.Cell) -> list[js.Location]:
    """A compartment, a branch's end, and a joint of branches."""
    return [cell.loc("soma"), cell.loc("basal", 1.0), cell.loc("basal", 0.5)]


@every_method
def test_an_electrodes_current_is_a_stimulus(precision, method):
    """To rounding the same voltages as a pulse, at compartments and ends, and several add up."""
    cell = passive()
    for place, amp in zip(three(cell), (0.3, -0.02, 0.05), strict=True):
        cell.stimulate(place, js.Pulse(amp=amp))
    expected = js.simulate(cell.record(three(cell)).compile(), 40 * DT, DT, method=method)
    other = passive()
    for place, amp in zip(three(other), (0.3, -0.02, 0.05), strict=True):
        other.place(place, Injected(amp=0.25 * amp)).place(place, Injected(amp=0.75 * amp))
    found = js.simulate(other.record(three(other)).compile(), 40 * DT, DT, method=method)
    np.testing.assert_allclose(found.v, expected.v, atol=1e-4 if precision == np.float32 else 1e-10)


@every_method
def test_a_conductance_is_a_leak(x64, method):
    """g (v - e) in uS at a point is gbar times the area of its compartment."""
    cell, other = passive(1), passive(1)
    area = cell.cable.area[0]
    gbar = 1e-3
    cell.at("soma").insert(js.Leak(gbar=gbar, e=-20.0), name="more")
    other.place(other.loc("soma"), js.LeakyIntegrator(g=gbar * area * 1e-2, e=-20.0))
    ours, theirs = (js.simulate(c.record(c.loc("soma")).compile(), 4.0, DT, method=method).v for c in (other, cell))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_an_end_obeys_kirchhoff(x64):
    """A conductance at a branch's end: with a small step the damped schemes agree on the end's own voltage."""
    voltages = []
    for method in (js.BackwardEuler(), js.DampedCrankNicolson(), js.TRBDF2()):  # CrankNicolson rings there
        cell = passive()
        cell.place(cell.loc("basal", 1.0), js.SEClamp(v=0.0, rs=100.0)).record(cell.loc("basal", 1.0))
        voltages.append(np.asarray(js.simulate(cell.compile(), 5.0, 0.005, method=method).v[0])[400:])
    for v in voltages:
        np.testing.assert_allclose(v, voltages[-1], atol=0.02)
    assert voltages[-1][-1] > -60.0


@pytest.mark.parametrize(
    "method", [js.BackwardEuler(), js.DampedCrankNicolson(), js.TRBDF2(), js.Adaptive()], ids=named
)
def test_order_and_agreement_of_a_gate_with_an_input(x64, method):
    """The schemes agree on a conductance that opens with time, to the error of a step of first order."""
    cell = passive()
    cell.place(cell.loc("soma"), Opening(g=0.02)).record(cell.loc("soma"))
    fine = js.simulate(cell.compile(), 4.0, 0.001, method=js.TRBDF2()).v[0][::25]
    found = js.simulate(cell.compile(), 4.0, DT, method=method).v[0]
    assert fine[-1] > -50.0
    np.testing.assert_allclose(found, fine, atol=0.25)


@pytest.mark.default_first
@pytest.mark.parametrize("method", [js.BackwardEuler(), js.DampedCrankNicolson()], ids=named)
def test_gradient_is_the_central_difference(x64, method):
    cell = passive()
    cell.place(cell.loc("soma"), Opening(g=0.02)).place(cell.loc("soma"), Opening(g=0.01, tau=0.5))
    cell.place(cell.loc("basal", 1.0), Opening(g=0.001, start=0.1))
    model = cell.record(three(cell)).compile()

    def loss(g, gradient=CHECKPOINTED):
        v = js.simulate(model.set("Opening.g", g), 40 * DT, DT, method=method, gradient=gradient).v
        return jnp.mean(v**2)

    g, value = model.get("Opening.g"), jax.jit(loss)
    exact = jax.grad(loss)(g)
    for step in 1e-6 * jnp.eye(3):
        np.testing.assert_allclose(jnp.vdot(exact, step), (value(g + step) - value(g - step)) / 2.0, rtol=1e-5)
    forward = jax.jacfwd(lambda g: loss(g, js.Plain()))(g)
    np.testing.assert_allclose(exact, forward, rtol=1e-9)


def test_a_batch_is_the_same_as_a_loop(precision):
    cell = passive()
    for tau in (0.5, 1.0, 2.0):
        cell.place(cell.loc("soma"), Opening(g=0.01, tau=tau))
    model = cell.place(cell.loc("basal", 1.0), Opening()).record(three(cell)).compile()
    run = lambda g: js.simulate(model.set("Opening.g", g), 20 * DT, DT).v  # noqa: E731
    grid = jnp.asarray([[0.01, 0.02, 0.0, 0.001], [0.03, 0.0, 0.01, 0.002], [0.0, 0.0, 0.0, 0.0]], precision)
    batch = jax.vmap(run)(grid)
    for row, g in zip(batch, grid, strict=True):
        np.testing.assert_allclose(row, run(g), rtol=1e-5 if precision == np.float32 else 1e-12)
    loss = lambda g: jnp.mean(run(g) ** 2)  # noqa: E731
    each = jax.vmap(jax.grad(loss))(grid)
    np.testing.assert_allclose(each[1], jax.grad(loss)(grid[1]), rtol=1e-4 if precision == np.float32 else 1e-10)


def test_what_is_recorded(x64):
    cell = passive()
    here, end = cell.loc("soma"), cell.loc("basal", 1.0)
    cell.place(here, js.SEClamp(v=-20.0, start=0.5, rs=2.0)).place(end, js.SEClamp(v=-90.0, rs=50.0), name="other")
    cell.place(here, Opening())
    cell.record(here).record(here, "SEClamp.i").record(end, "other.i").record(end).record(here, "Opening.x")
    rec = js.simulate(cell.compile(), 1.0, DT, method=js.BackwardEuler())
    on = np.asarray(rec.t) >= 0.5 - 1e-9
    np.testing.assert_allclose(rec["SEClamp.i"][0], on * (-20.0 - np.asarray(rec.v[0])) / 2.0, atol=1e-9)
    np.testing.assert_allclose(rec["other.i"][0], (-90.0 - np.asarray(rec.v[1])) / 50.0, atol=1e-9)
    assert rec["Opening.x"][0][0] == 0.0 < rec["Opening.x"][0][-1]


def test_a_run_goes_on_where_it_stopped(x64):
    cell = passive()
    model = cell.place(cell.loc("soma"), Opening(g=0.02)).record(cell.loc("soma")).compile()
    whole = js.simulate(model, 40 * DT, DT)
    first = js.simulate(model, 16 * DT, DT)
    then = js.simulate(model, 24 * DT, DT, state=first.state)
    np.testing.assert_array_equal(np.concatenate([first.v[0], then.v[0][1:]]), whole.v[0])


def test_a_step_is_a_step_of_the_run(x64):
    cell = passive()
    model = cell.place(cell.loc("soma"), Opening(g=0.02)).record(cell.loc("soma")).compile()
    state = js.init(model)
    for _ in range(20):
        state = js.step(model, state, DT)
    np.testing.assert_allclose(state.v, js.simulate(model, 20 * DT, DT).state.v, rtol=1e-12)


def test_samples_are_the_electrode_of_a_constant(x64):
    found = []
    for clamp in (js.SEClamp(v=-30.0, stop=1.0, rs=3.0), js.SEClampSamples(values=[-30.0] * 5, dt=0.25, rs=3.0)):
        cell = passive()
        cell.place(cell.loc("soma"), clamp, name="e").record(cell.loc("soma")).record(cell.loc("soma"), "e.i")
        found.append(js.simulate(cell.compile(), 1.0, DT).v[0])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)


def test_a_resistance_of_nothing_is_an_ideal_clamp(x64):
    cell, ideal = passive(), passive()
    cell.place(cell.loc("soma"), js.SEClamp(v=-30.0, rs=1e-6)).record(cell.loc("soma")).record(cell.loc("basal", 1.0))
    ideal.clamp(ideal.loc("soma"), js.VoltageClamp(v=-30.0)).record(ideal.loc("soma")).record(ideal.loc("basal", 1.0))
    found, expected = (js.simulate(c.compile(), 1.0, DT, method=js.BackwardEuler()).v for c in (cell, ideal))
    np.testing.assert_allclose(found[:, 1:], expected[:, 1:], atol=1e-4)


@js.struct
class Timed(js.AbstractChannel):
    """A density mechanism that follows the time."""

    gbar: js.units.S_per_cm2 = 1e-3
    late: js.units.ms = 0.3

    def input(self, t):
        return {"on": jnp.where(t >= self.late, 1.0, 0.0)}

    def current(self, v, gate):
        return self.gbar * gate["on"] * v


@pytest.mark.parametrize("where", ["soma", "all"])
def test_a_channel_may_follow_the_time(x64, where):
    """Gathered or everywhere, each compartment by its own parameter."""
    cell = passive(v=-70.0)  # at rest
    (cell.at("soma") if where == "soma" else cell.at(js.everywhere())).insert(Timed())
    cell.at("soma").set("Timed.late", 0.6)
    rec = js.simulate(cell.record([cell.loc("soma"), cell.loc("basal", 0.9)]).compile(), 1.0, DT)
    moves = np.abs(np.diff(np.asarray(rec.v), axis=1)).max(axis=0) > 1e-2
    first = float(rec.t[np.flatnonzero(moves)[0]])
    assert first == pytest.approx(0.6 if where == "soma" else 0.3)


def test_a_file_keeps_them(tmp_path, x64):
    cell = passive()
    cell.place(cell.loc("soma"), js.SEClamp(v=-30.0, rs=3.0)).record(cell.loc("soma"))
    cell.place(cell.loc("soma"), js.SEClampSamples(values=[-30.0, -20.0], dt=0.5))
    save_spec(cell.spec(), tmp_path / "cell.npz")
    model = js.compile_model(load_spec(tmp_path / "cell.npz"))
    expected = js.simulate(cell.compile(), 1.0, DT).v
    np.testing.assert_array_equal(js.simulate(model, 1.0, DT).v, expected)
    np.testing.assert_array_equal(js.simulate(js.compile_model(model.spec), 1.0, DT).v, expected)


def test_parameters_are_those_of_an_instance():
    cell = passive()
    for place in three(cell):
        cell.place(place, js.SEClamp())
    model = cell.compile()
    assert model.parameters()["SEClamp.rs"] == ((3,), "MOhm")
    assert model.set("SEClamp.v", [1.0, 2.0, 3.0]).get("SEClamp.v").tolist() == [1.0, 2.0, 3.0]
    assert "SEClamp" in repr(model)
    with pytest.raises(ValueError, match="stand at a location"):
        model.set("SEClamp.v", 0.0, at="soma")


def test_errors_say_what_to_do():
    cell = passive()
    with pytest.raises(TypeError, match=r"cell.place places must be an AbstractPointProcess"):
        cell.place(cell.loc("soma"), js.Pulse())
    with pytest.raises(TypeError, match=r"be a channel such as HH\(\)"):
        cell.insert(js.SEClamp())
    with pytest.raises(TypeError, match=r"where cell.place acts must be a location"):
        cell.place("soma", js.SEClamp())
    cell.place(cell.loc("soma"), js.SEClamp()).place(cell.loc("soma"), js.SEClamp())
    with pytest.raises(ValueError, match="2 of them stand there"):
        cell.record(cell.loc("soma"), "SEClamp.i").compile()
    other = passive()
    other.place(other.loc("soma"), js.SEClamp()).record(other.loc("basal", 0.5), "SEClamp.i")
    with pytest.raises(ValueError, match=r"no SEClamp stands there. Place it first"):
        other.compile()


@js.struct
class Sized(js.AbstractPointProcess):
    """Reads the compartment's area."""

    reads = {"area": "cable.area"}
    area: js.units.um2 = 1.0
    gbar: js.units.S_per_cm2 = 1e-3

    def current(self, v, gate):
        return 1e-2 * self.gbar * self.area * (v + 20.0)


def test_the_size_of_the_compartment(x64):
    """Each of several instances at one place reads the area there; an end has none."""
    cell, other = passive(1), passive(1)
    other.at("soma").insert(js.Leak(gbar=3e-3, e=-20.0), name="more")
    cell.place(cell.loc("soma"), Sized()).place(cell.loc("soma"), Sized(gbar=2e-3))
    ours, theirs = (js.simulate(c.record(c.loc("soma")).compile(), 1.0, DT).v for c in (cell, other))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    cell.place(cell.loc("basal", 1.0), Sized())
    with pytest.raises(ValueError, match="a branch's end has none"):
        cell.compile()


@js.struct
class CalciumPump(js.AbstractPointProcess):
    """Carries calcium and reads its reversal potential."""

    reads = {"e": "ca.e"}
    carries = "ca"
    g: js.units.uS = 1e-3
    e: js.units.mV = 0.0

    def current(self, v, gate):
        return self.g * (v - self.e)


def test_it_carries_an_ion_and_follows_its_potential(x64):
    """The same as a channel of that conductance, and its current is counted in calcium's."""
    found = []
    for point in (False, True):
        cell = js.Cell(js.cylinder(20.0, 10.0)).insert(js.Leak()).insert(js.Calcium()).insert(js.CaDynamics_E2())
        area = cell.cable.area[0]
        if point:
            for _ in range(2):
                cell.place(cell.loc(0), CalciumPump(g=0.5e-6 * area))
        else:
            cell.insert(js.Ca_HVA(gbar=0.0)).insert(_CalciumLeak(gbar=1e-4))
        cell.record(cell.loc(0)).record(cell.loc(0), "ca.inside").record(cell.loc(0), "ca.i")
        rec = js.simulate(cell.compile(), 5.0, DT)
        found.append([rec.v[0], rec["ca.inside"][0], rec["ca.i"][0]])
    for ours, theirs in zip(found[1], found[0], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


@js.struct
class _CalciumLeak(js.AbstractChannel):
    reads = {"e": "ca.e"}
    carries = "ca"
    gbar: js.units.S_per_cm2 = 1e-4
    e: js.units.mV = 0.0

    def current(self, v, gate):
        return self.gbar * (v - self.e)

"""compile_model: what cannot be recorded is refused in a sentence, and how channels are placed changes nothing."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js

SCALE = np.exp(2.0)  # a NumPy number: float64
DRIVE = js.Pulse(amp=0.6, start=0.2, stop=2.0)


@js.struct
class Constant(js.AbstractChannel):
    """A channel whose rates hold a number of NumPy's."""

    gbar: js.units.S_per_cm2 = 1e-4

    def rates(self, v):
        return {"m": js.inf_tau(js.sigmoid(v / SCALE), jnp.full_like(v, 5.0))}

    def current(self, v, gate):
        return self.gbar * gate["m"] * v


@pytest.fixture
def cell() -> js.Cell:
    """A soma of two compartments with HH and a dendrite of eight without."""
    cell = js.Cell(js.ball_and_stick(20.0, 200.0, 2.0), js.PerBranch([2, 8]))
    cell.at("soma").insert(js.HH())
    return cell


def voltages(cell: js.Cell) -> np.ndarray:
    cell.stimulate(js.Location(0, 0.2), DRIVE)
    cell.record([js.Location(0, 0.2), js.Location(1, 0.5), js.Location(1, 1.0)])
    return np.asarray(js.simulate(cell.compile(), 3.0).v)


@pytest.mark.parametrize(
    ("what", "guess"), [("HH.gate", "HH.m"), ("hh.m", "HH.m"), ("V", "v"), ("Leak.i", "HH.i"), ("", "v")]
)
def test_an_unknown_quantity_lists_the_known(cell, what, guess):
    with pytest.raises(KeyError, match=f"no quantity to record '{what}'") as error:
        cell.record(cell.loc(0), what).compile()
    assert f"'{guess}'" in str(error.value)


def test_a_channel_is_recorded_where_it_is(cell):
    with pytest.raises(ValueError, match=r"cannot record 'HH\.m' at basal\(0\.5\): HH is not inserted there"):
        cell.record(cell.loc("basal"), "HH.m").compile()


def test_a_clamps_current_needs_the_clamp(cell):
    with pytest.raises(KeyError, match=r"no quantity to record 'VoltageClamp\.i'"):
        cell.record(cell.loc("soma"), "VoltageClamp.i").compile()


def test_a_clamps_current_is_recorded_where_it_stands(cell):
    cell.clamp(cell.loc("soma"), js.VoltageClamp())
    with pytest.raises(
        ValueError, match=r"cannot record 'VoltageClamp\.i' at basal\(1\): no clamp 'VoltageClamp' there"
    ):
        cell.record(cell.loc("basal", 1.0), "VoltageClamp.i").compile()


def test_a_gathered_channel_equals_one_that_is_everywhere(x64):
    """HH in two of ten compartments is gathered; inserted in all, without conductance in eight, it is not."""
    some = js.Cell(js.ball_and_stick(20.0, 200.0, 2.0), js.PerBranch([2, 8])).insert(js.Leak())
    everywhere = js.Cell(js.ball_and_stick(20.0, 200.0, 2.0), js.PerBranch([2, 8])).insert(js.Leak())
    some.at("soma").insert(js.HH())
    everywhere.insert(js.HH())
    for name in ("gbar_na", "gbar_k", "gbar_leak"):
        everywhere.at("basal").set(f"HH.{name}", 0.0)
    flags = [{c.name: c.everywhere for c in x.compile().layout.channels}["HH"] for x in (some, everywhere)]
    assert flags == [False, True]
    np.testing.assert_allclose(voltages(some), voltages(everywhere), rtol=0, atol=1e-9)


def test_a_channel_in_most_compartments_equals_one_in_all(x64):
    """Evaluated at all nodes, with no area where it is absent."""
    most = js.Cell(js.ball_and_stick(20.0, 200.0, 2.0), js.PerBranch([2, 8]))
    most.at("basal").insert(js.Leak(gbar=3e-4, e=-72.0))
    whole = js.Cell(js.ball_and_stick(20.0, 200.0, 2.0), js.PerBranch([2, 8])).insert(js.Leak(gbar=3e-4, e=-72.0))
    whole.at("soma").set("Leak.gbar", 0.0)
    np.testing.assert_allclose(voltages(most), voltages(whole), rtol=0, atol=1e-10)


def test_two_named_copies_add_their_currents(x64):
    one = js.Cell(js.cylinder(50.0, 2.0)).insert(js.Leak(gbar=5e-4, e=-70.0))
    two = (
        js.Cell(js.cylinder(50.0, 2.0))
        .insert(js.Leak(gbar=2e-4, e=-70.0), "a")
        .insert(js.Leak(gbar=3e-4, e=-70.0), "b")
    )
    runs = []
    for cell in (one, two):
        cell.record(cell.loc(0))
        runs.append(js.simulate(cell.compile(), 2.0).v)
    np.testing.assert_allclose(runs[0], runs[1], rtol=1e-12)


def test_the_order_of_insertion_does_not_matter(x64):
    a, b = (js.Cell(js.ball_and_stick(20.0, 200.0, 2.0), js.PerBranch([2, 8])) for _ in range(2))
    a.insert(js.Leak(gbar=3e-4)).at("basal").insert(js.Leak(gbar=1e-4, e=-50.0), "second")
    b.at("basal").insert(js.Leak(gbar=1e-4, e=-50.0), "second")
    b.insert(js.Leak(gbar=3e-4))
    np.testing.assert_allclose(voltages(a), voltages(b), rtol=1e-12)


def test_rates_with_numpy_numbers_compile_in_double(x64):
    js.Cell(js.cylinder(10.0, 1.0)).insert(Constant()).compile()


def test_a_spec_compiles_as_its_cell_does(cell):
    """Importers and programs use the spec."""
    a, b = cell.compile("float32"), js.compile_model(cell.spec(), "float32")
    assert a.layout == b.layout


def _channel(rates, current):
    body = {"__annotations__": {"gbar": js.units.S_per_cm2}, "gbar": 1e-4, "rates": rates, "current": current}
    return js.struct(type("Own", (js.AbstractChannel,), body))


GATE = lambda self, v: {"m": js.inf_tau(js.sigmoid(v), 1.0 + 0.0 * v)}  # noqa: E731


@pytest.mark.parametrize(
    ("rates", "current", "said"),
    [
        (lambda self, v: {"m": v}, lambda self, v, g: v, "Own.rates must return a dict of gate name -> Rate"),
        (GATE, lambda self, v, g: g["n"] * v, r"Own.current asks for the gate 'n'; Own.rates gives \['m'\]"),
        (GATE, lambda self, v, g: np.exp(v), "Use jax.numpy in place of numpy"),
        (GATE, lambda self, v, g: v if v > 0 else -v, "jnp.where in place of if"),
    ],
)
def test_a_channel_that_breaks_the_contract_is_explained(rates, current, said):
    cell = js.Cell(js.cylinder(50.0, 1.0)).insert(_channel(rates, current)())
    with pytest.raises(TypeError, match=said):
        cell.compile()

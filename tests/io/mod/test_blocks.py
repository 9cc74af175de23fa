"""Blocks become the forms that step as NEURON steps them."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from jaxsim.io.mod.make_class import make_class
from tests.io.mod.channels import CHANNELS
from tests.io.mod.made import current, mechanism

# What the states of a source become: rates, derivative, update, and what is held.
FORMS = {
    "guarded": ("m h", "", "", ""),
    "bare": ("n l", "", "", ""),
    "block": ("s", "", "", "b"),
    "instant": ("", "", "h hinf tau_h", ""),
    "coupled": ("", "", "a b c", ""),
    "implicit": ("", "a b", "w", ""),
    "scheme": ("", "c1 c2 o i_", "", ""),
    "unsettled": ("", "c z", "o", ""),
    "classic": ("", "", "m h", ""),
    "explicit": ("", "", "a b", ""),
    "pool": ("cai", "", "", ""),
    "called": ("", "a b", "", ""),
    "hinted": ("", "", "", "slope_k rest_k"),
    "pieces": ("m u", "", "w", ""),
    "several": ("", "", "", ""),
}
HEAD = "NEURON { SUFFIX one NONSPECIFIC_CURRENT ix }\nASSIGNED { v ix q }\nSTATE { m h }\n"


def one(body):
    return make_class(mechanism(HEAD + body))()


def array(x):
    return jnp.asarray(x)


@pytest.mark.parametrize("name", FORMS)
def test_the_form_of_each_state(name):
    made = mechanism(CHANNELS[name])
    found = made.rates, made.derivative, made.update, made.held
    assert [set(part) for part in found] == [set(names.split()) for names in FORMS[name]]


def test_a_gate_that_starts_at_its_steady_state_needs_no_initial():
    assert "initial" not in vars(make_class(mechanism(CHANNELS["guarded"])))
    assert "initial" in vars(make_class(mechanism(CHANNELS["bare"])))


def test_steadystate_brings_a_scheme_to_rest(x64):
    assert make_class(mechanism(CHANNELS["scheme"])).starts_steady
    assert not make_class(mechanism(CHANNELS["unsettled"])).starts_steady


def test_a_scheme_is_mass_action(x64):
    body = "KINETIC k { ~ 2 m <-> h (3, 0.5) ~ h << (0.1) ~ m -> (v) } BREAKPOINT { SOLVE k METHOD sparse ix = v * m }"
    found = one(body).derivative(array(2.0), {"m": array(0.4), "h": array(0.2)})
    flux = 3.0 * 0.4**2 - 0.5 * 0.2
    assert found["m"] == pytest.approx(-2.0 * flux - 2.0 * 0.4)
    assert found["h"] == pytest.approx(flux + 0.1)


def test_volumes_divide(x64):
    body = "KINETIC k { COMPARTMENT 4 { m } COMPARTMENT 2 { h } ~ m <-> h (3, 0.5) ~ m << (1) }\n"
    found = one(body + "BREAKPOINT { SOLVE k METHOD sparse ix = v * m }").derivative(
        array(0.0), {"m": array(0.4), "h": array(0.2)}
    )
    flux = 3.0 * 0.4 - 0.5 * 0.2
    assert found["m"] == pytest.approx((1.0 - flux) / 4.0)
    assert found["h"] == pytest.approx(flux / 2.0)


@pytest.mark.parametrize(("v", "m", "h"), [(10.0, -0.4, 0.7), (-10.0, 0.0, 0.2)])
def test_a_reaction_under_a_condition_stops_where_it_does_not_hold(x64, v, m, h):
    body = "KINETIC k { IF (v > 0) { ~ m -> (1) } ELSE { ~ h << (0.2) } IF (v > 0) { ~ h << (0.7) } }\n"
    found = one(body + "BREAKPOINT { SOLVE k METHOD sparse ix = v * m }").derivative(
        array(v), {"m": array(0.4), "h": array(0.2)}
    )
    assert found["m"] == pytest.approx(m)
    assert found["h"] == pytest.approx(h)


@pytest.mark.parametrize("method", ["cnexp", "derivimplicit", "euler"])
def test_an_equation_under_a_condition_stops_where_it_does_not_hold(x64, method):
    body = (
        f"DERIVATIVE s {{ m' = -m IF (v > 0) {{ h' = -h / 2 }} }} BREAKPOINT {{ SOLVE s METHOD {method} ix = v * m }}"
    )
    mechanism_ = one(body)
    state = {"m": array(0.4), "h": array(0.2)}
    for v, moves in ((5.0, True), (-5.0, False)):
        slope = mechanism_.derivative(array(v), state).get("h", 0.0)
        after = mechanism_.update(array(v), state, array(0.1)).get("h", 0.2)
        assert (slope != 0.0 or after != 0.2) == moves


def test_linear_equations_in_initial(x64):
    begun = make_class(mechanism(CHANNELS["algebra"]))().initial(array(-30.0))
    c, o, d = begun["c"], begun["o"] / 0.9, begun["d"]
    assert c + o + d == pytest.approx(1.0)
    assert np.exp(-1.0) * c == pytest.approx(0.7 * o)
    assert 0.2 * o == pytest.approx(0.4 * d)


def test_a_step_of_cnexp_uses_the_states_that_it_has_stepped(x64):
    body = "DERIVATIVE s { m' = 1 - m h' = m - h } BREAKPOINT { SOLVE s METHOD cnexp ix = v * m * h }"
    mechanism_, dt = one(body), 0.5
    state = {"m": array(0.2), "h": array(0.3)}
    m = 1.0 - 0.8 * np.exp(-dt)
    rate = mechanism_.rates(array(0.0)).get("m")
    stepped = {"m": array(m)} if rate is not None else {}
    after = mechanism_.update(array(0.0), {**state, **stepped}, array(dt))
    assert after.get("m", m) == pytest.approx(m)
    assert after["h"] == pytest.approx(m + (0.3 - m) * np.exp(-dt))


def test_what_initial_computes_of_parameters_is_computed_where_it_is_used(x64):
    body = "PARAMETER { p = 3 } INITIAL { q = p * 2 } BREAKPOINT { ix = q * v }"
    assert set(mechanism(HEAD + body).parameters) == {"p"}
    assert current(one(body), 2.0) == 12.0


def test_what_initial_computes_of_the_voltage_is_a_state(x64):
    body = "INITIAL { q = v } BREAKPOINT { ix = v - q }"
    begun = one(body).initial(array(-60.0))
    assert float(begun["q"]) == -60.0
    assert current(one(body), -55.0, q=-60.0) == 5.0


def test_a_parameter_that_a_run_changes_starts_as_the_file_says(x64):
    made = mechanism(CHANNELS["kept"])
    begun = make_class(made)().initial(array(-65.0))
    assert float(begun["level"]) == 0.3
    assert float(begun["m"]) == 1.5
    assert "level" not in made.parameters


def test_an_idiom_that_computes_once_leaves_no_trace():
    made = mechanism(CHANNELS["binding"])
    assert not any(x.startswith(("done", "vol", "part")) for x in [*made.parameters, *made.update])


def test_a_conserved_sum_that_the_start_does_not_obey_is_put_right(x64):
    cls = make_class(mechanism(CHANNELS["unsettled"]))
    state = {"c": array(0.4), "o": array(0.2), "z": array(0.0)}
    assert float(cls().update(array(0.0), state, array(0.1))["o"]) == pytest.approx(0.6)


def test_a_table_is_ignored(x64):
    body = "PROCEDURE r(v) { TABLE q FROM 0 TO 1 WITH 1 q = v * v } BREAKPOINT { r(v) ix = q }"
    assert current(one(body), 0.5) == 0.25


def test_blocks_that_are_not_there(x64):
    only = "BREAKPOINT { ix = v * m }"
    assert {x: float(y) for x, y in one(only).initial(array(0.0)).items()}.get("m", 0.0) == 0.0
    assert isinstance(one(only), js.AbstractChannel)

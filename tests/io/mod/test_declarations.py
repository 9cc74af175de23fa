"""What a file declares becomes parameters, units, a docstring, ions."""

import jax.numpy as jnp
import pytest

import jaxsim as js
from jaxsim.io.mod.describe import describe
from jaxsim.io.mod.make_class import make_class
from tests.io.mod.channels import CHANNELS
from tests.io.mod.made import current, leak, mechanism


def test_parameters_keep_their_value_unit_and_comment():
    cls = make_class(mechanism(CHANNELS["guarded"]))
    assert cls.parameters() == {"gbar": "S/cm2", "q10": "1", "vhalf": "mV", "ena": "mV", "celsius": "degC"}
    assert (cls().gbar, cls().vhalf, cls().ena, cls().celsius) == (0.02, -38.0, 50.0, 6.3)
    assert mechanism(CHANNELS["guarded"]).parameters["gbar"].comment == "conductance"


def test_the_docstring_is_title_and_comment():
    assert make_class(mechanism(CHANNELS["guarded"])).__doc__ == (
        "Sodium channel with a guarded rate.\n\nTwo gates, one of them with a rate that is singular."
    )


@pytest.mark.parametrize(
    ("name", "reads", "carries"),
    [
        ("guarded", {"ena": "na.e"}, {"na"}),
        ("cation", {"ena": "na.e", "ek": "k.e"}, {"na", "k"}),
        ("goldman", {"cai": "ca.inside", "cao": "ca.outside"}, {"ca"}),
        ("chloride", {"ecl": "cl.e", "cli": "cl.inside"}, {"cl"}),
        ("sized", {"diam": "cable.diam", "area": "cable.area"}, {""}),
        ("several", {}, {""}),
    ],
)
def test_ions_and_sizes(name, reads, carries):
    made = mechanism(CHANNELS[name])
    assert made.reads == reads
    assert made.current.keys() == carries


@pytest.mark.parametrize(("name", "writes"), [("pool", {"cai": "ca.inside"}), ("twice", {"ko": "k.outside"})])
def test_pools(name, writes):
    made = mechanism(CHANNELS[name])
    assert made.writes == writes
    assert issubclass(make_class(made), js.AbstractPool)


def test_a_pump_is_a_channel_and_a_pool():
    cls = make_class(mechanism(CHANNELS["pump"]))
    assert issubclass(cls, js.AbstractPool)
    assert issubclass(cls, js.AbstractChannel)


def test_an_electrode_current_flows_inward(x64):
    one = make_class(mechanism(CHANNELS["injected"]))()
    assert current(one, -100.0) == pytest.approx(-3e-4 * 1.5)


def test_constants_are_numbers(x64):
    channel = leak("ix = F + R + big", "UNITS { F = 96485 (coul) R = (k-mole) (joule/degC) } CONSTANT { big = 3 }")
    assert current(channel, 0.0) == pytest.approx(96485.0 + js.units.GAS_CONSTANT + 3.0)
    assert channel.parameters() == {"p": "1"}


def test_names_that_python_or_jaxsim_use_are_moved():
    cls = make_class(mechanism(CHANNELS["names"]))
    fields = set(cls.parameters())
    assert {"lambda_", "current_", "is_", "js_", "self_", "a_0"} <= fields
    assert len(fields & {"a_0", "a_0_", "a_1"}) == 3
    assert cls().a_0 == 0.25


def test_a_state_called_i_leaves_the_name_to_the_current():
    made = mechanism(CHANNELS["scheme"])
    assert "i_" in made.derivative
    assert "i" not in made.derivative


def test_a_start_value_in_parameters_is_taken(x64):
    made = mechanism(CHANNELS["still"])
    assert "s0" in made.parameters
    assert current(make_class(made)(s0=0.5), 0.0, r=0.0) == pytest.approx(1e-4 * 0.5 * 20.0)


def test_what_nothing_assigns_is_a_parameter():
    assert mechanism(CHANNELS["still"]).parameters["free"].value == 0.0


def test_describe_is_short_and_says_what_there_is():
    for text in CHANNELS.values():
        made = mechanism(text)
        said = describe(made)
        assert said.startswith(f"{made.name}: ")
        assert all(len(line) <= 200 for line in said.splitlines())
        assert all(x in said for x in [*made.rates, *made.derivative, *made.update])


def test_included_files_are_part_of_the_text(tmp_path, x64):
    (tmp_path / "rates.inc").write_text("FUNCTION twice(x) { twice = 2 * x }\n")
    main = 'NEURON { SUFFIX inc NONSPECIFIC_CURRENT ix } ASSIGNED { v ix }\nINCLUDE "rates.inc"\n'
    (tmp_path / "inc.mod").write_text(main + "BREAKPOINT { ix = twice(v) }\n")
    assert float(js.read_mod(tmp_path / "inc.mod")().current(jnp.asarray(3.0), {})[""]) == 6.0

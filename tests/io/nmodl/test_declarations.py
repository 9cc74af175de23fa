"""PARAMETER, CONSTANT, ASSIGNED, STATE, INDEPENDENT, STEPPED, DEFINE and TITLE."""

import pytest

from jaxsim.io.nmodl import parse_mod, tree
from tests.io.nmodl.parsed import item


@pytest.mark.parametrize(
    ("text", "parameter"),
    [
        ("g", tree.Parameter("g")),
        ("g = .1", tree.Parameter("g", 0.1)),
        ("g = -70 (mV)", tree.Parameter("g", -70.0, "mV")),
        ("g (S/cm2)", tree.Parameter("g", unit="S/cm2")),
        ("g = 1e-3 (S/cm2) <0, 1e9>", tree.Parameter("g", 1e-3, "S/cm2", (0.0, 1e9))),
        ("g = 1 <-1,1>", tree.Parameter("g", 1.0, limits=(-1.0, 1.0))),
        ("g <0, 1>", tree.Parameter("g", limits=(0.0, 1.0))),
        ("g[3] (mV)", tree.Parameter("g", unit="mV", size=3)),
    ],
)
def test_parameter(text, parameter):
    assert item(f"PARAMETER {{ {text} }}").parameters == (parameter,)


def test_several_on_a_line_and_one_over_two():
    block = item("PARAMETER { a = 1 b = 2 (mV) c\n = 3\n (ms) }")
    assert [(p.name, p.value, p.unit) for p in block.parameters] == [("a", 1.0, ""), ("b", 2.0, "mV"), ("c", 3.0, "ms")]


def test_empty_blocks():
    assert item("PARAMETER {}").parameters == ()
    assert item("STATE { }").variables == ()


def test_constant():
    block = item("CONSTANT { R = 8.314 (joule/degC) e = -1 }")
    assert block.constants == (tree.Constant("R", 8.314, "joule/degC"), tree.Constant("e", -1.0))


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ("m", tree.Declared("m")),
        ("cai (mM)", tree.Declared("cai", "mM")),
        ("ca[4] (mM) <1e-6>", tree.Declared("ca", "mM", size=4, tolerance=1e-6)),
        ("m FROM 0 TO 1", tree.Declared("m", bounds=(0.0, 1.0))),
        ("m START .5", tree.Declared("m", start=0.5)),
        ("m FROM -1 TO 1 START 0 (1) <1e-3>", tree.Declared("m", "1", None, (-1.0, 1.0), 0.0, 1e-3)),
        ("m[2] FROM 0 TO 1 START 1", tree.Declared("m", size=2, bounds=(0.0, 1.0), start=1.0)),
        ("m'", tree.Declared("m", primes=1)),
    ],
)
def test_state_and_assigned(text, variable):
    assert item(f"STATE {{ {text} }}").variables == (variable,)
    assert item(f"ASSIGNED {{ {text} }}").variables == (variable,)


def test_independent():
    block = item("INDEPENDENT { t FROM 0 TO 1 WITH 100 (ms) SWEEP u FROM -1 TO 1 WITH 2 START 0 }")
    assert block.variables == (
        tree.Independent("t", 0.0, 1.0, 100, unit="ms"),
        tree.Independent("u", -1.0, 1.0, 2, 0.0, sweep=True),
    )


def test_stepped():
    assert item("STEPPED { amp = 1, 2, -3 (nA) }").variables == (tree.Stepped("amp", (1.0, 2.0, -3.0), "nA"),)


def test_a_defined_name_stands_for_its_number_everywhere():
    text = "DEFINE N 4 DEFINE M -2 STATE { ca[N] START M } PARAMETER { a = N b[N] c = -N <M, N> }"
    *defines, state, parameters = parse_mod(text).items
    assert defines == [tree.Define("N", 4), tree.Define("M", -2)]
    assert state.variables == (tree.Declared("ca", size=4, start=-2.0),)
    a, b, c = parameters.parameters
    assert (a.value, b.size, c.value, c.limits) == (4.0, 4, -4.0, (-2.0, 4.0))


def test_title_is_the_rest_of_its_line():
    assert item("TITLE HH: what? (now) {\n") == tree.Title("HH: what? (now) {")
    assert parse_mod("TITLE one\nTITLE two").title == "one"
    assert parse_mod("").title == ""

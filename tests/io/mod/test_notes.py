"""What is done otherwise than NEURON does it is said."""

import pytest

from tests.io.mod.made import mechanism

HEAD = """NEURON { SUFFIX noted NONSPECIFIC_CURRENT ix }
ASSIGNED { v ix }
STATE { m c o }
INITIAL { m = 0.2 c = 1 o = 0 }
"""
_KINETIC = "KINETIC kin { ~ c <-> o (%s, 0.4) }\n"
_GATE = "DERIVATIVE s { m' = (%s - m) / 2 }\n"


def notes(body):
    return mechanism(HEAD + body).notes


def test_an_equation_of_cnexp_that_is_not_linear():
    body = "BREAKPOINT { SOLVE s METHOD cnexp ix = m * v } DERIVATIVE s { m' = 0.2 - m * m }"
    assert notes(body) == ["m' is not linear in m: it is solved implicitly in place of METHOD cnexp."]


@pytest.mark.parametrize(("rate", "target", "said"), [("1", "o", True), ("1", "0.5", False), ("m", "0.5", False)])
def test_a_gate_that_is_solved_before_the_scheme_that_it_uses(rate, target, said):
    solves = "BREAKPOINT { SOLVE s METHOD cnexp SOLVE kin METHOD sparse ix = (m + o) * v }\n"
    assert bool(notes(solves + _KINETIC % rate + _GATE % target)) == said


def test_a_scheme_that_is_solved_before_the_gate_that_uses_it():
    solves = "BREAKPOINT { SOLVE kin METHOD sparse SOLVE s METHOD cnexp ix = (m + o) * v }\n"
    assert not notes(solves + _KINETIC % "1" + _GATE % "o")


def test_rates_of_a_linear_scheme_that_depend_on_its_states():
    solves = "BREAKPOINT { SOLVE kin METHOD sparse ix = o * v }\n"
    assert notes(solves + _KINETIC % "1 + o")
    assert not notes(solves + _KINETIC % "1 + v")
    assert not notes(solves + "KINETIC kin { ~ c + m <-> o (1 + o, 0.4) }")


def test_initial_values_that_depend_on_the_step():
    body = "BREAKPOINT { SOLVE s METHOD cnexp ix = m * c * v } DERIVATIVE s { m' = -m }"
    text = HEAD.replace("c = 1", "c = 1 - exp(-dt)") + body
    assert any("dt" in note for note in mechanism(text).notes)

"""Numbers with their units, variables with primes and indices, calls."""

import pytest

from jaxsim.io.nmodl import parse_mod, tree
from tests.io.nmodl.parsed import item, statement, value


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1.0), ("1.", 1.0), (".5", 0.5), ("1.5", 1.5), ("1e3", 1e3), ("1.e-3", 1e-3), (".5E+2", 50.0), ("007", 7.0)],
)
def test_numbers(text, number):
    found = value(text)
    assert found == tree.Number(number)
    assert found.text == text


@pytest.mark.parametrize("unit", ["mV", "S/cm2", "k-mole", "/ms", "1", "10-3 um2", "joule/degC", "µm", "um:2 ?"])
def test_a_number_has_the_unit_behind_it(unit):
    assert value(f"2 ({unit})") == tree.Number(2.0, unit)


def test_a_unit_is_no_expression():
    assert value("2 (a + b) * c") == tree.Binary("*", tree.Number(2.0, "a + b"), tree.Variable("c"))


def test_blanks_in_a_unit_are_normalised():
    assert value("2 (  mA \t cm ) ") == tree.Number(2.0, "mA cm")


def test_only_a_number_has_a_unit():
    assert value("x (mV)") == tree.Call("x", (tree.Variable("mV"),))


def test_a_name_by_define_is_a_number_that_keeps_its_name():
    _, procedure = parse_mod("DEFINE N 4 PROCEDURE p() { x = N * 2 }").items
    number = procedure.body[0].value.left
    assert number == tree.Number(4.0)
    assert number.text == "N"


def test_a_derivative_counts_its_primes():
    assert statement("m' = -m").target == tree.Variable("m", primes=1)
    assert value("m'''") == tree.Variable("m", primes=3)


def test_the_initial_value_of_a_derivative_is_a_name():
    assert value("m'0") == tree.Variable("Dm0")
    assert value("m''0") == tree.Variable("D2m0")


def test_an_element_has_its_index():
    assert value("ca[i + 1]") == tree.Variable("ca", tree.Binary("+", tree.Variable("i"), tree.Number(1.0)))
    assert value("ca[INT(x)]").index == tree.Call("INT", (tree.Variable("x"),))


def test_a_variable_of_an_earlier_step():
    discrete = item("DISCRETE d { x = x@1 + y@2[i] }")
    assert discrete.body[0].value.left == tree.Variable("x", ago=1)
    assert discrete.body[0].value.right == tree.Variable("y", tree.Variable("i"), ago=2)


def test_a_call_takes_texts_and_addresses():
    call = statement('printf("%g\\n", x)').call
    assert call == tree.Call("printf", (tree.String("%g\\n"), tree.Variable("x")))
    assert statement("f(&x[1])").call.arguments[0] == tree.AddressOf(tree.Variable("x", tree.Number(1.0)))


def test_a_text_may_hold_comment_marks_and_line_ends():
    assert statement('printf("a: b? {\n")').call.arguments == (tree.String("a: b? {\n"),)

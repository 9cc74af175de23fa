"""Every error says where, what was found, what was expected, and what to do."""

import pickle

import pytest

from jaxsim.io.nmodl import NmodlError
from tests.io.nmodl.parsed import refused

REPORT = "Correct the line; if NEURON's nrnivmodl accepts it, report the file."
OR_NAME = "Or, if it is to be a name, choose another one: the word is reserved."
RESERVED = "This word is reserved; choose another name."


def sentence(error):
    return str(error).split("\n")[0]


@pytest.mark.parametrize(
    ("text", "found", "expected", "where"),
    [
        ("PARAMETER { g = S }", "'S'", "a number", "PARAMETER"),
        ("PARAMETER { g = 1 <0 1> }", "'1'", "',' and the upper limit", "PARAMETER"),
        ('PARAMETER { "g" }', "the text 'g'", "the name of a parameter, or '}'", "PARAMETER"),
        ("CONSTANT { R }", "'}'", "'=' and a number", "CONSTANT"),
        ("STATE { m<x> }", "'x'", "a number", "STATE"),
        ("STATE { a[2.5] }", "'2.5'", "the length of the array", "STATE"),
        ("INDEPENDENT { t FROM 0 TO 1 }", "'}'", "'WITH'", "INDEPENDENT"),
        ("NEURON { SUFFIX }", "'}'", "the name of the mechanism", "NEURON"),
        ("NEURON { RANGE a, }", "'}'", "a name", "NEURON"),
        ("NEURON { USEION na }", "'}'", "READ or WRITE and the variables of na", "NEURON"),
        ("NEURON { REPRESENTS x }", "'x'", "the name of an ontology, such as CHEBI:29101", "NEURON"),
        ("DEFINE N .5", "'.5'", "a whole number", "DEFINE"),
        ("INCLUDE x", "'x'", "the name of a file in quotes", "INCLUDE"),
        ("FUNCTION f { }", "'{'", "'(' and the arguments", "FUNCTION f"),
        ("FUNCTION f(x { }", "'{'", "',' or ')'", "FUNCTION f"),
        ("DERIVATIVE { }", "'{'", "the name of the block", "DERIVATIVE"),
        ("BEFORE x { }", "'x'", "BREAKPOINT, SOLVE, INITIAL or STEP", "BEFORE"),
        ("AFTER INITIAL x", "'x'", "'{' and statements", "AFTER INITIAL"),
        ("BREAKPOINT { i = g * }", "'}'", "an expression", "BREAKPOINT"),
        ("BREAKPOINT { i = (g }", "'}'", "an operator or ')'", "BREAKPOINT"),
        ("BREAKPOINT { i + 1 }", "'+'", "'=' and a value, or '(' and arguments", "BREAKPOINT"),
        ("BREAKPOINT { a[1] }", "'}'", "'=' and a value", "BREAKPOINT"),
        ("BREAKPOINT { a[1 = 2 }", "'='", "an operator or ']'", "BREAKPOINT"),
        ("BREAKPOINT { x = f(1 2) }", "'2'", "an operator, ',' or ')'", "BREAKPOINT"),
        ("BREAKPOINT { x = $ }", "'$'", "an expression", "BREAKPOINT"),
        ("BREAKPOINT { IF x { } }", "'x'", "'(' and a condition", "BREAKPOINT"),
        ("BREAKPOINT { IF (x) y = 1 }", "'y'", "'{' and statements", "BREAKPOINT"),
        ("BREAKPOINT { SOLVE s METHOD }", "'}'", "the name of a method", "BREAKPOINT"),
        ("INITIAL { FROM i TO 3 { } }", "the word TO", "'='", "INITIAL"),
        ("INITIAL { FROM i = 0 { } }", "'{'", "an operator or the word TO", "INITIAL"),
        ("PROCEDURE p() { TABLE a FROM 0 WITH 3 }", "the word WITH", "an operator or the word TO", "PROCEDURE p"),
        ("PROCEDURE p() { TABLE a b }", "'b'", "',', DEPEND or FROM", "PROCEDURE p"),
        ("PROCEDURE p() { MATCH { {", "the end of the file", "'}'", "PROCEDURE p"),
        ("NET_RECEIVE (w) { WATCH (v == 1) 2 }", "'=='", "'<' or '>'", "NET_RECEIVE"),
        ("NET_RECEIVE (w) { WATCH (v > 1) x }", "'x'", "the number that flag becomes", "NET_RECEIVE"),
        ("KINETIC k { ~ a <-> b (1) }", "')'", "an operator or ',' and the backward rate", "KINETIC k"),
        ("KINETIC k { ~ a <-> b 1 }", "'1'", "'+' or the rates (forward, backward)", "KINETIC k"),
        ("KINETIC k { ~ a <- b }", "'-'", "'<->' and two rates, '->' and one rate, or '<<' and a flux", "KINETIC k"),
        (
            "KINETIC k { ~ a = b }",
            "'='",
            "'+' or '<->' and two rates, '->' and one rate, or '<<' and a flux",
            "KINETIC k",
        ),
        ("KINETIC k { ~ 2 <-> b (1, 1) }", "'<->'", "a variable", "KINETIC k"),
        ("KINETIC k { ~ a' -> (1) m' }", "'}'", "'=' and a value, or '(' and arguments", "KINETIC k"),
        ("NEURON { RANGE m' }", "the derivative m'", "a name", "NEURON"),
        ("KINETIC k { CONSERVE a }", "'}'", "'+' or '='", "KINETIC k"),
        ("KINETIC k { COMPARTMENT v { } }", "'}'", "the name of a state", "KINETIC k"),
        ("DERIVATIVE d { ~ a <-> b (1, 1) }", "'<->'", "an operator or '='", "DERIVATIVE d"),
    ],
)
def test_what_was_found_and_expected(text, found, expected, where):
    error = refused(text)
    assert sentence(error).startswith(f"a.mod:1: found {found} where {expected} was expected, in {where}. ")
    assert error.construct == where


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("BREAKPOINT { i = g * }", REPORT),
        ("BREAKPOINT { i = 1; }", "NMODL has no semicolons: remove it."),
        ("PARAMETER { if = 1 }", RESERVED),
        ("LOCAL TABLE", RESERVED),
        ("PARAMETER { g = 1", "Close the brace of the PARAMETER on line 1."),
        ("INITIAL { x = 1 STATE { m }", "Close the brace of the INITIAL on line 1 before it."),
        ("PARAMETER { g = 1 STATE { m }", f"Close the brace of the PARAMETER on line 1 before it. {OR_NAME}"),
        ("UNITS { TITLE x\n }", "Close the brace of the UNITS on line 1 before it."),
        ("STATE { m } }", "There is one closing brace too many, here or before."),
        ("NEURON { SUFIX hh }", "Did you mean SUFFIX?"),
        ("Parameter { g = 1 }", "Did you mean PARAMETER?"),
        ("VOLTAGE_PROCESS x", "Arbor has it and NEURON has not; write the mechanism without it."),
        ("UNITS { (mV) = millivolt }", "Write (mV) = (millivolt)."),
        ("UNITS { F = 96485 }", "A number without a unit has the unit (1)."),
        ("STATE { a[n] }", "Write DEFINE n and a whole number at the top of the file."),
        ("DEFINE N 4 STATE { N }", "Give one of the two another name."),
        (
            "PARAMETER {\nVERBATIM\nENDVERBATIM\n}",
            "C code may stand between blocks and between statements only; move it.",
        ),
        ('INITIAL { printf("x) }', "Close it."),
        ("INITIAL { x = é }", "Only comments and units may hold other characters than ASCII."),
    ],
)
def test_what_to_do(text, fix):
    assert sentence(refused(text)).endswith(f". {fix}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("PARAMETER { a (mV\n) }", "the unit has no closing parenthesis on its line, in PARAMETER. Add it."),
        ("STATE { a[0] }", "the length of an array must be positive, got 0. Write 1 or more."),
        ("DEFINE N -1 STATE { a[N] }", "the length of an array must be positive, got -1. Write 1 or more."),
        ("PARAMETER { a = 1e999 }", "the number 1e999 is too large. The largest is 1.8e308."),
        ("DEFINE N 9999999999", "the whole number 9999999999 is too large. It has at most 9 digits."),
        ("NET_RECEIVE () { }", "NET_RECEIVE needs at least one argument, the weight. Write NET_RECEIVE (weight)."),
        (
            "KINETIC k { ~+ a <-> b (1, 1) }",
            "~+ adds to an equation of a LINEAR or NONLINEAR block; a KINETIC block has reactions. Write ~.",
        ),
        (
            "VERBATIM\nx",
            "the VERBATIM block has no end. Add a line ENDVERBATIM; the word must be the first of its line.",
        ),
        (
            "COMMENT\nx",
            "the COMMENT block has no end. Add a line ENDCOMMENT; the word must be the first of its line.",
        ),
    ],
)
def test_other_errors(text, says):
    assert sentence(refused(text)) == f"a.mod:1: {says}"


def test_a_name_by_define_says_its_number():
    assert "found 'N', the number 4 by DEFINE where a new name" in str(refused("DEFINE N 4 DEFINE N 5"))


def test_the_line_is_shown_with_a_mark_below_the_place():
    error = refused("NEURON {\n    SUFFIX hh\n}\nPARAMETER {\n\tg = 1\n\tgk = = 2\n}\n")
    assert error.line == 6
    assert error.path == "a.mod"
    assert str(error).split("\n")[1:] == ["     gk = = 2", "          ^"]


def test_a_long_line_is_cut_around_the_place():
    shown, mark = str(refused("PARAMETER { " + "a = 1 " * 50 + "* " + "b = 2 " * 50)).split("\n")[1:]
    assert len(shown) < 120
    assert shown[mark.index("^")] == "*"


def test_a_long_name_is_cut():
    assert len(str(refused("PARAMETER { a = " + "x" * 10_000))) < 400


def test_an_error_is_a_value_error_that_travels():
    error = refused("PARAMETER { g = S }")
    assert isinstance(error, ValueError)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is NmodlError
    assert (str(copy), copy.path, copy.line, copy.construct) == (str(error), "a.mod", 1, "PARAMETER")

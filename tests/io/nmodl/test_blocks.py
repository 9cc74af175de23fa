"""What stands at the level of the file."""

import pytest

from jaxsim.io.nmodl import parse_mod, tree
from tests.io.nmodl.parsed import item, statement

Y1 = statement("y = 1")


@pytest.mark.parametrize("kind", [tree.Initial, tree.Breakpoint, tree.Constructor, tree.Destructor])
def test_blocks_without_a_name(kind):
    assert item(f"{kind.__name__.upper()} {{ y = 1 }}") == kind((Y1,))


def test_the_oldest_name_of_breakpoint():
    assert item("EQUATION { y = 1 }") == tree.Breakpoint((Y1,))


def test_derivative():
    derivative = item("DERIVATIVE states { m' = (minf - m) / mtau }")
    assert derivative == tree.Derivative("states", (statement("m' = (minf - m) / mtau"),))


@pytest.mark.parametrize("kind", [tree.Function, tree.Procedure])
def test_arguments_and_units(kind):
    keyword = kind.__name__.upper()
    arguments = (tree.Argument("v", "mV"), tree.Argument("n"))
    assert item(f"{keyword} f(v (mV), n) (ms) {{ y = 1 }}") == kind("f", arguments, "ms", (Y1,))
    assert item(f"{keyword} f() {{ }}") == kind("f", (), "", ())


def test_function_table():
    found = item("FUNCTION_TABLE tau(v (mV), ca) (ms)")
    assert found == tree.FunctionTable("tau", (tree.Argument("v", "mV"), tree.Argument("ca")), "ms")


@pytest.mark.parametrize("when", ["BEFORE", "AFTER"])
@pytest.mark.parametrize("what", ["BREAKPOINT", "SOLVE", "INITIAL", "STEP"])
def test_before_and_after(when, what):
    assert item(f"{when} {what} {{ y = 1 }}") == tree.BeforeAfter(when, what, (Y1,))


def test_what_stands_between_blocks():
    text = "LOCAL a, b[2] UNITSOFF\nVERBATIM\nstatic int n;\nENDVERBATIM\nUNITSON"
    local, off, verbatim, on = parse_mod(text).items
    assert local == tree.Local((tree.LocalVariable("a"), tree.LocalVariable("b", 2)))
    assert verbatim == tree.Verbatim("static int n;")
    assert (off, on) == (tree.UnitsSwitch(False), tree.UnitsSwitch(True))


@pytest.mark.parametrize("text", ["PLOT a, b VS t", "PLOT a", "TERMINAL { x = 1 }", "PARTIAL p { ~ DEL2 x = { 1 } }"])
def test_blocks_of_older_translators_are_kept_as_text(text):
    assert item(text) == tree.Obsolete(text.split()[0], text)


def test_blocks_come_in_any_order_and_number():
    kinds = [type(one) for one in parse_mod("STATE { a } NEURON { } STATE { b } UNITS { } NEURON { }").items]
    assert kinds == [tree.StateBlock, tree.NeuronBlock, tree.StateBlock, tree.UnitsBlock, tree.NeuronBlock]


def test_an_empty_file_has_no_items():
    assert parse_mod("").items == ()
    assert parse_mod(" \n: only this\n").items == ()

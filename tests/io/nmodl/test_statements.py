"""Statements of procedural blocks: assignments, branches, loops, SOLVE, TABLE and the like."""

import pytest

from jaxsim.io.nmodl import tree
from tests.io.nmodl.parsed import body, statement, value

X = tree.Variable("x")
Y1 = statement("y = 1")
Y2 = statement("y = 2")


def test_assignment():
    assert statement("x = a + 1") == tree.Assign(X, value("a + 1"))
    assert statement("ca[i] = 0").target == tree.Variable("ca", tree.Variable("i"))


def test_protected_assignment():
    assert statement("PROTECT x = x + 1") == tree.Assign(X, value("x + 1"), protect=True)


def test_call():
    assert statement("rates(v)") == tree.CallStatement(tree.Call("rates", (tree.Variable("v"),)))


def test_statements_need_no_line_ends():
    assert body("y = 1 y = 2 rates() y = 1") == (Y1, Y2, statement("rates()"), Y1)


def test_local_variables():
    assert statement("LOCAL a, b[3]") == tree.Local((tree.LocalVariable("a"), tree.LocalVariable("b", 3)))


def test_a_group_has_variables_of_its_own():
    assert statement("{ LOCAL a y = 1 }") == tree.Group((statement("LOCAL a"), Y1))


def test_if():
    assert statement("IF (x < 1) { y = 1 }") == tree.If((tree.Branch(value("x < 1"), (Y1,)),))


def test_if_and_else():
    assert statement("IF (x) { y = 1 } ELSE { y = 2 }") == tree.If((tree.Branch(X, (Y1,)),), (Y2,))
    assert statement("IF (x) { } ELSE { }").otherwise == ()


def test_a_chain_of_branches_is_flat():
    found = statement("IF (a) { y = 1 } ELSE IF (b) { y = 2 } ELSE IF (c) { } ELSE { y = 1 }")
    assert [one.condition.name for one in found.branches] == ["a", "b", "c"]
    assert [one.body for one in found.branches] == [(Y1,), (Y2,), ()]
    assert found.otherwise == (Y1,)


def test_words_that_may_be_small():
    small = statement("if (a) { y = 1 } else if (b) { y = 2 } else { while (c) { } }")
    assert small == statement("IF (a) { y = 1 } ELSE IF (b) { y = 2 } ELSE { WHILE (c) { } }")


def test_while():
    assert statement("WHILE (x < 3) { y = 1 y = 2 }") == tree.While(value("x < 3"), (Y1, Y2))


def test_from():
    assert statement("FROM i = 0 TO n - 1 { y = 1 }") == tree.From("i", value("0"), value("n - 1"), None, (Y1,))
    assert statement("FROM i = 0 TO 9 BY 2 { }").step == tree.Number(2.0)


@pytest.mark.parametrize(
    ("text", "solve"),
    [
        ("SOLVE states", tree.Solve("states")),
        ("SOLVE states METHOD cnexp", tree.Solve("states", "cnexp")),
        ("SOLVE states METHOD derivimplicit", tree.Solve("states", "derivimplicit")),
        ("SOLVE scheme METHOD sparse", tree.Solve("scheme", "sparse")),
        ("SOLVE scheme STEADYSTATE sparse", tree.Solve("scheme", "sparse", steadystate=True)),
        ("SOLVE s METHOD euler IFERROR { y = 1 }", tree.Solve("s", "euler", on_error=(Y1,))),
    ],
)
def test_solve(text, solve):
    assert statement(text, "BREAKPOINT") == solve


def test_conductance():
    assert statement("CONDUCTANCE g", "BREAKPOINT") == tree.Conductance("g")
    assert statement("CONDUCTANCE g USEION k", "BREAKPOINT") == tree.Conductance("g", "k")


def test_table():
    found = statement("TABLE minf, mtau DEPEND celsius, q10 FROM -100 TO vmax + 1 WITH 200")
    assert found == tree.Table(("minf", "mtau"), ("celsius", "q10"), value("-100"), value("vmax + 1"), 200)


def test_table_of_a_function():
    assert statement("TABLE FROM 0 TO 1 WITH 10", "FUNCTION f(x)").names == ()
    assert statement("TABLE DEPEND a FROM 0 TO 1 WITH 10", "FUNCTION f(x)").depend == ("a",)


def test_c_code_is_kept_as_it_is():
    code = "    /* { : ? ' \" */\n\tx = (a) ? b : c;"
    assert statement(f"VERBATIM\n{code}\nENDVERBATIM") == tree.Verbatim(code)


def test_units_switch():
    assert body("UNITSOFF UNITSON") == (tree.UnitsSwitch(False), tree.UnitsSwitch(True))


def test_locks():
    assert body("MUTEXLOCK MUTEXUNLOCK") == (tree.Mutex(True), tree.Mutex(False))


def test_lag():
    assert statement("LAG m' BY tau") == tree.Lag(tree.Variable("m", primes=1), "tau")


@pytest.mark.parametrize("text", ["SENS a, b", "RESET", "MATCH { y(1) = 2 { } }"])
def test_words_of_older_translators_are_kept_as_text(text):
    assert statement(text) == tree.Obsolete(text.split()[0], text)


def test_a_loop_of_older_translators():
    assert statement("FORALL ca { y = 1 }") == tree.ForAll("ca", (Y1,))


@pytest.mark.parametrize("name", ["RESET", "MATCH", "SENS", "FORALL", "PLOT", "STEPPED", "IFERROR", "SECTION"])
def test_those_words_may_name_variables(name):
    assert statement(f"{name} = 1").target == tree.Variable(name)

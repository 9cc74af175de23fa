"""KINETIC, LINEAR, NONLINEAR and DISCRETE blocks."""

import pytest

from jaxsim.io.nmodl import parse_mod, tree
from tests.io.nmodl.parsed import item, statement, value

A, B, C = (tree.Reactant(tree.Variable(name)) for name in "abc")


def reaction(text):
    return statement(text, "KINETIC scheme")


def test_both_ways():
    assert reaction("~ a <-> b (kf, kb)") == tree.Reaction("<->", (A,), (B,), value("kf"), value("kb"))


def test_one_way_into_nothing():
    assert reaction("~ a -> (k * 2)") == tree.Reaction("->", (A,), (), value("k * 2"))


def test_flux_into_a_state():
    found = reaction("~ ca[0] << (-ica * area / (2 * FARADAY))")
    ca = tree.Reactant(tree.Variable("ca", tree.Number(0.0)))
    assert found == tree.Reaction("<<", (ca,), (), value("-ica * area / (2 * FARADAY)"))


def test_arrows_may_have_blanks():
    assert reaction("~ a - > (k)").arrow == "->"
    assert reaction("~ a < < (k)").arrow == "<<"


def test_several_reactants_and_their_number():
    found = reaction("~ a + 2 b <-> 3 c + a[i + 1] (kf, kb)")
    assert found.left == (A, tree.Reactant(tree.Variable("b"), 2))
    assert found.right == (
        tree.Reactant(tree.Variable("c"), 3),
        tree.Reactant(tree.Variable("a", value("i + 1"))),
    )


def test_a_number_of_reactants_by_define():
    _, block = parse_mod("DEFINE N 4 KINETIC k { ~ N a <-> b (1, 1) }").items
    assert block.body[0].left == (tree.Reactant(tree.Variable("a"), 4),)


def test_conserve():
    found = reaction("CONSERVE a + 2 b + c = total * (1)")
    assert found == tree.Conserve((A, tree.Reactant(tree.Variable("b"), 2), C), value("total * (1)"))


def test_compartment():
    assert reaction("COMPARTMENT 1e10 { pump pumpca }") == tree.Compartment(tree.Number(1e10), ("pump", "pumpca"))
    found = reaction("COMPARTMENT i, diam * vol[i] { ca }")
    assert found == tree.Compartment(value("diam * vol[i]"), ("ca",), "i")


def test_longitudinal_diffusion():
    assert reaction("LONGITUDINAL_DIFFUSION D { ca }") == tree.LongitudinalDiffusion(tree.Variable("D"), ("ca",))
    found = reaction("LONGITUDINAL_DIFFUSION j, D * vol[j] { ca buffer }")
    assert found == tree.LongitudinalDiffusion(value("D * vol[j]"), ("ca", "buffer"), "j")


def test_other_statements_stand_among_reactions():
    kinds = [tree.Local, tree.CallStatement, tree.From, tree.Assign]
    block = item("KINETIC k { LOCAL x rates(v) FROM i = 0 TO 3 { ~ a[i] <-> a[i + 1] (x, x) } x = f_flux - b_flux }")
    assert [type(one) for one in block.body] == kinds
    assert block.body[2].body == (reaction("~ a[i] <-> a[i + 1] (x, x)"),)


@pytest.mark.parametrize("keyword", ["LINEAR", "NONLINEAR"])
def test_equations(keyword):
    found = item(f"{keyword} eq {{ ~ a + b = 1  ~+ 2 * a = b }}")
    assert found.body == (
        tree.Equation(value("a + b"), value("1")),
        tree.Equation(value("2 * a"), value("b"), added=True),
    )


@pytest.mark.parametrize("kind", [tree.Kinetic, tree.Linear, tree.Nonlinear])
def test_solvefor(kind):
    keyword = kind.__name__.upper()
    assert item(f"{keyword} k SOLVEFOR a, b {{ }}") == kind("k", (), ("a", "b"))
    assert item(f"{keyword} k {{ }}") == kind("k", ())


def test_discrete():
    assert item("DISCRETE d { x = 1 }") == tree.Discrete("d", (statement("x = 1"),))

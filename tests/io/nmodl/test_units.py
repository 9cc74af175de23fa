"""The UNITS block: names of units, and constants with a number or from a conversion."""

import pytest

from jaxsim.io.nmodl import tree
from tests.io.nmodl.parsed import item


def definition(text):
    (found,) = item(f"UNITS {{ {text} }}").definitions
    return found


@pytest.mark.parametrize(
    ("text", "unit", "meaning"),
    [
        ("(mV) = (millivolt)", "mV", "millivolt"),
        ("( molar )=(1/liter)", "molar", "1/liter"),
        ("(um3) = (1e-12 cm3)", "um3", "1e-12 cm3"),
    ],
)
def test_a_unit(text, unit, meaning):
    assert definition(text) == tree.UnitDefinition(unit, meaning)


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("F = 96485.3 (coul)", tree.UnitFactor("F", 96485.3, "", "coul")),
        ("F = (faraday) (coulomb)", tree.UnitFactor("F", None, "faraday", "coulomb")),
        ("R = (k-mole) (joule/degC)", tree.UnitFactor("R", None, "k-mole", "joule/degC")),
        ("PI = (pi) (1)", tree.UnitFactor("PI", None, "pi", "1")),
        ("k = (foot) -> (inch)", tree.UnitFactor("k", None, "foot", "inch")),
        ("z = -2 (1)", tree.UnitFactor("z", -2.0, "", "1")),
    ],
)
def test_a_constant(text, factor):
    assert definition(text) == factor


def test_both_in_order():
    block = item("UNITS { (mA) = (milliamp) F = 9.6e4 (coul) (S) = (siemens) }")
    assert [type(one) for one in block.definitions] == [tree.UnitDefinition, tree.UnitFactor, tree.UnitDefinition]

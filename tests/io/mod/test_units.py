"""Units of a file become factors, or the names that jaxsim uses."""

import pytest

from jaxsim.io.mod.units import UnknownUnit, factor, own_name
from jaxsim.units import FARADAY, GAS_CONSTANT


@pytest.mark.parametrize(
    ("given", "unit", "value"),
    [
        ("faraday", "coulomb", FARADAY),
        ("faraday", "10000 coulomb", FARADAY / 1e4),
        ("faraday", "kilocoulombs", FARADAY / 1e3),
        ("k-mole", "joule/degC", GAS_CONSTANT),
        ("k-mole", "millijoule/degC", 1e3 * GAS_CONSTANT),
        ("pi", "1", 3.141592653589793),
        ("e", "coulombs", 1.602176634e-19),
        ("volt", "mV", 1e3),
        ("mole/liter", "mM", 6.02214076e26),
        ("1/liter", "mM", 1e3),
        ("cm2", "um2", 1e8),
        ("mA/cm2", "nA/um2", 1e-2),
        ("minute", "ms", 6e4),
    ],
)
def test_a_unit_in_another(given, unit, value):
    defined = {"mM": "millimolar", "molar": "1/liter", "mV": "millivolt", "um": "micron", "ms": "millisecond"}
    defined |= {"nA": "nanoamp", "mA": "milliamp", "millimolar": "milli/liter"}
    assert factor(given, unit, defined) == pytest.approx(value, rel=1e-12)


def test_units_of_different_quantities_are_refused():
    with pytest.raises(UnknownUnit, match="different quantities"):
        factor("volt", "amp", {})


@pytest.mark.parametrize("unit", ["furlong", "coul&mb", "1e999 volt"])
def test_unknown_units_are_refused(unit):
    with pytest.raises(UnknownUnit):
        factor(unit, "volt", {})


def test_a_unit_that_is_defined_by_itself_ends():
    with pytest.raises(UnknownUnit):
        factor("a", "volt", {"a": "b", "b": "a"})


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("mho/cm2", "S/cm2"), ("S/cm2", "S/cm2"), ("millivolt", "mV"), ("/ms", "1/ms"), ("", "1"), ("pS/um2", "pS/um2")],
)
def test_names_of_parameters_units(theirs, ours):
    assert own_name(theirs) == ours

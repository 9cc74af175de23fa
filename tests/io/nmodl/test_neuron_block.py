"""The NEURON block: what the simulator sees of a mechanism."""

import pytest

from jaxsim.io.nmodl import tree
from tests.io.nmodl.parsed import item


def identifiers(*names):
    return tuple(map(tree.Identifier, names))


@pytest.mark.parametrize("keyword", ["SUFFIX", "POINT_PROCESS", "ARTIFICIAL_CELL"])
def test_the_name_of_the_mechanism(keyword):
    block = item(f"NEURON {{ {keyword} hh }}")
    assert block.statements == (tree.Suffix(keyword, "hh"),)
    assert block.suffix == tree.Suffix(keyword, "hh")


def test_the_last_name_counts():
    assert item("NEURON { SUFFIX a POINT_PROCESS b }").suffix == tree.Suffix("POINT_PROCESS", "b")
    assert item("NEURON { }").suffix is None


def test_ions():
    block = item("NEURON { USEION ca READ eca, cai WRITE ica VALENCE 2 USEION k WRITE ik USEION na READ ena }")
    assert block.ions == (
        tree.UseIon("ca", identifiers("eca", "cai"), identifiers("ica"), 2.0),
        tree.UseIon("k", write=identifiers("ik")),
        tree.UseIon("na", read=identifiers("ena")),
    )


@pytest.mark.parametrize(("text", "valence"), [("VALENCE -1", -1.0), ("CHARGE 2", 2.0), ("VALENCE 1.5", 1.5)])
def test_valence(text, valence):
    assert item(f"NEURON {{ USEION cl READ ecl {text} }}").ions[0].valence == valence


@pytest.mark.parametrize(
    "keyword",
    [
        *("NONSPECIFIC_CURRENT", "ELECTRODE_CURRENT", "RANGE", "GLOBAL", "POINTER", "BBCOREPOINTER", "EXTERNAL"),
        *("RANDOM", "SECTION"),
    ],
)
def test_lists_of_names(keyword):
    block = item(f"NEURON {{ {keyword} a, b {keyword} c }}")
    assert block.statements == (
        tree.NameList(keyword, identifiers("a", "b")),
        tree.NameList(keyword, identifiers("c")),
    )
    assert block.names(keyword) == ("a", "b", "c")
    assert block.names("OTHER") == ()


def test_threadsafe():
    assert item("NEURON { THREADSAFE }").threadsafe
    assert not item("NEURON { }").threadsafe


@pytest.mark.parametrize("name", ["NCIT:C17145", "[CHEBI:29101]"])
def test_names_of_an_ontology(name):
    block = item(f"NEURON {{ REPRESENTS {name}\n USEION na READ ena REPRESENTS {name}\n RANGE g }}")
    assert block.statements[0] == tree.Represents(name)
    assert block.ions[0].represents == name
    assert block.names("RANGE") == ("g",)

"""The nodes: immutable, equal by what they say, walked in the order of the text."""

import dataclasses
import pickle

import pytest

from jaxsim.io.nmodl import parse_mod, tree
from jaxsim.io.nmodl.include import Source
from tests.io.nmodl.parsed import value
from tests.io.nmodl.sources import CHANNEL, SOURCES


def parsed(name):
    return parse_mod(SOURCES[name], name, lambda name, path: Source(name, "LOCAL x"))


def test_nodes_are_immutable():
    with pytest.raises(dataclasses.FrozenInstanceError):
        parse_mod("STATE { m }").items[0].variables = ()


def test_equal_wherever_they_stand():
    assert value("a + 1") == value("\n\n  a + 1.0")
    assert value("a + 1").place != value("\n\n  a + 1.0").place
    assert hash(value("a + 1")) == hash(value("\n a + 1"))


def test_walk_is_in_the_order_of_the_text():
    places = [node.place for node in tree.walk(parse_mod(CHANNEL).items[3])]
    assert places == sorted(places)
    assert [one.name for one in tree.find(value("a + b[c] * f(d)"), tree.Variable)] == ["a", "b", "c", "d"]


def test_find_takes_base_classes():
    file = parse_mod("STATE { m } INITIAL { m = 1 } LOCAL x")
    assert [type(one) for one in tree.find(file, tree.Item)] == [tree.StateBlock, tree.Initial, tree.Local]
    assert [type(one) for one in tree.find(file, tree.Statement)] == [tree.Initial, tree.Assign, tree.Local]


def test_all_items_of_a_kind_those_of_included_files_in_their_place():
    text = 'LOCAL a INCLUDE "b.inc" LOCAL c'
    file = parse_mod(text, "a.mod", lambda name, path: Source(name, "LOCAL b STATE { m }"))
    assert [one.variables[0].name for one in file.all(tree.Local)] == ["a", "b", "c"]
    assert len(list(file.all(tree.StateBlock))) == 1


def test_every_kind_of_node_is_public():
    def kinds(base):
        return {base.__name__}.union(*map(kinds, base.__subclasses__()))

    assert kinds(tree.Node) <= set(tree.__all__)


@pytest.mark.parametrize("name", SOURCES)
def test_a_tree_travels(name):
    file = parsed(name)
    copy = pickle.loads(pickle.dumps(file))
    assert copy == file
    assert repr(copy) == repr(file)
    assert [n.place for n in tree.walk(copy)] == [n.place for n in tree.walk(file)]

"""A tree holds every word of its source: it can be written back."""

import pytest

from jaxsim.io.nmodl import parse_mod, read_mod_tree, tree
from jaxsim.io.nmodl.include import Source, read_source
from tests.io.nmodl.neuron_files import NEURON_FILES
from tests.io.nmodl.rewrite import KINDS, source_words, tree_words
from tests.io.nmodl.sources import SOURCES


def _defines(file):
    return {one.name: one.value for one in file.all(tree.Define)}


def test_every_source_is_written_back():
    kinds = set()
    for name, text in SOURCES.items():
        file = parse_mod(text, name, include=lambda name, path: Source(name, ""))
        assert tree_words(file) == source_words(text, _defines(file))
        kinds |= {type(node) for node in tree.walk(file)}
    assert kinds - {tree.ModFile, tree.Comment} == KINDS  # and the sources hold every kind of node


@pytest.mark.skipif(not NEURON_FILES, reason="needs the neuron wheel")
def test_neurons_own_files_are_written_back():
    for path in NEURON_FILES:
        file = read_mod_tree(path)
        assert file.path == str(path)
        assert tree_words(file) == source_words(read_source(path).text, _defines(file)), path
        assert all(node.place.path == str(path) and node.place.line > 0 for node in tree.walk(file)), path

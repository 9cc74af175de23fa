"""Whatever the text: a tree or an NmodlError, soon, and no more nodes than the text has characters."""

import time

import pytest

from jaxsim.io.nmodl import NmodlError, parse_mod, tree
from jaxsim.io.nmodl.include import Source, read_source
from tests.io.nmodl.mutations import mutants
from tests.io.nmodl.neuron_files import NEURON_FILES
from tests.io.nmodl.sources import SOURCES

LONGEST = 2.0  # seconds; the slowest takes 0.01


def nodes_or_line(text):
    """The number of nodes of the tree and None, or 0 and the line of the error."""
    try:
        file = parse_mod(text, "broken.mod", lambda name, path: Source(name, ""))
    except NmodlError as error:
        return 0, error.line
    return sum(1 for _ in tree.walk(file)), None


@pytest.mark.parametrize("seed", range(4))
def test_a_broken_file_is_read_or_refused(seed):
    sources = [*SOURCES.values(), *(read_source(path).text for path in NEURON_FILES)]
    read = 0
    for text in mutants(sources, 2500, seed):
        begin = time.process_time()
        nodes, line = nodes_or_line(text)
        assert time.process_time() - begin < LONGEST, text
        assert nodes <= len(text) + 1, text
        assert line is None or 1 <= line <= len(text.splitlines()) + 1, text
        read += line is None
    assert 100 < read < 1500  # the mutations neither leave all as it is nor break everything


def test_mutations_are_the_same_every_time():
    sources = list(SOURCES.values())
    assert list(mutants(sources, 20, 1)) == list(mutants(sources, 20, 1))
    assert list(mutants(sources, 20, 1)) != list(mutants(sources, 20, 2))

"""Whatever the text: a mechanism whose Python compiles, or an NmodlError, and soon."""

import math
import time

import pytest

from jaxsim.io.mod.describe import describe
from jaxsim.io.mod.lower import lower
from jaxsim.io.mod.make_class import make_class
from jaxsim.io.mod.python import to_python
from jaxsim.io.mod.terms import Terms
from jaxsim.io.nmodl import NmodlError, parse_mod
from jaxsim.io.nmodl.include import Source
from tests.io.mod.channels import CHANNELS
from tests.io.mod.sources import SOURCES
from tests.io.nmodl.mutations import mutants

LONGEST = 2.0  # seconds of the processor


def is_read(text: str) -> bool:
    """Whether a text is a mechanism; if so it makes a class, and Python that compiles."""
    terms = Terms()
    try:
        made = lower(parse_mod(text, "broken.mod", lambda name, path: Source(name, "")), terms)
    except NmodlError:
        return False
    assert describe(made)
    assert all(math.isfinite(p.value) for p in made.parameters.values())
    compile(to_python(terms, made, "broken.mod"), "broken.py", "exec")
    make_class(made)
    return True


def broken(count: int, seed: int) -> None:
    """Read broken files; neither all nor none of them are mechanisms."""
    read = 0
    for text in mutants([*CHANNELS.values(), *SOURCES.values()], count, seed):
        begin = time.process_time()
        read += is_read(text)
        assert time.process_time() - begin < LONGEST, text
    assert 0.03 * count < read < 0.7 * count


@pytest.mark.parametrize("seed", range(2))
def test_a_broken_file_is_a_mechanism_or_refused(seed):
    broken(1000, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
def test_many_broken_files_are_mechanisms_or_refused(seed):
    broken(1000, seed)


@pytest.mark.parametrize("name", [*CHANNELS, *SOURCES])
def test_a_whole_file_is_read(name):
    assert is_read({**CHANNELS, **SOURCES}[name])

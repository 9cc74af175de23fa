"""Nothing that a file holds makes the reader hang, overflow its stack or fill the memory."""

import copy
import pickle
import time
import tracemalloc

import pytest

from jaxsim.io.nmodl import NmodlError, parse_mod, read_mod_tree, tree
from jaxsim.io.nmodl.expressions import MAX_HEIGHT
from jaxsim.io.nmodl.include import MAX_CHARACTERS, Source
from jaxsim.io.nmodl.stream import MAX_NESTING
from tests.io.nmodl.parsed import refused

MANY = 20_000
LONGEST = 10.0  # seconds; the slowest takes 0.3


@pytest.mark.parametrize(
    "text",
    [
        "BREAKPOINT { x = " + "(" * MANY + "1",
        "BREAKPOINT { x = " + "f(" * MANY + "1",
        "BREAKPOINT { " + "f(" * MANY + "1",
        "BREAKPOINT { x = " + "a[" * MANY + "1",
        "BREAKPOINT { " + "a[" * MANY + "1",
        "BREAKPOINT " + "{ " * MANY,
        "BREAKPOINT { " + "IF (x) { " * MANY,
        "BREAKPOINT { " + "IF (x) { } ELSE { " * MANY,
        "BREAKPOINT { " + "FROM i = 0 TO 1 { " * MANY,
        "NET_RECEIVE (w) { " + "INITIAL { " * MANY,
        "KINETIC k { ~ " + "a[" * MANY,
        "KINETIC k { COMPARTMENT " + "(" * MANY,
    ],
)
def test_nesting(text):
    assert f"more than {MAX_NESTING} parentheses or braces stand inside one another. Simplify it." in str(refused(text))


@pytest.mark.parametrize(
    "text",
    [
        "BREAKPOINT { x = " + "1 + " * MANY + "1 }",
        "BREAKPOINT { x = " + "1 ^ " * MANY + "1 }",
        "BREAKPOINT { x = " + "- " * MANY + "1 }",
        "BREAKPOINT { x = " + "!" * MANY + "1 }",
        "BREAKPOINT { f(" + "1 + " * MANY + "1) }",
        "BREAKPOINT { a[" + "1 + " * MANY + "1] = 2 }",
        "BREAKPOINT { IF (" + "a && " * MANY + "b) { } }",
        "KINETIC k { ~ a[" + "1 + " * MANY + "1] << (2) }",
        "NET_RECEIVE (w) { WATCH (" + "1 + " * MANY + "v > 1) 2 }",
    ],
)
def test_long_chains_in_an_expression(text):
    says = f"this expression has more than {MAX_HEIGHT} terms in one chain. Compute it in several statements."
    assert says in str(refused(text))


def test_the_longest_chain_is_read():
    parse_mod("INITIAL { x = " + "1 + " * (MAX_HEIGHT - 1) + "1 }")
    refused("INITIAL { x = " + "1 + " * MAX_HEIGHT + "1 }")


def test_the_highest_tree_can_be_copied_compared_and_written():
    depth = MAX_NESTING - 1
    chain = "1 + " * (MAX_HEIGHT - 2) + "1"
    file = parse_mod("INITIAL { " + "IF (1) { } ELSE { " * (depth - 1) + f"f({chain})" + " }" * depth)
    assert pickle.loads(pickle.dumps(file)) == copy.copy(file)
    assert hash(file) == hash(copy.copy(file))
    assert repr(file)


@pytest.mark.parametrize(
    "text",
    [
        "INITIAL { IF (1) { } " + "ELSE IF (1) { } " * MANY + "}",
        "PARAMETER { " + "a = 1 " * MANY + "}",
        "PARAMETER { " + "a = 1 : x\n" * MANY + "}",
        "PARAMETER { a = 1\n" + ": x\n" * MANY + "}",
        "STATE { a" + "'" * MANY + " }",
        "INITIAL { f(" + "1, " * MANY + "1) }",
        "COMMENT ENDCOMMENT\n" * MANY,
        "TITLE\n" * MANY,
        "\n" * MANY,
    ],
)
def test_long_lists_are_read(text):
    begin = time.process_time()
    assert parse_mod(text)
    assert time.process_time() - begin < LONGEST


@pytest.mark.parametrize(
    "text",
    [
        '"' * (MANY + 1),
        "COMMENT\n" * MANY,
        "VERBATIM " * MANY,
        "PARAMETER { " + "a (mV " * MANY,
        "PARAMETER { " + "a = 1 " * MANY + "*",
        "DEFINE N " + "9" * MANY,
        "PARAMETER { a = " + "9" * MANY + "}",
        "PARAMETER { a = 1e" + "9" * MANY + "}",
        "PARAMETER { a " + "x" * MANY + " = = 1 }",
        "NEURON { " + "x" * MANY + " }",
        "NEURON { REPRESENTS " + "x" * MANY + " }",
    ],
)
def test_long_nonsense_is_refused(text):
    begin = time.process_time()
    assert len(str(refused(text))) < 500
    assert time.process_time() - begin < LONGEST


def test_the_memory_is_a_few_hundred_bytes_a_character():
    text = "ASSIGNED { " + "a " * MANY + "}"
    tracemalloc.start()
    try:
        parse_mod(text)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 500 * len(text)


def test_a_huge_text():
    says = f"have {MAX_CHARACTERS + 1:,} characters; at most {MAX_CHARACTERS:,} are read. Remove what is no NMODL."
    assert says in str(refused(" " * (MAX_CHARACTERS + 1)))
    assert parse_mod(" " * MAX_CHARACTERS).items == ()


def test_a_huge_file(tmp_path):
    path = tmp_path / "a.mod"
    path.write_bytes(b" " * (4 * MAX_CHARACTERS + 1))
    with pytest.raises(NmodlError, match=r"the file is larger than 4,000,000 bytes\. Remove what is no NMODL\."):
        read_mod_tree(path)


def included(texts):
    return lambda name, path: Source(name, texts[name])


def test_huge_files_together():
    error = refused('INCLUDE "b" ' * 3, included({"b": " " * (MAX_CHARACTERS // 2)}))
    assert "b: the file and all that it includes have 1,000,036 characters" in str(error)


def test_many_files_inside_one_another():
    texts = {str(i): f'INCLUDE "{i + 1}"' for i in range(50)}
    error = refused('INCLUDE "0"', included(texts))
    assert "more than 20 files stand inside one another. Join them." in str(error)


def test_files_that_double_at_every_step():
    texts = {str(i): f'INCLUDE "{i + 1}"' * 2 for i in range(15)} | {"15": ""}
    assert "more than 200 files are included. Join them." in str(refused('INCLUDE "0"', included(texts)))


def test_what_is_read_is_never_run(tmp_path):
    mark = tmp_path / "mark"
    code = f'__import__("pathlib").Path({str(mark)!r}).touch()'
    file = parse_mod(f'VERBATIM\n{code}\nENDVERBATIM\nINITIAL {{ system("touch {mark}") }}')
    assert [type(one) for one in file.items] == [tree.Verbatim, tree.Initial]
    assert not mark.exists()

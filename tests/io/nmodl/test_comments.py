"""Comments are kept: where they stand, and which declaration they describe."""

import pytest

from jaxsim.io.nmodl import parse_mod, tree
from tests.io.nmodl.parsed import item


def comments(text):
    return [c.text for c in parse_mod(text).comments]


def test_lines_and_blocks():
    text = ": one\n? two\nCOMMENT\nthree\n  four : five\nENDCOMMENT\nSTATE { } : six"
    one, two, block, six = parse_mod(text).comments
    assert (one.text, one.block, one.alone, one.place.line) == ("one", False, True, 1)
    assert (two.text, two.block) == ("two", False)
    assert (block.text, block.block, block.place.line) == ("three\n  four : five", True, 3)
    assert (six.text, six.alone, six.place.line) == ("six", False, 7)


def test_depth_counts_the_open_braces():
    found = parse_mod(": a\nINITIAL { : b\n IF (x) { : c\n } : d\n } : e").comments
    assert [(c.text, c.depth) for c in found] == [("a", 0), ("b", 1), ("c", 2), ("d", 1), ("e", 0)]


def test_marks_in_other_places_begin_no_comment():
    assert comments('INITIAL { printf("a : b ? c") }') == []
    assert comments("PARAMETER { a (um:2 ?) }") == []
    assert comments("TITLE a : b ? c\n") == []
    assert comments("VERBATIM\nx ? y : z;\nENDVERBATIM") == []
    assert comments("NEURON { REPRESENTS a:b }") == []


def test_the_end_word_is_the_first_of_its_line():
    assert comments("COMMENT\n the ENDCOMMENT here\nENDCOMMENTS\n\tENDCOMMENT and more\nSTATE { }") == [
        "the ENDCOMMENT here\nENDCOMMENTS"
    ]


def test_a_block_on_one_line_ends_where_its_line_ends():
    assert comments("COMMENT ENDCOMMENT : x\nSTATE { }") == [""]


def test_a_block_between_statements_and_declarations():
    block = item("PARAMETER { a = 1\nCOMMENT\nb = 2\nENDCOMMENT\nc = 3 }")
    assert [one.name for one in block.parameters] == ["a", "c"]
    assert len(item("INITIAL { x = 1\nCOMMENT\ny = 2\nENDCOMMENT\nz = 3 }").body) == 2


def test_header():
    text = """TITLE t
: before
COMMENT
in a block
ENDCOMMENT
NEURON { : inside
    SUFFIX x }
: after
COMMENT
later
ENDCOMMENT
"""
    assert parse_mod(text).header == ("before", "in a block", "later")
    assert parse_mod(": no NEURON block\n").header == ()


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        (tree.ParameterBlock, "PARAMETER { g = .1 (S/cm2) <0, 1e9>"),
        (tree.ConstantBlock, "CONSTANT { g = .1 (S/cm2)"),
        (tree.AssignedBlock, "ASSIGNED { g (S/cm2)"),
        (tree.StateBlock, "STATE { g FROM 0 TO 1"),
        (tree.UnitsBlock, "UNITS { g = 1 (S)"),
        (tree.UnitsBlock, "UNITS { (S) = (siemens)"),
        (tree.IndependentBlock, "INDEPENDENT { t FROM 0 TO 1 WITH 1 (ms)"),
        (tree.SteppedBlock, "STEPPED { g = 1, 2"),
    ],
)
def test_the_comment_on_the_line_of_a_declaration(kind, start):
    block = item(f"{start} : maximal ? yes\n}}")
    assert type(block) is kind
    (found,) = next(getattr(block, name) for name in vars(block) if name != "place")
    assert found.comment == "maximal ? yes"


def test_a_comment_goes_on_below_itself():
    block = item("""PARAMETER {
        g = 1  : maximal
               : conductance
               :
        h = 2
        : of nothing that stands on a line
        k = 3  : last
          : not of k
    }""")
    assert [one.comment for one in block.parameters] == ["maximal conductance", "", "last"]


def test_two_on_a_line():
    block = item("PARAMETER { a = 1 b = 2 : both\n }")
    assert [one.comment for one in block.parameters] == ["", "both"]


def test_a_declaration_over_several_lines():
    block = item("PARAMETER {\n a = 1 : value\n (mV) : unit\n }")
    assert block.parameters[0].comment == "value unit"


def test_trees_with_other_comments_are_equal_but_for_them():
    plain, told = (parse_mod(f"STATE {{ m }}{c}") for c in ("", " : x"))
    assert plain != told
    assert plain.items == told.items

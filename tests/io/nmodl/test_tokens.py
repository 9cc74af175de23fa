"""The text as it comes: line ends, end-of-file marks, encodings, places."""

import pytest

from jaxsim.io.nmodl import parse_mod, read_mod_tree, tree
from tests.io.nmodl.sources import CHANNEL

PLAIN = "TITLE a\n: b\nSTATE { m\n h }\nVERBATIM\nx\ny\nENDVERBATIM\n"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_every_line_end(end):
    plain = parse_mod(CHANNEL)
    other = parse_mod(CHANNEL.replace("\n", end))
    assert other == plain
    assert [n.place for n in tree.walk(other)] == [n.place for n in tree.walk(plain)]


@pytest.mark.parametrize("mark", ["\x1a", "\x04"])
def test_a_file_ends_at_its_end_mark(mark):
    assert parse_mod(PLAIN + mark + "rest { ( that counts for nothing") == parse_mod(PLAIN)


@pytest.mark.parametrize("blank", [" ", "\t", "\f", "\v", "\n\n"])
def test_blanks(blank):
    assert parse_mod("STATE { m h }".replace(" ", blank)) == parse_mod("STATE { m h }")


def test_blanks_are_needed_between_words_only():
    assert parse_mod("PARAMETER{a=-1(mV)<0,1>b=2}") == parse_mod("PARAMETER { a = - 1 (mV) < 0 , 1 > b = 2 }")


def test_places_are_lines_and_columns():
    m, h = parse_mod(PLAIN, "a.mod").items[1].variables
    assert m.place == tree.Place("a.mod", 3, 9)
    assert h.place == tree.Place("a.mod", 4, 2)
    assert str(h.place) == "a.mod:4"


@pytest.mark.parametrize(
    ("raw", "unit"),
    [(b"STATE { m (\xc2\xb5m) }", "µm"), (b"STATE { m (\xb5m) }", "µm"), (b"\xef\xbb\xbfSTATE { m (um) }", "um")],
)
def test_utf8_latin1_and_byte_order_mark(tmp_path, raw, unit):
    path = tmp_path / "a.mod"
    path.write_bytes(raw)
    assert read_mod_tree(path).items[0].variables[0].unit == unit

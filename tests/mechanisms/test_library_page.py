"""docs/library.md lists the whole library, in the words of the docstrings and with the figures that are measured."""

from pathlib import Path

import pytest

from tests.mechanisms.agreement_table import NOTHING, figure, figures, names, words

PAGE = Path(__file__).parents[2] / "docs" / "library.md"
ROUNDING = 1e-12  # below it the machine decides
HEADS = ("channel", "pool")


def rows() -> dict[str, list[str]]:
    """Name -> cells, of the tables whose first column is one of HEADS."""
    found, inside = {}, False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("|"):
            inside = False
        elif cells[0] in HEADS:
            inside = True
        elif inside and not cells[0].startswith("---"):
            found[cells[0].strip("`")] = cells
    return found


def test_every_mechanism_is_listed_in_order():
    assert list(rows()) == names()


@pytest.mark.parametrize("name", names())
def test_the_words_are_the_docstrings(name):
    cells = words(name)
    assert rows()[name][: len(cells)] == cells


@pytest.mark.parametrize("name", names())
def test_the_figures_are_measured(x64, name):
    written, measured = rows()[name][len(words(name)) :], figures(name)
    assert len(written) == len(measured)
    for text, value in zip(written, measured, strict=True):
        if value is None:
            assert text == NOTHING
        elif value > ROUNDING or float(text) > ROUNDING:
            assert 0.1 * value < float(text) < 10.0 * value


@pytest.mark.parametrize(
    ("value", "text"), [(None, "-"), (0.0, "0"), (2.1e-15, "3e-15"), (9.5e-9, "1e-08"), (4e-8, "4e-08")]
)
def test_figures_are_rounded_up(value, text):
    assert figure(value) == text

"""The one exception of the reader of .mod files: where, what was found, what was expected, a way out."""

from collections.abc import Iterable
from difflib import get_close_matches

from jaxsim.io.nmodl.tree.base import Place

_SHOWN = 110  # characters of the source line
_LONGEST_WORD = 30  # of a guess; the time for one grows with the square of the length


class NmodlError(ValueError):
    """A .mod file that cannot be read.

    Args:
        sentence: what is wrong and what to do.
        path: the file.
        line: the line, from 1; 0 where the whole file is meant.
        construct: the block or statement it stands in, e.g. "PARAMETER"; "" at the level of the file.
        shown: the source line with a mark below the column; "" without.
    """

    def __init__(self, sentence: str, path: str, line: int, construct: str = "", shown: str = "") -> None:
        where = f"{path}:{line}" if line else path
        super().__init__(f"{where}: {sentence}" + (f"\n{shown}" if shown else ""))
        self.path = path
        self.line = line
        self.construct = construct
        self._made_of = (sentence, path, line, construct, shown)

    def __reduce__(self) -> tuple[type["NmodlError"], tuple[str, str, int, str, str]]:
        """What a copy in another process is made of."""
        return NmodlError, self._made_of


def shown_line(text: str, place: Place) -> str:
    """The source line of a place, cut to a readable width, with a mark below the column."""
    lines = text.split("\n", place.line)
    line = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
    begin = max(0, place.column - 1 - _SHOWN // 2) if len(line) > _SHOWN else 0
    part = "".join(c if c.isprintable() else " " for c in line[begin : begin + _SHOWN])
    mark = " " * (place.column - 1 - begin) + "^"
    return f"    {part.rstrip()}\n    {mark}"


def error_at(text: str, place: Place, sentence: str, construct: str = "") -> NmodlError:
    """The error about one place of a source text."""
    return NmodlError(sentence, place.path, place.line, construct, shown_line(text, place))


def guess(word: str, known: Iterable[str]) -> str:
    """The question whether the nearest of these words was meant; "" where none is near."""
    close = get_close_matches(word.upper(), sorted(known), n=1) if len(word) <= _LONGEST_WORD else []
    return f"Did you mean {close[0]}?" if close else ""

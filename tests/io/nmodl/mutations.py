"""Broken .mod files: deterministic mutations of whole ones."""

import random
import re
from collections.abc import Callable, Iterator, Sequence

from jaxsim.io.nmodl.vocabulary import KEYWORDS

_PIECE = re.compile(r"\w+|\s+|.", re.DOTALL)
_WORDS = (
    *sorted(KEYWORDS),
    *("ENDVERBATIM", "ENDCOMMENT", "PLOT", "MATCH", "SENS", "N", "m'", "m'0", "1", "-1", "1e9", "1e999", "9" * 11),
    *"{}()[]+-*/^!<>=~,:?\"'&@;%$",
    *("<=", ">=", "==", "!=", "&&", "||", "~+", "<->", "->", "<<"),
    *" \n\r\t\0\x1aé²\u2028\N{GRINNING FACE}",
)

Mutation = Callable[[random.Random, list[str]], None]


def mutants(sources: Sequence[str], count: int, seed: int) -> Iterator[str]:
    """Broken copies of the sources in turn, each broken in one to three places."""
    chance = random.Random(seed)
    pieces = [_PIECE.findall(source) for source in sources]
    for i in range(count):
        text = list(pieces[i % len(pieces)])
        for _ in range(chance.randint(1, 3)):
            chance.choice(_MUTATIONS)(chance, text)
        yield "".join(text)


def _range(chance: random.Random, text: list[str]) -> slice:
    """A few pieces, or now and then many."""
    begin = chance.randrange(len(text) + 1)
    return slice(begin, begin + chance.choice((1, 1, 1, 2, 5, 20, 200)))


def _delete(chance: random.Random, text: list[str]) -> None:
    del text[_range(chance, text)]


def _repeat(chance: random.Random, text: list[str]) -> None:
    part = text[_range(chance, text)]
    at = chance.randrange(len(text) + 1)
    text[at:at] = part * chance.choice((1, 1, 1, 3, 70))


def _insert(chance: random.Random, text: list[str]) -> None:
    text.insert(chance.randrange(len(text) + 1), chance.choice(_WORDS))


def _replace(chance: random.Random, text: list[str]) -> None:
    text[_range(chance, text)] = [chance.choice(_WORDS)]


def _swap(chance: random.Random, text: list[str]) -> None:
    if text:
        i, j = chance.randrange(len(text)), chance.randrange(len(text))
        text[i], text[j] = text[j], text[i]


def _spoil(chance: random.Random, text: list[str]) -> None:
    """One character more inside a word."""
    if text:
        at = chance.randrange(len(text))
        cut = chance.randrange(len(text[at]) + 1)
        text[at] = text[at][:cut] + chr(chance.randrange(128)) + text[at][cut:]


def _truncate(chance: random.Random, text: list[str]) -> None:
    del text[chance.randrange(len(text) + 1) :]


_MUTATIONS: tuple[Mutation, ...] = (_delete, _repeat, _insert, _insert, _replace, _replace, _swap, _spoil, _truncate)

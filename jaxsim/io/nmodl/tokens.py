"""Tokens: the words, numbers and marks of a .mod file, with their places; comments are set aside."""

import re
from bisect import bisect_right
from collections.abc import Generator
from typing import NamedTuple

from jaxsim.io.nmodl.errors import error_at
from jaxsim.io.nmodl.tree.base import Place
from jaxsim.io.nmodl.tree.file import Comment
from jaxsim.io.nmodl.vocabulary import KEYWORDS, LOWER_CASE

_TOKEN = re.compile(
    r"""
      (?P<blank>   [ \t\f\v\n]+ )
    | (?P<comment> [:?][^\n]* )
    | (?P<name>    [A-Za-z][A-Za-z0-9_]* '* )
    | (?P<number>  (?: [0-9]+ (?: \.[0-9]* )? | \.[0-9]+ ) (?: [Ee][-+]?[0-9]+ )? )
    | (?P<string>  "[^"]*" )
    | (?P<mark>    <-> | >= | <= | == | != | && | \|\| | ~\+ | . )
    """,
    re.VERBOSE,
)
_ONTOLOGY = re.compile(r"(?P<blank>[ \t]+)|(?P<ontology>\[[A-Za-z]\w*:\w*\]|[A-Za-z]\w*:\w*)", re.ASCII)
_END_WORD = {word: re.compile(rf"[ \t]*END{word}(?![A-Za-z])") for word in ("COMMENT", "VERBATIM")}
_END_LINE = {word: re.compile("^" + end.pattern, re.MULTILINE) for word, end in _END_WORD.items()}
_END_OF_FILE = re.compile("[\x1a\x04]")  # control-Z and control-D end a file, as they did under DOS


class Token(NamedTuple):
    """A piece of the source.

    Args:
        kind: a keyword or mark is its own kind ("FROM", "<->"); otherwise "name", "number", "string", "title",
            "verbatim", "ontology" or "end".
        text: as it is written; of a string, title or VERBATIM block the inner text.
        start, end: where it stands in the text, in characters from 0.
        place: the same as line and column.
    """

    kind: str
    text: str
    start: int
    end: int
    place: Place


def source_text(text: str) -> str:
    """The text with one kind of line end, up to its end-of-file character."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    end = _END_OF_FILE.search(text)
    return text[: end.start()] if end else text


def tokenise(text: str, path: str, comments: list[Comment]) -> Generator[Token, int | None, None]:
    """The tokens of a text, one by one, and "end" for ever after the last.

    Args:
        text: what `source_text` returned.
        path: the file's name, for the places.
        comments: the comments that are passed on the way are appended.

    Yields:
        Tokens; `send(offset)` goes on at that offset instead of behind the last one.

    Raises:
        NmodlError: if a COMMENT or VERBATIM block has no end.
    """
    lines = [0, *(m.end() for m in re.finditer("\n", text))]
    at, depth, before = 0, 0, ""
    while True:
        pattern = _ONTOLOGY if before == "REPRESENTS" and _ONTOLOGY.match(text, at) else _TOKEN
        match = pattern.match(text, at)
        kind, end = (str(match.lastgroup), match.end()) if match else ("end", at)
        if kind == "blank":
            at = end
            continue
        line = bisect_right(lines, at)
        place = Place(path, line, at - lines[line - 1] + 1)
        token = Token(text[at:end] if kind == "mark" else kind, text[at:end], at, end, place)
        if kind == "comment":
            alone = not text[lines[line - 1] : at].strip()
            comments.append(Comment(token.text[1:].strip(), depth=depth, alone=alone, place=place))
            at = end
            continue
        if kind == "name":
            token = _word(text, token)
        elif kind == "string":
            token = token._replace(text=token.text[1:-1])
        elif kind == "mark":
            depth += {"{": 1, "}": -1}.get(token.kind, 0)
        before = token.kind
        if before == "COMMENT":
            comments.append(Comment(token.text, block=True, depth=depth, place=place))
            at = token.end
            continue
        jump = yield token
        at = token.end if jump is None else jump


def _word(text: str, token: Token) -> Token:
    """A name, a keyword, or what a keyword that takes raw text makes of it."""
    word = token.text
    if word.endswith("'") and text.startswith("0", token.end):  # m'0, the initial value of a derivative
        primes = word.count("'")
        return token._replace(text=f"D{primes if primes > 1 else ''}{word.rstrip(chr(39))}0", end=token.end + 1)
    if word in LOWER_CASE:
        return token._replace(kind=LOWER_CASE[word])
    if word not in KEYWORDS:
        return token
    if word == "TITLE":
        end = text.find("\n", token.end)
        end = len(text) if end < 0 else end
        return token._replace(kind="title", text=text[token.end : end].strip(), end=end)
    if word in ("COMMENT", "VERBATIM"):
        return _raw_block(text, token)
    return token._replace(kind=word)


def _raw_block(text: str, token: Token) -> Token:
    """COMMENT or VERBATIM up to the line that begins with its end word; the rest of that line counts for nothing."""
    word = token.text
    stop = _END_WORD[word].match(text, token.end) or _END_LINE[word].search(text, token.end)
    if stop is None:
        fix = f"Add a line END{word}; the word must be the first of its line."
        raise error_at(text, token.place, f"the {word} block has no end. {fix}", word)
    end = text.find("\n", stop.end())
    inner = text[token.end : stop.start()]
    return token._replace(
        kind=word if word == "COMMENT" else "verbatim",
        text=inner.strip() if word == "COMMENT" else inner.strip("\n"),
        end=len(text) if end < 0 else end,
    )

"""The stream of tokens that the parser takes from: one token of look-ahead, raw text of units, errors."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from jaxsim.io.nmodl.errors import NmodlError, error_at, guess
from jaxsim.io.nmodl.tokens import Token, source_text, tokenise
from jaxsim.io.nmodl.tree.base import Place
from jaxsim.io.nmodl.tree.file import Comment
from jaxsim.io.nmodl.vocabulary import ARBOR, BLOCKS, KEYWORDS

MAX_NESTING = 64  # parentheses, indices and braces inside one another; of 4,800 published files the most is 10
_REPORT = "Correct the line; if NEURON's nrnivmodl accepts it, report the file."


@dataclass(frozen=True)
class Scope:
    """What the parser is inside of.

    Args:
        construct: for messages, e.g. "KINETIC states"; "" at the level of the file.
        block: the keyword of the block, which says what ~ begins.
        opened: where the block begins; None at the level of the file.
        depth: how many parentheses and braces are open.
    """

    construct: str = ""
    block: str = ""
    opened: Place | None = None
    depth: int = 0


class Stream:
    """The tokens of one file. Taking one is the only change there is.

    Args:
        text: the source.
        path: the file's name.
        defines: the numbers that DEFINE gave to names; included files share it.
    """

    def __init__(self, text: str, path: str, defines: dict[str, int]) -> None:
        self.text = source_text(text)
        self.path = path
        self.defines = defines
        self.comments: list[Comment] = []
        self._tokens = tokenise(self.text, path, self.comments)
        self._ahead = deque([next(self._tokens)])

    @property
    def token(self) -> Token:
        """The next token, which stays."""
        return self._ahead[0]

    @property
    def kind(self) -> str:
        """The kind of the next token."""
        return self._ahead[0].kind

    @property
    def at_number(self) -> bool:
        """Whether the next token is a number, or a name that DEFINE made one."""
        return self.kind == "number" or (self.kind == "name" and self.token.text in self.defines)

    def take(self) -> Token:
        """The next token, which goes."""
        token = self._ahead.popleft()
        self._ahead.append(next(self._tokens))
        return token

    def skip(self, kind: str) -> bool:
        """Take the next token if it is of this kind, and say whether it was."""
        if self._ahead[0].kind != kind:
            return False
        self.take()
        return True

    def expect(self, kind: str, scope: Scope, what: str = "") -> Token:
        """Take a token of this kind; another one is the `NmodlError` that `what` was expected."""
        if self._ahead[0].kind != kind:
            raise self.unexpected(scope, what or repr(kind))
        return self.take()

    def name(self, scope: Scope, what: str = "a name") -> Token:
        """Take a name without primes that DEFINE has not made a number."""
        if self.kind != "name" or self.at_number or self.token.text.endswith("'"):
            raise self.unexpected(scope, what, self._reserved(scope))
        return self.take()

    def unit(self, scope: Scope) -> str:
        """The text of the parentheses that come next, blanks normalised; "" where none come."""
        if self.kind != "(":
            return ""
        start = self._ahead[0].end
        end, line_end = self.text.find(")", start), self.text.find("\n", start)
        if end < 0 or 0 <= line_end < end:
            sentence = f"the unit has no closing parenthesis on its line{_inside(scope)}. Add it."
            raise self.error(self.token.place, sentence, scope)
        self._ahead.clear()
        self._ahead.append(self._tokens.send(end + 1))
        return " ".join(self.text[start:end].split())

    def comment_beside(self, first: int) -> str:
        """The comment on the lines of a declaration that was just taken and began on line `first`."""
        n = len(self.comments)
        while n and self.comments[n - 1].place.line >= first:
            n -= 1
        found: list[Comment] = []
        for one in self.comments[n:]:
            if not one.block and (not one.alone or (found and _continues(one.place, found[-1].place))):
                found.append(one)
        return " ".join(one.text for one in found if one.text)

    def deeper(self, scope: Scope) -> Scope:
        """The scope inside one more parenthesis or brace, which must not be too many."""
        if scope.depth >= MAX_NESTING:
            sentence = f"more than {MAX_NESTING} parentheses or braces stand inside one another. Simplify it."
            raise self.error(self.token.place, sentence, scope)
        return replace(scope, depth=scope.depth + 1)

    def error(self, place: Place, sentence: str, scope: Scope) -> NmodlError:
        """The error about a place of this file."""
        return error_at(self.text, place, sentence, scope.construct)

    def unexpected(self, scope: Scope, expected: str, fix: str = "", words: Iterable[str] = ()) -> NmodlError:
        """The error that the next token is not what was expected, which could be one of some words."""
        found, hint = self._found(scope)
        fix = fix or hint or guess(self.token.text, words) or _REPORT
        return self.error(
            self.token.place, f"found {found} where {expected} was expected{_inside(scope)}. {fix}", scope
        )

    def _reserved(self, scope: Scope) -> str:
        """What to do about a keyword where a name was expected."""
        if self.kind not in KEYWORDS:
            return ""
        close = self._found(scope)[1]
        if close:
            return f"{close} Or, if it is to be a name, choose another one: the word is reserved."
        return "This word is reserved; choose another name."

    def _found(self, scope: Scope) -> tuple[str, str]:
        """What the next token is, and what to do about it where that is clear."""
        kind, text, *_ = self.token
        since = f" of the {scope.construct} on line {scope.opened.line}" if scope.opened else ""
        if kind == "end":
            return "the end of the file", f"Close the brace{since}." if since else ""
        if kind in BLOCKS or kind == "title":
            word = "TITLE" if kind == "title" else kind
            return f"the word {word}", f"Close the brace{since} before it." if since else ""
        if kind == "verbatim":
            return "a VERBATIM block", "C code may stand between blocks and between statements only; move it."
        if kind == "string":
            return f"the text {text[:40]!r}", ""
        if kind == ";":
            return "';'", "NMODL has no semicolons: remove it."
        if kind == '"':
            return "a quotation mark that is not closed", "Close it."
        if kind == "name" and text in self.defines:
            return f"{text!r}, the number {self.defines[text]} by DEFINE", "Give one of the two another name."
        if kind == "name" and text.endswith("'"):
            return f"the derivative {text}", ""
        if kind == "name" and text in ARBOR:
            return f"the word {text}", "Arbor has it and NEURON has not; write the mechanism without it."
        if kind in KEYWORDS:
            return f"the word {text}", ""
        if not kind.isascii():
            return f"the character {kind!r}", "Only comments and units may hold other characters than ASCII."
        return repr(text[:40]), ""


def _inside(scope: Scope) -> str:
    return f", in {scope.construct}" if scope.construct else ""


def _continues(place: Place, before: Place) -> bool:
    """Whether a comment stands right below another one."""
    return place.line == before.line + 1 and place.column == before.column

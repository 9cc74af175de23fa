"""A TOML file that knows where its keys stand: typed reading, and errors of one sentence."""

import dataclasses
import difflib
import math
import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jaxsim.errors import unknown

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_PART = re.compile(r"[\w-]+|\"[^\"]*\"|'[^']*'")
_QUANTITY = re.compile(r"^\s*([-+0-9.eE]+)\s*([A-Za-zµμ].*)$")
_PREFIX = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6}
_BASES = ("A", "V", "s", "m", "S", "F", "S/cm2")

# Numbers from which on another unit was meant, and which.
_BEYOND = {"S/cm2": (10.0, "mS/cm2"), "nA": (1000.0, "pA")}

_REQUIRED: Any = object()


class InputError(Exception):
    """What the user gave is wrong; the message is the one sentence to show."""


@dataclasses.dataclass(frozen=True, eq=False)
class Document:
    """A configuration text.

    Args:
        name: how it is called in messages: the path as given.
        folder: what paths inside it are relative to.
        text: the TOML.
    """

    name: str
    folder: Path
    text: str

    def table(self) -> "Table":
        """The whole document; wrong TOML is an `InputError` with the line."""
        try:
            return Table(self, (), tomllib.loads(self.text))
        except tomllib.TOMLDecodeError as error:
            message = str(error)
            found = re.search(r"\(at line (\d+), column (\d+)\)", message)
            where = f", line {found.group(1)}, column {found.group(2)}" if found else ""
            what = re.sub(r"\s*\(at [^)]*\)", "", message).rstrip(".")
            last = where or f", line {len(self.text.splitlines())}"
            hint = (
                'Text values need quotes: key = "text".'
                if what == "Invalid value"
                else "See jaxsim fit --print-config."
            )
            raise InputError(f"{self.name}{last}: this is no valid TOML ({what}). {hint}") from None

    def line(self, path: Sequence[str | int]) -> int | None:
        """The line of a key, or of the nearest enclosing one that is written out; None where there is none."""
        lines = _lines(self.text)
        for n in range(len(path), 0, -1):
            if tuple(path[:n]) in lines:
                return lines[tuple(path[:n])]
        return None


def read_document(path: Path) -> Document:
    """The configuration file at a path; a missing or unreadable one is an `InputError`."""
    try:
        return Document(str(path), path.parent, path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        guess = _nearest_file(path) or "Write one from: jaxsim fit --print-config > my_fit.toml"
        raise InputError(f"{path}: no such configuration file. {guess}") from None
    except IsADirectoryError:
        raise InputError(f"{path}: this is a folder, not a configuration file. Name a .toml file.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: this is no text file (not UTF-8). A configuration is a .toml file.") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}). Check its permissions.") from None


def _nearest_file(path: Path) -> str:
    """The question for the file beside it whose name comes nearest; empty where there is none."""
    siblings = path.parent.glob("*" + path.suffix) if path.parent.is_dir() else ()
    near = difflib.get_close_matches(path.name, [p.name for p in siblings], n=1)
    return f"Did you mean {near[0]}?" if near else ""


def _lines(text: str) -> dict[tuple[str | int, ...], int]:
    """Where each written key and table header stands, by its path; arrays of tables are counted."""
    found: dict[tuple[str | int, ...], int] = {}
    counts: dict[tuple[str | int, ...], int] = {}
    here: tuple[str | int, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            here = ()
            parts = [p.strip("\"'") for p in _PART.findall(header.group(2))]
            for i, part in enumerate(parts):
                here = (*here, part)
                if header.group(1) == "[[" and i == len(parts) - 1:
                    counts[here] = counts.get(here, -1) + 1
                if here in counts:
                    here = (*here, counts[here])
            found.setdefault(here, number)
        elif key:
            parts = [p.strip("\"'") for p in _PART.findall(key.group(1))]
            for i in range(len(parts)):
                found.setdefault((*here, *parts[: i + 1]), number)
    return found


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """A table of a document. Each reader checks type and range and says what is wrong where."""

    document: Document
    path: tuple[str | int, ...]
    values: dict[str, Any]

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def fail(self, key: str | None, sentence: str) -> InputError:
        """The error about a key (or, with None, the table itself)."""
        path = self.path if key is None else (*self.path, key)
        line = self.document.line(path)
        where = f"{self.document.name}, line {line}" if line else self.document.name
        name = _dotted(path)
        return InputError(f"{where}: {name}: {sentence}" if name else f"{where}: {sentence}")

    @contextmanager
    def blamed(self, key: str | None = None) -> Iterator[None]:
        """Errors of the simulator inside the block are about this key."""
        try:
            yield
        except (KeyError, TypeError, ValueError, OSError) as error:
            sentence = str(error.args[0]) if error.args and not isinstance(error, OSError) else str(error)
            raise self.fail(key, " ".join(sentence.split())) from None

    def only(self, known: Collection[str]) -> "Table":
        """The table itself; a key that is not known is an error with the nearest guess."""
        for key in self.values:
            if key not in known:
                raise self.fail(key, unknown("key", key, known))
        return self

    def number(
        self,
        key: str,
        unit: str,
        default: Any = _REQUIRED,
        *,
        positive: bool = False,
        low: float = -math.inf,
        high: float = math.inf,
    ) -> Any:
        """A number from low to high, in a unit."""
        if not self._given(key, default, f"a number [{unit}]"):
            return default
        value = self._as_number(key, self.values[key], unit)
        if positive and value <= 0.0:
            raise self.fail(key, f"must be positive [{unit}], got {value:g}.")
        if not low <= value <= high:
            span = f"at least {low:g}" if high == math.inf else f"from {low:g} to {high:g}"
            raise self.fail(key, f"must be {span} [{unit}], got {value:g}.")
        if unit in _BEYOND and abs(value) >= _BEYOND[unit][0]:
            smaller = f"{_BEYOND[unit][1]}; then write {key} = {value / 1000.0:g}"
            raise self.fail(key, f"{value:g} {unit} is beyond any cell. Was it meant in {smaller}.")
        return value

    def _as_number(self, key: str, value: Any, unit: str) -> float:
        if isinstance(value, str) and (quantity := _QUANTITY.match(value)):
            raise self.fail(key, f"write the plain number in {unit}, got {value!r}. {_converted(key, quantity, unit)}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.fail(key, f"must be a number [{unit}], got {value!r}.")
        return float(value)

    def integer(self, key: str, default: Any = _REQUIRED, *, low: int) -> Any:
        """A whole number, at least low."""
        if not self._given(key, default, "a whole number"):
            return default
        value = self.values[key]
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise self.fail(key, f"must be a whole number of at least {low}, got {value!r}.")
        return value

    def text(self, key: str, default: Any = _REQUIRED) -> Any:
        """A text."""
        if not self._given(key, default, "a text in quotes"):
            return default
        if not isinstance(self.values[key], str):
            raise self.fail(key, f"must be a text in quotes, got {self.values[key]!r}.")
        return self.values[key]

    def choice(self, key: str, known: Collection[str], default: Any = _REQUIRED) -> Any:
        """One of the known words."""
        value = self.text(key, default)
        if key in self and value not in known:
            raise self.fail(key, unknown(key, value, known))
        return value

    def pair(self, key: str, unit: str) -> tuple[float, float]:
        """Two numbers [low, high] in order."""
        self._given(key, _REQUIRED, f"two numbers [low, high] in {unit}")
        value = self.values[key]
        if not isinstance(value, list) or len(value) != 2:
            raise self.fail(key, f"must be two numbers [low, high] in {unit}, got {value!r}.")
        low, high = (self._as_number(key, v, unit) for v in value)
        if low >= high:
            raise self.fail(key, f"the lower number must come first and differ, got [{low:g}, {high:g}].")
        return low, high

    def table(self, key: str, required: bool = False) -> "Table":
        """A table; an empty one where it is absent and not required."""
        if required and key not in self:
            raise self.fail(None, f"needs a table [{_dotted((*self.path, key))}]. See jaxsim fit --print-config.")
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.fail(key, f"must be a table, {key} = {{...}} or [{key}], got {value!r}.")
        return Table(self.document, (*self.path, key), value)

    def tables(self, key: str) -> list["Table"]:
        """An array of tables; an empty one where it is absent."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or any(not isinstance(v, dict) for v in value):
            raise self.fail(key, f"must be an array of tables, [[{_dotted((*self.path, key))}]].")
        return [Table(self.document, (*self.path, key, i), v) for i, v in enumerate(value)]

    def file(self, key: str) -> Path:
        """An existing file, relative to the document."""
        path = self.document.folder / self.text(key)
        if not path.is_file():
            guess = _nearest_file(path) or "Paths are relative to the configuration file."
            raise self.fail(key, f"no file {path}. {guess}")
        return path

    def _given(self, key: str, default: Any, what: str) -> bool:
        if key not in self and default is _REQUIRED:
            raise self.fail(None, f"{key} is missing; give {what}: {key} = ...")
        return key in self


def _dotted(path: Sequence[str | int]) -> str:
    """stimuli[1].amp; a name that holds a dot stays in quotes."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (f'"{part}"' if "." in part else part)
    return text


def _converted(key: str, quantity: re.Match[str], unit: str) -> str:
    """What to write for a number with a unit: "500 pA" where nA is wanted is 0.5."""
    number, given = quantity.group(1), quantity.group(2).strip()
    try:
        value = float(number)
    except ValueError:
        return f"Write {key} = <number>."
    for base in _BASES:
        if given.endswith(base) and unit.endswith(base):
            here, there = given.removesuffix(base), unit.removesuffix(base)
            if here in _PREFIX and there in _PREFIX:
                return f"Write {key} = {value * _PREFIX[here] / _PREFIX[there]:.6g}."
    return f"Its unit is fixed: {unit}."

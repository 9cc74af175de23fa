"""The documentation says what the code does: public docstrings are complete, links lead somewhere.

`complaints` reads one public object; the last part feeds it small objects with each fault and demands the complaint.
"""

import ast
import inspect
import re
import textwrap
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jaxsim
from jaxsim.units import mV

ROOT = Path(__file__).parents[1]
PUBLIC: list[str] = sorted(getattr(jaxsim, "__all__", []))
SOURCED = ("jaxsim.mechanisms.channels", "jaxsim.mechanisms.synapses", "jaxsim.mechanisms.ions")

SHAPE = re.compile(r"\([^()]*\)|(any|same) shape|shape of")  # (n_comp,), the shape of v
UNIT = re.compile(r"\[[^\]]+\]")
PURE = re.compile(r"\b(int|bool|indices|index|mask|matrix|factor|fraction)\b")  # numbers without a unit
EQUATION = re.compile(r"^ {4,}\S.*=", re.MULTILINE)


def section(doc: str, title: str) -> str:
    """The indented text below `title:`; "" where there is none."""
    found = re.search(rf"^{title}:\n((?:[ \t]+\S.*\n?|\s*\n)+)", doc + "\n", re.MULTILINE)
    return textwrap.dedent(found.group(1)) if found else ""


def entries(text: str) -> dict[str, str]:
    """`name: text` lines of a section, with their continuation lines; `a, b: text` stands for both."""
    found: dict[str, str] = {}
    for match in re.finditer(r"^([\w*, ]+):(.*(?:\n(?:[ \t]+.*|[ \t]*$))*)", text, re.MULTILINE):
        found |= {name.strip(" *"): match.group(2) for name in match.group(1).split(",")}
    return found


def raised(source: str) -> set[str]:
    """The names of the exceptions that a function raises itself."""

    def visit(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Raise) and node.exc is not None:
            made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            yield ast.unparse(made).split(".")[-1]
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
                yield from visit(child)

    return {name for name in visit(ast.parse(textwrap.dedent(source)).body[0]) if name[0].isupper()}


def quantity(annotation: object, text: str) -> Iterator[str]:
    """What an argument's or result's text lacks for its annotation: a shape, a unit, the declared unit."""
    declared = next((m for m in getattr(annotation, "__metadata__", ()) if isinstance(m, str)), "")
    kind = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "") or str(annotation)
    if re.search(r"dict\[|tuple\[|Callable|Iterable|Sequence", str(annotation)):
        return
    if declared:
        if f"[{declared}]" not in text:
            yield f"its unit [{declared}]"
    elif re.search(r"\b(ndarray|NDArray|Array|ArrayLike)\b", f"{kind} {annotation}"):
        if not (SHAPE.search(text) or re.search(r"\bfloat\b", str(annotation))):
            yield "its shape, e.g. (n_comp,)"
        if not (UNIT.search(text) or PURE.search(text)):
            yield "its unit, e.g. [mV], or the word int"
    elif re.search(r"\bfloat\b", kind) and not (UNIT.search(text) or PURE.search(text)):
        yield "its unit, e.g. [ms], or [1]"


def of_function(function: Callable[..., Any], doc: str) -> Iterator[str]:
    """Args, Returns and Raises of a function."""
    signature = inspect.signature(function)
    yield from of_arguments(signature, entries(section(doc, "Args")), "Args")
    result = signature.return_annotation
    if result not in (inspect.Signature.empty, None, "None"):
        text = section(doc, "Returns") + section(doc, "Yields")
        if not text:
            yield "no Returns section"
        else:
            yield from (f"Returns lacks {what}" for what in quantity(result, text))
    named = section(doc, "Raises")
    yield from (f"Raises lacks {name}" for name in sorted(raised(source_of(function))) if name not in named)


def of_arguments(signature: inspect.Signature, named: dict[str, str], title: str) -> Iterator[str]:
    for name, parameter in signature.parameters.items():
        if name in {"self", "cls"}:
            continue
        if name not in named:
            yield f"{title} lacks {name}"
        else:
            yield from (f"{title}: {name} lacks {what}" for what in quantity(parameter.annotation, named[name]))


def of_class(cls: type, doc: str) -> Iterator[str]:
    """Constructor arguments, what the constructor raises, a docstring for each method; equation and Source."""
    if getattr(cls, "_is_protocol", False):
        return
    if "__init__" in vars(cls) and not inspect.isabstract(cls):
        yield from of_arguments(
            inspect.signature(cls), entries(section(doc, "Args") + section(doc, "Attributes")), "Args"
        )
    for name in ("__init__", "__post_init__"):
        method = vars(cls).get(name)
        if inspect.isfunction(method) and (source := source_of(method)):
            named = section(doc, "Raises")
            yield from (f"Raises lacks {error}" for error in sorted(raised(source)) if error not in named)
    for name, member in vars(cls).items():
        public = callable(member) or isinstance(member, property | classmethod | staticmethod)
        if public and not name.startswith("_") and not isinstance(member, type):
            yield from of_method(cls, name)
    if cls.__module__.startswith(SOURCED) and not inspect.isabstract(cls):
        if not EQUATION.search(doc):
            yield "no equation, an indented line with ="
        if not re.search(r"^Source: \S", doc, re.MULTILINE):
            yield "no line `Source: ...`"


def of_method(cls: type, name: str) -> Iterator[str]:
    """A method may say all in one line, but it names its arguments and its errors. An override inherits the text."""
    member = getattr(cls, name)
    doc = inspect.getdoc(member) or ""
    if not doc:
        yield f"method {name} has no docstring"
    elif inspect.isroutine(member) and getattr(member, "__doc__", None):
        needed = {*inspect.signature(member).parameters, *raised(source_of(member))} - {"self", "cls"}
        yield from (
            f"method {name} does not name {word}" for word in sorted(needed) if not re.search(rf"\b{word}\b", doc)
        )


def source_of(function: Callable[..., Any]) -> str:
    """The source, or "pass" where a function was generated (a dataclass's own __init__)."""
    try:
        return inspect.getsource(inspect.unwrap(function))
    except (OSError, TypeError):
        return "pass"


def complaints(value: object) -> list[str]:
    """What the docstring of a public object lacks."""
    described = callable(value) or inspect.ismodule(value)
    if not described:
        return []  # a constant or a type alias is described where it stands
    doc = inspect.getdoc(value) or ""
    if not doc or (isinstance(value, type) and doc.startswith(f"{value.__name__}(")):
        return ["no docstring"]  # the second form is a dataclass's generated one
    if isinstance(value, type):
        return list(of_class(value, doc))
    return list(of_function(value, doc)) if callable(value) else []


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_is_described(name: str) -> None:
    said = complaints(getattr(jaxsim, name))
    assert not said, "\n" + "\n".join(said)


def test_there_is_a_public_api() -> None:
    assert PUBLIC, "jaxsim/__init__.py lists the public names in __all__"


# Pages

PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
SCANNED = sorted(
    path
    for pattern in ("*.md", "*.toml", "*.yml", ".pre-commit-config.yaml", ".ci/*", "docs/**/*.md", "jaxsim/**/*.py",
                    "tests/**/*.py", "benchmarks/**/*.py", "tutorials/**/*.py")
    for path in ROOT.glob(pattern)
)  # fmt: skip
PRIVATE = re.compile(r"(?<![\w.}~-])/(?:work|root|home|Users)(?![\w-])|\b(?:pypi|pythonhosted|npmjs)\.(?:org|com)\b")


def anchors(page: Path) -> list[str]:
    """The anchors that the headings of a page get."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip()) for heading in headings]


def dead_links(page: Path) -> list[str]:
    """Relative links of a page to a file or heading that does not exist."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    dead = []
    for target in re.findall(r"\]\(<?([^)>\s]+)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = page.parent / name if name else page
        if not path.exists() or (anchor and path.suffix == ".md" and anchor not in anchors(path)):
            dead.append(target)
    return dead


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    assert dead_links(page) == []


def test_navigation_lists_every_page() -> None:
    listed = re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(
        page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")
    )


@pytest.mark.parametrize("path", SCANNED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_machine_is_named(path: Path) -> None:
    found = [match.group() for match in PRIVATE.finditer(path.read_text(encoding="utf-8"))]
    assert found == [], "write a path relative to the repository, and leave the package registry to pip"


# The checker itself


def good(v: np.ndarray, e: mV, n: int = 1) -> np.ndarray:
    """A driving force.

    Args:
        v: (n_comp,) [mV], the voltage
            of each compartment.
        e: [mV], the reversal potential.
        n: how often.

    Returns:
        (n_comp,) [mV].

    Raises:
        ValueError: if n is negative.
    """
    if n < 0:
        raise ValueError(n)
    return n * (v - e)


def undocumented(v: np.ndarray) -> None: ...


class Good:
    """A rate.

        x = a + b

    Args:
        a, b: [ms], two times.

    Raises:
        TypeError: never mind.

    Source: nobody 1900.
    """

    def __init__(self, a: float, b: float) -> None:
        if a > b:
            raise TypeError

    def rate(self, v: float) -> float:
        """The rate at v."""
        return v


class Child(Good):
    """Inherits what `rate` says."""

    def rate(self, v: float) -> float:
        return 2 * v


def altered(value: Any, old: str, new: str) -> Any:
    """The same object with another docstring; the old text must be there."""
    assert old in value.__doc__
    doc = value.__doc__.replace(old, new)
    if isinstance(value, type):
        return type(value.__name__, (), {**vars(value), "__doc__": doc, "__module__": SOURCED[0]})
    made = types.FunctionType(value.__code__, globals(), value.__name__, value.__defaults__)
    made.__annotations__, made.__doc__ = value.__annotations__, doc
    return made


FAULTS = [
    (good, "        e: [mV], the reversal potential.\n", "", "Args lacks e"),
    (good, "Args:", "Arguments:", "Args lacks v"),
    (good, "v: (n_comp,) [mV]", "v: [mV]", "Args: v lacks its shape, e.g. (n_comp,)"),
    (good, "v: (n_comp,) [mV]", "v: (n_comp,)", "Args: v lacks its unit, e.g. [mV], or the word int"),
    (good, "e: [mV]", "e: [ms]", "Args: e lacks its unit [mV]"),
    (good, "Returns:\n        (n_comp,) [mV].", "", "no Returns section"),
    (good, "        (n_comp,) [mV].", "        A force [mV].", "Returns lacks its shape, e.g. (n_comp,)"),
    (good, "ValueError: if", "KeyError: if", "Raises lacks ValueError"),
    (Good, "a, b: [ms]", "a: [ms]", "Args lacks b"),
    (Good, "a, b: [ms], two", "a, b: two", "Args: a lacks its unit, e.g. [ms], or [1]"),
    (Good, "TypeError: never", "KeyError: never", "Raises lacks TypeError"),
    (Good, "        x = a + b\n", "", "no equation, an indented line with ="),
    (Good, "Source: nobody", "From nobody", "no line `Source: ...`"),
]


@pytest.mark.parametrize(("value", "old", "new", "complaint"), FAULTS)
def test_fault_is_seen(value: Any, old: str, new: str, complaint: str) -> None:
    assert complaint in complaints(altered(value, old, new))


def test_method_without_its_argument_is_seen() -> None:
    Bare = type("Bare", (), {"__doc__": "A class.", "rate": undocumented, "of": good})
    assert "method rate has no docstring" in complaints(Bare)


def test_no_docstring_is_seen() -> None:
    assert complaints(undocumented) == ["no docstring"]


@pytest.mark.parametrize("value", [good, Good, Child, 3.0, np])
def test_good_object_passes(value: object) -> None:
    assert complaints(value) == []


def test_dead_link_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One two\n[a](#one-two) [b](#three) [c](page.md#one-two) [d](no.md) [e](https://x.y)", encoding="utf-8"
    )
    assert dead_links(page) == ["#three", "no.md"]


@pytest.mark.parametrize("text", ["/" + "work/main", "'/" + "root'", "from pypi" + ".org"])
def test_machine_path_is_seen(text: str) -> None:
    assert PRIVATE.search(text)


@pytest.mark.parametrize("text", ["a/work", "the work", "docs/home.md", "$HOME", "https://a.b/root"])
def test_other_text_is_not_taken_for_a_machine_path(text: str) -> None:
    assert not PRIVATE.search(text)

"""From a .mod file to its syntax tree."""

from dataclasses import dataclass, field
from os import PathLike, fspath
from os.path import realpath

from jaxsim.errors import must
from jaxsim.io.nmodl.blocks import item
from jaxsim.io.nmodl.errors import NmodlError
from jaxsim.io.nmodl.include import (
    MAX_CHARACTERS,
    Includer,
    Source,
    include_beside,
    include_nothing,
    is_file_name,
    read_source,
)
from jaxsim.io.nmodl.stream import Scope, Stream
from jaxsim.io.nmodl.tree import Include, Item, ModFile, Place

_MAX_DEPTH = 20  # files inside one another
_MAX_FILES = 200  # together; a file that includes another one twice, 20 times in a row, would be read 2^20 times


@dataclass(frozen=True)
class _Reading:
    """What a file and the files that it includes share.

    Args:
        include: finds files.
        defines: the numbers that DEFINE gave to names so far.
        sizes: the characters of each file so far.
    """

    include: Includer
    defines: dict[str, int] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)


def parse_mod(text: str, path: str = "<text>", include: Includer | None = None) -> ModFile:
    """The syntax tree of a .mod text.

    What NEURON's translator takes is taken, and somewhat more: LOCAL anywhere in a block, and the words of older
    translators (PLOT, STEPPED, FORALL, IFERROR), so that what is made of the tree can say what it does without.

    Args:
        text: NMODL.
        path: the name of the file in messages and places.
        include: called with the name behind INCLUDE and the path of the file where it stands, returns the path and
            text of that file; None refuses INCLUDE.

    Returns:
        The tree. Names are not resolved: a variable may be undeclared, a function unknown.

    Raises:
        NmodlError: if the text is no NMODL, or is too large or too deep; it says where and what was expected.
        TypeError: if it is no text.

    >>> mod = parse_mod("NEURON { SUFFIX pas  NONSPECIFIC_CURRENT i }  BREAKPOINT { i = g * (v - e) }", "pas.mod")
    >>> [type(item).__name__ for item in mod.items]
    ['NeuronBlock', 'Breakpoint']
    >>> mod.items[1].body[0].target.name
    'i'
    >>> parse_mod("PARAMETER { g = S }", "pas.mod")
    Traceback (most recent call last):
    jaxsim.io.nmodl.errors.NmodlError: pas.mod:1: found 'S' where a number was expected, in PARAMETER. ...
    """
    if not isinstance(text, str):
        raise TypeError(must("text", "be a str", type(text).__name__, "To read a file: read_mod_tree(path)."))
    return _file(Source(path, text), _Reading(include or include_nothing), ())


def read_mod_tree(path: str | PathLike[str], include: Includer | None = None) -> ModFile:
    """The syntax tree of a .mod file.

    Args:
        path: the file.
        include: as in `parse_mod`; None looks beside the file and in the folder above, and nowhere else.

    Returns:
        The tree.

    Raises:
        FileNotFoundError: if there is no such file.
        NmodlError: if it is no text, or as in `parse_mod`.
    """
    try:
        source = read_source(fspath(path))
    except FileNotFoundError:
        raise FileNotFoundError(f"no .mod file at {fspath(path)}.") from None
    except ValueError as error:
        raise NmodlError(str(error), str(path), 0) from None
    return _file(source, _Reading(include or include_beside), ())


def _file(source: Source, reading: _Reading, inside: tuple[str, ...]) -> ModFile:
    """One file, which stands inside the files of these paths."""
    reading.sizes.append(len(source.text))
    if sum(reading.sizes) > MAX_CHARACTERS:
        found = f"the file and all that it includes have {sum(reading.sizes):,} characters"
        sentence = f"{found}; at most {MAX_CHARACTERS:,} are read. Remove what is no NMODL."
        raise NmodlError(sentence, source.path, 0)
    stream = Stream(source.text, source.path, reading.defines)
    inside = (*inside, source.path)
    items: list[Item] = []
    while stream.kind != "end":
        items.append(_include(stream, reading, inside) if stream.kind == "INCLUDE" else item(stream, Scope()))
    return ModFile(source.path, tuple(items), tuple(stream.comments), place=Place(source.path, 1, 1))


def _include(stream: Stream, reading: _Reading, inside: tuple[str, ...]) -> Include:
    scope = Scope("INCLUDE")
    place = stream.take().place
    token = stream.expect("string", scope, "the name of a file in quotes")
    if not is_file_name(token.text):
        sentence = f"{token.text[:40]!r} is no file name. Write the name of a file in quotes."
        raise stream.error(token.place, sentence, scope)
    try:
        source = Source(*reading.include(token.text, stream.path))
    except (OSError, ValueError) as error:
        raise stream.error(token.place, str(error), scope) from None
    if realpath(source.path) in map(realpath, inside):
        chain = " includes ".join([*inside, source.path])
        raise stream.error(token.place, f"the files include one another: {chain}. Remove one INCLUDE.", scope)
    if len(inside) > _MAX_DEPTH:
        raise stream.error(token.place, f"more than {_MAX_DEPTH} files stand inside one another. Join them.", scope)
    if len(reading.sizes) >= _MAX_FILES:
        raise stream.error(token.place, f"more than {_MAX_FILES} files are included. Join them.", scope)
    return Include(token.text, _file(source, reading, inside), place=place)

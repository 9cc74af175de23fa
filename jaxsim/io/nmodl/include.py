"""Where INCLUDE finds its file, and how bytes become text."""

from collections.abc import Callable
from os.path import isfile, normpath, realpath
from pathlib import Path
from typing import NamedTuple

MAX_CHARACTERS = 1_000_000  # of a file with all that it includes; the largest of 4,800 published files has 150,000
_LONGEST_NAME = 1000


class Source(NamedTuple):
    """The text of a file.

    Args:
        path: its name in messages.
        text: what it holds.
    """

    path: str
    text: str


Includer = Callable[[str, str], Source]


def is_file_name(name: str) -> bool:
    """Whether a text could be the name of a file."""
    return 0 < len(name) <= _LONGEST_NAME and name.isprintable() and name == name.strip()


def read_source(path: str | Path) -> Source:
    """Read a file: UTF-8, or Latin-1 where it is not.

    Args:
        path: the file.

    Returns:
        Its text.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is a folder, no text, or too large.
    """
    path = Path(path)
    if path.is_dir():
        raise ValueError("this is a folder. Give the path of one .mod file in it.")
    with path.open("rb") as file:
        raw = file.read(4 * MAX_CHARACTERS + 1)
    if len(raw) > 4 * MAX_CHARACTERS:
        raise ValueError(f"the file is larger than {4 * MAX_CHARACTERS:,} bytes. Remove what is no NMODL.")
    if b"\0" in raw:
        raise ValueError("this is not text (it holds NUL bytes). Unpack it, or save it as UTF-8 text.")
    try:
        return Source(str(path), raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Source(str(path), raw.decode("latin-1"))  # every byte is a character; only comments hold such bytes


def include_beside(name: str, path: str) -> Source:
    """The file that INCLUDE names: in the folder of the file that includes it, or in the folder above, as NEURON looks.

    Args:
        name: what stands behind INCLUDE.
        path: the file in which it stands.

    Returns:
        Its text.

    Raises:
        ValueError: if there is no such file there, or the name leads elsewhere.
    """
    folder = Path(path).parent
    allowed = realpath(folder / "..")
    for base in (folder, folder / ".."):
        found = Path(normpath(base / name))
        if not Path(realpath(found)).is_relative_to(allowed):
            fix = "Copy the file beside this one, or give include= to read it yourself."
            raise ValueError(f"{name!r} leads out of the folder {allowed!r}. {fix}")
        if isfile(found):
            return read_source(found)
    raise ValueError(f"no file {name!r} in the folder of {path} or above. Put it there, or give include= to find it.")


def include_nothing(name: str, path: str) -> Source:
    """The refusal of INCLUDE in a text that has no file.

    Args:
        name: what stands behind INCLUDE.
        path: the text's name.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"{path} is no file, so {name!r} has no folder. Give include= to find it, or use read_mod_tree.")

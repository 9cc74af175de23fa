"""`read_mod` and `mod_to_python`: what users call."""

from functools import lru_cache
from os import PathLike, fspath
from pathlib import Path

from jaxsim.atomic import write_whole
from jaxsim.io.mod.lower import lower
from jaxsim.io.mod.make_class import make_class
from jaxsim.io.mod.python import to_python
from jaxsim.io.mod.terms import Terms
from jaxsim.io.nmodl.parse import read_mod_tree
from jaxsim.io.nmodl.tree import ModFile
from jaxsim.mechanisms.base import AbstractMechanism


def read_mod(path: str | PathLike[str]) -> type[AbstractMechanism]:
    """The mechanism of a NEURON .mod file as a class, ready to be inserted, batched and trained.

        Ca_HVA = js.read_mod("Ca_HVA.mod")
        cell.insert(Ca_HVA(gbar=1e-4))

    Its parameters are those of the file, with their units and defaults, the temperature ``celsius`` and what it reads
    of ions among them; its docstring is the file's title and comments. Under `BackwardEuler` and `CrankNicolson` it
    gives the numbers that NEURON gives with it (TABLE is ignored, as with usetable = 0). Nothing of the file is
    executed.

    Args:
        path: the file; what it INCLUDEs is looked for beside it and in the folder above.

    Returns:
        A subclass of `AbstractChannel` if the file gives a current, of `AbstractPool` if it changes a concentration, of
        `AbstractPointProcess` if it is a POINT_PROCESS; the same class each time, while the file stays as it is.

    Raises:
        FileNotFoundError: if there is no such file.
        NmodlError: a ValueError with file and line, if it is not NMODL or has what cannot be read (C code, pointers).
    """
    return _class(read_mod_tree(path))


@lru_cache(maxsize=1024)
def _class(file: ModFile) -> type[AbstractMechanism]:
    return make_class(lower(file))


def mod_to_python(path: str | PathLike[str], output: str | PathLike[str] | None = None) -> str:
    """The mechanism of a NEURON .mod file as the text of a Python file, for people who want to own the code.

    Args:
        path: the .mod file.
        output: where to write the text; by default nowhere. A file that is there is replaced.

    Returns:
        The text: the class that `read_mod` gives, with the file's own names for intermediate results.

    Raises:
        FileNotFoundError: if there is no such file.
        NmodlError: as `read_mod`.
    """
    terms = Terms()
    text = to_python(terms, lower(read_mod_tree(path), terms), Path(fspath(path)).name)
    if output is not None:
        write_whole(Path(output), lambda part: part.write_text(text, encoding="utf-8"))
    return text

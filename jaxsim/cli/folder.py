"""The output folder: checked before anything runs, filled whole or not at all."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from jaxsim.atomic import temporary_name, write_whole
from jaxsim.cli.document import InputError


def check_folder(folder: Path, force: bool) -> None:
    """An `InputError` where the folder cannot be written, or holds something and --force was not given."""
    parent = folder.absolute().parent
    if not parent.is_dir():
        raise InputError(f"--out {folder}: there is no folder {parent}. Make it first.")
    if not os.access(folder if folder.is_dir() else parent, os.W_OK):
        raise InputError(f"--out {folder}: no permission to write there. Choose another folder.")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out {folder}: this is a file. Name a folder.")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise InputError(f"--out {folder}: the folder is not empty. Choose another, or overwrite with --force.")


@contextlib.contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder beside the wanted one, which takes its name when all is written.

    Into an existing folder the new files are moved; what else is in there stays.
    """
    part = temporary_name(folder.absolute())
    try:
        part.mkdir()
        yield part
        if folder.is_dir():
            for file in sorted(part.iterdir()):
                os.replace(file, folder / file.name)
        else:
            os.replace(part, folder)
    except OSError as error:
        raise InputError(f"--out {folder}: cannot be written ({error.strerror}). Nothing was kept.") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def whole_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write one file whole or not at all; `write` gets a temporary path with the same ending."""
    if not path.absolute().parent.is_dir():
        raise InputError(f"--out {path}: there is no folder {path.absolute().parent}. Make it first.")
    if path.is_dir():
        raise InputError(f"--out {path}: this is a folder. Name a file.")
    try:
        write_whole(path, write)
    except OSError as error:
        raise InputError(f"--out {path}: cannot be written ({error.strerror}). Choose another place.") from None
    except ValueError as error:  # Matplotlib's for an ending that it does not know
        raise InputError(f"--out {path}: {error}") from None

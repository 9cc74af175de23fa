"""`write_whole`: a file appears whole or not at all."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write one file whole or not at all.

    The content goes to a temporary file beside the wanted one, which then takes its name. The file gets the permissions
    of any new file (the umask's); where something fails, an older file stays as it was and nothing is left behind.

    Args:
        path: the file; an existing one is replaced.
        write: writes the content to the path that it is given, which has the same ending.

    Raises:
        FileNotFoundError: if the folder does not exist.
        OSError: if the file cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(Path(folder, "a.txt"), lambda part: part.write_text("all of it"))
    ...     [(file.name, file.read_text()) for file in Path(folder).iterdir()]
    [('a.txt', 'all of it')]
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"no folder {path.parent} to write {path.name} in. Make it first.")
    part = temporary_name(path)
    try:
        write(part)
        with open(part, "r+b") as file:
            os.fsync(file.fileno())  # or a crash of the machine could leave the new name on an empty file
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def temporary_name(path: Path) -> Path:
    """A hidden name beside a path, with its ending, that no other writer takes."""
    return path.with_name(f".{path.stem}.{secrets.token_hex(4)}.part{path.suffix}")

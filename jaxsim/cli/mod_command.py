"""`jaxsim mod`: what jaxsim understands of .mod files, and what not."""

import argparse
from pathlib import Path

from jaxsim.cli.document import InputError
from jaxsim.io.mod.describe import describe
from jaxsim.io.mod.lower import lower
from jaxsim.io.mod.read import mod_to_python
from jaxsim.io.nmodl import NmodlError, read_mod_tree


def mod_command(options: argparse.Namespace) -> int:
    """Print what each file is; write Python where it is asked for; the exit status."""
    files = [file for path in options.files for file in _files(path)]
    folder: Path | None = options.python
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    refused = 0
    for file in files:
        try:
            print(f"{file}\n{describe(lower(read_mod_tree(file)))}")
            if folder is not None:
                target = folder / f"{file.stem}.py"
                mod_to_python(file, target)
                print(f"  written: {target}")
        except NmodlError as error:
            refused += 1
            print(f"not read: {error}")
    if len(files) > 1:
        print(f"{len(files) - refused} of {len(files)} files are mechanisms that jaxsim can run")
    return 2 if refused else 0


def _files(path: Path) -> list[Path]:
    """A file, or the .mod files of a folder."""
    if path.is_dir():
        found = sorted(path.glob("*.mod"))
        if not found:
            raise InputError(f"{path}: no .mod file in this folder.")
        return found
    if not path.is_file():
        raise InputError(f"{path}: no such file. Give the path of a .mod file, or of a folder with some.")
    return [path]

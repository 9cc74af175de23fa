"""`jaxsim info`: what an SWC file holds, as a table and a picture."""

import argparse
import sys
from pathlib import Path

import jaxsim as js
from jaxsim.cli import build
from jaxsim.cli.document import InputError
from jaxsim.cli.folder import whole_file

_DPI = 160
_FLAGS = {"min_radius=...": "--min-radius UM", "root=ID": "--root ID", 'roots="largest"': "--largest"}  # as typed here


def info_command(options: argparse.Namespace) -> int:
    """Print the table, draw the cell; the exit status."""
    path: Path = options.file
    if path.is_dir():
        raise InputError(f"{path}: this is a folder. Name an SWC file.")
    try:
        with build.collected_warnings():
            roots = "largest" if options.largest else None
            morphology = js.read_swc(path, root=options.root, roots=roots, min_radius=options.min_radius)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file. Give the path of an SWC file.") from None
    except (ValueError, OSError) as error:
        sentence = " ".join(str(error).split())
        for argument, flag in _FLAGS.items():
            sentence = sentence.replace(argument, flag)
        raise InputError(sentence if str(path) in sentence else f"{path}: {sentence}") from None
    print(f"{path}\n{js.summary(morphology)}")
    if options.no_picture:
        return 0
    picture: Path = options.out or Path(f"{path.stem}.png")
    try:
        whole_file(picture, lambda part: _draw(part, morphology))
    except ImportError as error:
        print(f"warning: no picture: {error}", file=sys.stderr)
        return 0
    print(f"written: {picture}")
    return 0


def _draw(path: Path, morphology: js.Morphology) -> None:
    from jaxsim.plot.morphology import plot_morphology
    from jaxsim.plot.style import new_figure

    figure = new_figure(6.0, 6.0)
    plot_morphology(morphology, ax=figure.add_subplot())
    figure.savefig(path, dpi=_DPI, bbox_inches="tight")

"""`main`: the commands, their options, and what becomes of an error."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from jaxsim.cli.document import InputError
from jaxsim.tune import tune_unless_begun

_ERROR, _INTERRUPTED = 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: the words after `jaxsim`; those of the program by default.

    Returns:
        The exit status: 0, 2 after an error in what was given, 130 after Ctrl-C.
    """
    parser = _parser()
    try:
        options = parser.parse_args(argv)
    except SystemExit as stop:  # argparse has said what is wrong, or printed the help
        return stop.code if isinstance(stop.code, int) else _ERROR
    if options.tune:
        tune_unless_begun()
    try:
        status: int = options.command(options)
        return status
    except InputError as error:
        print(f"jaxsim: {error}", file=sys.stderr)
        return _ERROR
    except KeyboardInterrupt:
        print("\njaxsim: interrupted; nothing was written.", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jaxsim", description="Simulate biophysically detailed neurons and train them by gradient descent."
    )
    parser.add_argument("--version", action="version", version=_version())
    parser.add_argument(
        "--no-tune", dest="tune", action="store_false", help="leave XLA_FLAGS as it is (js.tune_cpu is not called)"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    _add_fit(commands)
    _add_simulate(commands)
    _add_info(commands)
    _add_mod(commands)
    _add_doctor(commands)
    return parser


def _version() -> str:
    from jaxsim import __version__

    return f"jaxsim {__version__}"


def _add_fit(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    fit = commands.add_parser(
        "fit",
        help="train a cell's parameters",
        description="Train a cell's parameters to a target. Without CONFIG, a built-in example runs (under 2 minutes).",
    )
    fit.add_argument("config", nargs="?", type=Path, metavar="CONFIG", help="TOML file; the built-in one by default")
    fit.add_argument("--out", type=Path, metavar="DIR", help="output folder (default: <config>_fit, or jaxsim_fit)")
    fit.add_argument("--steps", type=_positive, metavar="N", help="in place of fit.steps")
    fit.add_argument("--seed", type=_natural, metavar="N", help="in place of fit.seed")
    fit.add_argument("--force", action="store_true", help="write into a folder that is not empty")
    fit.add_argument("--print-config", action="store_true", help="print the built-in configuration and stop")
    fit.set_defaults(command=_fit)


def _add_simulate(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    simulate = commands.add_parser(
        "simulate",
        help="run a cell and keep what it records",
        description="Run the cell of a configuration with its own values; [target], [free] and [fit] are not needed.",
    )
    simulate.add_argument("config", type=Path, metavar="CONFIG", help="TOML file")
    simulate.add_argument("--out", type=Path, metavar="DIR", help="output folder (default: <config>_simulation)")
    simulate.add_argument("--force", action="store_true", help="write into a folder that is not empty")
    simulate.set_defaults(command=_simulate)


def _add_info(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    info = commands.add_parser(
        "info",
        help="what an SWC file holds",
        description="Points, branches, lengths and areas by region, and what looks wrong, with a picture.",
    )
    info.add_argument("file", type=Path, metavar="FILE.swc", help="morphology")
    info.add_argument("--out", type=Path, metavar="PNG", help="the picture (default: <file>.png in this folder)")
    info.add_argument(
        "--min-radius", type=float, metavar="UM", help="raise smaller radii to this (read_swc's min_radius=)"
    )
    choice = info.add_mutually_exclusive_group()
    choice.add_argument("--root", type=int, metavar="ID", help="of several trees, the one with this root")
    choice.add_argument("--largest", action="store_true", help="of several trees, the one with the most points")
    info.add_argument("--no-picture", action="store_true", help="only the table")
    info.set_defaults(command=_info)


def _add_mod(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    mod = commands.add_parser(
        "mod",
        help="what jaxsim understands of .mod files",
        description="Read NEURON's .mod files: what each mechanism is, or what cannot be read and where.",
    )
    mod.add_argument("files", nargs="+", type=Path, metavar="FILE.mod", help="files, or folders with some")
    mod.add_argument(
        "--python", type=Path, metavar="DIR", help="write each mechanism as a Python file into this folder"
    )
    mod.set_defaults(command=_mod)


def _add_doctor(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    doctor = commands.add_parser(
        "doctor",
        help="what a run uses on this machine",
        description="Versions, devices, XLA options, and a small run that is timed and checked.",
    )
    doctor.set_defaults(command=_doctor)


# A command's own imports (optax, Matplotlib) come when it runs.
def _fit(options: argparse.Namespace) -> int:
    from jaxsim.cli.fit_command import fit_command

    return fit_command(options)


def _simulate(options: argparse.Namespace) -> int:
    from jaxsim.cli.simulate_command import simulate_command

    return simulate_command(options)


def _info(options: argparse.Namespace) -> int:
    from jaxsim.cli.info_command import info_command

    return info_command(options)


def _mod(options: argparse.Namespace) -> int:
    from jaxsim.cli.mod_command import mod_command

    return mod_command(options)


def _doctor(options: argparse.Namespace) -> int:
    from jaxsim.cli.doctor_command import doctor_command

    return doctor_command(options)


def _natural(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"must be a whole number, got {text!r}")
    return int(text)


def _positive(text: str) -> int:
    if _natural(text) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {text!r}")
    return int(text)

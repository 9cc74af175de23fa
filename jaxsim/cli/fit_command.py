"""`jaxsim fit`: from a configuration to a trained cell and its report."""

import argparse
import dataclasses
import importlib.resources
import sys
import time
from pathlib import Path

import jax

from jaxsim.cli import build, progress
from jaxsim.cli.config import Config, read_config
from jaxsim.cli.document import Document, read_document
from jaxsim.cli.fit_output import Run, write_fit
from jaxsim.cli.folder import check_folder, whole_folder
from jaxsim.cli.tables import parameter_table
from jaxsim.cli.training import Problem, outcome, problem, train

_INTERRUPTED = 130


def default_document() -> Document:
    """The built-in configuration."""
    text = importlib.resources.files("jaxsim.cli").joinpath("default.toml").read_text(encoding="utf-8")
    return Document("the built-in configuration", Path(), text)


def fit_command(options: argparse.Namespace) -> int:
    """Train, write the output folder, print the parameters; the exit status."""
    if options.print_config:
        print(default_document().text, end="")
        return 0
    document = default_document() if options.config is None else read_document(options.config)
    config = _overridden(read_config(document, fitting=True), options)
    folder = options.out or Path("jaxsim_fit" if options.config is None else f"{options.config.stem}_fit")
    check_folder(folder, options.force)
    began = time.perf_counter()
    with jax.enable_x64(config.simulation.precision == "float64"):
        with build.collected_warnings() as warned:
            ready = problem(config)
        for sentence in warned:
            print(f"warning: {sentence}", file=sys.stderr)
        _announce(ready)
        with progress.shown(config.fit.steps) as report:
            result = train(ready, report)
        reached = outcome(ready, result)
        run = Run(ready, reached, time.perf_counter() - began)
        with whole_folder(folder) as part:
            skipped = write_fit(part, run)
    for sentence in skipped:
        print(f"warning: {sentence}", file=sys.stderr)
    print(parameter_table(run))
    done = len(result.history.loss) - 1
    print(f"loss {result.history.loss[0]:.4g} -> {result.loss:.4g} {ready.objective.unit} in {done} steps, ", end="")
    print(f"{run.seconds:.0f} s")
    print(f"written: {folder / 'report.html'}")
    if result.interrupted:
        total = config.fit.steps
        print(f"jaxsim: interrupted after {done} of {total} steps; the best of them was kept.", file=sys.stderr)
        return _INTERRUPTED
    return 0


def _overridden(config: Config, options: argparse.Namespace) -> Config:
    given = {name: getattr(options, name) for name in ("steps", "seed") if getattr(options, name) is not None}
    return dataclasses.replace(config, fit=dataclasses.replace(config.fit, **given))


def _announce(ready: Problem) -> None:
    cable, simulation, settings = ready.cell.cable, ready.config.simulation, ready.config.fit
    n_step = round(simulation.t_end / simulation.dt)
    print(f"{ready.config.document.name}: {cable.n_branch} branches, {cable.n_comp} compartments, ", end="")
    print(f"{n_step} steps of {simulation.dt:g} ms, {ready.free.n} free numbers")
    print(f"{settings.optimiser}, {settings.steps} steps; the first one waits for the compiler", flush=True)

"""`jaxsim simulate`: run a cell as configured and keep what it records."""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import jax
import numpy as np

import jaxsim as js
from jaxsim.cli import build
from jaxsim.cli.config import read_config
from jaxsim.cli.document import read_document
from jaxsim.cli.folder import check_folder, whole_folder

_DPI = 160


def simulate_command(options: argparse.Namespace) -> int:
    """Run, write recording.npz and voltage.png, print the range of each row; the exit status."""
    config = read_config(read_document(options.config), fitting=False)
    folder = options.out or Path(f"{options.config.stem}_simulation")
    check_folder(folder, options.force)
    with jax.enable_x64(config.simulation.precision == "float64"):
        with build.collected_warnings() as warned:
            built = build.cell(config)
            model = build.compiled(built, config)
        for sentence in warned:
            print(f"warning: {sentence}", file=sys.stderr)
        began = time.perf_counter()
        recording = jax.block_until_ready(build.run(model, config.simulation))
        seconds = time.perf_counter() - began
    rows: dict[str, Any] = {what: np.asarray(values) for what, values in recording.values.items()}
    t = np.asarray(recording.t)
    with whole_folder(folder) as part:
        names: dict[str, Any] = {f"{what}_labels": np.array(recording.labels(what)) for what in rows}
        np.savez(part / "recording.npz", t=t, **rows, **names)
        try:
            _pictures(part, t, rows, recording)
        except ImportError as error:
            print(f"warning: no pictures: {error}", file=sys.stderr)
    cable = built.cable
    print(
        f"{cable.n_branch} branches, {cable.n_comp} compartments, {len(t) - 1} steps in {seconds:.2f} s with compiling"
    )
    for what, values in rows.items():
        for label, row in zip(recording.labels(what), values, strict=True):
            print(f"{what:<12}{label:<20}from {row.min():.4g} to {row.max():.4g} {_unit(what, model)}")
    print(f"written: {folder / 'recording.npz'}")
    return 0


def _unit(what: str, model: js.Model) -> str:
    if what == "v":
        return "mV"
    mechanism, _, quantity = what.rpartition(".")
    if quantity != "i":
        return ""
    return "nA" if mechanism in model.layout.clamps else "mA/cm2"


def _pictures(folder: Path, t: np.ndarray, rows: dict[str, Any], recording: js.Recording) -> None:
    from jaxsim.plot.traces import plot_voltages

    for what, values in rows.items():
        name = "voltage" if what == "v" else what
        unit = "mV" if what == "v" else what
        plot_voltages(t, {what: values}, recording.labels(what), unit=unit).savefig(folder / f"{name}.png", dpi=_DPI)

"""What a fit leaves behind: fitted.json, traces.npz, pictures and report.html."""

import dataclasses
import datetime as dt
import json
import math
import platform
from pathlib import Path
from typing import Any

import jax
import numpy as np
import optax

import jaxsim as js
from jaxsim.cli.report import Section, report
from jaxsim.cli.tables import rows
from jaxsim.cli.training import Outcome, Problem

PICTURES = {
    "loss.png": "Loss and gradient",
    "voltage.png": "Voltage before and after, and the target",
    "morphology.png": "The fitted parameters on the morphology",
}
_PANELS_IN_ROW = 3
_MAX_TRACES = 8
_DPI = 160


@dataclasses.dataclass(frozen=True, eq=False)
class Run:
    """A finished fit.

    Args:
        problem: what was asked.
        outcome: what was reached.
        seconds: [s] wall time from reading to here.
    """

    problem: Problem
    outcome: Outcome
    seconds: float


def write_fit(folder: Path, run: Run) -> list[str]:
    """Write all files into a folder; sentences about what had to be left out."""
    reached = run.outcome
    (folder / "fitted.json").write_text(json.dumps(summary(run), indent=2) + "\n", encoding="utf-8")
    traces: dict[str, Any] = {"t": reached.t, "before": reached.before, "after": reached.after}
    if run.problem.objective.target is not None:
        traces["target"] = run.problem.objective.target
    np.savez(folder / "traces.npz", labels=np.array(labels(run)), **traces)
    skipped = []
    try:
        _pictures(folder, run)
    except ImportError as error:
        skipped.append(f"no pictures: {error}")
    sections = [Section(title, folder / name) for name, title in PICTURES.items() if (folder / name).exists()]
    (folder / "report.html").write_text(report(run, sections), encoding="utf-8")
    return skipped


def summary(run: Run) -> dict[str, Any]:
    """What fitted.json holds."""
    p, result = run.problem, run.outcome.result
    parameters: dict[str, Any] = {}
    for row in rows(run):
        entry = parameters.setdefault(row.name, {"unit": row.unit, "bounds": [row.low, row.high], "values": {}})
        entry["values"][row.group] = {"start": row.start, "fitted": row.fitted}
        if not math.isnan(row.true):
            entry["values"][row.group] |= {"true": row.true, "relative_error": row.error}
    for entry in p.config.free:
        parameters[entry.name]["share"] = entry.share
    return {
        "parameters": parameters,
        "loss": {"start": float(result.history.loss[0]), "fitted": float(result.loss), "unit": p.objective.unit},
        "interrupted": result.interrupted,
        **facts(run),
    }


def facts(run: Run) -> dict[str, Any]:
    """What one would need to do it again, and what it took."""
    config, result, cable = run.problem.config, run.outcome.result, run.problem.cell.cable
    return {
        "configuration": config.document.name,
        "seed": config.fit.seed,
        "optimiser": config.fit.optimiser,
        "steps": len(result.history.loss) - 1,
        "steps_asked": config.fit.steps,
        "precision": config.simulation.precision,
        "branches": cable.n_branch,
        "compartments": cable.n_comp,
        "seconds": round(run.seconds, 2),
        "seconds_per_step": round(_seconds_per_step(result.history.seconds), 4),
        "finished": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "versions": {
            "jaxsim": js.__version__,
            "jax": jax.__version__,
            "numpy": np.__version__,
            "optax": optax.__version__,
            "python": platform.python_version(),
        },
        "device": jax.devices()[0].device_kind,
    }


def labels(run: Run) -> list[str]:
    """The recorded places whose voltages were compared."""
    return [p.label for p in run.problem.model.compiled_from.probes if p.what == "v"]


def _seconds_per_step(seconds: np.ndarray) -> float:
    return float(np.median(np.diff(seconds))) if len(seconds) > 1 else math.nan


def _pictures(folder: Path, run: Run) -> None:
    from jaxsim.plot.style import new_figure
    from jaxsim.plot.traces import plot_loss, plot_voltages

    history, reached, goal = run.outcome.result.history, run.outcome, run.problem.objective
    figure = new_figure(7.0, 4.2)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    plot_loss(history.loss, history.gradient_norm, upper, unit=goal.unit, gradient_ax=lower)
    figure.savefig(folder / "loss.png", dpi=_DPI)
    shown = slice(0, _MAX_TRACES)
    traces = {} if goal.target is None else {"target": goal.target[shown]}
    traces |= {"before": reached.before[shown], "after": reached.after[shown]}
    plot_voltages(reached.t, traces, labels(run)[shown]).savefig(folder / "voltage.png", dpi=_DPI)
    _morphology(run).savefig(folder / "morphology.png", dpi=_DPI)


def _morphology(run: Run) -> Any:
    """One panel for each free parameter that belongs to compartments, or the regions where there is none."""
    from jaxsim.plot.morphology import plot_morphology
    from jaxsim.plot.style import new_figure

    freed, cable = run.problem.free, run.problem.cell.cable
    model = freed.into(run.problem.model, run.outcome.result.theta)
    places = {*model.layout.stimuli, *model.layout.clamps}
    names = [n for n in freed.names if n.rpartition(".")[0] not in places]
    n_col = min(max(len(names), 1), _PANELS_IN_ROW)
    n_row = max(math.ceil(len(names) / n_col), 1)
    wide, high = sorted(np.ptp(cable.morphology.xyz, axis=0).tolist())[1:]
    tall = float(np.ptp(cable.morphology.xyz[:, 1])) == high
    figure = new_figure(3.6 * n_col + 0.6, n_row * (5.2 if tall else max(3.6 * wide / high, 1.6) + 0.8))
    axes = figure.subplots(n_row, n_col, squeeze=False).ravel()
    if not names:
        plot_morphology(cable.morphology, ax=axes[0])
    for ax, name in zip(axes, names, strict=False):
        values = np.full(cable.n_comp, np.nan)
        values[model.compartments(name)] = np.asarray(model.get(name), float)
        plot_morphology(cable, values, ax, label=f"{name} ({freed.units[name]})", scale_bar=ax is axes[0])
    for ax in axes[max(len(names), 1) :]:
        ax.remove()
    return figure

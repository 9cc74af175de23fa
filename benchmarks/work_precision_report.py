"""Tables and picture of the work-precision diagram."""

import dataclasses
import inspect
import itertools
import math
from collections.abc import Sequence
from typing import Any

TARGET = 0.01  # ms mean error of the spikes, or mV r.m.s.
RINGED = 0.025  # ms, the step that the picture marks
UNITS = {"voltage": "mV", "spikes": "ms"}
# scheme -> name in the picture, colour in jaxsim.plot.style, line
LOOKS = {
    "DampedCrankNicolson": ("damped Crank-Nicolson", "BLUE", "o-"),
    "BackwardEuler": ("backward Euler", "SKY", "o-"),
    "CrankNicolson": ("Crank-Nicolson", "ORANGE", "o-"),
    "TRBDF2": ("TR-BDF2", "GREEN", "o-"),
    "Adaptive": ("adaptive TR-BDF2", "GREEN", "^:"),
    "NEURON 0": ("NEURON, backward Euler", "GREY", "s--"),
    "NEURON 2": ("NEURON, Crank-Nicolson", "VERMILLION", "s--"),
    "NEURON CVODE": ("NEURON, CVODE", "BLACK", "^:"),
    "Arbor": ("Arbor, backward Euler", "PURPLE", "d--"),
}


@dataclasses.dataclass(frozen=True)
class Point:
    """One point of the diagram.

    Args:
        scheme: its name.
        setting: [ms] the step, or the tolerance where steps vary.
        seconds: processor time of the whole run.
        us_per_step: [us]; None where steps vary.
        error: "voltage" [mV], "spikes" and "last spike" [ms]; None where spikes are missing or too many.
    """

    scheme: str
    setting: float
    seconds: float
    us_per_step: float | None
    error: dict[str, float | None]


@dataclasses.dataclass(frozen=True)
class Cost:
    """What an error costs: seconds, and whether they are read ("="), guessed beyond the finest run ("~") or a bound."""

    seconds: float
    sign: str = "="

    def __str__(self) -> str:
        return f"{'' if self.sign == '=' else self.sign + ' '}{three_digits(self.seconds * 1e3)}"


def three_digits(x: float) -> str:
    """A positive number to three digits, without an exponent."""
    places = 2 - math.floor(math.log10(x))
    return f"{round(x, places):,.{max(places, 0)}f}"


def default_scheme() -> str:
    """The package's default."""
    import jaxsim as js

    return type(inspect.signature(js.simulate).parameters["method"].default).__name__


def curve(points: Sequence[Point], scheme: str, measure: str) -> list[tuple[float, float]]:
    """Seconds and error of a scheme, cheapest first; the error is infinite where spikes are missing."""
    own = [(p.seconds, p.error[measure]) for p in points if p.scheme == scheme]
    return sorted((s, math.inf if e is None else e) for s, e in own)


def cost_at(line: Sequence[tuple[float, float]], target: float = TARGET) -> Cost:
    """What it costs to be and to stay below an error, between the points straight in logarithms.

    Beyond the finest run the line of the last two points is followed where it falls by at least half an order; it
    falls by one where an error halves as the cost doubles.

    Args:
        line: seconds and error, cheapest first.
        target: the error.

    Returns:
        The cost.
    """
    late = [k for k, (_, error) in enumerate(line) if error > target]
    if not late:
        return Cost(line[0][0], "<")
    k = late[-1]
    sign = "="
    if k == len(line) - 1:
        k, sign = k - 1, "~"
    if k < 0 or math.isinf(line[k][1]):
        return Cost(line[-1][0], ">") if sign == "~" else Cost(line[k + 1][0], "<")
    (a, worse), (b, better) = line[k : k + 2]
    slope = math.log(worse / better) / math.log(b / a)
    if sign == "~" and slope < 0.5:
        return Cost(line[-1][0], ">")
    return Cost(a * (worse / target) ** (1.0 / slope), sign)


def orders(points: Sequence[Point], measure: str) -> list[float | None]:
    """How many times the error halves as the step halves from the point before; None where that cannot be said."""
    found: list[float | None] = [None]
    for a, b in itertools.pairwise(points):
        before, now = a.error[measure], b.error[measure]
        known = a.scheme == b.scheme and b.us_per_step is not None and before and now
        found.append(math.log(before / now) / math.log(a.setting / b.setting) if known else None)
    return found


def point_table(points: Sequence[Point], measure: str) -> str:
    """The points of a case as a table; the order is that of its measure."""
    lines = ["| scheme | dt (ms), tolerance | us / step | run (ms) | voltage (mV) | spikes (ms) | last (ms) | order |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for p, order in zip(points, orders(points, measure), strict=True):
        cells = [p.error[what] for what in ("voltage", "spikes", "last spike")]
        shown = " | ".join("-" if e is None else f"{e:.2e}" for e in cells)
        us = "-" if p.us_per_step is None else f"{p.us_per_step:.1f}"
        lines.append(
            f"| {p.scheme} | {p.setting:g} | {us} | {p.seconds * 1e3:.1f} | {shown} | "
            f"{'-' if order is None else f'{order:.2f}'} |"
        )
    return "\n".join(lines)


def equal_cost_table(diagrams: dict[str, dict[str, Any]], target: float = TARGET) -> str:
    """What each scheme needs for the same error, and how often the default's cost that is."""
    default = default_scheme()
    heads = [f"{name}, ms for {target:g} {UNITS[d['measure']]}" for name, d in diagrams.items()]
    lines = [f"| scheme | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for scheme in LOOKS:
        cells = []
        for d in diagrams.values():
            line, base = (curve(d["points"], s, d["measure"]) for s in (scheme, default))
            if not line:
                cells.append("-")
                continue
            cost, unit = cost_at(line, target), cost_at(base, target)
            known = scheme != default and cost.sign in "=~" and unit.sign in "=~"
            cells.append(f"{cost}{f' ({three_digits(cost.seconds / unit.seconds)} x)' if known else ''}")
        if set(cells) != {"-"}:
            lines.append(f"| {scheme}{' (default)' if scheme == default else ''} | {' | '.join(cells)} |")
    return "\n".join(lines)


def plot_work_precision(diagrams: dict[str, dict[str, Any]], figure: Any = None) -> Any:
    """Draw error against cost, a panel a case.

    Args:
        diagrams: case -> title, measure and points.
        figure: Matplotlib figure to draw into; a new one by default.

    Returns:
        The figure.
    """
    from jaxsim.plot.style import new_figure

    columns = min(2, len(diagrams))
    rows = -(-len(diagrams) // columns)
    figure = new_figure(max(6.0, 5.0 * columns), 3.9 * rows + 0.9) if figure is None else figure
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, found in zip(axes, diagrams.values(), strict=False):
        _panel(ax, found)
    for ax in axes[len(diagrams) :]:
        ax.set_visible(False)
    named = {name: line for ax in axes for line, name in zip(*ax.get_legend_handles_labels(), strict=True)}
    order = [name for name in (_label(s) for s in LOOKS) if name in named]
    figure.legend(
        [named[name] for name in order], order, frameon=False, ncols=2 * columns, loc="outside lower center", fontsize=8
    )
    return figure


def _label(scheme: str) -> str:
    return LOOKS[scheme][0] + (" (default)" if scheme == default_scheme() else "")


def _panel(ax: Any, found: dict[str, Any]) -> None:
    from jaxsim.plot import style

    measure, default = found["measure"], default_scheme()
    for scheme, (_, colour, line) in LOOKS.items():
        shown = [p for p in found["points"] if p.scheme == scheme and p.error[measure]]
        if not shown:
            continue
        main = scheme == default
        look = {"color": getattr(style, colour), "linewidth": 2.8 if main else 1.2, "zorder": 3 if main else 2}
        x, y = [p.seconds for p in shown], [p.error[measure] for p in shown]
        ax.plot(x, y, line, markersize=5 if main else 4, label=_label(scheme), **look)
        ringed = [k for k, p in enumerate(shown) if p.us_per_step is not None and math.isclose(p.setting, RINGED)]
        ax.plot(
            [x[k] for k in ringed], [y[k] for k in ringed], "o", color="none", markeredgecolor=style.BLACK,
            markersize=9, zorder=4,
        )  # fmt: skip
    ax.axhline(TARGET, color=style.BLACK, linewidth=0.6, linestyle=(0, (1, 3)), zorder=1)
    what = "mean error of spike times (ms)" if measure == "spikes" else "r.m.s. error of voltages (mV)"
    ax.set(xscale="log", yscale="log", xlabel=f"processor time of a run (s); ring: dt {RINGED:g} ms", ylabel=what)
    ax.set_title(found["title"], fontsize=10, loc="left")
    style.bare(ax)

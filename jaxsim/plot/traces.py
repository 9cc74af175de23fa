"""Curves of a fit: `plot_loss`, `plot_voltages`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from jaxsim.errors import must
from jaxsim.plot.style import BLACK, BLUE, GREY, ORANGE, bare, new_axes, new_figure


def plot_loss(loss: Any, gradient_norm: Any = None, ax: Any = None, *, unit: str = "", gradient_ax: Any = None) -> Any:
    """Draw the loss, and the gradient's norm below it, against the step; logarithmic where all values are positive.

    Args:
        loss: (n_step,) [unit], loss at each step.
        gradient_norm: (n_step,) [1], norm of the gradient at each step; not drawn without `gradient_ax`.
        ax: Matplotlib axes to draw into; new ones by default.
        unit: the loss's unit.
        gradient_ax: axes for the gradient's norm.

    Returns:
        The axes of the loss.

    Raises:
        ImportError: if Matplotlib is not installed.
    """
    ax = new_axes(6.0, 3.0) if ax is None else ax
    loss = np.asarray(loss, float)
    steps = np.arange(len(loss))
    best = np.fmin.accumulate(np.where(np.isfinite(loss), loss, np.inf))
    ax.plot(steps, loss, color=GREY, linewidth=1.0, label="at each step")
    ax.plot(steps, best, color=BLUE, linewidth=1.8, label="best so far")
    ax.set_ylabel(f"loss ({unit})" if unit else "loss")
    ax.legend(frameon=False, fontsize=9)
    panels = [(ax, loss)]
    if gradient_ax is not None and gradient_norm is not None:
        norm = np.asarray(gradient_norm, float)
        gradient_ax.plot(np.arange(len(norm)), norm, color=ORANGE, linewidth=1.2)
        gradient_ax.set_ylabel("gradient norm")
        panels.append((gradient_ax, norm))
    for axes, values in panels:
        finite = values[np.isfinite(values)]
        if len(finite) and finite.min() > 0.0:
            axes.set_yscale("log")
            _few_ticks(axes)
        axes.margins(x=0.01)
        bare(axes)
    panels[-1][0].set_xlabel("step")
    return ax


def plot_voltages(
    t: Any, rows: dict[str, Any], labels: Sequence[str] = (), figure: Any = None, *, unit: str = "mV"
) -> Any:
    """Draw voltages of several runs, one panel for each recorded place.

    Args:
        t: (n_time,) [ms], times.
        rows: name of the run -> (n_probe, n_time) [mV]; "target", "before" and "after" have colours of their own.
        labels: (n_probe,) names of the places.
        figure: Matplotlib figure to draw into; a new one by default.
        unit: unit of the rows.

    Returns:
        The figure.

    Raises:
        ImportError: if Matplotlib is not installed.
        ValueError: if the runs have different numbers of rows.
    """
    arrays = {name: np.atleast_2d(np.asarray(v, float)) for name, v in rows.items()}
    shapes = {v.shape for v in arrays.values()}
    if len(shapes) != 1:
        raise ValueError(must("rows", "have one shape (n_probe, n_time)", sorted(shapes)))
    n = next(iter(shapes))[0]
    figure = new_figure(7.0, 0.9 + 1.5 * n) if figure is None else figure
    axes = figure.subplots(n, 1, sharex=True, squeeze=False)[:, 0]
    for i, ax in enumerate(axes):
        for name, v in arrays.items():
            ax.plot(t, v[i], label=name, **_LINES.get(name, {"linewidth": 1.2}))
        ax.set_ylabel(unit)
        if i < len(labels):
            ax.set_title(labels[i], loc="left", fontsize=10)
        ax.margins(x=0.01)
        bare(ax)
    axes[-1].set_xlabel("t (ms)")
    if len(arrays) > 1:
        handles, names = axes[0].get_legend_handles_labels()
        figure.legend(handles, names, frameon=False, ncols=len(names), loc="outside upper right", fontsize=9)
    return figure


def _few_ticks(ax: Any) -> None:
    """Powers of ten, or 1, 2 and 5 times them where fewer than two would show; no labels between them."""
    from matplotlib.ticker import LogFormatterMathtext, LogLocator, NullFormatter

    low, high = ax.get_ylim()
    decades = np.log10(high / low)
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0,) if decades > 2.0 else (1.0, 2.0, 5.0), numticks=6))
    if decades <= 2.0:
        ax.yaxis.set_major_formatter("{x:.3g}")
    else:
        ax.yaxis.set_major_formatter(LogFormatterMathtext())
    ax.yaxis.set_minor_formatter(NullFormatter())


_LINES: dict[str, dict[str, Any]] = {
    "target": {"color": BLACK, "linewidth": 3.0, "alpha": 0.28},
    "before": {"color": ORANGE, "linewidth": 1.2},
    "after": {"color": BLUE, "linewidth": 1.2, "linestyle": (0, (5, 1.5))},
}

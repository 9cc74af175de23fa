"""`plot_morphology`: a cell in projection, its diameters to scale, coloured by region or by a value."""

import math
from typing import Any

import numpy as np

from jaxsim.cable.cable import Cable
from jaxsim.errors import must
from jaxsim.morphology.morphology import SOMA, Morphology, tag_name
from jaxsim.plot.style import GREY, OTHER_COLOURS, REGION_COLOURS, new_axes

_OUTLINE = 0.7  # points: so that the thinnest branches stay visible
_BAR_SHARE = 0.22  # of the picture's width, at most, for the scale bar


def plot_morphology(
    shape: Morphology | Cable,
    values: Any = None,
    ax: Any = None,
    *,
    label: str = "",
    cmap: str = "viridis",
    limits: tuple[float, float] | None = None,
    scale_bar: bool = True,
) -> Any:
    """Draw a cell, projected along the axis in which it extends least.

    Every traced frustum is drawn with its diameter, to scale.

    Args:
        shape: a morphology, or a cable for values by compartment.
        values: (n_branch,) [any unit], or (n_comp,) for a cable; nan (drawn grey) where there is none. Without
            values the regions are told apart by colour.
        ax: Matplotlib axes to draw into; new ones by default.
        label: the values' name and unit, beside the colour bar.
        cmap: Matplotlib colour map.
        limits: [the values' unit] ends of the colour bar; the values' own range by default.
        scale_bar: whether to draw one.

    Returns:
        The axes.

    Raises:
        ImportError: if Matplotlib is not installed.
        ValueError: if values have another length than the branches or compartments.
    """
    ax = new_axes(5.0, 5.0) if ax is None else ax
    from matplotlib.collections import PolyCollection

    m = shape.morphology if isinstance(shape, Cable) else shape
    counts = np.diff(shape.comp_offset) if isinstance(shape, Cable) else np.ones(m.n_branch, int)
    if values is not None:
        values = np.asarray(values, float)
        if values.shape == (m.n_branch,):
            counts = np.ones(m.n_branch, int)
        elif values.shape != (counts.sum(),):
            rule = f"have one number for each of {m.n_branch} branches or {counts.sum()} compartments"
            raise ValueError(must("values", rule, values.shape))
    quads, owner = _quads(m, counts, _plane(m.xyz))
    if values is None:
        colours = [_region_colours(m)[t] for t in np.repeat(m.tag, counts).tolist()]
        faces = [colours[i] for i in owner]
        ax.add_collection(PolyCollection(quads, facecolors=faces, edgecolors=faces, linewidths=_OUTLINE))
        _legend(ax, m)
    else:
        _coloured(ax, quads, values[owner], label, cmap, limits)
    _frame(ax, np.concatenate(quads))
    if scale_bar:
        _scale_bar(ax)
    return ax


def _plane(xyz: np.ndarray) -> tuple[int, int]:
    """The two axes to draw: all but the shortest; y stays vertical, or z where y is left out."""
    first, second = sorted(np.argsort(np.ptp(xyz, axis=0), kind="stable")[1:].tolist())
    return first, second


def _quads(m: Morphology, counts: np.ndarray, plane: tuple[int, int]) -> tuple[list[np.ndarray], np.ndarray]:
    """Outlines of the frusta, cut at the borders of compartments, and the compartment of each."""
    quads, owner = [], []
    first = np.concatenate([[0], np.cumsum(counts)])
    soma_last = sorted(range(m.n_branch), key=lambda b: m.tag[b] == SOMA)  # it lies on top of what starts in it
    for b in soma_last:
        xyz, radius = m.points(b)
        arc = m.arc[m.offset[b] : m.offset[b + 1]]
        cuts = np.linspace(0.0, arc[-1], counts[b] + 1)
        at = np.union1d(arc, cuts)
        xy = np.stack([np.interp(at, arc, xyz[:, k]) for k in plane], axis=1)
        r = np.interp(at, arc, radius)[:, None]
        along = np.diff(xy, axis=0)
        size = np.linalg.norm(along, axis=1, keepdims=True)
        side = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.where(size > 0.0, size, 1.0)
        parts = np.stack(
            [xy[:-1] + side * r[:-1], xy[1:] + side * r[1:], xy[1:] - side * r[1:], xy[:-1] - side * r[:-1]]
        )
        quads += list(parts.transpose(1, 0, 2))
        middle = (at[1:] + at[:-1]) / 2
        owner.append(first[b] + np.clip(np.searchsorted(cuts, middle) - 1, 0, counts[b] - 1))
    return quads, np.concatenate(owner)


def _region_colours(m: Morphology) -> dict[int, str]:
    tags = sorted({int(t) for t in m.tag})
    others = [t for t in tags if tag_name(t) not in REGION_COLOURS]
    extra = {t: OTHER_COLOURS[i % len(OTHER_COLOURS)] for i, t in enumerate(others)}
    return {t: extra.get(t) or REGION_COLOURS[tag_name(t)] for t in tags}


def _legend(ax: Any, m: Morphology) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(color=colour, label=tag_name(tag)) for tag, colour in _region_colours(m).items()]
    ax.legend(handles=handles, frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=1.0)


def _coloured(
    ax: Any, quads: list[np.ndarray], values: np.ndarray, label: str, cmap: str, limits: tuple[float, float] | None
) -> None:
    from matplotlib.collections import PolyCollection

    absent = np.isnan(values)
    grey = [q for q, gone in zip(quads, absent, strict=True) if gone]
    ax.add_collection(PolyCollection(grey, facecolors=GREY, edgecolors=GREY, linewidths=_OUTLINE))
    if absent.all():
        return
    shown = PolyCollection([q for q, gone in zip(quads, absent, strict=True) if not gone], cmap=cmap)
    shown.set_array(values[~absent])
    low, high = limits or (float(np.nanmin(values)), float(np.nanmax(values)))
    shown.set_clim(low, high if high > low else low + max(abs(low), 1e-12) * 0.01)
    shown.set_edgecolor("face")
    shown.set_linewidth(_OUTLINE)
    ax.add_collection(shown)
    bar = ax.figure.colorbar(shown, ax=ax, shrink=0.75, aspect=28, pad=0.03)
    bar.outline.set_visible(False)
    bar.set_label(label)
    bar.formatter.set_powerlimits((-2, 4))
    bar.formatter.set_useMathText(True)


def _frame(ax: Any, points: np.ndarray) -> None:
    low, high = points.min(axis=0), points.max(axis=0)
    pad = 0.04 * max(float((high - low).max()), 1.0)
    ax.set_xlim(low[0] - pad, high[0] + pad)
    ax.set_ylim(
        low[1] - 3.0 * pad, high[1] + pad
    )  # below: room for the scale bar, so that pictures with and without align
    ax.set_aspect("equal")
    ax.axis("off")


def _scale_bar(ax: Any) -> None:
    """A bar of 1, 2 or 5 times a power of ten [um] below the cell."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    longest = _BAR_SHARE * max(right - left, (top - bottom) / 2)
    power = 10.0 ** math.floor(math.log10(longest))
    length = max(k * power for k in (1.0, 2.0, 5.0) if k * power <= longest)
    height = top - bottom
    y, x = bottom + 0.06 * height, left + 0.02 * (right - left)
    ax.plot([x, x + length], [y, y], color="black", linewidth=2.0, solid_capstyle="butt")
    ax.text(x + length / 2, y - 0.015 * height, f"{length:g} µm", ha="center", va="top", fontsize=9)

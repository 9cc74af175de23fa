"""Pictures and tables for the documentation: python -m benchmarks.plots RESULTS.json ... [--out DIR] [--page PAGE]

Writes benchmarks_<curve>.svg for each curve in the results and benchmarks_cases.svg into docs/img; with --page it also
writes the tables between the page's two marks.
"""

import argparse
import statistics
from pathlib import Path
from typing import Any

from benchmarks import table
from benchmarks.cases import SWEEPS

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
AXIS = {
    "compartments": "compartments of an HH cable",
    "batch": "cells of 61 compartments in a batch",
    "channels": "layer-5 channels in each of 613 compartments",
    "steps": "steps of a run (613 compartments, HH)",
}
# Shown simulators: start of the label -> (name, colour, line)
LOOKS = {
    "jaxsim f32, backward Euler, flags": ("jaxsim, f32", "tab:red", "-"),
    "jaxsim f64, backward Euler, flags": ("jaxsim, f64", "tab:red", "--"),
    "C f32": ("C, f32", "black", "-"),
    "C f64": ("C, f64", "black", "--"),
    "Jaxley f32": ("Jaxley, f32", "tab:blue", "-"),
    "Jaxley f64": ("Jaxley, f64", "tab:blue", "--"),
    "CoreNEURON, best flags": ("CoreNEURON, best flags", "tab:green", "--"),
    "CoreNEURON": ("CoreNEURON", "tab:olive", "--"),
    "Arbor": ("Arbor", "tab:orange", "--"),
    "NEURON, best flags": ("NEURON, best flags", "tab:pink", "--"),
    "NEURON": ("NEURON", "tab:purple", "--"),
}


def look(label: str) -> str | None:
    """The entry of `LOOKS` that a row belongs to."""
    if label in LOOKS:
        return label
    return next(
        (key for key in LOOKS if label.startswith(key + ",") and key.split()[0] in ("C", "Jaxley", "Arbor")), None
    )


def best(result: dict[str, Any]) -> dict[str, float]:
    """Simulator -> its least median cost [us a step] among its correct rows."""
    found: dict[str, float] = {}
    for label, rows in table.correct(result).items():
        key, costs = look(label), [c for c in map(table.cost, rows) if c]
        if key and costs:
            found[key] = min(found.get(key, float("inf")), statistics.median(costs))
    return found


def curve(results: dict[str, Any], kind: str) -> dict[str, tuple[list[int], list[float]]]:
    """Simulator -> sizes and costs [us a step] of one curve."""
    found: dict[str, tuple[list[int], list[float]]] = {}
    for size in SWEEPS[kind]:
        result = results["cases"].get(f"sweep_{kind}_{size}")
        for key, cost in best(result).items() if result else ():
            sizes, costs = found.setdefault(key, ([], []))
            sizes.append(size)
            costs.append(cost)
    return found


def draw_curve(results: dict[str, Any], kind: str, path: Path) -> bool:
    """One curve as a picture; False where the results have none."""
    import matplotlib.pyplot as plt

    lines = curve(results, kind)
    if not lines:
        return False
    figure = plt.figure(figsize=(7.2, 3.8), layout="constrained")
    ax = figure.add_subplot(xlabel=AXIS[kind], ylabel="CPU time of a step (µs)", xscale="log", yscale="log")
    for key in (k for k in LOOKS if k in lines):
        name, colour, style = LOOKS[key]
        ax.plot(*lines[key], style, color=colour, label=name, marker="o", markersize=3, linewidth=1.2)
    ax.set_xticks(SWEEPS[kind], [f"{size:,}" for size in SWEEPS[kind]])
    ax.minorticks_off()
    ax.grid(True, which="major", linewidth=0.3)
    ax.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.savefig(path)
    plt.close(figure)
    return True


def draw_cases(results: dict[str, Any], path: Path) -> bool:
    """Every case: cost over jaxsim's in float64; False where nothing can be compared."""
    import matplotlib.pyplot as plt

    ours = "jaxsim f64, backward Euler, flags"
    found = {name: best(result) for name, result in results["cases"].items() if not name.startswith("sweep_")}
    found = {name: costs for name, costs in found.items() if ours in costs and len(costs) > 1}
    if not found:
        return False
    figure = plt.figure(figsize=(7.2, 0.6 + 0.42 * len(found)), layout="constrained")
    ax = figure.add_subplot(xlabel="CPU time over that of jaxsim, float64", xscale="log")
    for key, (name, colour, style) in LOOKS.items():
        here = [(costs[key] / costs[ours], i) for i, costs in enumerate(found.values()) if key in costs]
        if here:
            marker = {"marker": "o", "markerfacecolor": colour if style == "-" else "none", "markeredgecolor": colour}
            ax.plot(*zip(*here, strict=True), linestyle="", label=name, markersize=6, **marker)
    ax.set_yticks(range(len(found)), list(found))
    ax.invert_yaxis()
    ax.grid(True, axis="x", linewidth=0.3)
    ax.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.savefig(path)
    plt.close(figure)
    return True


def write_page(page: Path, results: dict[str, Any], pictures: list[Path]) -> None:
    """Put the summary, the pictures and the tables between the page's marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"{page} lacks the marks {BEGIN} and {END}")
    folder = pictures[0].parent.name if pictures else ""
    images = "\n\n".join(f"![{p.stem.replace('_', ' ')}]({folder}/{p.name})" for p in pictures)
    plain = {**results, "cases": {k: v for k, v in results["cases"].items() if not k.startswith("sweep_")}}
    machine = results["machine"]
    rounds = max(len({row["round"] for row in result["rows"]}) for result in results["cases"].values())
    head = f"{machine['processor']}, {machine['cores']} cores; up to {rounds} rounds."
    parts = (head, table.in_short(plain), images, table.in_detail(plain))
    results_part = "\n\n".join(part for part in parts if part)
    page.write_text(f"{before}{BEGIN}\n{results_part}\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Draw what the results hold."""
    from benchmarks.__main__ import merged

    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("results", nargs="+", type=Path)
    p.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "docs" / "img")
    p.add_argument("--page", type=Path)
    options = p.parse_args()
    results = merged(options.results)
    options.out.mkdir(parents=True, exist_ok=True)
    drawn = []
    for kind in SWEEPS:
        path = options.out / f"benchmarks_{kind}.svg"
        if draw_curve(results, kind, path):
            drawn.append(path)
    path = options.out / "benchmarks_cases.svg"
    if draw_cases(results, path):
        drawn.append(path)
    print(*drawn, sep="\n")
    if options.page:
        write_page(options.page, results, drawn)


if __name__ == "__main__":
    main()

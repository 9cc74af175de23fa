"""Make the pictures of the README and of the pages on mechanisms: python docs/pictures.py

The first is of the fit that `jaxsim fit` runs without arguments, the others of the tutorials on firing patterns, on
calcium, and on noise.
"""

import runpy
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from jaxsim.cli.config import read_config
from jaxsim.cli.fit_command import default_document
from jaxsim.cli.training import outcome, problem, train
from jaxsim.plot.morphology import plot_morphology

PARAMETER = "HH.gbar_na"
IMAGES = Path(__file__).parent / "img"
TUTORIALS = Path(__file__).parents[1] / "tutorials"


def overview() -> Figure:
    """The cell coloured by a fitted conductance; its voltage before, after and as wanted; the loss."""
    ready = problem(read_config(default_document(), fitting=True))
    result = train(ready, lambda now: None)
    reached = outcome(ready, result)
    model = ready.free.into(ready.model, result.theta)

    figure = Figure(figsize=(10.0, 4.4), layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=(1.0, 1.7), height_ratios=(1.5, 1.0))
    cell, voltage, loss = (figure.add_subplot(place) for place in (grid[:, 0], grid[0, 1], grid[1, 1]))
    plot_morphology(ready.cell.cable, np.asarray(model.get(PARAMETER)), cell, label=f"{PARAMETER} fitted (S/cm2)")
    voltage.plot(reached.t, ready.objective.target[0], color="0.7", linewidth=4.0, label="target")
    voltage.plot(reached.t, reached.before[0], color="#e69f00", linewidth=1.2, label="before")
    voltage.plot(reached.t, reached.after[0], color="#0072b2", linewidth=1.2, linestyle="--", label="after")
    voltage.set(xlabel="t (ms)", ylabel="v at the soma (mV)")
    voltage.legend(frameon=False, loc="upper left")
    loss.semilogy(result.history.loss, color="#0072b2", linewidth=1.2)
    loss.set(xlabel="gradient step", ylabel=f"loss ({ready.objective.unit})")
    for axes in (voltage, loss):
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def firing_patterns() -> Figure:
    """The voltage of four kinds of cells."""
    made = runpy.run_path(str(TUTORIALS / "05_firing_patterns.py"))
    figure = Figure(figsize=(9.0, 3.6), layout="constrained")
    every = figure.subplots(2, 2, sharex=True, sharey=True).flat
    for axes, name, v in zip(every, made["kinds"], made["v"], strict=True):
        axes.plot(made["t"], v, color="#0072b2", linewidth=0.9)
        axes.set_title(name, fontsize=10, loc="left")
        axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("t (ms)", fontsize=10)
    figure.supylabel("v (mV)", fontsize=10)
    return figure


def calcium() -> Figure:
    """Voltage and calcium of cells whose shell empties faster or slower."""
    made = runpy.run_path(str(TUTORIALS / "06_calcium.py"))
    figure = Figure(figsize=(9.0, 4.2), layout="constrained")
    tops, bottoms = figure.subplots(2, 4, sharex=True, sharey="row", height_ratios=(1.3, 1.0))
    rows = zip(tops, bottoms, made["decay"].tolist(), made["found"]["v"], made["found"]["ca.inside"], strict=True)
    for top, bottom, decay, v, inside in rows:
        top.plot(made["t"], v, color="#0072b2", linewidth=0.8)
        bottom.plot(made["t"], 1e3 * inside, color="#d55e00", linewidth=1.2)
        top.set_title(f"decay {decay:.0f} ms", fontsize=10, loc="left")
        for axes in (top, bottom):
            axes.spines[["top", "right"]].set_visible(False)
    tops[0].set_ylabel("v (mV)")
    bottoms[0].set_ylabel("calcium inside (uM)")
    figure.supxlabel("t (ms)", fontsize=10)
    return figure


def point_neurons() -> Figure:
    """An ensemble of a point neuron under noise; channel noise in patches of two sizes."""
    made = runpy.run_path(str(TUTORIALS / "08_noise_and_point_neurons.py"))
    figure = Figure(figsize=(9.0, 5.4), layout="constrained")
    top, middle, bottom = figure.subplots(3, 1)
    top.plot(made["t"], made["trials"]["v"][0, 0], color="#0072b2", linewidth=0.8)
    top.set_title("adaptive exponential neuron under a noisy current", fontsize=10, loc="left")
    for k, row in enumerate(made["spikes"]):
        middle.plot(made["t"][row], np.full(row.sum(), k), "|", color="black", markersize=4)
    middle.set_title("spikes of twenty trials", fontsize=10, loc="left")
    middle.set_xlim(*top.get_xlim())
    for (area, v), colour in zip(made["voltages"].items(), ("#d55e00", "#0072b2"), strict=True):
        bottom.plot(0.025 * np.arange(v.size), v, color=colour, linewidth=0.8, label=f"{area:.0f} um2")
    bottom.set_title("patches of squid axon with channel noise, no stimulus", fontsize=10, loc="left")
    bottom.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 0.9), fontsize=9, ncols=2)
    for axes, label in ((top, "v (mV)"), (middle, "trial"), (bottom, "v (mV)")):
        axes.set_ylabel(label)
        axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("t (ms)", fontsize=10)
    return figure


def synapses() -> Figure:
    """A voltage with hidden inputs, and their times before and after a fit."""
    made = runpy.run_path(str(TUTORIALS / "09_synapses.py"))
    figure = Figure(figsize=(9.0, 4.4), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(1.6, 1.0))
    runs = {"first guess": (made["guess"], "#999999"), "after the fit": (made["found"], "#d55e00")}
    t = 0.1 * np.arange(made["recorded"].shape[1])
    top.plot(t, made["recorded"][0], color="black", linewidth=2.5, label="hidden inputs")
    bottom.plot(made["times"], np.arange(3)[:, None], "o", color="black", markersize=9)
    for label, (theta, colour) in runs.items():
        top.plot(t, made["voltage"](theta)[0], color=colour, linewidth=1.2, label=label)
        bottom.plot(theta["times"], np.arange(3)[:, None], "o", color=colour, markersize=4)
    top.legend(frameon=False, fontsize=9)
    top.set_title("voltage of the soma", fontsize=10, loc="left")
    bottom.set_title("when the inputs come", fontsize=10, loc="left")
    top.set_ylabel("v (mV)")
    bottom.set_ylabel("synapse")
    bottom.set_yticks(range(3), ["1", "2", "3"])
    bottom.set_ylim(-0.5, 2.5)
    for axes in (top, bottom):
        axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("t (ms)", fontsize=10)
    return figure


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    overview().savefig(IMAGES / "overview.png", dpi=130)
    firing_patterns().savefig(IMAGES / "firing_patterns.png", dpi=130)
    calcium().savefig(IMAGES / "calcium.png", dpi=130)
    point_neurons().savefig(IMAGES / "point_neurons.png", dpi=130)
    synapses().savefig(IMAGES / "synapses.png", dpi=130)

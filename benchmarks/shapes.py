"""Cells as rows of cylinders: a point, a cable, a traced pyramidal cell or a tree of its size."""

import os
from pathlib import Path
from typing import Any

import numpy as np

# Neurites are cut in four, and as many as the traced cell has, so that the fallback costs the same.
CUT, CA1_NEURITES, LAYER5_NEURITES = 4, 153, 323
CA1_FILE, LAYER5_FILE = Path("swc") / "rat_ca1_n120.swc", Path("swc") / "rat_bbp_l5pc_with_axon.swc"


def data_folder() -> Path:
    """The folder of reference data: JAXSIM_DATA, or shared/data beside the repository."""
    return Path(os.environ.get("JAXSIM_DATA", Path(__file__).parents[2] / "shared" / "data"))


def point(length: float = 20.0, radius: float = 10.0) -> dict[str, Any]:
    """One compartment [um]."""
    return {"parent": (-1,), "n": (1,), "length": (length,), "radius": (radius,), "probes": (0,)}


def cable(n: int, length: float, radius: float) -> dict[str, Any]:
    """One unbranched cylinder of n compartments [um]; recorded at both ends."""
    probes = tuple(dict.fromkeys((0, n - 1)))
    return {"parent": (-1,), "n": (n,), "length": (length / n,), "radius": (radius,) * n, "probes": probes}


def ca1(cut: int = CUT) -> dict[str, Any]:
    """The traced CA1 pyramidal cell n120: see `traced`."""
    return traced(CA1_FILE, cut, CA1_NEURITES)


def layer5(cut: int = CUT) -> dict[str, Any]:
    """The traced layer-5 pyramidal cell with its axon: see `traced`."""
    return traced(LAYER5_FILE, cut, LAYER5_NEURITES)


def traced(file: Path, cut: int, neurites: int) -> dict[str, Any]:
    """A traced cell with each neurite cut in `cut`; a synthetic tree of so many neurites where the file is absent.

    The soma is one cylinder as long as it is wide with the traced soma's area. A compartment's cylinder has the length
    and the membrane of its traced frusta. Every branch begins at its parent's distal end.
    """
    path = data_folder() / file
    if not path.exists():
        return tree(neurites, cut) | {"note": "synthetic tree: the traced cell's file is not here"}
    import jaxsim as js

    cell = js.discretise(js.read_swc(path), js.PerBranch(cut))
    soma = np.unique(cell.branch[cell.tag == 1])
    size = float(np.sqrt(cell.area[np.isin(cell.branch, soma)].sum() / np.pi))
    keep = [b for b in range(cell.n_branch) if b not in soma]
    number = {b: i + 1 for i, b in enumerate(keep)}
    parent = [number.get(int(cell.morphology.parent[b]), 0) for b in keep]
    rows = cell.comp_offset[keep][:, None] + np.arange(cut)
    length = cell.length[rows[:, 0]]
    radius = cell.area[rows] / (2.0 * np.pi * length[:, None])
    return _tree(parent, cut, length, radius, size) | {"swc": str(path)}


def tree(neurites: int, cut: int, seed: int = 0) -> dict[str, Any]:
    """A made-up cell: a soma and neurites that fork in two, thinner with each fork."""
    rng = np.random.default_rng(seed)
    stems = min(6, neurites)
    parent, radius, free = [0] * stems, [1.5] * stems, list(range(stems))
    while len(parent) < neurites:
        fork = free.pop(int(rng.integers(len(free))))
        for _ in range(min(2, neurites - len(parent))):
            free.append(len(parent))
            parent.append(fork + 1)
            radius.append(max(radius[fork] * 2.0 ** (-2.0 / 3.0), 0.3))
    length = rng.uniform(40.0, 120.0, neurites) / cut
    return _tree(parent, cut, length, np.repeat(radius, cut).reshape(neurites, cut), 20.0)


def _tree(parent: list[int], cut: int, length: np.ndarray, radius: np.ndarray, soma: float) -> dict[str, Any]:
    """The soma first, as a cylinder as long as it is wide, then the neurites; recorded at soma and three tips."""
    tips = [i for i in range(1, len(parent) + 1) if i not in parent]
    some = [tips[int((j + 0.5) * len(tips) / 3)] for j in range(3)]
    return {
        "parent": (-1, *parent),
        "n": (1, *[cut] * len(parent)),
        "length": (soma, *length.tolist()),
        "radius": (soma / 2.0, *radius.ravel().tolist()),
        "probes": tuple(dict.fromkeys((0, *(cut * i for i in some)))),
    }

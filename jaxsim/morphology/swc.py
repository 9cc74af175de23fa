"""SWC files: `read_swc`, `write_swc`."""

import warnings
from os import PathLike
from pathlib import Path

import numpy as np

from jaxsim.atomic import write_whole
from jaxsim.morphology._swc_rows import same_branches, to_table
from jaxsim.morphology._swc_table import Table, read_table
from jaxsim.morphology._swc_tree import build
from jaxsim.morphology.morphology import Morphology

# Neurites are 0.05 to 5 um in radius; a few invertebrate giants reach 20 um in places, never over most of a tree.
LARGEST_MEDIAN_RADIUS = 20.0  # um
SMALLEST_NM_EXTENT = 1e4  # 10 um in nm: no cell is narrower
# Whole numbers alone prove nothing in a small or flat file: people write such trees by hand.
FEWEST_TRACED_POINTS = 100


def read_swc(
    path: str | PathLike[str], *, root: int | None = None, roots: str | None = None, min_radius: float | None = None
) -> Morphology:
    """Read a morphology from an SWC file.

    A line is ``id tag x y z radius parent``, separated by blanks, tabs, commas or semicolons; ``#`` starts a comment
    anywhere; columns after the seventh are ignored; points may stand in any order. A branch ends at every fork, at
    every change of tag and at the soma's border. Tags 5 and 6, where they mark exactly the forks and the tips as in
    the first description of the format, give way to the tag of their neurite. Branches are numbered in the order of
    their first points in the file (in a file that lists parents after their children: in the order of their depth).

    The soma, as NEURON's Import3d reads it:

    - one point: a cylinder along x as long as it is wide, three points; its neurites are wired at 0.5;
    - three points as NeuroMorpho.org writes a sphere (equal radii, length = diameter within 1 %): the same;
    - more points: a branch traced along them, not a contour. A neurite on an inner point is wired at 0.5, on the
      first point it starts at 0, on the last at 1. Further soma branches on the first point start at 0.

    A neurite joined by a wire starts at its own first point, so that it has no membrane inside the soma; one of a
    single point starts at the soma's point instead, with its own radius, as do those that start at the soma's first
    or last point (unless the soma forks there: then they are wired). Any other branch starts with the point at which
    it forks. A fork at a wire's end, or at a root that is no soma, lets the first child go on and wires the others at
    0. Repeated points inside a branch stay; a branch without any length is left out, its children wired where it was.

    Where this differs from NEURON, on purpose:

    - branches follow the tree, not the file: one does not end because its points are not neighbours in the file, a
      soma listed in pieces is one soma, and points may come before their parents;
    - a neurite that leaves the soma without a wire and forks one point further on forks there, not back at the soma;
    - the second point of the file obeys the same rules as all others, and a neurite of one point at a fork of the
      soma is kept;
    - a root that is no soma, and has no child of its own tag, is a ball whose children are wired at 0.5, not at 0 with
      membrane from its centre; with such a child, it goes on in it.

    Args:
        path: the file.
        root: int: id of the root point of the tree to read, where a file holds several.
        roots: ``"largest"`` to read the tree with most points, where a file holds several.
        min_radius: smaller radii are set to this [um, or whatever the file's unit is].

    Returns:
        The morphology [um]; the file's numbers are taken as um.

    Raises:
        FileNotFoundError: when there is no such file.
        ValueError: when the file is no valid SWC tree; the message names the line and what to do.

    Warns:
        UserWarning: when the numbers look like nanometres or voxels.

    Source: Cannon et al. 1998, J Neurosci Methods 84:49 (the format).
    """
    morphology = build(read_table(path, root, roots, min_radius))
    suspicion = unit_suspicion(morphology)
    if suspicion:
        warnings.warn(f"{path}: {suspicion}", UserWarning, stacklevel=2)
    return morphology


def unit_suspicion(m: Morphology) -> str:
    """A sentence that says why the numbers are probably not um and how to scale them; empty when they look right."""
    median = float(np.median(m.radius))
    extent = float(np.ptp(m.xyz, axis=0).max())
    if median > LARGEST_MEDIAN_RADIUS and extent > SMALLEST_NM_EXTENT:
        return (
            f"half of the radii are above {median:.4g} and the cell is {extent:.4g} wide: probably nanometres, not um. "
            "Scale it with transform(m, scale=1e-3)."
        )
    traced = m.n_point >= FEWEST_TRACED_POINTS and np.ptp(m.xyz, axis=0).min() > 0
    if traced and np.array_equal(m.xyz, np.round(m.xyz)):
        return (
            "all coordinates are whole numbers: probably voxels, not um. "
            "Scale it with transform(m, scale=...), the voxel size in um (e.g. scale=0.5)."
        )
    return ""


def write_swc(morphology: Morphology, path: str | PathLike[str], *, exact: bool = True) -> None:
    """Write a morphology as an SWC file, so that `read_swc` gives it back: branches, points, tags and attachment.

    The file appears whole or not at all. Numbers are written in full, so nothing is rounded.

    Args:
        morphology: what to write.
        path: the file; an existing one is replaced.
        exact: refuse what the format cannot hold. With False, branches that follow each other without a fork and
            without a change of tag may be written; they are read back as one.

    Raises:
        ValueError: when SWC cannot hold the morphology: a branch that starts inside another (other than at 0.5 of a
            soma), away from its parent, or with another radius than its parent's there; or, with ``exact``, branches
            that would be read back otherwise.
        FileNotFoundError: when the folder does not exist.
    """
    table = to_table(morphology)
    if exact:
        difference = same_branches(morphology, build(table))
        if difference:
            raise ValueError(
                f"SWC cannot hold this morphology: {difference}. An SWC branch ends only at a fork or a change of tag; "
                "exact=False writes serial branches as one."
            )
    text = _to_text(table)
    write_whole(Path(path), lambda part: part.write_text(text, encoding="utf-8"))


def _to_text(table: Table) -> str:
    columns = zip(
        table.tag.tolist(), table.xyz.tolist(), table.radius.tolist(), (table.parent + 1).tolist(), strict=True
    )
    rows = [
        f"{i} {tag} {x!r} {y!r} {z!r} {radius!r} {parent or -1}"
        for i, (tag, (x, y, z), radius, parent) in enumerate(columns, 1)
    ]
    return "\n".join(["# id tag x y z radius parent [um]", *rows, ""])

"""The same cell in NEURON: sections built from a `Cable`, so that a test can compare any number of both.

    cable = discretise(float32(read_swc(path)), MaxLength(20.0))
    sections = build_sections(cable)            # keep the list: NEURON frees a section that nobody holds
    set_ra(sections, 100.0)
    segment(sections, cable, comp).hh.gnabar = 0.1
    v = record(sections, cable, [cable.node_at(0, 0.5)])
    run(t_end=20.0, dt=0.025)

NEURON stores points as float32. Give both sides the same points with `float32`, or their geometry differs by 1e-7.
A test that imports this module is skipped where NEURON is not installed, at its first call.
"""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pytest

from jaxsim.cable import Cable
from jaxsim.morphology.morphology import Morphology


def neuron() -> Any:
    """NEURON's interpreter `h` with its standard library; the test is skipped where NEURON is absent."""
    h = pytest.importorskip("neuron").h
    h.load_file("stdrun.hoc")
    return h


def float32(morphology: Morphology) -> Morphology:
    """The morphology with points and diameters rounded as NEURON stores them."""
    xyz = morphology.xyz.astype(np.float32).astype(np.float64)
    diameter = (2.0 * morphology.radius).astype(np.float32).astype(np.float64)
    return dataclasses.replace(morphology, xyz=xyz, radius=0.5 * diameter)


def build_sections(cable: Cable) -> list[Any]:
    """One section for each branch, with its traced points, its number of segments and its connection."""
    h, m = neuron(), cable.morphology
    counts = np.diff(cable.comp_offset).tolist()
    sections = [h.Section(name=f"branch_{b}") for b in range(m.n_branch)]
    for b, section in enumerate(sections):
        xyz, radius = m.points(b)
        for (x, y, z), r in zip(xyz.tolist(), radius.tolist(), strict=True):
            section.pt3dadd(x, y, z, 2.0 * r)
        section.nseg = counts[b]
        if b > 0:
            section.connect(sections[int(m.parent[b])](float(m.parent_x[b])), 0)
    return sections


def set_ra(sections: Sequence[Any], ra: float | Sequence[float]) -> None:
    """Axial resistivity [ohm cm]: one number, or one for each branch."""
    for section, value in zip(sections, np.broadcast_to(ra, len(sections)).tolist(), strict=True):
        section.Ra = value


def set_cm(sections: Sequence[Any], cable: Cable, cm: float | Sequence[float]) -> None:
    """Membrane capacitance [uF/cm2]: one number, or one for each compartment."""
    for seg, value in zip(segments(sections), np.broadcast_to(cm, cable.n_comp).tolist(), strict=True):
        seg.cm = value


def insert(sections: Iterable[Any], mechanism: str, **parameters: float) -> None:
    """Insert a mechanism in sections and set its parameters, e.g. ``insert(sections, "pas", g=1e-4, e=-65.0)``."""
    for section in sections:
        section.insert(mechanism)
        for name, value in parameters.items():
            setattr(section, f"{name}_{mechanism}", value)


def segments(sections: Sequence[Any]) -> list[Any]:
    """The segments of all sections in the order of the compartments."""
    return [seg for section in sections for seg in section]


def segment(sections: Sequence[Any], cable: Cable, comp: int) -> Any:
    """The segment of one compartment."""
    return sections[int(cable.branch[comp])](float(cable.x[comp]))


def node(sections: Sequence[Any], cable: Cable, index: int) -> Any:
    """The segment of any node of the cable; a branch's end or the root's start where the node has no area."""
    if index < cable.n_comp:
        return segment(sections, cable, index)
    ends = np.flatnonzero(cable.end_node == index)
    return sections[int(ends[0])](1.0) if len(ends) else sections[0](0.0)


def record(sections: Sequence[Any], cable: Cable, nodes: Iterable[int]) -> list[Any]:
    """Vectors that record the voltage [mV] of some nodes of the cable during the next `run`."""
    h = neuron()
    return [h.Vector().record(node(sections, cable, int(i))._ref_v) for i in nodes]


def run(
    t_end: float,
    dt: float,
    *,
    v: float = -65.0,
    celsius: float = 6.3,
    secondorder: int = 0,
    start: Callable[[], None] | None = None,
) -> None:
    """Advance everything that stands in NEURON at a fixed step, with exact rates in place of hh's tables.

    Args:
        t_end: [ms].
        dt: [ms].
        v: [mV] at the start.
        celsius: [degC].
        secondorder: 0 backward Euler, 2 Crank-Nicolson.
        start: what is done after NEURON has set its states.
    """
    h = neuron()
    h.usetable_hh, h.celsius, h.secondorder = 0, celsius, secondorder
    h.steps_per_ms, h.dt = 1.0 / dt, dt
    h.finitialize(v)
    if start is not None:
        start()
    for _ in range(round(t_end / dt)):
        h.fadvance()

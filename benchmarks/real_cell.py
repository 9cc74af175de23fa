"""Prepare the main job on a real cell: a target trace made by NEURON with known conductances, and the configuration to fit it.

python -m benchmarks.real_cell CELL.swc FOLDER       # writes FOLDER/target.npz and FOLDER/fit.toml
jaxsim fit FOLDER/fit.toml

HH in every compartment; its sodium, potassium and leak conductances are free in each region (soma, axon, basal, apical).
"""

import argparse
from pathlib import Path

import numpy as np

import jaxsim as js
from tests import neuron_cell

MAX_LENGTH, RA, T_END, DT = 7.0, 100.0, 40.0, 0.025
TRUE = {  # region -> gbar_na, gbar_k, gbar_leak [S/cm2]
    "soma": (0.18, 0.045, 4.0e-4),
    "axon": (0.25, 0.055, 3.0e-4),
    "basal": (0.06, 0.012, 1.5e-4),
    "apical": (0.045, 0.010, 2.2e-4),
}
PULSES = [("soma", 0.5, 0.8, 2.0, 25.0), ("apical", 0.5, 0.2, 12.0, 14.0), ("basal", 0.5, 0.08, 28.0, 36.0)]


def sites(cable: js.Cable) -> dict[str, int]:
    """One branch of each region: the longest."""
    m = cable.morphology
    found = {}
    for region, tag in (("soma", 1), ("axon", 2), ("basal", 3), ("apical", 4)):
        branches = np.flatnonzero(m.tag == tag)
        if len(branches):
            found[region] = int(branches[np.argmax(m.length[branches])])
    return found


def neuron_target(cable: js.Cable, at: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Time [ms] and voltages [mV] at the middle of each site, from NEURON's secondorder = 2."""
    h = neuron_cell.neuron()
    sections = neuron_cell.build_sections(cable)
    neuron_cell.set_ra(sections, RA)
    for b, section in enumerate(sections):
        gbar_na, gbar_k, gbar_leak = TRUE[region_of(cable, b)]
        neuron_cell.insert([section], "hh", gnabar=gbar_na, gkbar=gbar_k, gl=gbar_leak, el=-54.3)
        section.ena, section.ek = 50.0, -77.0
    pulses = []
    for region, x, amp, start, stop in PULSES:
        pulse = h.IClamp(sections[at[region]](x))
        pulse.delay, pulse.dur, pulse.amp = start, stop - start, amp
        pulses.append(pulse)
    vectors = neuron_cell.record(sections, cable, [cable.node_at(b, 0.5) for b in at.values()])
    neuron_cell.run(T_END, DT, secondorder=2)
    v = np.array([np.array(vector) for vector in vectors])
    return DT * np.arange(v.shape[1]), v


def region_of(cable: js.Cable, branch: int) -> str:
    """The name of a branch's region."""
    return {1: "soma", 2: "axon", 3: "basal", 4: "apical"}[int(cable.morphology.tag[branch])]

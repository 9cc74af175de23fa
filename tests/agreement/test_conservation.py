"""What any discretisation must keep: charge, reciprocity, rest, and indifference to how a cell is written down."""

import itertools

import numpy as np
import pytest
from scipy.optimize import brentq

import jaxsim as js
from jaxsim.morphology import Branch
from tests.agreement.cable_theory import order
from tests.agreement.cells import (
    NA_PER_UM2,
    NF_PER_UM2,
    SCHEMES,
    centres,
    hh_current,
    hh_rates,
    measured,
    passive,
    uniform,
    voltages,
)
from tests.data_dir import data

DT = 0.025
ONE_STAGE = ("BackwardEuler", "CrankNicolson", "DampedCrankNicolson")  # the others' stages are not recorded
COARSE = js.MaxLength(40.0)


def real() -> js.Morphology:
    return js.read_swc(data("swc/mouse_allen_473601979.swc"))


def of_the_current(scheme: str, v: np.ndarray) -> np.ndarray:
    """(n_place, n_step) [mV]: the voltage at which each step's membrane current flows; v (n_place, n_time)."""
    start, end = v[:, :-1], v[:, 1:]
    if scheme == "BackwardEuler":
        return end.copy()
    if scheme == "CrankNicolson":
        return 0.5 * (start + end)
    first = np.pi / 4.0 * end[:, :1] + (1.0 - np.pi / 4.0) * start[:, :1]
    rest = (9.0 * v[:, 2:] + 6.0 * v[:, 1:-1] + v[:, :-2]) / 16.0
    return np.concatenate([first, rest], axis=1)


def charge_errors(
    cell: js.Cell, recording: js.Recording, injected: np.ndarray, scheme: str, held_at: float | None = None
) -> np.ndarray:
    """(n_step,) [nA]: injected current less capacitive and HH membrane current, summed over the cell, step by step.

    The gates held during a step are those of its middle if they are staggered: half a step of each gate's own equation
    after the recorded ones. A clamp in the first compartment holds it all through the steps with a current.
    """
    v = np.array(recording.v)
    held = {gate: np.array(recording[f"HH.{gate}"])[:, :-1] for gate in "mhn"}
    if scheme != "BackwardEuler":
        rates = hh_rates(v[:, :-1])
        held = {x: rates[x][0] + (y - rates[x][0]) * np.exp(-rates[x][1] * DT / 2.0) for x, y in held.items()}
    area = cell.cable.area
    u = of_the_current(scheme, v)
    if held_at is not None:
        u[0, injected != 0.0] = held_at
    membrane = NA_PER_UM2 * area @ hh_current(u, *held.values())
    capacitive = NF_PER_UM2 * area @ np.diff(v, axis=1) / DT
    return injected - capacitive - membrane


def recorded_everywhere(cell: js.Cell) -> js.Cell:
    for what in ("v", "HH.m", "HH.h", "HH.n"):
        cell.record(centres(cell), what)
    return cell


@pytest.mark.parametrize("scheme", ONE_STAGE)
def test_injected_charge_is_capacitive_plus_membrane_charge(x64, scheme):
    cell = recorded_everywhere(uniform(real(), COARSE, js.HH()))
    cell.stimulate(cell.loc(0, 0.5), js.Pulse(amp=1.0, start=1.0, stop=3.0))
    recording = js.simulate(cell.compile(), 15.0, DT, method=SCHEMES[scheme])
    middle = np.array(recording.t)[:-1] + DT / 2
    injected = np.where((middle >= 1.0) & (middle < 3.0), 1.0, 0.0)
    error = charge_errors(cell, recording, injected, scheme)
    assert recording.v.max() > 0.0  # it spikes
    measured(f"charge balance {scheme}: max {np.abs(error).max():.1e} nA a step, {DT * error.sum():.1e} pC of 2 pC")
    assert np.abs(error).max() <= 1e-9
    assert abs(DT * error.sum()) <= 1e-10


@pytest.mark.parametrize("scheme", ONE_STAGE)
def test_clamp_current_is_the_charge_that_the_cell_takes(x64, scheme):
    cell = recorded_everywhere(uniform(real(), COARSE, js.HH()))
    soma = cell.loc(0, 0.5)
    cell.clamp(soma, js.VoltageClamp(v=-20.0, start=1.0, stop=8.0)).record(soma, "VoltageClamp.i")
    recording = js.simulate(cell.compile(), 10.0, DT, method=SCHEMES[scheme])
    injected = np.array(recording["VoltageClamp.i"])[0, 1:]
    error = charge_errors(cell, recording, injected, scheme, held_at=-20.0)
    measured(f"charge balance under a clamp {scheme}: max {np.abs(error).max():.1e} of {np.abs(injected).max():.1f} nA")
    assert np.abs(error).max() <= 1e-8 * np.abs(injected).max()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_real_tree_is_reciprocal(x64, scheme):
    """Inject at a, record at b; inject at b, record at a: the same trace, on a tree with unequal membrane."""
    seen = []
    for at, seen_at in ((0, 1), (1, 0)):
        cell = passive(real(), COARSE, g=5e-5)
        cell.at("dendrite").set("Leak.gbar", 2e-4).set("cm", 1.6).set("ra", 180.0)
        cable = cell.cable
        far = int(np.argmax(cable.distance))
        places = [cell.loc(int(cable.branch[far]), 1.0), cell.loc(0, 0.5)]
        cell.stimulate(places[at], js.Pulse(amp=0.1, start=1.0, stop=6.0)).record(places[seen_at])
        seen.append(voltages(cell, 20.0, DT, SCHEMES[scheme])[1][0])
    error = np.abs(seen[0] - seen[1]).max()
    measured(f"reciprocity on a real tree {scheme}: {error:.1e} of {np.ptp(seen[0]):.2f} mV")
    assert np.ptp(seen[0]) > 0.1
    assert error <= 1e-10


def hh_rest() -> float:
    """The voltage [mV] at which HH's steady current is zero."""

    def current(v: float) -> float:
        return hh_current(v, *(hh_rates(v)[gate][0] for gate in "mhn"))

    return brentq(current, -66.0, -64.0, xtol=1e-13)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_cell_at_rest_stays_at_rest(x64, scheme):
    rest = hh_rest()
    cell = uniform(real(), COARSE, js.HH(), v=rest)
    cell.record(centres(cell)).record([cell.loc(b, 1.0) for b in range(cell.morphology.n_branch)])
    _, v = voltages(cell, 100.0, 0.1, SCHEMES[scheme])
    measured(f"drift from rest in 100 ms, {scheme} HH: {np.abs(v - rest).max():.1e} mV")
    assert np.abs(v - rest).max() <= 1e-10


def reordered(morphology: js.Morphology, seed: int) -> tuple[js.Morphology, np.ndarray]:
    """The same tree with branches in another order, parents still first; and the old branch at each new place."""
    random, waiting, chosen = np.random.default_rng(seed), [0], []
    while waiting:
        b = waiting.pop(random.integers(len(waiting)))
        chosen.append(b)
        waiting += np.flatnonzero(morphology.parent == b).tolist()
    place = {b: i for i, b in enumerate(chosen)}
    branches = []
    for b in chosen:
        xyz, radius = morphology.points(b)
        parent, tag = place.get(int(morphology.parent[b]), -1), int(morphology.tag[b])
        branches.append(Branch(xyz, radius, parent, float(morphology.parent_x[b]), tag))
    return js.from_branches(branches), np.array(chosen)


def test_order_of_the_branches_changes_nothing(x64):
    first = real()
    second, old = reordered(first, seed=3)
    assert not np.array_equal(old, np.arange(first.n_branch))
    traces = []
    for morphology, branch in ((first, old), (second, np.arange(first.n_branch))):
        cell = uniform(morphology, COARSE, js.HH())
        cell.stimulate(cell.loc(0, 0.5), js.Pulse(amp=1.0, start=1.0, stop=10.0))
        cell.record([cell.loc(int(b), 1.0) for b in branch])
        traces.append(voltages(cell, 15.0, DT, js.CrankNicolson())[1])
    error = np.abs(traces[0] - traces[1]).max()
    measured(f"branches reordered: {error:.1e} mV")
    assert np.max(traces[0]) > 0.0
    assert error <= 1e-10


def test_spatial_refinement_converges_with_second_order(x64):
    """Each compartment cut in three, and again: the somatic trace changes nine times less.

    In three, so that a branch in the middle of its parent stays at the centre of a compartment. Cut in two it moves by
    half of one, an error of first order that NEURON's rule for such branches has too.
    """
    morphology = js.read_swc(data("swc/mouse_granule_grc.swc"))
    coarse = js.MaxLength(20.0).counts(morphology)
    traces = []
    for factor in (1, 3, 9):
        cell = passive(morphology, factor * coarse, g=1e-4)
        cell.stimulate(cell.loc(0, 0.5), js.Pulse(amp=0.1, start=1.0, stop=10.0)).record(cell.loc(0, 0.5))
        traces.append(voltages(cell, 20.0, DT, js.BackwardEuler())[1][0])
    changes = [np.abs(a - b).max() for a, b in itertools.pairwise(traces)]
    measured(f"compartments in three: {changes} of {np.ptp(traces[0]):.1f} mV, order {order(changes, 3.0)[0]:.2f}")
    assert changes[-1] <= 1e-3 * np.ptp(traces[0])
    assert abs(order(changes, 3.0)[0] - 2.0) <= 0.1

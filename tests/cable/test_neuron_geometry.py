"""The geometry against NEURON's own: areas, axial resistances, diameters, numbers of segments, and the whole tree."""

import numpy as np
import pytest

from jaxsim.cable import DLambda, MaxLength, PerBranch, discretise
from jaxsim.morphology import read_swc
from tests.cable.cells import one_branch, random_tree
from tests.data_dir import data
from tests.neuron_cell import build_sections, float32, insert, neuron, node, segments, set_cm, set_ra

FILES = [
    "arbor_pyramidal.swc",
    "human_allen_H17.03.009.11.11.01_650039094_m.swc",
    "mouse_allen_473601979.swc",
    "mouse_granule_grc.swc",
    "neurom_Neuron.swc",
    "rat_bbp_l5pc_with_axon.swc",
    "rat_ca1_c91662.swc",
    "rat_ca1_n120.swc",
]
RA = 100.0


def assert_same_geometry(cable, rtol=1e-6):
    """Area, diameter and resistance of every segment, and the resistance of every end.

    NEURON takes the distance of two points in float32, so that its lengths carry errors of 6e-8.
    """
    sections = build_sections(cable)
    set_ra(sections, RA)
    half = np.append(cable.r_half.ravel(), 0.0)
    resistance = RA * half[cable.edge_half].sum(axis=1)
    area, diam, ri = np.array([(seg.area(), seg.diam, seg.ri()) for seg in segments(sections)]).T
    np.testing.assert_allclose(cable.area, area, rtol=rtol)
    np.testing.assert_allclose(2.0 * cable.radius, diam, rtol=rtol)
    np.testing.assert_allclose(resistance[: cable.n_comp], ri, rtol=rtol)
    np.testing.assert_allclose(resistance[cable.end_node], [s(1.0).ri() for s in sections], rtol=rtol)


@pytest.mark.parametrize("n", [1, 3, 9])
@pytest.mark.parametrize("name", FILES)
def test_traced_cells_have_neurons_geometry(name, n):
    m = float32(read_swc(data(f"swc/{name}")))
    assert_same_geometry(discretise(m, PerBranch(n)))


@pytest.mark.parametrize("n", [1, 2, 3, 7, 10])
@pytest.mark.parametrize("seed", range(4))
def test_random_trees_with_steps_in_diameter_have_neurons_geometry(seed, n):
    assert_same_geometry(discretise(float32(random_tree(seed)), PerBranch(n)))


@pytest.mark.parametrize("n", [1, 3, 5, 7])
def test_a_step_on_a_border_falls_to_neurons_side(n):
    border = np.arange(1, 2 * n) * (70.0 / (2 * n))
    position = np.concatenate([[0.0], np.repeat(border, 2), [70.0]])
    diameter = 1.0 + np.arange(len(position)) % 5
    assert_same_geometry(discretise(float32(one_branch(position, diameter)), PerBranch(n)))


def test_squiggle_has_neurons_geometry():
    x = np.linspace(0.0, 1.0, 401)
    diameter = 2.0 * (np.exp(-x) * (0.05 * np.sin(40.0 * x) + 0.1) + 0.1)
    assert_same_geometry(discretise(float32(one_branch(x, diameter)), PerBranch(7)))


def test_d_lambda_gives_neurons_numbers():
    h = neuron()
    m = float32(read_swc(data("swc/rat_ca1_n120.swc")))
    rule = DLambda(d_lambda=0.02, frequency=150.0, ra=120.0, cm=1.3)
    cable = discretise(m, PerBranch(1))
    sections = build_sections(cable)
    set_ra(sections, rule.ra)
    set_cm(sections, cable, rule.cm)
    lambda_f = np.array([h.lambda_f(rule.frequency, sec=s) for s in sections])
    np.testing.assert_allclose(rule.length_constant(m), lambda_f, rtol=1e-6)
    expected = [2 * int((s.L / (rule.d_lambda * lam) + 0.9) / 2) + 1 for s, lam in zip(sections, lambda_f, strict=True)]
    assert rule.counts(m).tolist() == expected
    assert max(expected) > 5


@pytest.mark.parametrize("source", ["random", "rat_ca1_n120.swc"])
def test_the_tree_of_nodes_has_neurons_transfer_resistance(source):
    h, ra, g = neuron(), 150.0, 2e-4
    m = float32(random_tree(7) if source == "random" else read_swc(data(f"swc/{source}")))
    cable = discretise(m, MaxLength(60.0))
    sections = build_sections(cable)
    set_ra(sections, ra)
    insert(sections, "pas", g=g, e=-65.0)

    half = np.append(cable.r_half.ravel(), 0.0)
    child = np.flatnonzero(cable.node_parent >= 0)
    parent = cable.node_parent[child]
    axial = 1.0 / (ra * half[cable.edge_half[child]].sum(axis=1))
    matrix = np.diag(np.append(1e-2 * g * cable.area, np.zeros(cable.n_node - cable.n_comp)))
    np.add.at(matrix, (child, child), axial)
    np.add.at(matrix, (parent, parent), axial)
    np.subtract.at(matrix, (child, parent), axial)
    np.subtract.at(matrix, (parent, child), axial)

    source_node = cable.node_at(3, 0.7)
    voltage = np.linalg.solve(matrix, np.eye(cable.n_node)[source_node])
    h.finitialize(-65.0)
    impedance = h.Impedance()
    impedance.loc(node(sections, cable, source_node))
    impedance.compute(0.0)
    transfer = [impedance.transfer(node(sections, cable, i)) for i in range(cable.n_node)]
    np.testing.assert_allclose(voltage, transfer, rtol=1e-7)


def test_rounding_points_to_float32_changes_area_by_no_more_than_rounding():
    m = read_swc(data("swc/rat_ca1_n120.swc"))
    rounded = discretise(float32(m), PerBranch(3))
    area = discretise(m, PerBranch(3)).area
    np.testing.assert_allclose(rounded.area, area, rtol=2e-5)


@pytest.mark.parametrize("name", ["mouse_allen_473601979.swc", "rat_ca1_n120.swc"])
def test_distance_from_the_soma_is_neurons(name):
    h = neuron()
    cable = discretise(float32(read_swc(data(f"swc/{name}"))), MaxLength(40.0))
    sections = build_sections(cable)
    distance = [h.distance(sections[0](0.5), seg) for seg in segments(sections)]
    np.testing.assert_allclose(cable.distance, distance, rtol=1e-6, atol=1e-9)

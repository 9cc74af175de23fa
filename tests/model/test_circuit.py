"""What a run begins with: the voltage of nodes without area, what is around a node, currents at one place."""

from types import SimpleNamespace

import jax.numpy as jnp
import jax.test_util
import numpy as np
import pytest

import jaxsim as js
from jaxsim.model.circuit import circuit
from jaxsim.model.compile import _around
from jaxsim.model.drive import _added
from jaxsim.morphology import read_swc
from jaxsim.numerics.indexing import FEW
from tests.data_dir import data


def uneven(morphology, n: int = 3, ends: bool = False) -> js.Model:
    cell = js.Cell(morphology, js.PerBranch(n), ra=100.0).insert(js.HH())
    if ends:
        cell.record([js.Location(b, x) for b in range(morphology.n_branch) for x in (0.0, 1.0)])
    model = cell.compile("float64")
    return model.set("v", np.random.default_rng(7).uniform(-90.0, -40.0, model.v.shape))


CELLS = {
    "a tree": lambda: uneven(js.binary_tree(4, 300.0, 2.0)),
    "a tree and its ends": lambda: uneven(js.binary_tree(3, 300.0, 2.0), ends=True),
    "a compartment and its ends": lambda: uneven(js.cylinder(20.0, 20.0), n=1, ends=True),
    "a traced cell": lambda: uneven(read_swc(data("swc/rat_ca1_n120.swc"))),
}


@pytest.mark.parametrize("made", CELLS.values(), ids=CELLS)
def test_a_node_without_area_begins_where_it_carries_no_net_current(made, x64):
    model = made()
    wires = circuit(model)
    v, g, parent = np.asarray(js.init(model).v), np.asarray(wires.axial), np.asarray(model.wiring.forest.parent)
    comp = np.asarray(model.wiring.node_comp)
    has_area = comp < model.layout.n_comp
    bare = np.flatnonzero(~has_area)
    assert len(bare) >= 1
    np.testing.assert_array_equal(v[has_area], np.asarray(model.v)[comp[has_area]])
    along = g * (v - v[parent])
    net = along - np.bincount(parent, along, minlength=len(v))
    assert np.abs(net[bare]).max() <= 1e-12 * g.max() * np.abs(v).max()


def test_what_is_around_a_node_is_each_neighbour_with_its_edge():
    """Also around roots, a leaf and a node with many children."""
    rng = np.random.default_rng(3)
    n = 60
    parent = np.minimum(rng.integers(0, 8, n), np.maximum(np.arange(n) - 1, 0))
    parent[10] = 10
    tree, nodes = SimpleNamespace(parent=parent, n_node=n), np.array([0, 1, 5, 10, n - 1])
    neighbour, edge = _around(nodes, tree)
    for row, node in enumerate(nodes):
        children = [c for c in range(n) if parent[c] == node != c]
        expected = sorted([(c, c) for c in children] + ([(parent[node], node)] if parent[node] != node else []))
        found = sorted((a, e) for a, e in zip(neighbour[row], edge[row], strict=True) if parent[e] != e)
        assert found == expected
    empty = _around(np.zeros(0, int), tree)
    assert [x.shape for x in empty] == [(0, 1), (0, 1)]


def test_the_initial_voltage_between_compartments_has_a_gradient(x64):
    model = uneven(js.binary_tree(3, 300.0, 2.0))
    weight = np.random.default_rng(1).normal(size=js.init(model).v.shape)

    def total(v, ra):
        return (weight * js.init(model.set("v", v).set("ra", ra)).v).sum()

    v, ra = model.get("v"), model.get("ra") * np.linspace(0.5, 2.0, model.ra.shape[0])
    jax.test_util.check_grads(total, (v, ra), order=1, rtol=1e-6)


@pytest.mark.parametrize("n", [1, FEW, FEW + 1, 9])
def test_currents_at_one_place_add_up(n, x64):
    """Few are added one by one, more at once."""
    rng = np.random.default_rng(n)
    place, values = rng.integers(0, 3, n), rng.normal(size=n)
    expected = np.zeros(3)
    np.add.at(expected, place, values)
    np.testing.assert_allclose(_added(jnp.zeros(3), jnp.asarray(place), jnp.asarray(values)), expected, rtol=1e-14)

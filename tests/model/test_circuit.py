"""The circuit of a model: the voltage at which its nodes without area begin."""

from types import SimpleNamespace

import jax.test_util
import numpy as np
import pytest

import jaxsim as js
from jaxsim.model.circuit import circuit
from jaxsim.model.compile import _around
from jaxsim.morphology import read_swc
from tests.data_dir import data


def uneven(morphology, dtype="float64") -> js.Model:
    model = js.Cell(morphology, js.PerBranch(3), ra=100.0).insert(js.HH()).compile(dtype)
    return model.set("v", np.random.default_rng(7).uniform(-90.0, -40.0, model.v.shape))


@pytest.mark.parametrize("shape", ["tree", "fork", "cell"])
def test_a_node_without_area_begins_where_it_carries_no_net_current(shape, x64):
    made = {
        "tree": lambda: js.binary_tree(4, 300.0, 2.0),
        "fork": lambda: js.binary_tree(2, 300.0, 2.0),
        "cell": lambda: read_swc(data("swc/rat_ca1_n120.swc")),
    }
    model = uneven(made[shape]())
    made_of = circuit(model)
    v, g, parent = np.asarray(made_of.v), np.asarray(made_of.axial), np.asarray(model.wiring.forest.parent)
    comp = np.asarray(model.wiring.node_comp)
    bare = np.flatnonzero(comp == model.layout.n_comp)
    assert len(bare) >= 1
    np.testing.assert_array_equal(v[comp < model.layout.n_comp], np.asarray(model.v)[comp[comp < model.layout.n_comp]])
    along = g * (v - v[parent])
    net = along - np.bincount(parent, along, minlength=len(v))
    assert np.abs(net[bare]).max() < 1e-12 * np.abs(along).max()


def test_what_is_around_a_node_is_each_neighbour_with_its_edge():
    """Also around a root, a leaf and a node with many children."""
    rng = np.random.default_rng(3)
    n = 60
    parent = np.minimum(rng.integers(0, 8, n), np.maximum(np.arange(n) - 1, 0))

    tree, nodes = SimpleNamespace(parent=parent, n_node=n), np.array([0, 1, 5, n - 1])
    neighbour, edge = _around(nodes, tree)
    for row, node in enumerate(nodes):
        children = [c for c in range(1, n) if parent[c] == node]
        expected = sorted([(c, c) for c in children] + ([(parent[node], node)] if node else []))
        found = sorted((a, e) for a, e in zip(neighbour[row], edge[row], strict=True) if e)
        assert found == expected
    empty = _around(np.zeros(0, int), tree)
    assert [x.shape for x in empty] == [(0, 1), (0, 1)]


def test_the_initial_voltage_between_compartments_has_a_gradient(x64):
    model = uneven(js.binary_tree(3, 300.0, 2.0))
    weight = np.random.default_rng(1).normal(size=circuit(model).v.shape)

    def total(v, ra):
        return (weight * circuit(model.set("v", v).set("ra", ra)).v).sum()

    v, ra = model.get("v"), model.get("ra") * np.linspace(0.5, 2.0, model.ra.shape[0])
    jax.test_util.check_grads(total, (v, ra), order=1, rtol=1e-6)

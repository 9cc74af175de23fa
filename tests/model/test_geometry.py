"""Scale factors are a morphology of other radii and lengths; ra and cm enter where they should."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from jaxsim.model.circuit import circuit
from jaxsim.model.geometry import areas_and_resistances
from tests.cable.cells import random_tree


@pytest.fixture(params=[0, 1])
def morphology(x64, request) -> js.Morphology:
    return random_tree(request.param)


def scaled(morphology: js.Morphology, radius: float, length: float) -> js.Morphology:
    return dataclasses.replace(morphology, xyz=length * morphology.xyz, radius=radius * morphology.radius)


def circuit_of(morphology: js.Morphology, **scales: float):
    cell = js.Cell(morphology, js.PerBranch(3)).insert(js.Leak())
    for name, value in scales.items():
        cell.at(js.everywhere()).set(name, value)
    return jax.jit(circuit)(dataclasses.replace(cell.compile(), info=None))


def test_unscaled_geometry_is_the_cables(morphology):
    cable = js.discretise(morphology, js.PerBranch(3))
    model = js.Cell(morphology, js.PerBranch(3)).compile()
    area, resistance = areas_and_resistances(model.geometry, model.radius_scale, model.length_scale)
    np.testing.assert_allclose(area, cable.area, rtol=1e-12)
    np.testing.assert_allclose(resistance, cable.r_half.ravel(), rtol=1e-12)


@pytest.mark.parametrize(("radius", "length"), [(1.7, 1.0), (1.0, 0.6), (1.3, 2.0)])
def test_scales_are_a_scaled_morphology(morphology, radius, length):
    a = circuit_of(morphology, radius_scale=radius, length_scale=length)
    b = circuit_of(scaled(morphology, radius, length))
    np.testing.assert_allclose(a.capacitance, b.capacitance, rtol=1e-11)
    np.testing.assert_allclose(a.axial, b.axial, rtol=1e-11)
    np.testing.assert_allclose(a.factor["Leak"], b.factor["Leak"], rtol=1e-11)


def test_one_scale_for_both_is_transform(morphology):
    a = circuit_of(morphology, radius_scale=1.5, length_scale=1.5)
    b = circuit_of(js.transform(morphology, scale=1.5))
    np.testing.assert_allclose(a.capacitance, b.capacitance, rtol=1e-11)
    np.testing.assert_allclose(a.axial, b.axial, rtol=1e-11)


def test_capacitance_is_cm_times_area_compartment_by_compartment(morphology):
    cell = js.Cell(morphology, js.PerBranch(3))
    cm = np.random.default_rng(0).uniform(0.5, 2.0, cell.cable.n_comp)
    cell.at(js.everywhere()).set("cm", cm)
    model = cell.compile()
    found = circuit(model).capacitance[jnp.argsort(model.wiring.node_comp)[: model.layout.n_comp]]
    np.testing.assert_allclose(found, 1e-5 * cm * cell.cable.area, rtol=1e-12)  # nF


def test_nodes_without_area_have_no_capacitance(morphology):
    model = js.Cell(morphology, js.PerBranch(3)).compile()
    c = np.asarray(circuit(model).capacitance)
    assert np.count_nonzero(c) == model.layout.n_comp
    assert np.all(c[np.asarray(model.wiring.node_comp) == model.layout.n_comp] == 0.0)


def test_ra_of_each_compartment_enters_its_own_halves(x64):
    cell = js.Cell(js.cylinder(90.0, 1.0), js.PerBranch(3))
    ra = np.array([50.0, 100.0, 400.0])
    cell.at(js.everywhere()).set("ra", ra)
    axial = np.asarray(circuit(cell.compile()).axial)
    half = 1e-2 * 15.0 / (np.pi * 1.0**2)  # MOhm for 1 ohm cm
    expected = 1.0 / (half * (ra[:-1] + ra[1:]))
    np.testing.assert_allclose(axial, [0.0, *expected], rtol=1e-12)


def test_areas_have_a_finite_gradient_where_the_diameter_steps(x64):
    """A step in diameter is a frustum of no length: an annulus, whose slant is |d1 - d0| / 2."""
    xyz = np.array([[0.0, 0.0, 0.0], [10.0, 0.0, 0.0], [10.0, 0.0, 0.0], [20.0, 0.0, 0.0]])
    morphology = js.Morphology(xyz, np.array([2.0, 2.0, 1.0, 1.0]), [0, 4], [-1], [0.0], [3])
    model = js.Cell(morphology).compile()
    total = lambda k: areas_and_resistances(model.geometry, k * jnp.ones(1), jnp.ones(1))[0].sum()  # noqa: E731
    value, slope = jax.value_and_grad(total)(1.0)
    sides, annulus = 2 * np.pi * (2.0 * 10 + 1.0 * 10), np.pi * (2.0**2 - 1.0**2)
    assert float(value) == pytest.approx(sides + annulus, rel=1e-12)
    assert float(slope) == pytest.approx(sides + 2 * annulus, rel=1e-12)

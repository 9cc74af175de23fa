"""A compiled model: parameters by name, never changed in place."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js


@pytest.fixture(scope="module")
def model() -> js.Model:
    """Three soma and three basal compartments; HH in the soma, a leak everywhere, a stimulus."""
    cell = js.Cell(js.ball_and_stick(20.0, 200.0, 2.0), js.PerBranch(3))
    cell.at("soma").insert(js.HH(gbar_na=0.1))
    cell.insert(js.Leak(gbar=1e-4)).stimulate(cell.loc(0), js.Samples(np.zeros(5), dt=0.1))
    return cell.record(cell.loc(0)).compile("float32")


def same(a: js.Model, b: js.Model) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True))


def test_parameters_have_shapes_and_units(model):
    table = model.parameters()
    assert list(table)[:5] == ["ra", "cm", "v", "radius_scale", "length_scale"]
    assert table["ra"] == ((6,), "ohm cm")
    assert table["HH.gbar_na"] == ((3,), "S/cm2")
    assert table["Leak.e"] == ((6,), "mV")
    assert table["Samples.values"] == ((1, 5), "nA")
    assert table["Samples.dt"] == ((1,), "ms")


def test_get_gives_what_was_built(model):
    np.testing.assert_allclose(model.get("HH.gbar_na"), [0.1] * 3, rtol=1e-7)
    np.testing.assert_allclose(model.get("cm"), [1.0] * 6)


def test_set_then_get(model):
    values = np.linspace(1e-5, 1e-3, 6, dtype=np.float32)
    np.testing.assert_array_equal(model.set("Leak.gbar", values).get("Leak.gbar"), values)


def test_set_broadcasts_a_number(model):
    np.testing.assert_array_equal(model.set("v", -70.0).get("v"), np.full(6, -70.0, np.float32))


def test_set_in_a_region(model):
    changed = model.set("Leak.gbar", 5e-4, at="basal").get("Leak.gbar")
    np.testing.assert_allclose(changed, [1e-4] * 3 + [5e-4] * 3, rtol=1e-6)


def test_set_in_a_region_takes_the_regions_part_of_an_array(model):
    values = np.arange(1.0, 7.0, dtype=np.float32)
    changed = model.set("cm", values, at=js.path_distance() > 50.0).get("cm")
    far = model.spec.cable.distance > 50.0
    np.testing.assert_array_equal(changed, np.where(far, values, 1.0))


def test_a_model_is_never_changed_in_place(model):
    before = jax.tree.map(np.array, model)
    model.set("Leak.gbar", 1.0)
    model.set("HH.gbar_na", 1.0, at="soma")
    model.set("cm", np.full(6, 3.0))
    assert same(before, model)


def test_set_touches_nothing_else(model):
    changed = model.set("Leak.gbar", 7e-4)
    for name in model.parameters():
        if name != "Leak.gbar":
            np.testing.assert_array_equal(changed.get(name), model.get(name))
    assert changed.layout == model.layout


def test_a_model_is_frozen(model):
    with pytest.raises(AttributeError):
        model.cm = model.cm


def test_set_may_be_traced(model):
    gradient = jax.grad(lambda x: model.set("cm", x, at="soma").get("cm").sum())(2.0)
    assert float(gradient) == 3.0


def test_a_model_goes_through_tree_map(model):
    doubled = jax.tree.map(lambda x: 2 * x, model)
    np.testing.assert_array_equal(doubled.get("Leak.gbar"), 2 * model.get("Leak.gbar"))
    assert doubled.layout == model.layout


def test_unknown_names_are_guessed(model):
    with pytest.raises(KeyError, match=r"no parameter 'HH\.gbar_naa'; did you mean 'HH\.gbar_na'\?"):
        model.get("HH.gbar_naa")
    with pytest.raises(KeyError, match="no parameter 'radiusscale'; did you mean 'radius_scale'"):
        model.set("radiusscale", 1.0)


def test_wrong_shapes_are_refused(model):
    with pytest.raises(ValueError, match=r"HH\.gbar_na must broadcast to shape \(3,\), got \(6,\)"):
        model.set("HH.gbar_na", np.ones(6))


def test_a_stimulus_has_no_region(model):
    with pytest.raises(ValueError, match=r"got 'Samples\.dt'\. Stimuli stand at a location"):
        model.set("Samples.dt", 0.2, at="soma")


def test_an_unknown_region_is_refused(model):
    with pytest.raises(KeyError, match="no region 'somma'; did you mean 'soma'"):
        model.set("cm", 2.0, at="somma")


@pytest.mark.parametrize("region", ["basal", "axon"])
def test_a_region_without_the_mechanism_is_refused(model, region):
    with pytest.raises((KeyError, ValueError), match=r"HH|axon"):
        model.set("HH.gbar_na", 0.2, at=region)


def test_compartments_of_a_parameter(model):
    assert model.compartments("HH.gbar_na").tolist() == [0, 1, 2]
    assert model.compartments("cm").tolist() == list(range(6))


def test_the_dtype_is_that_of_the_session_or_as_asked(precision):
    cell = js.Cell(js.cylinder(10.0, 1.0)).insert(js.Leak())
    assert cell.compile().v.dtype == precision
    assert cell.compile(jnp.float32).get("Leak.gbar").dtype == np.float32


def test_equal_cells_have_equal_structure():
    make = lambda gbar: js.Cell(js.cylinder(10.0, 1.0)).insert(js.Leak(gbar=gbar)).compile()  # noqa: E731
    assert make(1e-4).layout == make(2e-4).layout
    assert hash(make(1e-4).layout) == hash(make(2e-4).layout)


def test_spec_holds_the_present_values(x64, tmp_path):
    cell = js.Cell(js.cylinder(100.0, 1.0), js.PerBranch(3)).insert(js.Leak())
    cell.stimulate(cell.loc(0), js.Pulse(amp=0.1)).record(cell.loc(0))
    model = cell.compile().set("Leak.gbar", 5e-4).set("cm", 1.3).set("Pulse.amp", 0.2)
    js.save_spec(model.spec, tmp_path / "cell.npz")
    again = js.compile_model(js.load_spec(tmp_path / "cell.npz"))
    for name in model.parameters():
        np.testing.assert_array_equal(again.get(name), model.get(name))


def test_impossible_values_are_refused():
    model = js.Cell(js.cylinder(100.0, 1.0)).insert(js.Leak()).compile()
    with pytest.raises(ValueError, match=r"cm must be positive \[uF/cm2\], got -1.0"):
        model.set("cm", -1.0)


def test_equal_cells_are_equal_pytrees():
    def build(gbar, n=3):
        cell = js.Cell(js.cylinder(100.0, 1.0), js.PerBranch(n)).insert(js.Leak(gbar=gbar))
        return cell.record(cell.loc(0)).compile()

    a, b, other = build(1e-4), build(2e-4), build(1e-4, n=4)
    assert jax.tree.structure(a) == jax.tree.structure(b) != jax.tree.structure(other)
    batch = jax.tree.map(lambda *x: jnp.stack(x), a, b)
    v = jax.vmap(lambda m: js.simulate(m, 1.0, 0.1).v)(batch)
    assert v.shape == (2, 1, 11)


@pytest.mark.parametrize("comp", [[1, 0], [0, 0], [0, 3], [-1, 0], []])
def test_a_specification_of_others_is_checked(comp):
    spec = js.Cell(js.cylinder(100.0, 1.0), js.PerBranch(3)).spec()
    leak = js.Leak(gbar=np.full(len(comp), 1e-4), e=np.full(len(comp), -65.0))
    bad = dataclasses.replace(spec, densities=(js.Density("Leak", leak, np.array(comp, int)),))
    with pytest.raises(ValueError, match=r"the compartments of Leak must ascend within 0 \.\. 2"):
        js.compile_model(bad)


@pytest.mark.parametrize("node", [-1, 5])
def test_a_probe_of_another_cell_is_refused(node):
    """Node -1 would be the last one."""
    spec = js.Cell(js.cylinder(100.0, 1.0), js.PerBranch(3)).spec()
    with pytest.raises(ValueError, match=r"the node of tip must lie within 0 \.\. 4"):
        js.compile_model(dataclasses.replace(spec, probes=(js.Probe("v", node, "tip"),)))


def test_a_parameter_of_another_number_of_compartments_is_refused():
    spec = js.Cell(js.cylinder(100.0, 1.0), js.PerBranch(3)).spec()
    leak = js.Leak(gbar=np.array([1e-4]), e=np.full(3, -65.0))
    bad = dataclasses.replace(spec, densities=(js.Density("Leak", leak, np.arange(3)),))
    with pytest.raises(ValueError, match=r"Leak.gbar must have shape \(3,\)"):
        js.compile_model(bad)


def test_two_mechanisms_of_one_name_are_refused():
    spec = js.Cell(js.cylinder(100.0, 1.0)).insert(js.Leak()).spec()
    with pytest.raises(ValueError, match="name must be unique"):
        js.compile_model(dataclasses.replace(spec, densities=spec.densities * 2))

"""The builder: what it stores, what it refuses, and how it says so."""

import re

import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from jaxsim._struct import static, struct


@struct
class Gap(js.AbstractChannel):
    """A channel with a static field."""

    gbar: js.units.S_per_cm2 = 1e-4
    kind: str = static(default="a")

    def current(self, v, gate):
        return self.gbar * v


@pytest.fixture
def cell() -> js.Cell:
    """A soma of three compartments and a basal dendrite of three."""
    return js.Cell(js.ball_and_stick(20.0, 200.0, 2.0), js.PerBranch(3))


def refuses(error: type[Exception], *parts: str):
    """The error whose sentence has all these parts."""
    return pytest.raises(error, match="".join(f"(?=.*{re.escape(part)})" for part in parts))


def density(cell: js.Cell, name: str):
    return next(d for d in cell.spec().densities if d.name == name)


# What is stored


def test_one_compartment_a_branch_by_default():
    assert js.Cell(js.ball_and_stick(20.0, 200.0, 2.0)).cable.n_comp == 2


def test_inserted_everywhere_and_named_after_its_class(cell):
    cell.insert(js.Leak(gbar=2e-4))
    leak = density(cell, "Leak")
    np.testing.assert_array_equal(leak.comp, np.arange(6))
    np.testing.assert_array_equal(leak.mechanism.gbar, 2e-4)


def test_two_regions_make_one_channel(cell):
    cell.at("basal").insert(js.Leak(gbar=3e-4))
    cell.at("soma").insert(js.Leak(gbar=1e-4))
    leak = density(cell, "Leak")
    np.testing.assert_array_equal(leak.comp, np.arange(6))
    np.testing.assert_array_equal(leak.mechanism.gbar, [1e-4] * 3 + [3e-4] * 3)


def test_a_parameter_may_be_an_array_of_the_region(cell):
    cell.at("basal").insert(js.Leak(gbar=np.array([1e-4, 2e-4, 3e-4])))
    np.testing.assert_array_equal(density(cell, "Leak").mechanism.gbar, [1e-4, 2e-4, 3e-4])


def test_set_changes_the_region_only(cell):
    cell.insert(js.Leak(gbar=1e-4)).at("soma").set("Leak.gbar", 5e-4).set("cm", 2.0).set("ra", [1.0, 2.0, 3.0])
    spec = cell.spec()
    np.testing.assert_array_equal(density(cell, "Leak").mechanism.gbar, [5e-4] * 3 + [1e-4] * 3)
    np.testing.assert_array_equal(spec.cm, [2.0] * 3 + [1.0] * 3)
    np.testing.assert_array_equal(spec.ra, [1.0, 2.0, 3.0] + [35.4] * 3)


def test_constructor_values_are_those_of_every_compartment():
    spec = js.Cell(js.cylinder(100.0, 1.0), js.PerBranch(2), ra=100.0, cm=0.7, v=-80.0).spec()
    assert (spec.ra.tolist(), spec.cm.tolist(), spec.v.tolist()) == ([100.0] * 2, [0.7] * 2, [-80.0] * 2)


def test_stimuli_of_one_name_are_stacked(cell):
    cell.stimulate(cell.loc("soma", 0.5), js.Pulse(amp=0.1)).stimulate(cell.loc(1, 1.0), js.Pulse(amp=0.2))
    (pulse,) = cell.spec().points
    np.testing.assert_array_equal(pulse.mechanism.amp, [0.1, 0.2])
    assert pulse.node.tolist() == [1, int(cell.cable.end_node[1])]


def test_probes_keep_their_order_and_labels(cell):
    cell.record(cell.loc(1, 1.0)).record([cell.loc("soma", 0.5), cell.loc(1, 0.2)])
    assert [p.label for p in cell.spec().probes] == ["basal(1)", "soma(0.5)", "basal(0.2)"]


def test_labels_of_one_of_several_branches_carry_its_index():
    cell = js.Cell(js.binary_tree(2, 50.0, 1.0))
    b = cell.cable.n_branch - 1
    cell.record(cell.loc(b, 0.5))
    assert f"[{b}](0.5)" in cell.spec().probes[0].label


def test_everything_returns_the_cell_to_go_on(cell):
    soma = cell.loc("soma")
    assert cell.insert(js.Leak()).stimulate(soma, js.Pulse()).clamp(soma, js.VoltageClamp()).record(soma) is cell


def test_repr_says_what_is_where(cell):
    cell.at("soma").insert(js.HH())
    assert repr(cell) == "Cell(2 branches, 6 compartments; HH (3))"


def test_a_spec_does_not_change_with_the_cell(cell):
    cell.insert(js.Leak(gbar=1e-4))
    spec = cell.spec()
    cell.at("soma").set("Leak.gbar", 9e-4).set("cm", 3.0)
    cell.insert(js.HH()).record(cell.loc(0)).stimulate(cell.loc(0), js.Pulse())
    assert [d.name for d in spec.densities] == ["Leak"]
    np.testing.assert_array_equal(spec.densities[0].mechanism.gbar, 1e-4)
    np.testing.assert_array_equal(spec.cm, 1.0)
    assert (spec.points, spec.probes) == ((), ())


def test_a_cell_does_not_change_with_the_users_arrays(cell):
    samples, gbar = np.ones(4), np.full(6, 1e-4)
    cell.stimulate(cell.loc(0), js.Samples(samples, dt=0.1)).insert(js.Leak(gbar=gbar))
    samples[:], gbar[:] = 7.0, 7.0
    np.testing.assert_array_equal(cell.spec().points[0].mechanism.values, [[1.0] * 4])
    np.testing.assert_array_equal(density(cell, "Leak").mechanism.gbar, 1e-4)


def test_a_refused_stimulus_leaves_the_cell_as_it_was(cell):
    cell.stimulate(cell.loc(0), js.Samples(np.ones(3), dt=0.1))
    with pytest.raises(ValueError, match="shape"):
        cell.stimulate(cell.loc(0), js.Samples(np.ones(4), dt=0.1))
    assert len(cell.spec().points[0].node) == 1


def test_refused_probes_leave_the_cell_as_it_was(cell):
    with pytest.raises(TypeError):
        cell.record([cell.loc(0), "soma"])
    assert cell.spec().probes == ()


def test_a_refused_channel_leaves_the_cell_as_it_was(cell):
    with pytest.raises(ValueError, match="finite"):
        cell.insert(js.Leak(gbar=float("nan")))
    assert cell.spec().densities == ()


# What is refused


def test_a_morphology_is_needed():
    with refuses(TypeError, "morphology must be a Morphology", "'str'", "read_swc"):
        js.Cell("cell.swc")


@pytest.mark.parametrize(("name", "value"), [("ra", 0.0), ("cm", -1.0), ("cm", 0.0)])
def test_resistivity_and_capacitance_are_positive(name, value):
    with refuses(ValueError, f"{name} must be positive", str(value)):
        js.Cell(js.cylinder(100.0, 1.0), **{name: value})


@pytest.mark.parametrize("name", ["radius_scale", "length_scale"])
def test_scales_are_positive(cell, name):
    with refuses(ValueError, f"{name} must be positive"):
        cell.at("soma").set(name, [1.0, 0.0, 1.0])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1.0, float("nan"), 1.0]])
def test_values_are_finite(cell, value):
    cell.insert(js.Leak())
    with refuses(ValueError, "Leak.e must be finite"):
        cell.at("soma").set("Leak.e", value)


def test_values_are_numbers(cell):
    with refuses(ValueError, "v must be a number", "'rest'"):
        cell.at("soma").set("v", "rest")


def test_a_value_has_the_shape_of_the_region(cell):
    with refuses(ValueError, "cm must be one number or 3", "(2,)"):
        cell.at("soma").set("cm", [1.0, 2.0])


def test_the_same_channel_twice_says_what_to_do(cell):
    cell.insert(js.HH())
    with refuses(ValueError, "HH is already inserted in 3 compartments of tag('soma')", "set('HH.", "name="):
        cell.at("soma").insert(js.HH())


def test_one_name_one_class(cell):
    cell.at("soma").insert(js.Leak(), name="passive")
    with refuses(ValueError, "'passive' already belongs to a Leak"):
        cell.at("basal").insert(js.HH(), name="passive")


def test_one_name_one_kind(cell):
    """A static field belongs to the mechanism, not to a compartment; a second value of it would be lost."""
    cell.at("soma").insert(Gap(kind="a"))
    with refuses(ValueError, "Gap is already inserted with {'kind': 'a'}", "{'kind': 'b'}", "name="):
        cell.at("basal").insert(Gap(kind="b"))


@pytest.mark.parametrize("name", ["v", "cm", "ra", "radius_scale", "a.b"])
def test_reserved_names(cell, name):
    with refuses(ValueError, "a channel's name must be unused and without a dot", repr(name)):
        cell.insert(js.Leak(), name=name)
    with refuses(ValueError, "name must be unused and without a dot", repr(name)):
        cell.stimulate(cell.loc(0), js.Pulse(), name=name)


def test_a_channel_and_a_stimulus_do_not_share_a_name(cell):
    cell.insert(js.Leak(), name="x").stimulate(cell.loc(0), js.Pulse(), name="y")
    with refuses(ValueError, "'x'"):
        cell.stimulate(cell.loc(0), js.Pulse(), name="x")
    with refuses(ValueError, "'y'"):
        cell.insert(js.Leak(), name="y")


def test_set_before_insert(cell):
    with refuses(KeyError, "no parameter 'HH.gbar_na'", "Insert HH first."):
        cell.at("soma").set("HH.gbar_na", 0.1)


def test_set_outside_the_inserted_region(cell):
    cell.at("soma").insert(js.Leak())
    with refuses(ValueError, "Leak is not inserted in 3 of the 6 compartments of everywhere()"):
        cell.at(js.everywhere()).set("Leak.gbar", 1e-3)


def test_set_of_a_misspelt_parameter(cell):
    cell.insert(js.HH())
    with refuses(KeyError, "no parameter 'HH.gbar_naa'", "did you mean 'HH.gbar_na'?"):
        cell.at("soma").set("HH.gbar_naa", 0.1)


def test_an_unknown_region(cell):
    with refuses(KeyError, "no region 'somma'", "did you mean 'soma'?"):
        cell.at("somma")


def test_an_empty_region(cell):
    with refuses(ValueError, "selects no compartment", "path_distance() runs from"):
        cell.at(js.path_distance() > 1e4)


def test_a_location_is_no_region(cell):
    with refuses(TypeError, "A location is a single place"):
        cell.at(cell.loc("soma"))


@pytest.mark.parametrize("place", ["soma", 0, js.tag("soma"), None])
@pytest.mark.parametrize("verb", ["stimulate", "clamp", "record"])
def test_a_region_is_no_location(cell, verb, place):
    thing = {"stimulate": (js.Pulse(),), "clamp": (js.VoltageClamp(),), "record": ()}[verb]
    with refuses(TypeError, f"where cell.{verb} acts must be a location", "cell.loc('soma', 0.5)"):
        getattr(cell, verb)(place, *thing)


def test_a_selection_is_no_location(cell):
    with refuses(TypeError, "where cell.stimulate acts must be a location"):
        cell.stimulate(cell.at("soma"), js.Pulse())


def test_stimuli_are_not_inserted(cell):
    with refuses(TypeError, "must be a channel such as HH()", "cell.stimulate(cell.loc(...), ...)"):
        cell.insert(js.Pulse())


@pytest.mark.parametrize(
    ("verb", "thing"), [("stimulate", js.HH()), ("stimulate", js.VoltageClamp()), ("clamp", js.Pulse())]
)
def test_each_verb_places_its_own_kind(cell, verb, thing):
    with refuses(TypeError, f"what cell.{verb} places must be an Abstract"):
        getattr(cell, verb)(cell.loc(0), thing)


def test_a_class_is_not_an_instance(cell):
    with refuses(TypeError, "Make one: HH()."):
        cell.insert(js.HH)
    with refuses(TypeError, "Make one: Pulse(...)."):
        cell.stimulate(cell.loc(0), js.Pulse)


def test_instances_of_one_name_have_one_shape(cell):
    cell.stimulate(cell.loc(0), js.Samples(np.ones(3), dt=0.1))
    with refuses(ValueError, "Samples.values has shape (4,) here and (3,)", "name="):
        cell.stimulate(cell.loc(0), js.Samples(np.ones(4), dt=0.1))


def test_instances_of_one_name_have_one_class(cell):
    cell.stimulate(cell.loc(0), js.Pulse(), name="drive")
    with refuses(ValueError, "'drive' already belongs to a Pulse"):
        cell.stimulate(cell.loc(0), js.Ramp(), name="drive")


def test_instances_of_one_name_have_the_same_static_fields(cell):
    cell.stimulate(cell.loc(0), js.Samples(np.ones(3), dt=0.1))
    with refuses(ValueError, "'Samples' already belongs to a Samples {'hold': False}"):
        cell.stimulate(cell.loc(0), js.Samples(np.ones(3), dt=0.1, hold=True))


@pytest.mark.parametrize("amp", [float("nan"), "big"])
def test_a_stimulus_has_numbers(cell, amp):
    with refuses(ValueError, "Pulse.amp must"):
        cell.stimulate(cell.loc(0), js.Pulse(amp=amp))


def test_a_branch_that_does_not_exist(cell):
    with refuses(ValueError, "branch must be in 0 .. 1", "9"):
        cell.record(js.Location(9, 0.5))


def test_what_is_recorded_is_a_name(cell):
    with refuses(TypeError, "what is recorded must be a name"):
        cell.record(cell.loc(0), js.HH)


def test_inserting_a_traced_value_is_no_way_to_train(cell):
    """Builders hold numbers; parameters are traced through Model.set."""
    cell.insert(js.Leak(gbar=jnp.asarray(2e-4)))
    assert isinstance(density(cell, "Leak").mechanism.gbar, np.ndarray)


def test_a_second_name_at_a_clamped_place_is_refused():
    cell = js.Cell(js.cylinder(50.0, 1.0), js.PerBranch(3)).insert(js.Leak())
    cell.clamp(cell.loc(0), js.VoltageClamp(), name="first")
    with pytest.raises(ValueError, match="'second' clamps a place that 'first' clamps"):
        cell.clamp(cell.loc(0), js.VoltageClamp(), name="second")


def test_a_class_that_is_no_struct_is_refused():
    class Own(js.HH):
        pass

    cell = js.Cell(js.cylinder(50.0, 1.0))
    with pytest.raises(TypeError, match=r"Decorate it with @js\.struct"):
        cell.insert(Own())


def test_d_lambda_uses_the_cells_own_resistivity_and_capacitance():
    m = js.cylinder(1000.0, 1.0)
    found = js.Cell(m, js.DLambda(0.1), ra=300.0, cm=2.0).cable.n_comp
    assert found == js.discretise(m, js.DLambda(0.1, ra=300.0, cm=2.0)).n_comp
    assert found > js.discretise(m, js.DLambda(0.1)).n_comp


def test_a_location_by_path_distance():
    cell = js.Cell(js.ball_and_stick(10.0, 200.0, 1.0), js.PerBranch([1, 10]))
    place = cell.loc("dendrite", path_distance=110.0)
    assert place.branch == 1
    assert cell.cable.distance[place.node(cell.cable)] == pytest.approx(110.0, abs=10.0)
    with pytest.raises(ValueError, match=r"path_distance must lie within the region's 20 \.\. 200 um, got 900"):
        cell.loc("dendrite", path_distance=900.0)


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_conductances_that_no_membrane_has_are_refused(value):
    cell = js.Cell(js.cylinder(50.0, 1.0)).insert(js.Leak())
    model = cell.compile()
    for attempt in (
        lambda: cell.insert(js.HH(gbar_na=value)),
        lambda: cell.at("basal").set("Leak.gbar", value),
        lambda: model.set("Leak.gbar", value),
    ):
        with pytest.raises(ValueError, match=r"must (not be negative|be finite)"):
            attempt()
    assert cell.compile().get("Leak.gbar").tolist() == pytest.approx([1e-4])


def test_a_parameter_without_a_unit_is_refused():
    with pytest.raises(TypeError, match=r"Own.gbar has no annotation.*gbar: js.units.mV = 0.0001"):

        @struct
        class Own(js.AbstractChannel):
            gbar = 1e-4

            def current(self, v, gate):
                return self.gbar * v

"""Regions and locations."""

import numpy as np
import pytest

import jaxsim.cable as jc
from tests.cable.cells import one_branch, small_cell

CABLE = jc.discretise(small_cell(), jc.PerBranch(3))


def ids(region):
    return sorted(set(CABLE.branch[jc.as_region(region).mask(CABLE)].tolist()))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("soma", [0]),
        ("axon", [4]),
        ("basal", [1, 2, 3]),
        ("apical", [5, 6]),
        ("dendrite", [1, 2, 3, 5, 6]),
        (3, [1, 2, 3]),
    ],
)
def test_a_tag_selects_its_branches(name, expected):
    assert ids(jc.tag(name)) == expected


def test_everywhere_is_every_compartment():
    assert jc.everywhere().mask(CABLE).all()


def test_branches_by_index():
    assert ids(jc.branches([2, 5])) == [2, 5]
    assert ids(jc.branches(4)) == [4]


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        (jc.path_distance() > 100.0, CABLE.distance > 100.0),
        (jc.path_distance() >= 45.0, CABLE.distance >= 45.0),
        (jc.radius() < 1.0, CABLE.radius < 1.0),
        (jc.radius() <= 0.5, CABLE.radius <= 0.5),
        (jc.branch_order().between(1, 1), CABLE.order == 1),
        (np.float64(100.0) < jc.path_distance(), CABLE.distance > 100.0),
    ],
)
def test_comparing_a_quantity_gives_a_region(region, expected):
    assert isinstance(region, jc.Region)
    np.testing.assert_array_equal(region.mask(CABLE), expected)


def test_algebra_is_the_algebra_of_sets():
    far, thin = jc.path_distance() > 100.0, jc.radius() < 1.0
    a, b = far.mask(CABLE), thin.mask(CABLE)
    np.testing.assert_array_equal((far & thin).mask(CABLE), a & b)
    np.testing.assert_array_equal((far | thin).mask(CABLE), a | b)
    np.testing.assert_array_equal((far - thin).mask(CABLE), a & ~b)
    np.testing.assert_array_equal((~far).mask(CABLE), ~a)


def test_names_and_masks_join_the_algebra_on_either_side():
    far = jc.path_distance() > 100.0
    for region in (far & "basal", "basal" & far, (CABLE.tag == 3) & far):
        np.testing.assert_array_equal(region.mask(CABLE), (CABLE.distance > 100.0) & (CABLE.tag == 3))
    np.testing.assert_array_equal(("basal" - far).mask(CABLE), (CABLE.distance <= 100.0) & (CABLE.tag == 3))
    np.testing.assert_array_equal(("soma" | far).mask(CABLE), (CABLE.distance > 100.0) | (CABLE.tag == 1))


def test_a_region_reads_as_it_was_written():
    region = (jc.path_distance() > 100.0) & jc.tag("apical") | ~jc.radius().between(1, 2)
    assert repr(region) == "((path_distance() > 100.0) & tag('apical')) | ~radius().between(1.0, 2.0)"
    assert repr(~(jc.branches([1, 2]) - "soma")) == "~(branches([1, 2]) - tag('soma'))"


def test_one_region_serves_several_cells():
    region = jc.radius() > 0.4
    other = jc.discretise(one_branch([0.0, 10.0], [1.0, 1.0]), jc.PerBranch(2))
    assert region.mask(other).tolist() == [True, True]
    assert len(region.mask(CABLE)) == CABLE.n_comp


def test_a_mask_is_a_region_and_is_copied():
    mask = CABLE.order == 2
    region = jc.from_mask(mask, label="second order")
    mask[:] = False
    np.testing.assert_array_equal(region.mask(CABLE), CABLE.order == 2)
    assert repr(region) == "second order"


@pytest.mark.parametrize("mask", [np.arange(3), np.ones((2, 2), bool), [0, 1]])
def test_a_mask_must_be_boolean(mask):
    with pytest.raises(TypeError, match="one-dimensional boolean"):
        jc.from_mask(mask)


def test_a_mask_of_another_cell_is_refused():
    with pytest.raises(ValueError, match="one value for each of 21 compartments, got 4"):
        jc.from_mask(np.ones(4, bool)).mask(CABLE)


def test_an_unknown_name_gets_the_nearest_guess_and_the_known_names():
    with pytest.raises(KeyError, match=r"no region 'somma'; did you mean 'soma'.*Known: 'apical', 'axon'"):
        jc.select(CABLE, "somma")


@pytest.mark.parametrize("b", [-1, 7])
def test_a_branch_that_does_not_exist_is_refused(b):
    with pytest.raises(ValueError, match=r"branch must be in 0 \.\. 6"):
        jc.branches([0, b]).mask(CABLE)


def test_a_region_is_not_a_truth_value():
    with pytest.raises(TypeError, match="between"):
        assert 10.0 < jc.path_distance() < 100.0


@pytest.mark.parametrize(
    ("where", "hint"),
    [
        (jc.path_distance(), r"path_distance\(\) > 100.0"),
        (jc.branch_order() == 2, "no == or !="),
        (3, r"branches\(3\)"),
        (jc.Location(0, 0.5), "single place"),
        (None, "a region's name"),
    ],
)
def test_what_is_no_region_gets_a_hint(where, hint):
    with pytest.raises(TypeError, match=hint):
        jc.as_region(where)


@pytest.mark.parametrize("bound", ["far", None, float("nan"), True])
def test_a_bound_must_be_a_number(bound):
    with pytest.raises(ValueError, match=r"the bound of path_distance\(\) must be a number \[um\]"):
        assert jc.path_distance() > bound


def test_between_needs_ordered_bounds():
    with pytest.raises(ValueError, match="low <= high"):
        jc.radius().between(2.0, 1.0)


def test_select_gives_ascending_indices():
    np.testing.assert_array_equal(jc.select(CABLE, "apical"), np.flatnonzero(CABLE.tag == 4))


def test_selecting_nothing_names_the_region_and_the_range():
    with pytest.raises(ValueError, match=r"path_distance\(\) > 9000.0 selects no.*runs from 0 to .*\[um\].*'soma'"):
        jc.select(CABLE, jc.path_distance() > 9000.0)


def test_a_known_region_that_a_cell_lacks_selects_nothing():
    ball = jc.discretise(one_branch([0.0, 10.0], [1.0, 1.0], tag=1), jc.PerBranch(1))
    assert not jc.tag("apical").mask(ball).any()
    with pytest.raises(ValueError, match=r"tag\('apical'\) selects no compartment.*regions: 'soma'"):
        jc.select(ball, "apical")


def test_a_region_of_one_branch_gives_a_location():
    assert jc.locate(CABLE, "soma", 0.25) == jc.Location(0, 0.25)
    assert jc.locate(CABLE, 3, 1.0) == jc.Location(3, 1.0)
    assert jc.locate(CABLE, jc.tag("basal") & jc.branches(2), 0) == jc.Location(2, 0.0)


def test_a_location_is_a_node():
    assert jc.Location(2, 0.5).node(CABLE) == CABLE.node_at(2, 0.5)


def test_a_region_of_several_branches_is_no_location():
    with pytest.raises(ValueError, match=r"covers 3 branches: 1, 2, 3\. Choose one by its index: cell\.loc\(1, 0\.5\)"):
        jc.locate(CABLE, "basal", 0.5)


def test_a_part_of_a_branch_is_no_location():
    with pytest.raises(ValueError, match=r"only a part of branch 4.*cell\.loc\(4, 0\.5\)"):
        jc.locate(CABLE, jc.tag("axon") & (jc.path_distance() > 100.0), 0.5)


def test_a_location_of_a_location_is_refused():
    with pytest.raises(TypeError, match="needs no x"):
        jc.locate(CABLE, jc.Location(0, 0.5), 0.5)


@pytest.mark.parametrize("x", [-0.01, 1.01, float("nan"), "0.5", None, True])
def test_x_must_lie_on_the_branch(x):
    with pytest.raises(ValueError, match=r"x must be in \[0, 1\]"):
        jc.locate(CABLE, "soma", x)


@pytest.mark.parametrize("b", [-1, 7])
def test_a_location_needs_a_branch_of_the_cell(b):
    with pytest.raises(ValueError, match=r"branch must be in 0 \.\. 6"):
        jc.locate(CABLE, b, 0.5)

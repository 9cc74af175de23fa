"""`Morphology`: what it refuses, what it derives."""

import dataclasses

import numpy as np
import pytest

from jaxsim.morphology import Morphology, ball_and_stick, binary_tree, tag_name

GOOD = {
    "xyz": [[0, 0, 0], [10, 0, 0], [10, 0, 0], [10, 3, 4], [10, 6, 8]],
    "radius": [1, 1, 0.5, 0.5, 0.5],
    "offset": [0, 2, 5],
    "parent": [-1, 0],
    "parent_x": [0, 1],
    "tag": [1, 3],
}


def make(**changed) -> Morphology:
    return Morphology(**(GOOD | changed))


def test_length_is_the_path_length_of_each_branch():
    assert make().length.tolist() == [10, 10]


def test_arc_counts_inside_each_branch():
    assert make().arc.tolist() == [0, 10, 0, 5, 10]


def test_counts():
    assert (make().n_point, make().n_branch) == (5, 2)


def test_points_of_a_branch():
    xyz, radius = make().points(1)
    assert xyz.tolist() == [[10, 0, 0], [10, 3, 4], [10, 6, 8]]
    assert radius.tolist() == [0.5, 0.5, 0.5]


def test_regions_are_named_by_tag():
    assert make(tag=[1, 42]).region_names() == {"soma": {1}, "tag42": {42}}


def test_dendrite_means_basal_and_apical():
    assert make(tag=[3, 4]).region_names()["dendrite"] == {3, 4}


@pytest.mark.parametrize(("tag", "name"), [(1, "soma"), (2, "axon"), (3, "basal"), (4, "apical"), (0, "tag0")])
def test_tag_name(tag, name):
    assert tag_name(tag) == name


@pytest.mark.parametrize("name", [*GOOD, "length", "arc", "branch_of_point"])
def test_arrays_are_read_only(name):
    with pytest.raises(ValueError, match="read-only"):
        getattr(make(), name)[0] = 1


def test_fields_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        make().radius = 1


def test_arrays_are_copied():
    radius = np.ones(5)
    m = make(radius=radius)
    radius[0] = 2
    assert m.radius[0] == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"radius": [1, 1, 0, 1, 1]}, r"radius of point 2 must be positive and finite \[um\], got 0\.0"),
        ({"radius": [1, 1, np.nan, 1, 1]}, "radius of point 2 must be positive"),
        ({"radius": [1, 1]}, r"radius must have shape \(5,\)"),
        ({"radius": "thick"}, "radius must be an array of float64, got 'thick'"),
        ({"xyz": [[0, 0, np.inf], *GOOD["xyz"][1:]]}, "xyz of point 0 must be finite"),
        ({"xyz": [[0, 0]] * 5}, r"xyz must have shape \(5, 3\)"),
        ({"xyz": [[0, 0, 0], [0, 0, 0], *GOOD["xyz"][2:]]}, "length of branch 0 must be positive.*Drop the branch"),
        ({"offset": [0, 1, 5]}, r"give every branch two points \(branch 0\)"),
        ({"offset": [1, 3, 5]}, "offset must start at 0"),
        ({"offset": [0]}, "for at least one branch"),
        ({"parent": [-1, 1]}, "parent of branch 1 must be from 0 to 0, got 1.*Number parents before"),
        ({"parent": [-1, -1]}, "parent of branch 1 must be from 0 to 0, got -1.*one root"),
        ({"parent": [0, 0]}, "parent of branch 0 must be -1"),
        ({"parent": [-1, 0.5]}, "parent must be whole numbers"),
        ({"parent_x": [0, 1.5]}, r"parent_x of branch 1 must lie in \[0, 1\], got 1\.5"),
        ({"parent_x": [0, np.nan]}, "parent_x of branch 1 must lie in"),
        ({"parent_x": [1, 1]}, "parent_x of branch 0 must be 0"),
        ({"tag": [1]}, r"tag must have shape \(2,\)"),
    ],
)
def test_broken_rule_is_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        make(**changed)


@pytest.mark.parametrize("branch", [-1, 2])
def test_unknown_branch_is_refused(branch):
    with pytest.raises(ValueError, match=f"branch must be a number from 0 to 1, got {branch}"):
        make().points(branch)


def test_arc_of_a_long_tree_is_not_rounded_by_the_branches_before():
    m = binary_tree(8, 1e6, 1.0)
    np.testing.assert_array_equal(m.length[-1], np.sqrt(np.sum(np.diff(m.points(254)[0], axis=0) ** 2)))


def test_repr_counts_and_names():
    assert repr(ball_and_stick(10.0, 200.0, 1.0)) == "Morphology(2 branches, 5 points, 220 um: soma, basal)"

"""Measures of a morphology against closed forms, and its summary."""

import numpy as np
import pytest

from jaxsim.morphology import (
    Branch,
    area,
    attach,
    ball_and_stick,
    binary_tree,
    branch_order,
    cylinder,
    from_branches,
    path_distance,
    prune,
    read_swc,
    split_branches,
    summary,
    transform,
    volume,
)
from tests.data_dir import data


def test_area_of_a_cone():
    cone = from_branches([Branch([0, 4], [1.0, 4.0])])
    np.testing.assert_allclose(area(cone), np.pi * 5 * 5, rtol=1e-14)  # slant 5


def test_area_of_a_jump_is_the_ring():
    m = from_branches([Branch([0, 4, 4, 8], [1.0, 1.0, 2.0, 2.0])])
    np.testing.assert_allclose(area(m), np.pi * (2 * 4 + (4 - 1) + 4 * 4), rtol=1e-14)


def test_volume_of_a_cone():
    cone = from_branches([Branch([0, 6], [1.0, 2.0])])
    np.testing.assert_allclose(volume(cone), np.pi * 6 * 7 / 3, rtol=1e-14)


def test_distance_counts_from_the_middle_of_the_soma():
    assert path_distance(ball_and_stick(10.0, 200.0, 1.0)).tolist() == [10, 0, 10, 10, 210]


def test_distance_over_a_wire_at_the_middle_starts_at_zero():
    np.testing.assert_allclose(path_distance(ball_and_stick(10.0, 200.0, 1.0, x=0.5))[3:], [0, 200], atol=1e-12)


def test_distance_without_a_soma_counts_from_the_root_point():
    np.testing.assert_allclose(path_distance(binary_tree(3, [4, 2, 1], 1.0))[-1], 7.0, rtol=1e-12)


def test_distance_of_a_child_inside_its_parent():
    m = attach(cylinder(100.0, 1.0), cylinder(10.0, 1.0), 0, 0.25)
    assert path_distance(m)[2:].tolist() == [25, 35]


def test_order_counts_forks():
    assert branch_order(binary_tree(4, 1.0, 1.0)).tolist() == [0] + [1] * 2 + [2] * 4 + [3] * 8


def test_order_grows_on_leaving_the_soma():
    assert branch_order(ball_and_stick(10.0, 200.0, 1.0)).tolist() == [0, 1]


def test_order_stays_along_serial_branches():
    assert branch_order(split_branches(cylinder(100.0, 1.0), 20.0)).tolist() == [0] * 5


def test_order_grows_on_a_branch_inside_another():
    assert branch_order(attach(cylinder(100.0, 1.0), cylinder(10.0, 1.0), 0, 0.25)).tolist() == [0, 1]


def test_summary_counts_forks_and_tips():
    s = summary(binary_tree(4, 8.0, 1.0))
    assert (s.n_branch, s.n_fork, s.n_tip, s.max_order) == (15, 7, 8, 3)


def test_forks_and_tips_of_a_real_cell_are_those_of_the_file():
    path = data("swc/mouse_allen_473601979.swc")
    rows = np.loadtxt(path)
    n_child = np.array([np.sum(rows[:, 6] == i) for i in rows[:, 0]])
    neurite = rows[:, 1] != 1
    s = summary(read_swc(path))
    assert s.n_fork == np.sum(neurite & (n_child > 1))
    assert s.n_tip == np.sum(neurite & (n_child == 0))


def test_summary_by_region_adds_up():
    m = read_swc(data("swc/rat_ca1_n120.swc"))
    regions = summary(m).regions
    assert [r.name for r in regions] == ["soma", "basal", "apical"]
    np.testing.assert_allclose(sum(r.area for r in regions), area(m).sum(), rtol=1e-12)
    np.testing.assert_allclose(sum(r.length for r in regions), m.length.sum(), rtol=1e-12)
    assert sum(r.n_branch for r in regions) == m.n_branch


def test_summary_of_a_region_gives_its_diameters():
    stick = summary(ball_and_stick(10.0, 200.0, 1.0)).regions[1]
    assert (stick.min_diameter, stick.max_diameter) == (2.0, 2.0)


def test_summary_extent_is_the_bounding_box():
    assert summary(cylinder(100.0, 1.0)).extent == (100.0, 0.0, 0.0)


def test_summary_prints_a_table():
    text = str(summary(ball_and_stick(10.0, 200.0, 1.0)))
    assert "5 points, 2 branches" in text
    assert "1256.6" in text


GOOD = ball_and_stick(10.0, 200.0, 1.0)


@pytest.mark.parametrize(
    ("m", "sentence"),
    [
        (cylinder(100.0, 1.0), "no soma (no branch with tag 1)"),
        (attach(cylinder(100.0, 1.0), cylinder(20.0, 9.0, tag=1), 0), "the root branch is no soma although"),
        (attach(GOOD, cylinder(50.0, 1.0, tag=0), 0), "1 branch has tag 0 (undefined)"),
        (
            attach(GOOD, from_branches([Branch([0, 5, 5, 9], 1.0)]), 0),
            "1 zero-length segment (repeated points): harmless",
        ),
        (attach(GOOD, cylinder(50.0, 0.01), 0), "2 points have a radius below 0.05 um, the smallest 0.01 um"),
        (attach(GOOD, cylinder(50.0, 15.0), 0), "2 points outside the soma have a radius above 10 um, up to 15 um"),
        (
            binary_tree(5, 30.0, [0.5] * 5),
            "all radii outside the soma are 0.5 um: diameters were probably not measured",
        ),
        (transform(binary_tree(5, 30.0, 1.0), scale=1000.0), "probably nanometres"),
    ],
)
def test_summary_warns(m, sentence):
    assert any(sentence in warning for warning in summary(m).warnings)


def test_summary_of_a_sound_cell_has_no_warning():
    assert summary(GOOD).warnings == ()


def test_summary_of_a_soma_alone():
    assert summary(prune(GOOD, "dendrite")).n_tip == 0

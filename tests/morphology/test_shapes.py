"""Shapes made by hand."""

import numpy as np
import pytest

from jaxsim.morphology import Branch, area, ball_and_stick, binary_tree, cylinder, from_branches


def test_cylinder():
    m = cylinder(1000.0, 0.5, tag=2)
    assert m.length.tolist() == [1000.0]
    assert m.radius.tolist() == [0.5, 0.5]
    assert m.tag.tolist() == [2]


def test_ball_has_the_area_of_a_sphere():
    np.testing.assert_allclose(area(ball_and_stick(10.0, 200.0, 1.0))[0], 4 * np.pi * 10.0**2, rtol=1e-15)


def test_stick_starts_where_it_is_told():
    assert ball_and_stick(10.0, 200.0, 1.0, x=0.5).parent_x.tolist() == [0, 0.5]


def test_path_positions_give_exact_lengths_whatever_the_drawing():
    branches = [Branch([0, 20], 7.0, tag=1)]
    branches += [Branch([0, 6, 20], [6, 10, 7], parent=0, parent_x=x) for x in (0, 0.3, 0.5, 0.5, 1)]
    m = from_branches(branches)
    np.testing.assert_allclose(m.arc.reshape(-1)[2:].reshape(5, 3), [[0, 6, 20]] * 5, rtol=1e-12)
    assert m.radius[2:5].tolist() == [6, 10, 7]


def test_coordinates_are_kept():
    xyz = [[1.0, 2, 3], [4, 5, 6], [7, 7, 7]]
    assert from_branches([Branch(xyz, 1.0)]).xyz.tolist() == xyz


def test_branch_given_by_positions_starts_at_its_parents_coordinates():
    m = from_branches([Branch([[0, 0, 5], [0, 0, 15]], 1.0), Branch([0, 10], 1.0, parent=0, parent_x=0.5)])
    np.testing.assert_allclose(m.points(1)[0][0], [0, 0, 10], atol=1e-12)


def test_neurites_inside_a_soma_are_drawn_from_its_surface():
    m = from_branches([Branch([0, 20], 10.0, tag=1), Branch([0, 10], 1.0, parent=0, parent_x=0.5)])
    np.testing.assert_allclose(np.linalg.norm(m.points(1)[0][0] - [10, 0, 0]), 10.0)


def test_no_two_tips_are_drawn_at_one_place():
    m = binary_tree(7, 32.0, 8.0)
    tips = m.xyz[m.offset[64:] - 1]
    apart = np.linalg.norm(tips[:, None] - tips[None], axis=2) + 1e3 * np.eye(len(tips))
    assert apart.min() > 1.0


def test_binary_tree_follows_ralls_law():
    m = binary_tree(10, 32.0, 8.0)
    level = np.floor(np.log2(np.arange(1, 1024)))
    np.testing.assert_allclose(m.length, 32.0 * 2 ** (-level / 3), rtol=1e-9)
    np.testing.assert_allclose(m.radius[::2], 8.0 * 2 ** (-2 * level / 3), rtol=1e-12)


def test_binary_tree_takes_a_table():
    m = binary_tree(3, [32.0, 25.4, 20.16], [8.0, 5.04, 3.175])
    np.testing.assert_allclose(m.length, [32.0, 25.4, 25.4, 20.16, 20.16, 20.16, 20.16], rtol=1e-12)
    assert m.parent.tolist() == [-1, 0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("branches", "message"),
    [
        ([], "at least one branch"),
        ([Branch([0.0], 1.0)], r"points of branch 0 must be .*n >= 2, got \(1,\)"),
        ([Branch([[0, 0], [1, 1]], 1.0)], "points of branch 0 must be"),
        ([Branch([0, 9, 5], 1.0)], "positions of branch 0 must start at 0 and never decrease"),
        ([Branch([1, 9], 1.0)], "positions of branch 0 must start at 0"),
        ([Branch([0, 9], [1.0, 1, 1])], r"radius of branch 0 must be one number or \(2,\)"),
        ([Branch([0, 9], -1.0)], "radius of point 0 must be positive"),
        (
            [Branch([0, 9], 1.0), Branch([0, 9], 1.0)],
            "parent of branch 1 must be from 0 to 0, got -1.*root stands first",
        ),
        ([Branch([0, 9], 1.0), Branch([0, 9], 1.0, parent=0, parent_x=2.0)], "parent_x of branch 1 must lie in"),
    ],
)
def test_bad_branch_is_refused(branches, message):
    with pytest.raises(ValueError, match=message):
        from_branches(branches)


def test_item_that_is_no_branch_is_refused():
    with pytest.raises(TypeError, match=r"branch 0 must be a Branch"):
        from_branches([([0, 9], 1.0)])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cylinder(-1.0, 1.0), r"length must be positive and finite \[um\], got -1"),
        (lambda: cylinder(1.0, 0.0), "radius must be positive"),
        (lambda: ball_and_stick(0.0, 1.0, 1.0), "soma_radius must be positive"),
        (lambda: ball_and_stick(1.0, 1.0, 1.0, x=2.0), "parent_x of branch 1 must lie in"),
        (lambda: binary_tree(0, 1.0, 1.0), "depth must be at least 1"),
        (lambda: binary_tree(3, [1.0, 2.0], 1.0), "length must be one number or one for each of the 3 levels"),
    ],
)
def test_bad_size_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()

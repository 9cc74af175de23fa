"""Edits of morphologies: what they keep and what they change."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxsim.morphology import (
    Branch,
    area,
    attach,
    ball_and_stick,
    binary_tree,
    cylinder,
    from_branches,
    path_distance,
    prune,
    read_swc,
    rotation,
    split_branches,
    transform,
    volume,
)
from tests.data_dir import data
from tests.morphology.trees import morphologies, quick, same

TREE = binary_tree(4, 32.0, 8.0)


def descendants(m, b):
    below = {b}
    for child in range(b + 1, m.n_branch):
        if int(m.parent[child]) in below:
            below.add(child)
    return below


@quick
@given(m=morphologies(), pick=st.integers(1, 100))
def test_prune_takes_a_branch_and_all_that_grows_on_it(m, pick):
    if m.n_branch == 1:
        return
    b = 1 + pick % (m.n_branch - 1)
    keep = [i for i in range(m.n_branch) if i not in descendants(m, b)]
    pruned = prune(m, b)
    assert pruned.length.tolist() == m.length[keep].tolist()
    assert pruned.tag.tolist() == m.tag[keep].tolist()


@quick
@given(m=morphologies())
def test_prune_keeps_the_rest_where_it_is(m):
    pruned = prune(m, [b for b in range(1, m.n_branch) if m.tag[b] == 4])
    kept = np.isin(m.xyz[:, 0], pruned.xyz[:, 0])
    np.testing.assert_array_equal(path_distance(pruned), path_distance(m)[kept])


def test_prune_takes_regions_by_name():
    m = attach(ball_and_stick(10.0, 200.0, 1.0), cylinder(50.0, 0.5, tag=2), 0, 0.0)
    assert prune(m, "axon").tag.tolist() == [1, 3]
    assert prune(m, "dendrite").tag.tolist() == [1, 2]


def test_prune_of_nothing_is_the_same():
    assert same(prune(TREE, []), TREE)


def test_prune_of_a_real_axon():
    m = read_swc(data("swc/rat_bbp_l5pc_with_axon.swc"))
    pruned = prune(m, "axon")
    np.testing.assert_allclose(pruned.length.sum(), m.length[m.tag != 2].sum(), rtol=1e-12)


@pytest.mark.parametrize(("which", "error"), [(15, ValueError), (-1, ValueError), (0, ValueError), ("axom", KeyError)])
def test_prune_refuses(which, error):
    with pytest.raises(error, match=r"from 0 to 14|root branch|no region 'axom'"):
        prune(TREE, which)


@quick
@given(m=morphologies(), other=morphologies(), x=st.sampled_from([0.0, 0.3, 1.0]))
def test_attach_adds_up(m, other, x):
    grown = attach(m, other, m.n_branch - 1, x)
    np.testing.assert_allclose(grown.length, np.concatenate([m.length, other.length]), rtol=1e-9)
    assert grown.parent[m.n_branch] == m.n_branch - 1
    assert grown.parent_x[m.n_branch] == x


def test_attach_moves_the_other_to_the_place():
    grown = attach(cylinder(100.0, 1.0), transform(cylinder(50.0, 0.5), translate=(7, 8, 9)), 0, 0.25)
    assert grown.points(1)[0].tolist() == [[25, 0, 0], [75, 0, 0]]


@quick
@given(m=morphologies(), pick=st.integers(1, 100))
def test_attach_undoes_prune(m, pick):
    b = m.n_branch - 1
    if b == 0:
        return
    lost = from_branches([Branch(*m.points(b), tag=int(m.tag[b]))])
    again = attach(prune(m, b), lost, int(m.parent[b]), float(m.parent_x[b]))
    assert again.parent.tolist() == m.parent.tolist()
    np.testing.assert_allclose(path_distance(again), path_distance(m), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("branch", "x", "message"), [(5, 0.5, "branch must be"), (0, 1.5, r"x must lie in \[0, 1\]")])
def test_attach_refuses(branch, x, message):
    with pytest.raises(ValueError, match=message):
        attach(cylinder(100.0, 1.0), cylinder(50.0, 1.0), branch, x)


@quick
@given(m=morphologies(), scale=st.floats(1e-3, 1e3))
def test_scale_scales_lengths_and_areas(m, scale):
    scaled = transform(m, scale=scale)
    np.testing.assert_allclose(scaled.length, scale * m.length, rtol=1e-9)
    np.testing.assert_allclose(area(scaled), scale**2 * area(m), rtol=1e-9)


def test_unequal_scale_conserves_the_volume_of_a_ball_of_points():
    m = transform(cylinder(10.0, 1.0), scale=(0.5, 0.5, 4.0))
    assert m.length.tolist() == [5.0]
    np.testing.assert_allclose(m.radius, 1.0)


@quick
@given(m=morphologies(), degrees=st.floats(-360, 360))
def test_rotation_keeps_every_length(m, degrees):
    turned = transform(m, rotate=rotation([1, 2, 3], degrees))
    np.testing.assert_allclose(turned.length, m.length, rtol=1e-9)


def test_scale_comes_before_rotation_before_translation():
    m = transform(cylinder(10.0, 1.0), scale=2.0, rotate=rotation([0, 0, 1], 90), translate=(1, 0, 0))
    np.testing.assert_allclose(m.xyz, [[1, 0, 0], [1, 20, 0]], atol=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scale": 0.0}, "scale must be one positive number or three, got 0"),
        ({"scale": [1, 2]}, "scale must be"),
        ({"rotate": np.ones((3, 3))}, r"rotate must be a \(3, 3\) rotation matrix.*rotation\(axis, degrees\)"),
        ({"rotate": np.diag([1, 1, -1])}, "rotate must be"),
        ({"translate": (1, 2)}, "translate must be three finite numbers"),
        ({"translate": (1, 2, np.nan)}, "translate must be three finite numbers"),
    ],
)
def test_transform_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        transform(TREE, **options)


def test_rotation_refuses_a_zero_axis():
    with pytest.raises(ValueError, match="axis must be three finite numbers, not all zero"):
        rotation([0, 0, 0], 90)


@quick
@given(m=morphologies(), max_length=st.floats(3.0, 100.0))
def test_split_leaves_no_neurite_longer(m, max_length):
    pieces = split_branches(m, max_length)
    assert np.all(pieces.length[pieces.tag != 1] <= max_length * (1 + 1e-9))


@quick
@given(m=morphologies(), max_length=st.floats(3.0, 100.0))
@pytest.mark.parametrize("total", [lambda m: m.length, area, volume, lambda m: pole_to_pole(m)])
def test_split_conserves(total, m, max_length):
    np.testing.assert_allclose(total(split_branches(m, max_length)).sum(), total(m).sum(), rtol=1e-9)


def pole_to_pole(m):
    """Resistance of each branch for unit resistivity: sum dx / (pi r1 r2)."""
    inside = m.branch_of_point[1:] == m.branch_of_point[:-1]
    return (np.diff(m.arc) / (np.pi * m.radius[1:] * m.radius[:-1]))[inside]


@quick
@given(m=morphologies(), max_length=st.floats(3.0, 100.0))
def test_split_keeps_every_point_at_its_distance(m, max_length):
    pieces = split_branches(m, max_length)
    where = {tuple(p): d for p, d in zip(pieces.xyz, path_distance(pieces), strict=True)}
    np.testing.assert_allclose([where[tuple(p)] for p in m.xyz], path_distance(m), rtol=1e-9, atol=1e-9)


def test_split_puts_a_child_on_a_cut_at_the_end_of_a_piece():
    m = attach(cylinder(100.0, 1.0), cylinder(10.0, 0.5, tag=2), 0, 0.5)
    pieces = split_branches(m, 50.0)
    assert pieces.parent.tolist() == [-1, 0, 0]
    assert pieces.parent_x.tolist() == [0, 1, 1]


def test_split_does_not_cut_a_whole_multiple_once_more():
    assert split_branches(cylinder(0.3, 1.0), 0.1).n_branch == 3


def test_split_keeps_a_jump_of_the_radius_on_a_cut():
    m = from_branches([Branch([0, 50, 50, 100], [1.0, 1.0, 3.0, 3.0])])
    pieces = split_branches(m, 50.0)
    assert pieces.n_branch == 2
    np.testing.assert_allclose(area(pieces).sum(), area(m).sum(), rtol=1e-12)


def test_split_leaves_the_soma_whole():
    assert split_branches(ball_and_stick(10.0, 200.0, 1.0), 5.0).length[0] == 20.0


def test_split_refuses_a_length_of_zero():
    with pytest.raises(ValueError, match=r"max_length must be positive \[um\], got 0"):
        split_branches(TREE, 0.0)

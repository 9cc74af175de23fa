"""The integrals of area and resistance, and the places of compartments."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from jaxsim.cable import MaxLength, PerBranch, discretise
from tests.cable.cells import one_branch, random_tree, small_cell


def clipped_halves(position, diameter, n):
    """Area and resistance of each half by clipping every frustum to every half: the slow, plain way."""
    border = np.linspace(0.0, position[-1], 2 * n + 1)
    area, resistance = np.zeros(2 * n), np.zeros(2 * n)
    for p, q, d, e in zip(position[:-1], position[1:], diameter[:-1], diameter[1:], strict=True):
        if p == q:
            half = max(int(np.searchsorted(border, p)) - 1, 0)
            area[half] += 0.5 * math.pi * (d + e) * 0.5 * abs(e - d)
            continue
        for h in range(2 * n):
            low, high = max(p, border[h]), min(q, border[h + 1])
            if low < high:
                a, b = (d + (e - d) * (s - p) / (q - p) for s in (low, high))
                area[h] += 0.5 * math.pi * (a + b) * math.hypot(high - low, 0.5 * (b - a))
                resistance[h] += 4e-2 * (high - low) / (math.pi * a * b)
    return area, resistance


@pytest.mark.parametrize("n", [1, 2, 5])
def test_cylinder_has_its_closed_form(n):
    cable = discretise(one_branch([0.0, 30.0, 100.0], [2.0, 2.0, 2.0]), PerBranch(n))
    dx = 100.0 / n
    np.testing.assert_allclose(cable.length, dx, rtol=1e-14)
    np.testing.assert_allclose(cable.radius, 1.0, rtol=1e-14)
    np.testing.assert_allclose(cable.area, math.pi * 2.0 * dx, rtol=1e-14)
    np.testing.assert_allclose(cable.r_half, 1e-2 * (dx / 2) / math.pi, rtol=1e-13)
    np.testing.assert_allclose(cable.x, (np.arange(n) + 0.5) / n, rtol=1e-14)


def test_cone_has_its_closed_form():
    cable = discretise(one_branch([0.0, 100.0], [8.0, 2.0]), PerBranch(4))
    assert cable.area.sum() == pytest.approx(math.pi * (4.0 + 1.0) * math.hypot(100.0, 3.0), rel=1e-14)
    assert cable.r_half.sum() == pytest.approx(1e-2 * 100.0 / (math.pi * 4.0 * 1.0), rel=1e-14)


def test_steep_squiggle_converges_to_the_surface_of_revolution():
    def radius(x):
        return np.exp(-x) * (0.05 * np.sin(40.0 * x) + 0.1) + 0.1

    def slope(x):
        return np.exp(-x) * (2.0 * np.cos(40.0 * x) - 0.05 * np.sin(40.0 * x) - 0.1)

    x, n = np.linspace(0.0, 1.0, 20_001), 7
    cable = discretise(one_branch(x, 2.0 * radius(x)), PerBranch(n))
    for i in range(n):
        a, b = i / n, (i + 1) / n
        area = quad(lambda s: 2.0 * math.pi * radius(s) * math.hypot(1.0, slope(s)), a, b, epsabs=1e-11)[0]
        resistance = quad(lambda s: 1e-2 / (math.pi * radius(s) ** 2), a, b, epsabs=1e-11)[0]
        assert cable.area[i] == pytest.approx(area, rel=1e-6)
        assert cable.r_half[i].sum() == pytest.approx(resistance, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 9))
def test_halves_are_the_clipped_frusta(seed, n):
    m = random_tree(seed, n_branch=1)
    position, diameter = m.arc, 2.0 * m.radius
    on_border = np.intersect1d(position, np.linspace(0.0, position[-1], 2 * n + 1))
    assume(len(on_border) == 2)  # for a step on an inner border rounding decides which half it falls to
    area, resistance = clipped_halves(position, diameter, n)
    cable = discretise(m, PerBranch(n))
    np.testing.assert_allclose(cable.area, area.reshape(n, 2).sum(1), rtol=1e-11)
    np.testing.assert_allclose(cable.r_half, resistance.reshape(n, 2), rtol=1e-11)


@pytest.mark.parametrize("n", [1, 2, 3, 8, 17])
def test_totals_do_not_depend_on_the_number_of_compartments(n):
    m = random_tree(3)
    coarse, fine = discretise(m, PerBranch(1)), discretise(m, PerBranch(n))
    for name in ("area", "length"):
        total = np.bincount(fine.branch, getattr(fine, name))
        np.testing.assert_allclose(total, getattr(coarse, name), rtol=1e-12)
    np.testing.assert_allclose(np.bincount(fine.branch, fine.r_half.sum(1)), coarse.r_half.sum(1), rtol=1e-12)


@pytest.mark.parametrize("policy", [PerBranch(1), PerBranch(6), MaxLength(7.0)])
def test_pieces_reproduce_area_resistance_and_radius(policy):
    cable = discretise(random_tree(11), policy)
    half, dx, d0, d1 = cable.piece_half, cable.piece_dx, cable.piece_d0, cable.piece_d1
    slant = np.sqrt(dx**2 + ((d1 - d0) / 2) ** 2)
    area = np.bincount(half // 2, np.pi / 2 * (d0 + d1) * slant)
    np.testing.assert_allclose(cable.area, area, rtol=1e-14)
    np.testing.assert_allclose(cable.r_half.ravel(), np.bincount(half, 4e-2 * dx / (np.pi * d0 * d1)), rtol=1e-14)
    np.testing.assert_allclose(cable.radius, np.bincount(half // 2, (d0 + d1) * dx) / (4 * cable.length), rtol=1e-14)


def test_pieces_are_sorted_and_every_half_has_length():
    cable = discretise(random_tree(5), PerBranch(4))
    assert np.all(np.diff(cable.piece_half) >= 0)
    length = np.bincount(cable.piece_half, cable.piece_dx, 2 * cable.n_comp)
    np.testing.assert_allclose(length, np.repeat(cable.length / 2, 2), rtol=1e-9)


def test_points_of_no_length_and_no_step_leave_no_piece():
    plain = discretise(one_branch([0.0, 50.0, 100.0], [2.0, 3.0, 1.0]), PerBranch(3))
    doubled = discretise(one_branch([0.0, 0.0, 50.0, 50.0, 100.0, 100.0], [2.0, 2.0, 3.0, 3.0, 1.0, 1.0]), PerBranch(3))
    np.testing.assert_array_equal(doubled.piece_dx, plain.piece_dx)
    np.testing.assert_array_equal(doubled.area, plain.area)


def test_a_step_in_diameter_adds_its_annulus_and_no_resistance():
    cable = discretise(one_branch([0.0, 30.0, 30.0, 100.0], [2.0, 2.0, 6.0, 6.0]), PerBranch(1))
    annulus = math.pi * (3.0**2 - 1.0**2)
    assert cable.area[0] == pytest.approx(math.pi * (2.0 * 30.0 + 6.0 * 70.0) + annulus, rel=1e-14)
    assert cable.r_half.sum() == pytest.approx(4e-2 / math.pi * (30.0 / 4.0 + 70.0 / 36.0), rel=1e-14)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 10])
def test_a_step_on_the_end_of_a_branch_is_never_lost(n):
    # NEURON counts it or not, by the rounding of n times L / n; here the membrane does not depend on n.
    cable = discretise(one_branch([0.0, 0.1, 0.3, 0.3], [2.0, 2.0, 2.0, 6.0]), PerBranch(n))
    annulus = math.pi * (3.0**2 - 1.0**2)
    assert cable.area[-1] == pytest.approx(math.pi * 2.0 * 0.3 / n + annulus, rel=1e-13)


def test_centres_lie_on_the_traced_path():
    cable = discretise(one_branch([0.0, 30.0, 100.0], [2.0, 1.0, 2.0]), PerBranch(4))
    np.testing.assert_allclose(cable.xyz[:, 0], [12.5, 37.5, 62.5, 87.5], rtol=1e-14)
    np.testing.assert_allclose(cable.xyz[:, 1:], 0.0, atol=1e-14)


def test_distance_is_measured_from_the_centre_of_the_soma():
    cable = discretise(small_cell(), PerBranch(2))
    first = cable.distance[cable.comp_offset[:-1]]
    # root; on the soma's end; twice on a branch's end; on the soma's start; on its centre; inside branch 5.
    np.testing.assert_allclose(first, [5.0, 10 + 25, 110 + 15, 110 + 22.5, 10 + 50, 75.0, 120 + 20], rtol=1e-14)


def test_distance_without_soma_is_measured_from_the_root_point():
    cable = discretise(one_branch([0.0, 100.0], [1.0, 1.0]), PerBranch(2))
    np.testing.assert_allclose(cable.distance, [25.0, 75.0], rtol=1e-14)


def test_order_counts_forks():
    cable = discretise(small_cell(), PerBranch(1))
    assert cable.order.tolist() == [0, 1, 2, 2, 1, 1, 2]


def test_tags_and_branches_follow_the_morphology():
    m = small_cell()
    cable = discretise(m, PerBranch([1, 2, 3, 1, 1, 4, 2]))
    assert np.bincount(cable.branch).tolist() == [1, 2, 3, 1, 1, 4, 2]
    np.testing.assert_array_equal(cable.tag, m.tag[cable.branch])


def test_a_number_in_place_of_a_policy_is_refused():
    with pytest.raises(TypeError, match=r"PerBranch\(n\)"):
        discretise(small_cell(), 5)


@pytest.mark.parametrize("counts", [np.zeros(7, int), np.ones(7), np.ones(6, int)])
def test_a_policy_of_ones_own_must_count_every_branch(counts):
    class Own:
        def counts(self, morphology):
            return counts

    with pytest.raises(ValueError, match=r"be \(7,\) integers of at least 1"):
        discretise(small_cell(), Own())


def test_arrays_are_read_only():
    cable = discretise(small_cell(), PerBranch(1))
    with pytest.raises(ValueError, match="read-only"):
        cable.area[0] = 1.0


def test_repr_says_what_it_is():
    assert repr(discretise(small_cell(), PerBranch(3))).startswith("Cable(21 compartments, 7 branches, 29 nodes, ")

"""Who shares a parameter with whom."""

import numpy as np
import pytest

from jaxsim.cable import PerBranch, discretise, labels
from tests.cable.cells import small_cell

CABLE = discretise(small_cell(), PerBranch(3))


def test_one_group_for_the_cell():
    group, names = labels(CABLE, "cell")
    assert not group.any()
    assert names == ["cell"]


def test_one_group_for_each_region():
    group, names = labels(CABLE, "region")
    assert names == ["soma", "axon", "basal", "apical"]
    np.testing.assert_array_equal(group, CABLE.tag - 1)


def test_one_group_for_each_branch():
    group, names = labels(CABLE, "branch")
    np.testing.assert_array_equal(group, CABLE.branch)
    assert names == [f"branch {b}" for b in range(7)]


def test_one_group_for_each_compartment():
    group, names = labels(CABLE, "compartment")
    np.testing.assert_array_equal(group, np.arange(CABLE.n_comp))
    assert names[4] == "branch 1(0.5)"
    assert len(set(names)) == CABLE.n_comp


def test_groups_by_any_integers():
    group, names = labels(CABLE, 10 * CABLE.order)
    np.testing.assert_array_equal(group, CABLE.order)
    assert names == ["0", "10", "20"]


def test_groups_by_any_strings():
    group, names = labels(CABLE, np.where(CABLE.distance > 100.0, "far", "near"))
    assert names == ["far", "near"]
    np.testing.assert_array_equal(group, CABLE.distance <= 100.0)


def test_an_unknown_word_gets_the_nearest_guess():
    with pytest.raises(ValueError, match="did you mean 'branch'"):
        labels(CABLE, "branches")


@pytest.mark.parametrize("share", [np.ones(21), np.ones((21, 1), int), 3, None])
def test_labels_must_be_integers_or_strings(share):
    with pytest.raises(ValueError, match="share must be"):
        labels(CABLE, share)


def test_labels_of_another_length_are_refused():
    with pytest.raises(ValueError, match="one label for each of 21 compartments, got 3"):
        labels(CABLE, [0, 1, 1])

"""How many compartments a branch gets."""

import numpy as np
import pytest

from jaxsim.cable import DLambda, MaxLength, PerBranch, discretise
from tests.cable.cells import one_branch, random_tree, small_cell


def test_one_number_holds_for_every_branch():
    assert PerBranch(4).counts(small_cell()).tolist() == [4] * 7


def test_numbers_by_region_and_tag():
    counts = PerBranch({"soma": 1, "dendrite": 5, 4: 3, "axon": 2}).counts(small_cell())
    assert counts.tolist() == [1, 5, 5, 5, 2, 3, 3]


def test_a_region_that_a_cell_lacks_is_no_matter():
    assert PerBranch({"basal": 2, "apical": 7}).counts(one_branch([0, 1], [1, 1], tag=3)).tolist() == [2]


def test_numbers_by_branch():
    numbers = np.arange(1, 8)
    assert PerBranch(numbers).counts(small_cell()).tolist() == numbers.tolist()


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "three", [1, 0], {"soma": 0}, np.array([1.5, 2.0])])
def test_a_number_must_be_a_positive_integer(n):
    with pytest.raises(ValueError, match="must be an integer of at least 1"):
        PerBranch(n)


def test_a_list_of_another_length_is_refused():
    with pytest.raises(ValueError, match="one number for each of 7 branches"):
        PerBranch([1, 2, 3]).counts(small_cell())


def test_a_region_without_a_number_is_named():
    with pytest.raises(ValueError, match="no number for 'axon', 'apical'"):
        PerBranch({"soma": 1, "basal": 1}).counts(small_cell())


def test_an_unknown_region_gets_the_nearest_guess():
    with pytest.raises(KeyError, match="did you mean 'axon'"):
        PerBranch({"axxon": 1}).counts(small_cell())


def test_the_mapping_is_copied():
    table = {"dendrite": 2}
    policy = PerBranch(table)
    table["dendrite"] = 9
    assert policy.counts(one_branch([0, 1], [1, 1])).tolist() == [2]


@pytest.mark.parametrize("um", [3.0, 20.0, 1000.0])
def test_no_compartment_is_longer_than_the_greatest_length(um):
    m = random_tree(2)
    cable = discretise(m, MaxLength(um))
    assert cable.length.max() <= um * (1 + 1e-9)
    counts = np.diff(cable.comp_offset)
    longer = m.length / np.maximum(counts - 1, 0.5)
    assert np.all((counts == 1) | (longer > um))


def test_a_length_that_is_a_multiple_up_to_rounding_gets_no_extra_compartment():
    position = np.cumsum([0.0] + [0.1] * 3)  # 0.30000000000000004
    assert MaxLength(0.1).counts(one_branch(position, np.ones(4))).tolist() == [3]


@pytest.mark.parametrize("um", [0.0, -1.0, float("nan"), float("inf"), "20", True])
def test_the_greatest_length_must_be_positive(um):
    with pytest.raises(ValueError, match=r"MaxLength\(um\) must be a positive number \[um\]"):
        MaxLength(um)


def test_d_lambda_of_a_cylinder():
    rule = DLambda(d_lambda=0.1, frequency=100.0, ra=100.0, cm=1.0)
    m = one_branch([0.0, 1000.0], [4.0, 4.0])
    length_constant = 1e5 * np.sqrt(4.0 / (4.0 * np.pi * 100.0 * 100.0 * 1.0))
    np.testing.assert_allclose(rule.length_constant(m), length_constant, rtol=1e-14)
    assert rule.counts(m).tolist() == [2 * int((1000.0 / (0.1 * length_constant) + 0.9) / 2) + 1]


def test_d_lambda_gives_odd_numbers():
    assert np.all(DLambda(d_lambda=0.01).counts(random_tree(4)) % 2 == 1)


@pytest.mark.parametrize("name", ["d_lambda", "frequency", "ra", "cm"])
def test_d_lambda_names_the_wrong_argument(name):
    with pytest.raises(ValueError, match=rf"DLambda\({name}=\) must be a positive number"):
        DLambda(**{name: -1.0})

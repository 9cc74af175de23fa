"""The library's channels against numbers that NEURON computed from the published .mod files.

The numbers are in data/; the modules *_reference.py make them from the files, which are not part of this repository.
"""

import numpy as np
import pytest

from jaxsim.mechanisms.library import CHANNELS
from tests.mechanisms.agreement import PAPERS, current_along_ramp, numbers, rates
from tests.mechanisms.mod_reference import VOLTAGES

every_paper = pytest.mark.parametrize("paper", PAPERS)
every_channel = pytest.mark.parametrize(("paper", "name"), [(p, name) for p in PAPERS for name in PAPERS[p].CHANNELS])
every_gate = pytest.mark.parametrize(
    ("paper", "name", "x"), [(p, n, x) for p in PAPERS for n, c in PAPERS[p].CHANNELS.items() for x in c.gates]
)


def parts(paper: str) -> tuple[slice, slice, slice]:
    """Where the voltages of `rates` are the reference's, singular, and next to singular."""
    known, singular = len(VOLTAGES), len(PAPERS[paper].SINGULAR)
    ends = known, known + singular, known + 2 * singular
    return slice(0, ends[0]), slice(*ends[:2]), slice(*ends[1:])


@every_paper
def test_the_reference_has_every_channel_of_the_module(paper):
    here = {name for name, kind in CHANNELS.items() if kind.__module__.endswith(paper)}
    assert here <= set(numbers(PAPERS[paper].DATA)) == set(PAPERS[paper].CHANNELS)


@every_gate
def test_rates_are_those_of_the_published_files(x64, paper, name, x):
    x_inf, tau = numbers(PAPERS[paper].DATA)[name]["rates"][x]
    rate, (known, _, _) = rates(paper, name)[x], parts(paper)
    np.testing.assert_allclose(rate["x_inf"][known], x_inf, rtol=1e-9)
    np.testing.assert_allclose(rate["tau"][known], tau, rtol=1e-9)
    np.testing.assert_allclose(rate["opening"][known], np.divide(x_inf, tau), rtol=1e-9)


@every_gate
def test_singular_points_are_limits(x64, paper, name, x):
    """Files move v by up to 1e-4 mV there, which changes no rate by more than 1e-4 of itself."""
    x_inf, tau = numbers(PAPERS[paper].DATA)[name]["singular"][x]
    rate, (_, limit, near) = rates(paper, name)[x], parts(paper)
    np.testing.assert_allclose(rate["x_inf"][limit], x_inf, rtol=1e-4)
    np.testing.assert_allclose(rate["tau"][limit], tau, rtol=1e-4)
    np.testing.assert_allclose(rate["tau"][limit], rate["tau"][near], rtol=1e-9)


@every_gate
def test_single_precision_rates_are_right_too(paper, name, x):
    x_inf, tau = numbers(PAPERS[paper].DATA)[name]["rates"][x]
    rate, (known, _, _) = rates(paper, name, "float32")[x], parts(paper)
    assert rate["tau"].dtype == np.float32
    np.testing.assert_allclose(rate["x_inf"][known], x_inf, rtol=4e-6)
    np.testing.assert_allclose(rate["tau"][known], tau, rtol=4e-6)


@every_channel
def test_current_along_a_voltage_ramp(x64, paper, name):
    theirs = numbers(PAPERS[paper].DATA)[name]["ramp"]
    np.testing.assert_allclose(current_along_ramp(paper, name), theirs, rtol=1e-6)

"""The library's channels against numbers that NEURON computed from the published .mod files.

The numbers are in data/; the modules *_reference.py make them from the files, which are not part of this repository.
"""

import functools
import json
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsim.mechanisms.base import currents
from jaxsim.mechanisms.library import CHANNELS
from jaxsim.numerics.gates import exponential_step
from tests.mechanisms import (
    benison_2001_reference,
    destexhe_1998_reference,
    fohlmeister_1997_reference,
    gouwens_2018_reference,
    hay_2011_calcium_reference,
    hay_2011_reference,
    pospischil_2008_reference,
)
from tests.mechanisms.mod_reference import DT_RAMP, EVERY, GBAR, VOLTAGES, ramp

PAPERS = {
    "benison_2001": benison_2001_reference,
    "destexhe_1998": destexhe_1998_reference,
    "fohlmeister_1997": fohlmeister_1997_reference,
    "gouwens_2018": gouwens_2018_reference,
    "hay_2011": hay_2011_reference,
    "hay_2011_calcium": hay_2011_calcium_reference,
    "pospischil_2008": pospischil_2008_reference,
}
every_paper = pytest.mark.parametrize("paper", PAPERS)
every_channel = pytest.mark.parametrize(("paper", "name"), [(p, name) for p in PAPERS for name in PAPERS[p].CHANNELS])
every_gate = pytest.mark.parametrize(
    ("paper", "name", "x"), [(p, n, x) for p in PAPERS for n, c in PAPERS[p].CHANNELS.items() for x in c.gates]
)


@functools.cache
def numbers(paper: str) -> dict[str, Any]:
    return json.loads(PAPERS[paper].DATA.read_text(encoding="utf-8"))


@functools.cache
def rates(paper: str, name: str, dtype: str = "float64") -> dict[str, dict[str, np.ndarray]]:
    """Gate -> x_inf, tau and opening at the reference's voltages, its singular ones and their neighbours."""
    reference: ModuleType = PAPERS[paper]
    singular = np.array(reference.SINGULAR)
    v = np.concatenate([VOLTAGES, singular, singular + 1e-9])
    v = np.maximum(v, reference.CHANNELS[name].lowest).astype(dtype)
    channel = CHANNELS[name](**reference.OURS.get(name, {}))

    @jax.jit
    def evaluate(v):
        return {x: {"x_inf": r.x_inf, "tau": r.tau, "opening": r.opening} for x, r in channel.rates(v).items()}

    return jax.tree.map(lambda x: np.broadcast_to(x, v.shape), evaluate(v))


def parts(paper: str) -> tuple[slice, slice, slice]:
    """Where the voltages of `rates` are the reference's, singular, and next to singular."""
    known, singular = len(VOLTAGES), len(PAPERS[paper].SINGULAR)
    ends = known, known + singular, known + 2 * singular
    return slice(0, ends[0]), slice(*ends[:2]), slice(*ends[1:])


@every_paper
def test_the_reference_has_every_channel_of_the_module(paper):
    here = {name for name, kind in CHANNELS.items() if kind.__module__.endswith(paper)}
    assert here <= set(numbers(paper)) == set(PAPERS[paper].CHANNELS)


@every_gate
def test_rates_are_those_of_the_published_files(x64, paper, name, x):
    x_inf, tau = numbers(paper)[name]["rates"][x]
    rate, (known, _, _) = rates(paper, name)[x], parts(paper)
    np.testing.assert_allclose(rate["x_inf"][known], x_inf, rtol=1e-9)
    np.testing.assert_allclose(rate["tau"][known], tau, rtol=1e-9)
    np.testing.assert_allclose(rate["opening"][known], np.divide(x_inf, tau), rtol=1e-9)


@every_gate
def test_singular_points_are_limits(x64, paper, name, x):
    """Files move v by up to 1e-4 mV there, which changes no rate by more than 1e-4 of itself."""
    x_inf, tau = numbers(paper)[name]["singular"][x]
    rate, (_, limit, near) = rates(paper, name)[x], parts(paper)
    np.testing.assert_allclose(rate["x_inf"][limit], x_inf, rtol=1e-4)
    np.testing.assert_allclose(rate["tau"][limit], tau, rtol=1e-4)
    np.testing.assert_allclose(rate["tau"][limit], rate["tau"][near], rtol=1e-9)


@every_gate
def test_single_precision_rates_are_right_too(paper, name, x):
    x_inf, tau = numbers(paper)[name]["rates"][x]
    rate, (known, _, _) = rates(paper, name, "float32")[x], parts(paper)
    assert rate["tau"].dtype == np.float32
    np.testing.assert_allclose(rate["x_inf"][known], x_inf, rtol=4e-6)
    np.testing.assert_allclose(rate["tau"][known], tau, rtol=4e-6)


@every_channel
def test_current_along_a_voltage_ramp(x64, paper, name):
    channel = CHANNELS[name](**{PAPERS[paper].CHANNELS[name].ours: GBAR}, **PAPERS[paper].OURS.get(name, {}))
    v = jnp.asarray(ramp())

    def step(gates, u):
        new = {
            x: exponential_step(gates[x], x_inf=r.x_inf, decay=r.decay, dt=jnp.asarray(DT_RAMP))
            for x, r in channel.rates(u).items()
        }
        return new, currents(channel, u, new)[channel.carries]

    start = {x: r.x_inf for x, r in channel.rates(v[0]).items()}
    current = jax.jit(lambda: jax.lax.scan(step, start, v)[1])()[EVERY - 1 :: EVERY]
    np.testing.assert_allclose(current, numbers(paper)[name]["ramp"], rtol=1e-6)

"""Kinetic synapses against their equations, solved by scipy under a pulse of transmitter for each release."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import jaxsim as js

T_END, DT = 30.0, 0.025
EVENTS = (2.0, 2.5, 3.5, 4.5, 10.0, 13.01)  # the second comes into the pulse, the third into the dead time
RELEASES = (2.0, 4.5, 10.0, 13.0)  # the last one at the nearest step
SYNAPSES = [js.AMPA(), js.NMDA(), js.GABAA(), js.GABAB(c_dur=1.0)]
each = pytest.mark.parametrize("synapse", SYNAPSES, ids=lambda s: type(s).__name__)


def with_events(synapse, times=EVENTS):
    cell = js.point_neuron(js.LeakyIntegrator(), capacitance=0.1)
    here, name = cell.loc(0), type(synapse).__name__
    cell.place(here, synapse).send(js.SpikeTrain(times=times), here, name).record(here, f"{name}.R")
    return cell.record(here, f"{name}.G") if name == "GABAB" else cell


def exact(synapse, releases=RELEASES):
    """R, and G where there is one, at all steps: from pulse to pulse an equation with constant coefficients."""
    has_g = isinstance(synapse, js.GABAB)

    def slope(_, x, c):
        r = synapse.alpha * c * (1.0 - x[0]) - synapse.beta * x[0]
        return [r, synapse.k3 * x[0] - synapse.k4 * x[1]] if has_g else [r]

    t, x = np.arange(round(T_END / DT) + 1) * DT, np.zeros(1 + has_g)
    edges = sorted([0.0, *releases, *(s + synapse.c_dur for s in releases), T_END])
    rows = np.zeros((len(x), len(t)))
    for begin, end in itertools.pairwise(edges):
        c = synapse.c_max if begin in releases else 0.0
        inside = (t > begin + 1e-9) & (t < end + 1e-9)
        found = solve_ivp(slope, (begin, end), x, args=(c,), rtol=1e-11, atol=1e-13, dense_output=True)
        rows[:, inside], x = found.sol(t[inside]), found.y[:, -1]
    return rows


@each
def test_the_share_of_open_receptors_is_exact(x64, synapse):
    name = type(synapse).__name__
    recording = js.simulate(with_events(synapse).compile(), T_END, DT, method=js.BackwardEuler())
    rows = exact(synapse)
    np.testing.assert_allclose(recording[f"{name}.R"][0], rows[0], atol=1e-9)
    assert rows[0].max() > 0.05
    if len(rows) > 1:
        np.testing.assert_allclose(recording["GABAB.G"][0], rows[1], atol=1e-4 * rows[1].max())


@each
def test_other_schemes_see_the_same_pulses(precision, synapse):
    """An event may move by half a step."""
    name = type(synapse).__name__
    model = with_events(synapse).compile()
    one, other = (js.simulate(model, T_END, DT, method=m)[f"{name}.R"][0] for m in (js.BackwardEuler(), js.TRBDF2()))
    fastest = synapse.alpha * synapse.c_max * 1.01
    np.testing.assert_allclose(one, other, atol=fastest * DT)


def test_magnesium_blocks_at_rest():
    """Jahr & Stevens 1990: at 1 mM some 4 % flow at -70 mV, and nearly all at +40 mV."""
    gate = {"R": jnp.asarray(1.0)}
    shares = [float(js.NMDA().current(jnp.asarray(v), gate) / (1e-4 * v)) for v in (-70.0, 40.0)]
    assert shares[0] == pytest.approx(1.0 / (1.0 + np.exp(0.062 * 70.0) / 3.57), rel=1e-5)
    assert 0.02 < shares[0] < 0.06
    assert shares[1] > 0.97


@each
def test_gradients_are_central_differences(x64, synapse):
    """In the conductance, the rates and the length of the pulse; without any event too, where G is 0."""
    name = type(synapse).__name__
    model = with_events(synapse, (2.0, 4.5)).compile()

    def loss(p, model=model):
        now = model
        for k, x in p.items():
            now = now.set(f"{name}.{k}", x)
        return (js.simulate(now, 8.0, 0.05).state.v ** 2).sum()

    at = {k: jnp.asarray(getattr(synapse, k)) for k in ("gmax", "alpha", "beta", "c_dur")}
    at["gmax"] = jnp.asarray(100.0 if name == "GABAB" else 1e-2)
    at["c_dur"] = jnp.asarray(1.013)  # not at a step's end, where it has two slopes
    slopes = jax.grad(loss)(at)
    for k, x in at.items():
        h = 1e-4 * x
        difference = (loss({**at, k: x + h}) - loss({**at, k: x - h})) / (2.0 * h)
        np.testing.assert_allclose(slopes[k], difference, rtol=1e-4)
    none = jax.grad(lambda p: loss(p, with_events(synapse, (1e3,)).compile()))(at)
    assert all(np.isfinite(x) for x in none.values())

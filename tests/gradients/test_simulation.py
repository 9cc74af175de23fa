"""Gradients through whole simulations: equal to central differences, to forward mode and to the plain loop."""

import dataclasses
import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from tests.gradients import cells

DT = 0.025

METHODS = [
    js.BackwardEuler(),
    js.DampedCrankNicolson(),
    pytest.param(js.CrankNicolson(), marks=pytest.mark.slow),
    # Nothing but the stimulus decides over these steps: they are the same for all parameters.
    pytest.param(js.Adaptive(math.inf, 0.4), marks=pytest.mark.slow),
    pytest.param(js.TRBDF2(), marks=pytest.mark.slow),
]
# parameter -> step of the central difference, relative to the parameter
PARAMETERS = {
    "HH.gbar_na": 1e-4,
    "HH.gbar_k": 1e-4,
    "HH.gbar_leak": 1e-3,
    "HH.e_na": 1e-5,
    "HH.celsius": 1e-4,
    "Leak.gbar": 1e-3,
    "Leak.e": 1e-5,
    "Pulse.amp": 1e-4,
    "ra": 1e-3,
    "cm": 1e-4,
    "v": 1e-5,
    "radius_scale": 1e-4,
    "length_scale": 1e-4,
}


@pytest.fixture(scope="module", params=METHODS, ids=lambda m: type(m).__name__)
def method(request):
    return request.param


@pytest.fixture
def model(x64):
    return cells.branched()


@pytest.fixture(scope="module")
def derivatives(method):
    """The loss as a function of all parameters, a direction, and the derivative three ways; one compilation each."""
    with jax.enable_x64(True), jax.numpy_dtype_promotion("strict"):
        model = cells.branched()
        values = {name: np.asarray(model.get(name)) for name in PARAMETERS}
        rng = np.random.default_rng(3)
        direction = {name: value * rng.uniform(0.5, 1.5, value.shape) for name, value in values.items()}
        f = lambda values, gradient: cells.loss(_all(model, values), method, gradient)  # noqa: E731
        # JAX differentiates a loop of unknown length in forward mode only.
        stepwise = jax.jacfwd if isinstance(method, js.Adaptive) else jax.grad
        return Derivatives(
            value=jax.jit(lambda x: f(x, js.Checkpointed())),
            at=values,
            direction=direction,
            checkpointed=jax.jit(jax.grad(lambda x: f(x, js.Checkpointed())))(values),
            plain=jax.jit(stepwise(lambda x: f(x, js.Plain())))(values),
            forward=float(jax.jit(lambda x, d: jax.jvp(lambda x: f(x, js.Plain()), (x,), (d,)))(values, direction)[1]),
        )


@dataclasses.dataclass(frozen=True)
class Derivatives:
    value: Callable
    at: dict
    direction: dict
    checkpointed: dict
    plain: dict
    forward: float


@pytest.mark.parametrize("name", PARAMETERS)
def test_reverse_equals_central_difference(x64, derivatives, name):
    d = derivatives
    along = float(jnp.vdot(d.checkpointed[name], d.direction[name]))
    f = lambda x: float(d.value({**d.at, name: x}))  # noqa: E731
    expected = cells.central_difference(f, d.at[name], d.direction[name], PARAMETERS[name])
    np.testing.assert_allclose(along, expected, rtol=1e-8)


@pytest.mark.parametrize("name", PARAMETERS)
def test_one_rule_for_the_whole_run_equals_the_plain_loop(derivatives, name):
    a, b = derivatives.checkpointed[name], derivatives.plain[name]
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11 * np.abs(b).max())


def test_forward_equals_reverse(x64, derivatives):
    """One direction in all parameters at once."""
    d = derivatives
    reverse = sum(float(jnp.vdot(d.checkpointed[name], d.direction[name])) for name in PARAMETERS)
    np.testing.assert_allclose(d.forward, reverse, rtol=1e-10)


@pytest.mark.parametrize("n_step", [1, 17])
def test_every_length_of_run(model, n_step):
    """Runs of a whole number of segments, with a rest, and shorter than one segment."""
    f = lambda g, gradient: cells.loss(  # noqa: E731
        model.set("HH.gbar_na", g), js.DampedCrankNicolson(), gradient, n_step * cells.DT
    )
    a, b = (jax.jit(jax.grad(lambda g, way=way: f(g, way)))(0.12) for way in (js.Checkpointed(), js.Plain()))
    np.testing.assert_allclose(float(a), float(b), rtol=1e-10)


def test_gradient_through_a_continued_run(model):
    """The state is differentiated through: two runs in a row have the gradient of one."""

    def two(g):
        changed = model.set("HH.gbar_na", g)
        first = js.simulate(changed, 2.0, cells.DT)
        second = js.simulate(changed, 3.0, cells.DT, state=first.state)
        return jnp.sum(second.v[:, -1] ** 2)

    one = lambda g: jnp.sum(js.simulate(model.set("HH.gbar_na", g), 5.0, cells.DT).v[:, -1] ** 2)  # noqa: E731
    np.testing.assert_allclose(*(float(jax.jit(jax.grad(f))(0.12)) for f in (two, one)), rtol=1e-10)


def test_gradient_of_a_clamp_command(x64, method):
    """The clamp current's derivative by its command, the slope of a current-voltage curve."""
    spec_cell = js.Cell(js.cylinder(300.0, 1.0), js.PerBranch(7), ra=100.0).insert(js.HH())
    place = spec_cell.loc(0, 0.0)
    spec_cell.clamp(place, js.VoltageClamp(v=-30.0, start=1.0)).record(place, "VoltageClamp.i")
    clamped = spec_cell.compile()
    f = jax.jit(
        lambda v: jnp.sum(
            js.simulate(clamped.set("VoltageClamp.v", v), 5.0, 0.05, method=method)["VoltageClamp.i"][0, 40:]
        )
    )
    gradient = float(jax.jit(jax.grad(f))(-30.0))
    expected = cells.central_difference(f, np.asarray(-30.0), np.asarray(1.0), 1e-3)
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)


def test_batched_gradients_equal_a_loop(model):
    grid = np.array([0.08, 0.12, 0.2])
    f = jax.value_and_grad(
        lambda g: cells.loss(model.set("HH.gbar_na", g), js.DampedCrankNicolson(), js.Checkpointed())
    )
    values, gradients = jax.jit(jax.vmap(f))(grid)
    f = jax.jit(f)
    for g, value, gradient in zip(grid, values, gradients, strict=True):
        one_value, one_gradient = f(g)
        np.testing.assert_allclose(float(value), float(one_value), rtol=1e-12)
        np.testing.assert_allclose(float(gradient), float(one_gradient), rtol=1e-9)


@pytest.mark.parametrize(
    "way", [pytest.param(js.Plain(), marks=pytest.mark.slow), js.Checkpointed()], ids=lambda w: type(w).__name__
)
def test_hessian_equals_the_difference_of_gradients(x64, way):
    """Second derivatives, forward over reverse."""
    cell = js.Cell(js.cylinder(100.0, 1.0), js.PerBranch(2)).insert(js.HH())
    cell.stimulate(cell.loc(0), js.Pulse(amp=0.1)).record(cell.loc(0))
    model = cell.compile()

    def f(x):
        changed = model.set("HH.gbar_na", x[0]).set("HH.gbar_k", x[1])
        return jnp.mean(js.simulate(changed, 2.0, 0.05, gradient=way).v ** 2)

    x = np.array([0.12, 0.036])
    hessian = jax.jit(jax.hessian(f))(x)
    gradient = jax.jit(jax.grad(f))
    for i in range(2):
        h = 1e-5 * x[i] * np.eye(2)[i]
        np.testing.assert_allclose(hessian[i], (gradient(x + h) - gradient(x - h)) / (2e-5 * x[i]), rtol=1e-5)


def test_float32_gradient_is_near_float64():
    """The relative difference over 13 kinds of parameters, spikes included."""
    gradients = {}
    for x64 in (False, True):
        with jax.enable_x64(x64):
            model = cells.branched()
            f = lambda values, model=model: cells.loss(  # noqa: E731
                _all(model, values), js.DampedCrankNicolson(), js.Checkpointed()
            )
            gradient = jax.jit(jax.grad(f))({name: model.get(name) for name in PARAMETERS})
            gradients[x64] = {name: np.asarray(g, float) for name, g in gradient.items()}
    for name in PARAMETERS:
        single, double = gradients[False][name], gradients[True][name]
        assert np.linalg.norm(single - double) <= 1e-2 * np.linalg.norm(double), name


def _all(model, values):
    for name, value in values.items():
        model = model.set(name, value)
    return model


def test_many_recorded_ends_without_area(x64):
    """More than are treated one by one: their voltages follow Kirchhoff's law by a gather."""
    cell = js.Cell(js.binary_tree(3, 200.0, 1.0), js.PerBranch(2), ra=100.0).insert(js.HH())
    cell.stimulate(cell.loc(0, 0.5), js.Pulse(amp=0.3)).record([cell.loc(b, 1.0) for b in range(1, 7)])
    model = cell.compile()
    g = model.get("HH.gbar_na")
    loss = lambda k, gradient: jnp.mean(  # noqa: E731
        js.simulate(model.set("HH.gbar_na", k * g), 1.0, DT, gradient=gradient).v ** 2
    )
    reverse = jax.grad(loss)(1.0, js.Checkpointed())
    forward = jax.jvp(lambda k: loss(k, js.Plain()), (1.0,), (1.0,))[1]
    np.testing.assert_allclose(reverse, forward, rtol=1e-9)

"""Fits of simulated cells: a known conductance is found, the gradient is right, what is not free does not move."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxsim.fit.fit import FitResult, fit
from jaxsim.fit.free import Free, free
from jaxsim.fit.losses import mse
from jaxsim.fit.transforms import Bounded
from jaxsim.mechanisms.channels.leak import Leak
from jaxsim.mechanisms.stimuli import Pulse
from jaxsim.model.model import Model
from jaxsim.run.simulate import simulate
from tests.fit.cells import REGION, cell

TRUE = 3e-4  # S/cm2, the leak of the dendrites
T_END, DT = 20.0, 0.5  # ms


def passive() -> Model:
    """A leak of 1e-4 S/cm2 everywhere; current into the soma; voltage of soma and both tips recorded."""
    built = cell().insert(Leak(gbar=1e-4, e=-70.0))
    built.stimulate(built.loc("soma"), Pulse(amp=0.1, start=1.0, stop=15.0))
    built.record([built.loc("soma"), built.loc("basal", 1.0), built.loc("apical", 1.0)])
    return built.compile()


def problem(model: Model, share: str) -> tuple[Free, jax.Array]:
    """The leak of the dendrites is free; the target has another value there."""
    found = free(model, {"Leak.gbar": Bounded(1e-5, 1e-3, share=share, at="dendrite")})
    return found, simulate(model.set("Leak.gbar", TRUE, at="dendrite"), T_END, DT).v


@pytest.fixture(scope="module")
def fitted() -> tuple[Model, Free, FitResult]:
    model = passive()
    found, target = problem(model, "cell")

    def loss(theta: dict[str, jax.Array]) -> jax.Array:
        return mse(simulate(found.into(model, theta), T_END, DT).v, target)

    return model, found, fit(loss, found.read(model), optax.adam(0.2), 30)


def test_a_known_leak_is_found(fitted: tuple[Model, Free, FitResult]) -> None:
    _, found, result = fitted
    assert found.values(result.theta)["Leak.gbar"].item() == pytest.approx(TRUE, rel=0.01)
    assert result.loss < 1e-3 * result.history.loss[0]


def test_what_was_not_selected_did_not_move(fitted: tuple[Model, Free, FitResult]) -> None:
    model, found, result = fitted
    trained = found.into(model, result.last)
    for name in model.parameters():
        before, after = np.asarray(model.get(name)), np.asarray(trained.get(name))
        kept = REGION == 0 if name == "Leak.gbar" else np.ones(len(before), bool)
        assert before[kept].tobytes() == after[kept].tobytes()
    moved = np.asarray(trained.get("Leak.gbar")) != np.asarray(model.get("Leak.gbar"))
    np.testing.assert_array_equal(moved, REGION > 0)


def test_the_gradient_of_a_simulation_is_the_central_difference(x64: None) -> None:
    model = passive()
    found, target = problem(model, "region")

    @jax.jit
    def loss(x: jax.Array) -> jax.Array:
        return mse(simulate(found.into(model, {"Leak.gbar": x}), T_END, DT).v, target)

    x, h = found.read(model)["Leak.gbar"], 1e-5
    difference = [(loss(x + h * unit) - loss(x - h * unit)) / (2 * h) for unit in jnp.eye(2)]
    np.testing.assert_allclose(jax.grad(loss)(x), difference, rtol=1e-7)

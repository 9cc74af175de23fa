"""The loop: compiled once, keeps the best, skips what is not finite, survives Ctrl-C, goes on to the bit."""

import signal
import sys
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxsim.fit.fit import FitResult, fit
from jaxsim.fit.progress import Progress

START = {"a": [3.0, -2.0], "b": [1.0]}


def start(dtype: Any = None) -> dict[str, jax.Array]:
    return {name: jnp.asarray(value, dtype) for name, value in START.items()}


def bowl(theta: dict[str, jax.Array]) -> jax.Array:
    """Smallest, 0, at a = (1, 2), b = -1; the valley is narrow in b."""
    return jnp.sum((theta["a"] - jnp.asarray([1.0, 2.0], theta["a"].dtype)) ** 2) + 50.0 * jnp.sum(
        (theta["b"] + 1.0) ** 2
    )


def same_bits(one: Any, other: Any) -> bool:
    leaves = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all(np.asarray(a).tobytes() == np.asarray(b).tobytes() for a, b in leaves)


OPTIMISERS = {
    "sgd": lambda: optax.sgd(0.005, momentum=0.9),
    "adam": lambda: optax.adam(0.1),
    "schedule": lambda: optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(optax.cosine_decay_schedule(0.1, 50))),
    "injected": lambda: optax.inject_hyperparams(optax.adam)(learning_rate=0.1),
    "plateau": lambda: optax.chain(optax.adam(0.1), optax.contrib.reduce_on_plateau(patience=3)),
    "lbfgs": lambda: optax.lbfgs(),
}
each = pytest.mark.parametrize("make", OPTIMISERS.values(), ids=OPTIMISERS.keys())


@each
def test_the_loss_falls_and_nothing_compiles_twice(make: Callable[[], Any]) -> None:
    traced = []

    def loss(theta: dict[str, jax.Array]) -> jax.Array:
        traced.append(1)
        return bowl(theta)

    seen: list[int] = []
    result = fit(loss, start(), make(), 30, progress=lambda now: seen.append(len(traced)))
    assert result.loss < 0.5 * result.history.loss[0]
    assert seen == [seen[0]] * 31  # what was traced for the first evaluation is all


def test_both_precisions(precision: np.dtype) -> None:
    result = fit(bowl, start(precision), optax.adam(0.1), 30)
    assert result.loss < 0.5 * result.history.loss[0]
    assert {x.dtype for x in jax.tree.leaves((result.theta, result.last))} == {precision}


def test_the_loss_is_traced_once() -> None:
    traced = []

    def loss(theta: dict[str, jax.Array]) -> jax.Array:
        traced.append(1)
        return bowl(theta)

    fit(loss, start(), optax.adam(0.1), 10)
    assert len(traced) == 1


def test_python_numbers_compile_once_too() -> None:
    traced = []

    def loss(theta: dict[str, jax.Array]) -> jax.Array:
        traced.append(1)
        return (theta["x"] - 1.0) ** 2

    fit(loss, {"x": 3.0}, optax.adam(0.1), 10)
    assert len(traced) == 1


def test_steps_are_those_of_a_loop_by_hand(x64: None) -> None:
    optimiser, theta = optax.sgd(0.005, momentum=0.9), start()
    state, losses = optimiser.init(theta), []
    for _ in range(8):
        value, gradient = jax.value_and_grad(bowl)(theta)
        losses.append(float(value))
        update, state = optimiser.update(gradient, state, theta)
        theta = optax.apply_updates(theta, update)
    result = fit(bowl, start(), optimiser, 8)
    np.testing.assert_allclose(result.history.loss[:-1], losses, rtol=1e-12)
    np.testing.assert_allclose(result.last["a"], theta["a"], rtol=1e-12)
    np.testing.assert_allclose(result.history.loss[-1], bowl(result.last), rtol=1e-12)


def test_history_has_an_entry_for_each_theta() -> None:
    result = fit(bowl, start(), optax.sgd(0.001), 5)
    assert len(result.history.loss) == len(result.history.seconds) == len(result.history.gradient_norm) == 6
    assert result.history.loss[0] == float(bowl(start()))
    gradient = jax.grad(bowl)(start())
    np.testing.assert_allclose(
        result.history.gradient_norm[0], np.hypot.reduce(np.concatenate(list(gradient.values()))), rtol=1e-6
    )
    assert np.all(np.diff(result.history.seconds) > 0.0)


def test_the_best_is_returned_and_not_the_last() -> None:
    result = fit(bowl, start(), optax.sgd(0.0199, momentum=0.9), 7)
    assert result.loss == result.history.loss.min() < result.history.loss[-1]
    np.testing.assert_allclose(float(bowl(result.theta)), result.loss, rtol=1e-6)
    np.testing.assert_allclose(float(bowl(result.last)), result.history.loss[-1], rtol=1e-6)


def test_no_steps_evaluate_the_start() -> None:
    result = fit(bowl, start(), optax.adam(0.1), 0)
    assert result.loss == float(bowl(start()))
    assert same_bits(result.theta, start())


def test_it_stops_at_the_target() -> None:
    result = fit(bowl, start(), optax.adam(0.1), 500, target_loss=1.0)
    assert result.history.loss[-1] <= 1.0 < result.history.loss[:-1].min()
    assert same_bits(result.theta, result.last)


def test_aux_is_that_of_the_best() -> None:
    result = fit(
        lambda theta: (bowl(theta), theta["a"] * 2.0), start(), optax.sgd(0.0199, momentum=0.9), 7, has_aux=True
    )
    np.testing.assert_array_equal(result.aux, 2.0 * result.theta["a"])


def test_further_arguments_are_passed_and_not_differentiated() -> None:
    result = fit(
        lambda x, shift: jnp.sum((x - shift) ** 2), jnp.zeros(2), optax.sgd(0.25), 40, args=(jnp.asarray([1.0, 5.0]),)
    )
    np.testing.assert_allclose(result.theta, [1.0, 5.0], atol=1e-5)


# Going on


@pytest.mark.parametrize("kind", ["sgd", "schedule", "injected"])
def test_two_halves_are_one_run_to_the_bit(kind: str) -> None:
    make = OPTIMISERS[kind]
    whole = fit(bowl, start(), make(), 12)
    half = fit(bowl, start(), make(), 5)
    rest = fit(bowl, None, make(), 7, state=half.state)
    assert same_bits(whole.last, rest.last)
    assert same_bits(whole.theta, rest.theta)
    assert same_bits(whole.state, rest.state)
    np.testing.assert_array_equal(whole.history.loss, [*half.history.loss, *rest.history.loss[1:]])


def test_the_best_of_the_first_half_is_kept() -> None:
    first = fit(bowl, start(), optax.sgd(0.019), 5)
    rest = fit(lambda theta: bowl(theta) + 100.0, start(), optax.sgd(0.019), 2, state=first.state)
    assert rest.loss == first.loss
    assert same_bits(rest.theta, first.theta)


def test_a_state_of_numpy_arrays_goes_on() -> None:
    half = fit(bowl, start(), optax.adam(0.1), 5)
    loaded = jax.tree.map(np.asarray, half.state)
    assert same_bits(
        fit(bowl, None, optax.adam(0.1), 7, state=loaded).last,
        fit(bowl, None, optax.adam(0.1), 7, state=half.state).last,
    )


@pytest.mark.parametrize(
    ("theta", "optimiser", "said"),
    [
        (start, lambda: optax.sgd(0.1), "made by another optimiser"),
        (lambda: {"a": jnp.zeros(2)}, lambda: optax.adam(0.1), "belongs to other parameters"),
        (lambda: start() | {"b": jnp.zeros(2)}, lambda: optax.adam(0.1), "belongs to other parameters"),
    ],
)
def test_a_state_of_another_fit_is_refused(theta: Callable, optimiser: Callable, said: str) -> None:
    state = fit(bowl, start(), optax.adam(0.1), 1).state
    with pytest.raises(ValueError, match=said):
        fit(bowl, theta(), optimiser(), 1, state=state)


# Ctrl-C


@pytest.fixture
def ctrl_c():
    """Python's own handler, also where the tests were started in the background, with the signal ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press_ctrl_c(at: int) -> Callable[[Progress], None]:
    def report(now: Progress) -> None:
        if now.step == at:
            signal.raise_signal(signal.SIGINT)

    return report


def test_ctrl_c_returns_what_was_reached(ctrl_c) -> None:
    result = fit(bowl, start(), optax.adam(0.1), 50, progress=press_ctrl_c(4))
    assert result.interrupted
    assert len(result.history.loss) == 5
    assert same_bits(result.last, fit(bowl, start(), optax.adam(0.1), 4).last)


def test_an_interrupted_fit_goes_on_to_the_bit(ctrl_c) -> None:
    first = fit(bowl, start(), optax.adam(0.1), 50, progress=press_ctrl_c(4))
    rest = fit(bowl, start(), optax.adam(0.1), 6, state=first.state)
    whole = fit(bowl, start(), optax.adam(0.1), 10)
    assert not whole.interrupted
    assert same_bits(whole.state, rest.state)


def test_ctrl_c_before_anything_was_reached_is_passed_on() -> None:
    def loss(theta: dict[str, jax.Array]) -> jax.Array:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(loss, start(), optax.adam(0.1), 5)


# What is not finite


def cliff(theta: dict[str, jax.Array]) -> jax.Array:
    """The bowl, with no value left of a = 0.5."""
    return bowl(theta) + jnp.where(theta["a"][0] < 0.5, jnp.nan, 0.0)


def test_a_step_over_the_cliff_is_taken_back(precision: np.dtype) -> None:
    result = fit(cliff, start(precision), optax.adam(0.4), 60)
    assert result.n_nonfinite > 0
    assert result.n_nonfinite == np.sum(~np.isfinite(result.history.loss))
    assert result.loss < 1.0
    for x in jax.tree.leaves((result.theta, result.last, result.state)):
        assert np.all(np.isfinite(x))


def test_a_step_is_halved_until_it_is_finite() -> None:
    theta, seen = {"x": jnp.asarray(0.0)}, []
    loss = lambda theta: -theta["x"] + jnp.where(theta["x"] > 1.1, jnp.inf, 0.0)  # noqa: E731
    result = fit(loss, theta, optax.sgd(4.0), 3, progress=lambda now: seen.append(float(now.theta["x"])))
    assert seen == [0.0, 4.0, 2.0, 1.0]
    assert result.n_nonfinite == 2
    assert float(result.last["x"]) == 1.0


def test_the_last_is_finite_where_the_run_ends_beyond_the_cliff() -> None:
    theta = {"x": jnp.asarray(0.0)}
    loss = lambda theta: -theta["x"] + jnp.where(theta["x"] > 1.1, jnp.inf, 0.0)  # noqa: E731
    result = fit(loss, theta, optax.sgd(4.0), 1)
    assert float(result.last["x"]) == float(result.theta["x"]) == 0.0
    going_on = fit(loss, theta, optax.sgd(4.0), 2, state=result.state)
    assert float(going_on.last["x"]) == 1.0


def test_a_gradient_that_is_not_finite_is_counted() -> None:
    loss = lambda x: jnp.sqrt(jnp.maximum(x, 0.0))  # noqa: E731  infinite slope at 0
    result = fit(loss, jnp.asarray(0.25), optax.sgd(0.25), 3)
    np.testing.assert_array_equal(result.history.finite[:2], [True, False])
    assert result.loss == 0.0


def test_the_parameters_that_are_not_finite_at_the_start_are_named() -> None:
    loss = lambda theta: jnp.sum(jnp.sqrt(theta["a"])) + theta["b"][0]  # noqa: E731
    with pytest.raises(ValueError, match=r"the loss is 1 and the gradients of a are not finite"):
        fit(loss, {"a": jnp.zeros(2), "b": jnp.ones(1)}, optax.adam(0.1), 3)


def test_a_loss_that_is_not_finite_at_the_start_is_named() -> None:
    with pytest.raises(ValueError, match="a fit needs a finite start, but there the loss is nan"):
        fit(lambda theta: bowl(theta) * jnp.nan, start(), optax.adam(0.1), 3)


def test_an_update_that_is_not_finite_at_the_start_is_named() -> None:
    with pytest.raises(ValueError, match="the optimiser's first update is not finite"):
        fit(bowl, start(), optax.sgd(jnp.inf), 3)


# Progress


def test_progress_says_where_the_fit_is() -> None:
    seen: list[Progress] = []
    result = fit(bowl, start(), optax.adam(0.1), 4, progress=seen.append)
    assert [now.step for now in seen] == [0, 1, 2, 3, 4]
    assert {now.steps for now in seen} == {4}
    assert [now.loss for now in seen] == result.history.loss.tolist()
    assert [now.best_loss for now in seen] == np.minimum.accumulate(result.history.loss).tolist()
    assert np.isnan(seen[0].seconds_left)
    assert seen[2].seconds_left > 0.0 == seen[4].seconds_left
    assert same_bits(seen[4].theta, result.last)


def test_the_bar_shows_loss_and_gradient(capsys: pytest.CaptureFixture[str]) -> None:
    result = fit(bowl, start(), optax.adam(0.1), 4, progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "4/4" in shown.err
    assert f"loss {result.history.loss[-1]:.4g}" in shown.err
    assert "|gradient|" in shown.err


def test_without_tqdm_the_pip_line_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match=r"pip install 'jaxsim-neuro\[plot\]'"):
        fit(bowl, start(), optax.adam(0.1), 4, progress=True)


def test_nothing_is_said_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    fit(bowl, start(), optax.adam(0.1), 2)
    assert capsys.readouterr() == ("", "")


def test_a_result_is_one_line() -> None:
    result: FitResult = fit(bowl, start(), optax.adam(0.1), 2)
    assert repr(result).startswith("FitResult(loss 220 -> ")
    assert "in 2 steps" in repr(result)


# Errors


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (
            {"optimiser": "adam"},
            TypeError,
            r"optimiser must be a transformation of optax, got 'adam'.*optax.adam\(0.05\)",
        ),
        ({"steps": 1.5}, TypeError, "steps must be an integer of at least 0, got 1.5"),
        ({"steps": -1}, TypeError, "steps must be an integer of at least 0, got -1"),
        ({"theta": {"a": np.arange(3)}}, TypeError, r"theta\['a'\] must be floating-point, got 'int"),
        ({"theta": None}, TypeError, "theta must hold at least one number"),
        ({"loss": lambda theta: theta["a"]}, ValueError, r"one floating-point number, got 'float32\(2,\)'.*jnp.mean"),
        ({"loss": lambda theta: (bowl(theta), 1)}, ValueError, "got 'tuple'.*has_aux=True"),
        ({"has_aux": True}, ValueError, r"loss must return \(number, aux\)"),
    ],
)
def test_what_fit_refuses(change: dict[str, Any], error: type[Exception], said: str) -> None:
    given = {"loss": bowl, "theta": start(), "optimiser": optax.adam(0.1), "steps": 2} | change
    with pytest.raises(error, match=said):
        fit(**given)

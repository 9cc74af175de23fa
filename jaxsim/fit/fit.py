"""`fit`: gradient descent with any optimiser of optax, compiled once; it keeps the best and survives Ctrl-C."""

import dataclasses
import math
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxsim._struct import replace, struct
from jaxsim.errors import must
from jaxsim.fit.progress import Progress, Report, reporter, time_left

if TYPE_CHECKING:  # a fifth of what `import jaxsim` costs comes when a fit begins
    import optax


@struct
class FitState:
    """All that a fit needs to go on: a pytree of arrays.

    Attributes:
        theta: the numbers that are evaluated next.
        good: the last numbers with a finite loss and gradient.
        optimiser: the optimiser's own state.
        best: the numbers with the smallest loss so far.
        best_loss: () their loss; inf before the first evaluation.
        aux: what the loss returned beside its value at `best`; None without has_aux.
        n_step: () int, steps made since the start.
    """

    theta: Any
    good: Any
    optimiser: Any
    best: Any
    best_loss: Any
    aux: Any
    n_step: Any


@dataclasses.dataclass(frozen=True, eq=False)
class History:
    """What a fit went through. Entry k belongs to the theta after k steps, entry 0 to the start.

    Args:
        loss: (n_step + 1,) [the loss's unit]; nan or inf where it was not finite.
        gradient_norm: (n_step + 1,) [1] Euclidean norm of the gradient with respect to theta.
        finite: (n_step + 1,) bool, whether loss and gradient were finite.
        seconds: (n_step + 1,) [s] wall time since the fit began; the first contains the compilation.
    """

    loss: np.ndarray
    gradient_norm: np.ndarray
    finite: np.ndarray
    seconds: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class FitResult:
    """What a fit found.

    Args:
        theta: the numbers with the smallest loss.
        loss: [the loss's unit] their loss.
        last: the last numbers with a finite loss and gradient.
        history: loss, gradient norm and time of each step.
        n_nonfinite: how many steps led to a loss or gradient that is not finite, and were taken back half-way.
        interrupted: whether Ctrl-C ended the fit.
        state: where to go on: ``fit(loss, theta, optimiser, steps, state=result.state)``.
        aux: what the loss returned beside its value at `theta`; None without has_aux.
    """

    theta: Any
    loss: float
    last: Any
    history: History
    n_nonfinite: int
    interrupted: bool
    state: FitState
    aux: Any = None

    def __repr__(self) -> str:
        steps, first, seconds = len(self.history.loss) - 1, self.history.loss[0], self.history.seconds[-1]
        text = f"loss {first:.6g} -> {self.loss:.6g} in {steps} steps, {seconds:.3g} s"
        text += f", {self.n_nonfinite} of them not finite" if self.n_nonfinite else ""
        return f"FitResult({text}{', interrupted' if self.interrupted else ''})"


def fit(
    loss: Callable[..., Any],
    theta: Any,
    optimiser: "optax.GradientTransformation",
    steps: int,
    *,
    args: tuple[Any, ...] = (),
    has_aux: bool = False,
    target_loss: float | None = None,
    progress: bool | Report | None = None,
    state: FitState | None = None,
) -> FitResult:
    """Minimise a loss by gradient descent.

        theta_(k+1) = theta_k + update(gradient of loss at theta_k),   k = 0 .. steps - 1

    Loss, gradient and update are one program, compiled once a call. The theta after the last step is evaluated too:
    n steps cost n + 1 gradients. A step to where loss or gradient is not finite is counted and taken back half-way, as
    often as it needs. Ctrl-C ends the fit and returns what was reached.

    Args:
        loss: a function of theta and args that JAX can differentiate; returns one number, or (number, aux).
        theta: start values, a pytree of floating-point arrays, e.g. ``free.read(model)``; with state it may be None.
        optimiser: any transformation of optax, e.g. ``optax.adam(0.05)`` or ``optax.lbfgs()``.
        steps: how many steps.
        args: further arguments of loss, pytrees of arrays, e.g. data; they are not differentiated.
        has_aux: whether loss returns (number, aux).
        target_loss: [the loss's unit] stop as soon as the loss is no greater.
        progress: True for a progress bar, or a function that is called with a `Progress` after each evaluation.
        state: `FitResult.state` of an earlier fit, to go on with the identical sequence.

    Returns:
        The `FitResult`: best theta, its loss, the last theta, the history.

    Raises:
        ImportError: if progress is True and tqdm is not installed.
        KeyboardInterrupt: if Ctrl-C comes before anything was evaluated.
        TypeError: if optimiser is no transformation of optax, theta holds anything but floats, or steps is no integer.
        ValueError: if loss returns no single number, it or its gradient is not finite at the start, or the state is
            another fit's.

    >>> import optax
    >>> result = fit(lambda theta: jnp.sum((theta["x"] - 3.0) ** 2), {"x": jnp.zeros(2)}, optax.sgd(0.25), steps=20)
    >>> result.theta["x"].round(3)
    Array([3., 3.], dtype=float32)
    """
    _check(optimiser, steps, theta if state is None else state.theta)
    program = _program(loss, optimiser, has_aux)
    state = _start(theta, optimiser) if state is None else _continued(state, theta, optimiser)
    target = -math.inf if target_loss is None else float(target_loss)
    with reporter(progress, steps) as report:
        return _descend(partial(program, args=args), state, steps, target, report)


@struct
class _Evaluation:
    """One run of the program: what was found at theta, and what comes next."""

    loss: jax.Array
    gradient_norm: jax.Array
    finite: jax.Array
    finite_parts: Any
    aux: Any
    theta: Any
    good: Any
    optimiser: Any


def _program(loss: Callable[..., Any], optimiser: "optax.GradientTransformation", has_aux: bool) -> Callable[..., Any]:
    """Loss, gradient and update as one compiled function of arrays."""
    import optax

    update = optax.with_extra_args_support(optimiser).update

    def measured(theta: Any, args: tuple[Any, ...]) -> tuple[jax.Array, Any]:
        found = loss(theta, *args)
        if has_aux and not (isinstance(found, tuple) and len(found) == 2):
            raise ValueError(must("loss", "return (number, aux), for has_aux=True", type(found).__name__))
        value, aux = found if has_aux else (found, None)
        if (
            isinstance(value, tuple)
            or jnp.shape(value) != ()
            or not jnp.issubdtype(jnp.result_type(value), jnp.floating)
        ):
            what = type(value).__name__ if isinstance(value, tuple) else f"{jnp.result_type(value)}{jnp.shape(value)}"
            fix = "Average it with jnp.mean; for a pair (number, aux) write has_aux=True."
            raise ValueError(must("loss", "return one floating-point number", what, fix))
        return jnp.asarray(value), aux

    @jax.jit
    def program(theta: Any, good: Any, state: Any, args: tuple[Any, ...]) -> _Evaluation:
        (value, aux), gradient = jax.value_and_grad(measured, has_aux=True)(theta, args)
        with jax.numpy_dtype_promotion("standard"):  # optax mixes dtypes, e.g. in adam's bias correction
            more = {"value": value, "grad": gradient, "value_fn": lambda theta: measured(theta, args)[0]}
            updates, following = update(gradient, state, theta, **more)
            moved = optax.apply_updates(theta, updates)
        finite_parts = jax.tree.map(lambda x: jnp.all(jnp.isfinite(x)), gradient)
        whole = [*jax.tree.leaves(finite_parts), *(jnp.all(jnp.isfinite(x)) for x in jax.tree.leaves(moved))]
        finite = jnp.isfinite(value) & jnp.all(jnp.stack(whole))
        back = jax.tree.map(lambda a, b: 0.5 * a + 0.5 * b, good, theta)
        pick = partial(jax.tree.map, partial(_pick, finite))
        norm = jnp.sqrt(sum(jnp.sum(jnp.square(g)).astype(value.dtype) for g in jax.tree.leaves(gradient)))
        following_three = pick(moved, back), pick(theta, good), pick(following, state)
        return _Evaluation(value, norm, finite, finite_parts, aux, *following_three)

    return program


def _pick(finite: jax.Array, new: jax.Array, old: jax.Array) -> jax.Array:
    """The new value if finite, in the old one's dtype: the state keeps its types, so nothing compiles twice."""
    return jnp.where(finite, new if new.dtype == old.dtype else new.astype(old.dtype), old)


def _descend(
    program: Callable[..., _Evaluation], state: FitState, steps: int, target: float, report: Report
) -> FitResult:
    """The loop. What was reached is kept in one assignment, so that an interruption never sees half of a step."""
    began = time.perf_counter()
    records: list[_Record] = []
    reached, interrupted = (state, 0), False
    try:
        for step in range(steps + 1):
            found = program(state.theta, state.good, state.optimiser)
            value, norm, finite = float(found.loss), float(found.gradient_norm), bool(found.finite)
            if not finite and int(state.n_step) == 0:
                raise ValueError(_not_finite_at_the_start(value, found.finite_parts))
            if math.isfinite(value) and value < float(state.best_loss):
                state = replace(state, best=state.theta, best_loss=found.loss, aux=found.aux)
            now = time.perf_counter() - began
            records.append((value, norm, finite, now))
            reached = (state, len(records))
            left = time_left(step, steps, records[0][3], now)
            report(Progress(step, steps, value, norm, float(state.best_loss), now, left, state.theta))
            if value <= target:
                break
            following = {"theta": found.theta, "good": found.good, "optimiser": found.optimiser}
            state = replace(state, **following, n_step=int(state.n_step) + 1)
    except KeyboardInterrupt:
        if reached[1] == 0:
            raise
        interrupted = True
    return _result(reached[0], records[: reached[1]], interrupted)


_Record = tuple[float, float, bool, float]


def _result(state: FitState, records: list[_Record], interrupted: bool) -> FitResult:
    loss, norm, finite, seconds = zip(*records, strict=True)
    history = History(np.array(loss), np.array(norm), np.array(finite), np.array(seconds))
    last = state.theta if finite[-1] else state.good
    n_nonfinite = int(np.sum(~history.finite[1:]))  # entry 0 is the start, or was counted by the fit that goes on
    best_loss = float(state.best_loss)
    return FitResult(state.best, best_loss, last, history, n_nonfinite, interrupted, state, state.aux)


def _start(theta: Any, optimiser: "optax.GradientTransformation") -> FitState:
    theta = jax.tree.map(_strong, theta)
    with jax.numpy_dtype_promotion("standard"):
        own = jax.tree.map(_strong, optimiser.init(theta))
    return FitState(theta, theta, own, theta, math.inf, None, 0)


def _continued(state: FitState, theta: Any, optimiser: "optax.GradientTransformation") -> FitState:
    """The state of an earlier fit, which must have had the same parameters and the same kind of optimiser."""
    with jax.numpy_dtype_promotion("standard"):
        expected = jax.eval_shape(optimiser.init, state.theta)
    if _form(expected) != _form(state.optimiser):
        raise ValueError("the state was made by another optimiser; go on with the one that the fit began with.")
    if theta is not None and _form(theta) != _form(state.theta):
        raise ValueError("the state belongs to other parameters than theta; begin a new fit without state=.")
    moving = {name: jax.tree.map(_strong, getattr(state, name)) for name in ("theta", "good", "optimiser")}
    return replace(state, **moving)


def _form(tree: Any) -> tuple[Any, list[tuple[tuple[int, ...], Any]]]:
    leaves, structure = jax.tree.flatten(tree)
    return structure, [(jnp.shape(x), jnp.result_type(x)) for x in leaves]


def _strong(x: Any) -> jax.Array:
    """An array with a dtype of its own, not a Python number's: the program's results have that, and come back to it."""
    x = jnp.asarray(x)
    return jax.lax.convert_element_type(x, x.dtype) if x.weak_type else x


def _not_finite_at_the_start(loss: float, finite_parts: Any) -> str:
    """Which parameters' gradients, or what else, is not finite."""
    paths = jax.tree.leaves_with_path(finite_parts)
    bad = [jax.tree_util.keystr(path, simple=True, separator=" ") or "theta" for path, fine in paths if not bool(fine)]
    if math.isfinite(loss) and not bad:
        return "the optimiser's first update is not finite though loss and gradient are; lower its learning rate."
    gradients = f"the gradients of {', '.join(bad)} are not finite" if bad else "all gradients are finite"
    return f"a fit needs a finite start, but there the loss is {loss:g} and {gradients}. Choose other start values."


def _check(optimiser: Any, steps: Any, theta: Any) -> None:
    import optax

    if not isinstance(optimiser, optax.GradientTransformation):
        raise TypeError(must("optimiser", "be a transformation of optax", optimiser, "For example optax.adam(0.05)."))
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 0:
        raise TypeError(must("steps", "be an integer of at least 0", steps))
    for path, leaf in jax.tree.leaves_with_path(theta):
        if not jnp.issubdtype(jnp.result_type(leaf), jnp.floating):
            raise TypeError(must(f"theta{jax.tree_util.keystr(path)}", "be floating-point", jnp.result_type(leaf).name))
    if not jax.tree.leaves(theta):
        raise TypeError(must("theta", "hold at least one number", theta))

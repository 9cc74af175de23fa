"""A fit from its configuration: the free parameters, their start, the run of the optimiser."""

import dataclasses
from typing import Any

import jax
import numpy as np
import optax

import jaxsim as js
from jaxsim.cable import labels
from jaxsim.cli import build
from jaxsim.cli.config import OPTIMISERS, Config, FitConfig, FreeConfig
from jaxsim.cli.objective import Objective, objective, true_model
from jaxsim.errors import unknown
from jaxsim.fit.fit import FitResult, fit
from jaxsim.fit.free import Free, free
from jaxsim.fit.transforms import Bounded

Values = dict[str, np.ndarray]


@dataclasses.dataclass(frozen=True, eq=False)
class Problem:
    """A fit that is ready to run.

    Args:
        config: where it came from.
        cell: the cell as built.
        model: its model with the start values.
        free: the free parameters.
        theta: their start, unconstrained.
        objective: what is minimised.
        true: the values that made a simulated target; None otherwise.
    """

    config: Config
    cell: js.Cell
    model: js.Model
    free: Free
    theta: Any
    objective: Objective
    true: Values | None


@dataclasses.dataclass(frozen=True, eq=False)
class Outcome:
    """What a fit reached, as plain numbers.

    Args:
        result: of the optimiser.
        start, fitted: name -> (n_group,) physical values.
        t: (n_time,) [ms].
        before, after: (n_probe, n_time) [mV] recorded voltages.
    """

    result: FitResult
    start: Values
    fitted: Values
    t: np.ndarray
    before: np.ndarray
    after: np.ndarray


def problem(config: Config) -> Problem:
    """Build everything that a fit needs; whatever is wrong is blamed on its line before anything long begins."""
    built = build.cell(config)
    plain = build.compiled(built, config)
    model = plain
    for entry in config.free:
        model = _with_start(entry, built, model)
    found = {entry.name: _bounded(entry, model) for entry in config.free}
    freed = free(model, found)
    theta = freed.read(model) | {
        entry.name: freed.random(config.fit.seed)[entry.name] for entry in config.free if entry.start == "random"
    }
    goal = objective(config, built, plain)
    true = None
    if config.target is not None and config.target.kind == "simulated":
        true = _group_values(freed, true_model(config, built, plain), config)
    return Problem(config, built, model, freed, theta, goal, true)


def _bounded(entry: FreeConfig, model: js.Model) -> Bounded:
    """The transform of one entry, tried out alone so that its errors are blamed on it."""
    t = entry.table
    with t.blamed("share" if "share" in t else None):
        bounded = Bounded(*entry.bounds, share=entry.share)
        alone = free(model, {entry.name: bounded})
    if entry.start == "random":
        return bounded
    with t.blamed("start" if "start" in t else None):
        alone.read(model)
    return bounded


def _with_start(entry: FreeConfig, built: js.Cell, model: js.Model) -> js.Model:
    """The model with the start values of one free parameter; until random ones are drawn, the middle of the bounds."""
    if entry.name not in model.parameters():
        raise entry.table.fail(None, unknown("parameter", entry.name, model.parameters()))
    if entry.start == "random":
        return model.set(entry.name, sum(entry.bounds) / 2)
    if isinstance(entry.start, str | float):
        return model
    for region, where, value in build.values_by_region(built.cable, entry.start):
        with entry.table.blamed("start"):
            model = model.set(entry.name, value, None if region == "all" else where)
    return model


def _group_values(freed: Free, model: js.Model, config: Config) -> Values | None:
    """The values that a model has in the groups of the free parameters; nan where values of one group differ."""
    found = {}
    for entry in config.free:
        values = np.asarray(model.get(entry.name), float)
        try:
            comp = model.compartments(entry.name)
            group = labels(model.compiled_from.cable, entry.share)[0][comp]
        except ValueError:  # a stimulus's or a clamp's
            group = np.arange(len(values)) if entry.share == "instance" else np.zeros(len(values), int)
        members = [values[group == g] for g in np.unique(group)]
        found[entry.name] = np.array([m[0] if np.ptp(m) <= 1e-6 * abs(m[0]) else np.nan for m in members])
    return found


def optimiser(config: FitConfig) -> optax.GradientTransformation:
    """The optimiser of [fit]; the learning rate falls along a cosine to `decay` times its start."""
    rate: Any = config.learning_rate
    if config.decay < 1.0:
        rate = optax.cosine_decay_schedule(config.learning_rate, config.steps, config.decay)
    made: optax.GradientTransformation = OPTIMISERS[config.optimiser](rate)
    return made if config.clip is None else optax.chain(optax.clip_by_global_norm(config.clip), made)


def train(p: Problem, progress: Any) -> FitResult:
    """Run the optimiser; Ctrl-C ends it and keeps what was reached."""
    simulation = p.config.simulation

    def loss(theta: Any) -> jax.Array:
        return p.objective.loss(build.run(p.free.into(p.model, theta), simulation).v)

    settings = p.config.fit
    try:
        return fit(
            loss, p.theta, optimiser(settings), settings.steps, target_loss=settings.target_loss, progress=progress
        )
    except ValueError as error:
        raise p.config.fit.table.fail(None, " ".join(str(error).split())) from None


def outcome(p: Problem, result: FitResult) -> Outcome:
    """The numbers to show and to keep."""
    # The program of the simulated target again, not a new one: nothing is compiled.
    before, after = (build.run(p.free.into(p.model, theta), p.config.simulation) for theta in (p.theta, result.theta))
    start, fitted = (
        {k: np.asarray(v, float) for k, v in p.free.values(theta).items()} for theta in (p.theta, result.theta)
    )
    return Outcome(
        result, start, fitted, np.asarray(before.t, float), np.asarray(before.v, float), np.asarray(after.v, float)
    )

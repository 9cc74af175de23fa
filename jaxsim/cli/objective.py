"""What a fit minimises: recorded voltages against a trace, or statistics of them against numbers."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jaxsim as js
from jaxsim.cli import build
from jaxsim.cli.config import Config, Feature, TargetConfig, voltage_rows
from jaxsim.cli.data import read_samples
from jaxsim.fit.losses import causal_mse, mse, window_statistics

# Under the root of a standard deviation, so that its gradient is finite where the voltage rests.
_REST_VARIANCE = 1e-4  # mV2


@dataclasses.dataclass(frozen=True, eq=False)
class Objective:
    """What is compared and how.

    Args:
        loss: from (n_probe, n_time) [mV] recorded voltages to one number.
        unit: its unit.
        target: (n_probe, n_time) [mV] the target voltages, nan where there are none; None for features.
    """

    loss: Callable[[jax.Array], jax.Array]
    unit: str
    target: np.ndarray | None


def objective(config: Config, built: js.Cell, model: js.Model) -> Objective:
    """The objective of [target]."""
    goal = config.target
    if goal is None:
        raise ValueError("a configuration without [target] has no objective.")
    rows = voltage_rows(config.records)
    if not rows:
        raise goal.table.fail(None, 'a fit compares voltages; add [[records]] with quantity = "v".')
    t = np.arange(round(config.simulation.t_end / config.simulation.dt) + 1) * config.simulation.dt
    if goal.kind == "features":
        return Objective(_features(goal.features, t, rows), "1", None)
    if goal.kind == "simulated":
        target = np.asarray(build.run(true_model(config, built, model), config.simulation).v, float)
    else:
        target = _interpolated(goal, t, len(rows))
    counted = np.isfinite(target[0]) & (t >= goal.start - 1e-9)
    if not counted.any():
        raise goal.table.fail("start", f"leaves no sample to compare: the run ends at {config.simulation.t_end:g} ms.")
    if goal.loss == "windows":
        return Objective(_windows(goal, target, t, counted), "mV²", target)
    return Objective(_mean_square(target, counted, goal.causal), "mV²", target)


def true_model(config: Config, built: js.Cell, model: js.Model) -> js.Model:
    """The model that makes a simulated target: [target.parameters] over the cell's own values."""
    for value in config.target.parameters if config.target else ():
        for region, where, number in build.values_by_region(built.cable, value):
            key = region if region in value.table else value.name
            with value.table.blamed(key):
                at = None if region == "all" else where
                if at is not None and not np.any(at.mask(built.cable)[model.compartments(value.name)]):
                    mechanism = value.name.rpartition(".")[0]
                    raise value.table.fail(key, f"{mechanism} is not inserted in {region}; add it to [[channels]].")
                model = model.set(value.name, number, at)
    return model


def _interpolated(goal: TargetConfig, t: np.ndarray, n_record: int) -> np.ndarray:
    """The target trace at the simulation's times; nan outside its own."""
    times, rows = read_samples(goal.table, "v")
    if len(rows) != n_record:
        raise goal.table.fail("file", f"holds {len(rows)} voltage rows for {n_record} recorded voltages; one each.")
    return np.stack([np.interp(t, times, row, left=np.nan, right=np.nan) for row in rows])


def _mean_square(target: np.ndarray, counted: np.ndarray, causal: float | None) -> Callable[[jax.Array], jax.Array]:
    """Mean square difference over the samples that count, which follow each other."""
    at = np.flatnonzero(counted)
    span = slice(int(at[0]), int(at[-1]) + 1)
    aim = target[:, span]

    def loss(v: jax.Array) -> jax.Array:
        part, goal = v[:, span], jnp.asarray(aim, v.dtype)
        return mse(part, goal) if causal is None else causal_mse(part, goal, causal)

    return loss


def _windows(
    goal: TargetConfig, target: np.ndarray, t: np.ndarray, counted: np.ndarray
) -> Callable[[jax.Array], jax.Array]:
    """Mean square difference of the means and of the standard deviations in consecutive windows."""
    used = t[counted]
    edges = np.arange(used[0], used[-1] + 1e-9, goal.window)
    windows = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    if not windows or goal.window < 2 * (t[1] - t[0]):
        span = f"{used[-1] - used[0]:g} ms"
        raise goal.table.fail(
            "window", f"must hold two steps and fit into the {span} compared, got {goal.window:g} ms."
        )
    aim = np.asarray(window_statistics(jnp.asarray(np.nan_to_num(target)), jnp.asarray(t), windows))

    def loss(v: jax.Array) -> jax.Array:
        return mse(window_statistics(v, jnp.asarray(t, v.dtype), windows), jnp.asarray(aim, v.dtype))

    return loss


def _features(features: tuple[Feature, ...], t: np.ndarray, rows: dict[int, int]) -> Callable[[jax.Array], jax.Array]:
    """Mean over the features of ((statistic - value) / scale)^2."""
    parts: list[tuple[Feature, np.ndarray]] = []
    for f in features:
        inside = np.flatnonzero((t >= f.window[0] - 1e-9) & (t <= f.window[1] + 1e-9))
        if len(inside) < 2:
            raise f.table.fail("window", f"holds {len(inside)} samples; the run is from 0 to {t[-1]:g} ms.")
        parts.append((f, inside))

    def loss(v: jax.Array) -> jax.Array:
        errors = [(_statistic(f.statistic, v[rows[f.record], i[0] : i[-1] + 1]) - f.value) / f.scale for f, i in parts]
        return jnp.mean(jnp.stack(errors) ** 2)

    return loss


def _statistic(name: str, v: jax.Array) -> jax.Array:
    if name == "sd":
        return jnp.sqrt(v.var() + _REST_VARIANCE)
    reduce: dict[str, Any] = {"mean": jnp.mean, "max": jnp.max, "min": jnp.min}
    return reduce[name](v)

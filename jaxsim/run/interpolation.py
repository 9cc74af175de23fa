"""Values between the steps of a run that chose them."""

from typing import Any

import jax
import jax.numpy as jnp

from jaxsim.numerics.step_control import Taken


def on_grid(first: dict[str, jax.Array], rows: dict[str, jax.Array], taken: Taken, dtype: Any) -> dict[str, jax.Array]:
    """Recorded values at every point of the grid: as they are where a step ended, within a step on a parabola.

    The parabola goes through the step's two ends and the end of the step before: what the run was controlled by.

    Args:
        first: quantity -> (n_picked,), at the start.
        rows: quantity -> (n_grid, n_picked), at the end of each step; only the first `count` mean something.
        taken: the steps.
        dtype: precision of the weights.

    Returns:
        Quantity -> (n_grid + 1, n_picked).
    """
    ended = ends_on_grid(taken).astype(jnp.int32)
    right = jnp.maximum(jnp.cumsum(ended) - ended, 1)  # the first knot that is not earlier
    around = jnp.stack([jnp.maximum(right - 2, 0), right - 1, right])
    t_0, t_1, t_2 = _knots(taken)[around]
    at = jnp.arange(right.shape[0], dtype=t_1.dtype)
    length, before, done, left = (x.astype(dtype) for x in (t_2 - t_1, t_1 - t_0, at - t_1, t_2 - at))
    # The first steps are of one interval each: a point inside a step always has two knots before it. Elsewhere the
    # weights are 0, 0, 1; at the start 0, 1, 0.
    share = done / length
    bend = jnp.where(before > 0.0, -left / jnp.maximum(before, 1.0), 0.0) * done / (length + before)
    weights = jnp.stack([bend, 1.0 - share - bend * (length + before) / length, share + bend * before / length])
    values = {what: jnp.concatenate([first[what][None], rows[what]])[around] for what in rows}
    return {what: (weights[:, :, None] * x).sum(axis=0) for what, x in values.items()}


def ends_on_grid(taken: Taken) -> jax.Array:
    """(n_grid + 1,) bool, the start and where a step ended."""
    knots = _knots(taken)
    return jnp.zeros(knots.shape[0], bool).at[knots].set(True)


def _knots(taken: Taken) -> jax.Array:
    """(n_grid + 1,) int32, where the run began and each step ended; the grid's end for rows that mean nothing."""
    n = taken.begin.shape[0]
    ends = jnp.where(jnp.arange(n, dtype=jnp.int32) < taken.count, taken.begin + (1 << taken.level), n)
    return jnp.concatenate([jnp.zeros(1, ends.dtype), ends])

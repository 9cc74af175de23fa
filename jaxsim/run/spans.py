"""What acts from outside during every step that there can be."""

import jax
import jax.numpy as jnp

from jaxsim._struct import struct
from jaxsim.model.circuit import Inputs
from jaxsim.model.drive import Drive
from jaxsim.numerics.step_control import Acting, Grid

# A longer step is refused where what acts in it varies by more than this share of its largest value.
_STEADY = 0.01


@struct
class First:
    """What is read in the first interval of a step.

    Attributes:
        starting: as in `Drive`.
        clamped: the same.
        jump: (1,), by which share of its largest value what acts jumps at the start of the interval.
    """

    starting: jax.Array
    clamped: jax.Array
    jump: jax.Array


@struct
class Last:
    """What is read in the last interval of a step, as in `Drive`."""

    ending: jax.Array
    command: jax.Array
    later: Inputs


@struct
class Mean:
    """Means over a step.

    Attributes:
        current: (n_stimulated,) [nA], so that the charge of a step is exact whatever its size.
        inputs: mechanism -> function of time -> (n_place,).
        jump: (1,), as in `First`.
    """

    current: jax.Array
    inputs: Inputs
    jump: jax.Array


def acting(drive: Drive, grid: Grid) -> Acting:
    """What acts in steps of every size.

    Args:
        drive: what acts during each of the grid's intervals, leading axis grid.n.
        grid: the steps that there can be.

    Returns:
        The rows.
    """
    jump = _jumps(jax.lax.stop_gradient(drive))
    return Acting(
        first=First(drive.starting, drive.clamped, jump),
        last=Last(drive.ending, drive.command, drive.later),
        mean=jax.tree.map(grid.means, Mean(drive.current, drive.inputs, jump)),
    )


def _jumps(drive: Drive) -> jax.Array:
    """(n, 1), the greatest jump from the interval before, as a share of the largest value of what jumps."""
    x = jnp.concatenate(
        [drive.current, drive.clamped.astype(drive.current.dtype), *jax.tree.leaves(drive.inputs)], axis=1
    )
    largest = jnp.max(jnp.abs(x), axis=0)
    share = jnp.abs(jnp.diff(x, axis=0, prepend=x[:1])) / jnp.where(largest > 0.0, largest, 1.0)
    return jnp.max(share, axis=1, keepdims=True, initial=0.0)


def drive_of(acts: Acting) -> Drive:
    """What acts in a step."""
    first, last = acts.first, acts.last
    mean = acts.mean
    return Drive(mean.current, last.ending, first.starting, last.command, first.clamped, mean.inputs, last.later, {})


def may_be_long(acts: Acting, h: jax.Array) -> jax.Array:
    """() bool, whether nothing jumps inside a step of h intervals and no clamp holds."""
    steady = jnp.all(acts.mean.jump * h - acts.first.jump <= _STEADY)
    return steady & ~jnp.any(acts.first.clamped)

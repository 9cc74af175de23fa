"""Steps of a run that chooses them: which there can be, how far one deviates, which comes next.

Time is a grid of n intervals. A step of level l covers 2^l of them and begins at a multiple of 2^l: steps halve and
double, and what acts from outside can be laid out beforehand for every step there can be. A step of level 0 is always
taken.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxsim._struct import struct

# A step of twice the size deviates eight times as much (third order), and a margin.
_UP = 0.1
_PER_LEVEL = 3.0
# So many steps must be known before a deviation means anything.
KNOWN = 3


class Span(NamedTuple):
    """Lengths of steps, in intervals of the grid.

    Attributes:
        h: () of this step.
        before: () of the step before it, 0 at the start.
    """

    h: jax.Array
    before: jax.Array


class Trial(NamedTuple):
    """What tells how far a step has deviated.

    Attributes:
        old: the state before the step.
        new: the state after it.
        past: what `Watch.remember` gave of the state before the previous step.
        h: () length of the step, in intervals of the grid.
        h1: () length of the one before.
        h2: () length of the one before that.
    """

    old: Any
    new: Any
    past: Any
    h: jax.Array
    h1: jax.Array
    h2: jax.Array


class Watch(NamedTuple):
    """How a run is watched; functions that are equal where they do the same.

    Attributes:
        deviation: (constants, input, Trial) -> () how far a step deviates, in units of what is tolerated.
        remember: state -> what of it is needed two steps later.
    """

    deviation: Callable[[Any, Any, Trial], jax.Array]
    remember: Callable[[Any], Any]


@struct
class Taken:
    """The steps of a run.

    Attributes:
        begin: (n_grid,) int32, where each began; only the first `count` mean something.
        level: (n_grid,) int32, that its length is 2^level.
        count: () int32.
    """

    begin: jax.Array
    level: jax.Array
    count: jax.Array


class Acting(NamedTuple):
    """What acts from outside, by the step: arrays of which a step reads one row each.

    Attributes:
        first: of its first interval, leading axis n.
        last: of its last interval, the same.
        mean: the mean over the step, in the rows of `Grid.means`.
    """

    first: Any
    last: Any
    mean: Any


class Grid(NamedTuple):
    """The steps that there can be.

    Attributes:
        n: number of intervals.
        levels: the greatest level.
    """

    n: int
    levels: int

    def means(self, x: jax.Array) -> jax.Array:
        """The mean over every step that there can be: (n, m) -> (n_row, m), level by level.

        The last steps of a level may lie beyond the end, and are never taken.
        """
        levels = [jnp.concatenate([x, jnp.repeat(x[-1:], self._rows(0) - self.n, axis=0)])]
        for _ in range(self.levels):
            levels.append(0.5 * (levels[-1][::2] + levels[-1][1::2]))
        return jnp.concatenate(levels)

    def _rows(self, level: int) -> int:
        return -(-self.n // 2**self.levels) * 2 ** (self.levels - level)

    def rows(self, begin: jax.Array, level: jax.Array) -> Acting:
        """The row of a step in each part of `Acting`, () int32."""
        first = np.cumsum([0, *(self._rows(k) for k in range(self.levels))]).astype(np.int32)
        one = np.int32(1)
        return Acting(begin, begin + (one << level) - one, jnp.asarray(first)[level] + (begin >> level))

    def largest(self, begin: jax.Array) -> jax.Array:
        """() int32, the level of the largest step that may begin here: a multiple of its length, not beyond the end."""
        aligned = lax.population_count((begin & -begin) - 1)  # of 0 every bit
        fits = 31 - lax.clz(np.int32(self.n) - begin)
        return jnp.minimum(jnp.minimum(aligned, fits), np.int32(self.levels))


def next_level(level: jax.Array, deviation: jax.Array, grid: Grid) -> jax.Array:
    """() int32, the level to try after a step that was taken; one more where it deviated little."""
    return jnp.minimum(level + (deviation < _UP).astype(np.int32), np.int32(grid.levels))


def lower_level(level: jax.Array, deviation: jax.Array) -> jax.Array:
    """A level at which the step, of third order, may be expected not to deviate too much; at least one lower."""
    finite = jnp.clip(deviation, 1.0, 1e30)  # NaN stays NaN
    down = jnp.where(finite <= 1e30, jnp.ceil(jnp.log2(finite) / _PER_LEVEL), 32.0).astype(np.int32)
    return jnp.maximum(level - jnp.maximum(down, 1), 0)

"""Transforms: smooth bijections between a number without bounds, which an optimiser moves, and a physical one.

A transform also says which values of a parameter share one number (`share`) and where it is free (`at`). A new one is a
subclass of `AbstractTransform` with `bounds`, `forward` and `_inverse`.
"""

import abc
import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxsim.cable.where import as_region
from jaxsim.errors import must, unknown

# "instance" is for stimuli and clamps, the others for what belongs to compartments.
SHARES = ("cell", "region", "branch", "compartment", "instance")

# Where `Bounded.restore` puts a value that stands on a bound: sigmoid(-745) = 5e-324, the smallest double above zero.
_EDGE = 745.0

# Where `Positive` goes on as a line, so that no step overflows: exp(60) = 1e26, in float32 too.
_LINE = 60.0


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class AbstractTransform(abc.ABC):
    """A bijection from the real numbers to a parameter's range, with what shares a number and where.

    Args:
        share: ``"cell"`` (one number), ``"region"``, ``"branch"``, ``"compartment"``, or (n_comp,) labels, integers or
            strings: values with one label share one number. For stimuli and clamps ``"cell"`` or ``"instance"``.
        at: the region (or its name) in which the parameter is free; everywhere by default. Outside it never moves.

    Raises:
        TypeError: if at is no region.
        ValueError: if share is neither a known word nor labels.
    """

    share: Any = dataclasses.field(default="cell", kw_only=True)
    at: Any = dataclasses.field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.at is not None:
            as_region(self.at)
        if isinstance(self.share, str):
            if self.share not in SHARES:
                raise ValueError(unknown("share", self.share, SHARES, "Or give one label for each compartment."))
            return
        labels = np.array(self.share)
        if labels.ndim != 1 or labels.dtype.kind not in "iuU":
            words = ", ".join(repr(word) for word in SHARES)
            raise ValueError(must("share", f"be {words}, or (n_comp,) labels (integers or strings)", self.share))
        labels.setflags(write=False)
        object.__setattr__(self, "share", labels)

    @property
    @abc.abstractmethod
    def bounds(self) -> tuple[float, float]:
        """The physical range, open at both ends."""

    @abc.abstractmethod
    def forward(self, x: jax.Array) -> jax.Array:
        """The physical values of unconstrained x, any shape; pure, finite in value and gradient."""

    @abc.abstractmethod
    def _inverse(self, y: np.ndarray) -> np.ndarray:
        """The unconstrained numbers of y, which lies inside the bounds."""

    def inverse(self, y: Any, name: str = "the value") -> np.ndarray:
        """The unconstrained numbers of physical values, in double precision.

        Args:
            y: physical values, any shape.
            name: what they are called in messages.

        Returns:
            Array of the shape of y [1].

        Raises:
            ValueError: if a value lies on a bound or outside; nothing is clipped.
        """
        y = np.asarray(y, np.float64)
        low, high = self.bounds
        wrong = ~(np.isfinite(y) & (y > low) & (y < high))
        if np.any(wrong):
            fix = "Give a finite value." if not math.isfinite(high - low) else "Start inside the bounds, or widen them."
            raise ValueError(must(name, _range(low, high), float(y[wrong].flat[0]), fix))
        return np.asarray(self._inverse(y))

    def restore(self, y: Any, name: str = "the value") -> np.ndarray:
        """As `inverse`, for values y that a fit returned, called name: rounding may have put one on a bound exactly."""
        return self.inverse(y, name)

    def quantile(self, u: jax.Array) -> jax.Array:
        """The unconstrained numbers at fractions u of the physical range, any shape, for uniform start values.

        Raises:
            ValueError: if the range is not finite.
        """
        raise ValueError(must("a parameter with random start values", "have two finite bounds", self, "Use Bounded."))

    def __repr__(self) -> str:
        own = [repr(getattr(self, f.name)) for f in dataclasses.fields(self) if f.name not in ("share", "at")]
        shared = [] if isinstance(self.share, str) and self.share == "cell" else [f"share={self.share!r}"]
        confined = [] if self.at is None else [f"at={self.at!r}"]
        return f"{type(self).__name__}({', '.join(own + shared + confined)})"

    def sharing(self) -> str:
        """How share and at are written in a table."""
        share = self.share if isinstance(self.share, str) else "labels"
        return share if self.at is None else f"{share} @ {self.place()}"

    def place(self) -> str:
        """How the region `at` is called; "everywhere" without one."""
        if self.at is None:
            return "everywhere"
        return self.at if isinstance(self.at, str) else repr(as_region(self.at))


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Bounded(AbstractTransform):
    """A number between two bounds.

        y = low + (high - low) / (1 + exp(-x))

    It reaches a bound only by rounding, and never passes it. Relative to the range, x = 0 is the middle.

    Args:
        low: lower bound, in the parameter's unit [its unit].
        high: upper bound [its unit].
        share: ``"cell"`` (one number), ``"region"``, ``"branch"``, ``"compartment"``, or (n_comp,) labels, integers or
            strings; for stimuli and clamps ``"cell"`` or ``"instance"``.
        at: the region (or its name) in which the parameter is free; everywhere by default. Outside it never moves.

    Raises:
        TypeError: if at is no region.
        ValueError: if the bounds are not finite or not in order, or share is neither a known word nor labels.

    >>> Bounded(0.0, 10.0).inverse([2.0, 5.0])
    array([-1.386,  0.   ])
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        super().__post_init__()
        for word in ("low", "high"):
            bound = getattr(self, word)
            number = isinstance(bound, int | float | np.number) and not isinstance(bound, bool)
            if not number or not math.isfinite(bound):
                fix = "Without bounds use Unbounded(), with a lower bound of zero Positive()."
                raise ValueError(must(f"Bounded's {word}", "be a finite number", bound, fix))
            object.__setattr__(self, word, float(bound))
        if not self.low < self.high:
            raise ValueError(must("Bounded(low, high)", "have low < high", (self.low, self.high)))

    @property
    def bounds(self) -> tuple[float, float]:
        return self.low, self.high

    def forward(self, x: jax.Array) -> jax.Array:
        # Each half is measured from its own bound: no rounding passes it, and small distances to it keep their digits.
        span = self.high - self.low
        below = self.low + span * jax.nn.sigmoid(x)
        above = self.high - span * jax.nn.sigmoid(-x)
        return jnp.where(x < 0.0, below, above)

    def _inverse(self, y: np.ndarray) -> np.ndarray:
        return np.log(y - self.low) - np.log(self.high - y)

    def restore(self, y: Any, name: str = "the value") -> np.ndarray:
        y = np.asarray(y, np.float64)
        on_bound = (y == self.low) | (y == self.high)
        middle = 0.5 * self.low + 0.5 * self.high
        inside = self.inverse(np.where(on_bound, middle, y), name)
        return np.where(on_bound, np.where(y == self.low, -_EDGE, _EDGE), inside)

    def quantile(self, u: jax.Array) -> jax.Array:
        return jnp.log(u) - jnp.log1p(-u)


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Positive(AbstractTransform):
    """A positive number, on a logarithmic scale.

        y = exp(x)

    A step of the optimiser is then a relative change, whatever the unit: parameters run from 1e-6 S/cm2 to 1e2 ohm cm,
    and softplus, the other common choice, would move the first by factors and the last by single units. Above exp(60)
    the curve goes on as its tangent, so that nothing overflows.

    Args:
        share: ``"cell"`` (one number), ``"region"``, ``"branch"``, ``"compartment"``, or (n_comp,) labels, integers or
            strings; for stimuli and clamps ``"cell"`` or ``"instance"``.
        at: the region (or its name) in which the parameter is free; everywhere by default. Outside it never moves.

    Raises:
        TypeError: if at is no region.
        ValueError: if share is neither a known word nor labels.

    >>> Positive().inverse([1.0, 10.0])
    array([0.   , 2.303])
    """

    @property
    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf

    def forward(self, x: jax.Array) -> jax.Array:
        return jnp.exp(jnp.minimum(x, _LINE)) * (1.0 + jnp.maximum(x - _LINE, 0.0))

    def _inverse(self, y: np.ndarray) -> np.ndarray:
        top = math.exp(_LINE)
        return np.log(np.minimum(y, top)) + (np.maximum(y, top) / top - 1.0)


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Unbounded(AbstractTransform):
    """Any number, measured in a unit of the user's choice.

        y = scale x

    Args:
        scale: [its unit] what a unit step of x means, e.g. 10.0 for a reversal potential that may err by 10 mV.
        share: ``"cell"`` (one number), ``"region"``, ``"branch"``, ``"compartment"``, or (n_comp,) labels, integers or
            strings; for stimuli and clamps ``"cell"`` or ``"instance"``.
        at: the region (or its name) in which the parameter is free; everywhere by default. Outside it never moves.

    Raises:
        TypeError: if at is no region.
        ValueError: if scale is not positive and finite, or share is neither a known word nor labels.

    >>> Unbounded(scale=10.0).inverse(-70.0)
    array(-7.)
    """

    scale: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        number = isinstance(self.scale, int | float | np.number) and not isinstance(self.scale, bool)
        if not number or not (math.isfinite(self.scale) and self.scale > 0.0):
            raise ValueError(must("Unbounded's scale", "be positive and finite", self.scale))
        object.__setattr__(self, "scale", float(self.scale))

    @property
    def bounds(self) -> tuple[float, float]:
        return -math.inf, math.inf

    def forward(self, x: jax.Array) -> jax.Array:
        return self.scale * x

    def _inverse(self, y: np.ndarray) -> np.ndarray:
        return y / self.scale


def _range(low: float, high: float) -> str:
    if math.isfinite(low) and math.isfinite(high):
        return f"lie strictly between {low:g} and {high:g}"
    return "be positive and finite" if low == 0.0 else "be finite"

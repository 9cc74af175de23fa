"""`Adaptive`: steps as long as the voltage allows."""

import dataclasses
import math

import jax
import jax.numpy as jnp

from jaxsim.errors import must
from jaxsim.model.circuit import Circuit
from jaxsim.model.drive import Drive
from jaxsim.model.membrane import advance_drifting_gates
from jaxsim.model.voltage import two_stage_voltage, where_held
from jaxsim.numerics.adaptive_scan import adaptive_scan, plain_adaptive_scan
from jaxsim.numerics.ops import Ops
from jaxsim.numerics.step_control import Acting, Grid, Span, Taken, Trial, Watch
from jaxsim.run.methods import Moving
from jaxsim.run.probes import observe
from jaxsim.run.spans import acting, during


@dataclasses.dataclass(frozen=True)
class Adaptive:
    """TR-BDF2 with steps of dt, 2 dt, 4 dt, ... as long as the voltage allows; for long quiet stretches.

    dt is the shortest step and the grid of what is recorded. Where something happens a run takes steps of dt and
    equals `TRBDF2`; where nothing does, it takes fewer and longer ones. A step is taken where at every node the voltage
    ends no further than `tolerance` from the parabola p through its last three values:

        |v(t+h) - p(t+h)| <= tolerance

    Else it is tried again, shorter, unless it is dt. No longer step crosses a switch of a stimulus or a clamp (or any
    change by more than 1 % of the largest value), and the charge of a stimulus is exact in each. Gates move from the
    middle of the last step to that of the next, x_inf and tau those of the voltage in between. Values between the
    steps' ends are read from the same parabolas.

    A gradient is that of a run with the steps that this one took. The lanes of a batch (`jax.vmap`) take the same
    steps: where one needs a short step, all take it. A run that is continued begins with steps of dt.

    Attributes:
        tolerance: [mV] as above. Errors of spike times follow it; near a threshold they ask for a small one.
        longest: [ms] no step is longer.

    Raises:
        ValueError: if the tolerance is not positive, or `longest` not positive and finite.

    Source: TR-BDF2, Bank et al. 1985, IEEE Trans CAD 4:436; the prediction as measure of the error: Milne 1926, Am Math
    Mon 33:455, as circuit simulators use it (Nagel 1975, SPICE2, UCB/ERL M520).
    """

    tolerance: float = 1e-3
    longest: float = 3.2

    def __post_init__(self) -> None:
        if not self.tolerance > 0.0:
            raise ValueError(must("tolerance", "be positive [mV]", self.tolerance))
        if not (self.longest > 0.0 and math.isfinite(self.longest)):
            raise ValueError(must("longest", "be positive and finite [ms]", self.longest))


def grid_of(method: Adaptive, n_step: int, dt: float) -> Grid:
    """The steps that a run of n_step intervals of dt [ms] may take."""
    most = math.floor(math.log2(max(method.longest / dt * (1.0 + 1e-9), 1.0)))
    return Grid(n_step, min(most, n_step.bit_length() - 1))


def run_adaptive(
    circuit: Circuit, dt: jax.Array, tolerance: jax.Array, now: Moving, drive: Drive, grid: Grid, plain: bool
) -> tuple[Moving, dict[str, jax.Array], Taken]:
    """A run with steps of its own choice.

    Args:
        circuit: the circuit.
        dt: () [ms], an interval of the grid.
        tolerance: () [mV].
        now: the state at the start, the gates at the voltage's time.
        drive: what acts during each interval, leading axis grid.n.
        grid: the steps that there can be.
        plain: whether JAX differentiates the loop itself, in forward mode.

    Returns:
        The last state, its gates half a step behind; what is observed after each step; the steps.
    """
    scan = plain_adaptive_scan if plain else adaptive_scan
    watch = Watch(_deviation, _remember)
    return scan(_step, watch, grid, (circuit, dt, tolerance), now, acting(drive, grid))


_Constants = tuple[Circuit, jax.Array, jax.Array]


def _step(
    constants: _Constants, now: Moving, acts: Acting, span: Span, ops: Ops
) -> tuple[Moving, dict[str, jax.Array]]:
    """Gates to the middle of the step, the voltage over it, and what is observed at its end."""
    circuit, dt, _ = constants
    drive, _ = during(acts, span.h)
    h = span.h * dt
    ratio = span.h / jnp.maximum(span.before, 1.0)
    change = now.v - _before(now)
    middle, drift = ops.apart(now.v + (0.25 * (ratio - 1.0)) * change, (0.5 * (1.0 + ratio)) * change)
    gates = advance_drifting_gates(circuit, now.gates, middle, drift, 0.5 * (span.before * dt + h), ops)
    v, clamp_current = two_stage_voltage(circuit, now.v, gates, drive, h, ops)
    new = Moving(v, gates, where_held(circuit, drive.starting, now.v, drive, ops))
    return new, observe(circuit, v, gates, -0.5 * h, clamp_current, ops)


def _before(now: Moving) -> jax.Array:
    if now.before is None:
        raise TypeError("an adaptive run needs the voltage one step earlier.")
    return now.before


def _remember(now: Moving) -> jax.Array:
    return _before(now)


def _deviation(constants: _Constants, acts: Acting, trial: Trial) -> jax.Array:
    """How far the voltage lies from the parabola through its last three values, in units of the tolerance."""
    old, h, h1, h2 = trial.old, trial.h, trial.h1, trial.h2
    slope = (old.v - _before(old)) / h1
    bend = (slope - (_before(old) - trial.past) / h2) / (h1 + h2)
    expected = h * (slope + (h + h1) * bend)
    far = jnp.max(jnp.abs((trial.new.v - old.v) - expected)) / constants[2]
    return jnp.where(during(acts, h)[1], far, jnp.inf)

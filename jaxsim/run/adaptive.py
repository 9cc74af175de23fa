"""`Adaptive`: steps as long as the voltage allows."""

import dataclasses
import math
from numbers import Real
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxsim._struct import struct
from jaxsim.errors import must
from jaxsim.model.circuit import Circuit
from jaxsim.model.drive import Drive, during, ending
from jaxsim.model.gates import advance_drifting_gates
from jaxsim.model.ions import Concentrations, Gates, halfway, reading
from jaxsim.model.pools import advance_concentrations
from jaxsim.model.voltage import two_stage_voltage
from jaxsim.numerics.adaptive_scan import adaptive_scan, plain_adaptive_scan
from jaxsim.numerics.ops import Ops
from jaxsim.numerics.step_control import Acting, Grid, Span, Taken, Trial, Watch
from jaxsim.run.probes import observe
from jaxsim.run.spans import acting, drive_of, may_be_long


@dataclasses.dataclass(frozen=True)
class Adaptive:
    """TR-BDF2 with steps of dt, 2 dt, 4 dt, ... as long as the voltage allows; for long quiet stretches.

    dt is the shortest step and the grid of what is recorded. Where something happens a run takes steps of dt and
    equals `TRBDF2`; where nothing does, it takes fewer and longer ones. A step is taken where at every node the voltage
    ends no further than `tolerance` from the parabola p through its last three values:

        |v(t+h) - p(t+h)| <= tolerance

    Else it is tried again, shorter, unless it is dt. No longer step crosses a switch of a stimulus (more than 1 % of
    its largest value in the run), and the charge of a stimulus is exact in each. While a clamp holds, all steps are
    dt: its current moves where the voltage does not. Gates move from the middle of the last step to that of the next,
    x_inf and tau those of the voltage in between. Values between the steps' ends are read from the same parabolas.

    A gradient is that of a run with the steps that this one took; with `gradient=Plain()`, in forward mode only. The
    lanes of a batch (`jax.vmap`) take the same steps: where one needs a short step, all take it (with `Plain()`, or
    where whole models are batched, each takes its own). A run that is continued begins with steps of dt. Another dt may
    be compiled anew.

    Attributes:
        tolerance: [mV] as above; by default 1e-4, in single precision 1e-3 (less is its rounding). Where a cell creeps
            towards its threshold, spike times ask for a smaller one.
        longest: [ms] no step but dt is longer.

    Raises:
        TypeError: if one is no number.
        ValueError: if the tolerance is not positive, or `longest` not positive and finite.

    Source: TR-BDF2, Bank et al. 1985, IEEE Trans CAD 4:436; the prediction as measure of the error: Milne 1926, Am Math
    Mon 33:455, as circuit simulators use it (Nagel 1975, SPICE2, UCB/ERL M520).
    """

    tolerance: float | None = None
    longest: float = 3.2

    def __post_init__(self) -> None:
        for name, x in (("tolerance", self.tolerance), ("longest", self.longest)):
            if not isinstance(x, Real) and (name, x) != ("tolerance", None):
                raise TypeError(must(name, "be a plain number", x))
        if self.tolerance is not None and not self.tolerance > 0.0:
            raise ValueError(must("tolerance", "be positive [mV]", self.tolerance))
        if not (self.longest > 0.0 and math.isfinite(self.longest)):
            raise ValueError(must("longest", "be positive and finite [ms]", self.longest))


def tolerance_of(method: Adaptive, dtype: Any) -> float:
    """[mV], the one that was given, or the default of a precision."""
    if method.tolerance is not None:
        return method.tolerance
    return 1e-3 if np.dtype(dtype) == np.float32 else 1e-4


def grid_of(method: Adaptive, n_step: int, dt: float) -> Grid:
    """The steps that a run of n_step intervals of dt [ms] may take."""
    most = math.floor(math.log2(min(max(method.longest / dt * (1.0 + 1e-9), 1.0), n_step)))
    return Grid(n_step, most)


@struct
class Riding:
    """What the loop carries from step to step.

    Attributes:
        v: (n_node,) [mV], voltage at t.
        gates: channel or pool -> state -> (n_place,), channels' half a step earlier, at the start at t; pools' at t.
        ions: ion -> "inside" or "outside" -> (n_node,) [mM], at t.
        change: (n_node,) [mV], by how much the voltage changed in the last step.
        ions_change: as ions [mM], by how much they changed in it.
    """

    v: jax.Array
    gates: Gates
    ions: Concentrations
    change: jax.Array
    ions_change: Concentrations


def run_adaptive(
    circuit: Circuit, dt: jax.Array, tolerance: jax.Array, now: Riding, drive: Drive, grid: Grid, plain: bool
) -> tuple[Riding, dict[str, jax.Array], Taken]:
    """A run with steps of its own choice.

    Args:
        circuit: the circuit.
        dt: () [ms], an interval of the grid.
        tolerance: () [mV].
        now: the state at the start.
        drive: what acts during each interval, leading axis grid.n.
        grid: the steps that there can be.
        plain: whether JAX differentiates the loop itself, in forward mode.

    Returns:
        The last state; what is observed after each step; the steps.
    """
    scan = plain_adaptive_scan if plain else adaptive_scan
    watch = Watch(_deviation, _change)
    return scan(_step, watch, grid, (circuit, dt, tolerance), now, acting(drive, grid))


_Constants = tuple[Circuit, jax.Array, jax.Array]


def _step(
    constants: _Constants, now: Riding, acts: Acting, span: Span, ops: Ops
) -> tuple[Riding, dict[str, jax.Array]]:
    """Gates to the middle of the step, voltage and concentrations over it, and what is observed at its end."""
    circuit, dt, _ = constants
    drive, h = drive_of(acts), span.h * dt
    ratio = span.h / jnp.maximum(span.before, 1.0)
    middle, drift = ops.apart(now.v + (0.25 * (ratio - 1.0)) * now.change, (0.5 * (1.0 + ratio)) * now.change)
    gates = advance_drifting_gates(
        reading(during(circuit, drive), now.ions, ops), now.gates, middle, drift, 0.5 * (span.before * dt + h), ops
    )
    before = jax.tree.map(lambda c, change: c - ratio * change, now.ions, now.ions_change)
    wires = reading(during(circuit, drive), halfway(now.ions, before), ops)
    solved = two_stage_voltage(wires, now.v, gates, drive, h, ops)
    wires = ending(circuit, drive)
    ions, gates = advance_concentrations(wires, now.ions, gates, solved, h, ops)
    ions_change = jax.tree.map(jnp.subtract, ions, now.ions)
    seen = observe(wires, solved.v, gates, ions, -0.5 * h, solved, ops)
    return Riding(solved.v, gates, ions, solved.change, ions_change), seen


def _change(now: Riding) -> jax.Array:
    return now.change


def _deviation(constants: _Constants, acts: Acting, trial: Trial) -> jax.Array:
    """How far the voltage lies from the parabola through its last three values, in units of the tolerance.

    Made of its changes: in single precision these are good to their own rounding, not to that of the voltage.
    """
    h, h1, h2 = trial.h, trial.h1, trial.h2
    slope = trial.old.change / h1
    bend = (slope - trial.past / h2) / (h1 + h2)
    far = jnp.max(jnp.abs(trial.new.change - h * (slope + (h + h1) * bend))) / constants[2]
    return jnp.where(may_be_long(acts, h), far, jnp.inf)

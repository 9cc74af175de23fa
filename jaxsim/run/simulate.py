"""`simulate`: one verb, compiled once a structure."""

import dataclasses
import math
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from jaxsim._struct import replace
from jaxsim.errors import must
from jaxsim.model.circuit import Circuit, circuit
from jaxsim.model.clock import Clock
from jaxsim.model.drive import Drive, drives, ending, inputs_at
from jaxsim.model.events import receive_early
from jaxsim.model.model import Model
from jaxsim.model.self_events import own_name, own_names, waiting_names
from jaxsim.model.state import State, gates_moved, init_circuit, unknown_before
from jaxsim.model.voltage import Solved
from jaxsim.numerics.indexing import rows_at
from jaxsim.numerics.ops import PLAIN, Ops
from jaxsim.numerics.scan import checkpointed_scan, plain_scan
from jaxsim.numerics.step_control import Grid
from jaxsim.run.adaptive import Adaptive, Riding, grid_of, run_adaptive, tolerance_of
from jaxsim.run.interpolation import ends_on_grid, on_grid
from jaxsim.run.methods import AbstractMethod, DampedCrankNicolson, Moving
from jaxsim.run.probes import observe
from jaxsim.run.recording import Recording

# t_end / dt may miss a whole number by the rounding of a decimal dt such as 0.025 over n steps, and no more.
_WHOLE_RELATIVE, _WHOLE_STEPS = 1e-9, 1e-3


@dataclasses.dataclass(frozen=True)
class Checkpointed:
    """Reverse mode with one rule for the whole simulation: the default, for `jax.grad`.

    The state is kept at about sqrt(n_step) times; memory grows with sqrt(n_step), the cost is about four forward runs.
    """


@dataclasses.dataclass(frozen=True)
class Plain:
    """No rule for the whole simulation: JAX differentiates the loop step by step.

    For forward mode (`jax.jvp`, `jax.jacfwd`), which is the cheaper one for fewer than about four parameters. Reverse
    mode works too, and keeps every step's intermediate values; but not with `Adaptive`, whose loop has no known length.
    """


def simulate(
    model: Model,
    t_end: float,
    dt: float = 0.025,
    *,
    method: AbstractMethod | Adaptive = DampedCrankNicolson(),  # noqa: B008
    state: State | None = None,
    key: jax.Array | None = None,
    gradient: Checkpointed | Plain = Checkpointed(),
) -> Recording:
    """Run a model.

    The program is compiled once for a structure, method and number of steps; other parameter values, stimulus
    amplitudes, initial states or steps dt run the same program. It can be put into `jax.jit`, `jax.vmap` and
    `jax.grad`.

    Args:
        model: the compiled cell.
        t_end: [ms] how long to run, a whole number of steps; a plain number, as dt: under `jax.jit` close over both.
        dt: [ms] step.
        method: time scheme; `Adaptive()` chooses its steps, of dt and longer.
        state: where to start; a state that a recording returned continues that run to the bit, one of `Adaptive` within
            its tolerance. By default the model's initial voltage with gates at their steady state, at time 0. (A run of
            a single step may differ in the last bit: XLA compiles it without the loop.)
        key: () key of `jax.random`, from which a model with noise has its random numbers [1]: the same key, the same
            numbers. A batch is `jax.vmap` over keys.
        gradient: how the run is differentiated.

    Returns:
        The `Recording`: t (n_time,) [ms] with n_time = t_end / dt + 1, the values, and the last state.

    Raises:
        TypeError: if model, method, state or gradient is of another kind.
        ValueError: if dt is not positive, t_end not a whole number of steps, the state belongs to another model, or
            there is noise and no key.
    """
    if not isinstance(model, Model):
        raise TypeError(must("model", "be what cell.compile() returns", type(model).__name__))
    if not isinstance(method, AbstractMethod | Adaptive):
        raise TypeError(must("method", "be a scheme object such as DampedCrankNicolson()", method))
    if not isinstance(gradient, Checkpointed | Plain):
        raise TypeError(must("gradient", "be Checkpointed() or Plain()", gradient))
    n_step = _whole_steps(t_end, dt)
    if state is not None:
        _check_state(model, state)
    _check_noise(model, key, isinstance(method, Adaptive))
    bare = replace(model, info=None)
    start = None if state is None else replace(state, nodes=None)
    if isinstance(method, Adaptive):
        grid, plain = grid_of(method, n_step, float(dt)), isinstance(gradient, Plain)
        end, t, values, step_ends = _run_adaptive(bare, start, dt, tolerance_of(method, model.v.dtype), grid, plain)
    else:
        end, t, values, step_ends = _run(bare, start, dt, key, n_step, method, gradient)
    return Recording(t, values, replace(end, nodes=model.nodes), step_ends, model.compiled_from.probes)


def _check_state(model: Model, state: State) -> None:
    """A state continues only the structure that it comes from."""
    if not isinstance(state, State):
        raise TypeError(must("state", "be a State, such as recording.state", type(state).__name__))
    expected = {c.name: c.gates for c in model.layout.channels}
    expected |= {f.name: (*f.numbers, *waiting_names(f)) for f in model.layout.feeds if f.numbers or f.waiting}
    expected |= {own_name(c): own_names(c) for c in model.layout.channels if c.waiting}
    found = {name: tuple(gates) for name, gates in state.gates.items()}
    same = {k: set(v) for k, v in expected.items()} == {k: set(v) for k, v in found.items()}
    written = {ion.name: set(ion.written) for ion in model.layout.ions if ion.written}
    same &= written == {k: set(v) for k, v in state.ions.items()}
    n_node = model.wiring.forest.parent.shape[-1]
    if not same or jnp.shape(state.v)[-1:] != (n_node,):
        here = f"{n_node} nodes, the same ions and pools, and the states {expected}"
        raise ValueError(must("state", f"come from a model with {here}", f"{jnp.shape(state.v)[-1:]} and {found}"))
    if state.nodes is not None and model.nodes not in (None, state.nodes):
        raise ValueError(
            "this state belongs to a model with other nodes. A branch's end is a node where something is stimulated, "
            "clamped or recorded there: place or record at the same ends in both models."
        )
    if state.v.dtype != model.v.dtype:
        raise ValueError(must("state", f"have the model's precision, {model.v.dtype}", str(state.v.dtype)))


def _check_noise(model: Model, key: jax.Array | None, adaptive: bool) -> None:
    """Noise has a key, and steps of one size; point neurons too have these."""
    spiking = [c.name for c in model.layout.channels if c.spikes]
    if spiking and adaptive:
        rule = f"have steps of one size where a voltage is reset, as by {spiking[0]}"
        raise ValueError(must("method", rule, "Adaptive"))
    eventful = [feed.name for feed in model.layout.feeds] + [c.name for c in model.layout.channels if c.waiting]
    if eventful and adaptive:
        rule = f"have steps of one size where events arrive, as of {eventful[0]}"
        raise ValueError(must("method", rule, "Adaptive"))
    noisy = [c.name for c in model.layout.channels if c.noises]
    if noisy and adaptive:
        raise ValueError(must("method", f"have steps of one size where there is noise, as in {noisy[0]}", "Adaptive"))
    if noisy and key is None:
        fix = "Give key=jax.random.key(0), another number for other noise."
        raise ValueError(must("key", f"be given where there is noise, as in {noisy[0]}", key, fix))


def _whole_steps(t_end: float, dt: float) -> int:
    """The number of steps, or an error that names the nearest end."""
    t_end, dt = float(t_end), float(dt)
    if not (math.isfinite(dt) and dt > 0.0):
        raise ValueError(must("dt", "be positive and finite [ms]", dt))
    if not (math.isfinite(t_end) and t_end > 0.0):
        raise ValueError(must("t_end", "be positive and finite [ms]", t_end))
    n_step = round(t_end / dt)
    if n_step < 1 or abs(t_end / dt - n_step) > min(max(_WHOLE_RELATIVE * n_step, 1e-6), _WHOLE_STEPS):
        nearest = max(n_step, 1) * dt
        raise ValueError(
            must("t_end", f"be a whole number of steps of dt = {dt} ms", t_end, f"Nearest: {nearest:.12g} ms.")
        )
    return n_step


# the last state, times, values, where steps ended
_Ran = tuple[State, jax.Array, dict[str, jax.Array], jax.Array]


@partial(jax.jit, static_argnames=("n_step", "method", "gradient"))
def _run(
    model: Model,
    state: State | None,
    dt: Any,
    key: jax.Array | None,
    n_step: int,
    method: AbstractMethod,
    gradient: Checkpointed | Plain,
) -> _Ran:
    """The whole run as one program: parameters to circuit, drive of all steps, time loop, recording."""
    steady = state is None
    wires, state, clock, n, drive = _begin(model, state, dt, n_step, key, method.sees_instants)
    now, ahead = _enter(method, wires, state, clock, steady)

    scan = plain_scan if isinstance(gradient, Plain) else checkpointed_scan
    now, seen = scan(partial(_step, method), (wires, clock.dt), now, drive)

    first = _first_sample(wires, state, seen)
    values = {
        what: rows_at(jnp.concatenate([first[what][None], rows]).T, model.wiring.probe_row[what])
        for what, rows in seen.items()
    }
    end = _leave(now, replace(clock, n=clock.n + n_step), ahead)
    return end, clock.after(n), values, jnp.ones_like(n, bool)


@partial(jax.jit, static_argnames=("grid", "plain"))
def _run_adaptive(model: Model, state: State | None, dt: Any, tolerance: Any, grid: Grid, plain: bool) -> _Ran:
    """`_run` with steps that it chooses."""
    dtype, steady = model.v.dtype, state is None
    wires, state, clock, n, drive = _begin(model, state, dt, grid.n)
    gates = state.gates if steady else gates_moved(wires, state, jnp.zeros_like(clock.dt))
    unchanged = jnp.zeros_like(state.v), jax.tree.map(jnp.zeros_like, state.ions)
    start = Riding(state.v, gates, state.ions, *unchanged)
    now, seen, taken = run_adaptive(wires, clock.dt, jnp.asarray(tolerance, dtype), start, drive, grid, plain)

    first = _first_sample(wires, state, seen)
    every = on_grid(first, seen, taken, dtype)
    values = {what: rows_at(rows.T, model.wiring.probe_row[what]) for what, rows in every.items()}
    last = (1 << taken.level[taken.count - 1]).astype(dtype)
    later, ahead = replace(clock, n=clock.n + grid.n), -0.5 * last * clock.dt
    end = State(now.v, now.gates, now.ions, later, ahead, jnp.full_like(now.v, jnp.inf), unknown_before(now.ions))
    return end, clock.after(n), values, ends_on_grid(taken)


def _begin(
    model: Model, state: State | None, dt: Any, n_step: int, key: jax.Array | None = None, inside: bool = False
) -> tuple[Circuit, State, Clock, jax.Array, Drive]:
    """The circuit, the state at the start and its clock, the numbers of all samples, and what acts in each step."""
    dtype = model.v.dtype
    wires = circuit(model)
    state = init_circuit(model, wires) if state is None else state
    clock = state.clock.with_step(jnp.asarray(dt, dtype))
    wires = replace(wires, inputs_now=inputs_at(model, clock.t))
    n = jnp.arange(n_step + 1).astype(dtype)
    return wires, state, clock, n, drives(model, clock, n_step, key, inside)


def _enter(
    method: AbstractMethod, wires: Circuit, state: State, clock: Clock, steady: bool = False
) -> tuple[Moving, jax.Array]:
    """A state as the scheme carries it; how much its gates are ahead [ms].

    Gates at their steady state are there half a step later too: nothing is computed (and compiled).
    """
    ahead = 0.5 * clock.dt if method.staggered else jnp.zeros_like(clock.dt)
    known = lambda x: jnp.where(state.ahead == ahead, x, jnp.inf)  # noqa: E731
    before = known(state.before) if method.looks_back else None
    gates = state.gates if steady else gates_moved(wires, state, ahead)
    return Moving(state.v, gates, state.ions, jax.tree.map(known, state.ions_before), before), ahead


def _leave(now: Moving, clock: Clock, ahead: jax.Array) -> State:
    before = jnp.full_like(now.v, jnp.inf) if now.before is None else now.before
    return State(now.v, now.gates, now.ions, clock, ahead, before, now.ions_before)


def _step(
    method: AbstractMethod, constants: tuple[Circuit, jax.Array], now: Moving, drive: Drive, ops: Ops
) -> tuple[Moving, dict[str, jax.Array]]:
    wires, dt = constants
    now, flowed = _advance(method, constants, now, drive, ops)
    lead = 0.5 * dt if method.staggered else None
    return now, observe(ending(wires, drive), now.v, now.gates, now.ions, lead, flowed, ops)


def _advance(
    method: AbstractMethod, constants: tuple[Circuit, jax.Array], now: Moving, drive: Drive, ops: Ops
) -> tuple[Moving, Solved]:
    """The events that have come, then the scheme."""
    wires, dt = constants
    gates = receive_early(wires, now.v, now.gates, drive.events, drive.instant, dt, ops, method.sees_instants)
    return method.step(wires, replace(now, gates=gates), drive, dt, ops)


def _first_sample(wires: Circuit, state: State, seen: dict[str, jax.Array]) -> dict[str, jax.Array]:
    """The recorded quantities at the start; the current of a clamp and of an ion there is that of the first step."""
    nothing = jnp.zeros_like(state.v)
    no_current = jnp.zeros_like(wires.wiring.clamped.node, state.v.dtype)
    still = Solved(state.v, nothing, no_current, dict.fromkeys(wires.ions, nothing))
    first = observe(wires, state.v, state.gates, state.ions, state.ahead, still, PLAIN)
    for what in first:
        name, _, which = what.rpartition(".")
        if name in wires.layout.clamps or (name in wires.ions and which == "i"):
            first[what] = seen[what][0]
    return first


def step(
    model: Model,
    state: State,
    dt: Any,
    *,
    method: AbstractMethod = DampedCrankNicolson(),  # noqa: B008
    key: jax.Array | None = None,
) -> State:
    """One step, for programs that loop themselves.

    Args:
        model: the compiled cell.
        state: the state at its time t.
        dt: () [ms], step.
        method: time scheme.
        key: () key of `jax.random`, another one for each step, where there is noise [1].

    Returns:
        The state at t + dt.

    Raises:
        TypeError: if state or method is of another kind.
        ValueError: if the state belongs to another model, or there is noise and no key.
    """
    if not isinstance(method, AbstractMethod):
        raise TypeError(must("method", "be a scheme of fixed steps such as DampedCrankNicolson()", method))
    _check_state(model, state)
    _check_noise(model, key, adaptive=False)
    clock = state.clock.with_step(jnp.asarray(dt, model.v.dtype))
    wires = replace(circuit(model), inputs_now=inputs_at(model, clock.t))
    now, ahead = _enter(method, wires, state, clock)
    drive = jax.tree.map(lambda x: x[0], drives(model, clock, 1, key, method.sees_instants))
    now, _ = _advance(method, (wires, clock.dt), now, drive, PLAIN)
    return replace(_leave(now, replace(clock, n=clock.n + 1), ahead), nodes=state.nodes)

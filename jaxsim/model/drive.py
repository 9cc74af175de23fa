"""What acts on a model from outside: stimuli and clamps, by the step."""

from functools import partial
from typing import TypeVar

import jax
import jax.numpy as jnp

from jaxsim._struct import replace, struct
from jaxsim.mechanisms.base import AbstractClamp, AbstractDynamics, AbstractStimulus
from jaxsim.model.circuit import Circuit, Inputs, at_nodes
from jaxsim.model.clock import Clock
from jaxsim.model.events import Arrived, arrivals, instant
from jaxsim.model.model import Model
from jaxsim.model.self_events import Instant
from jaxsim.numerics.indexing import FEW
from jaxsim.numerics.ops import PLAIN

_Kind = TypeVar("_Kind")


@struct
class Drive:
    """What acts from outside during a step, or during every step (leading axis n_step).

    Attributes:
        current: (n_stimulated,) [nA], at the middle of the step.
        ending: (n_stimulated,) [nA], at the end of the step, before anything that is switched there.
        starting: (n_clamped,) [mV], command at the start of the step.
        command: (n_clamped,) [mV], at the end of the step.
        clamped: (n_clamped,) bool, whether the clamp is on in the step.
        inputs: mechanism -> function of time -> (n_place,), at the middle of the step.
        later: the same at its end, and mechanism -> noise -> (n_place,) [1] of the step.
        events: train -> those that arrive in the step.
        instant: when events happen before the step that processes send to themselves, (1,); None if none do.
    """

    current: jax.Array
    ending: jax.Array
    starting: jax.Array
    command: jax.Array
    clamped: jax.Array
    inputs: Inputs
    later: Inputs
    events: dict[str, Arrived]
    instant: Instant | None = None


# The current at a step's end is extrapolated from two instants so far before it, in steps: what is switched there stays
# outside.
_LATE = 1.0 / 16.0


def drive_at(
    model: Model, clock: Clock, inside: bool, n: jax.Array, noises: Inputs, events: dict[str, Arrived]
) -> Drive:
    """What acts during a step.

    Args:
        model: the compiled cell.
        clock: the time.
        inside: whether the scheme knows of instants inside a step.
        n: () how many steps after it the step begins.
        noises: mechanism -> noise -> (n_place,) [1], of the step.
        events: train -> those that arrive in the step.

    Returns:
        The `Drive`.
    """
    start, middle, end = (clock.after(n + x) for x in (0.0, 0.5, 1.0))
    late, later = clock.after(n + (1.0 - 2.0 * _LATE)), clock.after(n + (1.0 - _LATE))
    wiring, layout, dtype = model.wiring, model.layout, model.v.dtype
    n_stimulated, n_clamped = wiring.stimulated.node.shape[0], wiring.clamped.node.shape[0]
    current = ending = jnp.zeros(n_stimulated, dtype)
    starting = command = jnp.zeros(n_clamped, dtype)
    clamped = jnp.zeros(n_clamped, bool)
    for name in layout.stimuli:
        stimulus = _of_kind(model, name, AbstractStimulus)  # type: ignore[type-abstract]
        at = lambda t, s=stimulus: jax.vmap(lambda x: x.current(t))(s)  # noqa: E731
        place = wiring.stimulus_place[name]
        current = _added(current, place, at(middle).astype(dtype))
        ending = _added(ending, place, (2.0 * at(later) - at(late)).astype(dtype))
    for name in layout.clamps:
        clamp = _of_kind(model, name, AbstractClamp)  # type: ignore[type-abstract]
        v0, v, on = jax.vmap(lambda c: (c.command(start), c.command(end), c.on(middle)))(clamp)
        place = wiring.clamp_place[name]
        for k in range(on.shape[0]):  # in the order of placing: the last one that is on holds
            one = slice(k, k + 1)
            starting = PLAIN.put_row(starting, v0[one].astype(dtype), on[one], place[k])
            command = PLAIN.put_row(command, v[one].astype(dtype), on[one], place[k])
            clamped = PLAIN.put_row(clamped, on[one], on[one], place[k])
    at_end = inputs_at(model, end)
    seen = {name: at_end.get(name, {}) | noises.get(name, {}) for name in {**at_end, **noises}}
    now = instant(model, clock, n, inside)
    return Drive(current, ending, starting, command, clamped, inputs_at(model, middle), seen, events, now)


def drives(model: Model, clock: Clock, n_step: int, key: jax.Array | None = None, inside: bool = False) -> Drive:
    """What acts during each step of a run.

    Args:
        model: the compiled cell.
        clock: the time at the start.
        n_step: number of steps.
        key: where random numbers come from, see `draw`.
        inside: whether the scheme knows of instants inside a step.

    Returns:
        The `Drive`, with a leading axis n_step.
    """
    n = jnp.arange(n_step).astype(model.v.dtype)
    events = arrivals(model, clock, n_step, inside)
    return jax.vmap(partial(drive_at, model, clock, inside))(n, draw(key, model, n_step), events)


def during(circuit: Circuit, drive: Drive) -> Circuit:
    """The circuit with the functions of time that its currents see in a step."""
    return replace(circuit, inputs_now=drive.inputs)


def ending(circuit: Circuit, drive: Drive) -> Circuit:
    """The circuit with the functions of time, and the noises, that the equations of its states see in a step."""
    return replace(circuit, inputs_now=drive.later)


def inputs_at(model: Model, t: jax.Array) -> Inputs:
    """The functions of time of all mechanisms.

    Args:
        model: the compiled cell.
        t: () [ms].

    Returns:
        Mechanism -> name -> (n_place,).
    """
    found: Inputs = {}
    for layout in model.layout.channels:
        if layout.inputs:
            mechanism = _of_kind(model, layout.name, AbstractDynamics)
            now = {k: x.astype(model.v.dtype) for k, x in jax.vmap(lambda m: m.input(t))(mechanism).items()}
            found[layout.name] = at_nodes(now, model.wiring.channels[layout.name]) if layout.everywhere else now
    return found


def draw(key: jax.Array | None, model: Model, n_step: int) -> Inputs:
    """Standard normal numbers for all noises of a run.

    Args:
        key: a key of `jax.random`; None for no noise.
        model: the compiled cell.
        n_step: number of steps.

    Returns:
        Mechanism -> noise -> (n_step, n_place) [1].
    """
    noisy = [(c, name) for c in model.layout.channels for name in c.noises]
    if key is None or not noisy:
        return {}
    found: Inputs = {}
    for one, (c, name) in zip(jax.random.split(key, len(noisy)), noisy, strict=True):
        shape = n_step, model.wiring.n_place(c)
        found.setdefault(c.name, {})[name] = jax.random.normal(one, shape, model.v.dtype)
    return found


def _added(x: jax.Array, place: jax.Array, values: jax.Array) -> jax.Array:
    """x plus values at places, some perhaps several times; a few one by one, which is less to compile."""
    if place.shape[0] > FEW:
        return x.at[place].add(values, mode="promise_in_bounds", wrap_negative_indices=False)
    for k in range(place.shape[0]):
        x = PLAIN.add_row(x, values[k : k + 1], place[k])
    return x


def _of_kind(model: Model, name: str, kind: type[_Kind]) -> _Kind:
    mechanism = model.mechanisms[name]
    if not isinstance(mechanism, kind):
        raise TypeError(f"{name} must be an {kind.__name__}, got {type(mechanism).__name__}.")
    return mechanism

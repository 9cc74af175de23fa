"""Events: when they arrive, in steps, and what they add to the states of point processes."""

import jax
import jax.numpy as jnp

from jaxsim._exp import exp
from jaxsim._struct import replace, struct
from jaxsim.mechanisms.base import AbstractPointProcess
from jaxsim.mechanisms.events import SpikeTrain
from jaxsim.model.circuit import Circuit
from jaxsim.model.clock import Clock
from jaxsim.model.ions import Gates, at_places, dynamics
from jaxsim.model.layout import ChannelLayout, FeedLayout
from jaxsim.model.model import Model
from jaxsim.numerics.ops import Ops


@struct
class Arrived:
    """How many events of each train arrive in a step, or in every step (leading axis n_step).

    Attributes:
        early: (n_train,) [1], what enters at the step's start.
        late: (n_train,) [1], what enters after its voltage is known. An event that has a fraction s of the step behind
            it enters by 1 - s early and s late: so the current in the middle of the step carries the right charge.
            Where states do not simply add up all of it enters at the step's start; where the scheme knows of no
            instants, at the start of the nearest step.
    """

    early: jax.Array
    late: jax.Array


def arrivals(model: Model, clock: Clock, n_step: int, inside: bool) -> dict[str, Arrived]:
    """The events of a run.

    Args:
        model: the compiled cell.
        clock: the time at the start.
        n_step: number of steps.
        inside: whether the scheme knows of instants inside a step.

    Returns:
        Train's name -> (n_step, n_train) numbers.
    """
    return {feed.name: _of_feed(model, feed, clock, n_step, inside) for feed in model.layout.feeds}


def _of_feed(model: Model, feed: FeedLayout, clock: Clock, n_step: int, inside: bool) -> Arrived:
    train = model.mechanisms[feed.name]
    if not isinstance(train, SpikeTrain):
        raise TypeError(f"{feed.name} must be a SpikeTrain, got {type(train).__name__}.")
    at = (jax.vmap(SpikeTrain.arrivals)(train) - clock.origin) / clock.dt  # counted from the clock's origin: see Clock
    never = jnp.zeros((n_step, at.shape[0]), at.dtype)
    which = jnp.broadcast_to(jnp.arange(at.shape[0])[:, None], at.shape)

    def counted(step: jax.Array, share: jax.Array) -> jax.Array:
        """The sum of shares of each step and train; what is outside of the run is left out."""
        n = step - clock.n.astype(at.dtype)
        inside_run = (n >= 0.0) & (n < n_step)
        row = jnp.where(inside_run, n, 0.0).astype(jnp.int32)
        return never.at[row, which].add(jnp.where(inside_run, share, 0.0), mode="promise_in_bounds")

    if not inside:
        return Arrived(counted(jnp.ceil(at - 0.5), jnp.ones_like(at)), never)
    begun = jnp.floor(at)
    if not feed.adds:
        return Arrived(counted(begun, jnp.ones_like(at)), never)
    share = jnp.where(jnp.isfinite(at), at - begun, 0.0)
    return Arrived(counted(begun, 1.0 - share), counted(begun, share))


def receive_early(
    circuit: Circuit, v: jax.Array, gates: Gates, arrived: dict[str, Arrived], dt: jax.Array, ops: Ops, inside: bool
) -> Gates:
    """The states after what enters at a step's start.

    Args:
        circuit: the circuit.
        v: (n_node,) [mV], at the start.
        gates: mechanism -> state -> (n_place,).
        arrived: train -> its events of the step.
        dt: () [ms].
        ops: how to gather.
        inside: whether the scheme knows of instants inside a step.

    Returns:
        The new states.
    """
    new = dict(gates)
    for feed in circuit.layout.feeds:
        now = arrived[feed.name]
        _enter(circuit, feed, v, new, now.early, _lag(now) * dt if inside and feed.adds else None, ops)
    return new


def receive_late(
    circuit: Circuit, v: jax.Array, gates: Gates, arrived: dict[str, Arrived], dt: jax.Array, ops: Ops
) -> Gates:
    """The states after what enters when the step's voltage is known, of schemes that know of instants inside a step.

    Args:
        circuit: the circuit.
        v: (n_node,) [mV], at the end of the step.
        gates: mechanism -> state -> (n_place,).
        arrived: train -> its events of the step.
        dt: () [ms].
        ops: how to gather.

    Returns:
        The new states.
    """
    new = dict(gates)
    for feed in circuit.layout.feeds:
        if feed.adds:
            now = arrived[feed.name]
            _enter(circuit, feed, v, new, now.late, _lag(now) * dt, ops)
    return new


def _lag(now: Arrived) -> jax.Array:
    """(n_train,) [1], how much later than the step's middle events arrive, in steps."""
    count = now.early + now.late
    return 0.5 * (now.late - now.early) / jnp.where(count > 0.0, count, 1.0)


def _enter(
    circuit: Circuit, feed: FeedLayout, v: jax.Array, gates: Gates, count: jax.Array, lag: jax.Array | None, ops: Ops
) -> None:
    """Adds what a number of events of each train adds to the states.

    The states are those of the step's middle. What arrives later than that by a lag [ms] will have decayed too much:
    more of it enters.
    """
    target, jumps = _target(circuit, feed), _jumps(circuit, feed, v, gates, ops)
    rates = dynamics(circuit, target).rates(at_places(circuit, target, v, ops)) if lag is not None else {}
    for x, jump in jumps.items():
        amount = count * jump
        if lag is not None:
            amount = amount * exp(_at_trains(circuit, feed, rates[x].decay, ops) * lag)
        _add(circuit, feed, gates, x, amount, ops)


def _target(circuit: Circuit, feed: FeedLayout) -> ChannelLayout:
    return next(c for c in circuit.layout.channels if c.name == feed.to)


def _at_trains(circuit: Circuit, feed: FeedLayout, x: jax.Array, ops: Ops) -> jax.Array:
    """Values of a point process's instances at the trains that are sent to them."""
    return ops.pick_each(x, circuit.wiring.channels[feed.name], circuit.wiring.fans.get(feed.name))


def _jumps(circuit: Circuit, feed: FeedLayout, v: jax.Array, gates: Gates, ops: Ops) -> dict[str, jax.Array]:
    """State -> (n_train,), what one event of each train adds."""
    train, target = circuit.feeds[feed.name], _target(circuit, feed)
    process = circuit.receivers[feed.name]
    if not isinstance(process, AbstractPointProcess):
        raise TypeError(f"{feed.to} receives events and must be a point process, got {type(process).__name__}.")
    if target.reads:
        now = dynamics(circuit, target)
        read = {r.parameter: _at_trains(circuit, feed, getattr(now, r.parameter), ops) for r in target.reads}
        process = replace(process, **read)  # type: ignore[type-var]
    if feed.adds:
        return process.receive(train, train, {})
    here = {x: _at_trains(circuit, feed, gates[feed.to][x], ops) for x in target.gates}
    return process.receive(train, _at_trains(circuit, feed, at_places(circuit, target, v, ops), ops), here)


def _add(circuit: Circuit, feed: FeedLayout, gates: Gates, x: str, values: jax.Array, ops: Ops) -> None:
    """Adds values of trains to a state of the process that they are sent to."""
    places, fan = circuit.wiring.channels[feed.name], circuit.wiring.fans.get(feed.name)
    states = gates[feed.to]
    gates[feed.to] = {**states, x: ops.add_each(states[x], values, places, fan)}

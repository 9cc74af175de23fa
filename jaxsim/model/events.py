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
        when: (n_train,) [ms], the time of the step's last event; None where it is not needed.
    """

    early: jax.Array
    late: jax.Array
    when: jax.Array | None


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
    times = jax.vmap(SpikeTrain.arrivals)(train)
    at = (times - clock.origin) / clock.dt  # counted from the clock's origin: see Clock
    never = jnp.zeros((n_step, at.shape[0]), at.dtype)
    which = jnp.broadcast_to(jnp.arange(at.shape[0])[:, None], at.shape)

    step = jnp.floor(at) if inside else jnp.ceil(at - 0.5)
    n = step - clock.n.astype(at.dtype)
    during = (n >= 0.0) & (n < n_step)  # what is outside of the run is left out
    row = jnp.where(during, n, 0.0).astype(jnp.int32)

    def counted(share: jax.Array) -> jax.Array:
        """The sum of shares of each step and train."""
        return never.at[row, which].add(jnp.where(during, share, 0.0), mode="promise_in_bounds")

    last = never.at[row, which].max(jnp.where(during, times, 0.0), mode="promise_in_bounds") if feed.timed else None
    if not (inside and feed.adds):
        return Arrived(counted(jnp.ones_like(at)), never, last)
    share = jnp.where(during, at - step, 0.0)
    return Arrived(counted(1.0 - share), counted(share), last)


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
        _enter(circuit, feed, v, new, now, now.early, _lag(now) * dt if inside and feed.adds else None, ops)
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
            _enter(circuit, feed, v, new, now, now.late, _lag(now) * dt, ops)
    return new


def _lag(now: Arrived) -> jax.Array:
    """(n_train,) [1], how much later than the step's middle events arrive, in steps."""
    count = now.early + now.late
    return 0.5 * (now.late - now.early) / jnp.where(count > 0.0, count, 1.0)


def numbers_at_start(circuit: Circuit, like: jax.Array) -> Gates:
    """What connections keep, as it begins: train -> number -> (n_train,), of those that keep something."""
    found: Gates = {}
    for feed in circuit.layout.feeds:
        if feed.numbers:
            begin, size = _receiver(circuit, feed).connection(), circuit.feeds[feed.name].shape
            found[feed.name] = {x: jnp.broadcast_to(y, size).astype(like.dtype) for x, y in begin.items()}
    return found


def _enter(
    circuit: Circuit,
    feed: FeedLayout,
    v: jax.Array,
    gates: Gates,
    now: Arrived,
    count: jax.Array,
    lag: jax.Array | None,
    ops: Ops,
) -> None:
    """Adds what a number of events of each train adds to the states.

    The states are those of the step's middle. What arrives later than that by a lag [ms] will have decayed too much:
    more of it enters.
    """
    target, jumps = _target(circuit, feed), _jumps(circuit, feed, v, gates, now, ops)
    rates = dynamics(circuit, target).rates(at_places(circuit, target, v, ops)) if lag is not None else {}
    for x, jump in jumps.items():
        amount = count * jump
        if lag is not None:
            amount = amount * exp(_at_trains(circuit, feed, rates[x].decay, ops) * lag)
        if x in feed.numbers:
            gates[feed.name] = {**gates[feed.name], x: gates[feed.name][x] + amount}
        else:
            _add(circuit, feed, gates, x, amount, ops)


def _target(circuit: Circuit, feed: FeedLayout) -> ChannelLayout:
    return next(c for c in circuit.layout.channels if c.name == feed.to)


def _at_trains(circuit: Circuit, feed: FeedLayout, x: jax.Array, ops: Ops) -> jax.Array:
    """Values of a point process's instances at the trains that are sent to them."""
    return ops.pick_each(x, circuit.wiring.channels[feed.name], circuit.wiring.fans.get(feed.name))


def _receiver(circuit: Circuit, feed: FeedLayout) -> AbstractPointProcess:
    """The point process that trains are sent to, parameters by train."""
    process = circuit.receivers[feed.name]
    if not isinstance(process, AbstractPointProcess):
        raise TypeError(f"{feed.to} receives events and must be a point process, got {type(process).__name__}.")
    return process


def _jumps(
    circuit: Circuit, feed: FeedLayout, v: jax.Array, gates: Gates, now: Arrived, ops: Ops
) -> dict[str, jax.Array]:
    """State, or number of a connection -> (n_train,), what one event of each train adds."""
    train, target = circuit.feeds[feed.name], _target(circuit, feed)
    process = _receiver(circuit, feed)
    if target.reads:
        present = dynamics(circuit, target)
        read = {r.parameter: _at_trains(circuit, feed, getattr(present, r.parameter), ops) for r in target.reads}
        process = replace(process, **read)  # type: ignore[type-var]
    if feed.adds:
        return process.receive(train, train, dict.fromkeys((*target.gates, *feed.numbers, "t"), train))  # all the same
    here = {x: _at_trains(circuit, feed, gates[feed.to][x], ops) for x in target.gates}
    here |= gates.get(feed.name, {}) | ({} if now.when is None else {"t": now.when})
    return process.receive(train, _at_trains(circuit, feed, at_places(circuit, target, v, ops), ops), here)


def _add(circuit: Circuit, feed: FeedLayout, gates: Gates, x: str, values: jax.Array, ops: Ops) -> None:
    """Adds values of trains to a state of the process that they are sent to."""
    places, fan = circuit.wiring.channels[feed.name], circuit.wiring.fans.get(feed.name)
    states = gates[feed.to]
    gates[feed.to] = {**states, x: ops.add_each(states[x], values, places, fan)}

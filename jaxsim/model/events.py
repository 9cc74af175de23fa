"""Events: when they arrive, in steps, and what they add to the states of point processes."""

import jax
import jax.numpy as jnp

from jaxsim._exp import exp
from jaxsim._struct import replace, struct
from jaxsim.mechanisms.base import AbstractMechanism
from jaxsim.mechanisms.events import SpikeTrain
from jaxsim.mechanisms.point_process import AbstractPointProcess, SelfEvents
from jaxsim.model.circuit import Circuit
from jaxsim.model.clock import Clock
from jaxsim.model.contract import EVENT
from jaxsim.model.ions import Gates, at_places, dynamics
from jaxsim.model.layout import ChannelLayout, FeedLayout
from jaxsim.model.model import Model
from jaxsim.model.self_events import (
    Instant,
    States,
    begun,
    come,
    crossed,
    happen,
    looked_at,
    none_waiting,
    nothing_come,
    own_name,
)
from jaxsim.numerics.ops import PLAIN, Ops

# An event that enters whole is one of the next step if it comes within so small a share of a step before it: on which
# side of a step's start it comes is not left to rounding.
_NEXT = 1.0 / 64.0


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


def instant(model: Model, clock: Clock, n: jax.Array, inside: bool) -> Instant | None:
    """When events happen before a step that point processes send to themselves.

    Args:
        model: the compiled cell.
        clock: the time at the start.
        n: () how many steps after it the step begins.
        inside: whether the scheme knows of instants inside a step.

    Returns:
        The instants, (1,); None if no process sends events.
    """
    feeds, channels = model.layout.feeds, model.layout.channels
    if not (any(f.waiting for f in feeds) or any(c.waiting for c in channels)):
        return None
    until = clock.after(n + (1.0 - _NEXT if inside else 0.5))
    return Instant(clock.after(n)[None], until[None])


def _of_feed(model: Model, feed: FeedLayout, clock: Clock, n_step: int, inside: bool) -> Arrived:
    times = jax.vmap(SpikeTrain.arrivals)(_train(model, feed))
    at = (times - clock.origin) / clock.dt  # counted from the clock's origin: see Clock
    never = jnp.zeros((n_step, at.shape[0]), at.dtype)
    which = jnp.broadcast_to(jnp.arange(at.shape[0])[:, None], at.shape)

    step = jnp.floor(at if feed.adds else at + _NEXT) if inside else jnp.ceil(at - 0.5)
    n = step - clock.n.astype(at.dtype)
    during = (n >= 0.0) & (n < n_step)  # what is outside of the run is left out
    row = jnp.where(during, n, 0.0).astype(jnp.int32)

    def counted(share: jax.Array) -> jax.Array:
        """The sum of shares of each step and train."""
        return never.at[row, which].add(jnp.where(during, share, 0.0), mode="promise_in_bounds")

    timed = feed.timed or feed.waiting
    last = never.at[row, which].max(jnp.where(during, times, 0.0), mode="promise_in_bounds") if timed else None
    if not (inside and feed.adds):
        return Arrived(counted(jnp.ones_like(at)), never, last)
    share = jnp.where(during, at - step, 0.0)
    return Arrived(counted(1.0 - share), counted(share), last)


def _train(model: Model, feed: FeedLayout) -> SpikeTrain:
    train = model.mechanisms[feed.name]
    if not isinstance(train, SpikeTrain):
        raise TypeError(f"{feed.name} must be a SpikeTrain, got {type(train).__name__}.")
    return train


def receive_early(
    circuit: Circuit,
    v: jax.Array,
    gates: Gates,
    arrived: dict[str, Arrived],
    now: Instant | None,
    dt: jax.Array,
    ops: Ops,
    inside: bool,
) -> Gates:
    """The states after what enters at a step's start: events from outside, and those that processes send to themselves.

    Args:
        circuit: the circuit.
        v: (n_node,) [mV], at the start.
        gates: mechanism -> state -> (n_place,).
        arrived: train -> its events of the step.
        now: the instants of the step; None if no process sends events.
        dt: () [ms].
        ops: how to gather.
        inside: whether the scheme knows of instants inside a step.

    Returns:
        The new states.
    """
    new = dict(gates)
    alone = [c for c in circuit.layout.channels if c.waiting]
    at = {c.name: at_places(circuit, c, v, ops) for c in alone}
    before = {c.name: _look(circuit, c, at[c.name], new, _each(now, at[c.name], ops)) for c in alone}
    for feed in circuit.layout.feeds:
        came = arrived[feed.name]
        if feed.waiting and came.when is not None:
            kept, instants = come(new[feed.name], came.early, came.when), _each(now, came.when, ops)
            new[feed.to], new[feed.name] = _happen_to_trains(circuit, feed, v, new[feed.to], kept, instants, ops)
        else:
            _enter(circuit, feed, v, new, came, came.early, _lag(came) * dt if inside and feed.adds else None, ops)
    for c in alone:
        name, instants = own_name(c), _each(now, at[c.name], ops)
        kept = crossed(before[c.name], new[name], instants, at[c.name])
        new[c.name], kept = _happen(circuit, c, at[c.name], new[c.name], kept, instants)
        after = _look(circuit, c, at[c.name], new, instants)
        new[name] = looked_at(before[c.name], after, kept, at[c.name])
    return new


def _each(now: Instant | None, like: jax.Array, ops: Ops) -> Instant:
    """The instants of a step for each connection or instance."""
    if now is None:
        raise TypeError("events that a process sends to itself need the instants of the step.")
    return Instant(ops.each(now.start, like), ops.each(now.until, like))


def _look(circuit: Circuit, layout: ChannelLayout, v: jax.Array, gates: Gates, now: Instant) -> SelfEvents:
    """The values at which a process looks."""
    return _process(circuit, layout).crossings(v, gates[layout.name] | {"t": now.start})


def _process(circuit: Circuit, layout: ChannelLayout) -> AbstractPointProcess:
    return _point_process(layout.name, dynamics(circuit, layout))


def _happen(
    circuit: Circuit, layout: ChannelLayout, v: jax.Array, states: States, kept: States, now: Instant
) -> tuple[States, States]:
    """The events that instances send to themselves: the states then, and what waits."""
    process = _process(circuit, layout)
    numbers = {x: jnp.zeros_like(v) for x in process.connection()}

    def handle(here: States, t: jax.Array, flag: jax.Array) -> tuple[States, SelfEvents]:
        given = jnp.zeros_like(v), v, numbers | here | {"t": t, "flag": flag}
        jumps = {x: jump for x, jump in process.receive(*given).items() if x in states}
        return jumps, process.sends(*given)

    added = lambda states, more: states | {x: states[x] + y for x, y in more.items()}  # noqa: E731
    return happen(states, kept, now, handle, lambda states: states, added)


def _happen_to_trains(
    circuit: Circuit, feed: FeedLayout, v: jax.Array, states: States, kept: States, now: Instant, ops: Ops
) -> tuple[States, States]:
    """The events of trains, and those that they make a process send to itself: the states then, and what is kept."""
    target, weight = _target(circuit, feed), circuit.feeds[feed.name]
    process = _reading_at_trains(circuit, feed, ops)
    v_here = _at_trains(circuit, feed, at_places(circuit, target, v, ops), ops)

    def handle(here: States, t: jax.Array, flag: jax.Array) -> tuple[States, SelfEvents]:
        given = weight, v_here, here | {"t": t, "flag": flag}
        return process.receive(*given), process.sends(*given)

    def see(states: States) -> States:
        return {x: _at_trains(circuit, feed, states[x], ops) for x in target.gates}

    def added(states: States, more: States) -> States:
        new = {feed.to: states}
        for x, values in more.items():
            _add(circuit, feed, new, x, values, ops)
        return new[feed.to]

    return happen(states, kept, now, handle, see, added)


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


def kept_at_start(circuit: Circuit, v: jax.Array, gates: Gates) -> Gates:
    """What connections keep, and what waits, as it begins.

    Args:
        circuit: the circuit.
        v: (n_node,) [mV], initial voltage.
        gates: the states at the start.

    Returns:
        Train -> number -> (n_train,), of those that keep something; what is called `own_name` -> what waits.
    """
    found: Gates = {}
    for feed in circuit.layout.feeds:
        weight = circuit.feeds[feed.name].astype(v.dtype)
        if feed.numbers:
            begin = _receiver(circuit, feed).connection()
            found[feed.name] = {x: jnp.broadcast_to(y, weight.shape).astype(v.dtype) for x, y in begin.items()}
        if feed.waiting:
            waits = none_waiting(feed.waiting, weight) | nothing_come(weight)
            found[feed.name] = found.get(feed.name, {}) | waits
    for c in circuit.layout.channels:
        if c.waiting:
            found[own_name(c)] = begun(_process(circuit, c), c, at_places(circuit, c, v, PLAIN), gates[c.name])
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
    return _point_process(feed.to, circuit.receivers[feed.name])


def _point_process(name: str, mechanism: AbstractMechanism) -> AbstractPointProcess:
    if not isinstance(mechanism, AbstractPointProcess):
        raise TypeError(f"{name} receives events and must be a point process, got {type(mechanism).__name__}.")
    return mechanism


def _reading_at_trains(circuit: Circuit, feed: FeedLayout, ops: Ops) -> AbstractPointProcess:
    """The point process that trains are sent to, with what it reads now."""
    process, target = _receiver(circuit, feed), _target(circuit, feed)
    if target.reads:
        present = dynamics(circuit, target)
        read = {r.parameter: _at_trains(circuit, feed, getattr(present, r.parameter), ops) for r in target.reads}
        process = replace(process, **read)  # type: ignore[type-var]
    return process


def _jumps(
    circuit: Circuit, feed: FeedLayout, v: jax.Array, gates: Gates, now: Arrived, ops: Ops
) -> dict[str, jax.Array]:
    """State, or number of a connection -> (n_train,), what one event of each train adds."""
    weight, target = circuit.feeds[feed.name], _target(circuit, feed)
    process = _reading_at_trains(circuit, feed, ops)
    if feed.adds:
        return process.receive(weight, weight, dict.fromkeys((*target.gates, *feed.numbers, *EVENT), weight))  # any
    here = {x: _at_trains(circuit, feed, gates[feed.to][x], ops) for x in target.gates}
    here |= gates.get(feed.name, {}) | {"flag": jnp.zeros_like(weight)}
    here |= {} if now.when is None else {"t": now.when}
    return process.receive(weight, _at_trains(circuit, feed, at_places(circuit, target, v, ops), ops), here)


def _add(circuit: Circuit, feed: FeedLayout, gates: Gates, x: str, values: jax.Array, ops: Ops) -> None:
    """Adds values of trains to a state of the process that they are sent to."""
    places, fan = circuit.wiring.channels[feed.name], circuit.wiring.fans.get(feed.name)
    states = gates[feed.to]
    gates[feed.to] = {**states, x: ops.add_each(states[x], values, places, fan)}

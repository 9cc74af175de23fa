"""Events that point processes send to themselves: where they wait, and what happens when their time has come.

They wait with the connection whose event sent them, or with the instance: in a fixed number of rows, since a program
has no queue. The events of one connection, or instance, happen one after the other in the order of time, those that
come from outside among them.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxsim._struct import struct
from jaxsim.mechanisms.point_process import AbstractPointProcess, SelfEvents
from jaxsim.model.layout import ChannelLayout, FeedLayout

States = dict[str, jax.Array]

# How many events of a connection happen before one step; what is left then happens before the next one.
_MOST_AT_ONCE = 8
# Names of what waits, which no state can have: when events come, their flags, and of those from outside how many have
# come and when.
_DUE, _FLAG, _COUNT, _WHEN = "@due", "@flag", "@count", "@when"
_ABOVE = "@above"


def own_name(channel: ChannelLayout) -> str:
    """What the waiting events of a process's instances are called among the states of mechanisms."""
    return f"{channel.name}@"


def waiting_names(feed: FeedLayout) -> tuple[str, ...]:
    """Names of what waits with connections."""
    return (_DUE, _FLAG, _COUNT, _WHEN) if feed.waiting else ()


def own_names(channel: ChannelLayout) -> tuple[str, ...]:
    """Names of what waits with instances."""
    return (_DUE, _FLAG, *(f"{_ABOVE}{k}" for k in range(channel.crossings))) if channel.waiting else ()


@struct
class Rows:
    """Events that wait: (n_row * n,) each, the first of all connections first.

    Attributes:
        due: [ms], inf where none waits.
        flag: [1].
    """

    due: jax.Array
    flag: jax.Array

    def with_one(self, want: jax.Array, due: jax.Array, flag: jax.Array) -> tuple["Rows", jax.Array]:
        """With one more event where it is wanted; where there is no row for it."""
        free = _first(jnp.isinf(self.rows(self.due, want)))
        here = (free & want).reshape(-1)
        each = lambda x: jnp.broadcast_to(x, free.shape).reshape(-1)  # noqa: E731
        rows = Rows(jnp.where(here, each(due), self.due), jnp.where(here, each(flag), self.flag))
        return rows, want & ~free.any(axis=0)

    def next(self, like: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        """When the next one comes; its flag; its row."""
        due = self.rows(self.due, like)
        first = due.min(axis=0)
        row = _first(due == first) & (first < jnp.inf)
        return first, jnp.where(row, self.rows(self.flag, like), 0.0).sum(axis=0), row

    def without(self, row: jax.Array, gone: jax.Array) -> "Rows":
        """Without what was in a row."""
        return Rows(jnp.where((row & gone).reshape(-1), jnp.inf, self.due), self.flag)

    @staticmethod
    def rows(x: jax.Array, like: jax.Array) -> jax.Array:
        """(n_row, n)."""
        return x.reshape(-1, like.shape[0])


def _first(x: jax.Array) -> jax.Array:
    """The first true entry of each column."""
    return x & (jnp.cumsum(x, axis=0) == 1)


def none_waiting(n_row: int, like: jax.Array) -> States:
    """Rows without events, for connections or instances."""
    none = jnp.zeros((n_row * like.shape[0],), like.dtype)
    return {_DUE: none + jnp.inf, _FLAG: none}


def nothing_come(like: jax.Array) -> States:
    """No events from outside."""
    return {_COUNT: jnp.zeros_like(like), _WHEN: jnp.zeros_like(like)}


def begun(process: AbstractPointProcess, layout: ChannelLayout, v: jax.Array, states: States) -> States:
    """What waits with the instances of a process at the start of a run, at time 0."""
    kept = none_waiting(layout.waiting, v)
    rows = Rows(kept[_DUE], kept[_FLAG])
    for after, flag in process.sends_at_start(v):
        after = jnp.broadcast_to(after, v.shape)
        rows, _ = rows.with_one(jnp.isfinite(after), after, jnp.asarray(flag, v.dtype))
    above = {
        f"{_ABOVE}{k}": _is_above(x, v)
        for k, (x, _) in enumerate(process.crossings(v, states | {"t": jnp.zeros_like(v)}))
    }
    return {_DUE: rows.due, _FLAG: rows.flag} | above


def _is_above(value: jax.Array, v: jax.Array) -> jax.Array:
    return jnp.broadcast_to(jnp.where(value >= 0.0, 1.0, 0.0), v.shape).astype(v.dtype)


@struct
class Instant:
    """The instants of a step: (1,), or one for each connection or instance (n,) [ms].

    Attributes:
        start: its start.
        until: up to when events happen before it.
    """

    start: jax.Array
    until: jax.Array


def come(kept: States, count: jax.Array, when: jax.Array) -> States:
    """What waits, with events from outside."""
    return kept | {_COUNT: kept[_COUNT] + count, _WHEN: jnp.where(count > 0.0, when, kept[_WHEN])}


def crossed(values: SelfEvents, kept: States, now: Instant, v: jax.Array) -> States:
    """What waits with instances, with the events of values that a step has taken above 0."""
    rows, above, lost = Rows(kept[_DUE], kept[_FLAG]), {}, jnp.zeros(v.shape, bool)
    for k, (value, flag) in enumerate(values):
        was = kept[f"{_ABOVE}{k}"]
        rows, full = rows.with_one((value > 0.0) & (was == 0.0), now.start, jnp.asarray(flag, v.dtype))
        above[f"{_ABOVE}{k}"] = jnp.where(value > 0.0, 1.0, jnp.where(value <= 0.0, 0.0, was)).astype(v.dtype)
        lost |= full
    due = jnp.where(jnp.broadcast_to(lost, rows.rows(rows.due, v).shape).reshape(-1), jnp.nan, rows.due)
    return {_DUE: due, _FLAG: rows.flag} | above


def looked_at(before: SelfEvents, after: SelfEvents, kept: States, v: jax.Array) -> States:
    """What waits with instances, where events have begun that a value is looked at."""
    new = dict(kept)
    for k, ((old, _), (value, _)) in enumerate(zip(before, after, strict=True)):
        name = f"{_ABOVE}{k}"
        new[name] = jnp.where((old == -jnp.inf) & (value > -jnp.inf), _is_above(value, v), kept[name])
    return new


# (states at connections, t, flag) -> what the event adds to states and numbers, and what it sends
Handler = Callable[[States, jax.Array, jax.Array], tuple[States, SelfEvents]]
# (all states, what is added by connections) -> all states
Adder = Callable[[States, States], States]


def happen(
    states: States, kept: States, now: Instant, handle: Handler, see: Callable[[States], States], add: Adder
) -> tuple[States, States]:
    """What is due happens, one event of each connection after the other.

    Args:
        states: of the process, (n_inst,).
        kept: what waits, and the numbers, of connections, (n,).
        now: the instants of the step.
        handle: what one event of each connection does.
        see: (states) -> their values at connections.
        add: adds to the states what comes from connections.

    Returns:
        The new states, and what is then kept.
    """

    def one(carry: tuple[States, States]) -> tuple[States, States]:
        states, kept = carry
        at, flag, row, outside = _next(kept, now)
        ready = at <= now.until
        jumps, sent = handle(see(states) | kept, jnp.where(ready, at, now.until), flag)
        rows = Rows(kept[_DUE], kept[_FLAG]).without(row, ready & ~outside)
        full = jnp.isnan(at)
        for after, number in sent:
            after = jnp.broadcast_to(after, at.shape)
            wanted = ready & jnp.isfinite(after)
            rows, none = rows.with_one(wanted, at + after, jnp.broadcast_to(number, at.shape))
            full |= none
        added = {x: jnp.where(full, jnp.nan, jnp.where(ready, jump, 0.0)) for x, jump in jumps.items()}
        new = kept | {x: kept[x] + added.pop(x) for x in list(added) if x in kept}
        new |= {_DUE: rows.due, _FLAG: rows.flag}
        if _COUNT in kept:
            new[_COUNT] = kept[_COUNT] - jnp.where(ready & outside, 1.0, 0.0).astype(at.dtype)
        return add(states, added), new

    def if_due(carry: tuple[States, States], then: Callable[[Any], Any]) -> Any:
        at, *_ = _next(carry[1], now)
        return lax.cond(jnp.any((at <= now.until) | jnp.isnan(at)), then, lambda carry: carry, carry)

    # Most steps have no event, most others one of a connection: the others are looked for and not found.
    several = lambda carry: lax.fori_loop(0, _MOST_AT_ONCE, lambda _, carry: if_due(carry, one), carry)  # noqa: E731
    return if_due((states, kept), several)


def _next(kept: States, now: Instant) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
    """When the next event comes, its flag, its row, and whether it comes from outside."""
    first, flag, row = Rows(kept[_DUE], kept[_FLAG]).next(now.until)
    if _COUNT not in kept:
        return first, flag, row, jnp.zeros(first.shape, bool)
    outside = (kept[_COUNT] > 0.0) & (kept[_WHEN] <= first)
    return jnp.where(outside, kept[_WHEN], first), jnp.where(outside, 0.0, flag), row, outside

"""Mechanisms of sources written in a test."""

from typing import Any

import jax
import jax.numpy as jnp

from jaxsim.io.mod.lower import lower
from jaxsim.io.mod.make_class import make_class
from jaxsim.io.mod.mechanism import Mechanism
from jaxsim.io.nmodl import parse_mod
from jaxsim.mechanisms.base import AbstractCurrent, AbstractPool
from jaxsim.mechanisms.point_process import AbstractPointProcess, SelfEvents

Values = dict[str, jax.Array]
DT, NOW = 0.025, 5.0  # ms


def mechanism(text: str) -> Mechanism:
    """What a source means."""
    return lower(parse_mod(text, "made.mod"))


def leak(body: str, before: str = "") -> Any:
    """An instance of the class of a source whose current ix is computed by `body`, of v and a parameter p."""
    head = "NEURON { SUFFIX leak NONSPECIFIC_CURRENT ix } PARAMETER { p = 2 } ASSIGNED { v ix }\n"
    return make_class(mechanism(f"{head}{before}\nBREAKPOINT {{ {body} }}\n"))()


def current(channel: Any, v: float, **states: float) -> float:
    """The whole current at a voltage."""
    x = jnp.asarray(v)
    gate = {name: jnp.asarray(value) for name, value in states.items()}
    found = channel.current(x, {**channel.held(x, gate), **gate})
    return float(sum(found.values()) if isinstance(found, dict) else found)


def states_of(cls: Any, v: jax.Array) -> Values:
    """Some value for each state of a class, at rest where it says so."""
    one = cls()
    begun = {x: jnp.broadcast_to(jnp.asarray(y, v.dtype), v.shape) for x, y in one.initial(v).items()}
    written = one.writes if isinstance(one, AbstractPool) else {}
    return {**{x: jnp.full_like(v, 1e-4) for x in written}, **begun}


def _events(pairs: SelfEvents) -> dict[str, jax.Array]:
    """Events by name; what is not sent (inf) or looked at (-inf) is 0."""
    each = {f"{k}.{name}": x for k, pair in enumerate(pairs) for name, x in zip(("value", "flag"), pair, strict=True)}
    return {name: jnp.where(jnp.isinf(x), 0.0, x) for name, x in each.items()}


def everything(cls: Any, v: jax.Array, **parameters: float) -> Values:
    """All that the methods of a class give at some voltages, by "<method>.<what>"."""
    one = cls(**parameters)
    state = {x: 0.9 * y + 0.01 for x, y in states_of(cls, v).items()}
    state |= {x: jnp.full_like(v, y) for x, y in one.input(NOW).items()}
    found: dict[str, Any] = {}
    for x, rate in one.rates(v).items():
        found |= {f"rates.{x}.x_inf": rate.x_inf, f"rates.{x}.decay": rate.decay}
    parts = {"initial": one.initial(v), "derivative": one.derivative(v, state)}
    parts["update"] = one.update(v, state, jnp.asarray(DT, v.dtype))
    if isinstance(one, AbstractCurrent):
        parts["held"] = one.held(v, state)
        given = one.current(v, {**parts["held"], **state})
        parts["current"] = given if isinstance(given, dict) else {one.carries: given}
    if isinstance(one, AbstractPointProcess):
        parts["connection"] = {x: jnp.asarray(y, v.dtype) for x, y in one.connection().items()}
        kept = {x: 0.7 + y for x, y in parts["connection"].items()} | {"t": jnp.full_like(v, NOW)}
        weight = jnp.full_like(v, 0.3)
        for flag in (0.0, 1.0, 2.0):
            seen = state | kept | {"flag": jnp.full_like(v, flag)}
            parts[f"receive_{flag:.0f}"] = one.receive(weight, v, seen)
            parts[f"sends_{flag:.0f}"] = _events(one.sends(weight, v, seen))
        parts["sends_at_start"] = _events(one.sends_at_start(v))
        parts["crossings"] = _events(one.crossings(v, state | {"t": jnp.full_like(v, NOW)}))
    for name, part in parts.items():
        found |= {f"{name}.{x}": y for x, y in part.items()}
    return {name: jnp.broadcast_to(x, v.shape) for name, x in found.items()}

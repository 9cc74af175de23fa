"""From a `Mechanism` to a class that can be inserted, batched and trained."""

import keyword
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxsim._struct import struct
from jaxsim.io.mod.evaluate import evaluate
from jaxsim.io.mod.frame import FLAG, WEIGHT
from jaxsim.io.mod.mechanism import Mechanism
from jaxsim.io.mod.terms import Term
from jaxsim.mechanisms.base import AbstractChannel, AbstractMechanism, AbstractPool
from jaxsim.mechanisms.point_process import AbstractPointProcess
from jaxsim.mechanisms.rates import Rate, alpha_beta, inf_decay, inf_tau

# How a gate's equation is made.
FORMS: Mapping[str, Callable[..., Rate]] = {
    "alpha_beta": alpha_beta, "inf_tau": inf_tau, "inf_decay": inf_decay, "Rate": Rate,
}  # fmt: skip


class _Of(NamedTuple):
    """A mechanism, and the class's field of each of its parameters."""

    made: Mechanism
    fields: dict[str, str]


def make_class(made: Mechanism) -> type[AbstractMechanism]:
    """The class of a mechanism.

    Args:
        made: the mechanism.

    Returns:
        A subclass of `AbstractChannel` if it gives a current, of `AbstractPool` if it changes concentrations, or of
        `AbstractPointProcess`.
    """
    body: dict[str, Any] = {"__doc__": made.doc, "__module__": __name__, "__annotations__": {}}
    names = field_names(made)
    for name, parameter in made.parameters.items():
        body["__annotations__"][names[name]] = Annotated[Any, parameter.unit]
        body[names[name]] = parameter.value
    body["reads"] = {names[name]: what for name, what in made.reads.items()}
    body["starts_steady"] = bool(made.steady)
    if made.writes:
        body["writes"] = dict(made.writes)
    of = _Of(made, names)
    if made.rates:
        body["rates"] = _rates(of)
    if made.update:
        body["update"] = _of_step(of, made.update)
    if not made.starts_at_rest:
        body["initial"] = _of_voltage(of, made.initial)
    for name in ("derivative", "held", "current"):
        if getattr(made, name):
            body[name] = _of_state(of, getattr(made, name))
    if made.connection:
        body["connection"] = _of_nothing(of, made.connection)
    if made.receive:
        body["receive"] = _of_event(of, made.receive)
    if made.sends:
        body["sends"] = _sends(of, made.sends)
    if made.sends_at_start:
        body["sends_at_start"] = _sends_at_start(of, made.sends_at_start)
    if made.crossings:
        body["crossings"] = _crossings(of, made.crossings)
    if made.is_timed:
        body["input"] = lambda self, t: {"t": t}
    if made.kind == "electrode":
        body["electrode"] = True
    return struct(type(class_name(made), _bases(made), body))


def _bases(made: Mechanism) -> tuple[type, ...]:
    if made.kind != "density":
        return (AbstractPointProcess,)
    return tuple(b for b, has in ((AbstractPool, made.writes), (AbstractChannel, made.current)) if has)


def class_name(made: Mechanism) -> str:
    """The mechanism's name as one that Python allows."""
    return f"{made.name}_" if keyword.iskeyword(made.name) else made.name


def field_names(made: Mechanism) -> dict[str, str]:
    """Parameter of the file -> field of the class: what is taken has an underscore behind it."""
    taken = {
        name
        for name in dir(AbstractPool) + dir(AbstractChannel) + dir(AbstractPointProcess)
        if not name.startswith("__")
    }
    taken |= {"self", "js", "jnp", "Any", "Annotated"}  # names in the text of a class
    names = {}
    for name in made.parameters:
        plain = name.replace("[", "_").replace("]", "")
        while plain in taken or keyword.iskeyword(plain) or (plain != name and plain in made.parameters):
            plain += "_"
        names[name] = plain
        taken.add(plain)
    return names


def _values(of: _Of, mechanism: Any, terms: list[Term], v: jax.Array, others: Mapping[str, Any]) -> list[Any]:
    """The terms' values, of the shape of v."""
    known = {name: getattr(mechanism, field) for name, field in of.fields.items()}
    found = evaluate(terms, {**known, **others, "v": v})
    return [x if isinstance(x, jax.Array) else jnp.full_like(v, x) for x in found]


def _rates(of: _Of) -> Callable[..., dict[str, Rate]]:
    gates = of.made.rates
    terms = [t for g in gates.values() for t in (g.first, g.second)]

    def rates(self: Any, v: jax.Array) -> dict[str, Rate]:
        found = _values(of, self, terms, v, {})
        pairs = zip(found[::2], found[1::2], strict=True)
        return {x: FORMS[g.form](*pair) for (x, g), pair in zip(gates.items(), pairs, strict=True)}

    return rates


def _of_voltage(of: _Of, what: dict[str, Term]) -> Callable[..., dict[str, Any]]:
    def method(self: Any, v: jax.Array) -> dict[str, Any]:
        return dict(zip(what, _values(of, self, list(what.values()), v, {}), strict=True))

    return method


def _of_state(of: _Of, what: dict[str, Term]) -> Callable[..., dict[str, Any]]:
    def method(self: Any, v: jax.Array, state: dict[str, jax.Array]) -> dict[str, Any]:
        return dict(zip(what, _values(of, self, list(what.values()), v, state), strict=True))

    return method


def _of_nothing(of: _Of, what: dict[str, Term]) -> Callable[..., dict[str, Any]]:
    def method(self: Any) -> dict[str, Any]:
        known = {name: getattr(self, field) for name, field in of.fields.items()}
        return dict(zip(what, evaluate(what.values(), known), strict=True))

    return method


def _of_event(of: _Of, what: dict[str, Term]) -> Callable[..., dict[str, Any]]:
    def method(self: Any, weight: jax.Array, v: jax.Array, state: dict[str, jax.Array]) -> dict[str, Any]:
        known = {**state, WEIGHT: weight, FLAG: state["flag"]}
        return dict(zip(what, _values(of, self, list(what.values()), v, known), strict=True))

    return method


def _sends(of: _Of, pairs: list[tuple[Term, Term]]) -> Callable[..., Any]:
    def method(self: Any, weight: jax.Array, v: jax.Array, state: dict[str, jax.Array]) -> Any:
        return _pairs(of, self, pairs, v, {**state, WEIGHT: weight, FLAG: state["flag"]})

    return method


def _sends_at_start(of: _Of, pairs: list[tuple[Term, Term]]) -> Callable[..., Any]:
    return lambda self, v: _pairs(of, self, pairs, v, {})


def _crossings(of: _Of, pairs: list[tuple[Term, Term]]) -> Callable[..., Any]:
    return lambda self, v, state: _pairs(of, self, pairs, v, state)


def _pairs(of: _Of, self: Any, pairs: list[tuple[Term, Term]], v: jax.Array, known: Mapping[str, Any]) -> Any:
    found = _values(of, self, [t for pair in pairs for t in pair], v, known)
    return tuple(zip(found[::2], found[1::2], strict=True))


def _of_step(of: _Of, what: dict[str, Term]) -> Callable[..., dict[str, Any]]:
    def method(self: Any, v: jax.Array, state: dict[str, jax.Array], dt: jax.Array) -> dict[str, Any]:
        return dict(zip(what, _values(of, self, list(what.values()), v, {**state, "dt": dt}), strict=True))

    return method

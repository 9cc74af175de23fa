"""What stands at the level of the file, INCLUDE excepted."""

from collections.abc import Callable
from dataclasses import replace

from jaxsim.io.nmodl import declarations
from jaxsim.io.nmodl.expressions import whole
from jaxsim.io.nmodl.neuron_block import neuron
from jaxsim.io.nmodl.statements import arguments, body, braces, local, names, units_switch, verbatim
from jaxsim.io.nmodl.stream import Scope, Stream
from jaxsim.io.nmodl.tree import (
    BeforeAfter,
    Breakpoint,
    Constructor,
    Define,
    Derivative,
    Destructor,
    Discrete,
    Function,
    FunctionTable,
    Initial,
    Item,
    Kinetic,
    Linear,
    NetReceive,
    Nonlinear,
    Obsolete,
    Procedure,
    Title,
)
from jaxsim.io.nmodl.vocabulary import BLOCKS, OBSOLETE_BLOCKS

_EXPECTED = "a block such as NEURON, PARAMETER or BREAKPOINT"
_WHEN = ("BREAKPOINT", "SOLVE", "INITIAL", "STEP")


def item(stream: Stream, scope: Scope) -> Item:
    """Take one item of the file."""
    token = stream.token
    inside = replace(scope, construct=token.kind, block=token.kind, opened=token.place)
    if token.kind in _ITEMS:
        return _ITEMS[token.kind](stream, inside)
    if token.kind == "name":
        inside = replace(inside, construct=token.text)
        if token.text in OBSOLETE_BLOCKS:
            return _obsolete(stream, inside)
        if token.text == "STEPPED":
            return declarations.stepped(stream, inside)
    if token.kind == "}":
        raise stream.unexpected(scope, _EXPECTED, "There is one closing brace too many, here or before.")
    raise stream.unexpected(scope, _EXPECTED, words=BLOCKS | {"INITIAL"})


def _title(stream: Stream, scope: Scope) -> Title:
    token = stream.take()
    return Title(token.text, place=token.place)


def _define(stream: Stream, scope: Scope) -> Define:
    place = stream.take().place
    name = stream.name(scope, "a new name").text
    sign = -1 if stream.skip("-") else 1
    value = sign * whole(stream, scope)
    stream.defines[name] = value
    return Define(name, value, place=place)


def _plain(kind: Callable[..., Item]) -> Callable[[Stream, Scope], Item]:
    """KEYWORD {}"""

    def take(stream: Stream, scope: Scope) -> Item:
        place = stream.take().place
        return kind(body(stream, scope), place=place)

    return take


def _named(kind: Callable[..., Item], solvefor: bool = False) -> Callable[[Stream, Scope], Item]:
    """KEYWORD name {}, and perhaps SOLVEFOR a, b before the brace"""

    def take(stream: Stream, scope: Scope) -> Item:
        place = stream.take().place
        name = stream.name(scope, "the name of the block").text
        inside = replace(scope, construct=f"{scope.block} {name}")
        if not solvefor:
            return kind(name, body(stream, inside), place=place)
        found = [token.text for token in names(stream, inside)] if stream.skip("SOLVEFOR") else []
        return kind(name, body(stream, inside), tuple(found), place=place)

    return take


def _callable(kind: Callable[..., Item]) -> Callable[[Stream, Scope], Item]:
    """KEYWORD name(arguments) (unit) {}"""

    def take(stream: Stream, scope: Scope) -> Item:
        place = stream.take().place
        name = stream.name(scope, f"the name of the {scope.block}").text
        inside = replace(scope, construct=f"{scope.block} {name}")
        found = arguments(stream, inside)
        unit = stream.unit(inside)
        if kind is FunctionTable:
            return kind(name, found, unit, place=place)
        return kind(name, found, unit, body(stream, inside), place=place)

    return take


def _net_receive(stream: Stream, scope: Scope) -> NetReceive:
    place = stream.take().place
    found = arguments(stream, scope)
    if not found:
        sentence = "NET_RECEIVE needs at least one argument, the weight. Write NET_RECEIVE (weight)."
        raise stream.error(place, sentence, scope)
    return NetReceive(found, body(stream, scope), place=place)


def _before_after(stream: Stream, scope: Scope) -> BeforeAfter:
    token = stream.take()
    if stream.kind not in _WHEN:
        raise stream.unexpected(scope, "BREAKPOINT, SOLVE, INITIAL or STEP")
    what = stream.take().kind
    inside = replace(scope, construct=f"{token.kind} {what}")
    return BeforeAfter(token.kind, what, body(stream, inside), place=token.place)


def _obsolete(stream: Stream, scope: Scope) -> Obsolete:
    """A block of older translators, as text: PLOT a, b VS t; TERMINAL {}; PARTIAL name {}; MATCH {}"""
    first = stream.take()
    if first.text == "PLOT":
        end = names(stream, scope)[-1].end
        if stream.skip("VS"):
            end = stream.name(scope).end
    else:
        if stream.kind == "name":
            stream.take()
        end = braces(stream, scope)
    return Obsolete(first.text, stream.text[first.start : end], place=first.place)


_ITEMS: dict[str, Callable[[Stream, Scope], Item]] = {
    "title": _title,
    "DEFINE": _define,
    "LOCAL": local,
    "verbatim": verbatim,
    "UNITSON": units_switch,
    "UNITSOFF": units_switch,
    "NEURON": neuron,
    "UNITS": declarations.units,
    "PARAMETER": declarations.parameters,
    "CONSTANT": declarations.constants,
    "ASSIGNED": declarations.assigned,
    "STATE": declarations.state,
    "INDEPENDENT": declarations.independent,
    "INITIAL": _plain(Initial),
    "BREAKPOINT": _plain(Breakpoint),
    "EQUATION": _plain(Breakpoint),  # its oldest name
    "CONSTRUCTOR": _plain(Constructor),
    "DESTRUCTOR": _plain(Destructor),
    "DERIVATIVE": _named(Derivative),
    "DISCRETE": _named(Discrete),
    "KINETIC": _named(Kinetic, solvefor=True),
    "LINEAR": _named(Linear, solvefor=True),
    "NONLINEAR": _named(Nonlinear, solvefor=True),
    "FUNCTION": _callable(Function),
    "PROCEDURE": _callable(Procedure),
    "FUNCTION_TABLE": _callable(FunctionTable),
    "NET_RECEIVE": _net_receive,
    "BEFORE": _before_after,
    "AFTER": _before_after,
}

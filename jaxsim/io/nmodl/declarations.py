"""The blocks that declare: UNITS, PARAMETER, CONSTANT, ASSIGNED, STATE, INDEPENDENT and the old STEPPED."""

from collections.abc import Callable
from typing import TypeVar

from jaxsim.io.nmodl.expressions import signed, size, whole
from jaxsim.io.nmodl.stream import Scope, Stream
from jaxsim.io.nmodl.tree import (
    AssignedBlock,
    Constant,
    ConstantBlock,
    Declared,
    Independent,
    IndependentBlock,
    Parameter,
    ParameterBlock,
    StateBlock,
    Stepped,
    SteppedBlock,
    UnitDefinition,
    UnitFactor,
    UnitsBlock,
)

T = TypeVar("T")


def _block(stream: Stream, scope: Scope, one: Callable[[Stream, Scope], T]) -> tuple[T, ...]:
    """The declarations in braces, whose keyword was just taken."""
    stream.expect("{", scope)
    found = []
    while not stream.skip("}"):
        found.append(one(stream, scope))
    return tuple(found)


def units(stream: Stream, scope: Scope) -> UnitsBlock:
    """Take UNITS {}."""
    place = stream.take().place
    return UnitsBlock(_block(stream, scope, _unit), place=place)


def _unit(stream: Stream, scope: Scope) -> UnitDefinition | UnitFactor:
    place = stream.token.place
    if stream.kind == "(":
        unit = stream.unit(scope)
        stream.expect("=", scope)
        meaning = _needed_unit(stream, scope, "Write (mV) = (millivolt).")
        return UnitDefinition(unit, meaning, comment=stream.comment_beside(place.line), place=place)
    name = stream.name(scope, "a unit in parentheses or the name of a constant").text
    stream.expect("=", scope)
    value, given = None, ""
    if stream.kind == "(":
        given = stream.unit(scope)
        if stream.skip("-"):
            stream.expect(">", scope)
    else:
        value = signed(stream, scope)
    unit = _needed_unit(stream, scope, "A number without a unit has the unit (1).")
    return UnitFactor(name, value, given, unit, comment=stream.comment_beside(place.line), place=place)


def _needed_unit(stream: Stream, scope: Scope, fix: str) -> str:
    if stream.kind != "(":
        raise stream.unexpected(scope, "a unit in parentheses", fix)
    return stream.unit(scope)


def parameters(stream: Stream, scope: Scope) -> ParameterBlock:
    """Take PARAMETER {}."""
    place = stream.take().place
    return ParameterBlock(_block(stream, scope, _parameter), place=place)


def _parameter(stream: Stream, scope: Scope) -> Parameter:
    token = stream.name(scope, "the name of a parameter, or '}'")
    length = size(stream, scope)
    value = signed(stream, scope) if length is None and stream.skip("=") else None
    unit = stream.unit(scope)
    limits = None
    if stream.skip("<"):
        low = signed(stream, scope)
        stream.expect(",", scope, "',' and the upper limit")
        limits = low, signed(stream, scope)
        stream.expect(">", scope)
    comment = stream.comment_beside(token.place.line)
    return Parameter(token.text, value, unit, limits, length, comment=comment, place=token.place)


def constants(stream: Stream, scope: Scope) -> ConstantBlock:
    """Take CONSTANT {}."""
    place = stream.take().place
    return ConstantBlock(_block(stream, scope, _constant), place=place)


def _constant(stream: Stream, scope: Scope) -> Constant:
    token = stream.name(scope, "the name of a constant, or '}'")
    stream.expect("=", scope, "'=' and a number")
    value, unit = signed(stream, scope), stream.unit(scope)
    return Constant(token.text, value, unit, comment=stream.comment_beside(token.place.line), place=token.place)


def assigned(stream: Stream, scope: Scope) -> AssignedBlock:
    """Take ASSIGNED {}."""
    place = stream.take().place
    return AssignedBlock(_block(stream, scope, _declared), place=place)


def state(stream: Stream, scope: Scope) -> StateBlock:
    """Take STATE {}."""
    place = stream.take().place
    return StateBlock(_block(stream, scope, _declared), place=place)


def _declared(stream: Stream, scope: Scope) -> Declared:
    token = stream.token
    if token.kind != "name" or stream.at_number:
        raise stream.unexpected(scope, "the name of a variable, or '}'")
    stream.take()
    name = token.text.rstrip("'")
    length = size(stream, scope)
    bounds = None
    if stream.skip("FROM"):
        low = signed(stream, scope)
        stream.expect("TO", scope)
        bounds = low, signed(stream, scope)
    start = signed(stream, scope) if stream.skip("START") else None
    unit = stream.unit(scope)
    tolerance = None
    if stream.skip("<"):
        tolerance = signed(stream, scope)
        stream.expect(">", scope)
    return Declared(
        name,
        unit,
        length,
        bounds,
        start,
        tolerance,
        len(token.text) - len(name),
        comment=stream.comment_beside(token.place.line),
        place=token.place,
    )


def independent(stream: Stream, scope: Scope) -> IndependentBlock:
    """Take INDEPENDENT {}."""
    place = stream.take().place
    return IndependentBlock(_block(stream, scope, _independent), place=place)


def _independent(stream: Stream, scope: Scope) -> Independent:
    sweep = stream.skip("SWEEP")
    token = stream.name(scope, "the name of a variable, or '}'")
    stream.expect("FROM", scope)
    first = signed(stream, scope)
    stream.expect("TO", scope)
    last = signed(stream, scope)
    stream.expect("WITH", scope)
    steps = whole(stream, scope)
    start = signed(stream, scope) if stream.skip("START") else None
    unit = stream.unit(scope)
    comment = stream.comment_beside(token.place.line)
    return Independent(token.text, first, last, steps, start, unit, sweep, comment=comment, place=token.place)


def stepped(stream: Stream, scope: Scope) -> SteppedBlock:
    """Take the old STEPPED {}."""
    place = stream.take().place
    return SteppedBlock(_block(stream, scope, _stepped), place=place)


def _stepped(stream: Stream, scope: Scope) -> Stepped:
    token = stream.name(scope, "the name of a variable, or '}'")
    stream.expect("=", scope, "'=' and numbers")
    values = [signed(stream, scope)]
    while stream.skip(","):
        values.append(signed(stream, scope))
    unit = stream.unit(scope)
    return Stepped(token.text, tuple(values), unit, comment=stream.comment_beside(token.place.line), place=token.place)

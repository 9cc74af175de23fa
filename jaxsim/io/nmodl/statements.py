"""Statements: assignments, calls, loops, branches, and the words that begin a statement of their own."""

from collections.abc import Callable

from jaxsim.io.nmodl.expressions import ARITHMETIC, call, expression, number, size, variable, whole
from jaxsim.io.nmodl.kinetic import compartment, conserve, longitudinal_diffusion, tilde
from jaxsim.io.nmodl.stream import Scope, Stream
from jaxsim.io.nmodl.tokens import Token
from jaxsim.io.nmodl.tree import (
    Argument,
    Assign,
    Branch,
    CallStatement,
    Conductance,
    Expression,
    ForAll,
    ForNetcons,
    From,
    Group,
    If,
    Initial,
    Lag,
    Local,
    LocalVariable,
    Mutex,
    Obsolete,
    Solve,
    Statement,
    Table,
    UnitsSwitch,
    Verbatim,
    Watch,
    WatchCondition,
    While,
)
from jaxsim.io.nmodl.vocabulary import OBSOLETE_STATEMENTS

Body = tuple[Statement, ...]


def body(stream: Stream, scope: Scope) -> Body:
    """Take statements in braces.

    Args:
        stream: the tokens.
        scope: what the braces belong to.

    Returns:
        The statements.

    Raises:
        NmodlError: if one of them is none, or a brace is missing.
    """
    inside = stream.deeper(scope)
    stream.expect("{", scope, "'{' and statements")
    statements = []
    while not stream.skip("}"):
        statements.append(statement(stream, inside))
    return tuple(statements)


def statement(stream: Stream, scope: Scope) -> Statement:
    """Take one statement."""
    kind = stream.kind
    if kind == "name":
        return _named(stream, scope)
    if kind not in _STATEMENTS:
        raise stream.unexpected(scope, "a statement or '}'")
    return _STATEMENTS[kind](stream, scope)


def _named(stream: Stream, scope: Scope) -> Statement:
    """What begins with a name: an assignment, a call, or a word of older translators."""
    first = stream.token
    target = variable(stream, scope)
    if stream.kind == "(" and target.index is None:
        return CallStatement(call(stream, scope, target), place=first.place)
    if stream.kind != "=" and first.text == "FORALL":
        array = stream.name(scope, "the name of an array").text
        return ForAll(array, body(stream, scope), place=first.place)
    if stream.kind != "=" and first.text in OBSOLETE_STATEMENTS:
        end = first.end
        if first.text == "SENS":
            end = names(stream, scope)[-1].end
        elif first.text == "MATCH":
            end = braces(stream, scope)
        return Obsolete(first.text, stream.text[first.start : end], place=first.place)
    stream.expect("=", scope, "'=' and a value" + ("" if target.index else ", or '(' and arguments"))
    return Assign(target, expression(stream, scope), place=first.place)


def braces(stream: Stream, scope: Scope) -> int:
    """Take everything from '{' to its '}' and return the offset behind it."""
    stream.expect("{", scope)
    depth = 1
    while True:
        if stream.kind == "end":
            raise stream.unexpected(scope, "'}'")
        token = stream.take()
        depth += {"{": 1, "}": -1}.get(token.kind, 0)
        if not depth:
            return token.end


def names(stream: Stream, scope: Scope, what: str = "a name") -> list[Token]:
    """Take names with commas between them."""
    found = [stream.name(scope, what)]
    while stream.skip(","):
        found.append(stream.name(scope, what))
    return found


def arguments(stream: Stream, scope: Scope) -> tuple[Argument, ...]:
    """Take the arguments of a block: (v (mV), n)."""
    stream.expect("(", scope, "'(' and the arguments")
    found: list[Argument] = []
    while not stream.skip(")"):
        if found:
            stream.expect(",", scope, "',' or ')'")
        token = stream.name(scope, "the name of an argument")
        found.append(Argument(token.text, stream.unit(scope), place=token.place))
    return tuple(found)


def local(stream: Stream, scope: Scope) -> Local:
    """Take LOCAL a, b[3]."""
    place = stream.take().place
    found: list[LocalVariable] = []
    while not found or stream.skip(","):
        token = stream.name(scope, "the name of a LOCAL variable")
        found.append(LocalVariable(token.text, size(stream, scope), place=token.place))
    return Local(tuple(found), place=place)


def verbatim(stream: Stream, scope: Scope) -> Verbatim:
    """Take VERBATIM ... ENDVERBATIM."""
    token = stream.take()
    return Verbatim(token.text, place=token.place)


def units_switch(stream: Stream, scope: Scope) -> UnitsSwitch:
    """Take UNITSON or UNITSOFF."""
    token = stream.take()
    return UnitsSwitch(token.kind == "UNITSON", place=token.place)


def _protect(stream: Stream, scope: Scope) -> Assign:
    place = stream.take().place
    target = variable(stream, scope)
    stream.expect("=", scope, "'=' and a value")
    return Assign(target, expression(stream, scope), protect=True, place=place)


def _group(stream: Stream, scope: Scope) -> Group:
    place = stream.token.place
    return Group(body(stream, scope), place=place)


def _guarded(stream: Stream, scope: Scope) -> tuple[Expression, Body]:
    """(condition) { statements }"""
    stream.expect("(", scope, "'(' and a condition")
    condition = expression(stream, scope)
    stream.expect(")", scope, "an operator or ')'")
    return condition, body(stream, scope)


def _if(stream: Stream, scope: Scope) -> If:
    place = stream.token.place
    branches: list[Branch] = []
    while not branches or stream.kind == "IF":
        at = stream.take().place
        branches.append(Branch(*_guarded(stream, scope), place=at))
        if not stream.skip("ELSE"):
            return If(tuple(branches), place=place)
    return If(tuple(branches), body(stream, scope), place=place)


def _while(stream: Stream, scope: Scope) -> While:
    place = stream.take().place
    return While(*_guarded(stream, scope), place=place)


def _from(stream: Stream, scope: Scope) -> From:
    place = stream.take().place
    counter = stream.name(scope, "the name of the counter").text
    stream.expect("=", scope)
    first = expression(stream, scope)
    stream.expect("TO", scope, "an operator or the word TO")
    last = expression(stream, scope)
    step = expression(stream, scope) if stream.skip("BY") else None
    return From(counter, first, last, step, body(stream, scope), place=place)


def _solve(stream: Stream, scope: Scope) -> Solve:
    place = stream.take().place
    block = stream.name(scope, "the name of a block").text
    method, steady = None, stream.kind == "STEADYSTATE"
    if stream.kind in ("METHOD", "STEADYSTATE"):
        stream.take()
        method = stream.name(scope, "the name of a method").text
    on_error = None
    if stream.kind == "name" and stream.token.text == "IFERROR":
        stream.take()
        on_error = body(stream, scope)
    return Solve(block, method, steady, on_error, place=place)


def _conductance(stream: Stream, scope: Scope) -> Conductance:
    place = stream.take().place
    name = stream.name(scope, "the name of a conductance").text
    ion = stream.name(scope, "the name of an ion").text if stream.skip("USEION") else None
    return Conductance(name, ion, place=place)


def _table(stream: Stream, scope: Scope) -> Table:
    place = stream.take().place
    listed = names(stream, scope, "a name, DEPEND or FROM") if stream.kind not in ("DEPEND", "FROM") else []
    depend = names(stream, scope) if stream.skip("DEPEND") else []
    stream.expect("FROM", scope, "',', DEPEND or FROM")
    first = expression(stream, scope)
    stream.expect("TO", scope, "an operator or the word TO")
    last = expression(stream, scope)
    stream.expect("WITH", scope, "an operator or the word WITH")
    count = whole(stream, scope, "the number of intervals")
    return Table(tuple(t.text for t in listed), tuple(t.text for t in depend), first, last, count, place=place)


def _watch(stream: Stream, scope: Scope) -> Watch:
    place = stream.take().place
    conditions: list[WatchCondition] = []
    while not conditions or stream.skip(","):
        at = stream.expect("(", scope, "'(' and an inequality").place
        left = expression(stream, scope, ARITHMETIC)
        if stream.kind not in ("<", ">"):
            raise stream.unexpected(scope, "'<' or '>'")
        operator = stream.take().kind
        right = expression(stream, scope, ARITHMETIC)
        stream.expect(")", scope, "an operator or ')'")
        if not stream.at_number:
            raise stream.unexpected(scope, "the number that flag becomes")
        conditions.append(WatchCondition(operator, left, right, number(stream, scope), place=at))
    return Watch(tuple(conditions), place=place)


def _for_netcons(stream: Stream, scope: Scope) -> ForNetcons:
    place = stream.take().place
    found = arguments(stream, scope)
    return ForNetcons(found, body(stream, scope), place=place)


def _initial(stream: Stream, scope: Scope) -> Initial:
    place = stream.take().place
    return Initial(body(stream, scope), place=place)


def _lag(stream: Stream, scope: Scope) -> Lag:
    place = stream.take().place
    lagged = variable(stream, scope)
    stream.expect("BY", scope)
    return Lag(lagged, stream.name(scope, "the name of a duration").text, place=place)


def _mutex(stream: Stream, scope: Scope) -> Mutex:
    token = stream.take()
    return Mutex(token.kind == "MUTEXLOCK", place=token.place)


_STATEMENTS: dict[str, Callable[[Stream, Scope], Statement]] = {
    "LOCAL": local,
    "PROTECT": _protect,
    "IF": _if,
    "WHILE": _while,
    "FROM": _from,
    "{": _group,
    "SOLVE": _solve,
    "CONDUCTANCE": _conductance,
    "TABLE": _table,
    "verbatim": verbatim,
    "UNITSON": units_switch,
    "UNITSOFF": units_switch,
    "~": tilde,
    "~+": tilde,
    "CONSERVE": conserve,
    "COMPARTMENT": compartment,
    "LONGITUDINAL_DIFFUSION": longitudinal_diffusion,
    "WATCH": _watch,
    "FOR_NETCONS": _for_netcons,
    "INITIAL": _initial,
    "LAG": _lag,
    "MUTEXLOCK": _mutex,
    "MUTEXUNLOCK": _mutex,
}

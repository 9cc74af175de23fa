"""Expressions: operators by precedence, calls, indices, numbers with their units."""

import math
from collections.abc import Mapping
from typing import TypeVar

from jaxsim.io.nmodl.stream import Scope, Stream
from jaxsim.io.nmodl.tokens import Token
from jaxsim.io.nmodl.tree import AddressOf, Binary, Call, Expression, Number, String, Unary, Variable

# How tightly an operator binds. NEURON's grammar has all comparisons on one level, but hands them to the C compiler as
# they stand, so that a == b < c is a == (b < c) as in C.
ARITHMETIC: Mapping[str, int] = {"+": 5, "-": 5, "*": 6, "/": 6, "^": 8}
ALL: Mapping[str, int] = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, **ARITHMETIC}
_PREFIX = 7
_POWER = 8  # the only operator that binds from the right: a^b^c is a^(b^c)

MAX_HEIGHT = 100  # levels of one expression's tree: a sum of n terms has n. Of 4,800 published files the most is 17.
_MAX_DIGITS = 9  # of a whole number

E = TypeVar("E", bound=Expression)


def expression(stream: Stream, scope: Scope, operators: Mapping[str, int] = ALL) -> Expression:
    """Take an expression.

    Args:
        stream: the tokens.
        scope: what the expression stands in.
        operators: the operators that may join its operands.

    Returns:
        Its tree.

    Raises:
        NmodlError: if it is none, or too long or deep.
    """
    begin = stream.token
    return _bounded(stream, scope, begin, _expression(stream, scope, operators))


def variable(stream: Stream, scope: Scope) -> Variable:
    """Take a variable with its primes, index and delay."""
    begin = stream.token
    return _bounded(stream, scope, begin, _variable(stream, scope))


def call(stream: Stream, scope: Scope, named: Variable) -> Call:
    """Take the arguments of a call, whose name was just taken."""
    begin = stream.token
    return _bounded(stream, scope, begin, _call(stream, scope, named))


def _bounded(stream: Stream, scope: Scope, begin: Token, tree: E) -> E:
    """A whole tree that was just taken, if it is not so high that walking over it recursively would overflow."""
    if stream.token.start - begin.start > MAX_HEIGHT and _height(tree) > MAX_HEIGHT:
        sentence = f"this expression has more than {MAX_HEIGHT} terms in one chain. Compute it in several statements."
        raise stream.error(begin.place, sentence, scope)
    return tree


def _expression(stream: Stream, scope: Scope, operators: Mapping[str, int]) -> Expression:
    operands: list[Expression] = []
    waiting: list[tuple[int, Token]] = []  # operators whose right operand is not complete, and how tightly they bind
    while True:
        while stream.kind in ("-", "!"):
            waiting.append((_PREFIX, stream.take()))
        operands.append(_operand(stream, scope, operators))
        binding = operators.get(stream.kind)
        if binding is None:
            break
        while waiting and waiting[-1][0] >= binding + (binding == _POWER):
            _join(operands, *waiting.pop())
        waiting.append((binding, stream.take()))
    while waiting:
        _join(operands, *waiting.pop())
    return operands[0]


def _join(operands: list[Expression], binding: int, operator: Token) -> None:
    """Replace the last operands by the operator that holds them."""
    right = operands.pop()
    if binding == _PREFIX:
        operands.append(Unary(operator.kind, right, place=operator.place))
    else:
        left = operands.pop()
        operands.append(Binary(operator.kind, left, right, place=left.place))


def _operand(stream: Stream, scope: Scope, operators: Mapping[str, int] = ALL) -> Expression:
    token = stream.token
    if stream.at_number:
        return number(stream, scope)
    if token.kind == "(":
        inside = stream.deeper(scope)
        stream.take()
        inner = _expression(stream, inside, operators)
        stream.expect(")", scope, "an operator or ')'")
        return inner
    if token.kind == "name":
        named = _variable(stream, scope)
        plain = named.index is None and named.ago is None and not named.primes
        return _call(stream, scope, named) if plain and stream.kind == "(" else named
    if token.kind == "INT":
        stream.take()
        return _call(stream, scope, Variable("INT", place=token.place))
    raise stream.unexpected(scope, "an expression")


def number(stream: Stream, scope: Scope) -> Number:
    """Take a number, or a name that DEFINE made one, and the unit behind it."""
    token = stream.token
    value = _value(stream, scope)
    return Number(value, stream.unit(scope), token.text, place=token.place)


def _value(stream: Stream, scope: Scope) -> float:
    token = stream.token
    if token.kind == "name" and stream.at_number:
        return float(stream.defines[stream.take().text])
    value = float(stream.expect("number", scope, "a number").text)
    if not math.isfinite(value):
        raise stream.error(token.place, f"the number {token.text[:40]} is too large. The largest is 1.8e308.", scope)
    return value


def signed(stream: Stream, scope: Scope) -> float:
    """Take a number without a unit, with a sign or without."""
    if stream.skip("-"):
        return -_value(stream, scope)
    stream.skip("+")
    return _value(stream, scope)


def whole(stream: Stream, scope: Scope, what: str = "a whole number") -> int:
    """Take a whole number, or a name that DEFINE made one."""
    token = stream.token
    if token.kind == "name" and stream.at_number:
        return stream.defines[stream.take().text]
    if token.kind != "number" or not token.text.isdigit():
        fix = f"Write DEFINE {token.text} and a whole number at the top of the file." if token.kind == "name" else ""
        raise stream.unexpected(scope, what, fix)
    if len(token.text) > _MAX_DIGITS:
        sentence = f"the whole number {token.text[:40]} is too large. It has at most {_MAX_DIGITS} digits."
        raise stream.error(token.place, sentence, scope)
    return int(stream.take().text)


def size(stream: Stream, scope: Scope) -> int | None:
    """Take the length of an array in brackets, if it comes next; None without."""
    if not stream.skip("["):
        return None
    place = stream.token.place
    length = whole(stream, scope, "the length of the array")
    if length < 1:
        raise stream.error(place, f"the length of an array must be positive, got {length}. Write 1 or more.", scope)
    stream.expect("]", scope)
    return length


def _variable(stream: Stream, scope: Scope) -> Variable:
    token = stream.token
    if token.kind != "name" or stream.at_number:
        raise stream.unexpected(scope, "a variable")
    stream.take()
    name = token.text.rstrip("'")
    ago = whole(stream, scope) if stream.skip("@") else None
    index = None
    if stream.kind == "[":
        inside = stream.deeper(scope)
        stream.take()
        index = _expression(stream, inside, ALL)
        stream.expect("]", scope, "an operator or ']'")
    return Variable(name, index, len(token.text) - len(name), ago, place=token.place)


def _call(stream: Stream, scope: Scope, named: Variable) -> Call:
    inside = stream.deeper(scope)
    stream.expect("(", scope)
    arguments: list[Expression] = []
    while not stream.skip(")"):
        if arguments:
            stream.expect(",", scope, "an operator, ',' or ')'")
        arguments.append(_argument(stream, inside))
    return Call(named.name, tuple(arguments), place=named.place)


def _argument(stream: Stream, scope: Scope) -> Expression:
    token = stream.token
    if stream.skip("&"):
        return AddressOf(_variable(stream, scope), place=token.place)
    if stream.skip("string"):
        return String(token.text, place=token.place)
    return _expression(stream, scope, ALL)


def _height(tree: Expression) -> int:
    """The number of levels of a tree, found without recursion."""
    level, highest = [tree], 0
    while level:
        highest += 1
        level = [child for one in level for child in _children(one)]
    return highest


def _children(tree: Expression) -> tuple[Expression, ...]:
    if isinstance(tree, Binary):
        return (tree.left, tree.right)
    if isinstance(tree, Unary):
        return (tree.operand,)
    if isinstance(tree, Call):
        return tree.arguments
    if isinstance(tree, Variable) and tree.index is not None:
        return (tree.index,)
    return ()

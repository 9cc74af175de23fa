"""Expressions: numbers, variables, calls and operators."""

from dataclasses import dataclass, field

from jaxsim.io.nmodl.tree.base import Expression


@dataclass(frozen=True)
class Number(Expression):
    """A number, or a name that DEFINE gave one.

    Args:
        value: the number.
        unit: the text of the parentheses behind it, "" without; NEURON checks it and computes nothing with it.
        text: how it is written: "1.", "1e-3", or the name "N".
    """

    value: float
    unit: str = ""
    text: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True)
class String(Expression):
    """A text in quotes, an argument of a call.

    Args:
        text: without the quotes; a backslash is itself.
    """

    text: str


@dataclass(frozen=True)
class Variable(Expression):
    """A variable, as it is read or assigned: `m`, `ca[i]`, `m'`, `x@1`.

    Args:
        name: without primes; the initial value `m'0` of a derivative is the name "Dm0".
        index: the element of an array, counted from 0 in whole numbers: 7/2 is 3, a variable is cut to a whole number.
        primes: the order of the derivative; 0 is the variable itself.
        ago: in a DISCRETE block, how many steps back.
    """

    name: str
    index: Expression | None = None
    primes: int = 0
    ago: int | None = None


@dataclass(frozen=True)
class Call(Expression):
    """A call of a FUNCTION, PROCEDURE, FUNCTION_TABLE or of what NEURON has built in; `INT(x)` too, inside an index.

    Args:
        function: its name.
        arguments: expressions; a `String` for printf and the like.
    """

    function: str
    arguments: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class AddressOf(Expression):
    """`&x`, an argument of a call.

    Args:
        variable: whose address is meant.
    """

    variable: Variable


@dataclass(frozen=True)
class Unary(Expression):
    """Minus or not.

    Args:
        operator: "-" or "!". Both bind less than ^: -2^2 is -4.
        operand: what stands behind it.
    """

    operator: str
    operand: Expression


@dataclass(frozen=True)
class Binary(Expression):
    """Two operands with an operator between them.

    Args:
        operator: "^", "*", "/", "+", "-", "<", ">", "<=", ">=", "==", "!=", "&&" or "||".
        left, right: the operands. A comparison has the value 1 or 0.
    """

    operator: str
    left: Expression
    right: Expression

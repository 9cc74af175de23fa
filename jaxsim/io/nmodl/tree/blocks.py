"""Procedural blocks: INITIAL, BREAKPOINT, DERIVATIVE, KINETIC, FUNCTION, NET_RECEIVE and the like."""

from dataclasses import dataclass

from jaxsim.io.nmodl.tree.base import Item, Node, Statement

Body = tuple[Statement, ...]


@dataclass(frozen=True)
class Argument(Node):
    """An argument of a FUNCTION, PROCEDURE, FUNCTION_TABLE, NET_RECEIVE or FOR_NETCONS.

    Args:
        name: the argument.
        unit: "" without.
    """

    name: str
    unit: str = ""


@dataclass(frozen=True)
class Initial(Item, Statement):
    """INITIAL {}; inside NET_RECEIVE it initialises the arguments of each connection.

    Args:
        body: the statements.
    """

    body: Body


@dataclass(frozen=True)
class Breakpoint(Item):
    """BREAKPOINT {}.

    Args:
        body: the statements; those behind SOLVE are evaluated for the current, at v and v + 0.001 mV.
    """

    body: Body


@dataclass(frozen=True)
class Derivative(Item):
    """DERIVATIVE name {}.

    Args:
        name: what SOLVE calls it.
        body: the statements.
    """

    name: str
    body: Body


@dataclass(frozen=True)
class Kinetic(Item):
    """KINETIC name {}.

    Args:
        name: what SOLVE calls it.
        body: the statements.
        solvefor: the states after SOLVEFOR; none means all.
    """

    name: str
    body: Body
    solvefor: tuple[str, ...] = ()


@dataclass(frozen=True)
class Linear(Item):
    """LINEAR name {}: simultaneous linear equations.

    Args:
        name: what SOLVE calls it.
        body: the statements.
        solvefor: the states after SOLVEFOR; none means all.
    """

    name: str
    body: Body
    solvefor: tuple[str, ...] = ()


@dataclass(frozen=True)
class Nonlinear(Item):
    """NONLINEAR name {}: simultaneous nonlinear equations.

    Args:
        name: what SOLVE calls it.
        body: the statements.
        solvefor: the states after SOLVEFOR; none means all.
    """

    name: str
    body: Body
    solvefor: tuple[str, ...] = ()


@dataclass(frozen=True)
class Discrete(Item):
    """DISCRETE name {}: difference equations.

    Args:
        name: what SOLVE calls it.
        body: the statements.
    """

    name: str
    body: Body


@dataclass(frozen=True)
class Function(Item):
    """FUNCTION name(arguments) (unit) {}: its value is what the variable of its name is assigned.

    Args:
        name: the function.
        arguments: local to it.
        unit: of the value; "" without.
        body: the statements.
    """

    name: str
    arguments: tuple[Argument, ...]
    unit: str
    body: Body


@dataclass(frozen=True)
class Procedure(Item):
    """PROCEDURE name(arguments) {}.

    Args:
        name: the procedure.
        arguments: local to it.
        unit: "" without.
        body: the statements.
    """

    name: str
    arguments: tuple[Argument, ...]
    unit: str
    body: Body


@dataclass(frozen=True)
class FunctionTable(Item):
    """FUNCTION_TABLE name(arguments) (unit): a function whose values the user gives as a table.

    Args:
        name: the function.
        arguments: one or two.
        unit: of the value; "" without.
    """

    name: str
    arguments: tuple[Argument, ...]
    unit: str = ""


@dataclass(frozen=True)
class NetReceive(Item):
    """NET_RECEIVE(weight, ...) {}: what an event does. The variable `flag` is 0 for an event from outside.

    Args:
        arguments: the first is the weight; all are numbers of the connection and keep what they are assigned.
        body: the statements.
    """

    arguments: tuple[Argument, ...]
    body: Body


@dataclass(frozen=True)
class ForNetcons(Statement):
    """FOR_NETCONS(weight, ...) {}, in NET_RECEIVE: a loop over every connection to this instance.

    Args:
        arguments: as many as NET_RECEIVE has; names of their own.
        body: the statements.
    """

    arguments: tuple[Argument, ...]
    body: Body


@dataclass(frozen=True)
class BeforeAfter(Item):
    """BEFORE BREAKPOINT {}, AFTER SOLVE {} and so on.

    Args:
        when: "BEFORE" or "AFTER".
        what: "BREAKPOINT", "SOLVE", "INITIAL" or "STEP".
        body: the statements.
    """

    when: str
    what: str
    body: Body


@dataclass(frozen=True)
class Constructor(Item):
    """CONSTRUCTOR {}.

    Args:
        body: the statements.
    """

    body: Body


@dataclass(frozen=True)
class Destructor(Item):
    """DESTRUCTOR {}.

    Args:
        body: the statements.
    """

    body: Body

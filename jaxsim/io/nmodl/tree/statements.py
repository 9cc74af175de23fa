"""Statements: what stands in the braces of INITIAL, BREAKPOINT, DERIVATIVE, KINETIC, FUNCTION and the like."""

from dataclasses import dataclass

from jaxsim.io.nmodl.tree.base import Expression, Item, Node, Statement
from jaxsim.io.nmodl.tree.expressions import Call, Number, Variable


@dataclass(frozen=True)
class LocalVariable(Node):
    """One name of a LOCAL list.

    Args:
        name: the variable.
        size: the length of an array; None for a single number.
    """

    name: str
    size: int | None = None


@dataclass(frozen=True)
class Local(Item, Statement):
    """LOCAL a, b[3]. At the level of the file the variables last, and all instances of the mechanism share them.

    Args:
        variables: in order.
    """

    variables: tuple[LocalVariable, ...]


@dataclass(frozen=True)
class Verbatim(Item, Statement):
    """VERBATIM ... ENDVERBATIM: C code.

    Args:
        text: the lines between the two words, as they are.
    """

    text: str


@dataclass(frozen=True)
class UnitsSwitch(Item, Statement):
    """UNITSON or UNITSOFF: whether NEURON checks units from here on. It changes no value.

    Args:
        on: which of the two.
    """

    on: bool


@dataclass(frozen=True)
class Obsolete(Item, Statement):
    """What older translators knew and NEURON no longer accepts: PLOT, PARTIAL, TERMINAL, SENS, MATCH, RESET.

    Args:
        keyword: its first word.
        text: the source, from the keyword on.
    """

    keyword: str
    text: str


@dataclass(frozen=True)
class Assign(Statement):
    """x = value, m' = value.

    Args:
        target: a variable, an element, or a derivative (`primes` > 0).
        value: the right-hand side.
        protect: whether the word PROTECT stands before it: one thread at a time.
    """

    target: Variable
    value: Expression
    protect: bool = False


@dataclass(frozen=True)
class CallStatement(Statement):
    """A call that stands alone: rates(v), net_send(d, 1).

    Args:
        call: the call.
    """

    call: Call


@dataclass(frozen=True)
class Group(Statement):
    """Statements in braces of their own.

    Args:
        body: the statements; a LOCAL among them ends with the braces.
    """

    body: tuple[Statement, ...]


@dataclass(frozen=True)
class Branch(Node):
    """A condition and what it guards.

    Args:
        condition: true if it is not 0.
        body: the statements.
    """

    condition: Expression
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class If(Statement):
    """IF (a) {} ELSE IF (b) {} ELSE {}.

    Args:
        branches: the IF and each ELSE IF, in order.
        otherwise: the statements of ELSE; None without one.
    """

    branches: tuple[Branch, ...]
    otherwise: tuple[Statement, ...] | None = None


@dataclass(frozen=True)
class While(Statement):
    """WHILE (condition) {}.

    Args:
        condition: true if it is not 0.
        body: the statements.
    """

    condition: Expression
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class From(Statement):
    """FROM i = first TO last BY step {}: a loop that includes its last value.

    Args:
        variable: a whole number of its own, known in the braces only.
        first, last: the range, in whole numbers as an index is.
        step: None for 1.
        body: the statements.
    """

    variable: str
    first: Expression
    last: Expression
    step: Expression | None
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class ForAll(Statement):
    """FORALL array {}: of older translators, NEURON no longer accepts it.

    Args:
        array: the array.
        body: the statements.
    """

    array: str
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class Solve(Statement):
    """SOLVE block METHOD method, or SOLVE block STEADYSTATE method.

    Args:
        block: the name of a DERIVATIVE, KINETIC, LINEAR, NONLINEAR, DISCRETE or PROCEDURE block.
        method: cnexp, sparse, derivimplicit, ...; None where none is written.
        steadystate: whether the word is STEADYSTATE.
        on_error: the statements of the old IFERROR; None without it.
    """

    block: str
    method: str | None = None
    steadystate: bool = False
    on_error: tuple[Statement, ...] | None = None


@dataclass(frozen=True)
class Conductance(Statement):
    """CONDUCTANCE g USEION k: a hint that the current of this ion is g (v - e).

    Args:
        variable: the conductance.
        ion: None for a nonspecific current.
    """

    variable: str
    ion: str | None = None


@dataclass(frozen=True)
class Table(Statement):
    """TABLE a, b DEPEND c FROM first TO last WITH count: values are tabulated over the block's argument.

    Args:
        names: the variables that are tabulated; none in a FUNCTION, where it is the function itself.
        depend: the variables whose change makes the table anew.
        first, last: the range.
        count: the number of intervals.
    """

    names: tuple[str, ...]
    depend: tuple[str, ...]
    first: Expression
    last: Expression
    count: int


@dataclass(frozen=True)
class Equation(Statement):
    """~ left = right, in a LINEAR or NONLINEAR block.

    Args:
        left, right: the two sides.
        added: whether it begins with ~+, which adds it to the equation before.
    """

    left: Expression
    right: Expression
    added: bool = False


@dataclass(frozen=True)
class Reactant(Node):
    """One term of a reaction: 2 ca[i].

    Args:
        variable: the state, or another variable that takes part and does not change.
        count: how many of it.
    """

    variable: Variable
    count: int = 1


@dataclass(frozen=True)
class Reaction(Statement):
    """~ a + 2 b <-> c (f, r), ~ a -> (r) or ~ a << (flux), in a KINETIC block.

    Args:
        arrow: "<->" both ways, "->" one way into nothing, "<<" a flux into the state.
        left: the terms before the arrow.
        right: the terms behind it; none but with "<->".
        forward: the first rate, or the flux.
        backward: the second rate; None but with "<->".
    """

    arrow: str
    left: tuple[Reactant, ...]
    right: tuple[Reactant, ...]
    forward: Expression
    backward: Expression | None = None


@dataclass(frozen=True)
class Conserve(Statement):
    """CONSERVE a + b = total, in a KINETIC block.

    Args:
        terms: the left-hand side.
        total: the right-hand side.
    """

    terms: tuple[Reactant, ...]
    total: Expression


@dataclass(frozen=True)
class Compartment(Statement):
    """COMPARTMENT i, volume {states}, in a KINETIC block.

    Args:
        volume: the factor of the derivatives of these states.
        states: their names.
        index: the name that stands in `volume` for the element of an array; None without one.
    """

    volume: Expression
    states: tuple[str, ...]
    index: str | None = None


@dataclass(frozen=True)
class LongitudinalDiffusion(Statement):
    """LONGITUDINAL_DIFFUSION i, coefficient {states}: exchange with the neighbouring compartments.

    Args:
        coefficient: diffusion constant times cross-section.
        states: their names.
        index: the name that stands in `coefficient` for the element of an array; None without one.
    """

    coefficient: Expression
    states: tuple[str, ...]
    index: str | None = None


@dataclass(frozen=True)
class WatchCondition(Node):
    """(left > right) flag.

    Args:
        operator: ">" or "<"; the event comes when the inequality becomes true.
        left, right: its sides.
        flag: the flag of the event that NET_RECEIVE gets.
    """

    operator: str
    left: Expression
    right: Expression
    flag: Number


@dataclass(frozen=True)
class Watch(Statement):
    """WATCH (v > threshold) 2, in NET_RECEIVE.

    Args:
        conditions: one or several, after a comma each.
    """

    conditions: tuple[WatchCondition, ...]


@dataclass(frozen=True)
class Lag(Statement):
    """LAG x BY duration: x as it was some time ago.

    Args:
        variable: the variable, which may have primes.
        by: the name of the duration.
    """

    variable: Variable
    by: str


@dataclass(frozen=True)
class Mutex(Statement):
    """MUTEXLOCK or MUTEXUNLOCK.

    Args:
        lock: which of the two.
    """

    lock: bool

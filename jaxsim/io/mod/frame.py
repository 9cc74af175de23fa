"""What a block of NMODL sees while it runs: its variables, and the condition under which it runs."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jaxsim.io.mod.calculus import select
from jaxsim.io.mod.declared import Declared
from jaxsim.io.mod.refuse import refusal
from jaxsim.io.mod.terms import Term, Terms
from jaxsim.io.nmodl.tree import Node

# What a statement does to the variables of its block.
Rule = Callable[["Frame", Any], None]
Rules = Mapping[type, Rule]

# A name with this behind it is the derivative of a state.
PRIME = "'"
# A name with this behind it is a variable that an equation of cnexp takes for a constant.
FROZEN = "@"
# What an event brings, as variables that no file can have.
WEIGHT, FLAG = "weight@", "flag@"
# With a number behind it: in how many ms an event comes that is sent, its flag, and whether a WATCH was met.
SENT, SENT_FLAG, WATCHED = "sent@", "sentflag@", "watched@"
# What these are where nothing is sent or watched.
_UNSENT = {PRIME: 0.0, SENT: math.inf, SENT_FLAG: 0.0, WATCHED: 0.0}
_MOST_STATEMENTS = 100_000


@dataclass(frozen=True)
class Amount:
    """CONSERVE: how much there is of some states together.

    Attributes:
        states: state -> how often it counts; a state in a volume counts times that volume.
        total: the sum.
    """

    states: dict[str, float]
    total: Term


@dataclass(frozen=True)
class Found:
    """What a block says besides changing variables.

    Attributes:
        volumes: state -> volume in which it is, of COMPARTMENT.
        amounts: the CONSERVE statements.
        rates: the rates of reactions and the fluxes.
        products: what is multiplied by a rate, where it is a product of several states.
        residuals: left less right side of the equations of a LINEAR block.
        frozen: what stands in an equation of cnexp for a variable that depends on the equation's own state -> what it
            is: the state is stepped as if it did not.
    """

    volumes: dict[str, Term] = field(default_factory=dict)
    amounts: list[Amount] = field(default_factory=list)
    rates: list[Term] = field(default_factory=list)
    products: list[Term] = field(default_factory=list)
    residuals: list[Term] = field(default_factory=list)
    frozen: dict[str, Term] = field(default_factory=dict)

    def volume(self, terms: Terms, state: str) -> Term:
        """The volume in which a state is; 1 without COMPARTMENT."""
        return self.volumes.get(state) or terms.number(1.0)

    def counted(self, terms: Terms, amount: Amount) -> dict[str, Term]:
        """The states of an amount, and how much one unit of each counts."""
        return {x: terms.mul(terms.number(n), self.volume(terms, x)) for x, n in amount.states.items()}


@dataclass(frozen=True)
class Frame:
    """The variables of a block, each a term; their dicts change while it runs.

    Attributes:
        d: the file's declarations.
        terms: the maker of terms.
        memory: variables of the file -> what they are; ``m'`` for the derivative of m.
        rules: what each kind of statement does.
        found: what else the block says.
        stepping: whether a state is known by its new value once its equation has been met, as cnexp has it.
        own: local variables -> what they are, None before they are assigned.
        sizes: array -> length.
        path: the condition under which the statements run; true but within an IF.
        sending: whether events may be sent.
        calls: the functions and procedures that are running.
        spent: one entry for each statement that was run.
    """

    d: Declared
    terms: Terms
    memory: dict[str, Term]
    rules: Rules
    found: Found
    path: Term
    stepping: bool = False
    sending: bool = False
    own: dict[str, Term | None] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    calls: tuple[str, ...] = ()
    spent: list[None] = field(default_factory=list)

    def write(self, name: str, value: Term) -> None:
        """Assign to a variable."""
        if name in self.own:
            self.own.update({name: value})
        else:
            self.memory.update({name: value})

    def freezing(self, state: str) -> "Frame":
        """The frame in which variables that depend on a state are symbols of their own."""

        def frozen(variables: Mapping[str, Term | None]) -> dict[str, Any]:
            depends = {x: y for x, y in variables.items() if y is not None and state in y.symbols and x != state}
            symbols = {x: f"{x}{y.at}{FROZEN}" for x, y in depends.items()}  # one for each value that x has in turn
            self.found.frozen.update({symbols[x]: y for x, y in depends.items()})
            return {**variables, **{x: self.terms.symbol(symbol) for x, symbol in symbols.items()}}

        return replace(self, memory=frozen(self.memory), own=frozen(self.own))

    def spend(self, node: Node) -> None:
        """Count a statement.

        Raises:
            NmodlError: if there were too many.
        """
        self.spent.append(None)
        if len(self.spent) > _MOST_STATEMENTS:
            raise refusal(node, f"the block runs more than {_MOST_STATEMENTS:,} statements.", "too long")

    def send(self, after: Term, flag: Term) -> None:
        """Send an event."""
        k = sum(name.startswith(SENT) for name in self.memory)
        self.memory.update({f"{SENT}{k}": after, f"{SENT_FLAG}{k}": flag})

    def sent(self) -> list[tuple[Term, Term]]:
        """In how many ms events come that were sent, and their flags."""
        n = sum(name.startswith(SENT) for name in self.memory)
        return [(self.memory[f"{SENT}{k}"], self.memory[f"{SENT_FLAG}{k}"]) for k in range(n)]

    def guarded(self, x: Term, otherwise: float) -> Term:
        """x where it is computed in earnest; a number where the condition that watches it is not met.

        A condition on what changes in a simulation watches only what changes, one on parameters watches parameters.
        """
        fixed = self.d.parameters.keys() - self.d.reads.keys()
        watched = (self.path.symbols - fixed) or self.path.symbols
        if x.is_number or not x.symbols & watched:
            return x
        return self.terms.select(self.path, x, self.terms.number(otherwise))

    def join(self, condition: Term, yes: "Frame") -> None:
        """Take what another branch left where a condition is true.

        A variable that only one of them assigned is as it says; a state of which only one has an equation stays.
        """
        for name in self.memory.keys() ^ yes.memory.keys():
            otherwise = _UNSENT.get(PRIME if name.endswith(PRIME) else name.rstrip("0123456789"))
            if otherwise is not None:
                self.memory.setdefault(name, self.terms.number(otherwise))
                yes.memory.setdefault(name, self.terms.number(otherwise))
        for mine, theirs in ((self.memory, yes.memory), (self.own, yes.own)):
            mine.update(_joined(self.terms, condition, theirs, mine))  # type: ignore[arg-type]


def frame(d: Declared, terms: Terms, memory: dict[str, Term], rules: Rules, stepping: bool = False) -> Frame:
    """The frame of a block that begins."""
    return Frame(d, terms, memory, rules, Found(), terms.number(True), stepping, sizes=dict(d.sizes))


def _joined(
    terms: Terms, condition: Term, yes: Mapping[str, Term | None], no: Mapping[str, Term | None]
) -> dict[str, Term | None]:
    new: dict[str, Term | None] = {}
    for name, value in yes.items():
        other = no.get(name)
        if value is None or other is None:
            new[name] = value or other
        elif other is not value:
            new[name] = select(terms, condition, value, other)
    return new

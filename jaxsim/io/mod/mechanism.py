"""A mechanism as pure functions: the form between a .mod file and a class."""

from dataclasses import dataclass, field, replace

from jaxsim.io.mod.declared import Parameter
from jaxsim.io.mod.terms import Term, Terms


@dataclass(frozen=True)
class Gate:
    """A linear equation of one state.

    Attributes:
        form: which function of jaxsim makes its `Rate`: alpha_beta, inf_tau, inf_decay or Rate.
        first, second: the arguments.
        x_inf: the steady state, None where the file has no name for it.
    """

    form: str
    first: Term
    second: Term
    x_inf: Term | None = None


@dataclass(frozen=True)
class Mechanism:
    """What the methods of a class compute, each a term of the voltage v, the parameters and the states.

    Attributes:
        name: the name in the file.
        doc: what the file says of itself.
        parameters: name -> `Parameter`.
        reads: parameter -> quantity of an ion or the compartment.
        writes: state -> concentration.
        rates, derivative, update, held, initial: as the methods of the same names.
        current: ion -> current [mA/cm2], "" for none.
        receive: state, or number of a connection -> what an event adds to it.
        sends, sends_at_start, crossings: as the methods of the same names.
        connection: number that each connection keeps -> what it begins with.
        steady: the states that are brought to rest at the start.
        notes: what is done otherwise than NEURON does it, a sentence each.
        kind: "density" [mA/cm2], "point" [nA], or "electrode" [nA], whose current is inward positive.
    """

    name: str
    doc: str = ""
    kind: str = "density"
    parameters: dict[str, Parameter] = field(default_factory=dict)
    reads: dict[str, str] = field(default_factory=dict)
    writes: dict[str, str] = field(default_factory=dict)
    rates: dict[str, Gate] = field(default_factory=dict)
    derivative: dict[str, Term] = field(default_factory=dict)
    update: dict[str, Term] = field(default_factory=dict)
    held: dict[str, Term] = field(default_factory=dict)
    initial: dict[str, Term] = field(default_factory=dict)
    current: dict[str, Term] = field(default_factory=dict)
    receive: dict[str, Term] = field(default_factory=dict)
    connection: dict[str, Term] = field(default_factory=dict)
    sends: list[tuple[Term, Term]] = field(default_factory=list)
    sends_at_start: list[tuple[Term, Term]] = field(default_factory=list)
    crossings: list[tuple[Term, Term]] = field(default_factory=list)
    steady: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_timed(self) -> bool:
        """Whether it follows the time t."""
        return any("t" in term.symbols for term in replace(self, receive={}, sends=[], crossings=[]).terms())

    @property
    def starts_at_rest(self) -> bool:
        """Whether all states begin where their equations leave them at rest."""
        return self.initial.keys() == self.rates.keys() and all(
            g.x_inf is self.initial[x] for x, g in self.rates.items()
        )

    def terms(self) -> list[Term]:
        """All terms."""
        gates = [t for g in self.rates.values() for t in (g.first, g.second)]
        parts = (self.derivative, self.update, self.held, self.initial, self.current, self.receive, self.connection)
        events = (*self.sends, *self.sends_at_start, *self.crossings)
        return [*gates, *(t for part in parts for t in part.values()), *(t for pair in events for t in pair)]


def renamed(terms: Terms, made: Mechanism, old: str, new: str) -> Mechanism:
    """A mechanism with another name for one of its states."""
    value = {old: terms.symbol(new)}
    name = lambda x: new if x == old else x  # noqa: E731

    def part(of: dict[str, Term]) -> dict[str, Term]:
        return dict(zip(map(name, of), terms.substitute(of.values(), value), strict=True))

    def pairs(of: list[tuple[Term, Term]]) -> list[tuple[Term, Term]]:
        return [(first, second) for first, second in (terms.substitute(pair, value) for pair in of)]

    return replace(
        made,
        rates={name(x): g for x, g in made.rates.items()},  # none has its own state in it
        derivative=part(made.derivative),
        update=part(made.update),
        held=part(made.held),
        initial=part(made.initial),
        current=part(made.current),
        receive=part(made.receive),
        connection=part(made.connection),
        sends=pairs(made.sends),
        sends_at_start=pairs(made.sends_at_start),
        crossings=pairs(made.crossings),
        writes={name(x): what for x, what in made.writes.items()},
        steady=[name(x) for x in made.steady],
    )

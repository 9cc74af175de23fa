"""What variables are that one block leaves and another uses.

A file's variables last from block to block. What the currents use may have been computed when the states were stepped,
and the other way round; each such value becomes what it is in NEURON: a quantity that is held while the current is
linearised, a state of its own, or a constant.
"""

from dataclasses import dataclass, field

from jaxsim.io.mod.blocks import Run
from jaxsim.io.mod.declared import Declared, Parameter
from jaxsim.io.mod.frame import FROZEN
from jaxsim.io.mod.interpreter import STEPPED
from jaxsim.io.mod.mechanism import Mechanism
from jaxsim.io.mod.steps import exponential
from jaxsim.io.mod.terms import Term, Terms
from jaxsim.io.nmodl.errors import NmodlError

_ALL = ("cnexp", "implicit", "euler", "own")


@dataclass(frozen=True)
class Parts:
    """The runs of a file's blocks, and the mechanism that is made of them.

    Attributes:
        d: the declarations.
        terms: the maker of terms.
        start, current, step: what INITIAL, the currents and the states leave.
        made: the mechanism, which grows.
        lasting: variables that have become states of their own -> which block leaves them: start, currents or states.
        free: variables that nothing writes: parameters.
        resolving: the variables that are being looked up.
        before: variables that events use -> the state that has their value of one step earlier.
    """

    d: Declared
    terms: Terms
    start: Run
    current: Run
    step: Run
    made: Mechanism
    lasting: dict[str, str] = field(default_factory=dict)
    free: dict[str, Parameter] = field(default_factory=dict)
    resolving: list[str] = field(default_factory=list)
    before: dict[str, str] = field(default_factory=dict)


def resolved(parts: Parts, term: Term, stepping: bool) -> Term:
    """A term of the currents or of the states, with what variables are when that block begins.

    Args:
        parts: the runs.
        term: the term.
        stepping: whether it is one of the states.

    Returns:
        The term of v, parameters, states, and the mechanism's other quantities.
    """
    values = {}
    for name in sorted(term.symbols):
        other = _value(parts, name, stepping)
        if other is not None:
            values[name] = other
    return parts.terms.substitute([term], values)[0]


def _value(parts: Parts, name: str, stepping: bool) -> Term | None:
    """What a variable is when a block begins; None for itself: a parameter, a state, v, dt."""
    if name in parts.step.solved or name in ("v", "t", "dt") or name.endswith((STEPPED, FROZEN)):
        return None
    if stepping and name in parts.d.reads:
        return None  # of the ion, all mechanisms together
    stepped, computed = parts.step.after.get(name), parts.current.after.get(name)
    other = computed if stepping else stepped  # what the other block leaves
    if other is not None and name not in parts.resolving:
        parts.resolving.append(name)
        found = _computed(parts, name, other) if stepping else _held(parts, name, other)
        parts.resolving.remove(name)
        return found
    if other is not None:  # each block needs what the other one leaves
        return _last(parts, name, "currents" if stepping else "states")
    if stepped is not None or computed is not None:
        return _last(parts, name, "states" if stepped is not None else "currents")
    begun = parts.start.after.get(name)
    if begun is None:
        if name not in parts.d.parameters:
            parts.free[name] = Parameter(0.0, parts.d.assigned.get(name, "1"))
        return None
    begun = begun_with(parts, begun)
    return _last(parts, name, "start") if changing(parts, begun) else begun


def _computed(parts: Parts, name: str, computed: Term) -> Term:
    """A variable of the states that is computed with the currents."""
    old = resolved(parts, computed, stepping=False)
    return _last(parts, name, "currents") if changing(parts, old) else old


def changing(parts: Parts, term: Term) -> bool:
    """Whether a term is another one at another time."""
    reads = {x for x, what in parts.d.reads.items() if not what.startswith("cable.")}
    later = parts.step.after.keys() | parts.current.after.keys()
    fixed = (parts.d.parameters.keys() | parts.free.keys()) - reads - later
    return bool(term.symbols - fixed)


def _held(parts: Parts, name: str, stepped: Term) -> Term:
    """A variable of the currents that is computed when the states are stepped."""
    value = resolved(parts, stepped, stepping=True)
    solved = {parts.step.solved[x].how for x in value.symbols & parts.step.solved.keys()}
    new = solved <= {"implicit"}  # run again with the new states, by Newton
    begun, start = parts.start.after.get(name), unstepped(parts, value)
    at_start = parts.terms.substitute([start], _started(parts, start))[0]
    same = begun is not None and begun_with(parts, begun) is at_start
    if "dt" in value.symbols or name in value.symbols or not new or not same:
        return _last(parts, name, "states")
    parts.made.held[name] = start
    return parts.terms.symbol(name)


def _started(parts: Parts, term: Term) -> dict[str, Term]:
    """What the states in a term are at the start; those that are yet to come to rest are themselves."""
    zero, found = parts.terms.number(0.0), {}
    for x in (term.symbols & parts.step.solved.keys()) - set(parts.start.steady):
        found[x] = begun_with(parts, parts.start.after.get(x, zero))
    return found


def _last(parts: Parts, name: str, block: str) -> Term:
    """A variable that has the value that a block left one step before: a state of its own."""
    if parts.lasting.setdefault(name, block) != block:
        sentence = f"BREAKPOINT and what it SOLVEs both use the {name} that the other one leaves. Take two variables."
        raise NmodlError(sentence, parts.d.file.path, 0, "memory")
    return parts.terms.symbol(name)


def begun_with(parts: Parts, term: Term) -> Term:
    """What INITIAL computes, of parameters and the voltage: variables that blocks change are 0 before it.

    A parameter that is changed in a run is what the file says.
    """
    d, terms = parts.d, parts.terms
    later = parts.step.after.keys() | parts.current.after.keys()
    empty = {
        x: terms.number(d.parameters[x].value if x in d.parameters else 0.0)
        for x in term.symbols & (later | parts.start.after.keys())
        if x not in d.parameters or (x in later and x not in d.reads)
    }
    for x in term.symbols - empty.keys() - d.parameters.keys() - d.states.keys() - {"v", "t", "dt"}:
        parts.free[x] = Parameter(0.0, d.assigned.get(x, "1"))
    return terms.substitute([term], empty)[0]


def unstepped(parts: Parts, term: Term) -> Term:
    """A term in which the new states are those that it is asked for."""
    now = {x: parts.terms.symbol(x.removesuffix(STEPPED)) for x in term.symbols if x.endswith(STEPPED)}
    return parts.terms.substitute([term], now)[0]


def stepped(parts: Parts, term: Term, how: tuple[str, ...] = ("implicit",)) -> Term:
    """A term in which states that are solved in some ways are the new ones."""
    new = {x: parts.terms.symbol(x + STEPPED) for x in term.symbols if _how(parts, x) in how}
    return parts.terms.substitute([term], new)[0]


def _how(parts: Parts, x: str) -> str:
    return parts.step.solved[x].how if x in parts.step.solved else ""


def step_of(parts: Parts, x: str) -> Term | None:
    """A state after its own step of cnexp; None where its equation is not linear."""
    solved, terms = parts.step.solved[x], parts.terms
    step = exponential(terms, x, resolved(parts, solved.right, stepping=True))
    frozen = {} if step is None else {s: solved.frozen[s] for s in step.symbols if s in solved.frozen}
    return terms.substitute([step], {s: resolved(parts, y, True) for s, y in frozen.items()})[0] if step else None


def thawed(parts: Parts, x: str) -> Term:
    """The right-hand side of a state with nothing taken for a constant, of the states that it is asked for."""
    solved = parts.step.solved[x]
    right = parts.terms.substitute([solved.right], solved.frozen)[0]
    return unstepped(parts, resolved(parts, right, stepping=True))


def left_before(parts: Parts, term: Term) -> Term:
    """A term of an event, in which what the currents compute is of one step earlier.

    In NEURON an event comes before the currents of its step, and sees what those of the step before have computed from
    the states and the voltage at its start.
    """
    late = {x: f"{x}_before" for x in term.symbols if parts.lasting.get(x) == "currents"}
    parts.before.update(late)
    return parts.terms.substitute([term], {x: parts.terms.symbol(y) for x, y in late.items()})[0]


def add_lasting(parts: Parts) -> None:
    """The variables that became states: what they are after a step, and at the start."""
    made, terms = parts.made, parts.terms
    done: set[str] = set()
    while parts.lasting.keys() - done:
        for name in sorted(parts.lasting.keys() - done):
            done.add(name)
            made.initial[name] = begun_with(parts, parts.start.after.get(name, terms.symbol(name)))
            if parts.lasting[name] == "states":
                made.update[name] = stepped(parts, resolved(parts, parts.step.after[name], stepping=True))
            elif parts.lasting[name] == "currents":
                value = resolved(parts, parts.current.after[name], stepping=False)
                made.update[name] = terms.substitute([value], made.held)[0]
            else:
                made.update[name] = terms.symbol(name)
    late = [x for x, block in parts.lasting.items() if block == "currents"]
    others = {x: terms.symbol(x + STEPPED) for x, block in parts.lasting.items() if block == "states"}
    before = {x: made.initial[x] for x in parts.lasting}
    for name in late:
        value = made.update[name]
        made.initial[name] = terms.substitute([value], {**before, **_started(parts, value)})[0]
        made.update[name] = terms.substitute([stepped(parts, value, _ALL)], others)[0]
    made.update.update({y: terms.symbol(x) for x, y in parts.before.items()})
    made.initial.update({y: made.initial[x] for x, y in parts.before.items()})


def settle(parts: Parts) -> None:
    """Write what `update` computes with what it sees: new states of rates and derivative, old ones of its own.

    A state of rates of which it needs the old value becomes one of its own.
    """
    made, terms = parts.made, parts.terms
    while True:
        old = {x for term in made.update.values() for x in term.symbols & made.rates.keys()}
        if not old:
            break
        for x in sorted(old):
            made.update[x] = step_of(parts, x) or terms.symbol(x)
            del made.rates[x]
    for _ in made.update:  # a new value may be made of others
        waiting = {x for term in made.update.values() for x in term.symbols if x.endswith(STEPPED)}
        names = {x: x.removesuffix(STEPPED) for x in waiting}
        new = {x: made.update.get(name, terms.symbol(name)) for x, name in names.items()}
        made.update.update({x: terms.substitute([term], new)[0] for x, term in made.update.items()})

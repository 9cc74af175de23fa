"""The times at which NEURON runs a mechanism's blocks, each run once on terms.

- at the start: INITIAL;
- for the currents: BREAKPOINT without its SOLVE statements, at the voltage before the step;
- for the states: what SOLVE names, at the voltage after the step.

What an event does, between two steps, is in `events`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from jaxsim.io.mod.calculus import same, symbols_of
from jaxsim.io.mod.declared import Declared
from jaxsim.io.mod.frame import PRIME, Amount, Found, Frame, Rule, frame
from jaxsim.io.mod.interpreter import STATEMENTS, run
from jaxsim.io.mod.linear import solve_linear
from jaxsim.io.mod.refuse import refusal
from jaxsim.io.mod.schemes import SCHEMES
from jaxsim.io.mod.steps import runge_kutta
from jaxsim.io.mod.terms import Term, Terms
from jaxsim.io.nmodl import tree

# The methods of DERIVATIVE and KINETIC blocks that are implicit Euler steps in NEURON, and those that are not.
_IMPLICIT = (None, "derivimplicit", "sparse", "after_cvode", "cvode_t", "cvode_t_v", "newton", "simeq")
_EXPLICIT = ("euler", "runge", "cnexp")


@dataclass(frozen=True)
class Solved:
    """How a state is solved.

    Attributes:
        how: "cnexp", "implicit", "euler", or "own" for what steps itself.
        right: the right-hand side of its equation; of "own" the state after a step.
        frozen: symbols of the right-hand side that are taken for constants -> what they are.
    """

    how: str
    right: Term
    frozen: dict[str, Term] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """What one run of blocks leaves.

    Attributes:
        after: variable -> what it is, of those that were changed.
        solved: state -> how it is solved.
        steady: the states that are brought to rest.
        notes: what is done otherwise than NEURON does it.
        sent: in how many ms events come that are sent, and their flags.
    """

    after: dict[str, Term] = field(default_factory=dict)
    solved: dict[str, Solved] = field(default_factory=dict)
    steady: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sent: list[tuple[Term, Term]] = field(default_factory=list)


def initial(d: Declared, terms: Terms) -> Run:
    """INITIAL: what a run begins with."""
    before, ran = entry(d, terms), Run()
    start = dict(before)
    start.update({name: _given(d, terms, name) for name in d.states if name not in d.writes})

    def solve(here: Frame, statement: tree.Solve) -> None:
        _solve_at_start(here, ran, statement)

    here = replace(frame(d, terms, start, {**STATEMENTS, tree.Solve: solve}), sending=True)
    for block in d.file.all(tree.Initial):
        run(here, block.body)
    ran.after.update(changed(here, before))
    ran.sent.extend(here.sent())
    return ran


def _given(d: Declared, terms: Terms, state: str) -> Term:
    """A state before INITIAL."""
    return terms.symbol(f"{state}0") if f"{state}0" in d.parameters else terms.number(d.states[state])


def currents(d: Declared, terms: Terms) -> Run:
    """BREAKPOINT without SOLVE."""
    before = entry(d, terms)
    nothing: Rule = lambda here, statement: None  # noqa: E731
    here = frame(d, terms, dict(before), {**STATEMENTS, tree.Solve: nothing})
    for block in d.file.all(tree.Breakpoint):
        run(here, block.body)
    return Run(changed(here, before))


def states(d: Declared, terms: Terms, start: Run, kept: Iterable[str] = ()) -> Run:
    """What SOLVE names in BREAKPOINT, after a start; what only events change is kept."""
    before = entry(d, terms)
    memory = dict(before)
    statements = [statement for block in d.file.all(tree.Breakpoint) for statement in _solves(block)]
    notes: list[str] = []
    parts = [_solve(d, terms, memory, statement, start, notes) for statement in statements]
    solved = {x: y for part in parts for x, y in part.items()}
    here = frame(d, terms, memory, STATEMENTS)
    after = {x: y for x, y in changed(here, before).items() if x not in solved}
    own = {x: Solved("own", after.pop(x)) for x in d.states if x in after}
    own |= {x: Solved("own", terms.symbol(x)) for x in kept if x not in solved and x not in own}
    return Run(after, {**solved, **own}, notes=[*notes, *_late(parts)])


def _late(parts: list[dict[str, Solved]]) -> Iterator[str]:
    """A note for each block that uses states which another one solves after it, by another method."""
    for k, part in enumerate(parts):
        used = symbols_of(y.right for y in part.values())
        for other in parts[k + 1 :]:
            late = sorted(used & other.keys())
            if late and {y.how for y in part.values()} != {y.how for y in other.values()}:
                yield f"{', '.join(late)}: used before it is SOLVEd, here not always with its value before the step."


def entry(d: Declared, terms: Terms) -> dict[str, Term]:
    """What variables are before a block runs: themselves."""
    return {name: terms.symbol(name) for name in ["v", "t", "dt", *d.memory]}


def changed(here: Frame, before: dict[str, Term]) -> dict[str, Term]:
    """The variables that are no longer what they were; v is the membrane's again after each block."""
    kept = ("v", "t", "dt")
    return {x: y for x, y in here.memory.items() if x in before and before[x] is not y and x not in kept}


def _solves(block: tree.Breakpoint) -> Iterable[tree.Solve]:
    for one in block.body:
        if isinstance(one, tree.If | tree.While | tree.From):
            for inner in tree.find(one, tree.Solve):
                raise refusal(inner, "SOLVE must stand in BREAKPOINT itself, not under a condition.", "SOLVE")
    return tree.find(block, tree.Solve)


def _solve_at_start(here: Frame, ran: Run, statement: tree.Solve) -> None:
    """SOLVE within INITIAL: a LINEAR block at once, a scheme at its steady state."""
    block, terms = here.d.equations.get(statement.block), here.terms
    if isinstance(block, tree.Linear):
        _linear(here, block, statement)
        return
    if not isinstance(block, tree.Kinetic | tree.Derivative):
        raise refusal(statement, f"SOLVE {statement.block} in INITIAL needs a LINEAR or KINETIC block.", "SOLVE")
    inner = _with_unknown_states(here)
    run(inner, block.body)
    ran.steady.extend(x.removesuffix(PRIME) for x in inner.memory if x.endswith(PRIME))
    for amount in inner.found.amounts:
        counted = inner.found.counted(terms, amount)
        *others, last = counted
        total = amount.total
        for x in others:
            total = terms.sub(total, terms.mul(counted[x], here.memory[x]))
        here.memory[last] = terms.div(total, counted[last])
    here.memory.update({x: y for x, y in inner.memory.items() if x not in here.d.states and PRIME not in x})


def _with_unknown_states(here: Frame) -> Frame:
    """A frame like another, in which states are symbols."""
    memory = {**here.memory, **{x: here.terms.symbol(x) for x in here.d.states}}
    return frame(here.d, here.terms, memory, SCHEMES)


def _linear(here: Frame, block: tree.Linear, statement: tree.Solve) -> None:
    """A LINEAR block: the states that solve its equations."""
    inner = _with_unknown_states(here)
    run(inner, block.body)
    defaults = {name: p.value for name, p in here.d.parameters.items()}
    found = solve_linear(here.terms, inner.found.residuals, [*here.d.states], defaults)
    if found is None:
        sentence = f"the equations of {block.name} are not linear, or do not have one solution."
        raise refusal(statement, sentence, "LINEAR")
    here.memory.update({x: y for x, y in inner.memory.items() if x not in here.d.states and PRIME not in x})
    here.memory.update(found)


def _is_beyond_cnexp(block: tree.Node) -> bool:
    """Whether a state is divided by, or given to a function, in its own equation: NEURON takes derivimplicit then."""
    for one in tree.find(block, tree.Assign):
        if one.target.primes:
            inner = [x for call in tree.find(one.value, tree.Call) for x in call.arguments]
            inner += [x.right for x in tree.find(one.value, tree.Binary) if x.operator == "/"]
            if any(y.name == one.target.name for x in inner for y in tree.find(x, tree.Variable)):
                return True
    return False


def _kept(d: Declared, terms: Terms, start: Run, amount: Amount, counted: dict[str, Term]) -> bool:
    """Whether there is at the start as much as CONSERVE says."""
    if any(x in start.steady for x in counted):
        return True
    total = terms.substitute([amount.total], start.after)[0]
    for x, share in counted.items():
        begun = start.after.get(x) or _given(d, terms, x)
        total = terms.sub(total, terms.mul(share, begun))
    return same(terms.add(total, terms.number(1.0)), terms.number(1.0))


def _conserve(d: Declared, terms: Terms, start: Run, found: Found, right: dict[str, Term]) -> dict[str, Solved]:
    """CONSERVE where the start does not obey it: the last state is what the others leave, as NEURON has it."""
    solved: dict[str, Solved] = {}
    for amount in found.amounts:
        counted = found.counted(terms, amount)
        *others, last = counted
        if last in right and not _kept(d, terms, start, amount, counted):
            rest = amount.total
            for x in others:
                rest = terms.sub(rest, terms.mul(counted[x], terms.symbol(x)))
            solved[last] = Solved("own", terms.div(rest, counted[last]))
            del right[last]
    rests = {x: y.right for x, y in solved.items()}
    right.update(zip(right, terms.substitute(right.values(), rests), strict=True))
    return solved


def _solve(
    d: Declared, terms: Terms, memory: dict[str, Term], statement: tree.Solve, start: Run, notes: list[str]
) -> dict[str, Solved]:
    """One SOLVE of BREAKPOINT: the equations of its block; the memory is changed as far as the block assigns."""
    name, method = statement.block, statement.method
    if name in d.procedures:
        run(frame(d, terms, memory, STATEMENTS), d.procedures[name].body)
        return {}
    block = d.equations.get(name)
    if isinstance(block, tree.Linear):
        _linear(frame(d, terms, memory, STATEMENTS), block, statement)
        return {}
    if isinstance(block, tree.Nonlinear):
        raise refusal(statement, "NONLINEAR is not supported. Write it as a DERIVATIVE that relaxes.", "NONLINEAR")
    if not isinstance(block, tree.Derivative | tree.Kinetic):
        raise refusal(statement, f"SOLVE {name}: there is no such block.", "SOLVE")
    if method not in (*_IMPLICIT, *_EXPLICIT):
        raise refusal(statement, f"METHOD {method} is not known. Take cnexp, derivimplicit or sparse.", "METHOD")
    how = str(method) if method in _EXPLICIT and isinstance(block, tree.Derivative) else "implicit"
    if how == "cnexp" and _is_beyond_cnexp(block):
        how = "implicit"
    before = dict(memory)
    here = frame(d, terms, memory, SCHEMES, stepping=how == "cnexp")
    run(here, block.body)
    right = {x: memory.pop(x + PRIME) for x in d.states if x + PRIME in memory}
    right = {x: terms.div(y, here.found.volume(terms, x)) for x, y in right.items()}
    memory.update({x: before[x] for x in right})
    rests = _conserve(d, terms, start, here.found, right)
    if not here.found.products and symbols_of(here.found.rates) & right.keys():
        notes.append(f"the rates of {name} depend on its states: here on the new ones, in NEURON on the old.")
    if how == "runge":
        return {x: Solved("own", y) for x, y in runge_kutta(terms, right).items()}
    return {**{x: Solved(how, y, here.found.frozen) for x, y in right.items()}, **rests}

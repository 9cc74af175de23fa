"""What events do to a mechanism, and which ones it sends to itself: NET_RECEIVE, run once on terms."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from jaxsim.io.mod.blocks import changed, entry
from jaxsim.io.mod.calculus import select, symbols_of
from jaxsim.io.mod.declared import Declared
from jaxsim.io.mod.frame import FLAG, WATCHED, WEIGHT, Frame, frame
from jaxsim.io.mod.interpreter import STATEMENTS, number, run
from jaxsim.io.mod.refuse import refusal
from jaxsim.io.mod.terms import Term, Terms
from jaxsim.io.nmodl import tree


@dataclass(frozen=True)
class Event:
    """What NET_RECEIVE does, in terms of states, voltage, time and what the event brings, `WEIGHT` and `FLAG`.

    Attributes:
        after: variable -> what it is after an event, of those that are changed, and of the connection's numbers.
        begun: number that each connection keeps -> what it begins with.
        sent: in how many ms events come that it sends, and their flags.
        crossings: what sends an event when it comes above 0, -inf where it is not looked at, and the event's flag.
    """

    after: dict[str, Term] = field(default_factory=dict)
    begun: dict[str, Term] = field(default_factory=dict)
    sent: list[tuple[Term, Term]] = field(default_factory=list)
    crossings: list[tuple[Term, Term]] = field(default_factory=list)


def received(d: Declared, terms: Terms) -> Event:
    """NET_RECEIVE.

    Args:
        d: the declarations.
        terms: the maker of terms.

    Returns:
        The `Event`, of variables whose changes nobody sees none.

    Raises:
        NmodlError: if it cannot be read, or changes a parameter.
    """
    event = Event()
    for block in d.file.all(tree.NetReceive):
        _receive(d, terms, block, event)
        for x in event.after:
            if x in d.parameters:
                sentence = f"NET_RECEIVE changes the PARAMETER {x}. Declare it in ASSIGNED and set it in INITIAL."
                raise refusal(block, sentence, "NET_RECEIVE with a parameter")
    return event


def _receive(d: Declared, terms: Terms, block: tree.NetReceive, event: Event) -> None:
    weight, *numbers = [a.name for a in block.arguments] or ["weight"]
    symbols = {x: terms.symbol(x + "_of_connection" * (x in d.memory)) for x in numbers}
    watched = list(dict.fromkeys(_conditions(block)))
    before = entry(d, terms)
    own: dict[str, Term | None] = {weight: terms.symbol(WEIGHT), "flag": _flag(d, terms), **symbols}

    def watch(here: Frame, statement: tree.Watch) -> None:
        here.memory.update({f"{WATCHED}{watched.index(c)}": terms.number(1.0) for c in statement.conditions})

    rules = {**STATEMENTS, tree.Initial: lambda here, statement: None, tree.Watch: watch}
    here = replace(frame(d, terms, dict(before), rules), own=own, sending=True)
    run(here, block.body)
    event.sent.extend(here.sent())
    _watch(d, terms, watched, here, event)
    new = changed(here, before)
    event.after.update({x: new[x] for x in _seen(d, block, new, event)})
    event.after.update({str(symbols[x].value): here.own[x] or symbols[x] for x in numbers})

    start = replace(frame(d, terms, entry(d, terms), STATEMENTS), own=dict.fromkeys(own, terms.number(0.0)))
    for statement in block.body:
        if isinstance(statement, tree.Initial):
            run(start, statement.body)
    event.begun.update({str(symbols[x].value): start.own[x] or terms.number(0.0) for x in numbers})


def _conditions(block: tree.NetReceive) -> Iterator[tree.WatchCondition]:
    return tree.find(block, tree.WatchCondition)


def _flag(d: Declared, terms: Terms) -> Term:
    """The flag of an event: 0 of one from outside, where there are others."""
    own = any(call.function == "net_send" for call in tree.find(d.file, tree.Call))
    own |= any(True for block in d.file.all(tree.NetReceive) for _ in _conditions(block))
    return terms.symbol(FLAG) if own else terms.number(0.0)


def _watch(d: Declared, terms: Terms, watched: list[tree.WatchCondition], here: Frame, event: Event) -> None:
    """The conditions that are watched: those that the last event with a WATCH has met, and no other ones.

    Which ones these are is a state.
    """
    zero = terms.number(0.0)
    met = [here.memory.get(f"{WATCHED}{k}", zero) for k in range(len(watched))]
    some = zero
    for x in met:
        some = terms.add(some, x)
    there = frame(d, terms, entry(d, terms), {})
    for k, (condition, x) in enumerate(zip(watched, met, strict=True)):
        name = f"watching_{k}"
        while name in d.memory:
            name += "_"
        active = terms.symbol(name)
        event.after[name] = select(terms, terms.apply("gt", some, zero), x, active)
        left, right = number(there, condition.left), number(there, condition.right)
        value = terms.sub(left, right) if condition.operator == ">" else terms.sub(right, left)
        looked_at = select(terms, terms.apply("gt", active, zero), value, terms.number(float("-inf")))
        event.crossings.append((looked_at, number(there, condition.flag)))


def _seen(d: Declared, block: tree.NetReceive, new: dict[str, Term], event: Event) -> list[str]:
    """The variables whose changes another block sees, or another event."""
    others = [item for item in d.file.items if not isinstance(item, tree.NetReceive | tree.NeuronBlock)]
    blocks = [item for item in others if hasattr(item, "body")]
    used = {node.name for item in blocks for node in tree.find(item, tree.Variable)}
    used |= symbols_of(term for pair in (*event.sent, *event.crossings) for term in pair)
    return [
        x
        for x in new
        if x in d.states or x in used or x in symbols_of(z for y, z in new.items() if y != x or x in d.states)
    ]

"""From the syntax tree of a .mod file to a `Mechanism`."""

import textwrap

from jaxsim.io.mod import blocks
from jaxsim.io.mod.calculus import affine, same, symbols_of
from jaxsim.io.mod.declared import Declared, declared
from jaxsim.io.mod.events import Event, received
from jaxsim.io.mod.frame import FROZEN
from jaxsim.io.mod.gates import gate
from jaxsim.io.mod.interpreter import STEPPED
from jaxsim.io.mod.join import Parts, add_lasting, begun_with, left_before, resolved, settle, step_of, stepped, thawed
from jaxsim.io.mod.mechanism import Mechanism, renamed
from jaxsim.io.mod.refuse import refusal
from jaxsim.io.mod.steps import euler
from jaxsim.io.mod.terms import Term, Terms
from jaxsim.io.nmodl import tree
from jaxsim.io.nmodl.errors import NmodlError

# The step that initial values take which depend on one, NEURON's default [ms].
_DT = 0.025


def lower(file: tree.ModFile, terms: Terms | None = None) -> Mechanism:
    """The mechanism of a .mod file.

    Args:
        file: its tree.
        terms: the maker of its terms; a new one by default.

    Returns:
        The `Mechanism`.

    Raises:
        NmodlError: at what cannot be read, with its line and a way out.
    """
    d = declared(file)
    _refuse(d)
    terms = terms or Terms()
    event = received(d, terms)
    _keep(d, event)
    start, current = blocks.initial(d, terms), blocks.currents(d, terms)
    step = blocks.states(d, terms, start, event.after.keys() - event.begun.keys())
    kind = "density" if d.keyword == "SUFFIX" else "electrode" if d.electrode else "point"
    parts = Parts(d, terms, start, current, step, Mechanism(d.name, _doc(d), kind, notes=list(step.notes)))
    _add_currents(parts)
    for x in parts.step.solved:
        _add_equation(parts, x)
    _add_events(parts, event)
    _add_concentrations(parts)
    add_lasting(parts)
    settle(parts)
    _add_initial(parts)
    _add_parameters(parts)
    _check(parts)
    made = parts.made
    for name in ("i", "flag"):  # in a recording "i" is the current; an event has a flag of its own
        if name in {**made.rates, **made.derivative, **made.update, **made.connection, **made.held}:
            made = renamed(terms, made, name, f"{name}_")
    return made


def _refuse(d: Declared) -> None:
    """What no class here can be, as a whole."""
    path = d.file.path
    if d.keyword not in ("SUFFIX", "POINT_PROCESS"):
        sentence = f"{d.keyword} {d.name}: only mechanisms of the membrane (SUFFIX, POINT_PROCESS) are read."
        raise NmodlError(sentence, path, 0, d.keyword)
    for block in d.file.all(tree.NetReceive):
        if d.keyword == "SUFFIX":
            raise refusal(block, "NET_RECEIVE in a mechanism of the membrane: make it a POINT_PROCESS.", "NET_RECEIVE")
    if d.keyword == "POINT_PROCESS" and d.writes:
        name = next(iter(d.writes))
        sentence = f"it changes the concentration {name} at a point. Make it a mechanism of the membrane (SUFFIX)."
        raise NmodlError(sentence, path, 0, "POINT_PROCESS with WRITE")


def _add_currents(parts: Parts) -> None:
    total, terms = parts.made.current, parts.terms
    for name, ion in parts.d.currents.items():
        value = resolved(parts, parts.current.after.get(name, terms.symbol(name)), stepping=False)
        if value is terms.symbol(name) and name in parts.free:
            del parts.free[name]  # declared and never computed
            continue
        value = terms.neg(value) if name in parts.d.electrode and parts.made.kind == "density" else value
        total[ion] = terms.add(total[ion], value) if ion in total else value
    _hold_slopes(parts)


def _hold_slopes(parts: Parts) -> None:
    """CONDUCTANCE: NEURON takes what it names for the slope of the currents, other than it may be."""
    made, terms = parts.made, parts.terms
    slopes: dict[str, Term] = {}
    for block in parts.d.file.all(tree.Breakpoint):
        for hint in tree.find(block, tree.Conductance):
            given = terms.symbol(hint.variable)
            slope = resolved(parts, parts.current.after.get(hint.variable, given), stepping=False)
            slopes[hint.ion or ""] = terms.add(slopes[hint.ion or ""], slope) if hint.ion in slopes else slope
    for ion, value in made.current.items() if slopes else ():
        slope, form = slopes.get(ion, terms.number(0.0)), affine(terms, value, "v")
        if form is None or not same(form[1], slope):
            kept = terms.substitute([slope, terms.sub(value, terms.mul(slope, terms.symbol("v")))], made.held)
            names = [f"slope_{ion}".rstrip("_"), f"rest_{ion}".rstrip("_")]
            made.held.update(zip(names, kept, strict=True))
            there, rest = map(terms.symbol, names)
            made.current[ion] = terms.add(rest, terms.mul(there, terms.symbol("v")))


def _add_equation(parts: Parts, x: str) -> None:
    """The equation of one state, in the form that is stepped best."""
    made, terms, how = parts.made, parts.terms, parts.step.solved[x].how
    right = resolved(parts, parts.step.solved[x].right, stepping=True)
    others = (right.symbols & {*parts.d.states, *made.update, *parts.lasting}) - {x}
    coupled = others or right.symbols & {"t", "dt"} or any(s.endswith((STEPPED, FROZEN)) for s in right.symbols)
    alone = gate(terms, right, x) if how == "cnexp" and not coupled else None
    if how == "own":
        made.update[x] = right
    elif how == "euler":
        made.update[x] = euler(terms, x, right)
    elif how == "implicit":
        made.derivative[x] = right
    elif alone is not None:
        made.rates[x] = alone
    else:
        step = step_of(parts, x)
        if step is not None:
            made.update[x] = step
        else:
            made.derivative[x] = thawed(parts, x)
            made.notes.append(f"{x}' is not linear in {x}: it is solved implicitly in place of METHOD cnexp.")


def _keep(d: Declared, event: Event) -> None:
    """The variables that events change are states."""
    for x in event.after.keys() - event.begun.keys() - d.states.keys():
        d.states[x] = 0.0
        d.assigned.pop(x, None)


def _add_events(parts: Parts, event: Event) -> None:
    """What an event adds to the states and to the connection's numbers; a sum with the state is the other summand.

    And what events the mechanism sends to itself.
    """
    made, terms = parts.made, parts.terms
    made.connection.update({x: begun_with(parts, y) for x, y in event.begun.items()})
    own = {y: terms.symbol(f"{y}{FROZEN}") for y in event.begun}  # no variables of the file
    back = {f"{y}{FROZEN}": terms.symbol(y) for y in event.begun}

    def at_event(term: Term) -> Term:
        found = resolved(parts, terms.substitute([term], own)[0], stepping=True)
        return terms.substitute([left_before(parts, found)], back)[0]

    for x, after in event.after.items():
        if x in parts.current.after:
            sentence = f"NET_RECEIVE and BREAKPOINT both change {x}. Take two variables."
            raise NmodlError(sentence, parts.d.file.path, 0, "NET_RECEIVE with a variable")
        new = at_event(after)
        form = affine(terms, new, x)
        adds = form is not None and form[1] is terms.number(1.0)
        made.receive[x] = form[0] if form is not None and adds else terms.sub(new, terms.symbol(x))
    made.sends.extend((at_event(after), at_event(flag)) for after, flag in event.sent)
    made.crossings.extend((at_event(value), at_event(flag)) for value, flag in event.crossings)
    made.sends_at_start.extend((begun_with(parts, x), begun_with(parts, flag)) for x, flag in parts.start.sent)


def _add_concentrations(parts: Parts) -> None:
    """The concentrations that the file changes: states, or variables that are set to a state."""
    made, d = parts.made, parts.d
    for name, what in d.writes.items():
        in_step = name in parts.step.after
        value = parts.step.after[name] if in_step else parts.current.after.get(name)
        if name in parts.step.solved:
            made.writes[name] = what
            d.reads.pop(name, None)
            d.parameters.pop(name, None)
        elif value is not None:
            value = resolved(parts, value, stepping=in_step)
            state = str(value.value).removesuffix(STEPPED) if value.op == "symbol" else ""
            begun = parts.start.after.get(name)
            together = begun is not None and begun is parts.start.after.get(state)
            if state in parts.step.solved and together and state not in made.writes:
                made.writes[state] = what
            else:
                used = name in symbols_of([*made.terms(), *parts.start.after.values()])
                own = f"{name}_new" if used else name
                if not used:
                    d.reads.pop(name, None)
                    d.parameters.pop(name, None)
                made.writes[own], made.update[own] = what, stepped(parts, value)
                made.initial.update({} if begun is None else {own: begun_with(parts, begun)})


def _add_initial(parts: Parts) -> None:
    made, start = parts.made, parts.start
    for x in [*made.rates, *made.derivative, *made.update]:
        if x not in made.initial and x in start.after:
            made.initial[x] = begun_with(parts, start.after[x])
        elif x not in made.initial and x not in made.writes:
            made.initial[x] = parts.terms.number(0.0)
    # What INITIAL computes of states that then come to rest is what it would be before.
    first = {x: made.initial.get(x, parts.terms.number(0.0)) for x in start.steady}
    made.initial.update({x: parts.terms.substitute([value], first)[0] for x, value in made.initial.items()})
    start_of_time = {"t": parts.terms.number(0.0)}
    begun = zip(made.connection, parts.terms.substitute(made.connection.values(), start_of_time), strict=True)
    made.connection.update(begun)
    made.initial.update({x: parts.terms.substitute([value], start_of_time)[0] for x, value in made.initial.items()})
    sent = [parts.terms.substitute(pair, start_of_time) for pair in made.sends_at_start]
    made.sends_at_start[:] = [(after, flag) for after, flag in sent]
    if "dt" in symbols_of(made.initial.values()):
        step = {"dt": parts.terms.number(_DT)}
        made.initial.update({x: parts.terms.substitute([value], step)[0] for x, value in made.initial.items()})
        made.notes.append(f"its initial values depend on the step dt: they are those of {_DT} ms.")
    unset = [x for x, value in made.initial.items() if value is parts.terms.symbol(x)]
    for x in unset:
        del made.initial[x]
    made.steady.extend(x for x in start.steady if x in made.derivative)


def _add_parameters(parts: Parts) -> None:
    """Every PARAMETER that nothing assigns, and of what surrounds the mechanism what it uses."""
    made, d = parts.made, parts.d
    used = symbols_of(made.terms())
    own = {*made.rates, *made.derivative, *made.update, *made.held}
    written = {*parts.start.after, *parts.step.after, *parts.current.after, *d.reads, "celsius"}
    for name, parameter in {**d.parameters, **parts.free}.items():
        if name not in own and (name in used or name not in written):
            made.parameters[name] = parameter
    made.reads.update({name: what for name, what in d.reads.items() if name in made.parameters})


def _check(parts: Parts) -> None:
    made, path = parts.made, parts.d.file.path
    if "dt" in symbols_of([*made.current.values(), *made.derivative.values()]):
        raise NmodlError("its currents or equations depend on the step dt. Take METHOD cnexp.", path, 0, "dt")
    of_others = [name for name, what in made.reads.items() if what.endswith(".i")]
    if of_others and not made.writes:
        sentence = f"it reads {of_others[0]}, the current of other mechanisms, and changes no concentration."
        raise NmodlError(f"{sentence} Only pools may.", path, 0, "READ i")
    if not made.current and not made.writes:
        raise NmodlError("it gives no current and changes no concentration.", path, 0, "no current")


def _doc(d: Declared) -> str:
    """What the file says of itself, as a docstring."""
    texts = [textwrap.dedent(text.expandtabs(4)).strip() for text in (d.file.title, *d.file.header)]
    lines = [line.rstrip() for text in texts for line in text.splitlines()]
    while lines and not lines[0]:
        lines.pop(0)
    first, *rest = lines or [f"The mechanism {d.name}"]
    body = "\n".join(rest).strip("\n")
    return f"{first.rstrip('.')}.\n\n{body}" if body else f"{first.rstrip('.')}."

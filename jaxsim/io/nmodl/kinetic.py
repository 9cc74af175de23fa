"""What stands in KINETIC blocks, and the equations of LINEAR and NONLINEAR ones."""

from jaxsim.io.nmodl.expressions import expression, variable, whole
from jaxsim.io.nmodl.stream import Scope, Stream
from jaxsim.io.nmodl.tree import (
    Compartment,
    Conserve,
    Equation,
    Expression,
    LongitudinalDiffusion,
    Reactant,
    Reaction,
    Statement,
    Variable,
)

_ARROW = "'<->' and two rates, '->' and one rate, or '<<' and a flux"


def tilde(stream: Stream, scope: Scope) -> Statement:
    """Take what ~ begins: a reaction in a KINETIC block, an equation in any other."""
    first = stream.take()
    if scope.block == "KINETIC":
        if first.kind == "~+":
            sentence = "~+ adds to an equation of a LINEAR or NONLINEAR block; a KINETIC block has reactions. Write ~."
            raise stream.error(first.place, sentence, scope)
        return _reaction(stream, scope)
    left = expression(stream, scope)
    stream.expect("=", scope, "an operator or '='")
    return Equation(left, expression(stream, scope), first.kind == "~+", place=first.place)


def _reaction(stream: Stream, scope: Scope) -> Reaction:
    place = stream.token.place
    left = _terms(stream, scope)
    if stream.skip("<->"):
        right = _terms(stream, scope)
        stream.expect("(", scope, "'+' or the rates (forward, backward)")
        forward = expression(stream, scope)
        stream.expect(",", scope, "an operator or ',' and the backward rate")
        backward = expression(stream, scope)
        stream.expect(")", scope, "an operator or ')'")
        return Reaction("<->", left, right, forward, backward, place=place)
    if stream.kind not in ("<", "-"):
        raise stream.unexpected(scope, f"'+' or {_ARROW}")
    second = "<" if stream.take().kind == "<" else ">"
    stream.expect(second, scope, _ARROW)
    stream.expect("(", scope, "a rate in parentheses")
    forward = expression(stream, scope)
    stream.expect(")", scope, "an operator or ')'")
    return Reaction("<<" if second == "<" else "->", left, (), forward, place=place)


def _terms(stream: Stream, scope: Scope) -> tuple[Reactant, ...]:
    terms = [_term(stream, scope)]
    while stream.skip("+"):
        terms.append(_term(stream, scope))
    return tuple(terms)


def _term(stream: Stream, scope: Scope) -> Reactant:
    place = stream.token.place
    count = whole(stream, scope, "a state or a whole number of it") if stream.at_number else 1
    return Reactant(variable(stream, scope), count, place=place)


def conserve(stream: Stream, scope: Scope) -> Conserve:
    """Take CONSERVE a + b = total."""
    place = stream.take().place
    terms = _terms(stream, scope)
    stream.expect("=", scope, "'+' or '='")
    return Conserve(terms, expression(stream, scope), place=place)


def compartment(stream: Stream, scope: Scope) -> Compartment:
    """Take COMPARTMENT i, volume {states}."""
    place = stream.take().place
    index, volume, states = _for_states(stream, scope)
    return Compartment(volume, states, index, place=place)


def longitudinal_diffusion(stream: Stream, scope: Scope) -> LongitudinalDiffusion:
    """Take LONGITUDINAL_DIFFUSION i, coefficient {states}."""
    place = stream.take().place
    index, coefficient, states = _for_states(stream, scope)
    return LongitudinalDiffusion(coefficient, states, index, place=place)


def _for_states(stream: Stream, scope: Scope) -> tuple[str | None, Expression, tuple[str, ...]]:
    """The optional index, the expression and the names in braces."""
    value = expression(stream, scope)
    index = None
    if isinstance(value, Variable) and value == Variable(value.name) and stream.skip(","):
        index = value.name
        value = expression(stream, scope)
    stream.expect("{", scope, "an operator or '{' and the names of states")
    states = [stream.name(scope, "the name of a state").text]
    while not stream.skip("}"):
        states.append(stream.name(scope, "the name of a state, or '}'").text)
    return index, value, tuple(states)

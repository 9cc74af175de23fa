"""The statements of KINETIC and LINEAR blocks, run on terms."""

from jaxsim.io.mod.declared import elements
from jaxsim.io.mod.frame import PRIME, Amount, Frame, Rules
from jaxsim.io.mod.interpreter import STATEMENTS, key, number, read, value
from jaxsim.io.mod.refuse import refusal
from jaxsim.io.mod.terms import Term
from jaxsim.io.nmodl import tree

Side = tuple[tree.Reactant, ...]


def _reaction(frame: Frame, statement: tree.Reaction) -> None:
    """Mass action: a + b <-> c (f, r) is a flux f a b - r c from the left to the right."""
    terms = frame.terms
    forward = number(frame, statement.forward)
    frame.found.rates.append(forward)
    if statement.arrow == "<<":
        _add(frame, statement.left, forward, 1.0)
        return
    ahead, back = terms.mul(forward, _product(frame, statement.left)), terms.number(0.0)
    if statement.backward is not None:
        backward = number(frame, statement.backward)
        frame.found.rates.append(backward)
        back = terms.mul(backward, _product(frame, statement.right))
    frame.memory.update(f_flux=ahead, b_flux=back)
    flux = terms.sub(ahead, back)
    _add(frame, statement.left, flux, -1.0)
    _add(frame, statement.right, flux, 1.0)


def _product(frame: Frame, side: Side) -> Term:
    product, states = frame.terms.number(1.0), {x.partition("[")[0] for x in frame.d.states}
    for one in side:
        for _ in range(one.count):
            product = frame.terms.mul(product, read(frame, one.variable))
    if sum(one.count for one in side if one.variable.name in states) > 1:
        frame.found.products.append(product)
    return product


def _add(frame: Frame, side: Side, flux: Term, sign: float) -> None:
    """Add a flux to the derivatives of the states of one side; what is no state does not change."""
    terms = frame.terms
    for one in side:
        name = key(frame, one.variable)
        if name in frame.d.states:
            now = frame.memory.get(name + PRIME, terms.number(0.0))
            frame.memory[name + PRIME] = terms.add(now, terms.mul(terms.number(sign * one.count), flux))


def _compartment(frame: Frame, statement: tree.Compartment) -> None:
    for name in statement.states:
        for k, element in enumerate(elements(name, frame.sizes.get(name))):
            if statement.index is not None:
                frame.own[statement.index] = frame.terms.number(float(k))
            frame.found.volumes[element] = value(frame, statement.volume)
    if statement.index is not None:
        frame.own.pop(statement.index, None)


def _conserve(frame: Frame, statement: tree.Conserve) -> None:
    states = {key(frame, one.variable): float(one.count) for one in statement.terms}
    for name in states.keys() - frame.d.states.keys():
        raise refusal(statement, f"CONSERVE counts {name!r}, which is no STATE.", "CONSERVE")
    frame.found.amounts.append(Amount(states, number(frame, statement.total)))


def _equation(frame: Frame, statement: tree.Equation) -> None:
    difference = frame.terms.sub(number(frame, statement.left), number(frame, statement.right))
    if statement.added and frame.found.residuals:
        difference = frame.terms.add(frame.found.residuals.pop(), difference)
    frame.found.residuals.append(difference)


# What each kind of statement does in a block of equations.
SCHEMES: Rules = {
    **STATEMENTS,
    tree.Reaction: _reaction,
    tree.Compartment: _compartment,
    tree.Conserve: _conserve,
    tree.Equation: _equation,
}

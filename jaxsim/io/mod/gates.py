"""A linear equation of one state in the form that says it shortest."""

from jaxsim.io.mod.calculus import affine
from jaxsim.io.mod.mechanism import Gate
from jaxsim.io.mod.terms import Term, Terms


def gate(terms: Terms, right: Term, x: str) -> Gate | None:
    """The `Gate` of an equation x' = a + b x; None where it is not of this form, or b is 0 or may be.

    Args:
        terms: the maker.
        right: the right-hand side.
        x: the state.
    """
    relaxing = _relaxing(terms, right, x)
    if relaxing is not None:
        return relaxing
    form = affine(terms, right, x)
    if form is None or _may_vanish(form[1]):
        return None
    opening, decay = form[0], terms.neg(form[1])
    if decay.op == "add" and opening in decay.args:
        beta = decay.args[1] if decay.args[0] is opening else decay.args[0]
        return Gate("alpha_beta", opening, beta, terms.div(opening, terms.add(opening, beta)))
    return Gate("Rate", opening, decay)


def _may_vanish(t: Term) -> bool:
    """Whether a term is 0, or is written as 0 on one side of a condition."""
    return (t.is_number and t.value == 0.0) or (t.op == "select" and any(_may_vanish(a) for a in t.args[1:]))


def _relaxing(terms: Terms, right: Term, x: str) -> Gate | None:
    """(x_inf - x) / tau, or (x_inf - x) times a rate, as it is written."""
    if right.op not in ("div", "mul"):
        return None
    for distance, scale in [right.args, right.args[::-1]][: 2 if right.op == "mul" else 1]:
        is_distance = distance.op == "sub" and distance.args[1] is terms.symbol(x)
        if is_distance and x not in distance.args[0].symbols | scale.symbols:
            x_inf = distance.args[0]
            if right.op == "mul":
                return Gate("inf_decay", x_inf, scale, x_inf)
            if scale.op == "div":
                return Gate("inf_decay", x_inf, terms.div(terms.number(1.0), scale), x_inf)
            return Gate("inf_tau", x_inf, scale, x_inf)
    return None

"""Explicit steps of states, the voltage held, as terms of the states before."""

from jaxsim.io.mod.calculus import affine
from jaxsim.io.mod.terms import Term, Terms


def exponential(terms: Terms, x: str, right: Term) -> Term | None:
    """The state x after a step of cnexp, x' = a + b x; None where the equation is not of this form.

    Args:
        terms: the maker.
        x: the state.
        right: its derivative.
    """
    if right.op == "select" and x not in right.args[0].symbols:
        yes, no = (exponential(terms, x, side) for side in right.args[1:])
        return None if yes is None or no is None else terms.select(right.args[0], yes, no)
    form = affine(terms, right, x)
    if form is None:
        return None
    (a, b), dt, now = form, terms.symbol("dt"), terms.symbol(x)
    if b.is_number and b.value == 0.0:
        return terms.add(now, terms.mul(dt, a))
    from_rest = terms.add(now, terms.div(a, b))
    return terms.add(now, terms.mul(terms.sub(terms.apply("exp", terms.mul(dt, b)), terms.number(1.0)), from_rest))


def euler(terms: Terms, x: str, right: Term) -> Term:
    """The state x after an explicit Euler step."""
    return terms.add(terms.symbol(x), terms.mul(terms.symbol("dt"), right))


def runge_kutta(terms: Terms, right: dict[str, Term]) -> dict[str, Term]:
    """States after a step of the classical method of fourth order.

    Args:
        terms: the maker.
        right: state -> its derivative.

    Returns:
        State -> the state after the step.
    """
    dt = terms.symbol("dt")
    slopes: list[list[Term]] = []
    for part in (0.0, 0.5, 0.5, 1.0):
        h = terms.mul(dt, terms.number(part))
        moved = {}
        if slopes:
            moved = {x: terms.add(terms.symbol(x), terms.mul(h, k)) for x, k in zip(right, slopes[-1], strict=True)}
        slopes.append(terms.substitute(right.values(), moved))
    after = {}
    for x, *k in zip(right, *slopes, strict=True):
        ends, middle = terms.add(k[0], k[3]), terms.mul(terms.number(2.0), terms.add(k[1], k[2]))
        total = terms.mul(terms.div(dt, terms.number(6.0)), terms.add(ends, middle))
        after[x] = terms.add(terms.symbol(x), total)
    return after

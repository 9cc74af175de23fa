"""What is known of a term: how it depends on a symbol, whether it equals another, how it is computed safely."""

from collections.abc import Callable, Iterable

import numpy as np

from jaxsim.io.mod.evaluate import NUMPY, evaluate
from jaxsim.io.mod.terms import Term, Terms, in_order

# Two terms are taken for the same if they agree, to rounding, at this many random points.
_POINTS, _AGREE = 8, 1e-9
# Within this distance of 0 a file's series for x / (exp(x) - 1) is taken for exact: two terms of it are off by 1e-13.
_SMALL = 1.001e-6


def affine(terms: Terms, term: Term, symbol: str) -> tuple[Term, Term] | None:
    """a and b, free of the symbol x, with term = a + b x; None where the term is not written in such a form.

    Args:
        terms: the maker.
        term: the term.
        symbol: the name of x.

    Returns:
        (a, b), or None.
    """
    zero, one = terms.number(0.0), terms.number(1.0)
    known: dict[Term, tuple[Term, Term] | None] = {}
    for t in in_order([term]):
        args = [known[x] for x in t.args]
        if symbol not in t.symbols:
            known[t] = (t, zero)
        elif t.op == "symbol":
            known[t] = (zero, one)
        else:
            known[t] = _affine(terms, t, args, symbol) if None not in args else None  # type: ignore[arg-type]
    return known[term]


def _affine(terms: Terms, t: Term, args: list[tuple[Term, Term]], symbol: str) -> tuple[Term, Term] | None:
    """The form of an operation whose args have one."""
    if t.op in ("add", "sub", "neg"):
        constant, slope = (terms.apply(t.op, *parts) for parts in zip(*args, strict=True))
        return constant, slope
    if t.op == "mul":
        for k, other in ((0, 1), (1, 0)):
            if symbol not in t.args[k].symbols:
                return terms.mul(t.args[k], args[other][0]), terms.mul(t.args[k], args[other][1])
    if t.op == "div" and symbol not in t.args[1].symbols:
        return terms.div(args[0][0], t.args[1]), terms.div(args[0][1], t.args[1])
    if t.op == "select" and symbol not in t.args[0].symbols:
        (_, yes, no), condition = args, t.args[0]
        return terms.select(condition, yes[0], no[0]), terms.select(condition, yes[1], no[1])
    return None


def same(a: Term, b: Term, agree: float = _AGREE) -> bool:
    """Whether two terms have the same value whatever their symbols are, judged by random points.

    Where there is a choice some of the points are what conditions ask for: flags (small whole numbers), and voltages.
    """
    if a is b:
        return True
    draw = np.random.default_rng(5)
    chooses = any(t.op == "select" for t in in_order([a, b]))

    def points() -> np.ndarray:
        near = draw.uniform(0.3, 2.0, _POINTS) * draw.choice([-1.0, 1.0], _POINTS)
        flags, far = draw.integers(-1, 4, 2 * _POINTS), draw.uniform(-100.0, 100.0, 2 * _POINTS)
        return np.concatenate([near, flags, far]) if chooses else near

    values = {name: points() for name in sorted(a.symbols | b.symbols)}
    with np.errstate(all="ignore"):
        n = 5 * _POINTS if chooses else _POINTS
        left, right = (np.broadcast_to(x, (n,)) for x in evaluate([a, b], values, NUMPY))
        finite = np.isfinite(left) & np.isfinite(right)
        close = np.abs(left - right) <= agree * (np.abs(left) + np.abs(right))
    return bool(finite.any() and close[finite].all())


def quotient(terms: Terms, a: Term, b: Term, guard: Callable[[Term], Term] = lambda x: x, voltage: str = "v") -> Term:
    """a / b; x / (exp(x / y) - 1) by `vtrap`, which is finite at x = 0, and 1 / (1 + exp(-x)) by `sigmoid`.

    Args:
        terms: the maker.
        a: the numerator.
        b: the denominator.
        guard: what makes a denominator safe that is divided by as it is.
        voltage: the symbol in which a and the exponent may be linear.

    Returns:
        The quotient.
    """
    if b.op == "neg":
        return terms.neg(quotient(terms, a, b.args[0], guard, voltage))
    if b.op == "expm1":
        found = _vtrap(terms, a, b.args[0], voltage)
        if found is not None:
            return found
    if b.op == "add":
        for k in (0, 1):
            if b.args[k].op == "exp" and b.args[1 - k] is terms.number(1.0):
                return terms.mul(a, terms.apply("sigmoid", terms.neg(b.args[k].args[0])))
    if b.op == "mul":
        for k in (0, 1):
            if b.args[k].op == "expm1":
                found = _vtrap(terms, a, b.args[k].args[0], voltage)
                if found is not None:
                    return terms.div(found, guard(b.args[1 - k]))
    return terms.div(a, guard(b))


def _vtrap(terms: Terms, a: Term, u: Term, voltage: str) -> Term | None:
    """a / (exp(u) - 1) by `vtrap`, if a is a multiple of u."""
    x, y = u.args if u.op == "div" else (u, terms.number(1.0))
    if u.op == "neg" and u.args[0].op == "div":
        x, y = terms.neg(u.args[0].args[0]), u.args[0].args[1]
    if a is x:
        return terms.apply("vtrap", x, y)
    if a is terms.neg(x):
        return terms.neg(terms.apply("vtrap", x, y))
    if a.op == "neg":
        found = _vtrap(terms, a.args[0], u, voltage)
        return None if found is None else terms.neg(found)
    if a.op in ("mul", "div"):
        for k in (0, 1) if a.op == "mul" else (0,):
            if u.symbols & a.args[k].symbols:
                found = _vtrap(terms, a.args[k], u, voltage)
                if found is not None:
                    return terms.mul(a.args[1 - k], found) if a.op == "mul" else terms.div(found, a.args[1])
    of_a, of_u = affine(terms, a, voltage), affine(terms, u, voltage)
    if voltage not in a.symbols & u.symbols or of_a is None or of_u is None:
        return None
    (a0, a1), (u0, u1) = of_a, of_u
    if not same(terms.mul(a0, u1), terms.mul(a1, u0)):
        return None
    return terms.mul(terms.div(a1, u1), terms.apply("vtrap", u, terms.number(1.0)))


def _meet(terms: Terms, watched: Term, yes: Term, no: Term, voltage: str) -> bool:
    """Whether two terms have the same value where a third one is nearly 0."""
    form = affine(terms, watched, voltage)
    if form is None or voltage not in watched.symbols:
        return False
    there = {voltage: terms.div(terms.sub(terms.number(0.1 * _SMALL), form[0]), form[1])}
    here, other = terms.substitute([yes, no], there)
    return same(here, other, agree=_SMALL)


def select(terms: Terms, condition: Term, yes: Term, no: Term, voltage: str = "v") -> Term:
    """yes where the condition is true, else no; without a choice where no is exact at the point that is watched.

    A file that computes x / (exp(x / y) - 1) only where abs(x / y) is not small, and a series there, needs no series:
    the quotient is written with `vtrap`, which is exact in both.

    Args:
        terms: the maker.
        condition: true or false.
        yes: the value where it is true.
        no: the value where it is not.
        voltage: the symbol in which what is watched may be linear.
    """
    if condition.op in ("lt", "le") and condition.args[0].op == "fabs" and condition.args[1].is_number:
        watched, (_, limit) = condition.args[0].args[0], condition.args
        for trap in (t for t in in_order([no]) if t.op == "vtrap"):
            ratio = terms.div(*trap.args)
            near = float(str(limit.value)) <= _SMALL and watched in (ratio, terms.neg(ratio))
            own = any(t.op == "vtrap" for t in in_order([yes]))
            if near and not own and _meet(terms, watched, yes, no, voltage):
                return no
    return terms.select(condition, yes, no)


def symbols_of(found: Iterable[Term]) -> frozenset[str]:
    """The names of all symbols of some terms."""
    return frozenset().union(*(t.symbols for t in found))

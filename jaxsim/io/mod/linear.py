"""The solution of linear equations between terms."""

from collections.abc import Mapping, Sequence

import numpy as np

from jaxsim.io.mod.calculus import affine
from jaxsim.io.mod.evaluate import NUMPY, evaluate
from jaxsim.io.mod.terms import Term, Terms

_VOLTAGE = -61.3  # mV, where pivots are compared


def solve_linear(
    terms: Terms, residuals: Sequence[Term], names: Sequence[str], defaults: Mapping[str, float]
) -> dict[str, Term] | None:
    """The values of some symbols at which all residuals are 0, by elimination; pivots are chosen at one voltage.

    Args:
        terms: the maker.
        residuals: as many as there are unknowns in them, linear in these.
        names: the symbols that may be unknown.
        defaults: the other symbols' values, with which pivots are compared.

    Returns:
        Unknown -> its value; None if the residuals are not linear or do not have one solution.
    """
    used = frozenset().union(*(r.symbols for r in residuals)) if residuals else frozenset()
    unknown = [x for x in names if x in used]
    if not unknown or len(unknown) != len(residuals):
        return None
    rows = []
    for residual in residuals:
        row, rest = {}, residual
        for x in unknown:
            form = affine(terms, rest, x)
            if form is None or form[1].symbols & set(unknown):
                return None
            rest, row[x] = form
        rows.append((row, terms.neg(rest)))
    return _eliminate(terms, rows, unknown, defaults)


def _eliminate(
    terms: Terms, rows: list[tuple[dict[str, Term], Term]], unknown: list[str], defaults: Mapping[str, float]
) -> dict[str, Term] | None:
    zero, done = terms.number(0.0), []
    for x in unknown:
        sizes = _sizes([row[x] for row, _ in rows], defaults)
        k = int(np.argmax(sizes))
        if not sizes[k] > 0.0:
            return None
        pivot, right = rows.pop(k)
        done.append((x, pivot, right))
        for j, (row, b) in enumerate(rows):
            if row[x] is zero:
                continue
            factor = terms.div(row[x], pivot[x])
            left = {y: terms.sub(row[y], terms.mul(factor, pivot[y])) for y in unknown if y != x}
            rows[j] = left | {x: zero}, terms.sub(b, terms.mul(factor, right))
    found: dict[str, Term] = {}
    for x, pivot, right in reversed(done):
        for y, value in found.items():
            right = terms.sub(right, terms.mul(pivot[y], value))
        found[x] = terms.div(right, pivot[x])
    return found


def _sizes(entries: list[Term], defaults: Mapping[str, float]) -> np.ndarray:
    """How large terms are; -1 where they are not finite."""
    values = {name: 0.7 for t in entries for name in t.symbols} | dict(defaults)
    values["v"] = _VOLTAGE
    with np.errstate(all="ignore"):
        found = np.array([float(x) for x in evaluate(entries, values, NUMPY)])
    return np.where(np.isfinite(found), np.abs(found), -1.0)

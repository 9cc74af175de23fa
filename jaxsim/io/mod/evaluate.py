"""The values of terms, on NumPy or JAX arrays."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxsim.io.mod.terms import Term, in_order
from jaxsim.mechanisms.rates import bounded_exp, bounded_expm1, sigmoid, vtrap

Operations = Mapping[str, Callable[..., Any]]

_COMMON: Operations = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
    "neg": lambda a: -a, "lt": lambda a, b: a < b, "gt": lambda a, b: a > b, "le": lambda a, b: a <= b,
    "ge": lambda a, b: a >= b, "eq": lambda a, b: a == b, "ne": lambda a, b: a != b,
}  # fmt: skip


def _named(module: Any) -> dict[str, Callable[..., Any]]:
    names = {
        "log": "log", "log10": "log10", "sqrt": "sqrt", "fabs": "abs", "floor": "floor", "ceil": "ceil", "sin": "sin",
        "cos": "cos", "tan": "tan", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "sinh": "sinh",
        "cosh": "cosh", "tanh": "tanh", "atan2": "arctan2", "fmod": "fmod", "and": "logical_and", "or": "logical_or",
        "not": "logical_not", "select": "where",
    }  # fmt: skip
    return {op: getattr(module, name) for op, name in names.items()}


def _power(x: Any, y: Any) -> Any:
    """x^y: of a small whole number by multiplication, of a positive number by `exp`."""
    if isinstance(y, float) and y == round(y) and abs(y) <= 16:
        return jnp.asarray(x) ** int(y)
    if isinstance(x, float) and x > 0.0:
        return bounded_exp(jnp.asarray(y * float(np.log(x))))
    return jnp.power(x, y)


NUMPY: Operations = {
    **_COMMON, **_named(np), "div": np.divide, "pow": np.power, "exp": np.exp, "expm1": np.expm1,
    "vtrap": lambda x, y: x / np.expm1(np.divide(x, y)), "sigmoid": lambda x: 1.0 / (1.0 + np.exp(-x)),
}  # fmt: skip
JAX: Operations = {
    **_COMMON, **_named(jnp), "pow": _power, "exp": lambda x: bounded_exp(jnp.asarray(x)),
    "expm1": lambda x: bounded_expm1(jnp.asarray(x)), "vtrap": lambda x, y: vtrap(jnp.asarray(x), y),
    "sigmoid": lambda x: sigmoid(jnp.asarray(x)), "div": lambda a, b: jnp.asarray(a) / b,
}  # fmt: skip


def evaluate(terms: Iterable[Term], values: Mapping[str, Any], operations: Operations = JAX) -> list[Any]:
    """The values of some terms.

    Args:
        terms: the terms.
        values: symbol -> array or number.
        operations: how operations are computed.

    Returns:
        An array or number for each term.
    """
    wanted = list(terms)
    known: dict[Term, Any] = {}
    for term in in_order(wanted):
        if term.is_number:
            known[term] = term.value
        elif term.op == "symbol":
            known[term] = values[str(term.value)]
        else:
            known[term] = operations[term.op](*(known[a] for a in term.args))
    return [known[term] for term in wanted]

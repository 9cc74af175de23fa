"""Bookkeeping of a reverse rule: which leaves of its arguments are differentiated, and cotangents for those alone."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

# Which leaves of the constants, and which of the inputs, are differentiated.
Vary = tuple[tuple[bool, ...], tuple[bool, ...]]


def value(tree: Any) -> Any:
    """The arguments of a rule with symbolic zeros, as arrays."""
    return jax.tree.map(lambda p: p.value, tree, is_leaf=_is_primal)


def varies(tree: Any) -> tuple[bool, ...]:
    """Which leaves of a rule's arguments are differentiated."""
    return tuple(bool(p.perturbed) for p in jax.tree.leaves(tree, is_leaf=_is_primal))


def _is_primal(x: Any) -> bool:
    return hasattr(x, "perturbed")


def instantiated(bars: Any) -> Any:
    """Cotangents with arrays of zeros instead of symbolic ones."""
    return jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype) if _is_symbolic(x) else x, bars, is_leaf=_is_symbolic)


def _is_symbolic(x: Any) -> bool:
    return isinstance(x, jax.custom_derivatives.SymbolicZero)


def pick(tree: Any, flags: tuple[bool, ...]) -> tuple[list, list]:
    """The leaves that vary, and the others."""
    leaves = jax.tree.leaves(tree)
    vary = [leaf for leaf, flag in zip(leaves, flags, strict=True) if flag]
    return vary, [leaf for leaf, flag in zip(leaves, flags, strict=True) if not flag]


def merge(tree: Any, flags: tuple[bool, ...], vary: list, rest: list) -> Any:
    """The inverse of `pick`."""
    a, b = iter(vary), iter(rest)
    return jax.tree.unflatten(jax.tree.structure(tree), [next(a) if flag else next(b) for flag in flags])


def placed(constants: Any, inputs: Any, vary: Vary, bars: tuple[list, Any, list]) -> tuple[Any, Any, Any]:
    """Cotangents of all leaves of constants, carry and inputs; None (zero) for those that do not vary."""
    constants_bar, carry_bar, inputs_bar = bars
    return _place(constants, vary[0], constants_bar), carry_bar, _place(inputs, vary[1], inputs_bar)


def _place(tree: Any, flags: tuple[bool, ...], bars: list) -> Any:
    return merge(tree, flags, bars, [None] * (len(flags) - len(bars)))


def pulled(
    step: Callable[[Any, Any, Any], Any], vary: Vary, constants: Any, carry: Any, inputs: Any, bars: Any
) -> tuple[list, Any, list]:
    """Back through one step.

    Args:
        step: (constants, carry, inputs) -> result.
        vary: which leaves are differentiated.
        constants: what every step uses.
        carry: the state before the step.
        inputs: what this step uses.
        bars: cotangents of the result.

    Returns:
        Cotangents of the constants that vary, of the carry, and of the inputs that vary.
    """
    (own, rest), (drive, other) = pick(constants, vary[0]), pick(inputs, vary[1])

    def replay(own: list, carry: Any, drive: list) -> Any:
        return step(merge(constants, vary[0], own, rest), carry, merge(inputs, vary[1], drive, other))

    return jax.vjp(replay, own, carry, drive)[1](bars)

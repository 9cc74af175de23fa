"""Bookkeeping of a reverse rule: which leaves of its arguments are differentiated, and cotangents for those alone."""

from typing import Any

import jax
import jax.numpy as jnp


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


def place(tree: Any, flags: tuple[bool, ...], bars: list) -> Any:
    """Cotangents of the leaves that vary in their places; None (zero) for the others."""
    return merge(tree, flags, bars, [None] * (len(flags) - len(bars)))

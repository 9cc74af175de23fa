"""Systems of ordinary differential equations at every compartment: states that depend on one another.

A system is a function of a list of arrays (one for each state, all of one shape, elementwise) that gives their time
derivatives. Steps are implicit with the exact Jacobian, whose structural zeros are found once, by tracing
(`elimination`). Sums that the system conserves (columns of J that add up to zero) are conserved to rounding.
"""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxsim.numerics.elimination import Matrix, Vector, factors, inverse

System = Callable[[Vector], Vector]

# Newton's iterations of a nonlinear implicit Euler step: each doubles the digits.
_NEWTON = 4
# The stage weight of the two-stage Rosenbrock method that is L-stable and of second order with any Jacobian.
_GAMMA = 1.0 - 1.0 / math.sqrt(2.0)
# Steady states: implicit Euler steps that double from the first length [ms], then some of the last. In single precision
# steps much longer than the fastest time constant would lose what is conserved.
_FIRST, _MORE = 0.05, 10
_DOUBLINGS = {np.dtype(np.float32): 15, np.dtype(np.float64): 34}


def depends(function: System, x: Vector) -> np.ndarray:
    """(n_result, n) bool, whether the i-th result depends on the j-th argument, found by tracing."""
    return dependence(lambda *x: list(function(x)), *x)


def dependence(function: Callable[..., Any], *arguments: Any) -> np.ndarray:
    """(n_result, n) bool, whether the i-th number that comes out depends on the j-th that goes in, found by tracing.

    Args:
        function: of pytrees, to a pytree.
        arguments: pytrees of arrays, or of what describes them.

    Returns:
        The leaves of the result by those of the arguments, in order.
    """
    jaxpr = jax.make_jaxpr(function)(*arguments).jaxpr
    n = len(jaxpr.invars)
    known: dict[int, np.ndarray] = {id(v): np.eye(n, dtype=bool)[j] for j, v in enumerate(jaxpr.invars)}
    nothing = np.zeros(n, bool)
    for equation in jaxpr.eqns:
        found = np.any([known.get(id(v), nothing) for v in equation.invars] + [nothing], axis=0)
        known |= {id(v): found for v in equation.outvars}
    return np.array([known.get(id(v), nothing) for v in jaxpr.outvars]).reshape(-1, n)


def jacobian(system: System, x: Vector) -> tuple[Vector, Matrix]:
    """The derivatives at x, and their Jacobian, exact.

    Args:
        system: the system.
        x: n arrays of one shape.

    Returns:
        n arrays, and the Jacobian.
    """
    pattern = depends(system, x)
    value = system(x)
    entries: Matrix = {}
    for j in np.flatnonzero(pattern.any(axis=0)).tolist():
        of_one = lambda y, j=j: list(system((*x[:j], y, *x[j + 1 :])))  # noqa: E731, what does not change costs nothing
        _, column = jax.jvp(of_one, (x[j],), (jnp.ones_like(x[j]),))
        entries |= {(i, j): column[i] for i in np.flatnonzero(pattern[:, j]).tolist()}
    return value, entries


def _one_minus(h: jax.Array, jac: Matrix, like: Vector) -> Matrix:
    """1 - h J."""
    matrix = {at: -h * entry for at, entry in jac.items()}
    for k, x in enumerate(like):
        matrix[k, k] = 1.0 + matrix[k, k] if (k, k) in matrix else jnp.ones_like(x)
    return matrix


def _resolvent(system: System, x: Vector, h: jax.Array, jac: Matrix) -> Callable[[Vector], list[jax.Array]]:
    """b -> (1 - h J)^-1 b."""

    def product(y: Vector) -> Vector:
        slope = jax.jvp(lambda *x: list(system(x)), tuple(x), tuple(y))[1]
        return [a - h * b for a, b in zip(y, slope, strict=True)]

    return inverse(product, _one_minus(h, jac, x), len(x))


def implicit_euler(system: System, x: Vector, h: jax.Array) -> list[jax.Array]:
    """x(t + h) = x(t) + h f(x(t + h)), by Newton's iteration with the exact Jacobian; once where f is linear.

    Its derivatives are those of the equation's solution, not of the iteration.

    Args:
        system: f.
        x: n arrays of one shape.
        h: () [ms], step.

    Returns:
        n arrays.
    """
    old, n = tuple(x), len(x)

    def residual(y: Vector) -> tuple[jax.Array, ...]:
        return tuple(b - a - h * f for a, b, f in zip(old, y, system(y), strict=True))

    def newton(y: Vector) -> tuple[jax.Array, ...]:
        value, jac = jacobian(system, y)
        right = [h * f - (b - a) for a, b, f in zip(old, y, value, strict=True)]
        return tuple(b + d for b, d in zip(y, factors(_one_minus(h, jac, y), n).solve(right), strict=True))

    def root(_: System, y: Vector) -> tuple[jax.Array, ...]:
        return newton(y) if _is_linear(system, y) else jax.lax.fori_loop(0, _NEWTON, lambda _, y: newton(y), tuple(y))

    def tangent(g: System, b: Vector) -> tuple[jax.Array, ...]:
        return tuple(inverse(g, jacobian(g, b)[1], n)(b))

    return list(jax.lax.custom_root(residual, old, root, tangent))


def _is_linear(system: System, x: Vector) -> bool:
    """Whether the Jacobian is the same at every state."""
    return not depends(lambda x: list(jacobian(system, x)[1].values()), x).any()


def implicit_midpoint(system: System, x: Vector, h: jax.Array) -> list[jax.Array]:
    """Half a step of implicit Euler and as much again: second order, undamped.

        y = x(t) + h/2 f(y),    x(t + h) = 2 y - x(t)

    Args:
        system: f.
        x: n arrays of one shape.
        h: () [ms], step.

    Returns:
        n arrays.
    """
    return [2.0 * y - y0 for y, y0 in zip(implicit_euler(system, x, 0.5 * h), x, strict=True)]


def rosenbrock(system: System, x: Vector, h: jax.Array) -> list[jax.Array]:
    """Two linear stages with one matrix: second order, and what is infinitely fast is gone after one step.

        (1 - g h J) k_1 = f(x),    (1 - g h J) k_2 = f(x + h k_1) - 2 k_1,    g = 1 - 1 / sqrt 2
        x(t + h) = x + h (3 k_1 + k_2) / 2

    Args:
        system: f.
        x: n arrays of one shape.
        h: () [ms], step.

    Returns:
        n arrays.

    Source: ROS2; Verwer et al. 1999, SIAM J Sci Comput 20:1456.
    """
    value, jac = jacobian(system, x)
    solve = _resolvent(system, x, _GAMMA * h, jac)
    k1 = solve(value)
    later = system([y + h * k for y, k in zip(x, k1, strict=True)])
    k2 = solve([f - 2.0 * k for f, k in zip(later, k1, strict=True)])
    return [y + h * (1.5 * p + 0.5 * q) for y, p, q in zip(x, k1, k2, strict=True)]


def shift(system: System, x: Vector, h: jax.Array) -> list[jax.Array]:
    """x some time h later, or earlier where h is negative, to first order; what is fast moves no further than to rest.

        x(t + h) = x + sign(h) d,    (1 - |h| J) d = |h| f(x)

    Args:
        system: f.
        x: n arrays of one shape.
        h: () [ms].

    Returns:
        n arrays.
    """
    value, jac = jacobian(system, x)
    size = jnp.abs(h)
    moved = _resolvent(system, x, size, jac)([size * f for f in value])
    return [y + jnp.sign(h) * d for y, d in zip(x, moved, strict=True)]


def steady_state(system: System, x: Vector) -> list[jax.Array]:
    """Where the system comes to rest from x: what it conserves stays as x has it.

    Implicit Euler steps of growing length: 20 s in all in single precision, 4 months in double.

    Args:
        system: f.
        x: n arrays of one shape.

    Returns:
        n arrays.
    """
    dtype = jnp.result_type(*x)
    doublings = _DOUBLINGS.get(np.dtype(dtype), 15)
    lengths = (_FIRST * 2.0 ** np.minimum(np.arange(doublings + _MORE), doublings)).astype(dtype)
    step = lambda k, y: tuple(implicit_euler(system, y, jnp.asarray(lengths)[k]))  # noqa: E731
    return list(jax.lax.fori_loop(0, len(lengths), step, tuple(x)))

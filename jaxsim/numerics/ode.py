"""Systems of ordinary differential equations at every compartment: states that depend on one another.

A system is a function of a list of arrays (one for each state, all of one shape, elementwise) that gives their time
derivatives. Steps are implicit with the exact Jacobian, whose structural zeros are found once, by tracing: the
elimination then touches what a sparse scheme has, and is nothing but elementwise arithmetic. It needs no pivots: the
matrix 1 - h J of a kinetic scheme is dominated by its diagonal in every column, and any other is near 1 for a sensible
step. Sums that the system conserves (columns of J that add up to zero) are conserved to rounding.
"""

import math
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np

Vector = Sequence[jax.Array]
System = Callable[[Vector], Vector]
# (row, column) -> array, of what is not zero whatever the state.
Matrix = dict[tuple[int, int], jax.Array]

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
    jaxpr = jax.make_jaxpr(lambda *x: list(function(x)))(*x).jaxpr
    known: dict[int, np.ndarray] = {id(v): np.eye(len(x), dtype=bool)[j] for j, v in enumerate(jaxpr.invars)}
    nothing = np.zeros(len(x), bool)
    for equation in jaxpr.eqns:
        found = np.any([known.get(id(v), nothing) for v in equation.invars] + [nothing], axis=0)
        known |= {id(v): found for v in equation.outvars}
    return np.array([known.get(id(v), nothing) for v in jaxpr.outvars]).reshape(-1, len(x))


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
        tangents = [jnp.ones_like(a) if k == j else jnp.zeros_like(a) for k, a in enumerate(x)]
        _, column = jax.jvp(lambda *x: list(system(x)), tuple(x), tuple(tangents))
        entries |= {(i, j): column[i] for i in np.flatnonzero(pattern[:, j]).tolist()}
    return value, entries


def factors(jac: Matrix, n: int, h: jax.Array) -> Matrix:
    """The elimination of 1 - h J without pivots: below the diagonal the multipliers, on it the inverse pivots."""
    a = {at: -h * entry for at, entry in jac.items()}
    for k in range(n):
        a[k, k] = 1.0 + a[k, k] if (k, k) in a else jnp.ones_like(h)
    for k in range(n):
        a[k, k] = 1.0 / a[k, k]
        for i in [i for i in range(k + 1, n) if (i, k) in a]:
            a[i, k] = a[i, k] * a[k, k]
            for j in [j for j in range(k + 1, n) if (k, j) in a]:
                fill = a[i, k] * a[k, j]
                a[i, j] = a[i, j] - fill if (i, j) in a else -fill
    return a


def solve(a: Matrix, b: Vector) -> list[jax.Array]:
    """x with (1 - h J) x = b, from `factors`."""
    n, y = len(b), list(b)
    for i in range(n):
        for j in [j for j in range(i) if (i, j) in a]:
            y[i] = y[i] - a[i, j] * y[j]
    for i in reversed(range(n)):
        for j in [j for j in range(i + 1, n) if (i, j) in a]:
            y[i] = y[i] - a[i, j] * y[j]
        y[i] = y[i] * a[i, i]
    return y


def implicit_euler(system: System, x: Vector, h: jax.Array) -> list[jax.Array]:
    """x(t + h) = x(t) + h f(x(t + h)), by Newton's iteration with the exact Jacobian; once where f is linear.

    Args:
        system: f.
        x: n arrays of one shape.
        h: () [ms], step.

    Returns:
        n arrays.
    """
    now = list(x)
    for _ in range(1 if _is_linear(system, x) else _NEWTON):
        value, jac = jacobian(system, now)
        residual = [h * f - (y - y0) for f, y, y0 in zip(value, now, x, strict=True)]
        now = [y + dy for y, dy in zip(now, solve(factors(jac, len(now), h), residual), strict=True)]
    return now


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
    a = factors(jac, len(x), _GAMMA * h)
    k1 = solve(a, value)
    later = system([y + h * k for y, k in zip(x, k1, strict=True)])
    k2 = solve(a, [f - 2.0 * k for f, k in zip(later, k1, strict=True)])
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
    moved = solve(factors(jac, len(x), size), [size * f for f in value])
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

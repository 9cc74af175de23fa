"""Small systems of linear equations, one at every compartment, with the structure of their matrix known while tracing.

A matrix is a dictionary of the entries that may not be zero, each an array over the compartments; an elimination is
nothing but elementwise arithmetic on these. It needs no pivots where the diagonal dominates each column, as that of
1 - h J does if J is a kinetic scheme's; any other is near 1 for a sensible step. The order keeps what fills in few:
each time the unknown with the fewest neighbours goes.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import numpy as np

Vector = Sequence[jax.Array]
# (row, column) -> array, of what is not zero whatever the state.
Matrix = dict[tuple[int, int], jax.Array]


class Factors(NamedTuple):
    """A = L U with the unknowns in another order.

    Attributes:
        order: the unknowns as they are eliminated.
        entries: in that order: below the diagonal L, on it the inverse of U, above it U.
    """

    order: list[int]
    entries: Matrix

    def solve(self, b: Vector) -> list[jax.Array]:
        """x with A x = b."""
        y, a = [b[k] for k in self.order], self.entries
        for i, j in _below(a):
            y[i] = y[i] - a[i, j] * y[j]
        for i in reversed(range(len(y))):
            for j in _right(a, i):
                y[i] = y[i] - a[i, j] * y[j]
            y[i] = y[i] * a[i, i]
        return self._in_place(y)

    def solve_transposed(self, b: Vector) -> list[jax.Array]:
        """x with A^T x = b."""
        y, a = [b[k] for k in self.order], self.entries
        for i in range(len(y)):
            y[i] = y[i] * a[i, i]
            for j in _right(a, i):
                y[j] = y[j] - a[i, j] * y[i]
        for i, j in reversed(_below(a)):
            y[j] = y[j] - a[i, j] * y[i]
        return self._in_place(y)

    def _in_place(self, y: Vector) -> list[jax.Array]:
        return [x for _, x in sorted(zip(self.order, y, strict=True), key=lambda pair: pair[0])]


def _below(a: Matrix) -> list[tuple[int, int]]:
    return sorted(at for at in a if at[0] > at[1])


def _right(a: Matrix, i: int) -> list[int]:
    return sorted(j for row, j in a if row == i and j > i)


def factors(matrix: Matrix, n: int) -> Factors:
    """The elimination of a matrix whose diagonal is there.

    Args:
        matrix: A, arrays of one shape.
        n: number of unknowns.

    Returns:
        Its factors.
    """
    order = _order(set(matrix), n)
    a = {(i, j): matrix[row, column] for i, row in enumerate(order) for j, column in enumerate(order)
         if (row, column) in matrix}  # fmt: skip
    for k in range(n):
        a[k, k] = 1.0 / a[k, k]
        for i in [i for i in range(k + 1, n) if (i, k) in a]:
            a[i, k] = a[i, k] * a[k, k]
            for j in _right(a, k):
                fill = a[i, k] * a[k, j]
                a[i, j] = a[i, j] - fill if (i, j) in a else -fill
    return Factors(order, a)


def _order(entries: set[tuple[int, int]], n: int) -> list[int]:
    """The unknowns, each time the one with the fewest neighbours among those left, which become each other's."""
    joined = np.eye(n, dtype=bool)
    for i, j in entries:
        joined[i, j] = joined[j, i] = True
    left, order = list(range(n)), []
    while left:
        k = min(left, key=lambda i: int(joined[i, left].sum()))
        left.remove(k)
        order.append(k)
        around = [i for i in left if joined[k, i]]
        joined[np.ix_(around, around)] = True
    return order


def inverse(product: Callable[[Vector], Vector], matrix: Matrix, n: int) -> Callable[[Vector], list[jax.Array]]:
    """b -> x with A x = b, for several b; its derivatives are further solutions, not those of the elimination.

    Args:
        product: x -> A x, which is differentiated.
        matrix: A, arrays of one shape, which are not.
        n: number of unknowns.

    Returns:
        A function of n arrays.
    """
    a = factors(matrix, n)
    there, back = lambda _, b: tuple(a.solve(b)), lambda _, b: tuple(a.solve_transposed(b))
    return lambda b: list(jax.lax.custom_linear_solve(lambda x: tuple(product(x)), tuple(b), there, back))

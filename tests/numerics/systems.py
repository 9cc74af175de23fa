"""Systems on trees and forests for the tests of the numerics, and exact solutions of them."""

from fractions import Fraction

import numpy as np

from jaxsim.cable.order import levels

KINDS = ("random", "chain", "star", "binary", "forest")


def parents(kind: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """(n,) int32, parent[i] < i; a root has itself."""
    i = np.arange(n)
    parent = {
        "random": lambda: np.array([0] + [int(rng.integers(0, k)) for k in range(1, n)]),
        "chain": lambda: np.maximum(i - 1, 0),
        "star": lambda: np.zeros(n, int),
        "binary": lambda: np.maximum(i - 1, 0) // 2,
        "forest": lambda: np.array([k if k % 7 == 0 else int(rng.integers(k - k % 7, k)) for k in range(n)]),
    }[kind]()
    return parent.astype(np.int32)


def side_branches(n_branch: int, length: int) -> np.ndarray:
    """(n_branch * length + 1,) parents: branches of equal length at one root, numbered branch by branch."""
    parent = np.arange(n_branch * length + 1) - 1
    parent[0] = 0
    parent[1::length] = 0
    return parent


def in_levels(parent: np.ndarray) -> np.ndarray:
    """The same forest in the order of elimination."""
    order = levels(parent)
    return np.argsort(order)[parent[order]]


def system(parent: np.ndarray, rng: np.random.Generator, spread: float = 1.0) -> tuple[np.ndarray, ...]:
    """s, g and r: log-uniform over `spread` decades either way; a third of the rows but no root have s = 0."""
    n = len(parent)
    root = parent == np.arange(n)
    s = 10 ** rng.uniform(-spread, spread, n)
    s[(rng.random(n) < 0.33) & ~root] = 0.0
    g = np.where(root, 0.0, 10 ** rng.uniform(-spread, spread, n))
    return s, g, rng.normal(size=n)


def exact(parent: np.ndarray, s: np.ndarray, g: np.ndarray, r: np.ndarray) -> np.ndarray:
    """The solution in rational numbers, rounded once, by the textbook elimination."""
    s, g, r = ([Fraction(float(x)) for x in a] for a in (s, g, r))
    n = len(s)
    diagonal = [s[i] + g[i] for i in range(n)]
    for i in range(1, n):
        diagonal[parent[i]] += g[i]
    for i in range(n - 1, 0, -1):
        if g[i]:
            p = parent[i]
            diagonal[p] -= g[i] * g[i] / diagonal[i]
            r[p] += g[i] / diagonal[i] * r[i]
    x = [Fraction(0)] * n
    for i in range(n):
        x[i] = (r[i] + (g[i] * x[parent[i]] if g[i] else 0)) / diagonal[i]
    return np.array([float(v) for v in x])


def textbook(parent: np.ndarray, s: np.ndarray, g: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Hines' elimination on the diagonal, in the precision of its arguments: d_p -= g^2 / d_i."""
    n = len(s)
    d, r = s + g, r.copy()
    for i in range(1, n):
        d[parent[i]] += g[i]
    for i in range(n - 1, 0, -1):
        p = parent[i]
        d[p] -= g[i] * g[i] / d[i]
        r[p] += g[i] / d[i] * r[i]
    x = np.zeros_like(r)
    for i in range(n):
        x[i] = (r[i] + g[i] * x[parent[i]]) / d[i]
    return x

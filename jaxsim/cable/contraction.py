"""Which nodes a tree's parallel solve eliminates together: rounds of leaves and of chain nodes that do not touch.

A node with one child or none can be eliminated without fill-in: a leaf adds to its parent (two conductances in series,
in parallel with what the parent has), a node between two others adds to both and leaves one edge between them. Nodes
that are no neighbours do not disturb each other, so about half of what is left goes in each round, and a forest of n
nodes is down to its roots after little more than log2(n) rounds, however long its branches are.
"""

import dataclasses

import numpy as np

# Contributions of a node's eliminated children are added one by one up to this many, then in groups of doubling size.
# A node with more children waits with the others until the next rounds: a soma is among the last nodes anyway (on 12
# real cells the number of rounds stays, but for one cell with one more). A star's centre would wait too long.
_SINGLE, _MANY = 3, 16


@dataclasses.dataclass(frozen=True, eq=False)
class Round:
    """One round: n nodes before it, m of them kept; kept nodes are numbered anew. -1 stands for "none" everywhere.

    Args:
        keep: (m,) int, number before the round of each kept node; those with most eliminated children first.
        above: (m,) int, a kept node's parent if it is eliminated.
        below: per group of children, (m_group, width) int, eliminated children of the first m_group kept nodes.
        beyond: per group, (m_group, width) int, the only child of each node in `below`.
        eliminated: (n,) bool.
        child: (n,) int, the only child of an eliminated node.
        up: (n,) int, number after the round of a kept node itself, or of an eliminated node's parent.
        down: (n,) int, number after the round of an eliminated node's child.
        root: a root's number before the round.
    """

    keep: np.ndarray
    above: np.ndarray
    below: tuple[np.ndarray, ...]
    beyond: tuple[np.ndarray, ...]
    eliminated: np.ndarray
    child: np.ndarray
    up: np.ndarray
    down: np.ndarray
    root: int

    @property
    def n_before(self) -> int:
        """Number of nodes before the round."""
        return len(self.eliminated)

    @property
    def n_after(self) -> int:
        """Number of nodes after the round."""
        return len(self.keep)


def contraction_rounds(parent: np.ndarray) -> list[Round]:
    """The rounds that take a forest down to its roots.

    Each takes all that it can, deepest nodes first: the largest set of nodes with at most one child that contains no
    two neighbours. Roots stay.

    Args:
        parent: (n_node,) int, parent of each node, parent[i] < i; a root has itself.

    Returns:
        The rounds; the nodes of the first are those of `parent`, and after the last only roots are left.
    """
    parent = np.asarray(parent, np.int64)
    depth = _depth(parent)
    rounds = []
    while np.any(parent != np.arange(len(parent))):
        one = _round(parent, _independent(parent, depth))
        rounds.append(one)
        above = np.where(one.above >= 0, one.above, one.keep)
        parent, depth = one.up[parent[above]], depth[one.keep]
    return rounds


def _depth(parent: np.ndarray) -> np.ndarray:
    depth = np.zeros(len(parent), np.int64)
    for i, p in enumerate(parent.tolist()):
        if p != i:
            depth[i] = depth[p] + 1
    return depth


def _independent(parent: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """(n,) bool: nodes to eliminate. From the deepest, a node goes if no child of it goes and its parent has room."""
    n = len(parent)
    below_root = parent != np.arange(n)
    n_child = np.bincount(parent[below_root], minlength=n)
    free = (below_root & (n_child <= 1)).tolist()
    room = np.where(n_child > _MANY, n, _SINGLE).tolist()
    chosen = np.zeros(n, bool)
    above = parent.tolist()
    for i in np.argsort(-depth, kind="stable").tolist():
        p = above[i]
        if free[i] and room[p]:
            chosen[i] = True
            room[p] -= 1
            free[p] = False
    return chosen


def _round(parent: np.ndarray, eliminated: np.ndarray) -> Round:
    n = len(parent)
    index = np.arange(n)
    child = np.full(n, -1)
    below_root = parent != index
    child[parent[below_root]] = index[below_root]
    child[~eliminated] = -1
    gone = np.flatnonzero(eliminated)
    n_gone = np.bincount(parent[gone], minlength=n)
    kept = np.flatnonzero(~eliminated)
    keep = kept[np.argsort(-n_gone[kept], kind="stable")]
    number = np.full(n, -1)
    number[keep] = np.arange(len(keep))
    up = number.copy()
    up[gone] = number[parent[gone]]
    down = np.where(child >= 0, number[child], -1)
    above = np.where(eliminated[parent[keep]], parent[keep], -1)
    below = _groups(n_gone[keep], gone[np.argsort(up[gone], kind="stable")])
    beyond = tuple(np.where(group >= 0, child[group], -1) for group in below)
    return Round(keep, above, below, beyond, eliminated, child, up, down, int(np.argmin(below_root)))


def children(parent: np.ndarray) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """The children of all nodes, as a sum over them needs them.

    Args:
        parent: (n_node,) int, parent of each node; a root has itself.

    Returns:
        Tables of int, (rows, width), -1 for none: the children of the first nodes when those with most come first; and
        (n_node,) int, the place of each node in that order.
    """
    parent = np.asarray(parent, np.int64)
    child = np.flatnonzero(parent != np.arange(len(parent)))
    count = np.bincount(parent[child], minlength=len(parent))
    order = np.argsort(-count, kind="stable")
    place = np.argsort(order)
    return _groups(count[order], child[np.argsort(place[parent[child]], kind="stable")]), place


def _groups(count: np.ndarray, gone: np.ndarray) -> tuple[np.ndarray, ...]:
    """Children of nodes as tables: columns 0, 1, 2 one by one, then 3 to 5, 6 to 11 and so on.

    A table has a row for each node that needs it and at most twice as many entries as children.

    Args:
        count: (m,) int, how many children each node has, falling.
        gone: (count.sum(),) int, these children, in the order of their nodes.

    Returns:
        Tables of int, (rows, width), -1 for none.
    """
    first = np.cumsum(count) - count
    tables = []
    column, width = 0, 1
    while rows := int(np.count_nonzero(count > column)):
        k = column + np.arange(width)
        inside = k < count[:rows, None]
        tables.append(np.where(inside, gone[np.minimum(first[:rows, None] + k, len(gone) - 1)], -1))
        column += width
        width = 1 if column < _SINGLE else column
    return tuple(tables)

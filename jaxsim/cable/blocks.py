"""Blocks of nodes that a sequential elimination takes at once.

A node is eliminated into its parent. Nodes i, i + 1, .. whose parents are p, p + 1, .. are eliminated by one operation
on neighbouring numbers, if none of them is the parent of another. `levels` numbers a tree so that there are many of
these: level by level, and on each level the branches that go on for longest first, so that the branches which run side
by side stand in the same order on one level after another.
"""

import numpy as np

# Nodes a block, at most; blocks of 8 are hardly fewer. A trip over a block takes longer than one over a node, and there
# are three loops instead of two, so blocks pay where they are much fewer than nodes: 0.9 of a step's time at best.
WIDTH = 4
_FEWER = 0.5


def levels(parent: np.ndarray) -> np.ndarray:
    """The order of elimination: (n_node,) int, the nodes level by level, those of the longest branches first.

    A branch is a node and on and on its child with the deepest descendant.

    Args:
        parent: (n_node,) int, parent of each node, parent[i] < i; a root has itself.

    Returns:
        The nodes in their new order; a parent comes before its children.
    """
    above = np.asarray(parent).tolist()
    n = len(above)
    depth, branch = [0] * n, list(range(n))
    for i, p in enumerate(above):
        depth[i] = depth[p] + 1 if p != i else 0
    end, heir = list(depth), list(range(n))
    for i in range(n - 1, -1, -1):
        p = above[i]
        if p != i and end[i] >= end[p]:
            end[p], heir[p] = end[i], i
    for i, p in enumerate(above):
        if p != i and heir[p] == i:
            branch[i] = branch[p]
    return np.lexsort((np.asarray(branch), -np.asarray(end), np.asarray(depth)))


def blocks(parent: np.ndarray) -> np.ndarray | None:
    """The blocks of a forest, parents' before children's.

    Args:
        parent: (n_node,) int, parent of each node, parent[i] < i; a root has itself.

    Returns:
        (n_block, 4) uint32: per block of WIDTH nodes its first node, that node's parent, and of its nodes the first and
        the number of those that count. None where blocks would not pay, as in a cable, or would reach beyond the array,
        as in a tree of a few nodes.
    """
    parent = np.asarray(parent, np.int64)
    n = len(parent)
    node = np.flatnonzero(parent != np.arange(n))
    reach = node - parent[node]  # the same along a run of neighbours with neighbouring parents
    begins = np.ones(len(node), bool)
    begins[1:] = (np.diff(node) != 1) | (np.diff(reach) != 0)
    run = np.maximum.accumulate(np.where(begins, np.arange(len(node)), 0))
    # no more than `reach` nodes: the next one is a child of the first
    first = np.flatnonzero((np.arange(len(node)) - run) % np.minimum(WIDTH, reach) == 0)
    i, p, count = node[first], parent[node[first]], np.diff(np.append(first, len(node)))
    back = np.maximum(i + WIDTH - n, 0)  # a block must lie within the array
    if not 0 < len(first) < _FEWER * n or np.any(back > p):
        return None
    return np.stack([i - back, p - back, back, count], axis=1).astype(np.uint32)

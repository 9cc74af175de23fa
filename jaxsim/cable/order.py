"""The order of elimination: the cable's node tree without idle nodes, numbered level by level."""

import dataclasses
from collections.abc import Iterable

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class NodeTree:
    """The nodes of the linear system, parents before children, level by level.

    Args:
        node: (n_node,) the cable's node that each one stands for.
        position: (n_cable_node,) where a node of the cable stands here; -1 if it was left out.
        parent: (n_node,) parent of each node, parent[i] < i; a root has itself.
        edge_half: (n_node, 2) halves whose resistances in series join a node to its parent; -1 for none.
    """

    node: np.ndarray
    position: np.ndarray
    parent: np.ndarray
    edge_half: np.ndarray

    @property
    def n_node(self) -> int:
        """Number of nodes."""
        return len(self.node)


def elimination_tree(n_comp: int, node_parent: np.ndarray, edge_half: np.ndarray, keep: Iterable[int] = ()) -> NodeTree:
    """The smallest equivalent tree of a cable's nodes, in the order in which the solver wants them.

    A node without area joins nothing when it ends a branch (no current flows into it), and adds two resistances in
    series when it joins two compartments; such nodes are left out unless they are in `keep` (stimulated, clamped or
    recorded). Forks stay.

    Args:
        n_comp: number of compartments; they are the nodes 0 .. n_comp - 1 of the cable.
        node_parent: (n_cable_node,) parent of each node, -1 for a root.
        edge_half: (n_cable_node, 2) halves between a node and its parent, -1 for none.
        keep: nodes to keep in any case.

    Returns:
        The `NodeTree`; a root (the middle of its tree's longest path) has parent itself.
    """
    neighbours = _neighbours(node_parent, edge_half)
    _drop_idle(neighbours, n_comp, frozenset(keep))
    order, parent, halves = (np.asarray(x, int) for x in _rooted(neighbours))
    new = levels(_positions(order, len(node_parent))[parent])
    position = _positions(order[new], len(node_parent))
    return NodeTree(order[new], position, position[parent[new]], halves.reshape(-1, 2)[new])


def levels(parent: np.ndarray) -> np.ndarray:
    """The order of elimination: level by level, so that a node seldom waits for the one before it.

    Args:
        parent: (n_node,) int, parent of each node, parent[i] < i; a root has itself.

    Returns:
        (n_node,) int, the nodes in their new order; a parent comes before its children.
    """
    above = np.asarray(parent).tolist()
    depth = [0] * len(above)
    for i, p in enumerate(above):
        depth[i] = depth[p] + 1 if p != i else 0
    return np.argsort(depth, kind="stable")


def _positions(order: np.ndarray, n: int) -> np.ndarray:
    """(n,) where each of n nodes stands in an order; -1 for nowhere."""
    position = np.full(n, -1)
    position[order] = np.arange(len(order))
    return position


_Neighbours = list[dict[int, tuple[int, ...]] | None]


def _neighbours(node_parent: np.ndarray, edge_half: np.ndarray) -> _Neighbours:
    """Per node: neighbour -> halves in series between the two."""
    neighbours: _Neighbours = [{} for _ in node_parent]
    for i, (p, halves) in enumerate(zip(node_parent.tolist(), edge_half.tolist(), strict=True)):
        if p >= 0:
            edge = tuple(h for h in halves if h >= 0)
            neighbours[i][p] = edge  # type: ignore[index]
            neighbours[p][i] = edge  # type: ignore[index]
    return neighbours


def _drop_idle(neighbours: _Neighbours, n_comp: int, keep: frozenset[int]) -> None:
    """Take out, in place, the nodes without area that join fewer than three others."""
    for i in range(n_comp, len(neighbours)):
        around = neighbours[i]
        if i in keep or around is None or len(around) > 2:
            continue
        for j in around:
            del neighbours[j][i]  # type: ignore[union-attr]
        if len(around) == 2:
            (a, edge_a), (b, edge_b) = around.items()
            neighbours[a][b] = neighbours[b][a] = edge_a + edge_b  # type: ignore[index]
        neighbours[i] = None


def _rooted(neighbours: _Neighbours) -> tuple[list[int], list[int], list[tuple[int, int]]]:
    """Nodes of one tree after the other, parents first, with their parents and edges."""
    order: list[int] = []
    parent: list[int] = []
    halves: list[tuple[int, int]] = []
    for root in _roots(neighbours):
        nodes, above = _walk(neighbours, root)
        order += nodes
        parent += [above[i] for i in nodes]
        halves += [(*neighbours[i].get(above[i], ()), -1, -1)[:2] for i in nodes]  # type: ignore[union-attr,misc]
    return order, parent, halves


def _roots(neighbours: _Neighbours) -> list[int]:
    """The middle node of the longest path of each tree: the fewest levels, and two arms of a cable side by side."""
    seen = [around is None for around in neighbours]
    roots = []
    for start in range(len(neighbours)):
        if not seen[start]:
            tree, _ = _walk(neighbours, start)
            for i in tree:
                seen[i] = True
            ends, above = _walk(neighbours, tree[-1])
            path = [ends[-1]]
            while path[-1] != ends[0]:
                path.append(above[path[-1]])
            roots.append(path[len(path) // 2])
    return roots


def _walk(neighbours: _Neighbours, start: int) -> tuple[list[int], dict[int, int]]:
    """The nodes of a tree from the nearest to the farthest, and before which one each was met."""
    order, above = [start], {start: start}
    for i in order:
        for j in neighbours[i]:  # type: ignore[union-attr]
            if j not in above:
                above[j] = i
                order.append(j)
    return order, above

"""The order of elimination: the cable's node tree without idle nodes, numbered breadth first."""

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
        The `NodeTree`; a root (the first compartment of its tree) has parent itself.
    """
    neighbours = _neighbours(node_parent, edge_half)
    _drop_idle(neighbours, n_comp, frozenset(keep))
    order, parent, halves = _breadth_first(neighbours)
    position = np.full(len(node_parent), -1)
    position[order] = np.arange(len(order))
    return NodeTree(np.asarray(order), position, position[parent], np.asarray(halves).reshape(-1, 2))


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


def _breadth_first(neighbours: _Neighbours) -> tuple[list[int], list[int], list[tuple[int, int]]]:
    """Nodes level by level over all trees at once, with their parents and edges."""
    order: list[int] = []
    parent: list[int] = []
    halves: list[tuple[int, int]] = []
    seen = [around is None for around in neighbours]
    level: list[tuple[int, int, tuple[int, ...]]] = []
    roots = _roots(neighbours)
    for root in roots:
        seen[root] = True
        level.append((root, root, ()))
    while level:
        below = []
        for i, p, edge in level:
            order.append(i)
            parent.append(p)
            halves.append((*edge, -1, -1)[:2])  # type: ignore[arg-type]
            for j, e in neighbours[i].items():  # type: ignore[union-attr]
                if not seen[j]:
                    seen[j] = True
                    below.append((j, i, e))
        level = below
    return order, parent, halves


def _roots(neighbours: _Neighbours) -> list[int]:
    """The lowest-numbered node of each tree."""
    seen = [around is None for around in neighbours]
    roots = []
    for start in range(len(neighbours)):
        if seen[start]:
            continue
        roots.append(start)
        seen[start] = True
        stack = [start]
        while stack:
            for j in neighbours[stack.pop()]:  # type: ignore[union-attr]
                if not seen[j]:
                    seen[j] = True
                    stack.append(j)
    return roots

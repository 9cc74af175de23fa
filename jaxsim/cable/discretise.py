"""`discretise`: the exact integrals of area and resistance over the traced frusta, for all branches at once."""

import dataclasses

import numpy as np

from jaxsim.cable.cable import Cable
from jaxsim.cable.policy import Policy
from jaxsim.errors import must
from jaxsim.morphology.measure import branch_order, path_distance
from jaxsim.morphology.morphology import Morphology


def discretise(morphology: Morphology, policy: Policy) -> Cable:
    """Cut a morphology into compartments and integrate its frusta over every half compartment.

    The diameter is linear between traced points. Two points at one place with different diameters are a step: its
    annulus ``pi/2 (d0 + d1) |d1 - d0| / 2`` is membrane, without resistance; a step on the border of two halves
    belongs to the proximal one. All of this as NEURON does it, so that both give the same numbers to rounding, but for
    a step on the very end of a branch: NEURON loses it for some numbers of segments, here it always counts.

    Args:
        morphology: the traced tree.
        policy: how many compartments a branch gets: `PerBranch`, `MaxLength` or `DLambda`.

    Returns:
        The compartments, their geometry and the tree that joins them.

    Raises:
        TypeError: if the policy has no ``counts``.
        ValueError: if its counts are not one integer of at least 1 for each branch.

    >>> from jaxsim.cable import MaxLength
    >>> from jaxsim.morphology import cylinder
    >>> cable = discretise(cylinder(length=100.0, radius=1.0), MaxLength(20.0))
    >>> cable.n_comp, round(float(cable.area.sum()), 6)
    (5, 628.318531)
    """
    if not hasattr(policy, "counts"):
        fix = "For a fixed number of compartments in each branch give PerBranch(n)."
        raise TypeError(must("policy", "be PerBranch, MaxLength or DLambda", policy, fix))
    counts = _checked(policy.counts(morphology), morphology.n_branch)
    branch = np.repeat(np.arange(morphology.n_branch), counts)
    first = np.cumsum(counts) - counts
    x = (np.arange(len(branch)) - first[branch] + 0.5) / counts[branch]
    length = (morphology.length / counts)[branch]
    cut = _cut(morphology, counts)
    area, radius, r_half = _integrate(cut, length)
    node_parent, edge_half, start_node, end_node = _nodes(morphology, counts, first)
    start = path_distance(morphology)[morphology.offset[:-1]]  # of the root: how far its start lies from the origin
    along = x * morphology.length[branch]
    return Cable(
        morphology=morphology,
        branch=branch,
        x=x,
        length=length,
        area=area,
        radius=radius,
        r_half=r_half,
        piece_half=cut.half,
        piece_dx=cut.dx,
        piece_d0=cut.d0,
        piece_d1=cut.d1,
        xyz=cut.centre,
        distance=np.where(branch == 0, np.abs(along - start[0]), start[branch] + along),
        order=branch_order(morphology)[branch],
        tag=morphology.tag[branch],
        node_parent=node_parent,
        edge_half=edge_half,
        start_node=start_node,
        end_node=end_node,
    )


def _checked(counts: np.ndarray, n_branch: int) -> np.ndarray:
    given = np.asarray(counts)
    if given.shape != (n_branch,) or not np.issubdtype(given.dtype, np.integer) or given.min() < 1:
        raise ValueError(must("a policy's counts", f"be ({n_branch},) integers of at least 1", counts))
    return given.astype(np.int64)


@dataclasses.dataclass(frozen=True, eq=False)
class _Cut:
    """Frustum pieces sorted by half, and the compartments' centres."""

    half: np.ndarray
    dx: np.ndarray
    d0: np.ndarray
    d1: np.ndarray
    centre: np.ndarray


def _cut(morphology: Morphology, counts: np.ndarray) -> _Cut:
    """Merge the traced points with the borders of the halves; between neighbours lies a frustum."""
    arc, diam, n_point = morphology.arc, 2.0 * morphology.radius, morphology.n_point
    index = np.arange(morphology.n_branch)
    n_border = 2 * counts - 1
    border_branch = np.repeat(index, n_border)
    k = np.arange(len(border_branch)) - np.repeat(np.cumsum(n_border) - n_border, n_border) + 1
    size = (morphology.length / counts)[border_branch]
    # NEURON's order of operations: a step in diameter exactly on a border then falls on the same side.
    border = (k - 1) // 2 * size + size / 2
    border += np.where(k % 2 == 0, size / 2, 0.0)

    branch = np.concatenate([np.repeat(index, np.diff(morphology.offset)), border_branch])
    position = np.concatenate([arc, border])
    # Stable: points come before a border at the same place, so a step on the border goes to the proximal half.
    sort = np.lexsort((position, branch))
    branch, position = branch[sort], position[sort]
    is_border = sort >= n_point
    before = (np.cumsum(~is_border) - 1)[is_border]  # the traced point before each border; the next one is after it
    part = (position[is_border] - arc[before]) / (arc[before + 1] - arc[before])
    diameter = np.empty(len(sort))
    diameter[~is_border] = diam
    diameter[is_border] = (1.0 - part) * diam[before] + part * diam[before + 1]

    dx, d0, d1 = np.diff(position), diameter[:-1], diameter[1:]
    # A piece without length and without step is nothing, and the derivative of its slant would be 0/0.
    keep = (branch[1:] == branch[:-1]) & ((dx > 0.0) | (d0 != d1))
    half = (np.cumsum(is_border) + branch)[:-1]  # a branch has one half more than inner borders
    odd = k % 2 == 1
    before, part = before[odd], part[odd, None]
    centre = (1.0 - part) * morphology.xyz[before] + part * morphology.xyz[before + 1]
    return _Cut(half[keep], dx[keep], d0[keep], d1[keep], centre)


def _integrate(cut: _Cut, length: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n_comp,) area [um2], (n_comp,) mean radius [um], (n_comp, 2) half-resistance for Ra = 1 ohm cm [MOhm]."""
    n_comp, comp = len(length), cut.half // 2
    total = cut.d0 + cut.d1
    slant = np.sqrt(cut.dx**2 + (0.5 * (cut.d1 - cut.d0)) ** 2)
    area = np.bincount(comp, 0.5 * np.pi * total * slant, n_comp)
    radius = np.bincount(comp, 0.25 * total * cut.dx, n_comp) / length
    # 4e-2: 4 from d = 2 r, 1e-2 MOhm um / (ohm cm).
    r_half = np.bincount(cut.half, 4e-2 / np.pi * cut.dx / (cut.d0 * cut.d1), 2 * n_comp)
    return area, radius, r_half.reshape(n_comp, 2)


def _nodes(
    morphology: Morphology, counts: np.ndarray, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The tree of nodes: node_parent, edge_half, start_node, end_node."""
    n_branch, n_comp = morphology.n_branch, int(counts.sum())
    parent, parent_x = morphology.parent, morphology.parent_x
    end = n_comp + 1 + np.arange(n_branch)
    inside = first[parent] + np.minimum((parent_x * counts[parent]).astype(int), counts[parent] - 1)
    start = np.where(parent_x == 1.0, end[parent], inside)
    start[0] = n_comp
    for b in (np.flatnonzero(parent_x[1:] == 0.0) + 1).tolist():
        start[b] = start[parent[b]]

    comp = np.arange(n_comp)
    node_parent = np.concatenate([comp - 1, [-1], first + counts - 1])
    node_parent[first] = start
    edge_half = np.full((n_comp + 1 + n_branch, 2), -1)
    edge_half[:n_comp, 0], edge_half[:n_comp, 1] = 2 * comp - 1, 2 * comp
    edge_half[first, 0], edge_half[first, 1] = 2 * first, -1
    edge_half[end, 0] = 2 * (first + counts - 1) + 1
    return node_parent, edge_half, start, end

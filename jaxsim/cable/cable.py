"""The `Cable`: a morphology cut into compartments, with the geometry and the tree that the equations need."""

import dataclasses
from functools import cached_property

import numpy as np

from jaxsim.errors import must
from jaxsim.morphology.morphology import Morphology


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Cable:
    """Compartments of equal length in each branch, and the tree of nodes that joins them.

    A compartment is cut at its centre into a proximal and a distal *half*; half ``2 c + s`` is side ``s`` (0 proximal,
    1 distal) of compartment ``c``. A half is a row of frustum *pieces* with diameters ``d0``, ``d1`` and length ``dx``:

        area   = sum pi/2 (d0 + d1) sqrt(dx^2 + ((d1 - d0)/2)^2)        [um2], over both halves
        r_half = sum 4e-2 dx / (pi d0 d1)                               [MOhm], for Ra = 1 ohm cm
        radius = sum (d0 + d1) dx / (4 length)                          [um], half of NEURON's diam

    Nodes ``0 .. n_comp - 1`` are the compartments. Behind them stand nodes without area: the start of the root branch,
    then the end of each branch. A child at ``parent_x`` 1 or 0 begins at its parent's end or start node; anywhere
    between it begins at the centre of the parent's compartment ``int(parent_x n)``, through its own half only.

    Args:
        morphology: the traced tree.
        branch: (n_comp,) int, branch of each compartment; branch by branch, proximal to distal.
        x: (n_comp,) centre as a fraction of the branch's path length.
        length: (n_comp,) [um].
        area: (n_comp,) [um2] membrane.
        radius: (n_comp,) [um] mean over the length.
        r_half: (n_comp, 2) [MOhm / (ohm cm)] resistance from end to centre, proximal and distal.
        piece_half: (n_piece,) int, half to which a piece belongs, ascending.
        piece_dx: (n_piece,) [um]; 0 where the diameter steps.
        piece_d0: (n_piece,) [um] proximal diameter.
        piece_d1: (n_piece,) [um] distal diameter.
        xyz: (n_comp, 3) [um] centres.
        distance: (n_comp,) [um] path from the soma's centre, or from the root point of a cell without soma.
        order: (n_comp,) int, branch order: 0 in the root branch, one more after each fork.
        tag: (n_comp,) int, SWC tag.
        node_parent: (n_node,) int, parent node, -1 for the root node.
        edge_half: (n_node, 2) int, the halves whose resistances in series join a node to its parent; -1 where there is
            none.
        start_node: (n_branch,) int, node at x = 0.
        end_node: (n_branch,) int, node at x = 1.
    """

    morphology: Morphology
    branch: np.ndarray
    x: np.ndarray
    length: np.ndarray
    area: np.ndarray
    radius: np.ndarray
    r_half: np.ndarray
    piece_half: np.ndarray
    piece_dx: np.ndarray
    piece_d0: np.ndarray
    piece_d1: np.ndarray
    xyz: np.ndarray
    distance: np.ndarray
    order: np.ndarray
    tag: np.ndarray
    node_parent: np.ndarray
    edge_half: np.ndarray
    start_node: np.ndarray
    end_node: np.ndarray

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                view = value.view()
                view.setflags(write=False)
                object.__setattr__(self, field.name, view)

    @property
    def n_comp(self) -> int:
        """Number of compartments."""
        return len(self.branch)

    @property
    def n_branch(self) -> int:
        """Number of branches."""
        return len(self.start_node)

    @property
    def n_node(self) -> int:
        """Number of nodes: compartments, then nodes without area."""
        return len(self.node_parent)

    @cached_property
    def comp_offset(self) -> np.ndarray:
        """(n_branch + 1,) the compartments of branch b are ``comp_offset[b] : comp_offset[b + 1]``."""
        offset = np.searchsorted(self.branch, np.arange(self.n_branch + 1))
        offset.setflags(write=False)
        return offset

    def node_at(self, branch: int, x: float) -> int:
        """The node that stands for a position on a branch, by NEURON's rule.

        x = 0 is the start node, x = 1 the end node, anything between the compartment ``int(x n)`` of the branch.

        Args:
            branch: index of the branch.
            x: position in [0, 1] along it.

        Returns:
            The node's index; below ``n_comp`` it is a compartment.

        Raises:
            ValueError: if the branch does not exist or x lies outside [0, 1].
        """
        if not 0 <= branch < self.n_branch:
            raise ValueError(must("branch", f"be in 0 .. {self.n_branch - 1}", branch))
        if not 0.0 <= x <= 1.0:
            raise ValueError(must("x", "be in [0, 1], a fraction of the branch's length", x))
        if x == 0.0:
            return int(self.start_node[branch])
        if x == 1.0:
            return int(self.end_node[branch])
        first, stop = self.comp_offset[branch : branch + 2].tolist()
        # x just below 1 times a large n may round up to n.
        return first + min(int(x * (stop - first)), stop - first - 1)

    def __repr__(self) -> str:
        return (
            f"Cable({self.n_comp} compartments, {self.n_branch} branches, {self.n_node} nodes, "
            f"{float(self.area.sum()):.6g} um2)"
        )

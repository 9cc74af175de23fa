"""`Info`: what people ask a model about, and no compilation of the package depends on."""

import dataclasses
from typing import Any

import numpy as np

from jaxsim._struct import Frozen
from jaxsim.cable.order import NodeTree
from jaxsim.model.spec import Spec


@dataclasses.dataclass(frozen=True, eq=False)
class Info:
    """The specification that a model was compiled from; equal for equal structures, whatever the parameters' values.

    Args:
        spec: the specification.
        nodes: (n_node,) int, the cable's node of each node of the model.
        key: the structure's content, by which two are compared.
    """

    spec: Spec
    nodes: Frozen
    key: tuple[Any, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Info) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def info_of(spec: Spec, tree: NodeTree) -> Info:
    """The info of a model.

    Args:
        spec: the specification.
        tree: its nodes in the order of elimination.

    Returns:
        The `Info`.
    """
    cable = spec.cable
    fields = ((f.name, getattr(cable, f.name)) for f in dataclasses.fields(cable))
    shape = tuple((name, Frozen(value)) for name, value in fields if isinstance(value, np.ndarray))
    densities = tuple((d.name, type(d.mechanism), Frozen(d.comp)) for d in spec.densities)
    points = tuple((p.name, type(p.mechanism), Frozen(p.node)) for p in spec.points)
    feeds = tuple((f.name, type(f.mechanism), f.to, Frozen(f.instance)) for f in spec.feeds)
    return Info(spec, Frozen(tree.node), (shape, densities, points, spec.probes, feeds))

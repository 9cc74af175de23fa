"""What every node of the tree has: where it stands; and how to walk over a tree."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar


class Place(NamedTuple):
    """A position in a .mod file.

    Args:
        path: the file, as it was named when it was read.
        line: from 1.
        column: from 1, in characters.
    """

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


NOWHERE = Place("", 0, 0)


@dataclass(frozen=True)
class Node:
    """A node: immutable; two nodes are equal if they say the same, wherever they stand.

    Args:
        place: where it begins.
    """

    place: Place = field(default=NOWHERE, kw_only=True, compare=False, repr=False)


class Item(Node):
    """What stands at the level of the file."""


class Statement(Node):
    """What stands in the braces of a procedural block."""


class Expression(Node):
    """What has a value."""


N = TypeVar("N", bound=Node)


def walk(root: Node) -> Iterator[Node]:
    """Every node of a tree, in the order of the text.

    Args:
        root: a node; its own comes first.

    Yields:
        Nodes.
    """
    waiting: list[object] = [root]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Node):
            yield one
            waiting += [getattr(one, f.name) for f in reversed(dataclasses.fields(one)) if f.name != "place"]
        elif isinstance(one, tuple):
            waiting += reversed(one)


def find(root: Node, kind: type[N]) -> Iterator[N]:
    """Every node of one class (or of a base class) in a tree, in the order of the text.

    Args:
        root: a node.
        kind: the class.

    Yields:
        Nodes of this class.
    """
    return (node for node in walk(root) if isinstance(node, kind))

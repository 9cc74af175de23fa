"""A whole file: its items, its comments, and the files that it includes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from jaxsim.io.nmodl.tree.base import Item, Node
from jaxsim.io.nmodl.tree.declarations import NeuronBlock, Title


@dataclass(frozen=True)
class Comment(Node):
    """A comment, of any kind.

    Args:
        text: without the colon, the question mark or the words COMMENT and ENDCOMMENT; of a line, without outer blanks.
        block: whether it is COMMENT ... ENDCOMMENT.
        depth: how many braces are open where it stands; 0 is the level of the file.
        alone: whether nothing stands before it on its line.
    """

    text: str
    block: bool = False
    depth: int = 0
    alone: bool = True


I = TypeVar("I", bound=Item)


@dataclass(frozen=True)
class ModFile(Node):
    """A .mod file.

    Args:
        path: the file, as it was named when it was read.
        items: what stands at the level of the file, in order.
        comments: every comment of this file, in order.
    """

    path: str
    items: tuple[Item, ...]
    comments: tuple[Comment, ...] = ()

    def all(self, kind: type[I]) -> Iterator[I]:
        """Every item of one kind at the level of the file, in order; those of included files stand in their place."""
        for item in self.items:
            if isinstance(item, kind):
                yield item
            if isinstance(item, Include):
                yield from item.file.all(kind)

    @property
    def title(self) -> str:
        """The text of the first TITLE; "" without one."""
        return next((title.text for title in self.all(Title)), "")

    @property
    def header(self) -> tuple[str, ...]:
        """What describes the file: its COMMENT blocks, and the lines of comment before the NEURON block."""
        first = next((item.place.line for item in self.items if isinstance(item, NeuronBlock)), 0)
        return tuple(c.text for c in self.comments if c.depth == 0 and (c.block or c.place.line < first))


@dataclass(frozen=True)
class Include(Item):
    """INCLUDE "name".

    Args:
        name: as it is written.
        file: what the file holds; it stands for this item.
    """

    name: str
    file: ModFile

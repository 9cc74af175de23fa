"""What is said of a .mod file that is understood but cannot be a mechanism here."""

from jaxsim.io.nmodl.errors import NmodlError
from jaxsim.io.nmodl.tree import Node

NO_C = "VERBATIM: C code is not read. Write it in NMODL, or the mechanism in Python (docs/mechanisms.md)."


def refusal(node: Node, sentence: str, construct: str = "") -> NmodlError:
    """The error about a node: where it stands, what is wrong, and a way out.

    Args:
        node: the node.
        sentence: what is wrong and what to do.
        construct: the statement or block, by which refusals are counted; by default the node's class.
    """
    return NmodlError(sentence, node.place.path, node.place.line, construct or type(node).__name__)

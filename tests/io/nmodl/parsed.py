"""Short ways to the tree of a piece of NMODL."""

import pytest

from jaxsim.io.nmodl import NmodlError, parse_mod, tree
from jaxsim.io.nmodl.include import Includer


def item(text: str) -> tree.Item:
    """The one item of a text."""
    (found,) = parse_mod(text).items
    return found


def body(text: str, block: str = "PROCEDURE p()") -> tuple[tree.Statement, ...]:
    """The statements of a block."""
    return item(f"{block} {{\n{text}\n}}").body


def statement(text: str, block: str = "PROCEDURE p()") -> tree.Statement:
    """The one statement of a block."""
    (found,) = body(text, block)
    return found


def value(text: str) -> tree.Expression:
    """What stands right of `x =`."""
    return statement(f"x = {text}").value


def refused(text: str, include: Includer | None = None) -> NmodlError:
    """The error of a text in the file a.mod."""
    with pytest.raises(NmodlError) as caught:
        parse_mod(text, "a.mod", include)
    return caught.value

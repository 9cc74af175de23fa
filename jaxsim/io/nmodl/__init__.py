"""The front end of the .mod importer: from the text of an NMODL file to a typed syntax tree. Nothing is executed."""

from jaxsim.io.nmodl.errors import NmodlError
from jaxsim.io.nmodl.parse import parse_mod, read_mod_tree

__all__ = ["NmodlError", "parse_mod", "read_mod_tree"]

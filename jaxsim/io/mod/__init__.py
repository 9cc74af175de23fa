"""From .mod files to mechanisms: what the syntax tree means."""

from jaxsim.io.mod.read import mod_to_python, read_mod

__all__ = ["mod_to_python", "read_mod"]

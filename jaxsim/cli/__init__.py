"""The command line: `jaxsim fit`, `jaxsim simulate`, `jaxsim info`, `jaxsim mod`, `jaxsim doctor`."""

from jaxsim.cli.main import main

__all__ = ["main"]

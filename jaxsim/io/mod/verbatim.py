"""C code in VERBATIM that says nothing: what older files needed to please their compilers."""

import re

from jaxsim.io.nmodl.tree import Verbatim

_LONGEST = 300  # characters of a statement that may be harmless
_STATEMENTS = (
    re.compile(r"return ?(0|0\.|\( ?0 ?\))?"),
    re.compile(r"(\w+) ?= ?_ion_\1"),  # NEURON makes these copies of what is read of an ion by itself
    re.compile(r"(static )?(const )?char \*?\w+(\[\])? ?= ?\"[^\"]*\""),  # the version of the file
    re.compile(r"extern [\w *]+(\([\w *,]*\))?"),
)


def is_harmless(verbatim: Verbatim) -> bool:
    """Whether a piece of C does nothing: comments, includes, declarations, `return 0`, copies of an ion's variables."""
    lines = [line for line in _without_comments(verbatim.text).splitlines() if not line.lstrip().startswith("#include")]
    statements = (" ".join(statement.split()) for statement in "\n".join(lines).split(";"))
    return all(not s or (len(s) < _LONGEST and any(p.fullmatch(s) for p in _STATEMENTS)) for s in statements)


def _without_comments(text: str) -> str:
    parts, at = [], 0
    while (begin := text.find("/*", at)) >= 0 and (end := text.find("*/", begin + 2)) >= 0:
        parts.append(text[at:begin])
        at = end + 2
    return "\n".join(line.partition("//")[0] for line in "".join([*parts, text[at:]]).splitlines())

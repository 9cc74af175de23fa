"""The house error sentences: the bad value, the rule, the known names, the nearest guess."""

import difflib
from collections.abc import Iterable


def unknown(kind: str, name: object, known: Iterable[object], fix: str = "") -> str:
    """The sentence for a name that does not exist.

    Args:
        kind: what the name should have been, e.g. ``"region"``.
        name: what was given.
        known: the names that exist.
        fix: what to type instead, appended when given.

    Returns:
        One sentence with the nearest guess and every known name.

    >>> unknown("region", "somma", ["soma", "axon"])
    "no region 'somma'; did you mean 'soma'? Known: 'axon', 'soma'."
    """
    names = sorted({str(k) for k in known})
    close = difflib.get_close_matches(str(name), names, n=1)
    guess = f" did you mean {close[0]!r}?" if close else ""
    listed = ", ".join(repr(n) for n in names) if names else "none"
    tail = f" {fix}" if fix else ""
    return f"no {kind} {name!r};{guess} Known: {listed}.{tail}"


def must(subject: str, rule: str, value: object, fix: str = "") -> str:
    """The sentence for a value that breaks a rule.

    >>> must("radius", "be positive [um]", -1.0, "Give min_radius= to set it.")
    'radius must be positive [um], got -1.0. Give min_radius= to set it.'
    """
    tail = f" {fix}" if fix else ""
    return f"{subject} must {rule}, got {value!r}.{tail}"

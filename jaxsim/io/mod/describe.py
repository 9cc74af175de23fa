"""What was understood of a .mod file, in lines for people."""

from collections.abc import Iterable

from jaxsim.io.mod.mechanism import Mechanism

_FORMS = {
    "rates": "linear, stepped exactly",
    "derivative": "solved together, implicitly",
    "update": "stepped as the file says",
}


def describe(made: Mechanism) -> str:
    """What a mechanism is: its kind, currents, ions, states and parameters.

    Args:
        made: the mechanism.

    Returns:
        Lines.
    """
    kinds = [kind for kind, has in (("channel", made.current), ("pool", made.writes)) if has]
    kinds = {"density": kinds, "point": ["point process"], "electrode": ["electrode"]}[made.kind]
    lines = [f"{made.name}: {' and '.join(kinds)}. {made.doc.splitlines()[0]}"]
    if made.current:
        lines.append(f"  current      {_list(ion or 'of no ion' for ion in made.current)}")
    for word, ions in (("reads", made.reads), ("writes", made.writes)):
        if ions:
            lines.append(f"  {word:<12} {_list(f'{what} ({name})' for name, what in ions.items())}")
    for part, form in _FORMS.items():
        if getattr(made, part):
            start = ", at rest at the start" if part == "derivative" and made.steady else ""
            lines.append(f"  states       {_list(getattr(made, part))} ({form}{start})")
    for name, parameter in made.parameters.items():
        if name not in made.reads:
            unit = "" if parameter.unit == "1" else f" {parameter.unit}"
            note = f"  {' '.join(parameter.comment.split())}" if parameter.comment else ""
            lines.append(f"  {name:<12} {parameter.value:g}{unit}{note}")
    return "\n".join([*lines, *(f"  note: {note}" for note in made.notes)])


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)

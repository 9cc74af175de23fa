"""A `Mechanism` as the text of a Python file."""

import keyword
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from jaxsim.io.mod.frame import FLAG, WEIGHT
from jaxsim.io.mod.make_class import class_name, field_names
from jaxsim.io.mod.mechanism import Mechanism
from jaxsim.io.mod.terms import Term, Terms, in_order

_WIDTH = 120
_LONG = 50  # characters of an expression that has a line of its own
_PARTS = (("new",), ("opening", "decay"))  # what an expression without a name is called
_INFIX = {
    "add": ("+", 5), "sub": ("-", 5), "mul": ("*", 6), "div": ("/", 6), "pow": ("**", 8), "lt": ("<", 3),
    "gt": (">", 3), "le": ("<=", 3), "ge": (">=", 3), "eq": ("==", 3), "ne": ("!=", 3),
}  # fmt: skip
_CALLS = {
    "exp": "js.bounded_exp", "expm1": "js.bounded_expm1", "vtrap": "js.vtrap", "sigmoid": "js.sigmoid",
    "fabs": "jnp.abs", "asin": "jnp.arcsin", "acos": "jnp.arccos", "atan": "jnp.arctan", "atan2": "jnp.arctan2",
    "select": "jnp.where", "and": "jnp.logical_and", "or": "jnp.logical_or", "not": "jnp.logical_not",
}  # fmt: skip
_OF_ARRAYS = ("exp", "expm1", "vtrap", "sigmoid")  # take no bare numbers, as parameters are before they are compiled
_SUM, _SIGN = 5, 7  # how tightly + and a sign bind
_UNITS = {
    "S/cm2": "S_per_cm2", "mA/cm2": "mA_per_cm2", "uF/cm2": "uF_per_cm2", "ohm cm": "ohm_cm", "mV": "mV", "ms": "ms",
    "um": "um", "MOhm": "MOhm", "nA": "nA", "uS": "uS", "mM": "mM", "degC": "degC", "1/ms": "per_ms",
    "um2/ms": "um2_per_ms", "Hz": "Hz", "1": "dimensionless",
}  # fmt: skip


def to_python(terms: Terms, made: Mechanism, source: str) -> str:
    """The text of a file with the class of a mechanism.

    Args:
        terms: the maker of its terms, which knows what the file calls them.
        made: the mechanism.
        source: what the file is made from.

    Returns:
        Python, ready to be imported.
    """
    writer = _Writer(terms, field_names(made))
    bases = [*(["js.AbstractPool"] if made.writes else []), *(["js.AbstractChannel"] if made.current else [])]
    bases = bases if made.kind == "density" else ["js.AbstractPointProcess"]
    lines = ["@js.struct", f"class {class_name(made)}({', '.join(bases)}):", *_docstring(made.doc), ""]
    if made.kind == "electrode":
        lines.append("    electrode = True  # its current flows inward")
    if made.steady:
        lines.append("    starts_steady = True  # from `initial` its states come to rest at the initial voltage")
    if made.reads:
        lines.append(f"    reads = {_dict({writer.fields[x]: what for x, what in made.reads.items()})}")
    if made.writes:
        lines.append(f"    writes = {_dict(made.writes)}")
    lines += _parameters(made, writer.fields)
    if made.is_timed:
        lines += ["", "    def input(self, t):", '        return {"t": t}']
    if made.rates:
        gates = made.rates.values()
        results = [f"js.{g.form}({{}}, {{}})" for g in gates]
        lines += writer.method("rates", "v", made.rates, [(g.first, g.second) for g in gates], results)
    for name, arguments in _METHODS.items():
        part: dict[str, Term] = getattr(made, name)
        if (part or name == "initial") and not (name == "initial" and made.starts_at_rest):
            lines += writer.method(name, arguments, part, [(t,) for t in part.values()], ["{}"] * len(part))
    for name, arguments in _EVENTS.items():
        pairs: list[tuple[Term, Term]] = getattr(made, name)
        if pairs:
            keys = [f"event_{k}" for k in range(len(pairs))]
            lines += writer.method(name, arguments, keys, pairs, ["({}, {})"] * len(pairs), named=False)  # type: ignore[arg-type]
    text = "\n".join(lines)
    head = [f'"""{class_name(made)}, made from {source} by jaxsim."""', ""]
    head += ["from typing import Annotated, Any", ""] if "Annotated[" in text else []
    head += ["import jax.numpy as jnp", ""] if "jnp." in text else []
    return "\n".join([*head, "import jaxsim as js", "", "", text]).replace("\0", " ") + "\n"


_METHODS = {
    "derivative": "v, state", "update": "v, state, dt", "initial": "v", "connection": "", "receive": "weight, v, state",
    "held": "v, gate", "current": "v, gate",
}  # fmt: skip


_EVENTS = {"sends": "weight, v, state", "sends_at_start": "v", "crossings": "v, state"}


def _docstring(doc: str) -> list[str]:
    text = doc.replace("\\", "\\\\").replace('"""', "'''")
    first, *rest = text.split("\n")
    if not rest:
        return [f'    """{first}"""']
    return [f'    """{first}', *(f"    {line}".rstrip() for line in rest), '    """']


def _dict(values: Mapping[str, str]) -> str:
    return "{" + ", ".join(f'"{key}": "{value}"' for key, value in values.items()) + "}"


def _parameters(made: Mechanism, fields: Mapping[str, str]) -> list[str]:
    lines = []
    for name, parameter in made.parameters.items():
        unit = (
            f"js.units.{_UNITS[parameter.unit]}" if parameter.unit in _UNITS else f'Annotated[Any, "{parameter.unit}"]'
        )
        note = " ".join(parameter.comment.split())
        line = f"    {fields[name]}: {unit} = {parameter.value!r}"
        left = _WIDTH - len(line) - len("  # ")  # for the note
        lines.append(f"{line}  # {note if len(note) <= left else note[: max(left - 3, 0)] + '...'}" if note else line)
    return lines


@dataclass(frozen=True)
class _Writer:
    """Writes methods.

    Args:
        terms: the maker of the terms.
        fields: parameter of the file -> field of the class.
    """

    terms: Terms
    fields: dict[str, str]

    def method(
        self,
        name: str,
        arguments: str,
        keys: Collection[str],
        parts: list[tuple[Term, ...]],
        results: list[str],
        named: bool = True,
    ) -> list[str]:
        """A method that returns a dict, or a tuple where its values are not named.

        Args:
            name: the method's.
            arguments: beside self.
            keys: of the dict.
            parts: the terms of each value.
            results: how each value is made of them.
            named: whether it is a dict.

        Returns:
            Its lines.
        """
        states = next((x for x in arguments.split(", ") if x in ("state", "gate")), "")
        wanted = [t for part in parts for t in part]
        taken = {"self", "js", "jnp", "float", *arguments.split(", ")}
        known = self._variables(wanted, taken)
        body = [f'{known[t]} = {states}["{t.value}"]' for t in in_order(wanted) if self._is_state(t)]
        lines = [t for t in in_order(wanted) if t in known and not self._is_state(t)]
        body += [f"{known[t]} = {self._write(t, known, 0, top=True)}" for t in lines]
        values = []
        for key, part, result in zip(keys, parts, results, strict=True):
            written = [self._result(t, known) if arguments else self._write(t, known, 0) for t in part]
            for k, text in enumerate(written):
                if len(text) > _LONG:
                    written[k] = _free(f"{key}_{_PARTS[len(part) - 1][k]}".replace("[", "_").replace("]", ""), taken)
                    taken.add(written[k])
                    body.append(f"{written[k]} = {text}")
            values.append(result.format(*written))
        pairs = [f'"{key}": {value}' if named else value for key, value in zip(keys, values, strict=True)]
        left, right = "{}" if named else "()"
        short = f"return {left}{', '.join(pairs)}{'' if named else ','}{right}"
        body += [short] if len(short) < _WIDTH - 8 else [f"return {left}", *(f"    {pair}," for pair in pairs), right]
        head = f"    def {name}({', '.join(['self', arguments] if arguments else ['self'])}):"
        return ["", head, *(f"        {line}" for line in body)]

    def _is_state(self, t: Term) -> bool:
        return t.op == "symbol" and t.value not in ("v", "dt", WEIGHT, FLAG) and t.value not in self.fields

    def _variables(self, wanted: list[Term], taken: set[str]) -> dict[Term, str]:
        """The terms that have a line of their own, and the name there."""
        uses: dict[Term, int] = {}
        for t in in_order(wanted):
            for a in t.args:
                uses[a] = uses.get(a, 0) + 1
        for t in wanted:
            uses[t] = uses.get(t, 0) + 1
        known: dict[Term, str] = {}
        length: dict[Term, int] = {}  # about how many characters
        for t in in_order(wanted):
            named = self.terms.name_of(t)
            if t.is_number or (t.op == "symbol" and not self._is_state(t)):
                continue
            small = t.op == "neg" or all(not a.args for a in t.args)
            length[t] = 4 + sum(4 if a in known else length.get(a, 8) for a in t.args)
            if self._is_state(t) or named or ((uses[t] > 1 or length[t] > _LONG) and not small):
                plain = (str(t.value) if t.op == "symbol" else named or "x").replace("[", "_").replace("]", "")
                known[t] = _free(plain, taken)
                taken.add(known[t])
        return known

    def _result(self, t: Term, known: Mapping[Term, str]) -> str:
        text = self._write(t, known, 0)
        return text if t.symbols else f"jnp.full_like(v, {text})"

    def _write(self, t: Term, known: Mapping[Term, str], binding: int, top: bool = False) -> str:
        """A term, in parentheses where what is around it binds tighter."""
        if t in known and not top:
            return known[t]
        if t.is_number:
            return _number(t, binding)
        if t.op != "symbol" and not t.symbols:
            return self._constant(t, known)
        if t.op == "symbol":
            plain = {WEIGHT: "weight", FLAG: 'state["flag"]'}.get(str(t.value), str(t.value))
            return f"self.{self.fields[plain]}" if t.value in self.fields else plain
        if t.op == "neg":
            text = f"-{self._write(t.args[0], known, 6 if binding <= _SUM else _SIGN)}"
            return f"({text})" if binding > _SIGN else text
        if t.op in _INFIX:
            sign, own = _INFIX[t.op]
            left, right = (own + 1, own) if sign == "**" else (own, own + 1)
            power = t.args[1] if sign == "**" and t.args[1].is_number else None
            last = _exponent(power) if power else self._write(t.args[1], known, right)
            text = f"{self._write(t.args[0], known, left)} {sign} {last}"
            return f"({text})" if binding > own else text
        args = [self._write(a, known, 0) for a in t.args]
        if t.op in _OF_ARRAYS and t.args[0].symbols <= self.fields.keys():
            args[0] = f"jnp.asarray({args[0]})"
        return f"{_CALLS.get(t.op, f'jnp.{t.op}')}({', '.join(args)})"

    def _constant(self, t: Term, known: Mapping[Term, str]) -> str:
        """An operation on numbers alone, whose value is none: an infinity, or not a number."""
        args = [f"jnp.asarray({_number(a, 0)})" if a.is_number else self._write(a, known, _SIGN + 2) for a in t.args]
        if t.op in _INFIX:
            return f"({args[0]} {_INFIX[t.op][0]} {args[1]})"
        return f"(-{args[0]})" if t.op == "neg" else f"{_CALLS.get(t.op, f'jnp.{t.op}')}({', '.join(args)})"


def _exponent(t: Term) -> str:
    value = float(str(t.value))
    return str(int(value)) if value == round(value) and abs(value) <= 16 else repr(value)


def _number(t: Term, binding: int) -> str:
    if isinstance(t.value, bool):
        return str(t.value)
    value = float(str(t.value))
    text = repr(value) if math.isfinite(value) else f'float("{value}")'
    return f"({text})" if value < 0.0 and binding > _SIGN else text


def _free(name: str, taken: set[str]) -> str:
    """A name that is not taken."""
    found, k = name, 1
    while found in taken or keyword.iskeyword(found):
        k += 1
        found = f"{name}_{k}"
    return found

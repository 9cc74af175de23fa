"""Units as .mod files name them: factors between them, and the names that jaxsim's parameters have."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from jaxsim.units import FARADAY, GAS_CONSTANT

_AVOGADRO, _ELEMENTARY, _PLANCK = 6.02214076e23, 1.602176634e-19, 6.62607015e-34  # exact since 2019
_PI = 3.141592653589793


class Unit(NamedTuple):
    """A multiple of powers of metre, kilogram, second, coulomb and kelvin."""

    factor: float
    powers: tuple[int, int, int, int, int]

    def times(self, other: "Unit", sign: int) -> "Unit":
        """Its product with another, or with the inverse of it."""
        powers = tuple(p + sign * q for p, q in zip(self.powers, other.powers, strict=True))
        return Unit(self.factor * other.factor**sign, powers)  # type: ignore[arg-type]


_ONE = Unit(1.0, (0, 0, 0, 0, 0))
_JOULE, _VOLT = (2, 1, -2, 0, 0), (2, 1, -2, -1, 0)
# A mole is a number, as the program `units` has it.
_UNITS: Mapping[str, Unit] = {
    "m": Unit(1.0, (1, 0, 0, 0, 0)), "metre": Unit(1.0, (1, 0, 0, 0, 0)), "meter": Unit(1.0, (1, 0, 0, 0, 0)),
    "micron": Unit(1e-6, (1, 0, 0, 0, 0)), "angstrom": Unit(1e-10, (1, 0, 0, 0, 0)),
    "inch": Unit(0.0254, (1, 0, 0, 0, 0)), "gram": Unit(1e-3, (0, 1, 0, 0, 0)), "kg": Unit(1.0, (0, 1, 0, 0, 0)),
    "sec": Unit(1.0, (0, 0, 1, 0, 0)), "second": Unit(1.0, (0, 0, 1, 0, 0)), "s": Unit(1.0, (0, 0, 1, 0, 0)),
    "minute": Unit(60.0, (0, 0, 1, 0, 0)), "hour": Unit(3600.0, (0, 0, 1, 0, 0)),
    "day": Unit(86400.0, (0, 0, 1, 0, 0)), "hertz": Unit(1.0, (0, 0, -1, 0, 0)), "hz": Unit(1.0, (0, 0, -1, 0, 0)),
    "coul": Unit(1.0, (0, 0, 0, 1, 0)), "coulomb": Unit(1.0, (0, 0, 0, 1, 0)),
    "amp": Unit(1.0, (0, 0, -1, 1, 0)), "ampere": Unit(1.0, (0, 0, -1, 1, 0)),
    "degK": Unit(1.0, (0, 0, 0, 0, 1)), "degC": Unit(1.0, (0, 0, 0, 0, 1)), "kelvin": Unit(1.0, (0, 0, 0, 0, 1)),
    "K": Unit(1.0, (0, 0, 0, 0, 1)), "joule": Unit(1.0, _JOULE), "newton": Unit(1.0, (1, 1, -2, 0, 0)),
    "erg": Unit(1e-7, _JOULE), "cal": Unit(4.184, _JOULE), "calorie": Unit(4.184, _JOULE),
    "watt": Unit(1.0, (2, 1, -3, 0, 0)), "volt": Unit(1.0, _VOLT), "ohm": Unit(1.0, (2, 1, -1, -2, 0)),
    "mho": Unit(1.0, (-2, -1, 1, 2, 0)), "siemens": Unit(1.0, (-2, -1, 1, 2, 0)),
    "farad": Unit(1.0, (-2, -1, 2, 2, 0)), "liter": Unit(1e-3, (3, 0, 0, 0, 0)), "l": Unit(1e-3, (3, 0, 0, 0, 0)),
    "mole": Unit(_AVOGADRO, _ONE.powers), "mol": Unit(_AVOGADRO, _ONE.powers),
    "avogadro": Unit(_AVOGADRO, _ONE.powers), "faraday": Unit(FARADAY, (0, 0, 0, 1, 0)),
    "e": Unit(_ELEMENTARY, (0, 0, 0, 1, 0)), "k": Unit(GAS_CONSTANT / _AVOGADRO, (2, 1, -2, 0, -1)),
    "R": Unit(GAS_CONSTANT, (2, 1, -2, 0, -1)), "planck": Unit(_PLANCK, (2, 1, -1, 0, 0)),
    "hbar": Unit(_PLANCK / (2.0 * _PI), (2, 1, -1, 0, 0)), "pi": Unit(_PI, _ONE.powers),
    "degree": Unit(_PI / 180.0, _ONE.powers), "radian": _ONE, "percent": Unit(0.01, _ONE.powers),
}  # fmt: skip
_PREFIXES: Mapping[str, float] = {
    "giga": 1e9, "mega": 1e6, "kilo": 1e3, "hecto": 1e2, "deka": 1e1, "deci": 1e-1, "centi": 1e-2, "milli": 1e-3,
    "micro": 1e-6, "nano": 1e-9, "pico": 1e-12, "femto": 1e-15, "G": 1e9, "M": 1e6, "k": 1e3, "d": 1e-1, "c": 1e-2,
    "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15,
}  # fmt: skip
_WORD = re.compile(r"\s*(?:([0-9.]+(?:e[+-]?[0-9]+)?)|([A-Za-z_]+)([0-9]*)|([/\-*^]))", re.IGNORECASE)
# As jaxsim's own mechanisms write them.
_OWN: Mapping[str, str] = {
    "mho/cm2": "S/cm2", "mhos/cm2": "S/cm2", "siemens/cm2": "S/cm2", "milliamp/cm2": "mA/cm2", "millivolt": "mV",
    "millimolar": "mM", "milli/liter": "mM", "/ms": "1/ms", "": "1", "umho": "uS", "micromho": "uS", "nanoamp": "nA",
    "micron": "um", "micrometer": "um", "millisecond": "ms", "megohm": "MOhm", "megaohm": "MOhm", "Mohm": "MOhm",
}  # fmt: skip


class UnknownUnit(ValueError):
    """A unit that has no meaning here."""


def factor(given: str, unit: str, defined: Mapping[str, str]) -> float:
    """How many of one unit another is, of the same physical quantity.

    Args:
        given: the unit that is expressed, such as "faraday" or "k-mole".
        unit: the unit in which, such as "coulomb" or "joule/degC".
        defined: what a UNITS block defines, name -> meaning.

    Returns:
        given / unit.

    Raises:
        UnknownUnit: if one of them is unknown, or they are of different quantities.
    """
    left, right = _parse(given, defined, 0), _parse(unit, defined, 0)
    if left.powers != right.powers and right.powers != _ONE.powers:
        raise UnknownUnit(f"({given}) and ({unit}) are units of different quantities.")
    return left.factor / right.factor


def own_name(unit: str) -> str:
    """A parameter's unit as jaxsim writes it; "1" for none."""
    text = unit.replace(" ", "")
    return _OWN.get(text, text)


def _parse(text: str, defined: Mapping[str, str], depth: int) -> Unit:
    """The unit of a text: factors after one another, those behind a stroke inverse."""
    total, sign, at = _ONE, 1, 0
    while at < len(text.rstrip()):
        found = _WORD.match(text, at)
        if not found:
            raise UnknownUnit(f"({text}) is no unit.")
        at = found.end()
        number, name, power, mark = found.groups()
        if mark == "/":
            sign = -1
        elif number:
            total = total.times(Unit(_number(number, text), _ONE.powers), sign)
        elif name:
            one = _named(name, defined, depth)
            for _ in range(min(int(power or 1), 9)):
                total = total.times(one, sign)
    return total


def _number(word: str, text: str) -> float:
    try:
        value = float(word)
    except ValueError:
        raise UnknownUnit(f"({text}) is no unit.") from None
    if not 0.0 < value < 1e99:
        raise UnknownUnit(f"({text}) is no unit.")
    return value


def _named(name: str, defined: Mapping[str, str], depth: int) -> Unit:
    """The unit of a name, with a prefix or the s of a plural."""
    if name in defined and depth < 10 and defined[name].strip() != name:
        return _parse(defined[name], defined, depth + 1)
    for word in (name, name.removesuffix("s")):
        if word in _UNITS:
            return _UNITS[word]
        for prefix, size in _PREFIXES.items():
            rest = word.removeprefix(prefix)
            if word != rest and rest in _UNITS:
                return Unit(size, _ONE.powers).times(_UNITS[rest], 1)
            if word == prefix and len(prefix) > 2:
                return Unit(size, _ONE.powers)
    raise UnknownUnit(f"the unit {name!r} is unknown. Write the number itself.")

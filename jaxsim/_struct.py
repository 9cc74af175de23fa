"""Immutable pytrees: `struct`, `static`, and `Frozen` (an array that may be a static field)."""

import dataclasses
import hashlib
from typing import Any, TypeVar, dataclass_transform

import jax
import numpy as np

_T = TypeVar("_T", bound=type[Any])

replace = dataclasses.replace


def static(**options: Any) -> Any:
    """A dataclass field that is part of a struct's structure: hashable, compared, never traced.

    Args:
        options: what `dataclasses.field` takes, e.g. ``default=``.

    Returns:
        The field.
    """
    return dataclasses.field(metadata={"static": True}, **options)


@dataclass_transform(frozen_default=True, kw_only_default=False, field_specifiers=(static, dataclasses.field))
def struct(cls: _T) -> _T:
    """Frozen dataclass registered as a pytree: every field is a child unless it is `static()`.

    Args:
        cls: the class to decorate.

    Returns:
        The class.

    Raises:
        TypeError: if a number or array stands in the class without an annotation: it would be no parameter.
    """
    for name, value in vars(cls).items():
        number = isinstance(value, int | float | complex | np.ndarray) and not isinstance(value, bool)
        plain = number and not name.startswith("_") and not _is_constant(cls, name)
        if plain and name not in vars(cls).get("__annotations__", {}):
            fix = f"Annotate it with its unit, for example {name}: js.units.mV = {value!r}; a constant with ClassVar."
            raise TypeError(f"{cls.__name__}.{name} has no annotation and would be no parameter. {fix}")
    return jax.tree_util.register_dataclass(dataclasses.dataclass(frozen=True, eq=False)(cls))  # type: ignore[return-value]


def _is_constant(cls: type, name: str) -> bool:
    """Whether a base has a constant of that name, which the class has in its own way."""
    fields = {f.name for b in cls.__mro__[1:] if dataclasses.is_dataclass(b) for f in dataclasses.fields(b)}
    return name not in fields and any(name in vars(b) for b in cls.__mro__[1:])


class Frozen:
    """Read-only NumPy array, hashed once by content, so that equal structures share one compilation."""

    __slots__ = ("_key", "array")

    def __init__(self, array: Any) -> None:
        self.array = np.array(array, order="C")
        self.array.setflags(write=False)
        digest = hashlib.blake2b(self.array.tobytes(), digest_size=16).digest()
        self._key = (digest, self.array.shape, self.array.dtype.str)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frozen) and self._key == other._key

    def __repr__(self) -> str:
        return f"Frozen({self.array.dtype}{list(self.array.shape)})"

"""Parameter values as builders take them: checked, as arrays, stacked by instance."""

import dataclasses
from typing import Any

import numpy as np

from jaxsim.build.selection import Selection
from jaxsim.errors import must
from jaxsim.mechanisms.base import AbstractMechanism, stacked
from jaxsim.model.spec import Point


def check_struct(mechanism: AbstractMechanism) -> None:
    """A mechanism's class must be a struct."""
    if "__dataclass_fields__" not in vars(type(mechanism)):
        raise TypeError(
            must(f"the class {type(mechanism).__name__}", "be a struct", mechanism, "Decorate it with @js.struct.")
        )


def per_compartment(name: str, value: Any, selection: Selection) -> np.ndarray:
    """A value as one number a compartment of the selection."""
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(must(name, "be a number or an array of numbers", value)) from None
    n = len(selection.comp)
    if array.shape not in ((), (n,)):
        raise ValueError(must(name, f"be one number or {n}, one a compartment of {selection.label}", array.shape))
    if not np.all(np.isfinite(array)):
        raise ValueError(must(name, "be finite", value))
    return np.broadcast_to(array, (n,))


def stack(name: str, instances: list[tuple[AbstractMechanism, int]]) -> Point:
    """Instances of one point mechanism with their parameters stacked."""
    first, last = instances[0][0], instances[-1][0]
    if type(last) is not type(first) or static_fields(last) != static_fields(first):
        kind = f"{type(first).__name__} {static_fields(first) or ''}".strip()
        raise ValueError(f"the name {name!r} already belongs to a {kind}. Give this one a name of its own: name=...")
    values: dict[str, np.ndarray] = {}
    for parameter in first.parameters():
        arrays = [getattr(m, parameter) for m, _ in instances]
        if any(a.shape != arrays[0].shape for a in arrays):
            raise ValueError(
                f"{name}.{parameter} has shape {arrays[-1].shape} here and {arrays[0].shape} in the first of its name. "
                "Give this one a name of its own: name=..."
            )
        values[parameter] = np.stack(arrays)
    return Point(name, stacked(first, values), np.array([node for _, node in instances]))


def numbers(name: str, value: Any) -> np.ndarray:
    """A point mechanism's parameter as an array; infinite is allowed (a pulse that never stops), NaN is not."""
    try:
        array = np.array(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(must(name, "be a number or an array of numbers", value)) from None
    if np.any(np.isnan(array)):
        raise ValueError(must(name, "not be NaN", value))
    return array


def static_fields(mechanism: AbstractMechanism) -> dict[str, Any]:
    """The fields of a mechanism that are no parameters."""
    names = {f.name for f in dataclasses.fields(mechanism)} - set(mechanism.parameters())  # type: ignore[arg-type]
    return {name: getattr(mechanism, name) for name in names}

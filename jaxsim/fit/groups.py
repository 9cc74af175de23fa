"""One free parameter: which of its values share a number, and the way between these numbers and the model's values."""

import dataclasses
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from jaxsim.cable.sharing import labels
from jaxsim.cable.where import select
from jaxsim.errors import must, unknown
from jaxsim.fit.transforms import AbstractTransform
from jaxsim.model.model import Model

# Values of one group may differ by the rounding of their own computation: eight units in float32's last place.
_EQUAL = 1e-6

# Compartments that share in finer and finer groups, for the advice in messages.
_FINER = ("region", "branch", "compartment")


@dataclasses.dataclass(frozen=True, eq=False)
class Part:
    """The numbers that one transform frees.

    Args:
        transform: the bijection.
        group: (n_value,) int32, the number that each value of the parameter takes; n_group where it is not free.
        labels: what the n_group numbers are called.
    """

    transform: AbstractTransform
    group: np.ndarray
    labels: tuple[str, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class FreeParameter:
    """A parameter with its free numbers, one after the other: those of the first part, the second, ...

    Args:
        name: e.g. ``"HH.gbar_na"``.
        unit: its unit.
        shape: (n_value, ...) the model's values; all axes but the first belong to one instance.
        parts: the transforms and what they free.
        group: (n_value,) int32, the number that each value takes; n_group where it is not free.
        labels: what the n_group numbers are called.
    """

    name: str
    unit: str
    shape: tuple[int, ...]
    parts: tuple[Part, ...]
    group: np.ndarray
    labels: tuple[str, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The shape of the free numbers: (n_group, ...)."""
        return len(self.labels), *self.shape[1:]

    def bounds(self) -> np.ndarray:
        """(n_group, 2) [the parameter's unit], lower and upper bound of each number."""
        return np.array([part.transform.bounds for part in self.parts for _ in part.labels])

    def split(self) -> list[tuple[AbstractTransform, slice]]:
        """Each transform with the numbers it acts on."""
        ends = np.cumsum([len(part.labels) for part in self.parts]).tolist()
        starts = [0, *ends[:-1]]
        return [(p.transform, slice(a, b)) for p, a, b in zip(self.parts, starts, ends, strict=True)]

    def forward(self, theta: jax.Array) -> jax.Array:
        """Physical numbers of unconstrained ones: (n_group, ...) -> (n_group, ...)."""
        return jnp.concatenate([transform.forward(theta[where]) for transform, where in self.split()])

    def inverse(self, values: np.ndarray, restore: bool = False) -> np.ndarray:
        """Unconstrained numbers of physical ones; a value out of its range is an error."""
        found = np.empty(values.shape)
        for transform, where in self.split():
            inverse = transform.restore if restore else transform.inverse
            for k in range(where.start, where.stop):
                found[k] = inverse(values[k], f"{self.name} ({self.labels[k]})")
        return found

    def spread(self, numbers: jax.Array, old: jax.Array) -> jax.Array:
        """The model's values: each takes its number, one that is not free stays what it was, to the bit."""
        n_group = len(self.labels)
        taken = numbers[np.minimum(self.group, n_group - 1)].astype(old.dtype)
        inside = self.group < n_group
        if inside.all():
            return taken
        return jnp.where(inside.reshape(inside.shape + (1,) * (old.ndim - 1)), taken, old)

    def collect(self, values: np.ndarray, model: Model) -> np.ndarray:
        """One number a group from the model's values, which must agree inside each group.

        Raises:
            ValueError: if they differ.
        """
        numbers = np.empty(self.numbers)
        for k, label in enumerate(self.labels):
            members = values[self.group == k]
            if not _agree(members):
                raise ValueError(
                    f"{self.name} has different values inside the group {label!r}, from {members.min():.6g} to "
                    f"{members.max():.6g} [{self.unit}], and a shared number needs one start value. "
                    + self._advice(values, model)
                )
            numbers[k] = members[0]
        return numbers

    def _advice(self, values: np.ndarray, model: Model) -> str:
        same = f"make them equal first: model.set({self.name!r}, value)."
        try:
            comp = model.compartments(self.name)
        except ValueError:
            return f"Use share='instance', or {same}"
        for word in _FINER:
            number, _ = labels(model.compiled_from.cable, word)
            here, free = number[comp], self.group < len(self.labels)
            if all(_agree(values[free & (here == k)]) for k in np.unique(here[free])):
                return f"Use share={word!r}, in which they agree, confine it with at=, or {same}"
        return f"Use share='compartment', or {same}"


def free_parameter(model: Model, name: str, transforms: Sequence[AbstractTransform]) -> FreeParameter:
    """What is free of one parameter of a model.

    Args:
        model: the compiled cell.
        name: e.g. ``"HH.gbar_na"``.
        transforms: one, or several with disjoint `at`.

    Returns:
        The groups and their labels.

    Raises:
        KeyError: if there is no such parameter, or no region of that name.
        ValueError: if sharing or region do not fit the parameter, or two transforms free the same value.
    """
    known = model.parameters()
    if name not in known:
        raise KeyError(unknown("parameter", name, known))
    shape, unit = known[name]
    parts = tuple(_part(model, name, shape[0], transform) for transform in transforms)
    group = np.full(shape[0], -1, np.int32)
    names: list[str] = []
    for part in parts:
        here = part.group < len(part.labels)
        if np.any(group[here] >= 0):
            fix = "Confine each with at=, and let the regions not overlap."
            raise ValueError(must(name, "be freed once in each compartment", [p.transform.place() for p in parts], fix))
        group[here] = part.group[here] + len(names)
        names += part.labels
    if len(set(names)) < len(names):
        twice = sorted({label for label in names if names.count(label) > 1})
        raise ValueError(must(f"{name}: the groups' labels", "differ from each other", twice, "Rename one."))
    group[group < 0] = len(names)
    return FreeParameter(name, unit, shape, parts, group, tuple(names))


def _part(model: Model, name: str, n_value: int, transform: AbstractTransform) -> Part:
    """The groups of one transform, numbered without gaps where it is free."""
    try:
        comp = model.compartments(name)
    except ValueError:
        number, names = _instance_labels(name, n_value, transform)
        inside = np.ones(n_value, bool)
    else:
        cable = model.compiled_from.cable
        if isinstance(transform.share, str) and transform.share == "instance":
            words = "be 'cell', 'region', 'branch' or 'compartment'"
            fix = "'instance' is for stimuli and clamps, which stand at a location."
            raise ValueError(must(f"the share of {name}", words, transform.share, fix))
        number, names = labels(cable, transform.share)
        number = number[comp]
        if transform.at is not None and isinstance(transform.share, str) and transform.share == "cell":
            names = [transform.place()]
        chosen = np.arange(cable.n_comp) if transform.at is None else select(cable, transform.at)
        inside = np.isin(comp, chosen)
        if not inside.any():
            mechanism = name.rpartition(".")[0]
            raise ValueError(f"{name} cannot be free in {transform.place()}: {mechanism} is not inserted there.")
    used, dense = np.unique(number[inside], return_inverse=True)
    group = np.full(n_value, len(used), np.int32)
    group[inside] = dense
    return Part(transform, group, tuple(names[k] for k in used.tolist()))


def _instance_labels(name: str, n_value: int, transform: AbstractTransform) -> tuple[np.ndarray, list[str]]:
    """The groups of a stimulus's or clamp's parameter, which belongs to instances at locations."""
    if transform.at is not None:
        fix = f"{name} belongs to {n_value} instances at locations: leave at= out."
        raise ValueError(must("a parameter that is free in a region", "belong to compartments", name, fix))
    share = transform.share
    if not isinstance(share, str):
        if len(share) != n_value:
            raise ValueError(
                must(f"the share of {name}", f"have one label for each of {n_value} instances", len(share))
            )
        used, number = np.unique(share, return_inverse=True)
        return number, [str(label) for label in used.tolist()]
    if share == "cell":
        return np.zeros(n_value, int), ["cell"]
    if share == "instance":
        return np.arange(n_value), [f"{name.rpartition('.')[0]}[{k}]" for k in range(n_value)]
    fix = "Stimuli and clamps stand at locations and belong to no compartment."
    raise ValueError(must(f"the share of {name}", "be 'cell' (one number) or 'instance' (one each)", share, fix))


def _agree(values: np.ndarray) -> bool:
    """Whether all rows equal the first to rounding."""
    with np.errstate(invalid="ignore"):  # inf - inf: equal infinities are caught by the first comparison
        first = values[:1]
        return bool(np.all((values == first) | (np.abs(values - first) <= _EQUAL * np.abs(first))))

"""`free` and `Free`: which parameters of a model are trained, as a dict of unconstrained numbers."""

import dataclasses
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxsim.errors import must, unknown
from jaxsim.fit.groups import FreeParameter, free_parameter
from jaxsim.fit.transforms import AbstractTransform
from jaxsim.model.model import Model

Theta = dict[str, jax.Array]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Free:
    """The free parameters of a model, made by `free`: the way from unconstrained numbers, theta, to a model and back.

    theta is a dict from name to an array (n_group,) of the model's dtype, one number for each group of values that
    share it (with further axes where one instance has an array). It holds all that an optimiser moves; transforms and
    groups are fixed.

    Args:
        parameters: name -> its groups and transforms.
        dtype: floating-point type of theta, the model's.
    """

    parameters: Mapping[str, FreeParameter]
    dtype: np.dtype

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters' names, in the order in which they were given."""
        return tuple(self.parameters)

    @property
    def n(self) -> int:
        """How many numbers are free."""
        return sum(int(np.prod(p.numbers)) for p in self.parameters.values())

    @property
    def units(self) -> dict[str, str]:
        """Name -> unit."""
        return {name: p.unit for name, p in self.parameters.items()}

    def labels(self, name: str) -> list[str]:
        """What the numbers of the parameter `name` are called. KeyError if it is not free."""
        return list(self._known(name).labels)

    def bounds(self, name: str) -> np.ndarray:
        """(n_group, 2), lower and upper bound of each number of `name`, in its unit. KeyError if it is not free."""
        return self._known(name).bounds()

    def read(self, model: Model) -> Theta:
        """Theta as the model stands: the start of a fit.

        Args:
            model: a model of the same structure, with concrete values.

        Returns:
            Name -> (n_group,) unconstrained.

        Raises:
            TypeError: if the model is being traced.
            ValueError: if values that share a number differ, or one lies on a bound or outside.
        """
        theta = {}
        for name, p in self.parameters.items():
            values = self._concrete(model.get(name), f"the values of {name}")
            self._check(name, values.shape, p.shape)
            theta[name] = self._theta(p.inverse(p.collect(values, model)))
        return theta

    def into(self, model: Model, theta: Mapping[str, Any]) -> Model:
        """The model with theta's values: pure, to be used under `jax.jit`, `jax.vmap` and `jax.grad`.

        Args:
            model: the model to change; what is not free stays as it is there, to the bit.
            theta: name -> (n_group,) unconstrained.

        Returns:
            The new model.

        Raises:
            KeyError: if a name is missing or is not free.
            ValueError: if an array has the wrong shape.
        """
        for name, numbers in self.values(theta).items():
            model = model.set(name, self.parameters[name].spread(numbers, model.get(name)))
        return model

    def values(self, theta: Mapping[str, Any]) -> Theta:
        """Physical values of the unconstrained numbers theta.

        Returns:
            Name -> (n_group,), in the parameter's unit.

        Raises:
            KeyError: if a name is missing or is not free.
            ValueError: if an array has the wrong shape.
        """
        self._same_names(theta)
        found = {}
        for name, p in self.parameters.items():
            numbers = jnp.asarray(theta[name])
            self._check(name, numbers.shape, p.numbers)
            found[name] = p.forward(numbers)
        return found

    def theta(self, values: Mapping[str, Any]) -> Theta:
        """The unconstrained numbers of physical values, the inverse of `values`.

        Args:
            values: name -> one number for all groups, (n_group,) values, or label -> value; in the parameter's unit.

        Returns:
            Name -> (n_group,) unconstrained.

        Raises:
            KeyError: if a name or a label is missing or unknown.
            TypeError: if values are being traced.
            ValueError: if a shape does not fit, or a value lies on a bound or outside.
        """
        return self._from_values(values, restore=False)

    def random(self, key: Any, n: int | None = None) -> Theta:
        """Start values, uniform between the bounds.

        Args:
            key: a JAX key, or an integer seed.
            n: how many starts; one by default.

        Returns:
            Name -> (n_group,), or (n, n_group) for `jax.vmap`, unconstrained. What a parameter draws does not depend on
            which others are free.

        Raises:
            ValueError: if a parameter has no finite bounds.
        """
        key = jax.random.key(key) if isinstance(key, int | np.integer) else key
        tiny = float(jnp.finfo(self.dtype).eps)
        theta = {}
        for name, p in self.parameters.items():
            own = jax.random.fold_in(key, zlib.crc32(name.encode()))
            shape = p.numbers if n is None else (n, *p.numbers)
            u = jax.random.uniform(own, shape, self.dtype, minval=tiny, maxval=1.0 - tiny)
            axis = 0 if n is None else 1
            parts = [t.quantile(jax.lax.slice_in_dim(u, s.start, s.stop, axis=axis)) for t, s in p.split()]
            theta[name] = jnp.concatenate(parts, axis=axis)
        return theta

    def table(self, theta: Mapping[str, Any] | None = None) -> str:
        """The free parameters as text: name, share, numbers, bounds, unit; with theta, each number and its value.

        Raises:
            KeyError: if a name of theta is missing or is not free.
            ValueError: if an array of theta has the wrong shape.
        """
        if theta is None:
            header = ("name", "share", "numbers", "bounds", "unit")
            return _aligned([header, *(row for p in self.parameters.values() for row in _summary(p))])
        header = ("name", "group", "value", "bounds", "unit")
        values = self._physical(theta)
        return _aligned([header, *(row for name, p in self.parameters.items() for row in _rows(p, values[name]))])

    def to_json(self, theta: Mapping[str, Any]) -> str:
        """Physical values of theta as JSON: name -> unit and label -> value, computed and written in double precision.

        Raises:
            KeyError: if a name of theta is missing or is not free.
            ValueError: if an array of theta has the wrong shape.
        """
        found = {}
        for name, values in self._physical(theta).items():
            p = self.parameters[name]
            found[name] = {"unit": p.unit, "values": dict(zip(p.labels, values.tolist(), strict=True))}
        return json.dumps(found, indent=2)

    def from_json(self, text: str) -> Theta:
        """Theta from a text that `to_json` wrote for the same free parameters.

        Raises:
            KeyError: if a name or a label is missing or unknown.
            ValueError: if the text is no such JSON, a unit differs, or a value lies outside the bounds.
        """
        try:
            found = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"the text is not JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from None
        if not isinstance(found, dict):
            raise ValueError(must("the JSON text", "be an object of parameters", type(found).__name__))
        self._same_names(found)
        values = {}
        for name, entry in found.items():
            if not isinstance(entry, dict) or not isinstance(entry.get("values"), dict):
                raise ValueError(must(name, 'be {"unit": ..., "values": {label: value}} in the JSON text', entry))
            if entry.get("unit") != self.parameters[name].unit:
                raise ValueError(must(f"the unit of {name}", f"be {self.parameters[name].unit!r}", entry.get("unit")))
            values[name] = entry["values"]
        return self._from_values(values, restore=True)

    def __repr__(self) -> str:
        return f"Free({self.n} numbers: {', '.join(self.names)})"

    def __str__(self) -> str:
        return self.table()

    def _known(self, name: str) -> FreeParameter:
        if name not in self.parameters:
            raise KeyError(unknown("free parameter", name, self.parameters))
        return self.parameters[name]

    def _same_names(self, given: Mapping[str, Any]) -> None:
        for name in given:
            self._known(name)
        missing = [name for name in self.parameters if name not in given]
        if missing:
            raise KeyError(f"no values for the free parameters {', '.join(map(repr, missing))}.")

    def _check(self, name: str, shape: tuple[int, ...], rule: tuple[int, ...]) -> None:
        if shape != rule:
            fix = "For a batch use jax.vmap." if len(shape) > len(rule) else ""
            raise ValueError(must(name, f"have shape {rule}, one number for each of its groups", shape, fix))

    def _concrete(self, values: Any, what: str) -> np.ndarray:
        if isinstance(values, jax.core.Tracer):
            fix = "Read before jax.jit, jax.vmap or jax.grad; inside, use into and values."
            raise TypeError(must(what, "be numbers, for they are checked against the bounds", "a traced array", fix))
        try:
            return np.asarray(values, np.float64)
        except (TypeError, ValueError):
            raise ValueError(must(what, "be numbers", values)) from None

    def _theta(self, numbers: np.ndarray) -> jax.Array:
        return jnp.asarray(numbers.astype(self.dtype))

    def _physical(self, theta: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Values in double precision, whatever theta's: written values then keep the digits of saturated numbers."""
        theta = {name: self._concrete(x, f"theta[{name!r}]") for name, x in theta.items()}
        with jax.enable_x64(True):
            return {name: np.asarray(x) for name, x in self.values(theta).items()}

    def _from_values(self, values: Mapping[str, Any], restore: bool) -> Theta:
        self._same_names(values)
        theta = {}
        for name, p in self.parameters.items():
            given = values[name]
            if isinstance(given, Mapping):
                given = [given[label] for label in _same_labels(p, given)]
            numbers = self._concrete(given, f"values[{name!r}]")
            if numbers.shape not in ((), p.numbers):
                self._check(name, numbers.shape, p.numbers)
            theta[name] = self._theta(p.inverse(np.broadcast_to(numbers, p.numbers), restore))
        return theta


def free(model: Model, parameters: Mapping[str, AbstractTransform | Sequence[AbstractTransform]]) -> Free:
    """Say which parameters of a model are free, between which bounds, and which values share one number.

    Args:
        model: the compiled cell.
        parameters: name, e.g. ``"HH.gbar_na"``, -> `Bounded`, `Positive` or `Unbounded`; or a list of them with regions
            `at` that do not overlap, where bounds or sharing differ by region.

    Returns:
        The `Free`: theta = free.read(model); model = free.into(model, theta).

    Raises:
        KeyError: if there is no such parameter, or no region of a name.
        TypeError: if a parameter is given something else than transforms.
        ValueError: if sharing or region do not fit a parameter, or two transforms free the same value.

    >>> from jaxsim.build.cell import Cell
    >>> from jaxsim.fit.transforms import Bounded
    >>> from jaxsim.mechanisms.channels.leak import Leak
    >>> from jaxsim.morphology import ball_and_stick
    >>> model = Cell(ball_and_stick(10.0, 100.0, 1.0)).insert(Leak(gbar=1e-4, e=-70.0)).compile()
    >>> found = free(model, {"Leak.gbar": Bounded(0.0, 1e-3, share="region")})
    >>> found.labels("Leak.gbar")
    ['soma', 'basal']
    >>> print(found)
    name       share   numbers  bounds      unit
    Leak.gbar  region  2        0 .. 0.001  S/cm2
    """
    if not isinstance(model, Model):
        raise TypeError(must("model", "be what cell.compile() returns", type(model).__name__))
    if not isinstance(parameters, Mapping) or not parameters:
        raise TypeError(
            must("parameters", 'map names to transforms, as {"HH.gbar_na": Bounded(0.01, 0.5)}', parameters)
        )
    found = {}
    for name, given in parameters.items():
        transforms = [given] if isinstance(given, AbstractTransform) else given
        sequence = isinstance(transforms, Sequence) and len(transforms) > 0 and not isinstance(transforms, str)
        if not sequence or not all(isinstance(t, AbstractTransform) for t in transforms):
            raise TypeError(must(name, "be given a transform such as Bounded(low, high), or a list of them", given))
        found[name] = free_parameter(model, name, transforms)
    return Free(found, np.dtype(model.v.dtype))


def _same_labels(p: FreeParameter, given: Mapping[str, Any]) -> tuple[str, ...]:
    for label in given:
        if label not in p.labels:
            raise KeyError(unknown(f"group of {p.name}", label, p.labels))
    missing = [label for label in p.labels if label not in given]
    if missing:
        raise KeyError(f"no value of {p.name} for {', '.join(map(repr, missing))}.")
    return p.labels


def _summary(p: FreeParameter) -> list[tuple[str, ...]]:
    """One row a transform."""
    per_group = int(np.prod(p.shape[1:]))
    return [
        (p.name, part.transform.sharing(), str(per_group * len(part.labels)), _between(part.transform), p.unit)
        for part in p.parts
    ]


def _rows(p: FreeParameter, values: np.ndarray) -> list[tuple[str, ...]]:
    """One row a number; an instance's array in one row."""
    between = [_between(part.transform) for part in p.parts for _ in part.labels]
    shown = [np.array2string(v, precision=6, threshold=6) if v.ndim else f"{v:.6g}" for v in values]
    return [(p.name, label, v, b, p.unit) for label, v, b in zip(p.labels, shown, between, strict=True)]


def _between(transform: AbstractTransform) -> str:
    low, high = transform.bounds
    return f"{low:g} .. {high:g}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)

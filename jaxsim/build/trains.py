"""Trains of events as a cell collects them: of any numbers of events, stacked when the cell is done."""

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np

from jaxsim.build.values import numbers
from jaxsim.errors import must, unknown
from jaxsim.mechanisms.base import AbstractMechanism, stacked
from jaxsim.mechanisms.events import SpikeTrain
from jaxsim.mechanisms.point_process import AbstractPointProcess
from jaxsim.model.spec import Feed, parameter_values


def only_instance(points: Mapping[str, Sequence[tuple[AbstractMechanism, int]]], to: str, node: int, label: str) -> int:
    """Which instance of a point process stands at a node.

    Args:
        points: name -> what is placed under it, each with its node.
        to: the point process's name.
        node: where it stands.
        label: how that place is called.

    Returns:
        Its index among those of its name.

    Raises:
        KeyError: if no point process has that name.
        ValueError: if there is none, or more than one, at that node.
    """
    placed = {k: x for k, x in points.items() if isinstance(x[0][0], AbstractPointProcess)}
    if to not in placed:
        raise KeyError(unknown("point process", to, placed, "Place it first: cell.place(location, ...)."))
    here = [k for k, (_, at) in enumerate(placed[to]) if at == node]
    if len(here) != 1:
        fix = "Give the one that receives a name of its own: cell.place(location, ..., name=...)." if here else ""
        raise ValueError(must(f"the number of {to} at {label}", "be 1", len(here), fix))
    return here[0]


@dataclasses.dataclass(frozen=True)
class Trains:
    """The trains of one name.

    Attributes:
        name: their name.
        to: the point process that they are sent to.
        sent: each with its parameters as arrays, and the instance that it is sent to.
    """

    name: str
    to: str
    sent: tuple[tuple[SpikeTrain, int], ...] = ()

    def with_one(self, train: SpikeTrain, instance: int, to: str) -> "Trains":
        """With one more.

        Args:
            train: the train.
            instance: the instance that it is sent to.
            to: the point process of which it is one.

        Raises:
            ValueError: if the others are sent to a point process of another name, the times are no row of numbers, or a
                weight or delay is no number.
        """
        if to != self.to:
            fix = "Choose another name: name=..."
            raise ValueError(must(f"what the trains {self.name!r} are sent to", f"be {self.to!r}", to, fix))
        values = {k: numbers(f"{self.name}.{k}", x) for k, x in parameter_values(train).items()}
        shapes = {k: x.ndim for k, x in values.items()}
        if shapes != {"times": 1, "weight": 0, "delay": 0}:
            rule = "have a row of times, one weight and one delay"
            raise ValueError(must(self.name, rule, {k: x.shape for k, x in values.items()}))
        for k in ("weight", "delay"):
            if not np.isfinite(values[k]):
                raise ValueError(must(f"{self.name}.{k}", "be finite", float(values[k])))
        if values["delay"] < 0.0:
            raise ValueError(must(f"{self.name}.delay", "not be negative [ms]", float(values["delay"])))
        return dataclasses.replace(self, sent=(*self.sent, (stacked(train, values), instance)))

    def feed(self) -> Feed:
        """All of them, the shorter ones filled up with times that never come."""
        most = max(len(train.times) for train, _ in self.sent)
        full = lambda x: np.pad(x, (0, most - len(x)), constant_values=math.inf)  # noqa: E731
        times = np.stack([full(train.times) for train, _ in self.sent])
        weight, delay = (np.array([getattr(train, k) for train, _ in self.sent]) for k in ("weight", "delay"))
        instance = np.array([k for _, k in self.sent])
        return Feed(self.name, SpikeTrain(times, weight, delay), self.to, instance)

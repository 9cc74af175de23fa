"""`Spec`: what is simulated, as frozen plain data. Builders make it, `compile_model` turns it into a `Model`."""

import dataclasses
from typing import Any

import numpy as np

from jaxsim.cable.cable import Cable
from jaxsim.errors import must
from jaxsim.mechanisms.base import AbstractMechanism


@dataclasses.dataclass(frozen=True, eq=False)
class Density:
    """A mechanism painted on compartments.

    Args:
        name: its name in the model; unique.
        mechanism: the mechanism with parameters as arrays, one entry an instance.
        comp: (n_inst,) int, the compartments, ascending, each once.
    """

    name: str
    mechanism: AbstractMechanism
    comp: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Point:
    """A mechanism placed at nodes: stimuli and clamps.

    Args:
        name: its name in the model; unique.
        mechanism: the mechanism with parameters stacked along a first axis, one entry an instance.
        node: (n_inst,) int, the cable's node of each instance.
    """

    name: str
    mechanism: AbstractMechanism
    node: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Feed:
    """Trains of events that are sent to instances of a point process.

    Args:
        name: its name in the model; unique.
        mechanism: the trains, parameters stacked along a first axis.
        to: name of the point process.
        instance: (n_train,) int, which of its instances each is sent to.
    """

    name: str
    mechanism: AbstractMechanism
    to: str
    instance: np.ndarray


@dataclasses.dataclass(frozen=True)
class Probe:
    """One recorded quantity.

    Args:
        what: ``"v"`` [mV], ``"<mechanism>.<gate>"`` [1], ``"<channel>.i"`` [mA/cm2] or ``"<clamp>.i"`` [nA].
        node: the cable's node.
        label: how to call it in a legend.
    """

    what: str
    node: int
    label: str


@dataclasses.dataclass(frozen=True, eq=False)
class Spec:
    """A cell as frozen plain data.

    Args:
        cable: the discretised morphology.
        ra: (n_comp,) [ohm cm] axial resistivity.
        cm: (n_comp,) [uF/cm2] specific capacitance.
        v: (n_comp,) [mV] initial voltage.
        radius_scale: (n_comp,) [1] factor on every traced radius.
        length_scale: (n_comp,) [1] factor on every traced length.
        densities: channels.
        points: stimuli and clamps.
        probes: what is recorded, in the order of the recording's rows.
        feeds: events that are sent to point processes.
    """

    cable: Cable
    ra: np.ndarray
    cm: np.ndarray
    v: np.ndarray
    radius_scale: np.ndarray
    length_scale: np.ndarray
    densities: tuple[Density, ...] = ()
    points: tuple[Point, ...] = ()
    probes: tuple[Probe, ...] = ()
    feeds: tuple[Feed, ...] = ()

    def __repr__(self) -> str:
        names = ", ".join(self.mechanisms()) or "no mechanisms"
        return f"Spec({self.cable.n_comp} compartments; {names}; {len(self.probes)} probes)"

    def mechanisms(self) -> dict[str, AbstractMechanism]:
        """Every mechanism by name, channels first."""
        parts: tuple[Density | Point | Feed, ...] = (*self.densities, *self.points, *self.feeds)
        return {x.name: x.mechanism for x in parts}


# The fields of a Spec and a Model that are one number a compartment, with their units.
COMPARTMENT_PARAMETERS: dict[str, str] = {
    "ra": "ohm cm",
    "cm": "uF/cm2",
    "v": "mV",
    "radius_scale": "1",
    "length_scale": "1",
}

# The parameter that may be set in all mechanisms at once.
EVERYWHERE = "celsius"

# Those that must be positive.
POSITIVE = frozenset({"ra", "cm", "radius_scale", "length_scale"})
_CONDUCTANCES = frozenset({"S/cm2", "uS"})


def parameter_values(mechanism: AbstractMechanism) -> dict[str, Any]:
    """The parameters of a mechanism by name, as they stand."""
    return {name: getattr(mechanism, name) for name in mechanism.parameters()}


def check_values(name: str, unit: str, values: np.ndarray) -> None:
    """Refuse values that no membrane has.

    Args:
        name: the parameter's name.
        unit: its unit.
        values: any shape, in that unit.

    Raises:
        ValueError: if a value is not finite, a conductance is negative, or a resistivity, capacitance or scale is not
            positive.
    """
    if not np.all(np.isfinite(values)):
        raise ValueError(must(name, f"be finite [{unit}]", float(values[~np.isfinite(values)][0])))
    if name in POSITIVE and not np.all(values > 0.0):
        raise ValueError(must(name, f"be positive [{unit}]", float(np.min(values))))
    if unit in _CONDUCTANCES and not np.all(values >= 0.0):
        raise ValueError(must(name, f"not be negative [{unit}]", float(np.min(values))))

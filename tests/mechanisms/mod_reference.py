"""Channels of published .mod files in NEURON: the numbers that the tests of a library file are compared with.

A reference module names its channels and calls `write`; the numbers are kept, the .mod files are not.
"""

import dataclasses
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests import neuron_cell

# mV, exact in single precision
VOLTAGES = np.linspace(-119.7, 79.3, 100).astype(np.float32).astype(float)
GBAR = 0.01  # S/cm2, under the ramp
N_RAMP, DT_RAMP, EVERY = 2000, 0.025, 50  # steps, ms, steps between samples
_FOREVER = 1e9  # ms, a step after which gates are at their steady state


@dataclasses.dataclass(frozen=True)
class ModChannel:
    """A channel as its file has it.

    Attributes:
        suffix: the file's name of the mechanism.
        gates: our name of a gate -> the file's.
        gbar: the file's name of the conductance, or several.
        current: the segment's variable of the current, or several that add up.
        others: parameters to set.
        section: variables of the section to set, such as the reversal potential.
        ours: our name of the conductance, or several.
        lowest: [mV] below which the file is not followed: there the numbers are those of this voltage.
    """

    suffix: str
    gates: Mapping[str, str]
    gbar: str
    current: str
    others: Mapping[str, float] = dataclasses.field(default_factory=dict)
    section: Mapping[str, float] = dataclasses.field(default_factory=dict)
    ours: str = "gbar"
    lowest: float = -1000.0

    def insert(self, section: Any) -> None:
        """Insert it into a section of NEURON, with all its values but the conductance."""
        section.insert(self.suffix)
        for name, value in self.others.items():
            setattr(section, f"{name}_{self.suffix}", value)
        for name, value in self.section.items():
            setattr(section, name, value)

    def set_gbar(self, section: Any, gbar: float) -> None:
        """Set its conductance [S/cm2]."""
        for name in self.gbar.split():
            setattr(section, f"{name}_{self.suffix}", gbar)


def ramp() -> np.ndarray:
    """(N_RAMP,) [mV]: from -100 up to 40 and back."""
    return -100.0 + 140.0 * (1.0 - np.abs(np.linspace(-1.0, 1.0, N_RAMP)))


def load(folder: str, files: Iterable[str], known: str) -> Any:
    """NEURON with the mechanisms of some files, compiled in a temporary folder; `known` is a suffix of theirs."""
    h = neuron_cell.neuron()
    if hasattr(h, known):
        return h
    with tempfile.TemporaryDirectory() as place:
        for name in files:
            shutil.copy(Path(folder) / f"{name}.mod", place)
        compiler = Path(sys.executable).with_name("nrnivmodl")
        subprocess.run([compiler, "."], cwd=place, check=True, capture_output=True)
        h.nrn_load_dll(str(next(Path(place).glob("*/libnrnmech.so"))))
    return h


def compartment(h: Any, channel: ModChannel) -> Any:
    """One compartment with one channel that is shut, so much capacitance that its voltage stays where it is put."""
    section = h.Section(name="one")
    section.cm = 1e15
    channel.insert(section)
    channel.set_gbar(section, 0.0)
    return section


def at_rest(h: Any, v: float) -> None:
    """A voltage, with all gates at their steady state there, wherever the file starts them."""
    h.finitialize(v)
    h.dt = _FOREVER
    h.fadvance()


def gate_tables(h: Any, channel: ModChannel, voltages: Iterable[float]) -> dict[str, list[list[float]]]:
    """gate -> [steady states, time constants] at the voltages.

    The time constant is read from the decay of a gate that is put one above its steady state, over the step of five
    that comes nearest to the time constant.
    """
    section = compartment(h, channel)
    mechanism = getattr(section(0.5), channel.suffix)
    table: dict[str, list[list[float]]] = {x: [[], []] for x in channel.gates}
    for v in voltages:
        at_rest(h, max(v, channel.lowest))
        x_inf = {x: getattr(mechanism, theirs) for x, theirs in channel.gates.items()}
        left: dict[str, list[tuple[float, float]]] = {x: [] for x in channel.gates}
        for dt in (0.01, 0.1, 1.0, 10.0, 100.0):
            h.dt = dt
            for x, theirs in channel.gates.items():
                setattr(mechanism, theirs, x_inf[x] + 1.0)
            h.fadvance()
            for x, theirs in channel.gates.items():
                left[x].append((getattr(mechanism, theirs) - x_inf[x], dt))
        for x in channel.gates:
            rest, dt = min(left[x], key=lambda pair: abs(pair[0] - 0.4))
            table[x][0].append(x_inf[x])
            table[x][1].append(-dt / float(np.log(rest)))
    return table


def ramp_current(h: Any, channel: ModChannel) -> list[float]:
    """The current [mA/cm2] at every EVERY-th step of the voltage ramp."""
    section = compartment(h, channel)
    v = ramp().tolist()
    at_rest(h, v[0])  # without current, which over so long a step would move the voltage
    channel.set_gbar(section, GBAR)
    h.dt = DT_RAMP
    current = []
    for k, value in enumerate(v):
        section(0.5).v = value
        h.fadvance()
        if (k + 1) % EVERY == 0:
            h.fcurrent()
            current.append(sum(getattr(section(0.5), name) for name in channel.current.split()))
    return current


def write(file: Path, h: Any, channels: Mapping[str, ModChannel], singular: Iterable[float]) -> None:
    """The numbers of all channels, as JSON."""
    h.secondorder = 0
    data = {
        name: {
            "rates": gate_tables(h, channel, VOLTAGES.tolist()),
            "singular": gate_tables(h, channel, singular),
            "ramp": ramp_current(h, channel),
        }
        for name, channel in channels.items()
    }
    file.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")

"""The channels of Hay et al. (2011) in NEURON, from the published .mod files, and the numbers kept from them.

python -m tests.mechanisms.hay_2011_reference FOLDER        # writes data/hay_2011.json

FOLDER holds NaTs2_t.mod, NaTa_t.mod, Nap_Et2.mod, K_Pst.mod, K_Tst.mod, SKv3_1.mod, Im.mod and Ih.mod, as
github.com/BlueBrain/BluePyOpt has them in examples/l5pc/mechanisms. They are not part of this repository.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tests import neuron_cell

FOLDER = os.environ.get("JAXSIM_L5PC_MODS", "")  # where the .mod files lie
DATA = Path(__file__).with_name("data") / "hay_2011.json"
GATES = {
    "NaTs2_t": "mh", "NaTa_t": "mh", "Nap_Et2": "mh", "K_Pst": "mh", "K_Tst": "mh", "SKv3_1": "m", "Im": "m", "Ih": "m",
}  # fmt: skip
CURRENT = {
    "NaTs2_t": "ina", "NaTa_t": "ina", "Nap_Et2": "ina", "K_Pst": "ik", "K_Tst": "ik", "SKv3_1": "ik", "Im": "ik",
    "Ih": "ihcn",
}  # fmt: skip
REVERSAL = {"ina": ("ena", 50.0), "ik": ("ek", -85.0)}  # mV; Ih has its own
SINGULAR = [-154.9, -66.0, -64.4, -60.0, -38.0, -32.0, -17.0]  # mV
# mV, exact in single precision, none of them nearer than 0.1 to a singular one
VOLTAGES = np.linspace(-119.7, 79.3, 100).astype(np.float32).astype(float)
GBAR = 0.01  # S/cm2, under the ramp
N_RAMP, DT_RAMP, EVERY = 2000, 0.025, 50  # steps, ms, steps between samples


def ramp() -> np.ndarray:
    """(N_RAMP,) [mV]: from -100 up to 40 and back."""
    return -100.0 + 140.0 * (1.0 - np.abs(np.linspace(-1.0, 1.0, N_RAMP)))


def load(folder: str) -> Any:
    """NEURON with the eight mechanisms; they are compiled in a temporary folder."""
    h = neuron_cell.neuron()
    if hasattr(h, "NaTs2_t"):
        return h
    with tempfile.TemporaryDirectory() as place:
        for name in GATES:
            shutil.copy(Path(folder) / f"{name}.mod", place)
        compiler = Path(sys.executable).with_name("nrnivmodl")
        subprocess.run([compiler, "."], cwd=place, check=True, capture_output=True)
        h.nrn_load_dll(str(next(Path(place).glob("*/libnrnmech.so"))))
    return h


def compartment(h: Any, name: str, gbar: float) -> Any:
    """One compartment with one channel and so much capacitance that its voltage stays where it is put."""
    section = h.Section(name="one")
    section.insert(name)
    section.cm = 1e15
    setattr(section, f"g{name}bar_{name}", gbar)
    if CURRENT[name] in REVERSAL:
        setattr(section, *REVERSAL[CURRENT[name]])
    return section


def gate_tables(h: Any, name: str, voltages: list[float]) -> dict[str, list[list[float]]]:
    """gate -> [steady states, time constants] at the voltages.

    The steady state is what the gate starts at. The time constant is read from the decay of a gate that is put one
    above it, over the step of four that comes nearest to the time constant.
    """
    section = compartment(h, name, 0.0)
    mechanism = getattr(section(0.5), name)
    table: dict[str, list[list[float]]] = {x: [[], []] for x in GATES[name]}
    for v in voltages:
        h.finitialize(v)
        x_inf = {x: getattr(mechanism, x) for x in GATES[name]}
        left: dict[str, list[tuple[float, float]]] = {x: [] for x in GATES[name]}
        for dt in (0.01, 0.1, 1.0, 10.0, 100.0):
            h.dt = dt
            h.finitialize(v)
            for x in GATES[name]:
                setattr(mechanism, x, x_inf[x] + 1.0)
            h.fadvance()
            for x in GATES[name]:
                left[x].append((getattr(mechanism, x) - x_inf[x], dt))
        for x in GATES[name]:
            rest, dt = min(left[x], key=lambda pair: abs(pair[0] - 0.4))
            table[x][0].append(x_inf[x])
            table[x][1].append(-dt / float(np.log(rest)))
    return table


def ramp_current(h: Any, name: str) -> list[float]:
    """The current [mA/cm2] at every EVERY-th step of the voltage ramp."""
    section = compartment(h, name, GBAR)
    mechanism = getattr(section(0.5), name)
    h.dt = DT_RAMP
    v = ramp().tolist()
    h.finitialize(v[0])
    current = []
    for k, value in enumerate(v):
        section(0.5).v = value
        h.fadvance()
        if (k + 1) % EVERY == 0:
            h.fcurrent()
            current.append(getattr(mechanism, CURRENT[name]))
    return current


def main() -> None:
    """Write the file."""
    h = load(sys.argv[1])
    h.secondorder = 0
    data = {
        name: {
            "rates": gate_tables(h, name, VOLTAGES.tolist()),
            "singular": gate_tables(h, name, SINGULAR),
            "ramp": ramp_current(h, name),
        }
        for name in GATES
    }
    DATA.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

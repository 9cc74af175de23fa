"""Calcium in concentric shells in NEURON, from published .mod files, and the numbers kept from them.

python -m tests.mechanisms.shells_reference FOLDER        # writes data/shells.json

FOLDER holds cadif.mod and cabpump.mod, as github.com/neuronsimulator/nrn has them in docs/nmodl/mod and
share/demo/release, and spike.mod of ModelDB 3673, whose calcium current fills them. They are not part of this
repository.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tests.mechanisms.mod_reference import load

DATA = Path(__file__).with_name("data") / "shells.json"
DIAM, GCABAR, DT = 10.0, 0.002, 0.025  # um, S/cm2, ms
PROTOCOL = [-70.0] * 40 + [0.0] * 160 + [-70.0] * 200  # mV, of each step
EVERY = 20
# our pool -> suffix and the names of its states in the order of ours
POOLS = {
    "CaBufferShells": ("cadifus", [f"ca[{k}]" for k in range(4)] + [f"CaBuffer[{k}]" for k in range(4)]),
    "CaPumpShells": ("cadifpmp", [f"ca[{k}]" for k in range(10)] + ["pump", "pumpca"]),
}


def run(h: Any, suffix: str, states: list[str]) -> dict[str, list[Any]]:
    """The channel's ica [mA/cm2] of each step, the pump's at the end of it, and every EVERY-th step all states."""
    section = h.Section(name="one")
    section.L = section.diam = DIAM
    section.cm = 1e15
    section.insert("spike")
    section.insert(suffix)
    section.gcabar_spike = GCABAR
    h.secondorder, h.dt, h.celsius = 0, DT, 22.0
    h.finitialize(PROTOCOL[0])
    mechanism = getattr(section(0.5), suffix)
    found: dict[str, list[Any]] = {"ica": [], "pump": [], "states": []}
    for k, v in enumerate(PROTOCOL):
        section(0.5).v = v
        h.fadvance()
        found["ica"].append(section(0.5).ica - getattr(mechanism, "ica_pmp_last", 0.0))
        found["pump"].append(getattr(mechanism, "ica_pmp", 0.0))
        if (k + 1) % EVERY == 0:
            found["states"].append([value(mechanism, x) for x in states])
    return found


def value(mechanism: Any, name: str) -> float:
    """A state of NEURON's by its name, with its index if it has one."""
    array, _, index = name.rstrip("]").partition("[")
    found = getattr(mechanism, array)
    return float(found[int(index)]) if index else float(found)


def main() -> None:
    """Write the file."""
    h = load(sys.argv[1], ["cadif", "cabpump", "spike"], "cadifus")
    data = {name: run(h, *what) for name, what in POOLS.items()}
    DATA.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

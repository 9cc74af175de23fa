"""The sodium channel of Carter et al. (2012) in NEURON, from the published .mod file, and the numbers kept from it.

python -m tests.mechanisms.carter_2012_reference FOLDER        # writes data/carter_2012.json

FOLDER holds NaV.mod, as in `gouwens_2018_reference`.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tests.mechanisms.mod_reference import VOLTAGES, ModChannel, at_rest, compartment, load, ramp_current

DATA = Path(__file__).with_name("data") / "carter_2012.json"
STATES = ("C1", "C2", "C3", "C4", "C5", "I1", "I2", "I3", "I4", "I5", "I6", "O")
NAV = ModChannel("NaV", {x: x for x in STATES}, "gbar", "ina", section={"ena": 53.0})
CELSIUS, HOLD, DT = 34.0, -80.0, 0.025  # degC; mV from where a step of DT ms goes to each voltage


def occupancies(h: Any) -> dict[str, dict[str, list[float]]]:
    """State -> at rest at each of VOLTAGES, and after one step from rest at HOLD."""
    section = compartment(h, NAV)
    mechanism = section(0.5).NaV
    rest: dict[str, list[float]] = {x: [] for x in STATES}
    stepped: dict[str, list[float]] = {x: [] for x in STATES}
    for v in VOLTAGES.tolist():
        at_rest(h, v)
        for x in STATES:
            rest[x].append(getattr(mechanism, x))
        at_rest(h, HOLD)
        section(0.5).v = v
        h.dt = DT
        h.fadvance()
        for x in STATES:
            stepped[x].append(getattr(mechanism, x))
    return {"rest": rest, "stepped": stepped}


def main() -> None:
    """Write the file."""
    h = load(sys.argv[1], ["NaV"], "NaV")
    h.celsius, h.secondorder = CELSIUS, 0
    data = {**occupancies(h), "ramp": ramp_current(h, NAV)}
    DATA.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

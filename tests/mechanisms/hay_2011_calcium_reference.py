"""The calcium mechanisms of Hay et al. (2011) in NEURON, from the published .mod files, and the numbers kept from them.

python -m tests.mechanisms.hay_2011_calcium_reference FOLDER        # writes data/hay_2011_c*.json

FOLDER as in `hay_2011_reference`; it holds Ca_HVA.mod, Ca_LVAst.mod, SK_E2.mod and CaDynamics_E2.mod too.
"""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

import jaxsim as js
from tests.mechanisms import hay_2011_reference
from tests.mechanisms.mod_cell import ModCell
from tests.mechanisms.mod_reference import ModChannel, at_rest, compartment, load, write

DATA = Path(__file__).with_name("data") / "hay_2011_calcium.json"
CELL_DATA = DATA.with_name("hay_2011_cell.json")
CAI = 3e-4  # mM, under which SK_E2's rates and ramp are taken
_CALCIUM = {"eca": 120.0}
CHANNELS = {
    "Ca_HVA": ModChannel("Ca_HVA", {"m": "m", "h": "h"}, "gCa_HVAbar", "ica", section=_CALCIUM),
    "Ca_LVA": ModChannel("Ca_LVAst", {"m": "m", "h": "h"}, "gCa_LVAstbar", "ica", section=_CALCIUM),
    "SK_E2": ModChannel("SK_E2", {"z": "z"}, "gSK_E2bar", "ik", section={"ek": -85.0, "cai": CAI}),
}
OURS: dict[str, dict[str, float]] = {"Ca_HVA": {"e": 120.0}, "Ca_LVA": {"e": 120.0}, "SK_E2": {"cai": CAI}}
SINGULAR = [-27.0]  # mV
CALCIUM = np.logspace(-6, 0, 25).tolist()  # mM

# A cell of all twelve mechanisms that fires; S/cm2.
DENSITY = {
    "NaTs2_t": 0.05, "NaTa_t": 0.05, "Nap_Et2": 1e-4, "K_Pst": 0.002, "K_Tst": 0.005, "SKv3_1": 0.05, "Im": 1e-4,
    "Ih": 1e-4, "Ca_HVA": 2e-4, "Ca_LVA": 1e-3, "SK_E2": 5e-4,
}  # fmt: skip
CELL = ModCell(
    channels={
        **hay_2011_reference.CHANNELS,
        **{name: dataclasses.replace(channel, section={}) for name, channel in CHANNELS.items()},
    },
    density=DENSITY,
    pool=js.CaDynamics_E2,
    suffix="CaDynamics_E2",
    pool_values={"gamma": 0.05, "decay": 40.0},
    calcium=js.Calcium(celsius=34.0),
    section={"ena": 50.0, "ek": -85.0},
)


def neuron(folder: str) -> Any:
    """NEURON with the twelve mechanisms."""
    files = [*hay_2011_reference.CHANNELS, *(c.suffix for c in CHANNELS.values()), "CaDynamics_E2"]
    return load(folder, files, "CaDynamics_E2")


def open_at_calcium(h: Any) -> list[float]:
    """z_inf of SK_E2 at each of CALCIUM."""
    section = compartment(h, CHANNELS["SK_E2"])
    found = []
    for cai in CALCIUM:
        section.cai = cai
        at_rest(h, -70.0)
        found.append(section(0.5).SK_E2.z)
    return found


def main() -> None:
    """Write the files."""
    h = neuron(sys.argv[1])
    write(DATA, h, CHANNELS, SINGULAR)
    data: dict[str, Any] = {str(secondorder): CELL.neurons(h, secondorder) for secondorder in (0, 2)}
    data["z_inf"] = open_at_calcium(h)
    CELL_DATA.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

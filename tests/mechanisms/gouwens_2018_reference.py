"""The mechanisms of Gouwens et al. (2018) in NEURON, from the published .mod files, and the numbers kept from them.

python -m tests.mechanisms.gouwens_2018_reference FOLDER        # writes data/gouwens_2018*.json

FOLDER holds the .mod files that github.com/AllenInstitute/bmtk has in bmtk/utils/scripts/bionet/mechanisms/modfiles.
They are not part of this repository. Several of them are mechanisms of hay_2011 under other names.
"""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import jaxsim as js
from tests.mechanisms.carter_2012_reference import NAV
from tests.mechanisms.mod_cell import ModCell
from tests.mechanisms.mod_reference import ModChannel, load, write

DATA = Path(__file__).with_name("data") / "gouwens_2018.json"
CELL_DATA = DATA.with_name("gouwens_2018_cell.json")
CELSIUS, CAI = 34.0, 3e-4  # degC; mM, under which SK's rates and ramp are taken
_SODIUM, _POTASSIUM, _CALCIUM = {"ena": 53.0}, {"ek": -107.0}, {"eca": 120.0}


def _channel(suffix: str, gates: str, current: str, section: dict[str, float], **more: float) -> ModChannel:
    return ModChannel(suffix, {x: x for x in gates.split()}, "gbar", current, section=section, **more)  # type: ignore[arg-type]


CHANNELS = {
    "NaTs": _channel("NaTs", "m h", "ina", _SODIUM),
    "NaTa": _channel("NaTa", "m h", "ina", _SODIUM),
    "Nap": _channel("Nap", "h", "ina", _SODIUM),
    "K_P": _channel("K_P", "m h", "ik", _POTASSIUM),
    "K_T": _channel("K_T", "m h", "ik", _POTASSIUM),
    "Kv2like": _channel("Kv2like", "m h1 h2", "ik", _POTASSIUM, lowest=-118.0),  # tau_h2 is negative below -119
    "Kd": _channel("Kd", "m h", "ik", _POTASSIUM),
    "Im_v2": _channel("Im_v2", "m", "ik", _POTASSIUM),
    "SKv3_1": _channel("Kv3_1", "m", "ik", _POTASSIUM),
    "Im": _channel("Im", "m", "ik", _POTASSIUM),
    "Ih": _channel("Ih", "m", "ihcn_Ih", {}),
    "Ca_HVA": _channel("Ca_HVA", "m h", "ica", _CALCIUM),
    "Ca_LVA": _channel("Ca_LVA", "m h", "ica", _CALCIUM),
    "SK_E2": _channel("SK", "z", "ik", {**_POTASSIUM, "cai": CAI}),
}
OURS: dict[str, dict[str, float]] = {
    "SKv3_1": {"e": -107.0},
    "Im": {"e": -107.0},
    "Ca_HVA": {"e": 120.0},
    "Ca_LVA": {"e": 120.0},
    "SK_E2": {"e": -107.0, "cai": CAI},
}
SINGULAR = [-154.9, -69.0, -66.0, -64.4, -48.0, -40.0, -27.0, -17.0, 43.0]  # mV

# A cell that fires; S/cm2. All mechanisms but Nap: NEURON takes the slope of what opens at once by a difference over
# 0.001 mV, which in this cell moves the voltage by up to 3e-4 mV.
DENSITY = {
    "NaTs": 0.05, "NaTa": 0.02, "K_P": 0.002, "K_T": 0.005, "Kv2like": 0.002, "Kd": 1e-4, "Im_v2": 1e-4,
    "SKv3_1": 0.05, "Im": 1e-4, "Ih": 1e-4, "Ca_HVA": 2e-4, "Ca_LVA": 1e-3, "SK_E2": 5e-4, "NaV": 0.01,
}  # fmt: skip
CELL = ModCell(
    channels={name: dataclasses.replace(c, section={}) for name, c in {**CHANNELS, "NaV": NAV}.items()},
    density=DENSITY,
    ours={name: {"e": -107.0} for name in ("SKv3_1", "Im", "SK_E2")},
    pool=js.CaDynamics_E2,
    suffix="CaDynamics",
    pool_values={"gamma": 0.05, "decay": 40.0},
    calcium=js.Calcium(inside=1e-4, celsius=CELSIUS),
    pulse={"amp": 0.6, "start": 2.0, "stop": 35.0},
    section={"ena": 53.0, "ek": -107.0},
)


def neuron(folder: str) -> Any:
    """NEURON with all the files, at their temperature."""
    files = [*(c.suffix for c in CHANNELS.values()), NAV.suffix, CELL.suffix]
    h = load(folder, files, "Kv2like")
    h.celsius = CELSIUS
    return h


def main() -> None:
    """Write the files."""
    h = neuron(sys.argv[1])
    write(DATA, h, CHANNELS, SINGULAR)
    cell = {str(secondorder): CELL.neurons(h, secondorder) for secondorder in (0, 2)}
    CELL_DATA.write_text(json.dumps(cell, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

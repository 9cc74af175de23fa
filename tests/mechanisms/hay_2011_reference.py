"""The channels of Hay et al. (2011) in NEURON, from the published .mod files, and the numbers kept from them.

python -m tests.mechanisms.hay_2011_reference FOLDER        # writes data/hay_2011.json

FOLDER holds NaTs2_t.mod, NaTa_t.mod, Nap_Et2.mod, K_Pst.mod, K_Tst.mod, SKv3_1.mod, Im.mod and Ih.mod, as
github.com/BlueBrain/BluePyOpt has them in examples/l5pc/mechanisms. They are not part of this repository.
"""

import os
import sys
from pathlib import Path
from typing import Any

from tests.mechanisms.mod_reference import ModChannel, load, write

FOLDER = os.environ.get("JAXSIM_L5PC_MODS", "")  # where the .mod files lie
DATA = Path(__file__).with_name("data") / "hay_2011.json"
_SODIUM, _POTASSIUM = {"ena": 50.0}, {"ek": -85.0}  # mV; Ih has its own


def _channel(name: str, gates: str, current: str, section: dict[str, float]) -> ModChannel:
    return ModChannel(name, {x: x for x in gates}, f"g{name}bar", current, section=section)


CHANNELS = {
    name: _channel(name, gates, current, section)
    for name, gates, current, section in (
        ("NaTs2_t", "mh", "ina", _SODIUM),
        ("NaTa_t", "mh", "ina", _SODIUM),
        ("Nap_Et2", "mh", "ina", _SODIUM),
        ("K_Pst", "mh", "ik", _POTASSIUM),
        ("K_Tst", "mh", "ik", _POTASSIUM),
        ("SKv3_1", "m", "ik", _POTASSIUM),
        ("Im", "m", "ik", _POTASSIUM),
        ("Ih", "m", "ihcn_Ih", {}),
    )
}
OURS: dict[str, dict[str, float]] = {}  # parameters that are not our default
SINGULAR = [-154.9, -66.0, -64.4, -60.0, -38.0, -32.0, -17.0]  # mV


def neuron(folder: str) -> Any:
    """NEURON with the eight mechanisms."""
    return load(folder, CHANNELS, "NaTs2_t")


def main() -> None:
    """Write the file."""
    write(DATA, neuron(sys.argv[1]), CHANNELS, SINGULAR)


if __name__ == "__main__":
    main()

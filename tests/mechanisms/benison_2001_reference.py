"""The channels of Benison et al. (2001) and of Skaliora et al. (1995) in NEURON, and the numbers kept from them.

python -m tests.mechanisms.benison_2001_reference FOLDER        # writes data/benison_2001.json

FOLDER holds nargc.mod, kargc.mod, kdrgc.mod, canrgc.mod and calrgc.mod, as ModelDB has them under 3457, 3488, 3489 and
3491. They are not part of this repository.
"""

import sys
from pathlib import Path
from typing import Any

from jaxsim import units
from tests.mechanisms.mod_reference import ModChannel, load, write

DATA = Path(__file__).with_name("data") / "benison_2001.json"
CELSIUS = 24.0
# degC, at which our R T / F is that of kdrgc, whose constants are rounded
OUR_CELSIUS = 8.315 * (273.16 + CELSIUS) / 9.648e4 * units.FARADAY / units.GAS_CONSTANT - units.ZERO_CELSIUS


def _channel(suffix: str, gates: str, current: str, **section: float) -> ModChannel:
    return ModChannel(suffix, {x: x for x in gates}, "gbar", current, section=section)


CHANNELS = {
    "Na_RGC": _channel("nargc", "mh", "ina", ena=50.0),
    "KA_RGC": _channel("kargc", "mh", "ik", ek=-85.0),
    "Kdr_RGC": _channel("kdrgc", "mh", "ik", ek=-85.0),
    "CaN_RGC": _channel("canrgc", "mh", "ica", eca=55.0),
    "CaL_RGC": _channel("calrgc", "m", "ica", eca=45.0),
}
OURS = {"Kdr_RGC": {"celsius": OUR_CELSIUS}}
SINGULAR = [-29.0, -15.0, 3.0, 20.0]  # mV


def neuron(folder: str) -> Any:
    """NEURON with the five files, at their temperature."""
    h = load(folder, [c.suffix for c in CHANNELS.values()], "nargc")
    h.celsius = CELSIUS
    return h


def main() -> None:
    """Write the file."""
    write(DATA, neuron(sys.argv[1]), CHANNELS, SINGULAR)


if __name__ == "__main__":
    main()

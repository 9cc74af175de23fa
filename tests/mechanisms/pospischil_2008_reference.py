"""The channels of Pospischil et al. (2008) in NEURON, from the published .mod files, and the numbers kept from them.

python -m tests.mechanisms.pospischil_2008_reference FOLDER        # writes data/pospischil_2008.json

FOLDER holds HH_traub.mod, IM_cortex.mod, IL_gutnick.mod and IT_huguenard.mod, as ModelDB has them under 123623. They
are not part of this repository.
"""

import math
import os
import sys
from pathlib import Path
from typing import Any

from jaxsim import units
from tests.mechanisms.mod_reference import ModChannel, load, write

FOLDER = os.environ.get("JAXSIM_POSPISCHIL_MODS", "")  # where the .mod files lie
DATA = Path(__file__).with_name("data") / "pospischil_2008.json"
FILES = ("HH_traub", "IM_cortex", "IL_gutnick", "IT_huguenard")
CELSIUS = 36.0
CAI, CAO = 2.4e-4, 2.0  # mM, of the files
# mV, Nernst's potential
E_CA = 1e3 * units.GAS_CONSTANT * (CELSIUS + units.ZERO_CELSIUS) / (2 * units.FARADAY) * math.log(CAO / CAI)
_POTASSIUM, _CALCIUM = {"ek": -100.0}, {"cai": CAI, "cao": CAO}
OURS = {"CaL": {"e": E_CA}, "CaT": {"e": E_CA}}  # parameters that are not our default
CHANNELS = {
    "Na": ModChannel("hh2", {"m": "m", "h": "h"}, "gnabar", "ina", {"gkbar": 0.0, "vtraub": -55.0}, {"ena": 50.0}),
    "K": ModChannel("hh2", {"n": "n"}, "gkbar", "ik", {"gnabar": 0.0, "vtraub": -55.0}, _POTASSIUM),
    "Km": ModChannel("im", {"p": "m"}, "gkbar", "ik", section=_POTASSIUM),
    "CaL": ModChannel("ical", {"q": "m", "r": "h"}, "gcabar", "ica"),
    "CaT": ModChannel("it", {"u": "h"}, "gcabar", "ica", section=_CALCIUM),
}
SINGULAR = [-42.0, -40.0, -15.0]  # mV; at -27 the file of CaL is not a number


def neuron(folder: str) -> Any:
    """NEURON with the four files, at their temperature, without their table."""
    h = load(folder, FILES, "hh2")
    h.celsius = CELSIUS
    h.usetable_im = 0
    return h


def main() -> None:
    """Write the file."""
    write(DATA, neuron(sys.argv[1]), CHANNELS, SINGULAR)


if __name__ == "__main__":
    main()

"""The calcium current of Destexhe et al. (1998) in NEURON, from the published .mod file, and the numbers kept from it.

python -m tests.mechanisms.destexhe_1998_reference FOLDER        # writes data/destexhe_1998.json

FOLDER holds ITGHK.mod, as ModelDB has it under 279. It is not part of this repository.
"""

import sys
from pathlib import Path
from typing import Any

from tests.mechanisms.mod_reference import ModChannel, load, write

DATA = Path(__file__).with_name("data") / "destexhe_1998.json"
CELSIUS = 36.0
_CALCIUM = {"cai": 2.4e-4, "cao": 2.0}
CHANNELS = {
    "CaT_GHK": ModChannel("itGHK", {"m": "m", "h": "h"}, "pcabar", "ica", section=_CALCIUM, ours="pbar"),
}
OURS: dict[str, dict[str, float]] = {}
SINGULAR: list[float] = []  # of the rates; the current is at 0 mV


def neuron(folder: str) -> Any:
    """NEURON with the file, at its temperature."""
    h = load(folder, ["ITGHK"], "itGHK")
    h.celsius = CELSIUS
    return h


def main() -> None:
    """Write the file."""
    write(DATA, neuron(sys.argv[1]), CHANNELS, SINGULAR)


if __name__ == "__main__":
    main()

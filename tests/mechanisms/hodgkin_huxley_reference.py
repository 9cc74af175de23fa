"""NEURON's hh, and the numbers kept from it.

python -m tests.mechanisms.hodgkin_huxley_reference        # writes data/hodgkin_huxley.json
"""

from pathlib import Path
from typing import Any

from tests import neuron_cell
from tests.mechanisms.mod_reference import ModChannel, write

DATA = Path(__file__).with_name("data") / "hodgkin_huxley.json"
CELSIUS = 18.5
CHANNELS = {
    "HH": ModChannel(
        "hh", {x: x for x in "mhn"}, "gnabar gkbar gl", "ina ik il_hh", {"el": -54.3}, {"ena": 50.0, "ek": -77.0},
        ours="gbar_na gbar_k gbar_leak",
    )
}  # fmt: skip
OURS = {"HH": {"celsius": CELSIUS}}
SINGULAR = [-55.0, -40.0]  # mV


def neuron() -> Any:
    """NEURON at the temperature, without hh's table."""
    h = neuron_cell.neuron()
    h.usetable_hh, h.celsius = 0, CELSIUS
    return h


def main() -> None:
    """Write the file."""
    write(DATA, neuron(), CHANNELS, SINGULAR)


if __name__ == "__main__":
    main()

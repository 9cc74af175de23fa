"""The channels of Fohlmeister & Miller (1997) in NEURON, from the published .mod files, and the numbers kept from them.

python -m tests.mechanisms.fohlmeister_1997_reference FOLDER        # writes data/fohlmeister_1997*.json

FOLDER holds spike.mod and capump.mod, as ModelDB has them under 3673. They are not part of this repository. spike takes
its gates through a step by itself, x + (1 - exp(-dt / tau)) (x_inf - x), which is the exact step of `Rate`.
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

import jax

import jaxsim as js
from tests.mechanisms.mod_cell import ModCell
from tests.mechanisms.mod_reference import ModChannel, load, write

DATA = Path(__file__).with_name("data") / "fohlmeister_1997.json"
CELL_DATA = DATA.with_name("fohlmeister_1997_cell.json")
CELSIUS, FARADAY = 22.0, 96489.0  # degC; C/mol, of capump
INSIDE, OUTSIDE = 3e-4, 1.8  # mM, calcium under which rates and ramps are taken
_GBARS = ("gnabar", "gkbar", "gabar", "gcabar", "gkcbar")
_CALCIUM = {"cai": INSIDE, "cao": OUTSIDE}  # NEURON takes eca from them


def _channel(gates: str, gbar: str, current: str, **section: float) -> ModChannel:
    others = {other: 0.0 for other in _GBARS if other != gbar}
    return ModChannel("spike", {x: x for x in gates}, gbar, current, others, section)


CHANNELS = {
    "Na_FM": _channel("mh", "gnabar", "ina", ena=35.0),
    "K_FM": _channel("n", "gkbar", "idrk_spike", ek=-75.0),
    "KA_FM": _channel("pq", "gabar", "iak_spike", ek=-75.0),
    "Ca_FM": _channel("c", "gcabar", "ica", **_CALCIUM),
    "KCa_FM": _channel("", "gkcbar", "icak_spike", ek=-75.0, **_CALCIUM),
}
_THERMAL = 1e3 * js.units.GAS_CONSTANT * (CELSIUS + js.units.ZERO_CELSIUS) / js.units.FARADAY  # mV
OURS: dict[str, dict[str, float]] = {
    "Ca_FM": {"e": 0.5 * _THERMAL * math.log(OUTSIDE / INSIDE)},
    "KCa_FM": {"cai": INSIDE},
}
SINGULAR = [-90.0, -40.0, -30.0, -13.0]  # mV


@js.struct
class ImplicitCaDecay(js.CaDecay):
    """CaDecay as capump steps it: by implicit Euler, not exactly.

    Attributes: as of `CaDecay`.
    """

    def rates(self, v: jax.Array) -> dict[str, js.Rate]:
        return {}

    def derivative(self, v: jax.Array, state: dict[str, jax.Array]) -> dict[str, jax.Array]:
        rate = js.CaDecay.rates(self, v)["cai"]
        return {"cai": rate.opening - rate.decay * state["cai"]}


# A cell that fires, with the conductances of the file.
CELL = ModCell(
    channels={name: ModChannel("spike", c.gates, c.gbar, c.current) for name, c in CHANNELS.items()},
    density={"Na_FM": 0.05, "K_FM": 0.012, "KA_FM": 0.036, "Ca_FM": 0.002, "KCa_FM": 5e-5},
    pool=ImplicitCaDecay,
    suffix="cad",
    pool_values={"depth": 3.0, "taur": 10.0, "cainf": 1e-4},
    pool_ours={"depth": 3.0 * FARADAY / js.units.FARADAY},
    calcium=js.Calcium(inside=1e-4, outside=1.8, celsius=CELSIUS),
    section={"ena": 35.0, "ek": -75.0},
    v=-65.0,
    celsius=CELSIUS,
)


def neuron(folder: str) -> Any:
    """NEURON with both files, at their temperature."""
    h = load(folder, ["spike", "capump"], "spike")
    h.celsius = CELSIUS
    return h


def main() -> None:
    """Write the files. The rates are not a number at their singular points: they are taken 1e-4 mV beside."""
    h = neuron(sys.argv[1])
    write(DATA, h, CHANNELS, [v + 1e-4 for v in SINGULAR])
    cell = {str(secondorder): CELL.neurons(h, secondorder) for secondorder in (0, 2)}
    CELL_DATA.write_text(json.dumps(cell, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

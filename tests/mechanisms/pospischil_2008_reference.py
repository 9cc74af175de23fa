"""The channels of Pospischil et al. (2008) in NEURON, from the published .mod files, and the numbers kept from them.

python -m tests.mechanisms.pospischil_2008_reference FOLDER        # writes data/pospischil_2008.json and _cells.json

FOLDER holds HH_traub.mod, IM_cortex.mod, IL_gutnick.mod and IT_huguenard.mod, as ModelDB has them under 123623. They
are not part of this repository.
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

import jax
import numpy as np

import jaxsim as js
from jaxsim import units
from jaxsim.mechanisms.library import CHANNELS as OUR_CHANNELS
from tests.mechanisms.mod_reference import ModChannel, load, write

DATA = Path(__file__).with_name("data") / "pospischil_2008.json"
CELLS_DATA = DATA.with_name("pospischil_2008_cells.json")
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

T_END, DT, EVERY = 400.0, 0.025, 40  # ms, ms, steps between the samples kept of a cell
PULSE = {"start": 20.0, "stop": 380.0}
# cell -> nA, leak, channel -> S/cm2
CELLS: dict[str, tuple[float, tuple[float, float], dict[str, float]]] = {
    "regular": (0.75, (1e-4, -70.0), {"Na": 0.05, "K": 0.005, "Km": 7e-5}),
    "bursting": (0.15, (1e-5, -85.0), {"Na": 0.05, "K": 0.005, "Km": 3e-5, "CaL": 1.7e-4}),
    "low threshold": (0.15, (1e-5, -85.0), {"Na": 0.05, "K": 0.005, "Km": 3e-5, "CaT": 4e-4}),
}


def neuron(folder: str) -> Any:
    """NEURON with the four files, at their temperature, without their table."""
    h = load(folder, FILES, "hh2")
    h.celsius = CELSIUS
    h.usetable_im = 0
    return h


def here(kind: str, **other: js.AbstractChannel) -> js.Cell:
    """A cell of CELLS, its voltage recorded; `other` channels stand in place of those of the name."""
    amp, (g, e), densities = CELLS[kind]
    cell = js.Cell(js.cylinder(96.0, 48.0), js.PerBranch(1), v=e).insert(js.Leak(gbar=g, e=e))
    for name, gbar in densities.items():
        cell.insert(other.get(name, OUR_CHANNELS[name](gbar=gbar, **OURS.get(name, {}))))
    middle = cell.loc(0, 0.5)
    return cell.stimulate(middle, js.Pulse(amp=amp, **PULSE)).record(middle)


def neurons(h: Any, kind: str, secondorder: int) -> list[float]:
    """The voltage [mV] of the same cell at every EVERY-th step; what the files start at 0 begins where ours does."""
    amp, (g, e), densities = CELLS[kind]
    section = h.Section(name="cell")
    section.L = section.diam = 96.0
    section.cm = 1.0
    section.insert("pas")
    section.g_pas, section.e_pas = g, e
    for name in densities:
        CHANNELS[name].insert(section)
    for name, gbar in densities.items():  # after all are there: Na and K are one mechanism
        CHANNELS[name].set_gbar(section, gbar)
    clamp = h.IClamp(section(0.5))
    clamp.delay, clamp.dur, clamp.amp = PULSE["start"], PULSE["stop"] - PULSE["start"], amp
    with jax.enable_x64(True):
        gates = js.init(here(kind).compile("float64")).gates
        opening = float(js.CaT().held(np.asarray(e), {})["s_inf"])
    h.secondorder, h.dt = secondorder, DT
    h.finitialize(e)
    for name in densities:
        for x, state in CHANNELS[name].gates.items():
            setattr(getattr(section(0.5), CHANNELS[name].suffix), state, float(gates[name][x][0]))
    if "CaT" in densities:
        section(0.5).it.m_inf = opening
    v = [section(0.5).v]
    for _ in range(round(T_END / DT)):
        h.fadvance()
        v.append(section(0.5).v)
    return v[::EVERY]


def main() -> None:
    """Write the files."""
    h = neuron(sys.argv[1])
    write(DATA, h, CHANNELS, SINGULAR)
    cells = {kind: {str(secondorder): neurons(h, kind, secondorder) for secondorder in (0, 2)} for kind in CELLS}
    CELLS_DATA.write_text(json.dumps(cells, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

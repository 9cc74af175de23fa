"""Calcium pools that decay in NEURON, from the published .mod files, and the numbers kept from them.

python -m tests.mechanisms.destexhe_1993_reference FOLDER FILE        # FILE of FILES; into data/destexhe_1993.json

FOLDER holds the three of FILES, as ModelDB has them under 279 (cadecay.mod), 2488 (cad.mod, as cad_mainen.mod) and 3673
(capump.mod), and spike.mod of 3673, whose calcium current fills them. They are not part of this repository. All three
have the suffix cad: one file a run.
"""

import json
import sys
from pathlib import Path
from typing import Any

import jaxsim as js
from tests.mechanisms.mod_reference import DT_RAMP, EVERY, GBAR, load, ramp

DATA = Path(__file__).with_name("data") / "destexhe_1993.json"
_ROUNDED = js.units.FARADAY / 96489.0  # the files with this Faraday constant are those with such a depth
# file -> our pool
FILES = {
    "cadecay": js.CaDecay(depth=0.1 / _ROUNDED),
    "cad_mainen": js.CaDecay(taur=200.0, cainf=1e-4),
    "capump": js.CaDecay(depth=0.1 / _ROUNDED, taur=1.5, cainf=1e-4),
}


def steps(h: Any) -> list[list[float]]:
    """ica [mA/cm2], cai [mM] before and after, of every EVERY-th step along the ramp of voltages."""
    section = h.Section(name="one")
    section.cm = 1e15
    section.insert("spike")
    section.insert("cad")
    section.gcabar_spike = GBAR
    h.secondorder, h.dt, h.celsius = 0, DT_RAMP, 22.0
    v = ramp().tolist()
    h.finitialize(v[0])
    rows = []
    for k, value in enumerate(v):
        section(0.5).v = value
        before = section(0.5).cai
        h.fadvance()
        if (k + 1) % EVERY == 0:
            rows.append([section(0.5).ica, before, section(0.5).cai])
    return rows


def main() -> None:
    """Add a pool's numbers to the file."""
    folder, name = sys.argv[1:]
    data = json.loads(DATA.read_text(encoding="utf-8")) if DATA.exists() else {}
    data[name] = steps(load(folder, [name, "spike"], "spike"))
    DATA.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

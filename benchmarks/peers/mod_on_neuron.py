"""NEURON's side of `benchmarks.mod_agreement`: one process, a fork for each run.

python -m benchmarks.peers.mod_on_neuron FOLDER     # with the compiled mechanisms and plan.json
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

DT, STEPS, CELSIUS = 0.025, 1600, 16.0  # ms, degC
AMP, START, STOP = 0.5, 2.0, 12.0  # nA, ms, of the pulse that makes it spike
RAMP = 4.0 * np.pi * 20.0 * 20.0 * 1e-2  # nA: 4 mA/cm2, which is 4 mV/ms through 1000 uF/cm2
_LIMIT = 20.0  # s for one run


def run(h: Any, name: str, plan: dict[str, Any], slow: bool) -> dict[str, np.ndarray]:
    """One run of one mechanism: the slow ramp, or the spikes."""
    section = h.Section(name="one")
    section.L = section.diam = 20.0
    section.insert("hh")
    if not plan["point"]:
        section.insert(name)
    h.celsius, h.usetable_hh, h.secondorder, h.dt = CELSIUS, 0, 0, DT
    if hasattr(h, f"usetable_{name}"):
        setattr(h, f"usetable_{name}", 0)
    middle = section(0.5)
    mechanism = getattr(h, name)(middle) if plan["point"] else getattr(middle, name)
    for parameter, value in {**plan["long"], **plan["zero"]}.items():
        holder, key = (mechanism, parameter) if hasattr(mechanism, parameter) else (h, f"{parameter}_{name}")
        if parameter in plan["zero"] or hasattr(holder, key):
            setattr(holder, key, value)
    ramp, pulse = h.IClamp(middle), h.IClamp(middle)
    ramp.delay, ramp.dur, pulse.delay, pulse.dur = 0.0, 1e9, START, STOP - START
    vectors = {"v": h.Vector().record(middle._ref_v)}
    for state in plan["states"]:
        vectors |= _state(h, mechanism, state)
    for variable in [*plan["concentrations"], *(f"i{ion}" for ion in plan["carried"])]:
        vectors[variable] = h.Vector().record(getattr(middle, f"_ref_{variable}"))
    section.cm = 1000.0 if slow else 1.0
    middle.hh.gnabar, middle.hh.gkbar, middle.hh.gl = (0.0, 0.0, 0.0) if slow else (0.12, 0.036, 0.0003)
    ramp.amp, pulse.amp = (RAMP, 0.0) if slow else (0.0, AMP)
    if plan["weight"]:
        connection = h.NetCon(None, mechanism)
        connection.weight[0] = plan["weight"]
    h.finitialize(-100.0 if slow else -65.0)
    for t in plan["times"] if plan["weight"] else ():
        connection.event(t)
    for _ in range(STEPS):
        h.fadvance()
    return {quantity: np.array(vector) for quantity, vector in vectors.items()}


def _state(h: Any, mechanism: Any, state: str) -> dict[str, Any]:
    """A vector that records a state, where NEURON shows it."""
    name, _, rest = state.partition("[")
    try:
        reference = getattr(mechanism, f"_ref_{'i' if name == 'i_' else name}")
        return {state: h.Vector().record(reference[int(rest[:-1])] if rest else reference)}
    except (AttributeError, LookupError, TypeError, ValueError):
        return {}


def main(folder: Path) -> None:
    """Run all mechanisms of the plan; what crashes NEURON leaves no file."""
    from neuron import h

    h.nrn_load_dll(str(next(folder.glob("*/libnrnmech.*"))))
    for name, plan in json.loads((folder / "plan.json").read_text()).items():
        for what in ("ramp", "spike"):  # each in a process of its own: variables of a file outlast a run
            _in_child(lambda name=name, plan=plan, what=what: _keep(h, name, plan, what, folder))


def _keep(h: Any, name: str, plan: dict[str, Any], what: str, folder: Path) -> None:
    np.savez(folder / f"{name}.{what}.npz", **run(h, name, plan, what == "ramp"))


def _in_child(work: Callable[[], None]) -> None:
    child = os.fork()
    if child == 0:
        with open(os.devnull, "w") as nothing:
            os.dup2(nothing.fileno(), 1)
            os.dup2(nothing.fileno(), 2)
            work()
        os._exit(0)
    end = time.monotonic() + _LIMIT
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(0.01)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

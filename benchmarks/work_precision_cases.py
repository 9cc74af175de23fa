"""The cells of the work-precision diagram: channels, stimulus and length of run of a benchmark, on a shape as given.

The shapes are not the cylinders of the other benchmarks: Rallpack's cable takes its current at its very end, a node
without area, where a scheme may ring, and the CA1 cell keeps its traced frusta. NEURON gets the same compartments.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import cases, programs, shapes
from benchmarks.work import Work

CA1_LENGTH = 20.0  # um, of a compartment of the CA1 cell, at most
# name in a Work -> parameter of NEURON's and Arbor's hh
_HH = {"gna": "gnabar", "gk": "gkbar", "gl": "gl", "el": "el"}
_IONS = {"na": "ena", "k": "ek"}


@dataclasses.dataclass(frozen=True)
class Case:
    """A cell in one line.

    Args:
        title: what it is.
        work: channels, pulse, start and length of the run; its shape is not used.
        cell: the cell with its pulse, which is its first stimulus, and its probes, which are voltages.
        length: [um] of a compartment, at most.
        swc: the traced file, for Arbor; None for a cable of 1000 x 1 um.
    """

    title: str
    work: Work
    cell: Callable[[Work], Any]
    length: float
    swc: str | None = None

    @property
    def measure(self) -> str:
        """What tells how good a run is: its spikes, or the voltage where there are none."""
        return "voltage" if set(self.work.channels) <= {"leak"} else "spikes"


def equipped(cell: Any, work: Work, places: list[Any]) -> Any:
    """The cell with the work's channels, its pulse at the first of the places, and probes at all of them."""
    import jaxsim as js

    for channel in programs.channels(work):
        cell.insert(channel)
    pulse = js.Pulse(amp=work.amp, start=work.start, stop=work.stop)
    return cell.stimulate(places[0], pulse).record(places)


def cylinder(work: Work) -> Any:
    """Rallpack's cable, 1000 compartments; both ends are recorded."""
    import jaxsim as js

    cell = js.Cell(js.cylinder(1000.0, 0.5), js.PerBranch(1000), ra=work.ra, cm=work.cm, v=work.v)
    return equipped(cell, work, [cell.loc(0, 0.0), cell.loc(0, 1.0)])


def ca1(work: Work) -> Any:
    """The traced CA1 cell; recorded at the soma and, by distance, after one and two thirds of the cell and at its end.

    Raises:
        SystemExit: without the traced file.
    """
    import jaxsim as js

    path = shapes.data_folder() / shapes.CA1_FILE
    if not path.exists():
        raise SystemExit(f"no {path}: JAXSIM_DATA names the folder of reference data")
    cell = js.Cell(js.read_swc(path), js.MaxLength(CA1_LENGTH), ra=work.ra, cm=work.cm, v=work.v)
    cable = cell.cable
    far = np.argsort(cable.distance)[[cable.n_comp // 3, 2 * cable.n_comp // 3, -1]]
    soma = cell.loc(0, 0.5)
    return equipped(cell, work, [soma, *(cell.loc(int(cable.branch[i]), float(cable.x[i])) for i in far)])


def mechanisms(work: Work) -> dict[str, dict[str, float]]:
    """NEURON's and Arbor's mechanisms of a work with their parameters, which both call alike."""
    found: dict[str, dict[str, float]] = {}
    for name, values in work.channels.items():
        if name == "leak":
            found["pas"] = dict(values)
        elif name == "hh":
            found["hh"] = {theirs: values[ours] for ours, theirs in _HH.items()}
        else:
            found |= {c: {f"g{c}bar": g} for c, g in values.items() if c not in _IONS.values()}
    return found


def reversals(work: Work) -> dict[str, float]:
    """Ion -> reversal potential [mV], of those that the channels use."""
    return {ion: values[e] for values in work.channels.values() for ion, e in _IONS.items() if e in values}


def get(name: str) -> Case:
    """A case by name."""
    title, benchmark, cell = CASES[name]
    work = cases.get(benchmark).work(False)
    if cell is cylinder:
        return Case(title, work, cell, 1.0)
    return Case(title, work, cell, CA1_LENGTH, str(shapes.data_folder() / shapes.CA1_FILE))


# case -> title, the benchmark that it takes its channels and stimulus from, cell
CASES: dict[str, tuple[str, str, Callable[[Work], Any]]] = {
    "rallpack1": ("Rallpack 1: passive cable, 250 ms", "rallpack1", cylinder),
    "rallpack3": ("Rallpack 3: HH axon, 250 ms", "rallpack3", cylinder),
    "ca1": ("CA1 cell with HH, 100 ms", "ca1_hh", ca1),
    "ca1_l5": ("CA1 cell with eight layer-5 channels, 100 ms", "ca1_l5pc8", ca1),
}

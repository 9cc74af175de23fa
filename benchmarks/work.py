"""`Work`: what every simulator of a case is given, in plain numbers, so that all of them do the same."""

import dataclasses
import json
from pathlib import Path

import numpy as np


@dataclasses.dataclass(frozen=True)
class Work:
    """One cell (or a batch of it), its stimulus, its step and what is recorded.

    Every compartment is a cylinder. A branch begins at the distal end of its parent. Compartments are numbered branch
    by branch, proximal to distal; compartment 0 is the soma.

    Args:
        parent: (n_branch,) int, parent branch, -1 for the first.
        n: (n_branch,) int, compartments of each branch.
        length: (n_branch,) [um] of one compartment of the branch.
        radius: (n_comp,) [um].
        channels: name -> parameter -> value, everywhere: "leak" (g, e), "hh" (gna, gk, gl, el, ena, ek), "l5" (ena, ek,
            and S/cm2 of each channel by its name in the model of Hay et al. 2011).
        amp: [nA] of a pulse into compartment 0.
        start: [ms] of the pulse.
        stop: [ms] of the pulse.
        probes: compartments whose voltage is recorded at each step; the first is the soma.
        dt: [ms].
        t_end: [ms].
        v: [mV] initial voltage.
        celsius: [degC].
        ra: [ohm cm].
        cm: [uF/cm2].
        batch: number of cells; sodium conductances lie evenly from 0.9 to 1.1 times the given one.
        groups: if not 0, the gradient by the sodium conductance of this many groups of compartments is asked for.
        swc: the traced cell behind it, if any.
        note: what a reader of the table must know.
    """

    parent: tuple[int, ...]
    n: tuple[int, ...]
    length: tuple[float, ...]
    radius: tuple[float, ...]
    channels: dict[str, dict[str, float]]
    amp: float
    start: float
    stop: float
    probes: tuple[int, ...] = (0,)
    dt: float = 0.025
    t_end: float = 100.0
    v: float = -65.0
    celsius: float = 6.3
    ra: float = 100.0
    cm: float = 1.0
    batch: int = 1
    groups: int = 0
    swc: str | None = None
    note: str = ""

    @property
    def n_comp(self) -> int:
        """Compartments of one cell."""
        return len(self.radius)

    @property
    def n_step(self) -> int:
        """Steps of the run."""
        return round(self.t_end / self.dt)

    @property
    def middle(self) -> int:
        """The cell of the batch whose voltage is checked; its conductances are the given ones if the batch is odd."""
        return self.batch // 2

    @property
    def first(self) -> np.ndarray:
        """(n_branch + 1,) int, first compartment of each branch."""
        return np.concatenate([[0], np.cumsum(self.n)]).astype(int)

    def place(self, comp: int) -> tuple[int, int]:
        """The branch of a compartment, and its number in the branch."""
        branch = int(np.searchsorted(self.first, comp, side="right")) - 1
        return branch, comp - int(self.first[branch])

    def factors(self) -> np.ndarray:
        """(batch,) [1], each cell's factor on the sodium conductance."""
        return np.linspace(0.9, 1.1, self.batch) if self.batch > 1 else np.ones(1)

    def group(self) -> np.ndarray:
        """(n_comp,) int, the group of each compartment: equal runs of compartments."""
        parts = np.array_split(np.arange(self.n_comp), self.groups)
        return np.repeat(np.arange(self.groups), [len(p) for p in parts])

    def save(self, path: Path) -> None:
        """Write as JSON."""
        path.write_text(json.dumps(dataclasses.asdict(self)))

    def but(self, **changes: object) -> "Work":
        """The same with some fields replaced."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]


def load(path: str | Path) -> Work:
    """The work that `Work.save` wrote."""
    fields = json.loads(Path(path).read_text())
    for name in ("parent", "n", "length", "radius", "probes"):
        fields[name] = tuple(fields[name])
    return Work(**fields)

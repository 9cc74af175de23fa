"""The rows of a case's table: which simulator runs with which settings."""

import dataclasses
import os
import shutil
import sys
from pathlib import Path
from typing import Any

SHORT = {"float32": "f32", "float64": "f64"}
JAX = ("jaxsim", "jaxley")
VECTOR = {"float32": 16, "float64": 8}  # numbers in a register of 512 bits
# The layer-5 channels of Hay et al. 2011 by the names of their classes and .mod files.
LAYER5 = ("NaTs2_t", "NaTa_t", "Nap_Et2", "K_Pst", "K_Tst", "SKv3_1", "Im", "Ih")
# Those with calcium: class -> .mod file, and the pool's.
CALCIUM = {"Ca_HVA": "Ca_HVA", "Ca_LVA": "Ca_LVAst", "SK_E2": "SK_E2"}
POOL = "CaDynamics_E2"


@dataclasses.dataclass(frozen=True)
class Job:
    """One row: a simulator and its settings.

    Args:
        label: the row's name.
        simulator: "jaxsim", "neuron", "coreneuron", "arbor", "jaxley", "c" or "reference".
        options: what the job's process is told; "tune" has it call `js.tune_cpu()`, which sets XLA's options.
        needs: what must be there besides the simulator: "layer5_mod", "hh_mod".
        same: whether it uses the peers' scheme, backward Euler, so that voltages must agree.
        exact: whether it solves the equations as they are stated; others are shown and not judged.
    """

    label: str
    simulator: str
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    needs: str = ""
    same: bool = True
    exact: bool = True

    @property
    def dtype(self) -> str:
        """Its precision."""
        return self.options.get("dtype", "float64")


@dataclasses.dataclass(frozen=True)
class Setup:
    """Where things are.

    Args:
        python: the interpreter of the jobs in Python.
        peers: the folder that `benchmarks.install_peers` made, or None.
        core: the first core to pin to.
    """

    python: str = sys.executable
    peers: Path | None = None
    core: int = 0

    def mechanisms(self, name: str) -> Path:
        """A folder of compiled mechanisms: "hh", "layer5" or "layer5_tuned"."""
        return (self.peers or Path()) / "mechanisms" / name


def find(peers: str | None, core: int = 0) -> Setup:
    """The setup of this machine; `peers` or BENCH_PEERS names the peers' environment."""
    folder = peers or os.environ.get("BENCH_PEERS")
    if not folder:
        return Setup(core=core)
    python = Path(folder) / "bin" / "python"
    if not python.exists():
        raise SystemExit(f"no environment at {folder}: python -m benchmarks.install_peers {folder}")
    return Setup(str(python), Path(folder).resolve(), core)


def missing(job: Job, setup: Setup) -> str:
    """Why a job cannot run here; "" if it can."""
    if job.simulator == "c":
        return "" if shutil.which("gcc") else "no gcc"
    if job.simulator in ("jaxsim", "reference"):
        return ""
    if setup.peers is None:
        return "no environment of peers here"
    if job.needs and not (setup.mechanisms(job.needs) / "x86_64").exists():
        return "the .mod files were not given" if job.needs.startswith("layer5") else f"no mechanisms {job.needs!r}"
    return ""


def jaxsim(program: str, dtypes: tuple[str, ...], *, cores: bool = False) -> list[Job]:
    """Our rows: both schemes, each precision, with and without the flags."""
    rows = []
    for dtype in dtypes:
        for scheme, name in (("BackwardEuler", "backward Euler"), ("default", "default scheme")):
            for tune in (True, False):
                label = f"jaxsim {SHORT[dtype]}, {name}{', flags' if tune else ''}"
                options = {"program": program, "scheme": scheme, "dtype": dtype, "tune": tune}
                rows.append(Job(label, "jaxsim", options, same=scheme == "BackwardEuler"))
    if cores:
        for dtype in dtypes:
            options = {"program": program, "scheme": "BackwardEuler", "dtype": dtype, "tune": True, "cores": 2}
            rows.append(Job(f"jaxsim {SHORT[dtype]}, backward Euler, flags, 2 cores", "jaxsim", options))
    return rows


def reference() -> Job:
    """A converged run of one cell: the default scheme in float64 with an eighth of the step; nothing of it is timed."""
    options = {"scheme": "default", "dtype": "float64", "finer": 8}
    return Job("converged", "reference", options, same=False)


def neuron(kind: str = "hh") -> list[Job]:
    """NEURON and CoreNEURON for channels of `kind`: "passive", "hh" or "layer5"."""
    exact = Job("NEURON", "neuron", needs="layer5" if kind == "layer5" else "")
    core = Job("CoreNEURON", "coreneuron", {"coreneuron": True}, needs=exact.needs)
    rows = [exact, Job("NEURON, second order", "neuron", {"secondorder": 2}, needs=exact.needs, same=False), core]
    if kind == "passive":
        return rows
    tuned = {"needs": "hh"} if kind == "hh" else {"needs": "layer5_tuned"}
    own = {"own_hh": True} if kind == "hh" else {}
    rows.append(Job("NEURON, best flags", "neuron", own, **tuned))
    rows.append(Job("CoreNEURON, best flags", "coreneuron", own | {"coreneuron": True}, **tuned))
    if kind == "hh":
        rows.append(Job("NEURON, table of rates", "neuron", {"table": True}, exact=False))
    return rows


def arbor(batch: bool = False) -> list[Job]:
    """Arbor; in a batch also with one sampled cell, all cells in one group or each in its own."""
    if not batch:
        return [Job("Arbor", "arbor")]
    one = {"record": "middle"}
    return [
        Job("Arbor", "arbor", {"together": True}),
        Job("Arbor, one cell sampled", "arbor", one | {"together": True}),
        Job("Arbor, one cell sampled, a group each", "arbor", one),
    ]


def jaxley(program: str, dtypes: tuple[str, ...]) -> list[Job]:
    """Jaxley, with the settings that might be its best, and with the options of XLA that ours have."""
    variants: dict[str, dict[str, Any]] = {"": {}}
    if program == "batch":
        variants = {", vmap": {"mode": "vmap"}, ", loop": {"mode": "loop"}}
    if program == "gradient":
        variants = {f", {k} levels of checkpoints": {"checkpoints": k} for k in (0, 2)}
    return [
        Job(
            f"Jaxley {SHORT[dtype]}{name}{', flags' if tune else ''}",
            "jaxley",
            {"program": program, "dtype": dtype, "tune": tune} | own,
        )
        for dtype in dtypes
        for name, own in variants.items()
        for tune in (False, True)
    ]


def plain_c(dtypes: tuple[str, ...], lanes: int = 1, orders: tuple[str, ...] = ("breadth",)) -> list[Job]:
    """Plain C in each precision, with nodes in each order."""
    return [
        Job(
            f"C {SHORT[dtype]}{f', {order} first' if len(orders) > 1 else ''}{f', {lanes} lanes' if lanes > 1 else ''}",
            "c",
            {"dtype": dtype, "order": order, "lanes": lanes},
        )
        for dtype in dtypes
        for order in orders
    ]


def plain_c_by_vectors(dtypes: tuple[str, ...], most: int = VECTOR["float32"]) -> list[Job]:
    """Plain C with as many cells in a block as a vector register has numbers, at most `most`."""
    return [job for dtype in dtypes for job in plain_c((dtype,), lanes=min(most, VECTOR[dtype]))]

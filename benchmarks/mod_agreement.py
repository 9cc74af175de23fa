"""How far mechanisms imported from .mod files are from NEURON running the same files.

python -m benchmarks.mod_agreement PATH [PATH...]     # files or folders; needs neuron and a C++ compiler

Every mechanism of the membrane, density or point, each text once: read by jaxsim or refused, with the construct;
translated and compiled by NEURON (TABLEs off); run in both with backward Euler at dt 0.025 ms in one compartment with
Hodgkin and Huxley's channels: while the voltage rises from -100 to 60 mV through a capacitance of 1000 uF/cm2, and
while it spikes. Compared are the voltage, states, concentrations and, where they are the mechanism's own, the currents:
the largest distance over the largest value (of the states of one scheme: the largest of any of them). Conductances
whose default is 0 are 1e-3 S/cm2; of point processes also currents (0.1 nA), conductances (1e-3 uS) and times (4 ms)
that are 0; what receives events receives some of weight 1e-3. Defaults of more than six digits, of which NEURON's
translator keeps six, are set in NEURON as the file has them.
"""

import argparse
import collections
import json
import re
import shutil
import subprocess
import sys
import tempfile
import typing
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

import jaxsim as js
from benchmarks.peers.mod_on_neuron import AMP, CELSIUS, DT, RAMP, START, STEPS, STOP
from jaxsim.io.mod.lower import lower
from jaxsim.io.mod.make_class import field_names, make_class
from jaxsim.io.mod.mechanism import Mechanism
from jaxsim.io.nmodl import NmodlError, read_mod_tree, tree
from jaxsim.model import membrane

BATCH = 60  # files that are compiled together
SAME, LEAST = 1e-6, 1e-6  # relative; mA/cm2, below which a current is 0
WEIGHT, TIMES = 1e-3, (3.0, 8.013, 9.02, 21.99)  # of events, ms
IONS = {"na": js.Sodium, "k": js.Potassium, "ca": js.Calcium}


class Job(NamedTuple):
    """One file that jaxsim has read."""

    path: Path
    file: tree.ModFile
    made: Mechanism

    @property
    def plan(self) -> dict[str, Any]:
        """What NEURON has to know of it."""
        made = self.made
        values = {"S/cm2": 1e-3} if made.kind == "density" else {"uS": 1e-3, "nA": 0.1, "ms": 4.0}
        own = "" not in made.current
        declared = {x.name for block in self.file.all(tree.StateBlock) for x in block.variables} | {"i_"}
        states = [x for x in [*made.rates, *made.derivative, *made.update] if x not in made.writes]
        return {
            "states": [x for x in states if x.partition("[")[0] in declared],
            "zero": {n: values[p.unit] for n, p in made.parameters.items() if p.value == 0.0 and p.unit in values},
            "long": {n: p.value for n, p in made.parameters.items() if float(f"{p.value:g}") != p.value},
            "point": made.kind != "density",
            "concentrations": [_variable(what) for what in made.writes.values()],
            "carried": list(made.current) if own else [],
            "weight": WEIGHT if made.receive else None,
            "times": TIMES,
        }


def _variable(what: str) -> str:
    """NEURON's name of a concentration: ca.inside is cai."""
    ion, _, side = what.partition(".")
    return f"{ion}{side[0]}"


def read(folders: list[Path]) -> tuple[dict[str, Job], collections.Counter, collections.Counter]:
    """The files that can be run by the name they get in NEURON; how many of each kind are read, and refusals."""
    jobs: dict[str, Job] = {}
    counts: collections.Counter = collections.Counter()
    refused: collections.Counter = collections.Counter()
    seen = set()
    for path in sorted(p for given in folders for p in (given.rglob("*.mod") if given.is_dir() else [given])):
        text = re.sub(r"(?s)COMMENT.*?ENDCOMMENT|[:?][^\n]*|\s", "", path.read_text(errors="replace"))
        if text in seen:
            continue
        seen.add(text)
        try:
            file = read_mod_tree(path)
        except NmodlError:
            counts["not NMODL"] += 1
            continue
        block = next(file.all(tree.NeuronBlock), None)
        if block is None or block.suffix is None or block.suffix.keyword == "ARTIFICIAL_CELL":
            counts["no mechanism of the membrane"] += 1
            continue
        currents = any(name.name == f"i{use.ion}" for use in block.ions for name in use.write) or block.names(
            "NONSPECIFIC_CURRENT"
        )
        kind = "channel" if currents else "other"
        kind = "point" if block.suffix.keyword == "POINT_PROCESS" else kind
        try:
            jobs[f"q{len(jobs):04d}"] = Job(path, file, lower(file))
            counts[f"{kind}, read"] += 1
        except NmodlError as error:
            counts[f"{kind}, refused"] += 1
            refused[f"{kind}: {error.construct}"] += 1
    return jobs, counts, refused


def translate(jobs: dict[str, Job], folder: Path) -> dict[str, Job]:
    """The files that NEURON accepts, compiled in a folder, each with a suffix of its own."""
    binaries = next(Path(p) for p in _site_packages() if Path(p, "neuron/.data/bin/nocmodl").exists())
    good = {}
    for name, job in jobs.items():
        text = job.path.read_text(errors="replace")
        (folder / f"{name}.mod").write_text(
            re.sub(r"(\b(?:SUFFIX|POINT_PROCESS)\s+)\w+", rf"\g<1>{name}", text, count=1)
        )
        for other in [*job.path.parent.glob("*.inc"), *job.path.parent.parent.glob("*.inc")]:
            shutil.copy(other, folder)
        command = [binaries / "neuron/.data/bin/nocmodl", "-o", "translated", f"{name}.mod"]
        if subprocess.run(command, cwd=folder, capture_output=True).returncode:
            (folder / f"{name}.mod").unlink()
        else:
            good[name] = job
    shutil.rmtree(folder / "translated", ignore_errors=True)
    compiler = Path(sys.executable).with_name("nrnivmodl")
    while good:
        done = subprocess.run([compiler, "."], cwd=folder, capture_output=True, text=True)
        if done.returncode == 0:
            break
        bad = set(re.findall(r"(q\d{4})\.o\] Error", done.stdout + done.stderr)) & good.keys()
        if not bad:
            raise RuntimeError(f"nrnivmodl failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        for name in bad:
            del good[name]
            (folder / f"{name}.mod").unlink()
    return good


def batches(jobs: dict[str, Job]) -> list[dict[str, Job]]:
    """The files in groups that NEURON can load together: no ion has two charges in one of them."""
    groups: list[tuple[dict[str, float], dict[str, Job]]] = []
    for name, job in jobs.items():
        uses = [use for block in job.file.all(tree.NeuronBlock) for use in block.ions if use.ion not in IONS]
        charges = {use.ion: use.valence for use in uses if use.valence is not None}
        for known, group in groups:
            if len(group) < BATCH and all(known.get(ion, charge) == charge for ion, charge in charges.items()):
                break
        else:
            known, group = {}, {}
            groups.append((known, group))
        known.update(charges)
        group[name] = job
    return [group for _, group in groups]


def _site_packages() -> list[str]:
    return [p for p in sys.path if p.endswith("site-packages")]


def ion(name: str, valence: float | None) -> js.AbstractIon:
    """An ion with NEURON's concentrations."""
    if name in IONS:
        return IONS[name](celsius=CELSIUS)
    hints = {"symbol": typing.ClassVar[str], "valence": typing.ClassVar[int]}
    hints |= {"inside": js.units.mM, "outside": js.units.mM, "celsius": js.units.degC}
    body = {"symbol": name, "valence": int(valence or 1), "inside": 1.0, "outside": 1.0, "celsius": CELSIUS}
    return js.struct(type(f"Ion_{name}", (js.AbstractIon,), {**body, "__annotations__": hints}))()


def model(job: Job) -> js.Model:
    """The compartment with a job's mechanism, which is called q."""
    made, plan = job.made, job.plan
    cell = js.Cell(js.cylinder(20.0, 10.0), js.PerBranch(1)).insert(js.HH())
    uses = [use for block in job.file.all(tree.NeuronBlock) for use in block.ions]
    for use in uses:
        if any(x.name in (f"{use.ion}i", f"{use.ion}o") for x in (*use.read, *use.write)):
            cell.insert(ion(use.ion, use.valence))
    fields = field_names(made)
    mechanism = make_class(made)(**{fields[name]: value for name, value in plan["zero"].items()})
    if isinstance(mechanism, js.AbstractPointProcess):
        cell.place(cell.loc(0), mechanism, name="q")
        if plan["weight"]:
            cell.send(js.SpikeTrain(times=TIMES, weight=WEIGHT), cell.loc(0), "q")
    else:
        cell.insert(mechanism, name="q")
    cell.at(js.everywhere()).set("celsius", CELSIUS)
    here = cell.loc(0)
    cell.stimulate(here, js.Pulse(amp=RAMP, start=0.0), name="ramp")
    cell.stimulate(here, js.Pulse(amp=AMP, start=START, stop=STOP), name="pulse")
    for what in ("v", *(f"q.{x}" for x in plan["states"]), *made.writes.values()):
        cell.record(here, what)
    return (cell.record(here, "q.i") if made.current else cell).compile()


def distances(job: Job, theirs: dict[str, np.ndarray]) -> dict[str, float]:
    """How far every quantity is from NEURON's."""
    built, found = model(job), {}
    together = [x for x in job.made.derivative if f"spike/{x}" in theirs]
    for run in ("ramp", "spike"):
        if run == "ramp":
            now = built.set("cm", 1000.0).set("v", -100.0).set("pulse.amp", 0.0)
            for name in ("gbar_na", "gbar_k", "gbar_leak"):
                now = now.set(f"HH.{name}", 0.0)
        else:
            now = built.set("ramp.amp", 0.0)
        recording = js.simulate(now, STEPS * DT, DT, method=js.BackwardEuler())
        ours = {"v": recording.v[0]}
        ours |= {x: recording[f"q.{x}"][0] for x in job.plan["states"]}
        ours |= {_variable(what): recording[what][0] for what in job.made.writes.values()}
        for name, a in ours.items():
            if f"{run}/{name}" in theirs:
                b = theirs[f"{run}/{name}"]
                largest = [theirs[f"{run}/{x}"] for x in together] if name in together else [b]
                found[f"{run}/{name}"] = _apart(np.asarray(a), b, max(np.abs(x).max() for x in largest))
        carried = [] if job.plan["point"] else job.plan["carried"]
        if carried and (run == "ramp" or not {"na", "k"} & set(carried)):
            b = sum(theirs[f"{run}/i{name}"] for name in carried)[1:]  # NEURON's belongs to the voltage before
            found[f"{run}/i"] = _apart(np.asarray(recording["q.i"][0])[:-1], b, max(np.abs(b).max(), LEAST))
    return found


def _apart(a: np.ndarray, b: np.ndarray, largest: float) -> float:
    return float(np.abs(a - b).max() / (largest or 1.0))


class _Quotients:
    """JAX with slopes by NEURON's difference quotient."""

    def __getattr__(self, name: str) -> Any:
        return getattr(jax, name)

    @staticmethod
    def jvp(f: Any, primals: tuple, tangents: tuple) -> Any:
        here, there = f(primals[0]), f(primals[0] + 0.001)
        return here, jax.tree.map(lambda x, y: (y - x) / 0.001, here, there)


def compare(job: Job, theirs: dict[str, np.ndarray]) -> tuple[str, dict[str, float]]:
    """The verdict, and what is apart."""
    if not all(np.isfinite(x).all() for x in theirs.values()):
        return "NEURON gives NaN", {}
    found = distances(job, theirs)
    if max(found.values()) < SAME:
        return "same", found
    membrane.jax = _Quotients()
    jax.clear_caches()
    try:
        again = distances(job, theirs)
    finally:
        membrane.jax = jax
        jax.clear_caches()
    return ("same with NEURON's slope", found) if max(again.values()) < SAME else ("differs", found)


def _run(jobs: dict[str, Job], folder: Path, verdicts: collections.Counter) -> None:
    """Compile, run and compare some files; print a line for each."""
    jobs = translate(jobs, folder)
    (folder / "plan.json").write_text(json.dumps({name: job.plan for name, job in jobs.items()}))
    subprocess.run([sys.executable, "-m", "benchmarks.peers.mod_on_neuron", folder], check=True)
    for name, job in jobs.items():
        kept = {what: folder / f"{name}.{what}.npz" for what in ("ramp", "spike")}
        if not all(path.exists() for path in kept.values()):
            verdict, found = "NEURON fails", {}
        else:
            theirs = {f"{what}/{q}": x for what, path in kept.items() for q, x in np.load(path).items()}
            verdict, found = compare(job, theirs)
        verdicts[verdict] += 1
        worst = max(found, key=found.get) if found else ""  # type: ignore[arg-type]
        print(f"{verdict:<26} {job.path}  {worst} {found.get(worst, 0.0):.1e}", flush=True)


def main() -> None:
    """Read, compile, run, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    folders = parser.parse_args().folders
    jax.config.update("jax_enable_x64", True)
    jobs, counts, refused = read(folders)
    print(dict(sorted(counts.items())))
    print("refused:", dict(refused.most_common()))
    verdicts: collections.Counter = collections.Counter()
    for group in batches(jobs):
        with tempfile.TemporaryDirectory() as place:
            _run(group, Path(place), verdicts)
    print(dict(verdicts.most_common()))


if __name__ == "__main__":
    main()

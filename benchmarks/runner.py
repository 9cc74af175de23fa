"""Start the jobs: a fresh process each, interleaved over rounds."""

import json
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks import cases
from benchmarks.jobs import JAX, Job, Setup, missing
from benchmarks.work import Work

ROOT = Path(__file__).parents[1]
MODULES = {
    "jaxsim": "benchmarks.programs",
    "reference": "benchmarks.programs",
    "neuron": "benchmarks.peers.on_neuron",
    "coreneuron": "benchmarks.peers.on_neuron",
    "arbor": "benchmarks.peers.on_arbor",
    "jaxley": "benchmarks.peers.on_jaxley",
    "c": "benchmarks.peers.on_c",
}
TIMEOUT_S = 900.0
ERROR_CHARACTERS = 300


def run(job: Job, work: Work, setup: Setup, more: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run one job.

    Args:
        job: the row.
        work: what it does.
        setup: where things are.
        more: further options, such as repeats.

    Returns:
        What the process printed, or {"error": why}.
    """
    why = missing(job, setup)
    if why:
        return {"not_run": why}
    options = {"core": setup.core} | job.options | (more or {})
    if job.needs:
        options["mechanisms"] = str(setup.mechanisms(job.needs))
    finer = options.pop("finer", 0)
    if finer:
        work, options["repeats"], options["program"] = _finer(work, finer), 1, "forward"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "work.json"
        work.save(path)
        command = [setup.python, "-m", MODULES[job.simulator], str(path), json.dumps(options)]
        return _said(command, environment(job))


def _finer(work: Work, factor: int) -> Work:
    """The checked cell alone with a smaller step."""
    channels = {name: dict(values) for name, values in work.channels.items()}
    if "hh" in channels:
        channels["hh"]["gna"] *= float(work.factors()[work.middle])
    return work.but(dt=work.dt / factor, batch=1, channels=channels)


def environment(job: Job) -> dict[str, str]:
    """The environment of a job's process: one thread for libraries, this repository importable, JAX on the CPU."""
    own = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    own["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    if job.simulator in (*JAX, "reference"):
        own |= {"JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": str(job.dtype == "float64"), "TF_CPP_MIN_LOG_LEVEL": "2"}
        own["XLA_FLAGS"] = ""  # not what this shell happens to have: a row that is tuned sets them itself
    return os.environ | own


def _said(command: list[str], env: dict[str, str]) -> dict[str, Any]:
    try:
        done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return {"error": f"more than {TIMEOUT_S:.0f} s"}
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        return {"error": (done.stderr or done.stdout).strip()[-ERROR_CHARACTERS:] or f"exit {done.returncode}"}
    return json.loads(lines[-1])


def run_all(
    names: Iterable[str],
    setup: Setup,
    *,
    rounds: int,
    dtypes: tuple[str, ...],
    wanted: Callable[[Job], bool] = lambda job: True,
    small: bool = False,
    more: dict[str, Any] | None = None,
    tell: Callable[[str], None] = print,
    keep: Callable[[dict[str, Any]], None] = lambda results: None,
) -> dict[str, Any]:
    """Every wanted job of some cases, round after round.

    Args:
        names: of cases.
        setup: where things are.
        rounds: how often each job runs; the converged run and what cannot run here are done once.
        dtypes: precisions.
        wanted: which jobs.
        small: the small works, for tests.
        more: options for every job.
        tell: is told of each job.
        keep: is given the results so far after each job, so that a run that is stopped is not lost.

    Returns:
        The results: {"machine": ..., "cases": {name: {"title", "work", "rows": [...]}}}.
    """
    found: dict[str, Any] = {"machine": machine(), "dtypes": list(dtypes), "rounds": rounds, "cases": {}}
    for name in names:
        case = cases.get(name)
        found["cases"][name] = {"title": case.title, "work": _summary(case.work(small)), "rows": []}
    for turn in range(rounds):
        for name, result in found["cases"].items():
            case, work = cases.get(name), cases.get(name).work(small)
            for job in case.jobs(dtypes):
                once = job.simulator == "reference" or missing(job, setup)
                if (turn and once) or not wanted(job):
                    continue
                start = time.time()
                row = run(job, work, setup, more)
                row |= {"label": job.label, "simulator": job.simulator, "dtype": job.dtype, "round": turn}
                row |= {"same": job.same, "exact": job.exact}
                row |= {"scheme": job.options.get("scheme", ""), "cores": job.options.get("cores", 1)}
                result["rows"].append(row)
                outcome = (
                    f"{row['us_per_step']:.4g} us" if "us_per_step" in row else row.get("error") or row.get("not_run")
                )
                keep(found)
                tell(f"[{turn}] {name:18s} {job.label:42s} {time.time() - start:6.1f} s  {outcome or 'done'}")
    return found


def _summary(work: Work) -> dict[str, Any]:
    """What the results file says about a work."""
    keys = ("dt", "t_end", "batch", "groups", "note", "n_comp", "n_step", "channels")
    return {key: getattr(work, key) for key in keys}


def machine() -> dict[str, Any]:
    """The processor and its cores."""
    name, path = platform.processor(), Path("/proc/cpuinfo")
    if path.exists():
        lines = [
            line.split(":", 1)[1].strip() for line in path.read_text().splitlines() if line.startswith("model name")
        ]
        name = lines[0] if lines else name
    return {
        "processor": name,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
    }

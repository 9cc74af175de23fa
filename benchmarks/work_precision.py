"""Error against cost over steps and schemes: ours, NEURON's two fixed ones and its CVODE, Arbor's; one core, float64.

python -m benchmarks.work_precision [--case CASE ...] [--arbor PYTHON] [--out FILE.json] [--plot FILE.png]
python -m benchmarks.work_precision --table FILE.json [--plot FILE.png]        # of a finished run

The error is that of the time scheme alone. Ours and NEURON's have the same compartments and are compared with one
converged solution: this package's at two very small steps, extrapolated; what CVODE at 1e-9 differs from it by is
printed. Arbor cuts its own compartments, records a traced cell at the soma only, and is compared with itself in the
same way. Voltages are compared at all probes every 0.2 ms, spikes by their times at all probes.

A cost is the processor time of a run, ours with the options of `jaxsim.tune_cpu()`: of a fixed scheme its steps times
the median time of a step, of `Adaptive` and CVODE the median time of a run; all simulators take turns, one run each a
round, on one core. NEURON's mechanisms are compiled with its wheel's flags; CoreNEURON is not run. A peer that is not
there is left out: NEURON with the layer-5 channels without JAXSIM_L5PC_MODS, the folder of their .mod files, and Arbor
without --arbor or BENCH_PEERS, the environment that `benchmarks.install_peers` makes. "Cost at equal error" reads each
curve, straight between its points in logarithms, at 0.01 ms mean error of the spikes, or at 0.01 mV r.m.s. where
nothing spikes: "<" and ">" are bounds, "~" is read beyond the finest run.
"""

import argparse
import dataclasses
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.timing import pin
from benchmarks.work_precision_cases import CASES, Case, get
from benchmarks.work_precision_peers import ArborProcess, NeuronCase, arbor_process, no_neuron
from benchmarks.work_precision_report import Point, equal_cost_table, plot_work_precision, point_table

GRID = 0.2  # ms, every step divides it
TIGHT = 1e-9  # CVODE's tolerance when it is asked about the reference


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much is done.

    Args:
        steps: [ms], from coarse to fine; each divides GRID.
        finest: [ms], the coarser of the reference's two steps.
        tolerances: [mV] of `Adaptive`.
        shortest: [ms], its dt.
        atols: CVODE's tolerances.
        timed: number of steps that are timed.
        dt: [ms], their length.
        rounds: of timing.
        budget: [s], after which a run has no further turn; every run has one that counts.
    """

    steps: tuple[float, ...] = (0.2, 0.1, 0.05, 0.025, 0.0125, 0.00625, 0.003125)
    finest: float = 0.0015625
    tolerances: tuple[float, ...] = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
    shortest: float = 0.00625
    atols: tuple[float, ...] = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
    timed: int = 2000
    dt: float = 0.025
    rounds: int = 5
    budget: float = 10.0


@dataclasses.dataclass(frozen=True)
class Trace:
    """t (n_time,) [ms], evenly spaced, and v (n_probe, n_time) [mV]."""

    t: np.ndarray
    v: np.ndarray

    def on_grid(self) -> np.ndarray:
        """(n_probe, n_grid) [mV] every GRID ms, without the start."""
        every = round(GRID / (self.t[1] - self.t[0]))
        return self.v[:, every::every]

    def spikes(self) -> list[np.ndarray]:
        """Times [ms] at which each probe rises through 0 mV."""
        return [crossings(self.t, v) for v in self.v]


def crossings(t: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Times [ms] at which v [mV] rises through 0, by the cubic through the four samples around each."""
    dt, found = t[1] - t[0], []
    for i in np.flatnonzero((v[:-1] < 0.0) & (v[1:] >= 0.0)):
        k = min(max(i - 1, 0), len(v) - 4)
        roots = np.polynomial.Polynomial.fit(np.arange(4.0) - (i - k), v[k : k + 4], 3).roots()
        real = roots[np.abs(roots.imag) < 1e-9].real
        inside = real[(real >= -1e-9) & (real <= 1.0 + 1e-9)]
        found.append(t[i] + dt * (inside[0] if len(inside) else v[i] / (v[i] - v[i + 1])))
    return np.array(found)


Limit = tuple[np.ndarray, list[np.ndarray]]  # voltages on the grid [mV] and each probe's spikes [ms]


def extrapolated(coarse: Trace, fine: Trace, order: int) -> Limit:
    """Voltages on the grid and spikes of the limit of small steps, from dt and dt / 2 of a scheme of this order."""
    weight = 1.0 / (2**order - 1)
    v = fine.on_grid() + weight * (fine.on_grid() - coarse.on_grid())
    spikes = zip(coarse.spikes(), fine.spikes(), strict=True)
    return v, [b + weight * (b - a) if len(a) == len(b) else b for a, b in spikes]


def errors(measure: str, trace: Trace, limit: Limit) -> dict[str, float | None]:
    """r.m.s. of the voltage [mV]; mean and last spike's shift [ms], none where a spike is missing or too many."""
    v, spikes = limit
    n = min(v.shape[1], trace.on_grid().shape[1])
    result: dict[str, float | None] = {"voltage": float(np.sqrt(np.mean((trace.on_grid()[:, :n] - v[:, :n]) ** 2)))}
    ours = trace.spikes()
    same = measure == "spikes" and all(len(a) == len(b) > 0 for a, b in zip(ours, spikes, strict=True))
    shifts = [np.abs(a - b) for a, b in zip(ours, spikes, strict=True)] if same else []
    result["spikes"] = float(np.mean(np.concatenate(shifts))) if same else None
    result["last spike"] = float(max(s[-1] for s in shifts)) if same else None
    return result


def our_methods() -> dict[str, Any]:
    """Our schemes by name."""
    import jaxsim as js

    return {m.__name__: m() for m in (js.BackwardEuler, js.CrankNicolson, js.TRBDF2, js.DampedCrankNicolson)}


def our_trace(model: Any, t_end: float, dt: float, method: Any) -> Trace:
    """Our run, in pieces of as many steps as GRID allows for the whole: one program then serves all steps dt."""
    import jaxsim as js

    piece, state, rows = round(t_end / GRID), js.init(model), []
    for _ in range(round(GRID / dt)):
        recording = js.simulate(model, piece * dt, dt, method=method, state=state)
        state = recording.state
        rows.append(np.asarray(recording.v, float)[:, bool(rows) :])
    v = np.concatenate(rows, axis=1)
    return Trace(dt * np.arange(v.shape[1]), v)


def adaptive_run(model: Any, t_end: float, dt: float, tolerance: float) -> Any:
    """The (n_probe, n_time) [mV] of a run that chooses its steps, finished."""
    import jaxsim as js

    return js.simulate(model, t_end, dt, method=js.Adaptive(tolerance)).v.block_until_ready()


def adaptive_trace(model: Any, t_end: float, dt: float, tolerance: float) -> Trace:
    """Our run with steps that it chooses."""
    v = np.asarray(adaptive_run(model, t_end, dt, tolerance), float)
    return Trace(dt * np.arange(v.shape[1]), v)


def _processor_time(run: Callable[[], object]) -> Callable[[], float]:
    def seconds() -> float:
        start = time.process_time()
        run()
        return time.process_time() - start

    return seconds


def in_turns(runs: Mapping[Any, Callable[[], float]], rounds: int, budget: float) -> dict[Any, float]:
    """Median seconds of each run over rounds in which every run has its turn, after one that is not counted."""
    seconds: dict[Any, list[float]] = {name: [] for name in runs}
    for _ in range(rounds + 1):
        for name, run in runs.items():
            if len(seconds[name]) < 2 or sum(seconds[name]) < budget:
                seconds[name].append(run())
    return {name: statistics.median(s[1:]) for name, s in seconds.items()}


def _timed(case: Case, plan: Plan, model: Any, neuron: NeuronCase | None, arbor: ArborProcess | None) -> dict:
    """Name -> median seconds of a run of `plan.timed` steps, (name, tolerance) -> of a whole run of varying steps."""
    import jaxsim as js

    t_end, runs = plan.timed * plan.dt, {}
    ours = partial(js.simulate, model, t_end, plan.dt, state=js.init(model))
    for name, method in our_methods().items():
        run = lambda method=method: ours(method=method).v.block_until_ready()  # noqa: E731
        runs[name] = _processor_time(run)
    for tolerance in plan.tolerances:
        runs["Adaptive", tolerance] = _processor_time(
            partial(adaptive_run, model, case.work.t_end, plan.shortest, tolerance)
        )
    if neuron is not None:
        for order in (0, 2):
            run = lambda order=order: neuron.fixed(t_end, plan.dt, order)  # noqa: E731
            runs[f"NEURON {order}"] = _processor_time(run)
        for atol in plan.atols:
            run = lambda atol=atol: neuron.variable(case.work.t_end, atol)  # noqa: E731
            runs["NEURON CVODE", atol] = _processor_time(run)
    if arbor is not None:
        runs["Arbor"] = arbor.seconds
    return in_turns(runs, plan.rounds, plan.budget)


def _traces(case: Case, plan: Plan, model: Any, neuron: NeuronCase | None) -> Iterator[tuple[str, float, Trace]]:
    """Scheme, step or tolerance, and trace, of everything that has our compartments."""
    t_end = case.work.t_end
    for name, method in our_methods().items():
        for dt in plan.steps:
            yield name, dt, our_trace(model, t_end, dt, method)
    for tolerance in plan.tolerances:
        yield "Adaptive", tolerance, adaptive_trace(model, t_end, plan.shortest, tolerance)
    if neuron is not None:
        for order in (0, 2):
            for dt in plan.steps:
                yield f"NEURON {order}", dt, Trace(*neuron.fixed_trace(t_end, dt, order))
        for atol in plan.atols:
            yield "NEURON CVODE", atol, Trace(*neuron.variable_trace(t_end, atol))


def diagram(case: Case, python: str | None = None, plan: Plan = Plan()) -> tuple[list[Point], str]:
    """All points of a case, and a line about its reference; `python` is an interpreter that has Arbor."""
    cell = case.cell(case.work)
    model, t_end = cell.compile(), case.work.t_end
    best, about = our_methods()["DampedCrankNicolson"], f"{cell.cable.n_comp} compartments"
    limit = extrapolated(*(our_trace(model, t_end, dt, best) for dt in (plan.finest, plan.finest / 2)), order=2)
    absent = no_neuron("l5" in case.work.channels)
    neuron = None if absent else NeuronCase.of(cell, case)
    with ExitStack() as stack:
        arbor, arbors = None, []
        if python:
            steps = (*plan.steps, plan.finest, plan.finest / 2)
            timed = (plan.timed * plan.dt, plan.dt)
            arbor = stack.enter_context(arbor_process(python, case, list(steps), timed))
            arbors = [Trace(arbor.found[f"t{k}"], arbor.found[f"v{k}"]) for k in range(len(steps))]
            about += f" (Arbor: {int(arbor.found['n_cv'])})"
        seconds = _timed(case, plan, model, neuron, arbor)

    def point(name: str, setting: float, trace: Trace, limit: Limit) -> Point:
        error = errors(case.measure, trace, limit)
        if (name, setting) in seconds:
            return Point(name, setting, seconds[name, setting], None, error)
        step = seconds[name] / plan.timed
        return Point(name, setting, step * t_end / setting, step * 1e6, error)

    points = [point(name, setting, trace, limit) for name, setting, trace in _traces(case, plan, model, neuron)]
    if arbors:
        own = extrapolated(*arbors[-2:], order=1)
        points += [point("Arbor", dt, trace, own) for dt, trace in zip(plan.steps, arbors, strict=False)]
    if neuron is None:
        return points, f"{about}; {absent}"
    tight = errors(case.measure, Trace(*neuron.variable_trace(t_end, TIGHT)), limit)
    return points, f"{about}; CVODE at {TIGHT:g} differs from the reference by {_show(tight)}"


def _show(error: dict[str, float | None]) -> str:
    units = {"voltage": "mV", "spikes": "ms", "last spike": "ms"}
    return ", ".join(f"{what} {e:.1e} {units[what]}" for what, e in error.items() if e is not None)


def show(diagrams: dict[str, dict[str, Any]], plot: Path | None) -> None:
    """Print the tables of all cases, and draw them."""
    for found in diagrams.values():
        print(f"\n{found['title']}; {found['about']}\n\n{point_table(found['points'], found['measure'])}")
    print(f"\nCost at equal error\n\n{equal_cost_table(diagrams)}", flush=True)
    if plot:
        plot_work_precision(diagrams).savefig(plot, dpi=150)


def main() -> None:
    """Run the cases."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", nargs="+", choices=CASES, default=list(CASES))
    peers = os.environ.get("BENCH_PEERS")  # what benchmarks.install_peers made
    python = str(Path(peers) / "bin" / "python") if peers else None
    parser.add_argument("--arbor", metavar="PYTHON", default=python, help="an interpreter that has Arbor")
    parser.add_argument("--out", type=Path, help="write the points as JSON")
    parser.add_argument("--plot", type=Path, help="draw the diagram")
    parser.add_argument("--table", type=Path, help="run nothing; what --out wrote")
    options = parser.parse_args()
    if options.table:
        diagrams = json.loads(options.table.read_text())
        for found in diagrams.values():
            found["points"] = [Point(**p) for p in found["points"]]
        return show(diagrams, options.plot)
    pin()
    os.environ["JAX_ENABLE_X64"] = "True"
    import jaxsim

    jaxsim.tune_cpu()
    diagrams = {}
    for name in options.case:
        case = get(name)
        start = time.perf_counter()
        points, about = diagram(case, options.arbor)
        print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
        diagrams[name] = {"title": case.title, "about": about, "measure": case.measure, "points": points}
        if options.out:
            options.out.write_text(json.dumps(diagrams, default=dataclasses.asdict, indent=1))
    return show(diagrams, options.plot)


if __name__ == "__main__":
    main()

"""What steps of its own choice save a run: the CA1 cell with HH, five spikes in a second, at rest between them.

python -m benchmarks.adaptive [--rounds 7] [--float32] [--gradient] [--picture docs/img/adaptive.png]

Then an HH point that creeps towards its first spike under a ramp of 3 nA/s: where small errors become large delays.

Steps, time of a run beside the fixed steps of the default scheme (one core, interleaved rounds), and how far spikes and
voltage at the soma lie from a run of `TRBDF2` with an eighth of the step in float64.
"""

import argparse
import statistics
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases.ca1_hh import work
from benchmarks.job import spikes
from benchmarks.programs import cell
from benchmarks.timing import interleaved, median_ratio, pin

DT, T_END, FIRST, APART, LASTS, AMP = 0.025, 1000.0, 50.0, 200.0, 2.0, 3.0


def model(dtype: str) -> Any:
    """The cell; a pulse of 2 ms every 200 ms."""
    import jaxsim as js

    made = cell(work(small=False).but(amp=AMP, start=FIRST, stop=FIRST + LASTS))
    soma = made.loc(0, 0.5)
    for start in FIRST + APART * np.arange(1, 5):
        made.stimulate(soma, js.Pulse(amp=AMP, start=start, stop=start + LASTS))
    return made.compile(dtype)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--float32", action="store_true")
    parser.add_argument("--gradient", action="store_true", help="of all sodium conductances, instead of the run")
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    pin()
    import jax
    import jax.numpy as jnp

    import jaxsim as js

    js.tune_cpu()
    jax.config.update("jax_enable_x64", True)
    converged = js.simulate(model("float64"), T_END, DT / 8, method=js.TRBDF2())
    fine = np.asarray(converged.v[0, ::8])
    expected = np.array(spikes(np.asarray(converged.t), np.asarray(converged.v[0])))

    tested = model("float32" if options.float32 else "float64")
    methods: dict[str, Any] = {"default": js.DampedCrankNicolson(), "TRBDF2": js.TRBDF2()}
    methods |= {f"Adaptive({tolerance:g})": js.Adaptive(tolerance) for tolerance in (1e-2, 1e-3, 1e-4)}
    name = "HH.gbar_na"
    runs, errors, calls = {}, {}, {}
    for label, method in methods.items():
        rec = runs[label] = js.simulate(tested, T_END, DT, method=method)
        v = np.asarray(rec.v[0], float)
        found = np.array(spikes(np.asarray(rec.t, float), v))
        shift = np.abs(found - expected).max() if found.size == expected.size else np.inf
        errors[label] = f"spikes {found.size}, off by {1e3 * shift:.2g} us, voltage by {np.abs(v - fine).max():.2g} mV"
        if options.gradient:
            loss = lambda g, m=method: jnp.mean((js.simulate(tested.set(name, g), T_END, DT, method=m).v + 60.0) ** 2)  # noqa: E731
            function, argument = jax.jit(jax.grad(loss)), tested.get(name)
        else:
            function, argument = jax.jit(lambda g, m=method: js.simulate(tested, T_END, DT, method=m).v), 0.0
        calls[label] = lambda f=function, x=argument: jax.block_until_ready(f(x))
    seconds = {label: timed.wall_s for label, timed in interleaved(calls, options.rounds).items()}
    print(
        f"{tested.wiring.forest.parent.shape[0]} nodes, {tested.v.dtype}, {'gradient' if options.gradient else 'run'}"
    )
    for label, times in seconds.items():
        steps = int(np.asarray(runs[label].step_ends).sum()) - 1
        faster = median_ratio(seconds["default"], times)
        took = f"{steps:6d} steps, {statistics.median(times):.3f} s, default / this {faster:.1f}"
        print(f"{label:16s} {took}; {errors[label]}")
    creeping()
    if options.picture:
        picture(runs["Adaptive(0.001)"]).savefig(options.picture, dpi=130)


def creeping() -> None:
    """Steps and the first spike of an HH point under a slow ramp, beside fixed steps."""
    import jaxsim as js

    cell = js.Cell(js.cylinder(20.0, 10.0), js.PerBranch(1)).insert(js.HH())
    soma = cell.loc(0, 0.5)
    ramped = cell.stimulate(soma, js.Ramp(0.0, 0.6, 0.0, 200.0)).record(soma).compile("float64")
    rows: list[tuple[str, Any, float]] = [("converged", js.TRBDF2(), DT / 8)]
    rows += [(f"TRBDF2, dt {dt:g}", js.TRBDF2(), dt) for dt in (DT, 4 * DT)]
    rows += [(f"Adaptive({tolerance:g})", js.Adaptive(tolerance), DT) for tolerance in (1e-3, 1e-4, 1e-5)]
    first = {}
    for label, method, dt in rows:
        rec = js.simulate(ramped, 80.0, dt, method=method)
        first[label] = spikes(np.asarray(rec.t), np.asarray(rec.v[0]))[0]
        steps = int(np.asarray(rec.step_ends).sum()) - 1
        print(f"{label:16s} {steps:6d} steps, first spike off by {first[label] - first['converged']:.2g} ms")


def picture(rec: Any) -> Any:
    """Voltage and length of the steps over the second, and around one spike."""
    from matplotlib.figure import Figure

    t, v, ends = np.asarray(rec.t), np.asarray(rec.v[0]), np.flatnonzero(rec.step_ends)
    lengths = DT * 2.0 ** np.arange(0, 8, 2)
    figure = Figure(figsize=(9.0, 4.2), layout="constrained")
    axes = figure.subplots(2, 2, sharex="col", width_ratios=(1.6, 1.0))
    for above, below, (start, stop) in zip(*axes, [(0.0, T_END), (240.0, 290.0)], strict=True):
        above.plot(t, v, color="#0072b2", linewidth=1.2)
        below.semilogy(t[ends[1:]], np.diff(t[ends]), color="#d55e00", linewidth=1.0, drawstyle="steps-pre")
        below.set(xlim=(start, stop), xlabel="t (ms)")
        below.set_yticks(lengths, [f"{x:g}" for x in lengths])
        below.minorticks_off()
    axes[0, 0].set_ylabel("v at the soma (mV)")
    axes[1, 0].set_ylabel("length of a step (ms)")
    for each in axes.flat:
        each.spines[["top", "right"]].set_visible(False)
    title = f"tolerance 1e-3 mV: {ends.size - 1:,} steps of {t[1] - t[0]:g} ms and longer, not {t.size - 1:,}"
    axes[0, 0].set_title(title, fontsize=10)
    axes[0, 1].set_title("around one spike", fontsize=10)
    return figure


if __name__ == "__main__":
    main()

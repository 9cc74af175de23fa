"""HH on a branched cell of about 1000 compartments, one core: forward step, gradient, memory; NEURON beside it.

python -m benchmarks.hh_cell [--x64] [--wide]        # --wide: XLA_FLAGS=--xla_cpu_prefer_vector_width=512
"""

import argparse
import os
import statistics

from benchmarks.timing import interleaved, median_ratio, pin

# Rall's binary tree: levels, length and radius of its root, length of a compartment [um].
DEPTH, LENGTH, RADIUS, STEP = 7, 120.0, 4.0, 5.3
T_END, DT = 50.0, 0.025


def jaxsim_runs() -> tuple[dict, int, float]:
    """Forward and gradient (by every compartment's sodium conductance) runs; number of compartments; extra MB."""
    import jax
    import jax.numpy as jnp

    import jaxsim as js

    cell = js.Cell(js.binary_tree(DEPTH, LENGTH, RADIUS), js.MaxLength(STEP), ra=100.0).insert(js.HH())
    cell.stimulate(cell.loc(0), js.Pulse(amp=1.0, start=1.0)).record([cell.loc(0), cell.loc(40)])
    model, n_comp = cell.compile(), cell.cable.n_comp
    runs, memory = {}, {}
    for name, method in (("backward Euler", js.BackwardEuler()), ("Crank-Nicolson", js.CrankNicolson())):

        def loss(g, method=method):
            v = js.simulate(model.set("HH.gbar_na", g), T_END, DT, method=method).v
            return jnp.mean((v + 60.0) ** 2)

        g = model.get("HH.gbar_na")
        for kind, function in (("forward", loss), ("gradient", jax.value_and_grad(loss))):
            compiled = jax.jit(function).lower(g).compile()
            memory[name, kind] = compiled.memory_analysis().temp_size_in_bytes / 1e6
            runs[f"{name}, {kind}"] = lambda c=compiled, g=g: jax.block_until_ready(c(g))
    return runs, n_comp, memory["Crank-Nicolson", "gradient"] - memory["Crank-Nicolson", "forward"]


def neuron_run():
    """The same cell in NEURON with exact rates; None if it is not installed."""
    try:
        from neuron import h
    except ImportError:
        return None
    import jaxsim as js
    from tests import neuron_cell

    cable = js.discretise(js.binary_tree(DEPTH, LENGTH, RADIUS), js.MaxLength(STEP))
    sections = neuron_cell.build_sections(cable)
    neuron_cell.set_ra(sections, 100.0)
    neuron_cell.insert(sections, "hh")
    pulse = h.IClamp(sections[0](0.5))
    pulse.delay, pulse.dur, pulse.amp = 1.0, 1e9, 1.0

    def run(keep=(sections, pulse)):
        h.usetable_hh, h.celsius, h.secondorder = 0, 6.3, 0
        h.steps_per_ms, h.dt = 1.0 / DT, DT
        h.finitialize(-65.0)
        h.continuerun(T_END)

    return run


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--x64", action="store_true", help="double precision")
    parser.add_argument("--wide", action="store_true", help="512-bit vectors")
    options = parser.parse_args()
    pin()
    if options.wide:
        os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_prefer_vector_width=512"
    os.environ["JAX_ENABLE_X64"] = str(options.x64)
    runs, n_comp, extra = jaxsim_runs()
    peer = neuron_run()
    if peer is not None:
        runs["NEURON, backward Euler"] = peer
    seconds = interleaved(runs)
    n_step = round(T_END / DT)
    precision = "float64" if options.x64 else "float32"
    print(f"{n_comp} compartments, {n_step} steps, {precision}; gradient memory beyond forward {extra:.1f} MB")
    print("| run | us / step | ns / compartment and step | ratio to its forward run | spread |")
    print("|---|---|---|---|---|")
    for name, values in seconds.items():
        step = statistics.median(values) / n_step
        forward = seconds.get(name.replace("gradient", "forward"), values)
        spread = (max(values) - min(values)) / statistics.median(values)
        ratio = median_ratio(values, forward)
        print(f"| {name} | {step * 1e6:.1f} | {step / n_comp * 1e9:.1f} | {ratio:.2f} | {spread:.0%} |")
    if peer is not None:
        ratio = median_ratio(seconds["NEURON, backward Euler"], seconds["backward Euler, forward"])
        print(f"NEURON takes {ratio:.1f} times as long as the same scheme here.")


if __name__ == "__main__":
    main()

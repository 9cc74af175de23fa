"""What several nodes a trip of the elimination save: a run of the CA1 cell with each number of them, in one process.

python -m benchmarks.elimination [--rounds 15] [--lanes 1 4 16] [--at-once 1 4 8 16] [--x64]

Backward Euler, HH and a leak, 620 compartments; one core, interleaved rounds, microseconds of wall time a step of all
lanes.
"""

import argparse
import statistics

from benchmarks.latency import build
from benchmarks.timing import interleaved, median_ratio, pin

DT, N_STEP = 0.025, 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--lanes", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 4, 8, 16])
    parser.add_argument("--x64", action="store_true")
    options = parser.parse_args()
    pin()
    import jax
    import jax.numpy as jnp

    import jaxsim as js
    from jaxsim.numerics import lanes as batches
    from jaxsim.numerics import tree_solve

    js.tune_cpu()
    jax.config.update("jax_enable_x64", options.x64)
    model, name = build("hh")
    g = model.get(name)
    tree_solve._FEW_LANES = max(options.lanes)
    batches._chunks = lambda nodes, itemsize, size, share: (size, 1)  # all lanes in one chunk
    print(f"{model.wiring.forest.parent.shape[0]} nodes, {g.dtype}")
    for lanes in options.lanes:
        n_step = max(N_STEP // lanes, 50)
        calls = {}
        for at_once in options.at_once:
            tree_solve._AT_ONCE = at_once
            jax.clear_caches()
            one = lambda g, n=n_step: js.simulate(model.set(name, g), n * DT, DT, method=js.BackwardEuler()).v  # noqa: E731
            argument = g if lanes == 1 else jnp.linspace(0.9, 1.1, lanes)[:, None] * g
            function = jax.jit(one if lanes == 1 else jax.vmap(one)).lower(argument).compile()
            calls[at_once] = lambda f=function, a=argument: jax.block_until_ready(f(a))
        done = interleaved(calls, options.rounds)
        us = {at_once: [1e6 * t / n_step for t in timed.wall_s] for at_once, timed in done.items()}
        for at_once, times in us.items():
            ratio = median_ratio(times, us[options.at_once[0]])
            found = f"{statistics.median(times):6.1f} (best {min(times):.1f}) us a step"
            print(f"{lanes:3d} lanes, {at_once:2d} nodes a trip: {found}, {ratio:.2f} of the first", flush=True)


if __name__ == "__main__":
    main()

"""What blocks save: a run of the CA1 cell with the elimination node by node and block by block, in one process.

python -m benchmarks.elimination [--rounds 9] [--lanes 1 16 64] [--x64]

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
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--lanes", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--x64", action="store_true")
    options = parser.parse_args()
    pin()
    import jax
    import jax.numpy as jnp

    import jaxsim as js
    from jaxsim._struct import replace

    js.tune_cpu()
    jax.config.update("jax_enable_x64", options.x64)
    blocks, name = build("hh")
    wiring = blocks.wiring
    nodes = replace(blocks, wiring=replace(wiring, forest=replace(wiring.forest, blocks=None)))
    g, n_block = blocks.get(name), wiring.forest.blocks.table.shape[0] // 4
    print(f"{wiring.forest.parent.shape[0]} nodes, {n_block} blocks, {g.dtype}")
    for lanes in options.lanes:
        n_step = max(N_STEP // lanes, 50)
        calls = {}
        for form, model in (("nodes", nodes), ("blocks", blocks)):
            one = lambda g, m=model, n=n_step: js.simulate(m.set(name, g), n * DT, DT, method=js.BackwardEuler()).v  # noqa: E731
            argument = g if lanes == 1 else jnp.linspace(0.9, 1.1, lanes)[:, None] * g
            function = jax.jit(one if lanes == 1 else jax.vmap(one)).lower(argument).compile()
            calls[form] = lambda f=function, a=argument: jax.block_until_ready(f(a))
        seconds = interleaved(calls, options.rounds)
        us = {form: [1e6 * t / n_step for t in times] for form, times in seconds.items()}
        found = ", ".join(f"{form} {statistics.median(t):.1f} (best {min(t):.1f})" for form, t in us.items())
        ratio = median_ratio(us["blocks"], us["nodes"])
        print(f"{lanes:3d} lanes: {found} us a step; blocks / nodes {ratio:.2f}", flush=True)


if __name__ == "__main__":
    main()

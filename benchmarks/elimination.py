"""What blocks save: a run of the CA1 cell with the elimination node by node and block by block, in one process.

python -m benchmarks.elimination [--rounds 9] [--cores 1] [--lanes 1 16 64] [--x64]

Backward Euler, HH and a leak, 620 compartments; interleaved rounds, microseconds of wall time a step (of all lanes).
"""

import argparse
import os
import statistics
import time

from benchmarks.latency import build

DT, N_STEP = 0.025, 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--lanes", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--x64", action="store_true")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
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
            calls[form]()
        times: dict[str, list[float]] = {form: [] for form in calls}
        for _ in range(options.rounds):
            for form, call in calls.items():
                begun = time.perf_counter()
                call()
                times[form].append((time.perf_counter() - begun) / n_step * 1e6)
        ratio = statistics.median(b / a for a, b in zip(times["nodes"], times["blocks"], strict=True))
        found = ", ".join(f"{form} {statistics.median(t):.1f} (best {min(t):.1f})" for form, t in times.items())
        print(f"{lanes:3d} lanes: {found} us a step; blocks / nodes {ratio:.2f}", flush=True)


if __name__ == "__main__":
    main()

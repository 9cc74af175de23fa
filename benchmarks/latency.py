"""What is paid before and around the computation: building a cell, compiling its run and gradient, calling it.

python -m benchmarks.latency [--rounds 3] [--cores 1] [--channels hh|layer5] [--untuned]

Each round is a fresh process with the options of `js.tune_cpu()`, or without them; "again" is a second process that
finds the compiled programs in JAX's cache on disk. A call's overhead is the time of `simulate` for two steps less that
of the same run inside `jax.jit`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

from benchmarks import job, jobs, shapes

DT, N_STEP, CALLS = 0.025, 1000, 200


def build(channels: str) -> tuple[Any, str]:
    """A CA1 cell of 620 compartments and the parameter whose gradient is asked for."""
    import jaxsim as js

    morphology = js.read_swc(shapes.data_folder() / shapes.CA1_FILE)
    cell = js.Cell(morphology, js.PerBranch(4), ra=100.0).insert(js.Leak(gbar=1e-4, e=-65.0))
    for channel in [js.HH] if channels == "hh" else [getattr(js, name) for name in jobs.LAYER5]:
        cell.insert(channel())
    soma = cell.loc(0, 0.5)
    cell.stimulate(soma, js.Pulse(amp=2.0, start=5.0)).record(soma)
    return cell.compile(), "HH.gbar_na" if channels == "hh" else "NaTs2_t.gbar"


def seconds(function: Any, *arguments: Any) -> tuple[float, Any]:
    """How long a call takes, and its result, finished."""
    import jax

    begun = time.perf_counter()
    result = jax.block_until_ready(function(*arguments))
    return time.perf_counter() - begun, result


def measure(channels: str, tune: bool) -> dict[str, float]:
    """All figures of one process."""
    import jax
    import jax.numpy as jnp

    import jaxsim as js

    if tune:
        js.tune_cpu()
    jax.block_until_ready(jnp.zeros(3) + 1.0)
    begun = time.perf_counter()
    model, name = build(channels)
    found = {"build": time.perf_counter() - begun}
    run = jax.jit(lambda m: js.simulate(m, N_STEP * DT, DT).v)
    loss = lambda g: jnp.mean(js.simulate(model.set(name, g), N_STEP * DT, DT).v ** 2)  # noqa: E731
    gradient, g = jax.jit(jax.value_and_grad(loss)), model.get(name)
    for what, function, argument in (("forward", run, model), ("gradient", gradient, g)):
        first, _ = seconds(function, argument)
        found[f"compile {what}"] = first - seconds(function, argument)[0]
        other = model.set(name, 1.01 * g) if what == "forward" else 1.01 * g
        found[f"second call {what}"] = seconds(function, other)[0]
    short = jax.jit(lambda m: js.simulate(m, 2 * DT, DT).v)
    plain = lambda m: js.simulate(m, 2 * DT, DT).v  # noqa: E731
    times = {}
    for label, function in (("jit", short), ("plain", plain)):
        seconds(function, model)
        times[label] = statistics.median(seconds(function, model)[0] for _ in range(CALLS))
    found["overhead of a call"] = times["plain"] - times["jit"]
    return found


def rounds(options: argparse.Namespace, cache: str | None) -> list[dict[str, float]]:
    """Each round in a process of its own."""
    environment = dict(os.environ)
    if cache is not None:
        environment |= {"JAX_COMPILATION_CACHE_DIR": cache, "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}
    command = [sys.executable, "-m", "benchmarks.latency", "--one", "--channels", options.channels]
    command += ["--untuned"] * options.untuned
    if options.cores:
        job.pin(options.cores, 0)
    run = lambda: subprocess.run(command, env=environment, check=True, capture_output=True, text=True)  # noqa: E731
    if cache is not None:
        run()
    return [json.loads(run().stdout.splitlines()[-1]) for _ in range(options.rounds)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cores", type=int, default=1, help="pin to so many cores; 0 for all")
    parser.add_argument("--channels", choices=["hh", "layer5"], default="hh")
    parser.add_argument("--untuned", action="store_true", help="without the options of js.tune_cpu()")
    parser.add_argument("--one", action="store_true", help="measure in this process and print JSON")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.channels, not options.untuned)))
        return
    with tempfile.TemporaryDirectory() as cache:
        fresh, again = rounds(options, None), rounds(options, cache)
    print("| | ms, median (least, most) | again |\n| --- | --- | --- |")
    for what in fresh[0]:
        first, second = ([1e3 * row[what] for row in rows] for rows in (fresh, again))
        spread = f"{statistics.median(first):.1f} ({min(first):.1f}, {max(first):.1f})"
        print(f"| {what} | {spread} | {statistics.median(second):.1f} |")


if __name__ == "__main__":
    main()

"""One device's whole table, cheap rows first: points, cells, gradients, in both precisions, Jaxley beside them.

python -m benchmarks.gpu [--small] [--out FILE.json] [--budget SECONDS]

A row is a batch by `jax.vmap(js.simulate)`, run as one program: the wall time of a whole call over its steps, median of
a few calls. Every row is written as soon as it is known, and none ends the table: what runs out of memory says so in
its row, as does what would not end in time if it grew with its batch. "check" compares the first lane with the smallest
batch in float64: the greatest difference of the soma's voltage, or of the gradient over its greatest entry. Without a
GPU it measures what JAX finds.
"""

import argparse
import dataclasses
import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import programs, shapes
from benchmarks.cases import HH, ca1_hh, ca1_l5pc
from benchmarks.cases.gradient import GROUPS
from benchmarks.job import SAMPLE_MS
from benchmarks.work import Work

BUDGET = 450.0  # s for the table; with JAX's start under 8 minutes
CALLS, ROW_SECONDS = 5, 3.0  # timed calls of a row, and seconds after which no further one begins
COPY_BYTES = {False: 2**30, True: 2**24}  # size of the array that the copy moves, by --small
# Passes over the state that a step cannot do without. Forward: read and write. Gradient: forward twice, states of a
# segment written and read, the cotangent read and written.
PASSES = {"batch": 2, "gradient": 8}
COLUMNS = ("case", "simulator", "batch", "dtype", "us/step", "ns/comp/step", "compile s", "call MB", "GB/s", "check")
PEER_SECONDS = 90.0  # what a peer's first row needs to build its cell and compile


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table.

    Args:
        case: name of the case.
        work: what is simulated.
        program: "batch" or "gradient".
        dtype: "float32" or "float64".
        simulator: "jaxsim" or "jaxley".
    """

    case: str
    work: Work
    program: str
    dtype: str
    simulator: str = "jaxsim"

    @property
    def size(self) -> int:
        """What the row costs, roughly, in compartments times steps times passes."""
        return self.work.n_comp * self.work.batch * self.work.n_step * PASSES[self.program]


def works(small: bool) -> Iterator[tuple[str, Work, str]]:
    """Case, work and program of each size."""
    shape = shapes.tree(9, 2) if small else shapes.ca1()
    point = Work(**shapes.point(), channels={"hh": HH}, amp=0.2, start=1.0, stop=95.0, t_end=10.0)
    hh = Work(**shape, channels=ca1_hh.CHANNELS, amp=1.0, start=1.0, stop=95.0, t_end=5.0)
    cell = shape if small else shapes.layer5()
    layer5 = Work(**cell, channels=ca1_l5pc.CHANNELS, amp=1.0, start=1.0, stop=95.0, t_end=5.0, v=-75.0, celsius=34.0)
    gradient = hh.but(groups=3 if small else GROUPS)
    sizes = [
        ("HH points", "batch", point, [1, 64] if small else [1, 1_000, 30_000, 1_000_000]),
        ("CA1, HH", "batch", hh, [1, 4] if small else [1, 10, 100, 1_000, 10_000]),
        ("L5 cell, 8 layer-5 channels", "batch", layer5, [1, 4] if small else [1, 100, 1_000, 10_000]),
        ("CA1, HH, gradient", "gradient", gradient, [1, 4] if small else [1, 16, 128, 1_024]),
    ]
    for case, program, work, batches in sizes:
        for batch in batches:
            yield case, work.but(batch=batch, t_end=1.0 if small else work.t_end), program


def rows(small: bool) -> list[Row]:
    """All rows, cheap ones first and float64 before what is compared with it; a peer's, which compile long, last."""
    ours = [Row(*one, dtype) for one in works(small) for dtype in ("float64", "float32")]
    theirs = [
        dataclasses.replace(r, simulator="jaxley") for r in ours if r.dtype == "float32" and "layer-5" not in r.case
    ]
    return sorted(ours, key=lambda r: r.size) + sorted(theirs, key=lambda r: (r.work.n_comp, r.size))


def function(row: Row) -> tuple[Any, Callable[..., Any], Any]:
    """The model, the function that the row times, and its argument, whose first lane is the same in every batch."""
    import jax
    import jax.numpy as jnp

    import jaxsim as js

    work = row.work
    model = programs.cell(work).compile()
    name, factors = programs.varied(work), jnp.asarray(work.factors(), model.v.dtype).at[0].set(1.0)

    def voltages(value: Any) -> Any:
        return js.simulate(model.set(name, value), work.t_end, work.dt, method=js.BackwardEuler()).v

    one, argument = voltages, factors * model.get(name)[0]
    if row.program == "gradient":
        group = work.group()
        one = jax.value_and_grad(lambda theta: jnp.mean((voltages(theta[group]) + 60.0) ** 2))
        argument = argument[:, None] * jnp.ones(work.groups, model.v.dtype)
    return (model, one, argument[0]) if work.batch == 1 else (model, jax.vmap(one), argument)


def timed(call: Callable[[], Any]) -> float:
    """Median seconds of a call that blocks, after one that is not counted."""
    call()
    seconds, begin = [], time.perf_counter()
    while len(seconds) < CALLS and (not seconds or time.perf_counter() - begin < ROW_SECONDS):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def step_bytes(row: Row, model: Any) -> int:
    """Bytes that a step must move: each lane's state as often as PASSES says, the parameters once."""
    import jax
    import jax.numpy as jnp

    import jaxsim as js

    def floats(tree: Any) -> int:
        return sum(x.nbytes for x in jax.tree.leaves(tree) if jnp.issubdtype(x.dtype, jnp.floating))

    state = js.init(model)
    return row.work.batch * PASSES[row.program] * floats((state.v, state.gates)) + floats(model.mechanisms)


def ours(row: Row) -> dict[str, Any]:
    """Compile and time one of our rows."""
    import jax

    model, program, argument = function(row)
    start = time.perf_counter()
    compiled = jax.jit(program).lower(argument).compile()
    compile_s = time.perf_counter() - start
    seconds = timed(lambda: jax.block_until_ready(compiled(argument)))
    memory, step_s = compiled.memory_analysis(), seconds / row.work.n_step
    return {
        "call_s": seconds,
        "us_per_step": 1e6 * step_s,
        "compile_s": compile_s,
        "call_mb": (memory.temp_size_in_bytes + memory.output_size_in_bytes + memory.argument_size_in_bytes) / 1e6,
        "step_bytes": step_bytes(row, model),
        "gb_per_s": step_bytes(row, model) / step_s / 1e9,
        "first_lane": first_lane(row, compiled(argument)),
    }


def first_lane(row: Row, result: Any) -> list[float]:
    """The soma's voltage [mV] every SAMPLE_MS, or the gradient, of the first lane."""
    import numpy as np

    lane = np.asarray(result[1] if row.program == "gradient" else result, float)
    lane = lane if row.work.batch == 1 else lane[0]
    return (lane if row.program == "gradient" else lane[0, :: round(SAMPLE_MS / row.work.dt)]).tolist()


def off(line: dict[str, Any], known: list[dict[str, Any]]) -> float | None:
    """How far the first lane is from that of the case's smallest batch in float64, itself among `known`."""
    import numpy as np

    exact = next((k["first_lane"] for k in known if k["case"] == line["case"] and "first_lane" in k), None)
    if exact is None or "first_lane" not in line:
        return None
    size = np.max(np.abs(exact)) if line["program"] == "gradient" else 1.0
    return float(np.max(np.abs(np.subtract(line["first_lane"], exact))) / size)


def theirs(row: Row) -> dict[str, Any]:
    """Time Jaxley on the same work, by the adapter of the CPU benchmark."""
    from benchmarks.peers import on_jaxley

    options = {"program": row.program, "mode": "vmap", "checkpoints": 2, "repeats": 3, "budget": ROW_SECONDS}
    if row.program == "batch" and row.work.batch == 1:
        options["program"] = "forward"
    found = on_jaxley.run(row.work, options)
    seconds = found["wall_us_per_step"] * row.work.n_step / 1e6
    return {"call_s": seconds, "us_per_step": found["wall_us_per_step"], "compile_s": found["compile_s"]}


def copy_bandwidth(small: bool) -> float:
    """Bytes a second of reading and writing an array."""
    import jax
    import jax.numpy as jnp

    add = jax.jit(lambda x: x + 1.0, donate_argnums=0)
    held = [jnp.ones(COPY_BYTES[small] // 4, jnp.float32)]

    def move() -> None:
        held[0] = jax.block_until_ready(add(held[0]))

    return 2.0 * held[0].nbytes / timed(move)


def attempt(row: Row, known: list[dict[str, Any]], left: float) -> dict[str, Any]:
    """The row's entries, or the reason why there are none."""
    import jax

    line: dict[str, Any] = {
        "case": row.case, "simulator": row.simulator, "program": row.program,
        "batch": row.work.batch, "dtype": row.dtype,
        "n_comp": row.work.n_comp, "n_step": row.work.n_step, "note": row.work.note,
    }  # fmt: skip
    reason = hopeless(row, known, left)
    if reason:
        return line | {"error": reason}
    try:
        with jax.enable_x64(row.dtype == "float64"):
            line |= ours(row) if row.simulator == "jaxsim" else theirs(row)
    except Exception as error:  # an allocation that fails, a peer that is not installed: all belong into the table
        return line | {
            "error": f"{type(error).__name__}: {str(error).strip().splitlines()[0][:120] if str(error) else ''}"
        }
    return line | {"ns_per_comp_step": 1e3 * line["us_per_step"] / (row.work.n_comp * row.work.batch)}


def hopeless(row: Row, known: list[dict[str, Any]], left: float) -> str:
    """Why the row is not tried: it failed at a smaller batch, or might take longer than what is left.

    A call takes at most as much longer as the batch is larger; it is made twice, to warm up and to be timed.
    """
    before = [k for k in known if all(k[x] == getattr(row, x) for x in ("case", "simulator", "dtype"))]
    if not before:
        least = PEER_SECONDS if row.simulator != "jaxsim" else 0.0
        return "" if left > least else f"not tried: {max(left, 0.0):.0f} s are left"
    last = before[-1]
    if "error" in last:
        return last["error"] if last["error"].startswith("not tried") else f"not tried: batch {last['batch']} failed"
    most = last["compile_s"] + 2.0 * last["call_s"] * row.work.batch / last["batch"]
    return "" if most < left else f"not tried: might take {most:.0f} s, {max(left, 0.0):.0f} s are left"


def formatted(line: dict[str, Any], copy: float) -> str:
    """A line of the table."""
    head = [str(line[x]) for x in ("case", "simulator", "batch", "dtype")]
    if "error" in line:
        return "| " + " | ".join([*head, line["error"], *[""] * (len(COLUMNS) - 5)]) + " |"
    numbers = [
        "" if line.get(x) is None else f"{line[x]:.4g}"
        for x in ("us_per_step", "ns_per_comp_step", "compile_s", "call_mb")
    ]
    rate = f"{line['gb_per_s']:.3g} ({1e9 * line['gb_per_s'] / copy:.0%})" if "gb_per_s" in line else ""
    check = "" if line.get("off") is None else f"{line['off']:.1e}"
    return "| " + " | ".join([*head, *numbers, rate, check]) + " |"


def main() -> None:
    """Print the table, and write the JSON after every row."""
    start = time.perf_counter()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="tiny works: does everything run?")
    parser.add_argument("--out", type=Path, default=Path("gpu.json"))
    parser.add_argument("--budget", type=float, default=BUDGET, metavar="SECONDS", help="no row begins after this")
    options = parser.parse_args()
    import jax

    import jaxsim

    device, copy = jax.devices()[0], copy_bandwidth(options.small)
    found: dict[str, Any] = {
        "device": device.device_kind, "platform": device.platform, "jax": jax.__version__,
        "jaxsim": jaxsim.__version__, "copy_gb_per_s": copy / 1e9, "rows": [],
    }  # fmt: skip
    print(f"{device.device_kind} ({device.platform}), jax {jax.__version__}; it copies {copy / 1e9:.0f} GB/s")
    if options.small:
        print("--small: a tree of 19 compartments in place of the cell, 40 steps; the figures mean nothing")
    print("| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|", flush=True)
    for row in rows(options.small):
        line = attempt(row, found["rows"], options.budget - (time.perf_counter() - start))
        found["rows"].append(line)
        line["off"] = off(line, found["rows"])
        found["seconds"] = time.perf_counter() - start
        options.out.write_text(json.dumps(found, indent=1))
        print(formatted(line, copy), flush=True)
        jax.clear_caches()  # programs of rows that are done keep their constants on the device
    print(f"{found['seconds']:.0f} s; GB/s counts only what a step must move, and its share of a copy's. {options.out}")


if __name__ == "__main__":
    main()

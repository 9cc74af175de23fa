"""Plain C (tree.c): what one core can do. HH and leak only.

Options: "lanes": cells side by side in one block; "order": "breadth" or "depth", how the nodes are numbered; "dtype".
"""

import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import job
from benchmarks.work import Work

SOURCE = Path(__file__).with_name("tree.c")
FLAGS = ["-O3", "-march=native", "-ffast-math", "-mprefer-vector-width=512"]


def run(work: Work, options: dict[str, Any]) -> dict[str, Any]:
    """Compile, run as a process of its own, read its CPU times and trace."""
    real = {"float32": "float", "float64": "double"}[options["dtype"]]
    with tempfile.TemporaryDirectory() as folder:
        program, given, trace = (Path(folder) / name for name in ("tree", "input", "trace"))
        start = time.perf_counter()
        defines = [f"-DREAL={real}", f"-DLANES={options.get('lanes', 1)}"]
        subprocess.run(["gcc", *FLAGS, *defines, str(SOURCE), "-o", str(program), "-lm"], check=True)
        compiled = time.perf_counter() - start
        start = time.perf_counter()
        given.write_bytes(_input(work, options.get("order", "breadth")))
        build = time.perf_counter() - start
        command = [str(program), str(given), str(trace), str(options.get("repeats", job.REPEATS) + 1)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        said = json.loads(done.stdout)
        v = np.fromfile(trace, np.float32).reshape(-1, len(work.probes)).T
    cpu = said["cpu_s"]
    times = {"first_s": cpu[0], "cpu_s": cpu[1:], "wall_s": cpu[1:]}
    own = {"compile_s": compiled, "peak_rss_mb": said["peak_rss_mb"]}
    return job.record(work, times, build, v, version=_version()) | own


def nodes(work: Work) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The tree of nodes: compartments, and a node without area at each branch end that has children.

    Returns:
        (n_node,) int parent, -1 for the root; (n_node,) int compartment, -1 for none; (n_node,) [uS] conductance to the
        parent. Parents stand before their children.
    """
    parent, comp, g, end = [], [], [], {}
    for b, n in enumerate(work.n):
        before, r_before = end.get(work.parent[b], (-1, 0.0))
        for k in range(n):
            c = int(work.first[b]) + k
            r_half = 1e-2 * work.ra * (work.length[b] / 2.0) / (np.pi * work.radius[c] ** 2)  # MOhm
            parent.append(before)
            comp.append(c)
            g.append(0.0 if before < 0 else 1.0 / (r_before + r_half))
            before, r_before = len(parent) - 1, r_half
        if b in work.parent:
            parent.append(before)
            comp.append(-1)
            g.append(1.0 / r_before)
            end[b] = (len(parent) - 1, 0.0)
    return np.array(parent), np.array(comp), np.array(g)


def _input(work: Work, order: str) -> bytes:
    parent, comp, g = nodes(work)
    depth = np.zeros(len(parent), int)
    for i in range(1, len(parent)):
        depth[i] = depth[parent[i]] + 1
    new = np.argsort(depth, kind="stable") if order == "breadth" else np.arange(len(parent))
    position = np.argsort(new)
    parent, comp, g = np.where(parent[new] < 0, -1, position[parent[new]]), comp[new], g[new]
    node = np.flatnonzero(comp >= 0)
    length = np.repeat(work.length, work.n)[comp[node]]
    area = 2.0 * np.pi * np.array(work.radius)[comp[node]] * length * 1e-8  # cm2
    at = {int(c): i for i, c in enumerate(comp) if c >= 0}
    hh = work.channels.get("hh", {"gna": 0.0, "gk": 0.0, "gl": 0.0, "el": 0.0, "ena": 0.0, "ek": 0.0})
    leak = work.channels.get("leak", {"g": 0.0, "e": 0.0})
    rest = hh["gl"] + leak["g"], hh["gl"] * hh["el"] + leak["g"] * leak["e"]
    size = [len(parent), len(node), len(work.probes), work.batch, int("hh" in work.channels), work.n_step]
    numbers = [work.dt, work.v, work.amp, work.start, work.stop, hh["gk"], *rest, hh["ena"], hh["ek"]]
    integers = [np.array(size), parent, node, np.array([at[p] for p in work.probes])]
    reals = [np.array(numbers), work.cm * area * 1e3, area * 1e6, g, hh["gna"] * work.factors()]
    return b"".join(x.astype(np.int32).tobytes() for x in integers) + b"".join(x.astype(float).tobytes() for x in reals)


def _version() -> str:
    return subprocess.run(["gcc", "--version"], check=True, capture_output=True, text=True).stdout.splitlines()[0]


if __name__ == "__main__":
    job.main(run)

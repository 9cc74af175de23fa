"""python -m benchmarks: one table out; see docs/benchmarks.md."""

import argparse
import json
from pathlib import Path

from benchmarks import cases, runner, table
from benchmarks.job import BUDGET, REPEATS
from benchmarks.jobs import Job, find

OURS = ("jaxsim", "reference", "c")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    p = argparse.ArgumentParser(prog="python -m benchmarks", description="Time jaxsim, with --peers beside its peers.")
    p.add_argument("--case", nargs="+", default=[], metavar="NAME", help="cases; all by default")
    p.add_argument("--sweep", nargs="+", default=[], choices=list(cases.SWEEPS), help="curves: cost against size")
    p.add_argument("--peers", action="store_true", help="run NEURON, CoreNEURON, Arbor and Jaxley too")
    p.add_argument("--only", nargs="+", default=[], metavar="TEXT", help="only rows whose label contains one of these")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--dtype", choices=[*cases.BOTH, "both"], default="both")
    p.add_argument("--repeats", type=int, default=REPEATS, help="timed calls in a process")
    p.add_argument("--budget", type=float, default=BUDGET, metavar="S", help="no further call begins after this")
    p.add_argument("--venv", metavar="DIR", help="the peers' environment; BENCH_PEERS by default")
    p.add_argument("--core", type=int, default=0, help="the core to run on")
    p.add_argument("--small", action="store_true", help="tiny works: does everything run?")
    p.add_argument("--list", action="store_true", help="name the cases and their rows")
    p.add_argument("--out", type=Path, default=Path("results.json"))
    p.add_argument("--table", type=Path, metavar="RESULTS", nargs="+", help="print the table of finished runs")
    return p


def merged(files: list[Path]) -> dict:
    """Results of several runs as those of one: rounds are numbered on."""
    found = json.loads(files[0].read_text())
    for path in files[1:]:
        other = json.loads(path.read_text())
        for name, case in other["cases"].items():
            for row in case["rows"]:
                row["round"] += found["rounds"]
            found["cases"].setdefault(name, case | {"rows": []})["rows"].extend(case["rows"])
        found["rounds"] += other["rounds"]
        found["dtypes"] = list(dict.fromkeys(found["dtypes"] + other["dtypes"]))
    return found


def main() -> None:
    """Run and print, or list, or print a finished run."""
    options = parser().parse_args()
    dtypes = cases.BOTH if options.dtype == "both" else (options.dtype,)
    if options.list:
        for name, case in cases.every():
            print(f"{name}: {case.title}", *(f"    {job.label}" for job in case.jobs(dtypes)), sep="\n")
        return
    if options.table:
        print(table.report(merged(options.table)))
        return

    def wanted(job: Job) -> bool:
        chosen = not options.only or any(text.lower() in job.label.lower() for text in options.only)
        return chosen and (options.peers or job.simulator in OURS)

    results = runner.run_all(
        [*options.case, *cases.sweep(*options.sweep)] or list(cases.FILES),
        find(options.venv, options.core),
        rounds=options.rounds,
        dtypes=dtypes,
        wanted=wanted,
        small=options.small,
        more={"repeats": options.repeats, "budget": options.budget},
        tell=lambda line: print(line, flush=True),
        keep=lambda found: options.out.write_text(json.dumps(found)),
    )
    print(table.report(results))


if __name__ == "__main__":
    main()

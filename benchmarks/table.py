"""From rows to tables: medians over rounds, ratios inside a round, and what each row got wrong."""

import statistics
from typing import Any

from benchmarks import checks

# The row of ours that others are divided by, one a precision.
BASE = {"float32": "jaxsim f32, backward Euler, flags", "float64": "jaxsim f64, backward Euler, flags"}
SHORT = {"float32": "f32", "float64": "f64"}


def by_label(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Rows of each label, in order of first appearance."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["label"], []).append(row)
    return found


def cost(row: dict[str, Any]) -> float | None:
    """Microseconds a step: of CPU time on one core, of wall time on several; None for a row without a time."""
    return row.get("us_per_step" if row.get("cores", 1) == 1 else "wall_us_per_step")


def median(rows: list[dict[str, Any]], key: str) -> float | None:
    """The median over the rounds of an entry; None where no round has it."""
    values = [row[key] for row in rows if row.get(key) is not None]
    return statistics.median(values) if values else None


def ratio(rows: list[dict[str, Any]], base: list[dict[str, Any]]) -> float | None:
    """The median over the rounds of the cost of `rows` over that of `base` in the same round."""
    below = {row["round"]: cost(row) for row in base}
    pairs = [(cost(row), below.get(row["round"])) for row in rows]
    quotients = [a / b for a, b in pairs if a and b]
    return statistics.median(quotients) if quotients else None


def spread(rows: list[dict[str, Any]]) -> float | None:
    """(Greatest - least) / median of the cost over the rounds; over the calls where there is one round."""
    costs = [c for c in map(cost, rows) if c]
    if len(costs) == 1 and (greatest := _extreme(rows[0], "max")):
        return (greatest - (_extreme(rows[0], "min") or 0.0)) / costs[0]
    return (max(costs) - min(costs)) / statistics.median(costs) if costs else None


def _extreme(row: dict[str, Any], which: str) -> float | None:
    """The "min" or "max" of the calls, by the clock that `cost` goes by."""
    return row.get(f"{'' if row.get('cores', 1) == 1 else 'wall_'}us_per_step_{which}")


def number(value: float | None, form: str = ".3g") -> str:
    """A cell of a table."""
    return "" if value is None else format(value, form)


_HEAD = ("row", "us a step (min)", "spread", "/ f32", "/ f64", "build s", "compile s", "RSS MB")
HEAD = {
    "forward": (*_HEAD, "spikes", "dV mV", "last spike ms", "from converged", "check"),
    "gradient": (*_HEAD, "x forward", "memory MB", "gradient error", "check"),
}


def case_table(result: dict[str, Any]) -> list[tuple[str, ...]]:
    """The table of one case: a header and one row for each label."""
    rows, groups = result["rows"], by_label(result["rows"])
    kind = "gradient" if result["work"]["groups"] else "forward"
    lines = [HEAD[kind]]
    for label, mine in groups.items():
        done = _done(mine)
        if not done:
            why = mine[-1].get("not_run")
            note = f"not run: {why}" if why else f"failed: {' '.join(mine[-1].get('error', '?').split())[-120:]}"
            lines.append((label, note, *[""] * (len(HEAD[kind]) - 2)))
            continue
        if done[0]["simulator"] == "reference":
            continue
        base = {dtype: ratio(done, groups.get(name, [])) for dtype, name in BASE.items()}
        least = min((low for row in done if (low := _extreme(row, "min"))), default=None)
        middle = statistics.median(c for c in map(cost, done) if c) if any(map(cost, done)) else None
        head = (
            label,
            f"{number(middle)} ({number(least)})" if middle else "",
            number(spread(done), ".0%"),
            number(base["float32"], ".2f"),
            number(base["float64"], ".2f"),
            number(median(done, "build_s")),
            number(median(done, "compile_s")),
            number(median(done, "peak_rss_mb"), ".0f"),
        )
        lines.append(head + (_gradient_end if kind == "gradient" else _forward_end)(mine, rows, result["work"]))
    return lines


def _done(mine: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in mine if "build_s" in row]


def _wrong(mine: list[dict[str, Any]], rows: list[dict[str, Any]], work: dict[str, Any]) -> list[str]:
    """What is wrong with the rows of one label, in any round."""
    return list(dict.fromkeys(fault for row in mine for fault in checks.faults(row, rows, work)))


def _verdict(mine: list[dict[str, Any]], rows: list[dict[str, Any]], work: dict[str, Any]) -> str:
    if not mine[0]["exact"]:
        return "not judged"
    if wrong := _wrong(mine, rows, work):
        return "FAILED: " + "; ".join(wrong)
    target = checks.target_row(mine[0], rows)
    if target is None:
        return "not compared"
    return "reference" if target is mine[0] else "ok"


def _forward_end(mine: list[dict[str, Any]], rows: list[dict[str, Any]], work: dict[str, Any]) -> tuple[str, ...]:
    row = _done(mine)[-1]
    near = checks.compare(row, checks.reference_row(rows)) if row["same"] else {}
    far = checks.compare(row, checks.converged_row(rows))
    spikes = str(len(row["spike_times"])) if "spike_times" in row else ""
    late = f"{far['last_ms']:.4f} ms" if "last_ms" in far else number(far.get("relative_v_soma"), ".1e")
    gaps = number(near.get("mv"), ".1e"), number(near.get("last_ms"), ".4f"), late
    return spikes, *gaps, _verdict(mine, rows, work) if spikes else ""


def _gradient_end(mine: list[dict[str, Any]], rows: list[dict[str, Any]], work: dict[str, Any]) -> tuple[str, ...]:
    done = _done(mine)
    error = checks.gradient_error(done[-1], rows)
    ends = number(median(done, "over_forward"), ".2f"), number(median(done, "memory_mb"), ".1f"), number(error, ".1e")
    return *ends, _verdict(mine, rows, work)


def markdown(lines: list[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    rows = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([rows[0], "|" + "---|" * len(lines[0]), *rows[1:]])


# What a summary compares: name -> labels of the rows among which the fastest correct one is taken.
PEERS = {
    "NEURON": ("NEURON", "NEURON, best flags"),
    "CoreNEURON": ("CoreNEURON", "CoreNEURON, best flags"),
    "Arbor": ("Arbor", "Arbor, one cell sampled", "Arbor, one cell sampled, a group each"),
}


def correct(result: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """`by_label` without the rows that computed something wrong or were compared with nothing."""
    rows, work = result["rows"], result["work"]
    return {label: mine for label, mine in by_label(rows).items() if _verdict(mine, rows, work) in ("ok", "reference")}


def summary(results: dict[str, Any]) -> list[tuple[str, ...]]:
    """For each case: our microseconds a step, ours over the C loop's, and the peers' best over ours, by precision.

    A gradient's row has its cost over our forward run in place of the C loop's. Only correct rows count.
    """
    lines = [
        (
            "case",
            "precision",
            "us a step",
            "/ C",
            "/ forward",
            *(f"{p} /" for p in PEERS),
            "Jaxley /",
            "Jaxley, flags /",
            "MB",
            "compile s",
        )
    ]
    for name, result in results["cases"].items():
        groups = correct(result)
        for dtype in results["dtypes"]:
            base = [row for row in groups.get(BASE[dtype], []) if cost(row)]
            if not base:
                continue
            short = SHORT[dtype]
            jaxley = [label for label in groups if label.startswith(f"Jaxley {short}")]
            tuned = [label for label in jaxley if label.endswith(", flags")]
            jaxley = [label for label in jaxley if label not in tuned]
            loop = [label for label in groups if label.startswith(f"C {short}")]
            over = [q for q in (ratio(base, groups[label]) for label in loop) if q]
            best = [_best(groups, labels, base) for labels in (*PEERS.values(), jaxley, tuned)]
            figures = statistics.median(cost(row) or 0.0 for row in base), max(over, default=None)
            forward, memory = median(base, "over_forward"), median(base, "memory_mb")
            cells = [number(x, ".2f") for x in (figures[1], forward, *best)]
            compile_s = number(median(base, "compile_s"), ".2f")
            lines.append((name, short, number(figures[0]), *cells, number(memory, ".1f"), compile_s))
    return lines


def _best(groups: dict[str, Any], labels: Any, base: list[dict[str, Any]]) -> float | None:
    """The least ratio to ours among some rows: a peer at its best."""
    found = [ratio(groups[label], base) for label in labels if label in groups]
    return min((q for q in found if q), default=None)


def extras(results: dict[str, Any]) -> list[str]:
    """Single figures: the cost of a call, build from a file, compilations for other values, two cores."""
    found = []
    for name, result in results["cases"].items():
        groups = by_label(result["rows"])
        for label, rows in groups.items():
            if rows[0]["simulator"] == "reference":
                continue
            if median(rows, "call_us"):
                found.append(f"{name}, {label}: a call of one step takes {median(rows, 'call_us'):.0f} us")
            if median(rows, "build_again_s"):
                first, again = median(rows, "build_s"), median(rows, "build_again_s")
                found.append(f"{name}, {label}: {first:.2f} s in a fresh process, {again:.3f} s again")
            if rows[0].get("cores", 1) > 1 and label.removesuffix(", 2 cores") in groups:
                one = [r | {"cores": 2} for r in groups[label.removesuffix(", 2 cores")]]  # wall time of both
                found.append(f"{name}, {label}: {number(ratio(one, rows), '.2f')} times as fast as one core")
        again = [row["compiled_again"] for row in result["rows"] if "compiled_again" in row]
        if again:
            found.append(f"{name}: {sum(again)} compilations in {len(again)} calls with other values")
    return found


def in_detail(results: dict[str, Any]) -> str:
    """The table of each case in Markdown."""
    parts = []
    for name, result in results["cases"].items():
        work = result["work"]
        cells = f", {work['batch']} cells" if work["batch"] > 1 else ""
        note = f" Note: {work['note']}." if work["note"] else ""
        line = f"{work['n_comp']} compartments{cells}, {work['n_step']} steps of {work['dt']} ms.{note}"
        parts.append(f"### {name}: {result['title']}\n\n{line}\n\n{markdown(case_table(result))}")
    return "\n\n".join(parts)


def in_short(results: dict[str, Any]) -> str:
    """The summary and the single figures in Markdown; "" where there are none."""
    parts, short, more = [], summary(results), extras(results)
    if len(short) > 1:
        parts.append(
            f"### Summary\n\nOurs: backward Euler, flags. A peer's best correct row over ours.\n\n{markdown(short)}"
        )
    if more:
        parts.append("\n".join(f"- {line}" for line in more))
    return "\n\n".join(parts)


def report(results: dict[str, Any]) -> str:
    """All of it in Markdown; the summary last, where a terminal ends."""
    return "\n\n".join(part for part in (in_detail(results), in_short(results)) if part)

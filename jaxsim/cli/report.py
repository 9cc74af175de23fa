"""`report`: one HTML page that holds all of a fit, pictures included, and needs nothing else."""

import base64
import dataclasses
import html
import math
from pathlib import Path
from typing import TYPE_CHECKING

from jaxsim.cli.tables import number, percent, rows

if TYPE_CHECKING:
    from jaxsim.cli.fit_output import Run


@dataclasses.dataclass(frozen=True)
class Section:
    """A picture with its title."""

    title: str
    path: Path


_STYLE = """
:root { color-scheme: light dark; --text: #1b1f24; --soft: #5b6570; --line: #d9dee4; --page: #f5f6f8; --card: #ffffff;
  --accent: #0072b2; --good: #00785a; --bad: #b34a00; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e9ec; --soft: #9aa5b1; --line: #343b43; --page: #15181c;
  --card: #1e2227; --accent: #6fbce8; --good: #4cc9a0; --bad: #f0a35e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; margin: 0 0 .2rem; } h2 { font-size: 1.1rem; margin: 0 0 .8rem; }
p.sub { color: var(--soft); margin: 0 0 1.2rem; overflow-wrap: anywhere; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.1rem;
  margin: 0 0 1rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .8rem 1.2rem; }
.facts div span { display: block; color: var(--soft); font-size: .82rem; } .facts div b { font-size: 1.15rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 600; font-size: .85rem; } tr:last-child td { border-bottom: 0; }
th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; } td.good { color: var(--good); }
td.bad { color: var(--bad); }
img { display: block; width: 100%; min-width: 32rem; height: auto; background: #fff; border-radius: 6px; }
pre { overflow-x: auto; margin: .6rem 0 0; font: .82rem/1.45 ui-monospace, monospace; } summary { cursor: pointer;
  font-weight: 600; } .note { color: var(--bad); }
"""
_CLOSE = 0.05  # relative error up to which a number counts as recovered


def report(run: "Run", sections: list[Section]) -> str:
    """The page as a text."""
    from jaxsim.cli.fit_output import facts

    config, result = run.problem.config, run.outcome.result
    known = facts(run)
    title = "Fit of " + html.escape(Path(config.document.name).stem)
    note = ""
    if result.interrupted:
        note = '<p class="note">Interrupted: this is the best of the steps that were made.</p>'
    pictures = "\n".join(_picture(s) for s in sections)
    versions = ", ".join(f"{name} {version}" for name, version in known["versions"].items())
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body><main>
<h1>{title}</h1>
<p class="sub">{html.escape(versions)} &middot; {html.escape(known["device"])} &middot; {known["finished"]}</p>
{note}
<section><div class="facts">{_facts(run)}</div></section>
<section><h2>Parameters</h2><div class="scroll">{_table(run)}</div></section>
{pictures}
<section><details><summary>Configuration</summary><pre>{html.escape(config.document.text)}</pre></details></section>
</main></body>
</html>
"""


def _facts(run: "Run") -> str:
    config, result, cable = run.problem.config, run.outcome.result, run.problem.cell.cable
    unit = run.problem.objective.unit
    known = [row for row in rows(run) if not math.isnan(row.error)]
    items = {
        "loss at the start": f"{result.history.loss[0]:.4g} {unit}",
        "loss fitted": f"{result.loss:.4g} {unit}",
    }
    if known:
        items["largest error"] = f"{100 * max(abs(row.error) for row in known):.2g} %"
    items |= {
        "free numbers": str(run.problem.free.n),
        "compartments": f"{cable.n_comp} in {cable.n_branch} branches",
        "simulated": f"{config.simulation.t_end:g} ms, dt {config.simulation.dt:g} ms",
        "steps": f"{len(result.history.loss) - 1} of {config.fit.steps}",
        "wall time": f"{run.seconds:.0f} s",
        "optimiser": f"{config.fit.optimiser}, {config.fit.learning_rate:g}",
        "seed": str(config.fit.seed),
        "precision": config.simulation.precision,
    }
    return "".join(f"<div><span>{html.escape(k)}</span><b>{html.escape(v)}</b></div>" for k, v in items.items())


def _table(run: "Run") -> str:
    found = rows(run)
    known = any(not math.isnan(row.true) for row in found)
    heads = ["parameter", "where", "start", "fitted", *(["true", "error"] if known else []), "bounds", "unit"]
    lines = ["<tr>" + "".join(f"<th>{head}</th>" for head in heads) + "</tr>"]
    for row in found:
        cells = [row.name, row.group, number(row.start), number(row.fitted)]
        marked = -1
        if known:
            cells += [number(row.true), percent(row.error)]
            marked = len(cells) - 1
        cells += [f"{row.low:g} to {row.high:g}", row.unit]
        tone = "good" if abs(row.error) <= _CLOSE else "bad"
        lines.append("<tr>" + "".join(_cell(c, tone if k == marked else "") for k, c in enumerate(cells)) + "</tr>")
    return "<table>" + "\n".join(lines) + "</table>"


def _cell(text: str, tone: str) -> str:
    return f'<td class="{tone}">{html.escape(text)}</td>' if tone else f"<td>{html.escape(text)}</td>"


def _picture(section: Section) -> str:
    data = base64.b64encode(section.path.read_bytes()).decode("ascii")
    title = html.escape(section.title)
    image = f'<img alt="{title}" src="data:image/png;base64,{data}">'
    return f'<section><h2>{title}</h2><div class="scroll">{image}</div></section>'

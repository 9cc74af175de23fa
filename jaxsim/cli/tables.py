"""The free parameters of a fit as rows: for the terminal, the JSON file and the report."""

import dataclasses
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jaxsim.cli.fit_output import Run


@dataclasses.dataclass(frozen=True)
class Row:
    """One free number: where it started, where it came to, what it should be (nan where nobody knows)."""

    name: str
    group: str
    unit: str
    low: float
    high: float
    start: float
    fitted: float
    true: float

    @property
    def error(self) -> float:
        """Relative error of the fitted number [1]; nan where the true one is unknown."""
        return self.fitted / self.true - 1.0 if self.true else math.nan

    @property
    def at_bound(self) -> bool:
        """Whether the fitted number stands on a bound, within a thousandth of the range."""
        return min(self.fitted - self.low, self.high - self.fitted) < 1e-3 * (self.high - self.low)


def rows(run: "Run") -> list[Row]:
    """All free numbers in the order of the configuration."""
    freed, reached, true = run.problem.free, run.outcome, run.problem.true
    found = []
    for name in freed.names:
        for i, group in enumerate(freed.labels(name)):
            low, high = freed.bounds(name)[i].tolist()
            aim = float(true[name][i]) if true else math.nan
            start, fitted = float(reached.start[name][i]), float(reached.fitted[name][i])
            found.append(Row(name, group, freed.units[name], low, high, start, fitted, aim))
    return found


def parameter_table(run: "Run") -> str:
    """The table for the terminal."""
    cells = [["parameter", "where", "start", "fitted"]]
    known = any(not math.isnan(row.true) for row in rows(run))
    cells[0] += ["true", "error", "unit"] if known else ["unit"]
    for row in rows(run):
        line = [row.name, row.group, f"{row.start:.4g}", f"{row.fitted:.4g}"]
        if known:
            line += [number(row.true), percent(row.error)]
        cells.append([*line, row.unit + (" (at its bound)" if row.at_bound else "")])
    widths = [max(len(line[k]) for line in cells) for k in range(len(cells[0]))]
    last = len(widths) - 1
    lines = []
    for line in cells:
        parts = [
            c.ljust(w) if k < 2 or k == last else c.rjust(w) for k, (c, w) in enumerate(zip(line, widths, strict=True))
        ]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def number(value: float) -> str:
    """Four digits, or a dash for nan."""
    return "-" if math.isnan(value) else f"{value:.4g}"


def percent(value: float) -> str:
    """A share in per cent with a sign, or a dash for nan."""
    if math.isnan(value):
        return "-"
    return f"{100.0 * value:+.2f} %" if abs(value) >= 0.5e-4 else "0.00 %"

"""The tables of docs/library.md: each mechanism of the library, and how far it is from NEURON with the published file.

python -m tests.mechanisms.agreement_table        # prints the rows: channels, then pools
"""

import inspect
import json
import re
import sys

import jax
import numpy as np

from jaxsim.mechanisms.base import AbstractDensity
from jaxsim.mechanisms.library import CHANNELS, POOLS
from tests.mechanisms import agreement, hay_2011_calcium_reference
from tests.mechanisms.agreement import PAPERS, numbers, relative
from tests.mechanisms.carter_2012_reference import DATA as MARKOV
from tests.mechanisms.destexhe_1993_reference import FILES
from tests.mechanisms.mod_reference import VOLTAGES

NOTHING = "-"  # in place of a figure


def described(kind: type[AbstractDensity]) -> tuple[str, str, str]:
    """What it is, its current, and the sources, from the docstring: authors and years alone."""
    doc = inspect.getdoc(kind) or ""
    equation = re.search(r"^ +i = (.+?)(?:  |$)", doc, re.MULTILINE)
    source = " ".join(doc.partition("Source: ")[2].split())
    papers = [found[0] for part in source.split(";") if (found := re.match(r"[^\d]+ \d{4}", part.strip()))]
    return doc.splitlines()[0].rstrip("."), f"`{equation[1]}`" if equation else "", "; ".join(papers)


def papers_of(name: str) -> list[str]:
    """The papers whose file of the channel is compared."""
    return [paper for paper in PAPERS if name in PAPERS[paper].CHANNELS]


def rates_apart(name: str) -> float | None:
    """The largest relative difference of a steady state or a time constant; of NaV, of a state after one step."""
    if name == "NaV":
        return max(relative(x, numbers(MARKOV)["stepped"][state]) for state, x in agreement.markov()[0].items())
    found = [
        relative(agreement.rates(paper, name)[x][what][: len(VOLTAGES)], theirs)
        for paper in papers_of(name)
        for x, both in numbers(PAPERS[paper].DATA)[name]["rates"].items()
        for what, theirs in zip(("x_inf", "tau"), both, strict=True)
    ]
    return max(found) if found else None


def current_apart(name: str) -> float | None:
    """The largest relative difference of the current along the ramp of voltages."""
    if name == "NaV":
        return relative(agreement.markov()[1], numbers(MARKOV)["ramp"])
    found = [
        relative(agreement.current_along_ramp(paper, name), numbers(PAPERS[paper].DATA)[name]["ramp"])
        for paper in papers_of(name)
    ]
    return max(found) if found else None


def concentration_apart(name: str) -> float:
    """The largest relative difference of calcium: of one step, in a cell that fires, in each shell at any time."""
    if name == "CaDecay":
        return max(relative(*agreement.decayed(file)) for file in FILES)
    if name == "CaDynamics_E2":
        cell = json.loads(hay_2011_calcium_reference.CELL_DATA.read_text(encoding="utf-8"))
        return hay_2011_calcium_reference.CELL.apart(cell, 0)[1]
    return relative(*agreement.shells_beside_neurons(name))


def figure(x: float | None) -> str:
    """To one digit, rounded up."""
    if x is None:
        return NOTHING
    if x == 0.0:
        return "0"
    exponent = int(np.floor(np.log10(x)))
    return f"{np.ceil(x / 10.0**exponent) * 10.0**exponent:.0e}"


def names() -> list[str]:
    """The channels and then the pools, by the file of the source; those of no paper's cell first."""

    def place(name: str) -> tuple[bool, str, str]:
        file = (CHANNELS | POOLS)[name].__module__
        return any(letter.isdigit() for letter in file), file, name

    return [*sorted(CHANNELS, key=place), *sorted(POOLS, key=place)]


def words(name: str) -> list[str]:
    """The cells of a row before its figures."""
    what, current, source = described((CHANNELS | POOLS)[name])
    return [f"`{name}`", what, source] if name in POOLS else [f"`{name}`", what, current, source]


def figures(name: str) -> list[float | None]:
    """The figures of a row."""
    return [concentration_apart(name)] if name in POOLS else [rates_apart(name), current_apart(name)]


def main() -> None:
    """Print the rows."""
    jax.config.update("jax_enable_x64", True)
    for name in names():
        sys.stdout.write("| " + " | ".join([*words(name), *map(figure, figures(name))]) + " |\n")


if __name__ == "__main__":
    main()

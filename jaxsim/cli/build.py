"""From a configuration to a compiled cell: each step blames the line of the file that caused its error."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

import jaxsim as js
from jaxsim.cable.where import as_region, locate, select
from jaxsim.cli.config import METHODS, STIMULI, Assignment, CellConfig, Config, SimulationConfig, StimulusConfig
from jaxsim.cli.data import read_samples
from jaxsim.cli.document import Table
from jaxsim.cli.example_cell import example_cell
from jaxsim.errors import unknown
from jaxsim.mechanisms.library import CHANNELS
from jaxsim.morphology import Morphology


def morphology(config: CellConfig) -> Morphology:
    """The morphology of [cell]. Warnings of the reader become errors only where the file cannot be read."""
    t = config.table
    if config.file is not None:
        options: dict[str, Any] = {}
        if "root" in t:
            options["root"] = t.integer("root", low=0)
        if "roots" in t:
            options["roots"] = t.choice("roots", ("largest",))
        if "min_radius" in t:
            options["min_radius"] = t.number("min_radius", "um", positive=True)
        with t.blamed("morphology"):
            return js.read_swc(config.file, **options)
    with t.blamed("shape"):
        if config.shape == "ball_and_stick":
            return js.ball_and_stick(*(t.number(k, "um", positive=True) for k in ("soma_radius", "length", "radius")))
        if config.shape == "binary_tree":
            sizes = [t.number(k, "um", positive=True) for k in ("length", "radius")]
            return js.binary_tree(t.integer("depth", low=1), *sizes)
        return example_cell()


def cell(config: Config) -> js.Cell:
    """The cell with channels, stimuli and records."""
    c = config.cell
    kind, number = c.cut
    policies: dict[str, Any] = {"max_length": js.MaxLength, "per_branch": js.PerBranch, "d_lambda": js.DLambda}
    extra = {"ra": c.ra, "cm": c.cm} if kind == "d_lambda" else {}
    built = js.Cell(morphology(c), policies[kind](number, **extra), ra=c.ra, cm=c.cm, v=c.v)
    for t in config.channels:
        _insert(built, t)
    for value in config.parameters:
        _assign(built, value)
    for stimulus in config.stimuli:
        place = _location(built, stimulus.table.table("location", required=True))
        mechanism = _stimulus(stimulus)
        taken = sum(other.kind == "samples" for other in config.stimuli[: config.stimuli.index(stimulus)])
        name = f"Samples{taken}" if stimulus.kind == "samples" and taken else None
        with stimulus.table.blamed():
            built.stimulate(place, mechanism, name)
    for t in config.records:
        place = _location(built, t.table("location", required=True))
        with t.blamed("location"):
            built.record(place, t.text("quantity", "v"))
    return built


def compiled(built: js.Cell, config: Config) -> js.Model:
    """The model; a recorded quantity that does not exist is blamed on its entry."""
    try:
        return built.compile()
    except (KeyError, ValueError) as error:
        what = str(error.args[0])
        for t in config.records:
            if (quantity := t.text("quantity", "v")) != "v" and quantity.partition(".")[0] in what:
                raise t.fail("quantity", what) from None
        raise config.cell.table.fail(None, what) from None


def region(t: Table, key: str = "region") -> Any:
    """A region from its name, or from {region = ..., path_distance = [low, high]}."""
    if isinstance(t.values.get(key), dict):
        inner = t.table(key).only(("region", "path_distance"))
        chosen = named_region(inner.text("region", "all"))
        if "path_distance" in inner:
            chosen = chosen & js.path_distance().between(*inner.pair("path_distance", "um"))
        return chosen
    return named_region(t.text(key, "all"))


def named_region(name: str) -> Any:
    """ "all" or a region's name."""
    return js.everywhere() if name == "all" else as_region(name)


def values_by_region(cable: js.Cable, assignment: Assignment) -> Iterator[tuple[str, Any, float]]:
    """Name of the region, the region, the value; a region that is not there is blamed on its key."""
    for name, value in assignment.values:
        where = named_region(name)
        with assignment.table.blamed(name if name in assignment.table else assignment.name):
            select(cable, where)
        yield name, where, value


def _insert(built: js.Cell, t: Table) -> None:
    name = t.text("name")
    if name not in CHANNELS:
        raise t.fail("name", unknown("channel", name, CHANNELS))
    units = CHANNELS[name].parameters()
    numbers = t.table("parameters").only(units)
    values = {k: numbers.number(k, unit) for k, unit in units.items() if k in numbers}
    where = region(t)
    with t.blamed("region" if "region" in t else "name"):
        built.at(where).insert(CHANNELS[name](**values))


def _assign(built: js.Cell, assignment: Assignment) -> None:
    for name, where, value in values_by_region(built.cable, assignment):
        with assignment.table.blamed(name if name in assignment.table else assignment.name):
            built.at(where).set(assignment.name, value)


def _location(built: js.Cell, t: Table) -> js.Location:
    """{region = "soma", x = 0.5}, {branch = 3, x = 0.5} or {region = "apical", path_distance = 200}."""
    t.only(("region", "branch", "x", "path_distance"))
    if ("region" in t) == ("branch" in t):
        raise t.fail(None, 'give either region = "soma" or branch = <number>.')
    where: Any = t.integer("branch", low=0) if "branch" in t else t.text("region")
    if "path_distance" not in t:
        with t.blamed("branch" if "branch" in t else "region"):
            return locate(built.cable, where, t.number("x", "1", 0.5, low=0.0, high=1.0))
    if "x" in t:
        raise t.fail("x", "give x or path_distance, not both.")
    distance = t.number("path_distance", "um", low=0.0)
    with t.blamed("path_distance"):
        return built.loc(where if "branch" in t else named_region(where), path_distance=distance)


def _stimulus(config: StimulusConfig) -> Any:
    if config.kind in STIMULI:
        return STIMULI[config.kind](**config.numbers)
    t, i = read_samples(config.table, "i")
    steps = np.diff(t)
    if len(i) != 1:
        raise config.table.fail("file", f"a stimulus needs one current a time, got {len(i)} rows.")
    if np.ptp(steps) > 1e-3 * steps.mean():
        raise config.table.fail("file", "the times t must be equally spaced.")
    return js.Samples(i[0], float(steps.mean()), float(t[0]))


def run(model: js.Model, config: SimulationConfig) -> js.Recording:
    """The simulation that [simulation] describes; may be traced."""
    return js.simulate(model, t_end=config.t_end, dt=config.dt, method=METHODS[config.method](**config.method_options))


@contextlib.contextmanager
def collected_warnings() -> Iterator[list[str]]:
    """Sentences of the warnings raised inside, to be shown by the program itself."""
    sentences: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield sentences
    sentences += [str(w.message) for w in caught if issubclass(w.category, UserWarning)]

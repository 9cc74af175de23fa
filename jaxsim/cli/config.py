"""The configuration of `jaxsim fit` and `jaxsim simulate`: what may stand in it, read into frozen dataclasses."""

import dataclasses
from pathlib import Path
from typing import Any

import optax

import jaxsim as js
from jaxsim.cli.document import Document, Table

SHAPES = ("example", "ball_and_stick", "binary_tree")
METHODS: dict[str, Any] = {
    "damped_crank_nicolson": js.DampedCrankNicolson,
    "tr_bdf2": js.TRBDF2,
    "adaptive": js.Adaptive,
    "crank_nicolson": js.CrankNicolson,
    "backward_euler": js.BackwardEuler,
}
_ADAPTIVE = {"tolerance": "mV", "longest": "ms"}
OPTIMISERS: dict[str, Any] = {
    "adam": optax.adam,
    "adamw": optax.adamw,
    "nadam": optax.nadam,
    "amsgrad": optax.amsgrad,
    "rmsprop": optax.rmsprop,
    "sgd": optax.sgd,
}
STATISTICS = ("mean", "sd", "max", "min")
_SECTIONS = ("cell", "channels", "parameters", "stimuli", "records", "simulation", "target", "free", "fit")
_SHAPE_KEYS = {
    "example": (),
    "ball_and_stick": ("soma_radius", "length", "radius"),
    "binary_tree": ("depth", "length", "radius"),
}
STIMULI: dict[str, type[js.AbstractStimulus]] = {
    "pulse": js.Pulse,
    "ramp": js.Ramp,
    "alpha": js.AlphaCurrent,
    "sine": js.Sine,
    "chirp": js.Chirp,
}  # besides "samples", which are read from a file
_TARGET_KEYS = {
    "simulated": ("kind", "parameters", "loss", "window", "causal", "start"),
    "trace": ("kind", "file", "loss", "window", "causal", "start"),
    "features": ("kind", "features"),
}


@dataclasses.dataclass(frozen=True, eq=False)
class CellConfig:
    """[cell]: a file or a shape, how it is cut, and the numbers of the bare cable."""

    table: Table
    file: Path | None
    shape: str | None
    cut: tuple[str, Any]
    ra: float
    cm: float
    v: float


@dataclasses.dataclass(frozen=True, eq=False)
class Assignment:
    """A parameter's value, everywhere or by region."""

    table: Table
    name: str
    values: tuple[tuple[str, float], ...]


@dataclasses.dataclass(frozen=True, eq=False)
class StimulusConfig:
    """[[stimuli]]: a current at a location."""

    table: Table
    kind: str
    numbers: dict[str, float]
    file: Path | None


@dataclasses.dataclass(frozen=True, eq=False)
class SimulationConfig:
    """[simulation]: how long, how fine, with which scheme, in which precision."""

    table: Table
    t_end: float
    dt: float
    method: str
    method_options: dict[str, float]
    precision: str


@dataclasses.dataclass(frozen=True, eq=False)
class Feature:
    """[[target.features]]: a statistic of one recorded voltage in a window; `record` counts all [[records]] from 0."""

    table: Table
    statistic: str
    record: int
    window: tuple[float, float]
    value: float
    scale: float


@dataclasses.dataclass(frozen=True, eq=False)
class TargetConfig:
    """[target]: what the recorded voltages are compared with, and how."""

    table: Table
    kind: str
    file: Path | None
    parameters: tuple[Assignment, ...]
    features: tuple[Feature, ...]
    loss: str
    window: float
    causal: float | None
    start: float


@dataclasses.dataclass(frozen=True, eq=False)
class FreeConfig:
    """One entry of [free]: a parameter to train."""

    table: Table
    name: str
    bounds: tuple[float, float]
    share: str
    start: str | float | Assignment


@dataclasses.dataclass(frozen=True, eq=False)
class FitConfig:
    """[fit]: the optimiser and when it stops."""

    table: Table
    optimiser: str
    learning_rate: float
    decay: float
    clip: float | None
    steps: int
    seed: int
    target_loss: float | None


@dataclasses.dataclass(frozen=True, eq=False)
class Config:
    """A whole configuration."""

    document: Document
    cell: CellConfig
    channels: tuple[Table, ...]
    parameters: tuple[Assignment, ...]
    stimuli: tuple[StimulusConfig, ...]
    records: tuple[Table, ...]
    simulation: SimulationConfig
    target: TargetConfig | None
    free: tuple[FreeConfig, ...]
    fit: FitConfig


def read_config(document: Document, fitting: bool) -> Config:
    """Read a configuration; whatever is wrong in it is an `InputError`.

    Args:
        document: the text.
        fitting: whether it must say what to fit: [target] and [free].
    """
    top = document.table().only(_SECTIONS)
    if fitting:
        for key, what in (("target", "what to fit to"), ("free", "the parameters to train")):
            if not top.values.get(key):
                raise top.fail(None, f"a fit needs [{key}], {what}. See jaxsim fit --print-config.")
    for key, what in (("channels", "a mechanism of the membrane"), ("records", "a place to record")):
        if not top.tables(key):
            raise top.fail(None, f"needs [[{key}]], {what}. See jaxsim fit --print-config.")
    stimuli = tuple(_stimulus(t) for t in top.tables("stimuli"))
    records = tuple(t.only(("location", "quantity")) for t in top.tables("records"))
    return Config(
        document,
        _cell(top.table("cell", required=True)),
        tuple(t.only(("name", "region", "parameters")) for t in top.tables("channels")),
        _assignments(top.table("parameters")),
        stimuli,
        records,
        _simulation(top.table("simulation", required=True)),
        _target(top.table("target"), records) if fitting else None,
        tuple(_free(t) for t in _entries(top.table("free"))) if fitting else (),
        _fit(top.table("fit")),
    )


def _cell(t: Table) -> CellConfig:
    cuts = ("max_length", "per_branch", "d_lambda")
    passive = (*cuts, "ra", "cm", "v")
    if ("morphology" in t) == ("shape" in t):
        raise t.fail(None, 'give either morphology = "file.swc" or shape = "' + '" | "'.join(SHAPES) + '".')
    if "morphology" in t:
        t.only(("morphology", "root", "roots", "min_radius", *passive))
        file, shape = t.file("morphology"), None
    else:
        file, shape = None, t.choice("shape", SHAPES)
        t.only(("shape", *_SHAPE_KEYS[shape], *passive))
    given = [key for key in cuts if key in t]
    if len(given) > 1:
        raise t.fail(given[1], f"give one of {', '.join(cuts)}, not {' and '.join(given)}.")
    cut: tuple[str, Any] = ("max_length", 20.0)
    if given == ["per_branch"]:
        cut = ("per_branch", t.integer("per_branch", low=1))
    elif given:
        unit = "um" if given[0] == "max_length" else "1"
        cut = (given[0], t.number(given[0], unit, positive=True))
    ra, cm = t.number("ra", "ohm cm", 100.0, positive=True), t.number("cm", "uF/cm2", 1.0, positive=True)
    return CellConfig(t, file, shape, cut, ra, cm, t.number("v", "mV", -65.0, low=-200.0, high=200.0))


def _entries(t: Table) -> list[Table]:
    return [t.table(key) for key in t.values]


def _assignments(t: Table) -> tuple[Assignment, ...]:
    return tuple(assignment(t, key) for key in t.values)


def assignment(t: Table, key: str, name: str = "") -> Assignment:
    """A number, or a table region = number."""
    if isinstance(t.values[key], dict):
        regions = t.table(key)
        return Assignment(regions, name or key, tuple((r, regions.number(r, "its unit")) for r in regions.values))
    return Assignment(t, name or key, (("all", t.number(key, "its unit")),))


def _stimulus(t: Table) -> StimulusConfig:
    kind = t.choice("kind", (*STIMULI, "samples"))
    units = STIMULI[kind].parameters() if kind in STIMULI else {"file": ""}
    t.only(("kind", "location", *units))
    if kind == "samples":
        return StimulusConfig(t, kind, {}, t.file("file"))
    numbers = {key: t.number(key, unit, positive=key == "tau") for key, unit in units.items()}
    if "stop" in numbers and numbers["start"] >= numbers["stop"]:
        raise t.fail("stop", f"must come after start = {numbers['start']:g} ms, got {numbers['stop']:g}.")
    return StimulusConfig(t, kind, numbers, None)


def _simulation(t: Table) -> SimulationConfig:
    t.only(("t_end", "dt", "method", "precision", *_ADAPTIVE))
    t_end, dt = t.number("t_end", "ms", positive=True), t.number("dt", "ms", 0.025, positive=True)
    n_step = round(t_end / dt)
    if n_step < 1 or abs(t_end / dt - n_step) > 1e-6 * max(n_step, 1):
        raise t.fail("t_end", f"must be a whole number of steps of dt = {dt:g} ms. Nearest: {max(n_step, 1) * dt:.9g}.")
    method = t.choice("method", METHODS, "damped_crank_nicolson")
    given = [key for key in _ADAPTIVE if key in t]
    if given and method != "adaptive":
        raise t.fail(given[0], f'belongs to method = "adaptive", not to "{method}".')
    options = {key: t.number(key, _ADAPTIVE[key], positive=True) for key in given}
    precision = t.choice("precision", ("float32", "float64"), "float32")
    return SimulationConfig(t, t_end, dt, method, options, precision)


def _target(t: Table, records: tuple[Table, ...]) -> TargetConfig:
    kind = t.choice("kind", tuple(_TARGET_KEYS))
    t.only(_TARGET_KEYS[kind])
    file = t.file("file") if kind == "trace" else None
    parameters = _assignments(t.table("parameters", required=True)) if kind == "simulated" else ()
    features = tuple(_feature(f, records) for f in t.tables("features"))
    if kind == "features" and not features:
        raise t.fail(None, "needs at least one [[target.features]].")
    loss = t.choice("loss", ("mse", "windows"), "mse")
    causal = t.number("causal", "mV", None, positive=True)
    if causal is not None and loss != "mse":
        raise t.fail("causal", 'works with loss = "mse" only. Leave it out.')
    return TargetConfig(
        t, kind, file, parameters, features, loss, t.number("window", "ms", 2.0, positive=True), causal,
        t.number("start", "ms", 0.0),
    )  # fmt: skip


def voltage_rows(records: tuple[Table, ...]) -> dict[int, int]:
    """Index of each record of the voltage among all [[records]] -> its row among the recorded voltages."""
    voltages = [i for i, t in enumerate(records) if t.text("quantity", "v") == "v"]
    return {record: row for row, record in enumerate(voltages)}


def _feature(t: Table, records: tuple[Table, ...]) -> Feature:
    t.only(("statistic", "record", "window", "value", "scale"))
    record, rows = t.integer("record", 0, low=0), voltage_rows(records)
    if record >= len(records):
        raise t.fail("record", f"there are {len(records)} [[records]], numbered from 0, got {record}.")
    if record not in rows:
        known = ", ".join(map(str, rows)) or "none"
        got = f"{record}, which holds {records[record].text('quantity')}"
        raise t.fail("record", f"must be the number of a record of the voltage ({known}), got {got}.")
    statistic = t.choice("statistic", STATISTICS)
    scale = t.number("scale", "mV", 1.0, positive=True)
    return Feature(t, statistic, record, t.pair("window", "ms"), t.number("value", "mV"), scale)


def _free(t: Table) -> FreeConfig:
    t.only(("bounds", "share", "start"))
    bounds, share = t.pair("bounds", "its unit"), t.text("share", "cell")
    start: str | float | Assignment = "model"
    if isinstance(t.values.get("start"), str):
        start = t.choice("start", ("model", "random"))
    elif "start" in t:
        start = assignment(t, "start", str(t.path[-1]))
        for region, value in start.values:
            if not bounds[0] < value < bounds[1]:
                place = "" if region == "all" else f" in {region}"
                low, high = bounds
                raise t.fail("start", f"must lie between the bounds {low:g} and {high:g}, got {value:g}{place}.")
    return FreeConfig(t, str(t.path[-1]), bounds, share, start)


def _fit(t: Table) -> FitConfig:
    t.only(("optimiser", "learning_rate", "decay", "clip", "steps", "seed", "target_loss"))
    return FitConfig(
        t,
        t.choice("optimiser", OPTIMISERS, "adam"),
        t.number("learning_rate", "1", 0.05, positive=True),
        t.number("decay", "1", 1.0, positive=True, high=1.0),
        t.number("clip", "1", None, positive=True),
        t.integer("steps", 200, low=1),
        t.integer("seed", 0, low=0),
        t.number("target_loss", "1", None),
    )

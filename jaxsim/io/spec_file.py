"""A `Spec` in a file: arrays and a JSON header in one .npz, no code and no pickle."""

import dataclasses
import json
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from jaxsim.atomic import write_whole
from jaxsim.cable.cable import Cable
from jaxsim.errors import must, unknown
from jaxsim.mechanisms.base import AbstractMechanism
from jaxsim.mechanisms.events import SpikeTrain
from jaxsim.mechanisms.ions.diffusion import Diffusion
from jaxsim.mechanisms.library import CHANNELS, CLAMPS, IONS, POINT_PROCESSES, POOLS, STIMULI
from jaxsim.model.spec import COMPARTMENT_PARAMETERS, Density, Feed, Point, Probe, Spec, parameter_values
from jaxsim.morphology.morphology import Morphology

_FORMAT = "jaxsim spec 1"
_DAMAGED = (ValueError, KeyError, TypeError, OSError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error)


def save_spec(spec: Spec, path: str | Path) -> None:
    """Write a specification; the file appears whole or not at all.

    Args:
        spec: what `Cell.spec` returned.
        path: the file, by custom with the ending .npz.

    Raises:
        OSError: if the file cannot be written.
        TypeError: if it is no Spec.

    >>> import jaxsim as js, os, tempfile
    >>> cell = js.Cell(js.cylinder(100.0, 1.0), js.PerBranch(3)).insert(js.HH())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_spec(cell.spec(), os.path.join(folder, "cell.npz"))
    ...     again = load_spec(os.path.join(folder, "cell.npz"))
    >>> [density.name for density in again.densities]
    ['HH']
    """
    if not isinstance(spec, Spec):
        fix = "Give cell.spec() or model.spec."
        raise TypeError(must("what is saved", "be a Spec", type(spec).__name__, fix))
    arrays = {f"cable/{k}": v for k, v in _arrays(spec.cable).items()}
    arrays |= {f"morphology/{k}": v for k, v in _arrays(spec.cable.morphology).items()}
    arrays |= {f"compartment/{name}": getattr(spec, name) for name in COMPARTMENT_PARAMETERS}
    header: dict[str, Any] = {"format": _FORMAT, "densities": [], "points": []}
    header["probes"] = [dataclasses.asdict(probe) for probe in spec.probes]
    for kind, placed, index in [("densities", d, d.comp) for d in spec.densities] + [
        ("points", p, p.node) for p in spec.points
    ]:
        name, mechanism = placed.name, placed.mechanism
        values = {k: np.asarray(v) for k, v in parameter_values(mechanism).items()}
        header[kind].append({"name": name, "class": type(mechanism).__name__, "static": _static(mechanism, values)})
        arrays |= {f"{kind}/{name}/{k}": v for k, v in values.items()} | {f"{kind}/{name}": index}
    header["feeds"] = []
    for feed in spec.feeds:
        header["feeds"].append({"name": feed.name, "class": type(feed.mechanism).__name__, "static": {}, "to": feed.to})
        values = {k: np.asarray(v) for k, v in parameter_values(feed.mechanism).items()}
        arrays |= {f"feeds/{feed.name}/{k}": v for k, v in values.items()} | {f"feeds/{feed.name}": feed.instance}
    arrays["header"] = np.array(json.dumps(header))

    def write(part: Path) -> None:
        with open(part, "wb") as file:  # a name without the ending .npz would get one from numpy
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]

    write_whole(Path(path), write)


def load_spec(path: str | Path, mechanisms: Iterable[type[AbstractMechanism]] = ()) -> Spec:
    """Read a specification that `save_spec` wrote.

    Args:
        path: the file.
        mechanisms: classes of your own that the file names; those of the package are known.

    Returns:
        The `Spec`; `compile_model` makes the same model of it.

    Raises:
        FileNotFoundError: if there is no such file.
        KeyError: if the file names a mechanism class that is not known.
        ValueError: if it is no such file, or a damaged one.
    """
    classes: dict[str, type[AbstractMechanism]] = {
        "Diffusion": Diffusion,
        **CHANNELS,
        **POOLS,
        **IONS,
        **STIMULI,
        **CLAMPS,
        **POINT_PROCESSES,
        "SpikeTrain": SpikeTrain,
    }
    classes |= {cls.__name__: cls for cls in mechanisms}
    header, arrays = _read(Path(path))
    for entry in [*header["densities"], *header["points"], *header.get("feeds", [])]:
        if entry["class"] not in classes:
            fix = f"Give it: load_spec(path, mechanisms=[{entry['class']}])."
            raise KeyError(unknown("mechanism class", entry["class"], classes, fix))
    try:
        return _spec(header, arrays, classes)
    except (KeyError, TypeError) as error:
        raise ValueError(must(str(path), "be a file written by save_spec", f"one that does not fit: {error}")) from None


def _read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The header and the arrays of a file, all read."""
    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as stored:
                arrays = dict(stored)
            header = json.loads(str(arrays.pop("header")))
        except _DAMAGED:
            what = "something else, or a damaged one"
            raise ValueError(must(str(path), "be a file written by save_spec", what)) from None
    given = header.get("format") if isinstance(header, dict) else header
    if given != _FORMAT:
        raise ValueError(must(f"the format of {path}", f"be {_FORMAT!r}", given))
    return header, arrays


def _spec(header: dict[str, Any], arrays: dict[str, np.ndarray], classes: dict[str, type[AbstractMechanism]]) -> Spec:
    """The specification from its parts."""

    def group(prefix: str) -> dict[str, np.ndarray]:
        return {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}

    def mechanism(kind: str, entry: dict[str, Any]) -> AbstractMechanism:
        values = group(f"{kind}/{entry['name']}/")
        return classes[entry["class"]](**values, **entry["static"])

    cable = Cable(Morphology(**group("morphology/")), **group("cable/"))
    densities = [
        Density(e["name"], mechanism("densities", e), arrays[f"densities/{e['name']}"]) for e in header["densities"]
    ]
    points = [Point(e["name"], mechanism("points", e), arrays[f"points/{e['name']}"]) for e in header["points"]]
    probes = tuple(Probe(**probe) for probe in header["probes"])
    feeds = [
        Feed(e["name"], mechanism("feeds", e), e["to"], arrays[f"feeds/{e['name']}"]) for e in header.get("feeds", [])
    ]
    columns: dict[str, Any] = group("compartment/")
    return Spec(cable, **columns, densities=tuple(densities), points=tuple(points), probes=probes, feeds=tuple(feeds))


def _arrays(data: Any) -> dict[str, np.ndarray]:
    """The array fields of a dataclass."""
    fields = {f.name: getattr(data, f.name) for f in dataclasses.fields(data)}
    return {name: value for name, value in fields.items() if isinstance(value, np.ndarray)}


def _static(mechanism: AbstractMechanism, values: dict[str, np.ndarray]) -> dict[str, Any]:
    """The fields of a mechanism that are no parameters; they must be plain data."""
    names = [f.name for f in dataclasses.fields(mechanism) if f.name not in values]  # type: ignore[arg-type]
    return {name: getattr(mechanism, name) for name in names}

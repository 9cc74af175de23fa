"""The .mod files that NEURON's wheel ships, where it is installed."""

import importlib.util
from pathlib import Path


def _found() -> list[Path]:
    spec = importlib.util.find_spec("neuron")
    return sorted((Path(spec.origin).parent / ".data").rglob("*.mod")) if spec and spec.origin else []


NEURON_FILES = _found()

"""Where the shared reference data lies: `data(name)` gives a path or skips the test with the reason."""

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("JAXSIM_DATA", Path(__file__).parents[2] / "shared" / "data"))


def data(name: str) -> Path:
    """The path of a shared data file; the test is skipped where the file is absent."""
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"no reference data at {path}; set JAXSIM_DATA to the folder that holds {name}")
    return path

"""What every test shares: strict dtype promotion, both precisions, deterministic examples, no display."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("MPLBACKEND", "Agg")

# No deadline: the first example of a test compiles. Our function-scoped fixtures only set the precision: fine in given.
settings.register_profile(
    "jaxsim", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("jaxsim")


# Each compiled program keeps a handful of memory maps, of which Linux allows a process 65530: a worker that runs all
# tests would pass it, and XLA would crash.
_MANY_MAPS = 20_000


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs with `-m slow` alone: other schemes than the default in single precision, and where a test says so."""
    for item in items:
        given = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        scheme = given.get("method", given.get("scheme"))
        name = scheme if isinstance(scheme, str) else type(scheme).__name__
        single = given.get("precision") == "float32" or item.get_closest_marker("default_first")
        if scheme is not None and name != "DampedCrankNicolson" and single:
            item.add_marker("slow")


@pytest.fixture(autouse=True, scope="module")
def few_programs() -> Iterator[None]:
    """Programs are forgotten after a module where they have become many."""
    yield
    maps = Path("/proc/self/maps")
    if maps.exists() and maps.read_bytes().count(b"\n") > _MANY_MAPS:
        import jax

        jax.clear_caches()


@pytest.fixture(autouse=True)
def strict_promotion(request: pytest.FixtureRequest) -> Iterator[None]:
    """Mixed dtypes raise instead of being promoted; a test marked `standard_promotion` is let off."""
    import jax  # in here, so that collecting tests costs no import of jax

    strict = request.node.get_closest_marker("standard_promotion") is None
    with jax.numpy_dtype_promotion("strict" if strict else "standard"):
        yield


@pytest.fixture
def x64() -> Iterator[None]:
    """The test runs in double precision."""
    import jax

    with jax.enable_x64(True):
        yield


@pytest.fixture(params=["float32", "float64"])
def precision(request: pytest.FixtureRequest) -> Iterator[np.dtype]:
    """The test runs once in each precision; the value is the dtype that new arrays get."""
    import jax

    with jax.enable_x64(request.param == "float64"):
        yield np.dtype(request.param)

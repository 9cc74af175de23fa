"""What `import jaxsim` costs and what it leaves alone; each measurement is a fresh interpreter."""

import os
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LIMIT = 0.3  # s above `import jax`
OPTIONAL = ["matplotlib", "tqdm", "pandas", "plotly", "h5py", "morphio", "libsonata", "neuron"]

# Processor time: another busy process lengthens the wall time of an import, hardly this.
COST = "import time, jax; start = time.process_time(); import jaxsim; print(time.process_time() - start)"
LOADED = f"import sys, jaxsim; print(*[name for name in {OPTIONAL} if name in sys.modules])"


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter that finds this checkout."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def output(code: str, **environment: str) -> str:
    done = run(code, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_import_costs_little_above_jax(tmp_path: Path) -> None:
    """With byte code, as installed packages have it; a shell may be told not to write any."""
    installed = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path)}
    output(COST, **installed)  # the first one writes the byte code
    costs = [float(output(COST, **installed)) for _ in range(5)]
    assert statistics.median(costs) < LIMIT, f"import jaxsim takes {costs} s; python -X importtime shows what does"


def test_import_loads_no_optional_package() -> None:
    assert output(LOADED) == ""


# A platform that does not exist: whatever touches a device fails.
NO_DEVICE = {"JAX_PLATFORMS": "none_such"}


def test_import_creates_no_backend() -> None:
    done = run("import jaxsim", **NO_DEVICE)
    assert done.returncode == 0, f"an array is made at import; make it inside the function:\n{done.stderr}"


@pytest.mark.parametrize("code", ["import jax; jax.devices()", "import jax.numpy as jnp; jnp.zeros(3)"])
def test_a_backend_would_have_been_noticed(code: str) -> None:
    assert "none_such" in run(code, **NO_DEVICE).stderr


def test_import_leaves_the_options_of_xla_and_jax_alone() -> None:
    """They are the user's; `js.tune_cpu` sets the first where it is called."""
    code = """
import os, jax
before = os.environ.get("XLA_FLAGS"), dict(jax.config.values)
import jaxsim
assert (os.environ.get("XLA_FLAGS"), dict(jax.config.values)) == before
"""
    output(code, XLA_FLAGS="")
    output(code, XLA_FLAGS="--xla_cpu_prefer_vector_width=256")


def test_version_is_the_project_file_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert output("import jaxsim; print(jaxsim.__version__)") == project["version"]

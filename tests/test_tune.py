"""The XLA options for CPUs: completed, not overwritten; refused when they come too late; and that XLA takes them."""

import os
import subprocess
import sys

import jax.numpy as jnp
import pytest

import jaxsim as js
from jaxsim import tune
from jaxsim.tune import options_in_force, with_options

ALL = {
    "xla_cpu_prefer_vector_width",
    "xla_cpu_small_while_loop_byte_threshold",
    "xla_cpu_disable_loop_unrolling",
    "-force-vector-interleave",
}


def test_all_options_are_set():
    flags = with_options("")
    assert all(name in flags for name in ALL)
    assert "device_count" not in flags
    assert "--xla_force_host_platform_device_count=3" in with_options("", cores=3).split()


def test_what_is_set_already_stands():
    mine = "--xla_cpu_prefer_vector_width=256 --xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=7"
    words = with_options(mine + " --other=1", cores=2).split()
    more = "xla_cpu_disable_loop_unrolling=true,-force-vector-interleave=4"
    assert words[:3] == [
        "--xla_cpu_prefer_vector_width=256",
        f"--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=7,{more}",
        "--other=1",
    ]
    assert with_options(" ".join(words), cores=2).split() == words


def test_too_late_is_an_error(monkeypatch):
    jnp.zeros(1).block_until_ready()
    before = os.environ.get("XLA_FLAGS")
    with pytest.raises(RuntimeError, match="before that"):
        js.tune_cpu()
    assert os.environ.get("XLA_FLAGS") == before


def test_cores_must_be_positive():
    with pytest.raises(ValueError, match="cores must be at least 1"):
        js.tune_cpu(cores=0)


def test_options_in_force(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_prefer_vector_width=512")
    assert options_in_force() == {name: name == "xla_cpu_prefer_vector_width" for name in options_in_force()}
    assert set(options_in_force()) == ALL
    monkeypatch.setenv("XLA_FLAGS", with_options(""))
    assert all(options_in_force().values())
    monkeypatch.setenv(
        "XLA_FLAGS", with_options("").replace("=512", "=256").replace("unrolling=true", "unrolling=false")
    )
    off = {"xla_cpu_prefer_vector_width", "xla_cpu_disable_loop_unrolling"}
    assert {name for name, on in options_in_force().items() if not on} == off


@pytest.mark.parametrize(("plugin", "begun"), [(False, False), (True, False), (False, True)])
def test_the_command_line_sets_options_for_cpus_alone_and_in_time(monkeypatch, plugin, begun):
    monkeypatch.setenv("XLA_FLAGS", "")
    monkeypatch.setattr(tune, "_has_begun", lambda: begun)
    monkeypatch.setattr(tune.importlib.util, "find_spec", lambda name: object() if plugin else None)
    tune.tune_unless_begun()
    assert any(options_in_force().values()) == (not plugin and not begun)


PROGRAM = """
import jax, jax.numpy as jnp, numpy as np, jaxsim as js
js.tune_cpu(cores=2)
assert len(jax.devices()) == 2
cell = js.Cell(js.ball_and_stick(20.0, 200.0, 2.0), js.PerBranch(4)).insert(js.HH())
cell.stimulate(cell.loc(0), js.Pulse(amp=1.0, start=0.1)).record(cell.loc(0))
model = cell.compile()
run = lambda case: js.simulate(model.set("HH.gbar_na", case["g"]), 1.0).v[0]
cases = {"g": jnp.linspace(0.1, 0.14, 5)}
shared = js.over_devices(run)(cases)
assert len(js.over_devices(run)({"g": jnp.ones(2)}).sharding.device_set) == 2
np.testing.assert_allclose(shared, jax.vmap(run)(cases), rtol=1e-6)
loss = lambda case: (run(case) ** 2).mean()
slopes = js.over_devices(jax.grad(loss))(cases)["g"]
np.testing.assert_allclose(slopes, jax.vmap(jax.grad(loss))(cases)["g"], rtol=1e-3)
"""

# Time loops that are lists of kernels, which the host starts one after the other.
LOOPS = """
import sys
import jax, jaxsim as js
if sys.argv[1] == "tuned":
    js.tune_cpu()
cell = js.Cell(js.cylinder(1000.0, 1.0), js.PerBranch(300)).insert(js.HH())
for precision in ("float32", "float64"):
    with jax.enable_x64(precision == "float64"):
        model = cell.compile(precision)
        text = jax.jit(lambda g: js.simulate(model.set("HH.gbar_na", g), 1.0).state.v).lower(0.1).compile().as_text()
    print(precision, text.split("ENTRY")[1].count(" while("))
"""


def run(program: str, *arguments: str) -> str:
    """What a program prints in a process of its own, without options of this one."""
    environment = {k: v for k, v in os.environ.items() if k != "XLA_FLAGS"}
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_two_devices_share_a_batch():
    run(PROGRAM)


def test_the_time_loop_of_a_larger_cell_is_one_native_function_with_the_options_alone():
    assert run(LOOPS, "tuned") == "float32 0\nfloat64 0"
    assert run(LOOPS, "untuned") == "float32 1\nfloat64 1"

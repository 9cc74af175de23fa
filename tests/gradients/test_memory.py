"""Memory of a gradient: read from the compiled program, not measured."""

import jax
import jax.numpy as jnp
import pytest

import jaxsim as js

N_COMP, N_STEP, DT = 1000, 4000, 0.025
LIMIT = 64e6  # bytes beyond the forward run


def _bytes(n_step, dtype):
    with jax.enable_x64(dtype == "float64"):
        cell = js.Cell(js.cylinder(2000.0, 1.0), js.PerBranch(N_COMP)).insert(js.HH())
        cell.stimulate(cell.loc(0, 0.0), js.Pulse(amp=0.1)).record(cell.loc(0))
        model = cell.compile()
        loss = lambda g: jnp.mean(js.simulate(model.set("HH.gbar_na", g), n_step * DT, DT).v ** 2)  # noqa: E731
        g = model.get("HH.gbar_na")
        compiled = [jax.jit(f).lower(g).compile() for f in (loss, jax.grad(loss))]
        forward, gradient = (c.memory_analysis().temp_size_in_bytes for c in compiled)
        return gradient - forward


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradient_of_1000_compartments_over_4000_steps(dtype):
    assert _bytes(N_STEP, dtype) < LIMIT


def test_grows_as_the_square_root_of_the_steps():
    assert _bytes(16 * N_STEP, "float32") < 5.0 * _bytes(N_STEP, "float32")

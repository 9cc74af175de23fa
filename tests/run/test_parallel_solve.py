"""A model compiled for a device with many lanes: the parallel elimination gives the sequential one's simulation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from jaxsim.model import compile as compile_
from jaxsim.model.circuit import circuit
from jaxsim.model.drive import drive_at
from jaxsim.numerics.ops import forward_ops
from jaxsim.run.methods import Moving
from tests.run.cells import driven


def compiled_for_both(monkeypatch: pytest.MonkeyPatch, cell: js.Cell) -> tuple[js.Model, js.Model]:
    """The same cell compiled for a CPU and as for a GPU."""
    sequential = cell.compile()
    monkeypatch.setattr(compile_, "_runs_in_parallel", lambda: True)
    parallel = cell.compile()
    assert sequential.wiring.forest.plan is None
    assert parallel.wiring.forest.plan is not None
    return sequential, parallel


@pytest.fixture
def both(x64, monkeypatch):
    return compiled_for_both(monkeypatch, driven())


def loss(model, g):
    return jnp.mean((js.simulate(model.set("HH.gbar_na", g), 2.0).v + 60.0) ** 2)


def test_values_and_gradients_are_the_same(both):
    values = [jax.jit(jax.value_and_grad(lambda g, m=m: loss(m, g)))(0.12) for m in both]
    np.testing.assert_allclose(values[1], values[0], rtol=1e-8)


@pytest.mark.slow
def test_a_batch_of_gradients_is_the_same(both):
    """Here the whole batch lies side by side, as on a GPU."""
    batch = jnp.asarray([0.1, 0.12, 0.14])
    values = [jax.jit(jax.vmap(jax.value_and_grad(lambda g, m=m: loss(m, g))))(batch) for m in both]
    for a, b in zip(*values, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8)


@pytest.mark.slow
def test_single_precision_is_as_exact_as_the_sequential_solve(monkeypatch):
    """A cell that spikes, compartments of 2 um: axial conductances are 1e5 times the membrane's."""
    cell = js.Cell(js.binary_tree(4, 120.0, 3.0), js.MaxLength(2.0), ra=100.0).insert(js.HH())
    cell.stimulate(cell.loc(0), js.Pulse(amp=2.0, start=0.5)).record([cell.loc(0), cell.loc(14, 1.0)])
    value = jax.value_and_grad(lambda g, m: jnp.mean((js.simulate(m.set("HH.gbar_na", g), 10.0).v + 60.0) ** 2))
    with jax.enable_x64(True):
        exact = jax.jit(value)(0.12, cell.compile())
    for model in compiled_for_both(monkeypatch, cell):
        assert model.v.dtype == jnp.float32
        np.testing.assert_allclose(jax.jit(value)(jnp.float32(0.12), model), exact, rtol=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize("method", [js.DampedCrankNicolson(), js.TRBDF2()])
def test_a_step_scatters_nothing(both, method):
    """Lowered for a GPU: no atomic sums, which would give other bits in each run."""
    _, model = both
    lanes = 4
    wires, state = circuit(model), js.init(model)
    clock = state.clock.with_step(jnp.asarray(0.025))
    repeat = lambda x: x if jnp.issubdtype(x.dtype, jnp.integer) else jnp.repeat(x, lanes)  # noqa: E731
    drive = drive_at(model, clock, jnp.zeros(()), {}, {})
    wide, v, gates, drive = jax.tree.map(repeat, (wires, state.v, state.gates, drive))
    now = Moving(v, gates, {}, {}, v if method.looks_back else None)
    step = jax.jit(lambda wires, now, drive: method.step(wires, now, drive, clock.dt, forward_ops(lanes)))
    text = step.trace(wide, now, drive).lower(lowering_platforms=("cuda",)).as_text()
    assert "stablehlo.gather" in text
    assert "stablehlo.scatter" not in text

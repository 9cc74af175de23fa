"""One structure, one program: new numbers never compile anything."""

import dataclasses

import jax
import jax.numpy as jnp
import pytest

import jaxsim as js
from jaxsim.run.simulate import _run
from tests.run.cells import passive
from tests.run.compilations import compilations


def build() -> js.Cell:
    cell = passive()
    cell.stimulate(cell.loc("soma"), js.Pulse(amp=0.5, start=0.2125, stop=2.0))
    return cell.record([cell.loc("soma"), cell.loc("basal", 1.0)])


@pytest.fixture(scope="module")
def model() -> js.Model:
    return build().compile("float32")


def voltages(model: js.Model, **options) -> jax.Array:
    return js.simulate(model, 1.0, **options).v


def test_the_count_sees_a_compilation():
    with compilations() as compiled:
        jax.jit(lambda x: jnp.sin(x) * 12345.0)(jnp.ones(3))
    assert compiled


@pytest.mark.parametrize(
    "name", ["Leak.gbar", "Leak.e", "cm", "ra", "v", "radius_scale", "length_scale", "Pulse.amp", "Pulse.start"]
)
def test_new_parameter_values_do_not_compile(model, name):
    values = model.get(name)
    changed = [model.set(name, k * values) for k in (1.0, 1.1, 1.2)]
    before = voltages(changed[0])
    with compilations() as compiled:
        after = [voltages(m) for m in changed[1:]]
    assert not compiled
    if name != "Pulse.start":
        assert float(jnp.abs(after[1] - before).max()) > 0.0


def test_a_new_step_does_not_compile(model):
    n_programs = _run._cache_size()
    voltages(model)
    n_programs = max(n_programs, _run._cache_size())
    fine = js.simulate(model, 0.5, 0.0125)
    assert fine.v.shape == (2, 41)
    assert _run._cache_size() == n_programs


def test_another_initial_state_does_not_compile(model):
    state = jax.jit(js.init)(model)
    voltages(model, state=state)
    moved = dataclasses.replace(state, v=state.v + 1.0)
    with compilations() as compiled:
        voltages(model, state=moved)
    assert not compiled


def test_equal_cells_built_twice_share_a_program(model):
    voltages(model)
    again = build().compile("float32")
    with compilations() as compiled:
        voltages(again)
    assert not compiled


def test_new_values_do_not_compile_under_vmap(model):
    run = lambda e: jax.vmap(lambda e: voltages(model.set("Leak.e", e)))(e)  # noqa: E731
    run(jnp.asarray([-70.0, -60.0]))
    with compilations() as compiled:
        run(jnp.asarray([-80.0, -55.0]))
    assert not compiled


def test_new_values_do_not_compile_in_a_gradient(model):
    gradient = jax.grad(lambda e: voltages(model.set("Leak.e", e)).sum())
    gradient(-70.0)
    with compilations() as compiled:
        gradient(-60.0)
    assert not compiled


def test_another_structure_compiles(model):
    """So that the tests above would notice."""
    other = passive(n=5).record(js.Location(0, 0.5)).compile("float32")
    with compilations() as compiled:
        voltages(other)
    assert compiled

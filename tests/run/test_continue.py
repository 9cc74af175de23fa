"""A run that is continued is the long run, to the bit; the clock counts on whatever happens to the step."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from tests.run.cells import DT, model, quick


def pieces(model: js.Model, n_steps: list[int], **options) -> list[js.Recording]:
    """Runs of so many steps, each continued from the one before."""
    found, state = [], None
    for n in n_steps:
        found.append(js.simulate(model, n * DT, DT, state=state, **options))
        state = found[-1].state
    return found


def assert_same_run(parts: list[js.Recording], whole: js.Recording) -> None:
    """Samples and the last state, bit for bit; a piece's first sample is the last one before it."""
    for what, rows in whole.values.items():
        joined = np.concatenate([parts[0][what], *(part[what][..., 1:] for part in parts[1:])], axis=-1)
        np.testing.assert_array_equal(joined, rows, err_msg=what)
    np.testing.assert_array_equal(np.concatenate([parts[0].t, *(part.t[1:] for part in parts[1:])]), whole.t)
    for a, b in zip(jax.tree.leaves(parts[-1].state), jax.tree.leaves(whole.state), strict=True):
        np.testing.assert_array_equal(a, b)


def test_three_runs_of_a_spiking_cell_are_one(precision):
    """Through a pulse, a spike and a clamp's window."""
    cell = model(precision)
    whole = js.simulate(cell, 90 * DT, DT)
    assert float(whole.v[0].max()) > -20.0
    assert_same_run(pieces(cell, [30, 30, 30]), whole)


def test_three_runs_by_backward_euler_are_one(precision):
    cell = quick(precision)
    whole = js.simulate(cell, 90 * DT, DT, method=js.BackwardEuler())
    assert_same_run(pieces(cell, [30, 30, 30], method=js.BackwardEuler()), whole)


@pytest.fixture(scope="module")
def passive() -> js.Model:
    return quick()


@pytest.mark.slow
def test_pieces_of_unequal_length(passive):
    assert_same_run(pieces(passive, [2, 78]), js.simulate(passive, 80 * DT, DT))


@pytest.mark.slow
def test_the_loop_for_forward_mode_continues_too(passive):
    whole = js.simulate(passive, 80 * DT, DT, gradient=js.Plain())
    assert_same_run(pieces(passive, [40, 40], gradient=js.Plain()), whole)


def test_a_batch_continues_as_it_would_have_run_on(passive):
    amps = jnp.asarray([0.5, 1.0])
    run = lambda n: jax.vmap(lambda amp: js.simulate(passive.set("Pulse.amp", amp), n * DT, DT))(amps)  # noqa: E731
    more = lambda amp, s: js.simulate(passive.set("Pulse.amp", amp), 40 * DT, DT, state=s)  # noqa: E731
    first, whole = run(40), run(80)
    second = jax.vmap(more)(amps, first.state)
    np.testing.assert_array_equal(np.concatenate([first.v, second.v[..., 1:]], axis=-1), whole.v)


def test_a_batch_of_models_continues(passive):
    """Here a run may differ from its pieces by rounding: XLA fuses the two programs differently."""
    batch = jax.vmap(lambda amp: passive.set("Pulse.amp", amp))(jnp.asarray([0.5, 1.0]))
    whole = jax.vmap(lambda m: js.simulate(m, 80 * DT, DT))(batch)
    first = jax.vmap(lambda m: js.simulate(m, 40 * DT, DT))(batch)
    second = jax.vmap(lambda m, s: js.simulate(m, 40 * DT, DT, state=s))(batch, first.state)
    np.testing.assert_allclose(np.concatenate([first.v, second.v[..., 1:]], axis=-1), whole.v, rtol=3e-6)


def test_another_step_continues_at_the_right_time(passive):
    first = js.simulate(passive, 0.25, 0.0125)
    second = js.simulate(passive, 2.0, 0.1, state=first.state)
    third = js.simulate(passive, 1.0, 0.05, state=second.state)
    np.testing.assert_allclose(second.t, 0.25 + 0.1 * np.arange(21), rtol=1e-6)
    np.testing.assert_allclose(third.t, 2.25 + 0.05 * np.arange(21), rtol=1e-6)
    assert float(second.v[0].max()) > float(first.v[0].max()) + 1.0  # the pulse begins in the second run


def test_a_run_after_one_that_does_not_look_back_begins_afresh(passive):
    """The gates are where the default scheme has them, but of the voltage's past nothing is known."""
    state = js.simulate(passive, 40 * DT, DT, method=js.TRBDF2()).state
    assert np.all(np.isinf(state.before))
    constant = dataclasses.replace(state, before=state.v)
    afresh, wrong = (js.simulate(passive, DT * 2, DT, state=s).v[0, 1] for s in (state, constant))
    assert float(afresh) != float(wrong)
    assert np.all(np.isfinite(js.simulate(passive, 20 * DT, DT, state=state).v))


def test_a_large_step_is_followed_by_a_small_one_in_single_precision():
    """Gates half a large step ahead are taken back by many of their time constants."""
    cell = js.Cell(js.cylinder(20.0, 10.0)).insert(js.HH(celsius=36.0)).insert(js.Leak())
    cell.record(cell.loc(0)).record(cell.loc(0), "HH.m")
    model = cell.compile("float32")
    coarse = js.simulate(model, 40.0, 2.0)
    fine = js.simulate(model, 5.0, DT, state=coarse.state)
    np.testing.assert_allclose(fine["HH.m"][0], fine["HH.m"][0, -1], rtol=1e-2)
    np.testing.assert_allclose(fine.v[0], fine.v[0, -1], atol=0.05)


def test_the_state_carries_the_time(passive):
    state = js.simulate(passive, 2.0).state
    assert float(state.clock.t) == pytest.approx(2.0, rel=1e-6)


def test_a_given_state_is_the_first_sample(passive):
    start = jax.jit(js.init)(passive)
    moved = dataclasses.replace(start, v=start.v + 3.0)
    rec = js.simulate(passive, 2.0, 0.1, state=moved)
    assert float(rec.v[0, 0]) == float(start.v[0]) + 3.0


@pytest.mark.parametrize("wrong", [3.0, "state"])
def test_a_state_of_another_kind_is_refused(wrong):
    cell = js.Cell(js.cylinder(50.0, 1.0)).insert(js.Leak())
    with pytest.raises(TypeError, match="state must be a State"):
        js.simulate(cell.compile(), 1.0, 0.5, state=wrong)


def test_a_state_of_another_cell_is_refused():
    cells = [js.Cell(js.cylinder(50.0, 1.0), js.PerBranch(n)).insert(js.Leak()) for n in (2, 3)]
    a, b = (cell.compile() for cell in cells)
    with pytest.raises(ValueError, match="state must come from a model with 3 nodes"):
        js.simulate(b, 1.0, 0.5, state=js.init(a))


def test_a_state_with_other_kept_ends_is_refused():
    """The same number of nodes, but another branch end among them: the nodes are numbered otherwise."""

    def build(end):
        cell = js.Cell(js.binary_tree(2, 400.0, 1.0), js.PerBranch([2, 1, 4])).insert(js.Leak())
        return cell.record(cell.loc(end, 1.0)).compile()

    a, b = build(1), build(2)
    state = js.simulate(a, 1.0, 0.5).state
    with pytest.raises(ValueError, match="this state belongs to a model with other nodes"):
        js.simulate(b, 1.0, 0.5, state=state)
    js.simulate(build(1), 1.0, 0.5, state=state)


@pytest.mark.parametrize("outer", [False, True])
def test_lanes_that_begin_and_lanes_that_go_on_are_what_each_is_alone(passive, outer):
    """A batch of a fresh state and one that has a past; and a batch of such batches."""
    states = [js.init(passive), js.simulate(passive, 40 * DT, DT).state]
    both = jax.tree.map(lambda *x: jnp.stack(x), *states)
    run = lambda s: js.simulate(passive, 10 * DT, DT, state=s).v  # noqa: E731
    if outer:
        twice = jax.tree.map(lambda x: jnp.stack([x, x]), both)
        together = jax.vmap(jax.vmap(run))(twice)[1]
    else:
        together = jax.vmap(run)(both)
    for v, state in zip(together, states, strict=True):
        np.testing.assert_allclose(v, run(state), rtol=1e-6)

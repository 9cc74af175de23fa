"""A class that was read is one like any other: kept, compiled once, batched, trained, in both precisions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from tests.io.mod.channels import CHANNELS

NAMES = ("guarded", "classic", "scheme", "pieces")


@pytest.fixture
def files(tmp_path):
    for name in NAMES:
        (tmp_path / f"{name}.mod").write_text(CHANNELS[name])
    return tmp_path


def cell(files, *names):
    made = js.Cell(js.cylinder(20.0, 10.0), v=-65.0).insert(js.Leak(gbar=1e-4, e=-65.0))
    for name in names:
        made.insert(js.read_mod(files / f"{name}.mod")())
    made.stimulate(made.loc(0), js.Pulse(amp=0.3, start=0.5, stop=4.0))
    made.record(made.loc(0))
    return made


def test_the_same_class_while_the_file_stays_as_it_is(files):
    path = files / "guarded.mod"
    first = js.read_mod(path)
    assert js.read_mod(str(path)) is first
    path.write_text(CHANNELS["guarded"].replace("0.02 (S/cm2)", "0.03 (S/cm2)"))
    second = js.read_mod(path)
    assert second is not first
    assert (first().gbar, second().gbar) == (0.02, 0.03)
    path.write_text(CHANNELS["guarded"])
    assert js.read_mod(path) is first


def test_a_second_model_is_not_compiled_again(files):
    first, second = (cell(files, "guarded").compile() for _ in range(2))
    assert jax.tree.structure(first) == jax.tree.structure(second)


def test_a_class_prints_as_its_name(files):
    cls = js.read_mod(files / "guarded.mod")
    assert cls.__name__ == "guarded"
    assert "gbar=0.02" in repr(cls())


@pytest.mark.parametrize("names", [("guarded", "classic"), ("scheme", "pieces")])
def test_a_batch_is_its_members(x64, files, names):
    model = cell(files, *names).compile()
    what = f"{names[0]}.gbar"
    grid = jnp.asarray([0.0005, 0.002, 0.006])
    voltage = lambda g: js.simulate(model.set(what, g), 5.0, 0.025).v[0]  # noqa: E731
    together = jax.vmap(voltage)(grid)
    for g, v in zip(grid, together, strict=True):
        assert np.allclose(voltage(g), v, rtol=0.0, atol=1e-9)
    assert np.ptp(np.asarray(together)[:, -1]) > 1e-3


@pytest.mark.parametrize("method", [js.BackwardEuler(), None], ids=["backward Euler", "default"])
@pytest.mark.parametrize("names", [("guarded", "classic"), ("scheme", "pieces")])
def test_the_gradient_is_the_central_difference(x64, files, names, method):
    model = cell(files, *names).compile()
    what = [f"{name}.gbar" for name in names]
    options = {} if method is None else {"method": method}

    def loss(x):
        now = model
        for name, factor in zip(what, x, strict=True):
            now = now.set(name, 0.002 * factor)
        return jnp.mean(js.simulate(now, 4.0, 0.025, **options).v ** 2)

    start, step = jnp.asarray([1.0, 0.7]), 1e-5
    gradient = jax.grad(loss)(start)
    for k in range(2):
        move = jnp.zeros(2).at[k].set(step)
        difference = (loss(start + move) - loss(start - move)) / (2.0 * step)
        assert gradient[k] == pytest.approx(float(difference), rel=1e-5)


def test_both_precisions_agree(files):
    found = []
    for wide in (False, True):
        with jax.enable_x64(wide):
            found.append(np.asarray(js.simulate(cell(files, *NAMES).compile(), 10.0, 0.025).v, float))
    assert np.abs(found[0] - found[1]).max() < 0.02

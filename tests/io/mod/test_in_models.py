"""An imported mechanism is one like any other: the same class each time, batched, trained, finite everywhere."""

import itertools
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from tests.io.mod.sources import SOURCES
from tests.run.compilations import compilations


@pytest.fixture
def mods(tmp_path: Path) -> Path:
    for name, text in SOURCES.items():
        (tmp_path / f"{name}.mod").write_text(text)
    return tmp_path


def spiking(channel: js.AbstractChannel) -> js.Model:
    cell = js.Cell(js.cylinder(20.0, 10.0), js.PerBranch(1)).insert(js.HH()).insert(js.Calcium()).insert(channel)
    cell.stimulate(cell.loc(0), js.Pulse(amp=0.3, start=1.0))
    return cell.record(cell.loc(0)).compile()


def test_what_the_file_declares_is_the_class(mods):
    read = js.read_mod(mods / "delayed.mod")
    assert issubclass(read, js.AbstractChannel)
    assert read.__name__ == "delayed"
    assert read.__doc__ == "Delayed rectifier.\n\na potassium current with a guarded rate"
    assert read.parameters() == {"gbar": "S/cm2", "vhalf": "mV", "ek": "mV", "celsius": "degC"}
    assert (read().gbar, read().vhalf, read().ek, read().celsius) == (0.01, -50.0, -77.0, 6.3)
    assert read.reads == {"ek": "k.e"}
    assert issubclass(js.read_mod(mods / "emptying.mod"), js.AbstractPool)
    both = js.read_mod(mods / "shells.mod")
    assert issubclass(both, js.AbstractPool)
    assert issubclass(both, js.AbstractChannel)


def test_the_same_file_is_the_same_class(mods):
    first = js.read_mod(mods / "delayed.mod")
    js.simulate(spiking(first()), 1.0)
    with compilations() as names:
        js.simulate(spiking(js.read_mod(mods / "delayed.mod")(gbar=0.02)), 1.0)
    assert js.read_mod(str(mods / "delayed.mod")) is first
    assert not [name for name in names if "run" in name]
    (mods / "delayed.mod").write_text(SOURCES["delayed"].replace("vhalf = -50", "vhalf = -45"))
    assert js.read_mod(mods / "delayed.mod")().vhalf == -45.0


@pytest.mark.parametrize("name", ["delayed", "moved", "flux", "older", "markov", "lasting", "coupled"])
def test_gradients_are_central_differences(x64, mods, name):
    read = js.read_mod(mods / f"{name}.mod")
    parameter = "pbar" if name == "flux" else "gbar"
    model = spiking(read())
    value = float(getattr(read(), parameter))

    def loss(scale):
        return jnp.mean(js.simulate(model.set(f"{name}.{parameter}", scale * value), 8.0).v ** 2)

    slope = jax.jit(jax.grad(loss))(1.0)
    quotient = (loss(1.0 + 1e-5) - loss(1.0 - 1e-5)) / 2e-5
    assert abs(quotient) > 1e-3
    np.testing.assert_allclose(slope, quotient, rtol=1e-5)


def test_a_batch_is_its_runs_one_by_one(x64, mods):
    model = spiking(js.read_mod(mods / "delayed.mod")())
    half = jnp.asarray([-60.0, -50.0, -40.0])
    together = jax.vmap(lambda x: js.simulate(model.set("delayed.vhalf", x), 5.0).v)(half)
    for x, v in zip(half, together, strict=True):
        np.testing.assert_allclose(js.simulate(model.set("delayed.vhalf", x), 5.0).v, v, atol=1e-9)


@pytest.mark.parametrize("name", ["delayed", "moved", "flux", "markov", "stale", "coupled", "curved"])
def test_rates_and_currents_are_finite_at_every_voltage(precision, mods, name):
    """Values and slopes from -200 to 200 mV, the singular voltages among them."""
    mechanism = js.read_mod(mods / f"{name}.mod")()
    v = jnp.concatenate([jnp.linspace(-200.0, 200.0, 801), jnp.asarray([-35.0, -50.0, -40.0, 0.0])]).astype(precision)
    start = {x: jnp.broadcast_to(value, v.shape).astype(precision) for x, value in mechanism.initial(v).items()}

    def everything(u):
        found = jax.tree.leaves([mechanism.rates(u), mechanism.derivative(u, start), mechanism.initial(u)])
        found += jax.tree.leaves(mechanism.update(u, start, jnp.asarray(0.025, precision)))
        return found + jax.tree.leaves(mechanism.current(u, {**mechanism.held(u, start), **start}))

    values, slopes = jax.jvp(everything, (v,), (jnp.ones_like(v),))
    assert values
    for x in [*values, *slopes]:
        assert x.dtype == precision
        assert np.isfinite(x).all()


def test_second_order_schemes_are_of_second_order(x64, mods):
    """The rest of NEURON's time is no rest of first order where the equations do not ask for it."""
    for name in ("delayed", "held", "markov"):
        model = spiking(js.read_mod(mods / f"{name}.mod")())
        v = [np.asarray(js.simulate(model, 6.0, dt).v[0, :: round(0.04 / dt)]) for dt in (0.02, 0.01, 0.005)]
        apart = [np.abs(a - b).max() for a, b in itertools.pairwise(v)]
        assert np.log2(apart[0] / apart[1]) > 1.7, name

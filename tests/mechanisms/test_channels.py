"""What every channel of the package must hold; the classes are discovered, so a new one is tested as it is added."""

import dataclasses
import importlib
import pkgutil
import re
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsim.mechanisms import channels, ions, library
from jaxsim.mechanisms.base import AbstractChannel, AbstractDensity, AbstractMechanism, AbstractPool, currents, stacked
from jaxsim.mechanisms.ions.ion import Calcium, Potassium, Sodium
from jaxsim.mechanisms.stimuli import AlphaCurrent, Chirp, Pulse, Ramp, Samples, Sine, VoltageClamp, VoltageSamples

PACKAGES = (channels, ions)


def discovered() -> list[type[AbstractDensity]]:
    for package in PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
    found, todo = [], [AbstractDensity]
    while todo:
        for sub in todo.pop().__subclasses__():
            todo.append(sub)
            if sub.__module__.startswith(tuple(package.__name__ for package in PACKAGES)):
                found.append(sub)
    return sorted(set(found), key=lambda c: c.__name__)


CHANNELS = discovered()
MECHANISMS: list[type[AbstractMechanism]] = [
    *CHANNELS,
    Calcium,
    AlphaCurrent,
    Chirp,
    Potassium,
    Pulse,
    Ramp,
    Samples,
    Sine,
    Sodium,
    VoltageClamp,
    VoltageSamples,
]
every_channel = pytest.mark.parametrize("kind", CHANNELS, ids=lambda c: c.__name__)
every_mechanism = pytest.mark.parametrize("kind", MECHANISMS, ids=lambda c: c.__name__)


def voltages(dtype: np.dtype) -> jax.Array:
    """-200 .. 200 mV every 0.05, as these decimals are written, where formulas are singular; and their neighbours."""
    v = (np.arange(-4000, 4001) / 20).astype(dtype)
    return jnp.asarray(np.concatenate([v, *(np.nextafter(v, dtype.type(d)) for d in (-999.0, 999.0))]))


def evaluate(channel: AbstractDensity, v: jax.Array) -> dict[str, jax.Array]:
    """Rates and currents, one array a quantity: gates at their steady state, states of a system all at a half."""
    rates = channel.rates(v)
    gates = {x: rate.x_inf for x, rate in rates.items()}
    gates |= {x: jnp.full_like(v, 0.5) for x in {**channel.initial(v), **written(channel)} if x not in rates}
    found = {f"{x}.opening": r.opening for x, r in rates.items()} | {f"{x}.decay": r.decay for x, r in rates.items()}
    found |= {f"d{x}/dt": change for x, change in channel.derivative(v, gates).items()}
    if isinstance(channel, AbstractChannel):
        found |= {f"i_{ion}": i for ion, i in currents(channel, v, gates).items()}
    return found


def written(channel: AbstractDensity) -> dict[str, str]:
    return dict(channel.writes) if isinstance(channel, AbstractPool) else {}


def test_the_package_has_channels():
    assert {"HH", "Leak"} <= {c.__name__ for c in CHANNELS}


def singular_arguments(kind: type[AbstractDensity], v: jax.Array, monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The arguments x of every x / (exp(x) - 1) of a mechanism, as it passes them to `vtrap` and `ghk_current`."""
    seen: list[np.ndarray] = []

    def watched(function):
        def call(x, *others):
            seen.append(np.asarray(x))
            return function(x, *others)

        return call

    with monkeypatch.context() as patch:
        for module in [m for name, m in sys.modules.items() if name.startswith("jaxsim.mechanisms.")]:
            for name in ("vtrap", "ghk_current"):
                if hasattr(module, name):
                    patch.setattr(module, name, watched(getattr(module, name)))
        evaluate(kind(), v)
    return seen


def test_the_sweep_meets_every_singular_voltage(precision, monkeypatch):
    """Exactly: at one of its voltages the argument is 0, wherever it changes its sign."""
    met = set()
    for kind in CHANNELS:
        for x in singular_arguments(kind, voltages(precision), monkeypatch):
            if x.min() < 0.0 < x.max():
                assert np.any(x == 0.0), kind.__name__
                met.add(kind.__name__)
    assert {"HH", "CaT_GHK", "K_FM", "Na_RGC", "NaTs", "Nap", "Na", "CaL"} <= met


def test_the_sweep_has_the_whole_library():
    assert {kind.__name__ for kind in CHANNELS} >= {*library.CHANNELS, *library.POOLS}


@every_channel
def test_finite_value_and_slope_at_every_voltage(precision, kind):
    v = voltages(precision)
    value, slope = jax.jit(lambda v: jax.jvp(lambda v: evaluate(kind(), v), (v,), (jnp.ones_like(v),)))(v)
    for name in value:
        shape = np.broadcast_shapes(value[name].shape, v.shape)
        assert value[name].dtype == precision, name
        assert np.all(np.isfinite(np.broadcast_to(value[name], shape))), name
        assert np.all(np.isfinite(np.broadcast_to(slope[name], shape))), name


@every_channel
def test_finite_gradient_of_every_parameter_at_every_voltage(precision, kind):
    v = voltages(precision)
    channel = jax.tree.map(lambda x: jnp.full(v.shape, x, precision), kind())
    total = lambda c: sum(x.sum() for x in evaluate(c, v).values())  # noqa: E731
    gradient = jax.jit(jax.grad(total))(channel)
    for name in kind.parameters():
        assert np.all(np.isfinite(getattr(gradient, name))), name


@every_channel
def test_gates_open_and_close_at_positive_rates(precision, kind):
    rates = jax.jit(lambda v: {x: (r, r.x_inf) for x, r in kind().rates(v).items()})(voltages(precision))
    for name, (rate, x_inf) in rates.items():
        assert np.all(np.asarray(rate.decay) > 0.0), name
        assert np.all(np.asarray(rate.opening) >= 0.0), name
        if not issubclass(kind, AbstractPool):
            assert np.all(np.asarray(x_inf) <= 1.0 + 4 * np.finfo(precision).eps), name


@every_channel
def test_methods_work_elementwise(x64, kind):
    """An array of any shape gives what its elements give one by one."""
    v = np.array([[-80.0, -40.0, -55.0], [0.0, 20.0, 50.0]])
    jitted = jax.jit(lambda v: evaluate(kind(), v))
    together = jitted(v)
    for index in np.ndindex(v.shape):
        for name, value in jitted(v[index]).items():
            np.testing.assert_allclose(np.broadcast_to(together[name], v.shape)[index], value, rtol=1e-13, atol=1e-300)


@every_channel
def test_parameters_are_leaves(kind):
    assert len(jax.tree.leaves(kind())) == len(kind.parameters())


@every_mechanism
def test_every_parameter_has_a_unit_in_annotation_and_docstring(kind):
    for name, unit in kind.parameters().items():
        assert unit, f"{kind.__name__}.{name} has no unit in its annotation"
        line = re.search(rf"^\s*{name}: (.*)$", kind.__doc__ or "", re.MULTILINE)
        assert line, f"{kind.__name__}.{name} is not in the docstring's Attributes"
        assert f"[{unit}]" in line[1], f"{kind.__name__}.{name} is [{unit}] in the annotation, not in the docstring"


@every_mechanism
def test_every_mechanism_names_its_source(kind):
    assert "Source:" in (kind.__doc__ or "")


@every_mechanism
def test_mechanisms_are_frozen(kind):
    mechanism = kind(**dict.fromkeys(kind.parameters(), 1.0))
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(mechanism, next(iter(kind.parameters())), 2.0)


def test_stacked_replaces_only_what_is_named():
    clamp = stacked(VoltageClamp(v=-20.0, start=1.0), {"v": np.array([1.0, 2.0])})
    assert clamp.start == 1.0
    np.testing.assert_array_equal(clamp.v, [1.0, 2.0])


def test_static_fields_are_no_parameters():
    assert list(Samples.parameters()) == ["values", "dt", "start"]

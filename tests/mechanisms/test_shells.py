"""Calcium in shells: against NEURON step by step, what is conserved, and the rest of the pump."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from jaxsim.mechanisms.base import AbstractPool
from jaxsim.mechanisms.ions.shells import shell_depths, shell_names
from jaxsim.mechanisms.library import POOLS
from tests.mechanisms import shells_reference as reference
from tests.mechanisms.agreement import SHELLS_CAI as CAI
from tests.mechanisms.agreement import fill_shells, numbers, shells, shells_beside_neurons


@js.struct
class Inward(js.AbstractChannel):
    """A calcium current that never changes."""

    carries = "ca"
    i: js.units.mA_per_cm2 = -2e-3

    def current(self, v, gate):
        return self.i + 0.0 * v


@pytest.mark.parametrize("name", reference.POOLS)
def test_shells_fill_and_empty_as_neurons(x64, name):
    found, theirs = shells_beside_neurons(name)
    assert theirs[0].max() > 5 * CAI
    np.testing.assert_allclose(found, theirs, rtol=1e-6)


def test_the_pumps_current_is_neurons(x64):
    """NEURON ends Newton's iteration where no state moves by 1e-6: 2e-5 of the current after the voltage's jump."""
    pool, states = shells("CaPumpShells")
    theirs = numbers(reference.DATA)["CaPumpShells"]["pump"]
    np.testing.assert_allclose(pool.current(jnp.zeros(()), states), theirs, rtol=3e-5)


@pytest.mark.parametrize("n_shell", [2, 5])
def test_no_calcium_is_lost(precision, n_shell):
    """All that came in is in the shells, free or bound."""
    pool = js.CaBufferShells(shells=n_shell, diam=4.0)
    ica = jnp.full(400, -1e-3, precision)
    x = {name: np.asarray(value, float) for name, value in fill_shells(pool, ica, 0.025).items()}
    depths = [float(depth) for depth in shell_depths(n_shell, 4.0)]
    assert sum(depths) == pytest.approx(1.0)  # volume over area of a cylinder: a quarter of its diameter
    start = pool.initial(jnp.zeros(()))
    came = 1e4 * 1e-3 / (2 * js.units.FARADAY) * 0.025 * 400
    held = sum(
        depth * (x[c][-1] + x[f"bound{k}"][-1] - CAI - float(start[f"bound{k}"]))
        for k, (c, depth) in enumerate(zip(shell_names(n_shell), depths, strict=True))
    )
    assert held == pytest.approx(came, rel=1e-4 if precision == np.float32 else 1e-9)


@pytest.mark.parametrize("method", [js.BackwardEuler(), js.DampedCrankNicolson()], ids=lambda m: type(m).__name__)
def test_a_cell_with_a_pump(x64, method):
    """Spikes bring calcium in; the pump takes it out, and its current stands in the balance of charge."""
    cell = js.Cell(js.cylinder(20.0, 5.0), v=-65.0).insert(js.HH()).insert(js.Calcium())
    cell.insert(js.Ca_HVA(gbar=1e-3)).insert(js.CaPumpShells(pump0=1e-12))
    here = cell.loc(0)
    cell.stimulate(here, js.Pulse(amp=0.2, start=1.0, stop=11.0))
    for what in ("v", "ca.inside", "CaPumpShells.i", "CaPumpShells.ca9"):
        cell.record(here, what)
    recording = js.simulate(cell.compile(), 60.0, method=method)
    cai, pump = np.array(recording["ca.inside"][0]), np.array(recording["CaPumpShells.i"][0])
    assert cai.max() > 3 * CAI
    assert cai[-1] < 0.8 * cai.max()
    assert pump.max() > 3 * abs(pump[0])
    assert np.array(recording["CaPumpShells.ca9"]).max() < cai.max()


def two_diameters(pool: AbstractPool) -> js.Cell:
    """A thin and a thick compartment in line, calcium into both by one density."""
    branch = js.Branch(points=[0.0, 20.0, 20.0, 40.0], radius=[1.0, 1.0, 5.0, 5.0])
    cell = js.Cell(js.from_branches([branch]), js.PerBranch(2)).insert(js.Leak(gbar=1e-3)).insert(js.Calcium())
    return cell.insert(Inward()).insert(pool)


@pytest.mark.parametrize("name", reference.POOLS)
def test_the_shells_are_those_of_each_compartments_diameter(x64, name):
    cell = two_diameters(POOLS[name](shells=3))
    for x in (0.25, 0.75):
        for what in ("cai", "ca1", "ca2"):
            cell.record(cell.loc(0, x), f"{name}.{what}")
    model = cell.compile()
    recording = js.simulate(model, 10.0, 0.025, method=js.BackwardEuler())
    found = np.stack([np.array(recording[f"{name}.{what}"]) for what in ("cai", "ca1", "ca2")])
    for k, diam in enumerate((2.0, 10.0)):
        alone = fill_shells(POOLS[name](shells=3, diam=diam), jnp.full(400, -2e-3), 0.025)
        for shell, what in zip(found, ("cai", "ca1", "ca2"), strict=True):
            np.testing.assert_allclose(shell[k, 1:], alone[what], rtol=1e-9)
    thin, thick = found[-1, :, -1] - CAI
    assert thin > 1.5 * thick  # the thin one's core fills sooner
    assert f"{name}.diam" not in model.parameters()


def test_the_diameter_of_the_shells_is_differentiable(x64):
    cell = two_diameters(js.CaBufferShells(shells=2))
    model = cell.record(cell.loc(0, 0.25), "ca.inside").compile()

    def last(scale):
        return js.simulate(model.set("radius_scale", scale), 5.0)["ca.inside"][0, -1]

    slope = (last(1.0 + 1e-4) - last(1.0 - 1e-4)) / 2e-4
    assert slope < 0.0
    np.testing.assert_allclose(jax.grad(last)(1.0), slope, rtol=1e-5)

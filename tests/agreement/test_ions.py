"""Ions: no charge is lost between membrane and pool, and what pools drive converges to second order."""

import jax
import numpy as np
import pytest

import jaxsim as js
from jaxsim.units import FARADAY
from tests.agreement.cable_theory import crossings
from tests.agreement.cells import SCHEMES, measured

DEPTH = 0.5  # um
PER_CHARGE = 1e4 / (2.0 * FARADAY * DEPTH)  # mM/ms of 1 mA/cm2


@js.struct
class Filling(js.AbstractPool):
    """All calcium that enters stays in a shell.

    d cai / dt = -10^4 i_ca / (2 F depth)
    """

    reads = {"ica": "ca.i"}
    writes = {"cai": "ca.inside"}
    ica: js.units.mA_per_cm2 = 0.0

    def rates(self, v):
        return {"cai": js.Rate(-PER_CHARGE * self.ica, 0.0 * self.ica)}


@js.struct
class Bath(js.AbstractPool):
    """Potassium that leaves the cell stays in a thin space outside, whence it is taken up."""

    reads = {"ik": "k.i"}
    writes = {"ko": "k.outside"}
    ik: js.units.mA_per_cm2 = 0.0
    per_charge: js.units.dimensionless = 0.5
    tau: js.units.ms = 30.0
    ko_inf: js.units.mM = 2.5

    def rates(self, v):
        return {"ko": js.Rate(self.per_charge * self.ik + self.ko_inf / self.tau, 1.0 / self.tau)}


def filling() -> js.Cell:
    cell = js.Cell(js.ball_and_stick(10.0, 100.0, 1.0), js.PerBranch([1, 5]), ra=100.0, v=-70.0)
    cell.insert(js.HH()).insert(js.Calcium(inside=1e-3)).insert(js.Ca_HVA(gbar=1e-4)).insert(js.CaT(gbar=1e-4))
    cell.insert(Filling())
    return cell.stimulate(cell.loc(0), js.Pulse(amp=0.2, start=1.0, stop=8.0))


@pytest.mark.parametrize("scheme", [*SCHEMES, "Adaptive"])
def test_what_flows_in_is_what_the_pool_gains(x64, scheme):
    """The concentration changes by the time integral of the recorded calcium current, step by step, everywhere."""
    cell, dt = filling(), 0.025
    places = [cell.loc(0), cell.loc(1, 0.1), cell.loc(1, 0.9)]
    cell.record(places, "ca.inside").record(places, "ca.i")
    method = SCHEMES.get(scheme, js.Adaptive(longest=dt))
    recording = js.simulate(cell.compile(), 15.0, dt, method=method)
    gained = np.diff(recording["ca.inside"])
    flowed = -PER_CHARGE * dt * np.array(recording["ca.i"])[:, 1:]
    assert np.all(np.sum(gained, axis=1) > 1e-4)
    np.testing.assert_allclose(gained, flowed, rtol=1e-9, atol=1e-12 * np.abs(flowed).max())


@pytest.mark.parametrize("scheme", ["DampedCrankNicolson", "TRBDF2"])
def test_the_pool_takes_up_the_charge_that_moved_the_voltage(x64, scheme):
    """Calcium alone through a membrane: C dv / dt is its current, so C v + 2 F c depth is conserved."""
    cell = js.Cell(js.cylinder(20.0, 10.0), v=-35.0).insert(js.Calcium()).insert(js.Ca_HVA(gbar=1e-3)).insert(Filling())
    here = cell.loc(0)
    recording = js.simulate(cell.record(here).record(here, "ca.inside").compile(), 20.0, 0.1, method=SCHEMES[scheme])
    v, c = np.array(recording.v[0]), np.array(recording["ca.inside"][0])
    assert np.ptp(v) > 20.0
    charge = 1e-3 * v - c / PER_CHARGE  # 1 uF/cm2 x 1 mV / ms = 1e-3 mA/cm2
    np.testing.assert_allclose(charge, charge[0], rtol=0, atol=1e-12 * np.ptp(1e-3 * v))


def accumulating() -> js.Cell:
    """Spikes that fill a thin space outside with potassium and a shell inside with calcium, which opens a current."""
    cell = js.Cell(js.cylinder(20.0, 10.0), v=-65.0)
    cell.insert(js.HH()).insert(js.Potassium()).insert(Bath())
    cell.insert(js.Calcium()).insert(js.Ca_HVA(gbar=1e-3)).insert(js.CaDynamics_E2(decay=20.0))
    cell.insert(js.SK_E2(gbar=2e-4))
    cell.stimulate(cell.loc(0), js.Pulse(amp=0.2, start=0.0))
    here = cell.loc(0)
    return cell.record(here).record(here, "k.outside").record(here, "ca.inside").record(here, "k.e")


@pytest.mark.default_first
@pytest.mark.parametrize("method", [js.DampedCrankNicolson(), js.TRBDF2()], ids=lambda m: type(m).__name__)
def test_second_order_with_concentrations(x64, method):
    model, dts = accumulating().compile(), (0.02, 0.01, 0.005)
    runs = [js.simulate(model, 30.0, dt, method=method) for dt in (*dts, 0.000625)]
    spikes = [crossings(np.array(r.t), np.array(r.v[0])) for r in runs]
    assert len(spikes[-1]) >= 3
    assert np.ptp(runs[-1]["k.outside"]) > 1.0
    found = {"spike": [np.abs(s - spikes[-1]).max() for s in spikes[:-1]]}
    for what in ("v", "k.outside", "ca.inside"):
        found[what] = [float(abs(r[what][0, -1] - runs[-1][what][0, -1])) for r in runs[:-1]]
    for what, error in found.items():
        order = np.log2(np.divide(error[:-1], error[1:]))
        measured(f"{type(method).__name__}, {what}: order {order.round(2)}, error {error[-1]:.1e}")
        assert order[-1] > 1.8, what


def test_adaptive_steps_have_the_concentrations_of_short_ones(x64):
    model = accumulating().compile()
    ours, fine = js.simulate(model, 60.0, method=js.Adaptive()), js.simulate(model, 60.0, 0.0025)
    for what, tolerance in (("k.outside", 2e-3), ("ca.inside", 1e-5)):
        np.testing.assert_allclose(ours[what][0], fine[what][0, ::10], rtol=0, atol=tolerance)


def test_potassium_outside_is_what_moves_the_reversal_potential(x64):
    recording = js.simulate(accumulating().compile(), 30.0)
    expected = js.nernst(js.Potassium().inside, recording["k.outside"], 1, js.Potassium().celsius)
    np.testing.assert_allclose(recording["k.e"], expected, rtol=1e-12)
    assert np.ptp(recording["k.e"]) > 5.0


GRADIENT = {
    "k.inside": 1e-4, "k.outside": 1e-4, "k.celsius": 1e-4, "ca.inside": 1e-3, "ca.outside": 1e-4, "Bath.tau": 1e-3,
    "Bath.per_charge": 1e-4, "CaDynamics_E2.decay": 1e-3, "CaDynamics_E2.gamma": 1e-3, "SK_E2.gbar": 1e-3,
    "Ca_HVA.gbar": 1e-3, "HH.gbar_k": 1e-4,
}  # fmt: skip


@pytest.mark.default_first
@pytest.mark.parametrize(
    "method",
    [js.BackwardEuler(), js.CrankNicolson(), js.DampedCrankNicolson(), js.TRBDF2()],
    ids=lambda m: type(m).__name__,
)
def test_gradients_are_central_differences(x64, method):
    model = accumulating().compile()

    def loss(x, gradient=js.Checkpointed()):  # noqa: B008
        changed = model
        for name, value in x.items():
            changed = changed.set(name, value)
        r = js.simulate(changed, 8.0, method=method, gradient=gradient)
        return (1e-4 * r.v**2).mean() + (r["k.outside"] ** 2).mean() + (1e3 * r["ca.inside"]).mean()

    at = {name: model.get(name) for name in GRADIENT}
    value, gradient = jax.jit(loss), jax.jit(jax.grad(loss))(at)
    forward = jax.jit(jax.jacfwd(lambda x: loss(x, js.Plain())))(at)
    for name, relative in GRADIENT.items():
        h = relative * float(at[name][0])
        up, down = (value({**at, name: at[name] + s * h}) for s in (1.0, -1.0))
        np.testing.assert_allclose(gradient[name][0], (up - down) / (2.0 * h), rtol=2e-5, err_msg=name)
        np.testing.assert_allclose(gradient[name], forward[name], rtol=1e-9, err_msg=name)


def test_single_precision_gradients(x64):
    def gradient(dtype):
        model = accumulating().compile(dtype)
        loss = lambda g: (1e-4 * js.simulate(model.set("CaDynamics_E2.gamma", g), 8.0).v ** 2).mean()  # noqa: E731
        return float(jax.jit(jax.grad(loss))(model.get("CaDynamics_E2.gamma")[0]))

    np.testing.assert_allclose(gradient("float32"), gradient("float64"), rtol=1e-2)


def test_a_batch_is_its_members(precision):
    model = accumulating().compile(precision)
    decay = np.array([10.0, 20.0, 40.0], precision)
    run = lambda d: js.simulate(model.set("CaDynamics_E2.decay", d), 10.0).values  # noqa: E731
    together = jax.jit(jax.vmap(run))(decay)
    for k, one in enumerate(decay):
        for what, rows in jax.jit(run)(one).items():
            np.testing.assert_allclose(together[what][k], rows, rtol=0, atol=2e-3 if precision == np.float32 else 1e-9)

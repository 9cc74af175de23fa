"""Mechanisms whose states depend on one another: a Markov scheme of n^4, a gate that is not linear, a buffered pool."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from tests.agreement.cells import SCHEMES, measured

CHAIN = ("n0", "n1", "n2", "n3", "n4")


def alpha_beta_n(v):
    return 0.01 * js.vtrap(-(v + 55.0), 10.0), 0.125 * js.exp(-(v + 65.0) / 80.0)


@js.struct
class Chain(js.AbstractChannel):
    """HH's potassium current with its four gates as a chain of five states."""

    starts_steady = True
    gbar: js.units.S_per_cm2 = 0.036
    e: js.units.mV = -77.0

    def derivative(self, v, state):
        alpha, beta = alpha_beta_n(v)
        steps = range(4)
        return js.kinetics(state, [(CHAIN[k], CHAIN[k + 1], (4 - k) * alpha, (k + 1) * beta) for k in steps])

    def initial(self, v):
        return {"n0": 1.0, "n1": 0.0, "n2": 0.0, "n3": 0.0, "n4": 0.0}

    def current(self, v, gate):
        return self.gbar * gate["n4"] * (v - self.e)


@js.struct
class Product(js.AbstractChannel):
    """The same as a product of gates."""

    gbar: js.units.S_per_cm2 = 0.036
    e: js.units.mV = -77.0

    def rates(self, v):
        return {"n": js.alpha_beta(*alpha_beta_n(v))}

    def current(self, v, gate):
        return self.gbar * gate["n"] ** 4 * (v - self.e)


def spiking(potassium: js.AbstractChannel) -> js.Model:
    cell = js.Cell(js.cylinder(20.0, 10.0)).insert(js.HH(gbar_k=0.0)).insert(potassium, name="kdr")
    cell.stimulate(cell.loc(0), js.Pulse(amp=0.3, start=1.0))
    return cell.record(cell.loc(0)).record(cell.loc(0), "kdr.i").compile()


def test_a_chain_is_the_product_of_its_gates_to_second_order(x64):
    apart = []
    for dt in (0.02, 0.01, 0.005):
        chain, product = (js.simulate(spiking(k), 20.0, dt) for k in (Chain(), Product()))
        assert float(product.v.max()) > 20.0
        apart.append([float(np.abs(chain[what] - product[what]).max()) for what in ("v", "kdr.i")])
    orders = np.log2(np.divide(apart[:-1], apart[1:]))
    measured(f"a chain of five states against n^4: apart {apart[-1]}, orders {orders.round(2).tolist()}")
    assert np.all(orders[-1] > 1.8)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_probability_is_conserved(precision, scheme):
    cell = js.Cell(js.cylinder(20.0, 10.0)).insert(js.HH(gbar_k=0.0)).insert(Chain())
    here = cell.loc(0)
    cell.stimulate(here, js.Pulse(amp=0.3, start=1.0))
    for x in CHAIN:
        cell.record(here, f"Chain.{x}")
    recording = js.simulate(cell.compile(), 20.0, method=SCHEMES[scheme])
    total = sum(np.asarray(recording[f"Chain.{x}"][0], float) for x in CHAIN)
    np.testing.assert_allclose(total, 1.0, rtol=0, atol=2e-5 if precision == np.float32 else 1e-11)


def test_a_chain_begins_at_its_steady_state(x64):
    model = spiking(Chain())
    state = js.init(model)
    alpha, beta = alpha_beta_n(jnp.asarray(-65.0))
    np.testing.assert_allclose(state.gates["kdr"]["n4"], (alpha / (alpha + beta)) ** 4, rtol=1e-7)


@js.struct
class Buffered(js.AbstractPool):
    """Calcium in a shell with a buffer that binds it, and a pump that takes it out."""

    reads = {"ica": "ca.i", "cai_0": "ca.inside"}
    writes = {"cai": "ca.inside"}
    ica: js.units.mA_per_cm2 = 0.0
    cai_0: js.units.mM = 1e-4
    total: js.units.mM = 0.1
    on: js.units.dimensionless = 100.0
    off: js.units.per_ms = 0.1
    pump: js.units.per_ms = 0.05

    def derivative(self, v, state):
        bound = js.kinetics(
            {**state, "free": self.total - state["bound"]}, [(("cai", "free"), "bound", self.on, self.off)]
        )
        inward = -50.0 * self.ica - self.pump * (state["cai"] - 1e-4)
        return {"cai": bound["cai"] + inward, "bound": bound["bound"]}

    def initial(self, v):
        return {"bound": self.total * self.on * self.cai_0 / (self.off + self.on * self.cai_0)}


def buffered(precision=None) -> js.Model:
    cell = js.Cell(js.cylinder(20.0, 10.0)).insert(js.HH()).insert(js.Calcium(inside=1e-4)).insert(js.Ca_HVA(gbar=1e-3))
    cell.insert(Buffered()).insert(js.SK_E2(gbar=5e-4))
    here = cell.loc(0)
    cell.stimulate(here, js.Pulse(amp=0.2, start=1.0))
    for what in ("v", "ca.inside", "Buffered.bound"):
        cell.record(here, what)
    return cell.compile(precision)


@pytest.mark.default_first
@pytest.mark.parametrize("scheme", ["DampedCrankNicolson", "TRBDF2"])
def test_a_buffered_pool_converges_to_second_order(x64, scheme):
    model = buffered()
    fine = js.simulate(model, 16.0, 0.000625, method=SCHEMES[scheme])
    assert np.ptp(fine["Buffered.bound"]) > 1e-3
    runs = [js.simulate(model, 16.0, dt, method=SCHEMES[scheme]) for dt in (0.02, 0.01, 0.005)]
    for what in ("ca.inside", "Buffered.bound"):
        errors = [float(abs(run[what][0, -1] - fine[what][0, -1])) for run in runs]
        assert np.log2(errors[-2] / errors[-1]) > 1.8, what


@pytest.mark.default_first
@pytest.mark.parametrize("method", [js.BackwardEuler(), js.DampedCrankNicolson()], ids=lambda m: type(m).__name__)
def test_gradients_through_coupled_states(x64, method):
    model = buffered()

    def loss(x, gradient=js.Checkpointed()):  # noqa: B008
        changed = model.set("Buffered.on", x[0]).set("Buffered.pump", x[1]).set("SK_E2.gbar", x[2])
        r = js.simulate(changed, 6.0, method=method, gradient=gradient)
        return (1e-4 * r.v**2).mean() + (1e3 * r["ca.inside"]).mean()

    at = jnp.asarray([100.0, 0.05, 5e-4])
    value, gradient = jax.jit(loss), jax.jit(jax.grad(loss))(at)
    np.testing.assert_allclose(gradient, jax.jit(jax.jacfwd(lambda x: loss(x, js.Plain())))(at), rtol=1e-8)
    for k in range(3):
        h = 1e-4 * at[k]
        up, down = (value(at.at[k].add(s * h)) for s in (1.0, -1.0))
        np.testing.assert_allclose(gradient[k], (up - down) / (2.0 * h), rtol=1e-5)


def test_coupled_states_in_a_batch_and_in_single_precision(precision):
    model = buffered(precision)
    run = lambda on: js.simulate(model.set("Buffered.on", on), 8.0).values  # noqa: E731
    rates = np.array([50.0, 100.0, 200.0], precision)
    together = jax.jit(jax.vmap(run))(rates)
    for k, one in enumerate(rates):
        for what, rows in jax.jit(run)(one).items():
            np.testing.assert_allclose(together[what][k], rows, rtol=0, atol=5e-3 if precision == np.float32 else 1e-9)


def _broken(**methods) -> js.AbstractChannel:
    return js.struct(type("Odd", (Chain,), {"__doc__": "Odd.", **methods}))()


@pytest.mark.parametrize(
    ("methods", "said"),
    [
        ({"initial": lambda self, v: {"n0": 1.0}}, "Odd.derivative asks for"),
        ({"derivative": lambda self, v, x: {"n0": 0.0 * v}}, "the state 'n1' of Odd must have one equation"),
        (
            {"rates": lambda self, v: {"n0": js.alpha_beta(*alpha_beta_n(v))}},
            "the state 'n0' of Odd must have one equation, got 'rates and derivative'",
        ),
    ],
)
def test_a_broken_contract_is_explained(methods, said):
    with pytest.raises(TypeError, match=said):
        js.Cell(js.cylinder(20.0, 10.0)).insert(_broken(**methods)).compile()

"""Noise: the numbers that theory gives, whatever the scheme and step; a key fixes it; batches and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from tests.run.cells import DT, passive

METHODS = [js.BackwardEuler(), js.CrankNicolson(), js.DampedCrankNicolson(), js.TRBDF2()]
named = lambda m: type(m).__name__  # noqa: E731


def noisy(**parameters: float) -> js.Cell:
    cell = passive(1)
    cell.place(cell.loc("soma"), js.OUCurrent(**parameters))
    return cell.record(cell.loc("soma"), "OUCurrent.i")


def ensemble(model: js.Model, t_end: float, dt: float, n: int, what: str, **options) -> np.ndarray:
    """(n, n_time) one recorded quantity of n runs with different keys."""
    keys = jax.random.split(jax.random.key(7), n)
    run = lambda key: js.simulate(model, t_end, dt, key=key, **options)[what][0]  # noqa: E731
    return np.asarray(jax.jit(jax.vmap(run))(keys))


@pytest.mark.parametrize(("method", "dt"), [(METHODS[0], 0.1), (METHODS[2], 0.1), (METHODS[2], 2.0)], ids=str)
def test_a_noisy_current_has_its_mean_deviation_and_correlation(method, dt):
    """Exact for any dt: 64 runs of 100 tau, with the errors of such a sample."""
    tau, sigma, mean = 4.0, 0.05, 0.02
    model = noisy(mean=mean, sigma=sigma, tau=tau).compile()
    x = ensemble(model, 400.0, dt, 64, "OUCurrent.i", method=method)[:, round(20.0 / dt) :]
    assert x.mean() == pytest.approx(mean, abs=5e-3)
    assert x.std() == pytest.approx(sigma, rel=0.04)
    late = round(tau / dt)
    correlation = np.mean((x[:, :-late] - mean) * (x[:, late:] - mean)) / sigma**2
    assert correlation == pytest.approx(np.exp(-1.0), abs=0.04)


def test_a_key_fixes_the_noise(x64):
    model = noisy().compile()
    first, again, other = (js.simulate(model, 5.0, DT, key=jax.random.key(k)) for k in (3, 3, 4))
    np.testing.assert_array_equal(first["OUCurrent.i"], again["OUCurrent.i"])
    assert np.abs(np.asarray(first["OUCurrent.i"]) - np.asarray(other["OUCurrent.i"])).max() > 0.01


def test_each_instance_has_its_own_noise(x64):
    cell = passive(1)
    for k in range(2):
        cell.place(cell.loc("soma"), js.OUCurrent(), name=f"n{k}").record(cell.loc("soma"), f"n{k}.i")
    cell.place(cell.loc("basal"), js.OUCurrent(), name="n0").record(cell.loc("basal"), "n0.i")
    rec = js.simulate(cell.compile(), 200.0, 0.5, key=jax.random.key(0))
    rows = np.stack([*np.asarray(rec["n0.i"]), *np.asarray(rec["n1.i"])])[:, 20:]
    assert np.abs(np.corrcoef(rows) - np.eye(3)).max() < 0.5


def test_a_batch_over_keys_is_a_loop(precision):
    model = noisy().compile()
    keys = jax.random.split(jax.random.key(1), 3)
    batch = jax.vmap(lambda key: js.simulate(model, 1.0, DT, key=key)["OUCurrent.i"])(keys)
    for row, key in zip(batch, keys, strict=True):
        np.testing.assert_allclose(row, js.simulate(model, 1.0, DT, key=key)["OUCurrent.i"], atol=1e-6)


@pytest.mark.parametrize("method", [js.BackwardEuler(), js.DampedCrankNicolson()], ids=named)
def test_gradient_with_the_noise_fixed(x64, method):
    model = noisy(sigma=0.1).compile()

    @jax.jit
    def loss(sigma):
        rec = js.simulate(model.set("OUCurrent.sigma", sigma), 2.0, DT, method=method, key=jax.random.key(5))
        return jnp.var(rec["OUCurrent.i"][0]) * 1e3

    difference = (loss(0.1001) - loss(0.0999)) / 0.0002
    np.testing.assert_allclose(jax.grad(loss)(0.1), difference, rtol=1e-7)


def test_two_conductances_have_their_moments():
    cell = passive(1)
    here = cell.loc("soma")
    cell.place(here, js.OUConductance()).record(here, "OUConductance.g_e").record(here, "OUConductance.g_i")
    model = cell.compile()
    keys = jax.random.split(jax.random.key(2), 64)
    runs = jax.jit(jax.vmap(lambda key: js.simulate(model, 300.0, 0.2, key=key).values))(keys)
    for name, mean, sigma in (("g_e", 0.0121, 0.003), ("g_i", 0.0573, 0.0066)):
        x = np.asarray(runs[f"OUConductance.{name}"])[:, 0, 300:]
        assert x.mean() == pytest.approx(mean, rel=0.03)
        assert x.std() == pytest.approx(sigma, rel=0.06)


@js.struct
class TwoStates(js.AbstractChannel):
    """Channels that open and close with known rates, in a number."""

    noises = ("xi",)
    alpha: js.units.per_ms = 0.6
    beta: js.units.per_ms = 1.4
    number: js.units.dimensionless = 200.0

    def reactions(self):
        return [("c", "o", self.alpha, self.beta)]

    def initial(self, v):
        p = self.alpha / (self.alpha + self.beta) + 0.0 * v
        return {"o": p, "c": 1.0 - p}

    def derivative(self, v, state):
        return js.kinetics(state, self.reactions())

    def noise(self, v, state, xi):
        return js.langevin(state, self.reactions(), self.number, [xi["xi"]])

    def current(self, v, gate):
        return 0.0 * gate["o"] * v


@pytest.mark.parametrize("method", METHODS, ids=named)
def test_channels_have_the_variance_of_the_binomial_distribution(method):
    """p (1 - p) / n, correlated over 1 / (alpha + beta); nothing is lost between the states."""
    cell = js.Cell(js.cylinder(10.0, 5.0)).insert(TwoStates())
    cell.record(cell.loc(0), "TwoStates.o").record(cell.loc(0), "TwoStates.c")
    model, p, rate = cell.compile(), 0.3, 2.0
    keys = jax.random.split(jax.random.key(3), 64)
    runs = jax.jit(jax.vmap(lambda key: js.simulate(model, 100.0, 0.05, key=key, method=method).values))(keys)
    o, c = (np.asarray(runs[f"TwoStates.{x}"])[:, 0, 40:] for x in "oc")
    np.testing.assert_allclose(o + c, 1.0, atol=1e-4)
    assert o.mean() == pytest.approx(p, abs=2e-3)
    assert o.var() == pytest.approx(p * (1.0 - p) / 200.0, rel=0.05)
    late = round(1.0 / rate / 0.05)
    correlation = np.mean((o[:, :-late] - p) * (o[:, late:] - p)) / o.var()
    assert correlation == pytest.approx(np.exp(-1.0), abs=0.05)


def test_hodgkin_huxley_channels_of_a_small_patch_fire_by_chance():
    """Held, sodium's and potassium's open parts have the moments of independent gates; free, a patch fires unasked."""
    cell = js.Cell(js.cylinder(10.0, 0.5 * 100.0 / np.pi / 10.0)).insert(js.StochasticHH())  # 100 um2
    free = js.Cell(js.cylinder(10.0, 0.5 * 100.0 / np.pi / 10.0)).insert(js.StochasticHH())
    here = cell.loc(0)
    cell.clamp(here, js.VoltageClamp(v=-50.0)).record(here, "StochasticHH.m3h1").record(here, "StochasticHH.n4")
    model, quiet = cell.compile(), free.record(here).compile()
    keys = jax.random.split(jax.random.key(4), 16)
    run = lambda key: js.simulate(model, 200.0, 0.025, key=key, method=js.BackwardEuler()).values  # noqa: E731
    held = jax.jit(jax.vmap(run))(keys)
    inf = {x: float(rate.x_inf) for x, rate in js.HH().rates(jnp.asarray(-50.0)).items()}
    for name, p, n in (("m3h1", inf["m"] ** 3 * inf["h"], 6000.0), ("n4", inf["n"] ** 4, 1800.0)):
        x = np.asarray(held[f"StochasticHH.{name}"])[:, 0, 800:]
        assert x.mean() == pytest.approx(p, rel=0.03)
        assert x.var() == pytest.approx(p * (1.0 - p) / n, rel=0.1)
    alone = np.asarray(jax.vmap(lambda key: js.simulate(quiet, 200.0, 0.025, key=key).v[0])(keys[:4]))
    assert alone.max() > 0.0


def test_errors_say_what_to_do():
    model = noisy().compile()
    with pytest.raises(ValueError, match=r"key must be given .* OUCurrent.* Give key=jax.random.key\(0\)"):
        js.simulate(model, 1.0)
    with pytest.raises(ValueError, match="key must be given"):
        js.step(model, js.init(model), DT)
    with pytest.raises(ValueError, match="steps of one size where there is noise"):
        js.simulate(model, 1.0, method=js.Adaptive(), key=jax.random.key(0))
    with pytest.raises(ValueError, match="the number of noises must be that of the reactions, 1"):
        js.langevin({"c": jnp.ones(()), "o": jnp.ones(())}, [("c", "o", 1.0, 1.0)], 10.0, [])


def test_a_noise_of_nothing_is_refused():
    @js.struct
    class Wrong(js.AbstractPointProcess):
        noises = ("xi",)
        g: js.units.uS = 1.0

        def noise(self, v, state, xi):
            return {"y": xi["xi"]}

        def current(self, v, gate):
            return self.g * v

    cell = passive(1)
    with pytest.raises(KeyError, match="state of Wrong"):
        cell.place(cell.loc("soma"), Wrong()).compile()

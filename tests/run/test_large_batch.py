"""A batch whose recordings and stimuli are large enough to be laid out in strips is what its members are alone."""

import jax
import jax.numpy as jnp
import numpy as np

import jaxsim as js
from jaxsim.numerics.lanes import _TURNED_AT_ONCE

N, DT = 40, 0.025
T_END = 25.0


def test_values_and_gradients_are_those_of_each_run(x64):
    cell = js.Cell(js.cylinder(100.0, 2.0), js.PerBranch(2)).insert(js.HH())
    cell.stimulate(cell.loc(0, 0.25), js.Pulse(amp=0.1, start=2.0))
    cell.record([cell.loc(0, 0.25), cell.loc(0, 0.75)])
    model = cell.compile()
    assert N * round(T_END / DT) > _TURNED_AT_ONCE

    def one(amp: jax.Array) -> jax.Array:
        return js.simulate(model.set("Pulse.amp", amp), T_END, DT).v

    def loss(amp: jax.Array) -> jax.Array:
        return jnp.mean((one(amp) + 60.0) ** 2)

    amps = jnp.linspace(0.05, 0.2, N)
    together, slopes = jax.jit(jax.vmap(one))(amps), jax.jit(jax.vmap(jax.grad(loss)))(amps)
    assert together.shape == (N, 2, round(T_END / DT) + 1)
    alone, slope = jax.jit(one), jax.jit(jax.grad(loss))
    for k in (0, 17, N - 1):
        np.testing.assert_allclose(together[k], alone(amps[k]), rtol=0, atol=1e-9)
        np.testing.assert_allclose(slopes[k], slope(amps[k]), rtol=1e-8)

# %% [markdown]
# # Calcium slows a cell down
# Each spike lets calcium in. It fills a shell below the membrane, opens a potassium current, and the next spike comes
# later. How fast the shell empties decides by how much: four cells that differ in that are one batch.

# %%
import jax
import jax.numpy as jnp
import numpy as np

import jaxsim as js

cell = js.Cell(js.cylinder(30.0, 15.0), js.PerBranch(1), v=-75.0)
cell.insert(js.Leak(gbar=5e-5, e=-75.0)).insert(js.NaTa_t(gbar=0.5)).insert(js.SKv3_1(gbar=0.3))
cell.insert(js.Calcium(celsius=34.0))  # from here on its reversal potential is Nernst's
cell.insert(js.Ca_HVA(gbar=2e-4)).insert(js.CaDynamics_E2(gamma=0.02)).insert(js.SK_E2(gbar=2e-3))
middle = cell.loc(0, 0.5)
cell.stimulate(middle, js.Pulse(amp=0.25, start=20.0, stop=220.0))  # nA, ms
cell.record(middle).record(middle, "ca.inside").record(middle, "ca.e")
model = cell.compile()

# %%
decay = jnp.asarray([5.0, 20.0, 80.0, 320.0])  # ms
run = jax.jit(jax.vmap(lambda tau: js.simulate(model.set("CaDynamics_E2.decay", tau), t_end=250.0).values))
found = {what: np.asarray(rows[:, 0]) for what, rows in run(decay).items()}
t = np.arange(found["v"].shape[1]) * 0.025

# %%
for tau, v, inside, e in zip(decay.tolist(), found["v"], found["ca.inside"], found["ca.e"], strict=True):
    spikes = t[1:][(v[:-1] < 0.0) & (v[1:] >= 0.0)]
    gaps = np.diff(spikes)
    print(f"decay {tau:5.0f} ms: {spikes.size:2d} spikes, intervals {gaps[0]:4.1f} to {gaps.max():5.1f} ms, ", end="")
    print(f"calcium to {1e3 * inside.max():.2f} uM, its reversal potential {e.max():.0f} to {e.min():.0f} mV")

# %% [markdown]
# The number of spikes has no slope, but the calcium that is left at the end has one, through all of them:

# %%
last = lambda tau: js.simulate(model.set("CaDynamics_E2.decay", tau), t_end=250.0)["ca.inside"][0, -1]  # noqa: E731
slope = jax.jit(jax.grad(last))(80.0)
print(f"d ca / d decay = {1e3 * slope:.4f} uM / ms")

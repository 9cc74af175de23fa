# %% [markdown]
# # Four kinds of cortical cells
# The minimal models of Pospischil et al. (2008), Biol Cybern 99:427: one compartment, the same few channels, and
# conductances that make a cell spike regularly, fast, in a burst, or on a low threshold. All four are one batch.

# %%
import jax
import jax.numpy as jnp
import numpy as np

import jaxsim as js

cell = js.Cell(js.cylinder(96.0, 48.0), js.PerBranch(1), v=-70.0)
cell.insert(js.Na()).insert(js.K()).insert(js.Km()).insert(js.CaL()).insert(js.CaT()).insert(js.Leak())
middle = cell.loc(0, 0.5)
cell.stimulate(middle, js.Pulse(amp=0.5, start=100.0, stop=500.0))  # nA, ms
model = cell.record(middle).compile()

# %% [markdown]
# What differs, from the published files; the fast cell is smaller there, so its current is scaled by the area.

# %%
kinds = {  #                     nA, mV and S/cm2
    "regular spiking": {"Pulse.amp": 0.75, "Leak.gbar": 1e-4, "Leak.e": -70.0},
    "fast spiking": {"Pulse.amp": 1.03, "Leak.gbar": 1.5e-4, "Leak.e": -70.0, "K.gbar": 0.01, "Km.gbar": 0.0},
    "low threshold": {"Pulse.amp": 0.15, "Leak.gbar": 1e-5, "Leak.e": -85.0, "Km.gbar": 3e-5, "CaT.gbar": 4e-4},
    "bursting": {"Pulse.amp": 0.15, "Leak.gbar": 1e-5, "Leak.e": -85.0, "Km.gbar": 3e-5, "CaL.gbar": 1.7e-4},
}
common = {"K.gbar": 0.005, "Km.gbar": 7e-5, "CaL.gbar": 0.0, "CaT.gbar": 0.0}
rows = [common | kind for kind in kinds.values()]
values = {name: jnp.asarray([row[name] for row in rows]) for name in rows[0]}


def run(one: dict[str, jax.Array]) -> jax.Array:
    mine = model.set("v", one["Leak.e"])
    for name, value in one.items():
        mine = mine.set(name, value)
    return js.simulate(mine, t_end=600.0).v[0]


v = np.asarray(jax.jit(jax.vmap(run))(values))
t = np.arange(v.shape[1]) * 0.025

# %%
for name, trace in zip(kinds, v, strict=True):
    spikes = t[1:][(trace[:-1] < 0.0) & (trace[1:] >= 0.0)]
    gaps = np.diff(spikes)
    print(f"{name:16s} {spikes.size:3d} spikes, intervals {gaps.min():5.1f} to {gaps.max():5.1f} ms")

# %% [markdown]
# # Noise and point neurons
# An adaptive exponential neuron under a noisy current, twenty times with different noise in one batch; and a patch of
# squid axon whose channels open and close by chance: the smaller it is, the more it fires unasked.

# %%
import jax
import numpy as np
import optax

import jaxsim as js

cell = js.point_neuron(js.AdEx(), capacitance=0.281, v=-70.6)  # nF, mV
here = cell.loc(0)
cell.place(here, js.OUCurrent(mean=0.55, sigma=0.2, tau=5.0))  # nA, ms
model = cell.record(here).record(here, "AdEx.spike").compile()
keys = jax.random.split(jax.random.key(0), 20)
run = jax.jit(jax.vmap(lambda key: js.simulate(model, t_end=400.0, dt=0.1, key=key).values))
trials = run(keys)
t = np.arange(4001) * 0.1
spikes = np.asarray(trials["AdEx.spike"][:, 0]) > 0.5
print(f"{spikes.sum(axis=1).mean():.1f} spikes in 400 ms, standard deviation {spikes.sum(axis=1).std():.1f}")

# %% [markdown]
# A rate is trained through spikes: the derivative of a spike is a bump around the threshold. The current with which an
# integrate-and-fire neuron gives twelve spikes in 50 ms:

# %%
lif = js.point_neuron(js.IntegrateAndFire(refractory=0.0, width=5.0), capacitance=0.1)
lif = lif.stimulate(lif.loc(0), js.Pulse(amp=0.2)).record(lif.loc(0), "IntegrateAndFire.spike").compile()


def loss(theta: dict[str, jax.Array]) -> jax.Array:
    count = js.simulate(free.into(lif, theta), t_end=50.0, dt=0.1)["IntegrateAndFire.spike"].sum()
    return (count - 12.0) ** 2


free = js.free(lif, {"Pulse.amp": js.Bounded(0.0, 1.0)})
result = js.fit(loss, free.read(lif), optax.adam(0.05), steps=60)
amp = float(free.into(lif, result.theta).get("Pulse.amp")[0])
print(f"loss {float(result.history.loss[0]):.0f} -> {float(min(result.history.loss)):.0f} with {amp:.2f} nA")


# %% [markdown]
# Channel noise: the same densities of channels in a patch of 20 and of 2,000 um2, and so other numbers and noise.


# %%
def patch(area: float) -> np.ndarray:
    side = np.sqrt(area / np.pi)  # as long as wide
    axon = js.Cell(js.cylinder(side, 0.5 * side)).insert(js.StochasticHH())
    axon = axon.record(axon.loc(0)).compile()
    return np.asarray(js.simulate(axon, t_end=200.0, key=jax.random.key(1)).v[0])


voltages = {area: patch(area) for area in (20.0, 2000.0)}
for area, v in voltages.items():
    print(
        f"{area:6.0f} um2: {int(((v[:-1] < 0) & (v[1:] >= 0)).sum())} spikes without any stimulus, sd {v.std():.2f} mV"
    )

# %% [markdown]
# # A first cell
# A soma and a dendrite, channels painted on regions, a current placed at a location, a simulation, a batch.

# %%
import jax
import jax.numpy as jnp

import jaxsim as js

morphology = js.ball_and_stick(soma_radius=10.0, length=400.0, radius=1.0)  # um; js.read_swc(path) reads a traced cell
cell = js.Cell(morphology, js.MaxLength(20.0), ra=100.0)  # compartments of at most 20 um, 100 ohm cm
cell.insert(js.Leak(gbar=1e-4, e=-65.0))  # S/cm2, mV; everywhere
cell.at("soma").insert(js.HH())  # a region: paint
cell.at(js.path_distance() > 200.0).set("Leak.gbar", 2e-4)
print(cell)

# %%
soma, tip = cell.loc("soma", 0.5), cell.loc("dendrite", 1.0)  # locations: place
cell.stimulate(soma, js.Pulse(amp=0.5, start=2.0, stop=30.0))  # nA, ms
cell.record([soma, tip], "v").record(soma, "HH.m")
model = cell.compile()
for name, (shape, unit) in model.parameters().items():
    print(f"{name:20s} {shape!s:8s} {unit}")

# %%
rec = js.simulate(model, t_end=40.0)
print(f"soma peaks at {float(rec.v[0].max()):.1f} mV, tip at {float(rec.v[1].max()):.1f} mV")
rec.plot().figure.savefig("first_cell.png", dpi=150)

# %% [markdown]
# Other values run the same program; `jax.vmap` makes a batch of them.

# %%
amplitudes = jnp.linspace(0.0, 1.0, 6)
voltages = jax.vmap(lambda amp: js.simulate(model.set("Pulse.amp", amp), t_end=40.0).v[0])(amplitudes)
crossings = (voltages[:, :-1] < 0.0) & (voltages[:, 1:] >= 0.0)
for amp, n_spike in zip(amplitudes, crossings.sum(axis=1), strict=True):
    print(f"{float(amp):.1f} nA: {int(n_spike)} spikes")

# %% [markdown]
# A gradient goes through the whole simulation.

# %%
mean_voltage = lambda gbar: js.simulate(model.set("HH.gbar_k", gbar), t_end=40.0).v[0].mean()  # noqa: E731
value, slope = jax.value_and_grad(mean_voltage)(0.036)
print(f"mean voltage {float(value):.2f} mV, slope {float(slope):.1f} mV / (S/cm2)")

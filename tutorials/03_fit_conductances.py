# %% [markdown]
# # Fit conductances to a recorded trace
# A cell with known conductances gives the target; a cell with other values is trained until it answers alike.

# %%
import jax.numpy as jnp
import optax

import jaxsim as js

cell = js.Cell(js.ball_and_stick(soma_radius=10.0, length=200.0, radius=1.0), js.MaxLength(40.0), ra=100.0)
cell.insert(js.Leak())
cell.at("soma").insert(js.HH())
soma = cell.loc("soma")
cell.stimulate(soma, js.Pulse(amp=0.4, start=1.0, stop=10.0)).record(soma)
model = cell.compile()

truth = model.set("HH.gbar_na", 0.15).set("Leak.gbar", 2e-4)
target = js.simulate(truth, t_end=12.0).v

# %% [markdown]
# Which parameters are free, between which bounds, and who shares one number.

# %%
free = js.free(model, {"HH.gbar_na": js.Bounded(0.05, 0.5), "Leak.gbar": js.Bounded(1e-5, 1e-3)})
theta = free.read(model)
print(free)


# %%
def loss(theta):
    """Mean squared difference of the voltages [mV2]."""
    return jnp.mean((js.simulate(free.into(model, theta), t_end=12.0).v - target) ** 2)


result = js.fit(loss, theta, optax.adam(0.05), steps=120)
print(f"loss {float(loss(theta)):.3g} -> {float(result.loss):.3g} mV2")
for name, value in free.values(result.theta).items():
    print(name, value, "true", truth.get(name)[0])

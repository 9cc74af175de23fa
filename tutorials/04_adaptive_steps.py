# %% [markdown]
# # Steps as long as the voltage allows
# A second with two spikes, simulated and differentiated with a fraction of the steps.

# %%
import jax
import jax.numpy as jnp
import numpy as np

import jaxsim as js

cell = js.Cell(js.ball_and_stick(soma_radius=10.0, length=200.0, radius=1.0), js.MaxLength(50.0), ra=100.0)
cell.insert(js.Leak(gbar=1e-4, e=-65.0))
cell.at("soma").insert(js.HH())
soma = cell.loc("soma", 0.5)
for start in (100.0, 600.0):
    cell.stimulate(soma, js.Pulse(amp=1.0, start=start, stop=start + 2.0))  # nA, ms
model = cell.record(soma).compile()

# %%
fixed = js.simulate(model, t_end=1000.0, method=js.TRBDF2())
rec = js.simulate(model, t_end=1000.0, method=js.Adaptive())
print(f"{int(rec.step_ends.sum()) - 1} steps instead of {fixed.t.size - 1}")
print(f"farthest from fixed steps: {float(jnp.abs(rec.v - fixed.v).max()):.4f} mV")

# %% [markdown]
# Where the steps are long and where short:

# %%
ends = np.asarray(rec.t)[np.asarray(rec.step_ends)]
for start, stop, what in ((60.0, 96.0, "at rest"), (100.0, 105.0, "in the spike"), (110.0, 150.0, "after it")):
    lengths = np.diff(ends[(ends >= start) & (ends <= stop)])
    print(f"{what:12s} {lengths.min():.3f} to {lengths.max():.3f} ms")

# %% [markdown]
# A gradient goes through the run as it was made.

# %%


def loss(g: jax.Array, method: js.AbstractMethod | js.Adaptive) -> jax.Array:
    return js.simulate(model.set("HH.gbar_k", g), t_end=1000.0, method=method).v[0].mean()


for method in (js.TRBDF2(), js.Adaptive()):
    slope = jax.grad(loss)(0.036, method)
    print(f"{type(method).__name__:10s} slope of the mean voltage {float(slope):.2f} mV / (S/cm2)")

# %% [markdown]
# # Synapses, and when their inputs came
# Three synapses on a dendrite, each driven by a train of spikes. From the voltages of the soma and of the dendrite's
# end the times and weights of the inputs are found again by gradient descent: an event has an instant inside a step,
# and so the voltage is differentiable in it.

# %%
import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxsim as js

cell = js.Cell(js.ball_and_stick(20.0, 300.0, 1.5), js.MaxLength(30.0)).insert(js.Leak(gbar=1e-4, e=-70.0))
for x in (0.2, 0.5, 0.8):
    site = cell.loc("basal", x)
    cell.place(site, js.Exp2Syn(tau1=0.5, tau2=3.0, e=0.0))  # ms, mV
    cell.send(js.SpikeTrain(times=[5.0, 15.0], weight=1e-3), site, "Exp2Syn")  # ms, uS
model = cell.record([cell.loc("soma"), cell.loc("basal", 0.95)]).compile()

# %% [markdown]
# A train is a mechanism as any other: its times, weight and delay are parameters of the model. What was recorded:

# %%
times = jnp.array([[4.2, 16.1], [7.3, 12.4], [9.6, 22.7]])
weights = jnp.array([1.2e-3, 0.8e-3, 1.5e-3])
hidden = model.set("SpikeTrain.times", times).set("SpikeTrain.weight", weights)
recorded = js.simulate(hidden, t_end=40.0, dt=0.1).v

# %% [markdown]
# The fit begins about one millisecond beside the truth.

# %%
guess = {"times": times + jnp.array([[0.9, -1.0], [-0.8, 1.2], [1.1, 0.9]]), "log_weight": jnp.log(jnp.full(3, 1e-3))}


def voltage(theta: dict[str, jax.Array]) -> jax.Array:
    there = model.set("SpikeTrain.times", theta["times"]).set("SpikeTrain.weight", jnp.exp(theta["log_weight"]))
    return js.simulate(there, t_end=40.0, dt=0.1).v


def loss(theta: dict[str, jax.Array]) -> jax.Array:
    return jnp.mean((voltage(theta) - recorded) ** 2)


result = js.fit(loss, guess, optax.adam(optax.cosine_decay_schedule(0.05, 400)), steps=400)
found = result.theta
first, last = float(result.history.loss[0]), float(result.history.loss[-1])
off = float(np.abs(np.asarray(found["times"] - times)).max())
print(f"loss {first:.2f} -> {last:.1e} mV2, times within {off:.3f} ms of the hidden ones")
print(f"weights within {float(np.abs(np.exp(found['log_weight']) / weights - 1.0).max()):.1%}")

# %% [markdown]
# A synapse of your own says what an event adds to its states (`receive`). This one saturates: an event opens a share of
# what is closed.


# %%
@js.struct
class Saturating(js.AbstractPointProcess):
    """A conductance that an event opens by a share of what is closed."""

    gmax: js.units.uS = 2e-3
    tau: js.units.ms = 5.0
    e: js.units.mV = 0.0

    def rates(self, v):
        return {"open": js.inf_tau(jnp.zeros_like(v), self.tau)}

    def receive(self, weight, v, state):
        return {"open": weight * (1.0 - state["open"])}

    def current(self, v, gate):
        return self.gmax * gate["open"] * (v - self.e)


small = js.point_neuron(js.LeakyIntegrator(), capacitance=0.1)
small.place(small.loc(0), Saturating())
small.send(js.SpikeTrain(times=[2.0, 4.0, 6.0, 8.0], weight=0.6), small.loc(0), "Saturating")
small = small.record(small.loc(0), "Saturating.open").compile()
print(f"open after four events: {float(js.simulate(small, t_end=8.2)['Saturating.open'][0, -1]):.2f}")

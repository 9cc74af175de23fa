# %% [markdown]
# # A mechanism from a .mod file
# Most published channels are .mod files of NEURON. One line turns such a file into a class like any other: it is
# inserted, batched and trained. Here a file is written first, so that the script needs nothing else: the slow calcium
# current of a dendrite, with a current by the Goldman-Hodgkin-Katz equation.

# %%
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

import jaxsim as js

Path("CaSlow.mod").write_text("""\
TITLE Slow calcium current of a dendrite, after Goldman, Hodgkin and Katz

NEURON {
    SUFFIX CaSlow
    USEION ca READ cai, cao WRITE ica
    RANGE pbar, m_inf, tau_m
}
UNITS {
    F = (faraday) (coulomb)
    R = (k-mole) (joule/degC)
}
PARAMETER {
    pbar = 2e-5 (cm/s)  : permeability
    half = -25 (mV)     : where half of the gates are open
    celsius (degC)
}
ASSIGNED { v (mV) cai (mM) cao (mM) ica (mA/cm2) m_inf tau_m (ms) }
STATE { m }
INITIAL {
    rates(v)
    m = m_inf
}
BREAKPOINT {
    SOLVE states METHOD cnexp
    ica = (1e-3) * pbar * m * m * ghk(v, cai, cao)
}
DERIVATIVE states {
    rates(v)
    m' = (m_inf - m) / tau_m
}
PROCEDURE rates(v (mV)) {
    LOCAL q
    TABLE m_inf, tau_m FROM -100 TO 100 WITH 200
    q = 3^((celsius - 22) / 10)
    m_inf = 1 / (1 + exp(-(v - half) / 6))
    tau_m = (5 + 20 / (1 + exp((v - half) / 10))) / q
}
FUNCTION ghk(v (mV), ci (mM), co (mM)) {
    LOCAL z
    z = 2e-3 * F * v / (R * (celsius + 273.15))
    ghk = 2 * F * (ci * efun(-z) - co * efun(z))
}
FUNCTION efun(z) {
    IF (fabs(z) < 1e-6) { efun = 1 - z / 2 } ELSE { efun = z / (exp(z) - 1) }
}
""")

# %%
CaSlow = js.read_mod("CaSlow.mod")
print(CaSlow.__doc__)
print({name: f"{getattr(CaSlow(), name)} {unit}" for name, unit in CaSlow.parameters().items()})

# %% [markdown]
# What the file computes, as Python: for those who want to go on from here without the file.

# %%
print(js.mod_to_python("CaSlow.mod", "ca_slow.py"))

# %% [markdown]
# In a cell. Calcium is an ion of the model, so that the current sees its concentrations and the pool sees the current.

# %%
cell = js.Cell(js.cylinder(30.0, 15.0), js.PerBranch(1), v=-75.0)
cell.insert(js.Leak(gbar=5e-5, e=-75.0)).insert(js.NaTa_t(gbar=0.5)).insert(js.SKv3_1(gbar=0.3))
cell.insert(js.Calcium()).insert(js.CaDynamics_E2(gamma=0.02)).insert(CaSlow())
cell.at(js.everywhere()).set("celsius", 34.0)  # one temperature for all that have one
middle = cell.loc(0, 0.5)
cell.stimulate(middle, js.Pulse(amp=0.25, start=20.0, stop=100.0))  # nA, ms
cell.record(middle).record(middle, "ca.inside").record(middle, "CaSlow.m")
model = cell.compile()

# %% [markdown]
# Its parameters batch and train like any other's: three half-activation voltages at once, and the slope of the calcium
# that has entered, against a difference quotient.

# %%
half = jnp.asarray([-35.0, -25.0, -15.0])
run = jax.jit(jax.vmap(lambda x: js.simulate(model.set("CaSlow.half", x), t_end=150.0).values))
found = run(half)
for k, x in enumerate(half.tolist()):
    v, inside = np.asarray(found["v"][k, 0]), np.asarray(found["ca.inside"][k, 0])
    spikes = int(((v[:-1] < 0.0) & (v[1:] >= 0.0)).sum())
    print(f"half-activation {x:5.0f} mV: {spikes} spikes, calcium to {1e3 * inside.max():.2f} uM")


# %%
def entered(x: jax.Array) -> jax.Array:
    return 1e3 * jnp.mean(js.simulate(model.set("CaSlow.half", x), t_end=50.0)["ca.inside"])


slope = jax.jit(jax.grad(entered))(-25.0)
quotient = (entered(-24.8) - entered(-25.2)) / 0.4
print(f"d ca / d half = {slope:.5f} uM / mV, by differences {quotient:.5f}")

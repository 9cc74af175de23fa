# %% [markdown]
# # A channel of one's own, under voltage clamp
# The slow potassium current of cortical cells (Yamada, Koch & Adams 1989, as used by Pospischil et al. 2008), as one
# small class: its gate's equation and its current. Integration, slopes and steady state are the framework's.

# %%
import jax.numpy as jnp
import numpy as np

import jaxsim as js
from jaxsim.units import S_per_cm2, ms, mV


@js.struct
class Km(js.AbstractChannel):
    """Slow non-inactivating potassium current.

        i = gbar p (v - e),   p_inf = 1 / (1 + exp(-(v + 35) / 10)),
        tau_p = tau_max / (3.3 exp((v + 35) / 20) + exp(-(v + 35) / 20))

    Source: Pospischil et al. 2008, Biol Cybern 99:427.
    """

    gbar: S_per_cm2 = 7e-5
    e: mV = -90.0
    tau_max: ms = 1000.0

    def rates(self, v):
        tau = self.tau_max / (3.3 * jnp.exp((v + 35.0) / 20.0) + jnp.exp(-(v + 35.0) / 20.0))
        return {"p": js.inf_tau(js.sigmoid((v + 35.0) / 10.0), tau)}

    def current(self, v, gate):
        return self.gbar * gate["p"] * (v - self.e)


# %%
cell = js.Cell(js.cylinder(length=50.0, radius=25.0))
cell.insert(Km())
site = cell.loc(0)
cell.clamp(site, js.VoltageClamp(v=-70.0, start=5.0))
cell.record(site, "VoltageClamp.i").record(site, "Km.p")
model = cell.compile()

# %% [markdown]
# The clamp's command is a parameter like any other: step it to several voltages.

# %%
for v in (-50.0, -35.0, -20.0, 0.0):
    rec = js.simulate(model.set("VoltageClamp.v", v), t_end=3000.0, dt=0.5)
    i, p = float(rec["VoltageClamp.i"][0, -1]), float(rec["Km.p"][0, -1])
    print(f"{v:6.1f} mV: p = {p:.3f}, clamp current {i:.3f} nA")
    np.testing.assert_allclose(p, 1.0 / (1.0 + np.exp(-(v + 35.0) / 10.0)), atol=2e-3)

"""The calcium pool of Destexhe, Babloyantz & Sejnowski (1993) in its common form: a shell that decays to a rest."""

import jax
import jax.numpy as jnp

from jaxsim._struct import struct
from jaxsim.mechanisms.base import AbstractPool
from jaxsim.mechanisms.rates import Rate
from jaxsim.units import FARADAY, mA_per_cm2, mM, ms, um

_UM_PER_CM = 1e4


@struct
class CaDecay(AbstractPool):
    """Calcium in a shell below the membrane: what enters decays to a rest, what leaves is not counted.

        d cai / dt = max(0, -10^4 i_ca / (2 F depth)) + (cainf - cai) / taur

    The defaults are those of thalamic cells; in neocortical cells (Mainen & Sejnowski 1996) taur = 200 ms and cainf =
    1e-4 mM; in retinal ganglion cells (Fohlmeister & Miller 1997) taur = 1.5 ms and cainf = 1e-4 mM.

    Attributes:
        ica: [mA/cm2] calcium current where calcium is not inserted.
        depth: [um] of the shell.
        taur: [ms] time constant of its removal.
        cainf: [mM] concentration at rest.

    Source: Destexhe, Babloyantz & Sejnowski 1993, Biophys J 65:1538.
    """

    reads = {"ica": "ca.i"}
    writes = {"cai": "ca.inside"}

    ica: mA_per_cm2 = 0.0
    depth: um = 0.1
    taur: ms = 5.0
    cainf: mM = 2e-4

    def rates(self, v: jax.Array) -> dict[str, Rate]:
        inward = jnp.maximum(-_UM_PER_CM * self.ica / (2.0 * FARADAY * self.depth), 0.0)
        return {"cai": Rate(inward + self.cainf / self.taur, 1.0 / self.taur)}

"""Calcium that diffuses from the membrane to the middle of a cylinder: concentric shells with a buffer or a pump.

The outermost shell is half as thick as the others, so that its concentration is that at the membrane to second order,
and the core's radius is as that thickness. Amounts are per area of membrane: a shell's volume is a depth [um], and an
inward current i [mA/cm2] brings 10^4 i / (2 F) [mM um/ms].
"""

from itertools import pairwise

import jax

from jaxsim._struct import static, struct
from jaxsim.mechanisms.base import AbstractChannel, AbstractPool
from jaxsim.mechanisms.kinetics import Reaction, kinetics
from jaxsim.units import (
    FARADAY,
    dimensionless,
    mA_per_cm2,
    mM,
    mol_per_cm2,
    per_mM_ms,
    per_ms,
    um,
    um2_per_ms,
)

_UM_PER_CM = 1e4
_MM_UM_PER_MOL_PER_CM2 = 1e10


def shell_names(shells: int) -> list[str]:
    """cai at the membrane, ca1 and so on below it."""
    return ["cai", *(f"ca{k}" for k in range(1, shells))]


def shell_depths(shells: int, diam: jax.Array | float) -> list[jax.Array]:
    """The volume of each shell per area of membrane [um], from the membrane to the core."""
    thickness = 0.5 / (shells - 1)
    edges = [0.5, *(0.5 - (k + 0.5) * thickness for k in range(shells - 1)), 0.0]
    return [diam * (outer**2 - inner**2) for outer, inner in pairwise(edges)]  # type: ignore[misc]


def shell_reactions(shells: int, diam: jax.Array | float, d: jax.Array | float) -> list[Reaction]:
    """Diffusion between neighbours, through the area of their edge over the distance of their middles [um/ms]."""
    thickness = 0.5 / (shells - 1)
    names = shell_names(shells)
    edges = [0.5 - (k + 0.5) * thickness for k in range(shells - 1)]
    rates = [2.0 * d * edge / (thickness * diam) for edge in edges]
    return [(names[k], names[k + 1], rate, rate) for k, rate in enumerate(rates)]


@struct
class CaBufferShells(AbstractPool):
    """Calcium in concentric shells, each with a buffer that stays where it is.

        ca_k + buffer <-> bound_k       k1buf, k2buf,  buffer + bound_k = total
        ca_k <-> ca_(k+1)               by diffusion
        depth_0 d cai / dt = -10^4 i_ca / (2 F) + ...

    It begins in equilibrium with the calcium of the ion. Nothing takes calcium out: add a pump, or an exchanger.

    Attributes:
        ica: [mA/cm2] calcium current where calcium is not inserted.
        cai_0: [mM] calcium at the start where calcium is not inserted.
        diam: [um] diameter where there is no cell; in a cell that of the compartment.
        d: [um2/ms] diffusion coefficient.
        total: [mM] buffer, free and bound.
        k1buf: [1/(mM ms)] rate of binding.
        k2buf: [1/ms] rate of release.
        shells: number of shells, at least 2.

    Source: Yamada, Koch & Adams 1989, Methods in Neuronal Modeling; shells as Carnevale & Hines 2006, The NEURON Book.
    """

    reads = {"ica": "ca.i", "cai_0": "ca.inside", "diam": "cable.diam"}
    writes = {"cai": "ca.inside"}

    ica: mA_per_cm2 = 0.0
    cai_0: mM = 5e-5
    diam: um = 10.0
    d: um2_per_ms = 0.6
    total: mM = 0.003
    k1buf: per_mM_ms = 100.0
    k2buf: per_ms = 0.1
    shells: int = static(default=4)

    def derivative(self, v: jax.Array, state: dict[str, jax.Array]) -> dict[str, jax.Array]:
        names, depths = shell_names(self.shells), shell_depths(self.shells, self.diam)
        volume = dict(zip(names, depths, strict=True))
        reactions = shell_reactions(self.shells, self.diam, self.d)
        species = dict(state)
        for k, (name, depth) in enumerate(zip(names, depths, strict=True)):
            species[f"free{k}"] = self.total - state[f"bound{k}"]
            volume |= {f"bound{k}": depth, f"free{k}": depth}
            reactions.append(((name, f"free{k}"), f"bound{k}", depth * self.k1buf, depth * self.k2buf))
        change = kinetics(species, reactions, volume)
        change["cai"] = change["cai"] - _UM_PER_CM * self.ica / (2.0 * FARADAY * depths[0])
        return {x: change[x] for x in state}

    def initial(self, v: jax.Array) -> dict[str, jax.Array]:
        bound = self.total * self.k1buf * self.cai_0 / (self.k2buf + self.k1buf * self.cai_0)
        shells = dict.fromkeys(shell_names(self.shells)[1:], self.cai_0)
        return shells | {f"bound{k}": bound for k in range(self.shells)}


@struct
class CaPumpShells(AbstractPool, AbstractChannel):
    """Calcium in concentric shells with a fast buffer, and a pump in the membrane whose current flows.

        cai + pump <-> bound            k1, k2
        bound <-> pump + cao            k3, k4
        ca_k <-> ca_(k+1)               by diffusion
        (1 + beta) depth_0 d cai / dt = -10^4 i_ca / (2 F) + ...,    i = 2 F 10^-4 pump0 (k3 bound - k4 cao pump)

    with pump and bound in parts of pump0. Of the calcium a part 1 / (1 + beta) is free. The pump's current is none of
    i_ca, the channels'.

    Attributes:
        ica: [mA/cm2] calcium current of the channels where calcium is not inserted.
        cai_0: [mM] calcium at the start where calcium is not inserted.
        cao: [mM] calcium outside where calcium is not inserted.
        diam: [um] diameter where there is no cell; in a cell that of the compartment.
        d: [um2/ms] diffusion coefficient.
        beta: [1] bound over free calcium of the fast buffer.
        pump0: [mol/cm2] pump that is free at the start.
        k1: [1/(mM ms)] binding inside.
        k2: [1/ms] release inside.
        k3: [1/ms] release outside.
        k4: [1/(mM ms)] binding outside.
        shells: number of shells, at least 2.

    Source: Yamada, Koch & Adams 1989, Methods in Neuronal Modeling; shells as Carnevale & Hines 2006, The NEURON Book.
    """

    reads = {"ica": "ca.i", "cai_0": "ca.inside", "cao": "ca.outside", "diam": "cable.diam"}
    writes = {"cai": "ca.inside"}

    ica: mA_per_cm2 = 0.0
    cai_0: mM = 5e-5
    cao: mM = 2.0
    diam: um = 10.0
    d: um2_per_ms = 0.6
    beta: dimensionless = 50.0
    pump0: mol_per_cm2 = 3e-14
    k1: per_mM_ms = 5e5
    k2: per_ms = 250.0
    k3: per_ms = 0.5
    k4: per_mM_ms = 5e-3
    shells: int = static(default=10)

    def derivative(self, v: jax.Array, state: dict[str, jax.Array]) -> dict[str, jax.Array]:
        names = shell_names(self.shells)
        depths = [(1.0 + self.beta) * depth for depth in shell_depths(self.shells, self.diam)]
        pump = _MM_UM_PER_MOL_PER_CM2 * self.pump0  # mM um
        change = kinetics(
            state,
            [
                *shell_reactions(self.shells, self.diam, self.d),
                (("cai", "pump"), "bound", pump * self.k1, pump * self.k2),
                ("bound", "pump", pump * self.k3, pump * self.k4 * self.cao),
            ],
            dict(zip(names, depths, strict=True)) | {"pump": pump, "bound": pump},
        )
        change["cai"] = change["cai"] - _UM_PER_CM * self.ica / (2.0 * FARADAY * depths[0])
        return change

    def initial(self, v: jax.Array) -> dict[str, jax.Array]:
        shells = dict.fromkeys(shell_names(self.shells)[1:], self.cai_0)
        return {**shells, "pump": 1.0, "bound": self.cai_0 * self.k1 / self.k2}  # type: ignore[dict-item]

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        per_charge = 2.0 * FARADAY * _MM_UM_PER_MOL_PER_CM2 / _UM_PER_CM * self.pump0
        return per_charge * (self.k3 * gate["bound"] - self.k4 * self.cao * gate["pump"])

"""A small spiking cell with everything that fixed-step agreement depends on, in jaxsim and in NEURON.

Tapered branches, a child inside its parent, one at the root's start, unequal Ra and cm, HH and passive membrane, a
current pulse and a synaptic event; near threshold by construction, so that a wrong convention costs tens of
millivolts. The numbers are simply this cell's: no measured neuron has them.
"""

import dataclasses

import jax.numpy as jnp
import numpy as np

import jaxsim as js
from jaxsim.morphology import Branch
from jaxsim.units import S_PER_CM2_TO_US_PER_UM2
from tests import neuron_cell

SOMA, D1, D2, D3, D4, AXON = range(6)
# path positions [um], diameters [um], compartments, Ra [ohm cm], cm [uF/cm2], parent, x on the parent
BRANCHES = [
    ([0.0, 6.0, 20.0], [12.0, 20.0, 14.0], 1, 110.0, 1.0, -1, 0.0),
    ([0.0, 37.0, 90.0, 150.0], [4.0, 2.5, 2.9, 1.2], 5, 150.0, 1.3, SOMA, 1.0),
    ([0.0, 200.0], [1.2, 0.6], 7, 150.0, 1.3, D1, 1.0),
    ([0.0, 33.0, 120.0], [1.0, 1.4, 0.8], 3, 180.0, 0.9, D1, 1.0),
    ([0.0, 80.0], [2.0, 1.0], 3, 100.0, 1.0, SOMA, 0.5),
    ([0.0, 100.0], [1.5, 1.5], 9, 100.0, 1.0, SOMA, 0.0),
]
HH = {SOMA: (0.12, 0.036), AXON: (0.25, 0.06), D1: (0.01, 0.003)}  # gbar_na, gbar_k [S/cm2]
LEAK = {D2: (1e-4, -65.0), D3: (2e-4, -70.0), D4: (3e-4, -60.0)}  # gbar [S/cm2], e [mV]
PULSE = (D1, 0.7, 5.013, 20.0, 0.35)  # branch, x, delay [ms], duration [ms], amplitude [nA]
SYNAPSE = (D2, 0.8, 2.0, 0.0, 0.004, 12.34)  # branch, x, tau [ms], e [mV], weight [uS], time of the event [ms]


@js.struct
class ExpSyn(js.AbstractChannel):
    """A conductance that only decays: dg/dt = -g / tau, i = gbar g (v - e); an event is a jump of the state g.

    Source: NEURON 9, expsyn.mod.
    """

    gbar: js.units.S_per_cm2 = 1.0
    tau: js.units.ms = 2.0
    e: js.units.mV = 0.0

    def rates(self, v):
        return {"g": js.Rate(jnp.zeros_like(v), 1.0 / self.tau)}

    def current(self, v, gate):
        return self.gbar * gate["g"] * (v - self.e)


def morphology() -> js.Morphology:
    """Every branch along x, so that float32 points (NEURON's) give the same lengths to the bit."""
    branches = [
        Branch(np.outer(arc, [1.0, 0.0, 0.0]), np.array(diameter) / 2, parent=p, parent_x=x)
        for arc, diameter, *_, p, x in BRANCHES
    ]
    return neuron_cell.float32(js.from_branches(branches))


def nodes(cable: js.Cable) -> list[int]:
    """Every compartment, and the end of every branch."""
    return [*range(cable.n_comp), *cable.end_node.tolist()]


def cell() -> js.Cell:
    cell = js.Cell(morphology(), js.PerBranch([b[2] for b in BRANCHES]))
    for b, (_, _, _, ra, cm, _, _) in enumerate(BRANCHES):
        cell.at(js.branches(b)).set("ra", ra).set("cm", cm)
    for b, (gbar_na, gbar_k) in HH.items():
        cell.at(js.branches(b)).insert(js.HH(gbar_na=gbar_na, gbar_k=gbar_k))
    for b, (gbar, e) in LEAK.items():
        cell.at(js.branches(b)).insert(js.Leak(gbar=gbar, e=e))
    b, x, tau, e, _, _ = SYNAPSE
    comp = cell.loc(b, x).node(cell.cable)
    cell.at(js.from_mask(np.arange(cell.cable.n_comp) == comp)).insert(ExpSyn(tau=tau, e=e))
    b, x, delay, duration, amp = PULSE
    cell.stimulate(cell.loc(b, x), js.Pulse(amp=amp, start=delay, stop=delay + duration))
    for b in range(len(BRANCHES)):
        n = BRANCHES[b][2]
        cell.record([cell.loc(b, (i + 0.5) / n) for i in range(n)])
    cell.record([cell.loc(b, 1.0) for b in range(len(BRANCHES))])
    return cell


def simulate(cell: js.Cell, t_end: float, dt: float, method: js.AbstractMethod) -> np.ndarray:
    """(n_node, n_time) [mV]; the event is applied in the nearest step, as NEURON does."""
    model = cell.compile()
    _, _, _, _, weight, t_event = SYNAPSE
    before = round(t_event / dt) * dt
    first = js.simulate(model, before, dt, method=method)
    comp = cell.loc(SYNAPSE[0], SYNAPSE[1]).node(cell.cable)
    jump = weight / (S_PER_CM2_TO_US_PER_UM2 * cell.cable.area[comp])
    gates = first.state.gates
    gates = {**gates, "ExpSyn": {"g": gates["ExpSyn"]["g"] + jump}}
    rest = js.simulate(model, t_end - before, dt, method=method, state=dataclasses.replace(first.state, gates=gates))
    return np.concatenate([first.v, rest.v[:, 1:]], axis=1)


def simulate_neuron(cell: js.Cell, t_end: float, dt: float, secondorder: int) -> np.ndarray:
    """(n_node, n_time) [mV] from NEURON."""
    h = neuron_cell.neuron()
    cable = cell.cable
    sections = neuron_cell.build_sections(cable)
    neuron_cell.set_ra(sections, [b[3] for b in BRANCHES])
    for section, branch in zip(sections, BRANCHES, strict=True):
        section.cm = branch[4]
    for b, (gbar_na, gbar_k) in HH.items():
        neuron_cell.insert([sections[b]], "hh", gnabar=gbar_na, gkbar=gbar_k)
        sections[b].ena, sections[b].ek = 50.0, -77.0
    for b, (g, e) in LEAK.items():
        neuron_cell.insert([sections[b]], "pas", g=g, e=e)
    stimulus = h.IClamp(sections[PULSE[0]](PULSE[1]))
    stimulus.delay, stimulus.dur, stimulus.amp = PULSE[2:]
    synapse = h.ExpSyn(sections[SYNAPSE[0]](SYNAPSE[1]))
    synapse.tau, synapse.e = SYNAPSE[2:4]
    source = h.NetStim()
    source.number, source.start, source.noise = 1, SYNAPSE[5], 0
    connection = h.NetCon(source, synapse)
    connection.delay, connection.weight[0] = 0, SYNAPSE[4]
    vectors = neuron_cell.record(sections, cable, nodes(cable))
    neuron_cell.run(t_end, dt, secondorder=secondorder)
    return np.array([np.array(v) for v in vectors])

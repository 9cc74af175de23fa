"""A cell of many published mechanisms, here and in NEURON: a soma with a dendrite of one membrane, that fires."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

import jaxsim as js
from jaxsim.mechanisms.library import CHANNELS
from tests import neuron_cell
from tests.agreement.cable_theory import crossings
from tests.mechanisms.mod_reference import ModChannel

PLACES = (0, 1, 7)  # compartments: soma, the dendrite's first and last


@dataclasses.dataclass(frozen=True)
class ModCell:
    """What the cell is made of; the samples kept are every `every`-th step.

    Attributes:
        channels: our name of a channel -> it in NEURON.
        density: our name -> S/cm2.
        ours: our name -> parameters of ours that are not our default.
        pool: our pool.
        suffix: that pool in NEURON, of which `pool_values` are set.
        pool_values: name -> value, the same in both.
        pool_ours: of ours that differ.
        calcium: our calcium; in NEURON its concentrations are set.
        section: variables of NEURON's section, such as ena.
        v: [mV] at the start, and of the leak.
        celsius: [degC].
        pulse: amp [nA], start and stop [ms].
        t_end: [ms].
        dt: [ms].
        every: steps between the samples kept.
    """

    channels: Mapping[str, ModChannel]
    density: Mapping[str, float]
    pool: type[js.AbstractPool]
    suffix: str
    pool_values: Mapping[str, float]
    calcium: js.Calcium
    section: Mapping[str, float]
    pool_ours: Mapping[str, float] = dataclasses.field(default_factory=dict)
    ours: Mapping[str, Mapping[str, float]] = dataclasses.field(default_factory=dict)
    v: float = -75.0
    celsius: float = 34.0
    pulse: Mapping[str, float] = dataclasses.field(default_factory=lambda: {"amp": 0.4, "start": 2.0, "stop": 35.0})
    t_end: float = 40.0
    dt: float = 0.025
    every: int = 20

    def shape(self) -> js.Morphology:
        """A soma with a dendrite."""
        return neuron_cell.float32(js.ball_and_stick(10.0, 200.0, 1.0))

    def here(self) -> js.Cell:
        """The cell; v, ca.inside and ca.e of PLACES are recorded."""
        cell = js.Cell(self.shape(), js.PerBranch([1, 7]), ra=100.0, v=self.v)
        cell.insert(js.Leak(gbar=3e-5, e=self.v)).insert(self.calcium).insert(
            self.pool(**{**self.pool_values, **self.pool_ours})
        )
        for name, gbar in self.density.items():
            cell.insert(CHANNELS[name](**{self.channels[name].ours: gbar}, **self.ours.get(name, {})))
        cell.stimulate(cell.loc(0), js.Pulse(**self.pulse))
        cable = cell.cable
        places = [cell.loc(int(cable.branch[comp]), float(cable.x[comp])) for comp in PLACES]
        return cell.record(places).record(places, "ca.inside").record(places, "ca.e")

    def neurons(self, h: Any, secondorder: int) -> dict[str, list[list[float]]]:
        """v [mV], cai [mM] and eca [mV], a row for each of PLACES and every `every`-th step.

        The states begin where ours do.
        """
        cable = js.discretise(self.shape(), js.PerBranch([1, 7]))
        sections = neuron_cell.build_sections(cable)
        neuron_cell.set_ra(sections, 100.0)
        neuron_cell.insert(sections, "pas", g=3e-5, e=self.v)
        for section in sections:
            for name in self.density:
                self.channels[name].insert(section)
            for name, gbar in self.density.items():  # after all are there: several may be one mechanism
                self.channels[name].set_gbar(section, gbar)
            for name, value in self.section.items():
                setattr(section, name, value)
        neuron_cell.insert(sections, self.suffix, **self.pool_values)
        h.cai0_ca_ion, h.cao0_ca_ion = float(self.calcium.inside), float(self.calcium.outside)
        clamp = h.IClamp(sections[0](0.5))
        clamp.delay, clamp.dur = self.pulse["start"], self.pulse["stop"] - self.pulse["start"]
        clamp.amp = self.pulse["amp"]
        places = [neuron_cell.segment(sections, cable, comp) for comp in PLACES]
        kept = {what: [h.Vector().record(getattr(p, f"_ref_{what}")) for p in places] for what in ("v", "cai", "eca")}
        with jax.enable_x64(True):
            gates = js.init(self.here().compile("float64")).gates

        def start() -> None:
            for seg in neuron_cell.segments(sections):
                for name in self.density:
                    for x, theirs in self.channels[name].gates.items():
                        setattr(getattr(seg, self.channels[name].suffix), theirs, float(gates[name][x][0]))

        neuron_cell.run(self.t_end, self.dt, v=self.v, celsius=self.celsius, secondorder=secondorder, start=start)
        return {what: [np.array(row)[:: self.every].tolist() for row in rows] for what, rows in kept.items()}

    def apart(self, numbers: Mapping[str, Any], secondorder: int) -> tuple[float, float, float]:
        """How far the cell here is from the numbers of `neurons`, under the scheme of that secondorder.

        Returns:
            The largest differences of v [mV], of cai, relative, and of eca [mV].
        """
        method = {0: js.BackwardEuler(), 2: js.CrankNicolson()}[secondorder]
        recording = js.simulate(self.here().compile(), self.t_end, self.dt, method=method)
        v, cai, eca = (np.array(recording[what]) for what in ("v", "ca.inside", "ca.e"))
        theirs = {name: np.array(rows) for name, rows in numbers[str(secondorder)].items()}
        assert len(crossings(np.array(recording.t), v[0])) >= 2
        assert theirs["cai"].max() > 5 * theirs["cai"].min()
        before = eca[:, self.every - 1 :: self.every]  # NEURON has eca from the start of the step that ended
        return (
            float(np.abs(v[:, :: self.every] - theirs["v"]).max()),
            float(np.abs(cai[:, :: self.every] / theirs["cai"] - 1.0).max()),
            float(np.abs(before - theirs["eca"][:, 1:]).max()),
        )

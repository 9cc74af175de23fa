"""The cell of these tests: a soma with two dendrites, one of them apical; 7 compartments on 3 branches."""

import numpy as np

from jaxsim.build.cell import Cell
from jaxsim.cable import PerBranch
from jaxsim.mechanisms.channels.hodgkin_huxley import HH
from jaxsim.mechanisms.channels.leak import Leak
from jaxsim.mechanisms.stimuli import Pulse, VoltageClamp
from jaxsim.model.model import Model
from jaxsim.morphology import Branch, from_branches

REGION = np.array([0, 1, 1, 1, 2, 2, 2])  # of each compartment: soma, basal, apical; its branch too


def cell() -> Cell:
    morphology = from_branches(
        [
            Branch([0.0, 20.0], 10.0, tag=1),
            Branch([0.0, 100.0], 1.0, parent=0, parent_x=1.0, tag=3),
            Branch([0.0, 150.0], 1.5, parent=0, parent_x=0.0, tag=4),
        ]
    )
    return Cell(morphology, PerBranch({"soma": 1, "dendrite": 3}), ra=100.0)


def model() -> Model:
    """Leak everywhere, HH in soma and apical dendrite, two pulses and a clamp."""
    built = cell().insert(Leak(gbar=1e-4, e=-70.0))
    built.at("soma").insert(HH())
    built.at("apical").insert(HH())
    built.stimulate(built.loc("soma"), Pulse(amp=0.1, start=1.0, stop=2.0))
    built.stimulate(built.loc("basal", 1.0), Pulse(amp=0.1, start=1.0, stop=2.0))
    built.clamp(built.loc("apical", 1.0), VoltageClamp(v=-60.0, start=5.0, stop=6.0))
    return built.compile()

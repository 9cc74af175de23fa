"""jaxsim: a differentiable simulator of biophysically detailed neurons."""

from jaxsim import units
from jaxsim._struct import static, struct
from jaxsim.build.cell import Cell
from jaxsim.build.selection import Selection
from jaxsim.cable import (
    Cable,
    DLambda,
    Location,
    MaxLength,
    PerBranch,
    Region,
    branch_order,
    branches,
    discretise,
    everywhere,
    from_mask,
    path_distance,
    radius,
    tag,
)
from jaxsim.mechanisms.base import AbstractChannel, AbstractClamp, AbstractStimulus
from jaxsim.mechanisms.channels.hodgkin_huxley import HH, HodgkinHuxley
from jaxsim.mechanisms.channels.leak import Leak
from jaxsim.mechanisms.rates import Rate, alpha_beta, inf_tau, q10, sigmoid, vtrap
from jaxsim.mechanisms.stimuli import Pulse, Ramp, Samples, VoltageClamp, VoltageSamples
from jaxsim.model.compile import compile_model
from jaxsim.model.model import Model
from jaxsim.model.spec import Spec
from jaxsim.model.step import State, init
from jaxsim.morphology import (
    Morphology,
    attach,
    ball_and_stick,
    binary_tree,
    cylinder,
    from_branches,
    prune,
    read_swc,
    split_branches,
    summary,
    transform,
    write_swc,
)
from jaxsim.run.methods import AbstractMethod, BackwardEuler, CrankNicolson
from jaxsim.run.recording import Recording
from jaxsim.run.simulate import Checkpointed, Plain, simulate, step

__version__ = "0.1.0"

__all__ = [name for name in dir() if not name.startswith("_") and name not in {"build", "cable", "mechanisms", "model"}]

"""jaxsim: a differentiable simulator of biophysically detailed neurons."""

from jaxsim import units
from jaxsim._exp import exp
from jaxsim._struct import static, struct
from jaxsim.build.cell import Cell
from jaxsim.build.point import point_neuron
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
from jaxsim.fit.fit import FitResult, FitState, History, fit
from jaxsim.fit.free import Free, free
from jaxsim.fit.losses import causal_mse, mse, window_statistics
from jaxsim.fit.progress import Progress
from jaxsim.fit.transforms import AbstractTransform, Bounded, Positive, Unbounded
from jaxsim.io.mod.read import mod_to_python, read_mod
from jaxsim.io.nmodl.errors import NmodlError
from jaxsim.io.spec_file import load_spec, save_spec
from jaxsim.mechanisms.base import AbstractChannel, AbstractClamp, AbstractIon, AbstractPool, AbstractStimulus
from jaxsim.mechanisms.channels.benison_2001 import KA_RGC, CaL_RGC, CaN_RGC, Na_RGC
from jaxsim.mechanisms.channels.carter_2012 import NaV
from jaxsim.mechanisms.channels.destexhe_1998 import CaT_GHK
from jaxsim.mechanisms.channels.fohlmeister_1997 import K_FM, KA_FM, Ca_FM, KCa_FM, Na_FM
from jaxsim.mechanisms.channels.fox_lu_1994 import StochasticHH
from jaxsim.mechanisms.channels.gouwens_2018 import K_P, K_T, Im_v2, Kd, Kv2like, Nap, NaTa, NaTs
from jaxsim.mechanisms.channels.hay_2011 import Ih, Im, K_Pst, K_Tst, Nap_Et2, NaTa_t, NaTs2_t, SKv3_1
from jaxsim.mechanisms.channels.hay_2011_calcium import SK_E2, Ca_HVA, Ca_LVA, CaDynamics_E2
from jaxsim.mechanisms.channels.hodgkin_huxley import HH, HodgkinHuxley
from jaxsim.mechanisms.channels.leak import Leak
from jaxsim.mechanisms.channels.pospischil_2008 import CaL, CaT, K, Km, Na
from jaxsim.mechanisms.channels.skaliora_1995 import Kdr_RGC
from jaxsim.mechanisms.electrodes import SEClamp, SEClampSamples
from jaxsim.mechanisms.events import SpikeTrain
from jaxsim.mechanisms.ions.destexhe_1993 import CaDecay
from jaxsim.mechanisms.ions.diffusion import Diffusion
from jaxsim.mechanisms.ions.ion import Calcium, Potassium, Sodium
from jaxsim.mechanisms.ions.shells import CaBufferShells, CaPumpShells
from jaxsim.mechanisms.kinetics import kinetics
from jaxsim.mechanisms.langevin import langevin
from jaxsim.mechanisms.noise import OUConductance, OUCurrent
from jaxsim.mechanisms.point_neurons import AdEx, FitzHughNagumo, IntegrateAndFire, Izhikevich, LeakyIntegrator
from jaxsim.mechanisms.point_process import AbstractPointProcess, AbstractSpiking
from jaxsim.mechanisms.rates import (
    Rate,
    alpha_beta,
    bounded_exp,
    bounded_expm1,
    inf_decay,
    inf_tau,
    q10,
    sigmoid,
    vtrap,
)
from jaxsim.mechanisms.reversal import ghk_current, ghk_potential, nernst, thermal_voltage
from jaxsim.mechanisms.stimuli import AlphaCurrent, Chirp, Pulse, Ramp, Samples, Sine, VoltageClamp, VoltageSamples
from jaxsim.mechanisms.surrogate import jumped, spike
from jaxsim.mechanisms.synapses.destexhe_1998 import AMPA, GABAA, GABAB, NMDA
from jaxsim.mechanisms.synapses.exponential import Exp2Syn, ExpSyn
from jaxsim.model.compile import compile_model
from jaxsim.model.model import Model
from jaxsim.model.spec import Density, Point, Probe, Spec
from jaxsim.model.state import State, init
from jaxsim.morphology import (
    Branch,
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
from jaxsim.run.adaptive import Adaptive
from jaxsim.run.devices import over_devices
from jaxsim.run.methods import TRBDF2, AbstractMethod, BackwardEuler, CrankNicolson, DampedCrankNicolson
from jaxsim.run.recording import Recording
from jaxsim.run.simulate import Checkpointed, Plain, simulate, step
from jaxsim.tune import tune_cpu

__version__ = "0.1.0"

__all__ = [
    "AMPA",
    "GABAA",
    "GABAB",
    "HH",
    "KA_FM",
    "KA_RGC",
    "K_FM",
    "K_P",
    "K_T",
    "NMDA",
    "SK_E2",
    "TRBDF2",
    "AbstractChannel",
    "AbstractClamp",
    "AbstractIon",
    "AbstractMethod",
    "AbstractPointProcess",
    "AbstractPool",
    "AbstractSpiking",
    "AbstractStimulus",
    "AbstractTransform",
    "AdEx",
    "Adaptive",
    "AlphaCurrent",
    "BackwardEuler",
    "Bounded",
    "Branch",
    "CaBufferShells",
    "CaDecay",
    "CaDynamics_E2",
    "CaL",
    "CaL_RGC",
    "CaN_RGC",
    "CaPumpShells",
    "CaT",
    "CaT_GHK",
    "Ca_FM",
    "Ca_HVA",
    "Ca_LVA",
    "Cable",
    "Calcium",
    "Cell",
    "Checkpointed",
    "Chirp",
    "CrankNicolson",
    "DLambda",
    "DampedCrankNicolson",
    "Density",
    "Diffusion",
    "Exp2Syn",
    "ExpSyn",
    "FitResult",
    "FitState",
    "FitzHughNagumo",
    "Free",
    "History",
    "HodgkinHuxley",
    "Ih",
    "Im",
    "Im_v2",
    "IntegrateAndFire",
    "Izhikevich",
    "K",
    "KCa_FM",
    "K_Pst",
    "K_Tst",
    "Kd",
    "Kdr_RGC",
    "Km",
    "Kv2like",
    "Leak",
    "LeakyIntegrator",
    "Location",
    "MaxLength",
    "Model",
    "Morphology",
    "Na",
    "NaTa",
    "NaTa_t",
    "NaTs",
    "NaTs2_t",
    "NaV",
    "Na_FM",
    "Na_RGC",
    "Nap",
    "Nap_Et2",
    "NmodlError",
    "OUConductance",
    "OUCurrent",
    "PerBranch",
    "Plain",
    "Point",
    "Positive",
    "Potassium",
    "Probe",
    "Progress",
    "Pulse",
    "Ramp",
    "Rate",
    "Recording",
    "Region",
    "SEClamp",
    "SEClampSamples",
    "SKv3_1",
    "Samples",
    "Selection",
    "Sine",
    "Sodium",
    "Spec",
    "SpikeTrain",
    "State",
    "StochasticHH",
    "Unbounded",
    "VoltageClamp",
    "VoltageSamples",
    "alpha_beta",
    "attach",
    "ball_and_stick",
    "binary_tree",
    "bounded_exp",
    "bounded_expm1",
    "branch_order",
    "branches",
    "causal_mse",
    "compile_model",
    "cylinder",
    "discretise",
    "everywhere",
    "exp",
    "fit",
    "free",
    "from_branches",
    "from_mask",
    "ghk_current",
    "ghk_potential",
    "inf_decay",
    "inf_tau",
    "init",
    "jumped",
    "kinetics",
    "langevin",
    "load_spec",
    "mod_to_python",
    "mse",
    "nernst",
    "over_devices",
    "path_distance",
    "point_neuron",
    "prune",
    "q10",
    "radius",
    "read_mod",
    "read_swc",
    "save_spec",
    "sigmoid",
    "simulate",
    "spike",
    "split_branches",
    "static",
    "step",
    "struct",
    "summary",
    "tag",
    "thermal_voltage",
    "transform",
    "tune_cpu",
    "units",
    "vtrap",
    "window_statistics",
    "write_swc",
]

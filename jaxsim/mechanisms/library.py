"""The mechanisms of the package by name: what a file or a configuration may call by its class name."""

from jaxsim.mechanisms.base import AbstractChannel, AbstractClamp, AbstractIon, AbstractPool, AbstractStimulus
from jaxsim.mechanisms.channels.benison_2001 import KA_RGC, CaL_RGC, CaN_RGC, Na_RGC
from jaxsim.mechanisms.channels.carter_2012 import NaV
from jaxsim.mechanisms.channels.destexhe_1998 import CaT_GHK
from jaxsim.mechanisms.channels.fohlmeister_1997 import K_FM, KA_FM, Ca_FM, KCa_FM, Na_FM
from jaxsim.mechanisms.channels.fox_lu_1994 import StochasticHH
from jaxsim.mechanisms.channels.gouwens_2018 import K_P, K_T, Im_v2, Kd, Kv2like, Nap, NaTa, NaTs
from jaxsim.mechanisms.channels.hay_2011 import Ih, Im, K_Pst, K_Tst, Nap_Et2, NaTa_t, NaTs2_t, SKv3_1
from jaxsim.mechanisms.channels.hay_2011_calcium import SK_E2, Ca_HVA, Ca_LVA, CaDynamics_E2
from jaxsim.mechanisms.channels.hodgkin_huxley import HH
from jaxsim.mechanisms.channels.leak import Leak
from jaxsim.mechanisms.channels.pospischil_2008 import CaL, CaT, K, Km, Na
from jaxsim.mechanisms.channels.skaliora_1995 import Kdr_RGC
from jaxsim.mechanisms.electrodes import SEClamp, SEClampSamples
from jaxsim.mechanisms.ions.destexhe_1993 import CaDecay
from jaxsim.mechanisms.ions.ion import Calcium, Potassium, Sodium
from jaxsim.mechanisms.ions.shells import CaBufferShells, CaPumpShells
from jaxsim.mechanisms.noise import OUConductance, OUCurrent
from jaxsim.mechanisms.point_neurons import AdEx, FitzHughNagumo, IntegrateAndFire, Izhikevich, LeakyIntegrator
from jaxsim.mechanisms.point_process import AbstractPointProcess
from jaxsim.mechanisms.stimuli import AlphaCurrent, Chirp, Pulse, Ramp, Samples, Sine, VoltageClamp, VoltageSamples
from jaxsim.mechanisms.synapses.destexhe_1998 import AMPA, GABAA, GABAB, NMDA
from jaxsim.mechanisms.synapses.exponential import Exp2Syn, ExpSyn

CHANNELS: dict[str, type[AbstractChannel]] = {
    "CaL": CaL,
    "CaL_RGC": CaL_RGC,
    "CaN_RGC": CaN_RGC,
    "CaT": CaT,
    "CaT_GHK": CaT_GHK,
    "Ca_FM": Ca_FM,
    "Ca_HVA": Ca_HVA,
    "Ca_LVA": Ca_LVA,
    "HH": HH,
    "Ih": Ih,
    "Im": Im,
    "Im_v2": Im_v2,
    "K": K,
    "KA_FM": KA_FM,
    "KA_RGC": KA_RGC,
    "KCa_FM": KCa_FM,
    "K_FM": K_FM,
    "K_P": K_P,
    "K_Pst": K_Pst,
    "K_T": K_T,
    "K_Tst": K_Tst,
    "Kd": Kd,
    "Kdr_RGC": Kdr_RGC,
    "Km": Km,
    "Kv2like": Kv2like,
    "Leak": Leak,
    "Na": Na,
    "NaTa": NaTa,
    "NaTa_t": NaTa_t,
    "NaTs": NaTs,
    "NaTs2_t": NaTs2_t,
    "NaV": NaV,
    "Na_FM": Na_FM,
    "Na_RGC": Na_RGC,
    "Nap": Nap,
    "Nap_Et2": Nap_Et2,
    "SK_E2": SK_E2,
    "SKv3_1": SKv3_1,
    "StochasticHH": StochasticHH,
}
POOLS: dict[str, type[AbstractPool]] = {
    "CaBufferShells": CaBufferShells,
    "CaDecay": CaDecay,
    "CaDynamics_E2": CaDynamics_E2,
    "CaPumpShells": CaPumpShells,
}
IONS: dict[str, type[AbstractIon]] = {"Calcium": Calcium, "Potassium": Potassium, "Sodium": Sodium}
STIMULI: dict[str, type[AbstractStimulus]] = {
    "AlphaCurrent": AlphaCurrent,
    "Chirp": Chirp,
    "Pulse": Pulse,
    "Ramp": Ramp,
    "Samples": Samples,
    "Sine": Sine,
}
CLAMPS: dict[str, type[AbstractClamp]] = {"VoltageClamp": VoltageClamp, "VoltageSamples": VoltageSamples}
POINT_PROCESSES: dict[str, type[AbstractPointProcess]] = {
    "AMPA": AMPA,
    "AdEx": AdEx,
    "Exp2Syn": Exp2Syn,
    "ExpSyn": ExpSyn,
    "FitzHughNagumo": FitzHughNagumo,
    "GABAA": GABAA,
    "GABAB": GABAB,
    "IntegrateAndFire": IntegrateAndFire,
    "Izhikevich": Izhikevich,
    "LeakyIntegrator": LeakyIntegrator,
    "NMDA": NMDA,
    "OUConductance": OUConductance,
    "OUCurrent": OUCurrent,
    "SEClamp": SEClamp,
    "SEClampSamples": SEClampSamples,
}

"""The mechanisms of the package by name: what a file or a configuration may call by its class name."""

from jaxsim.mechanisms.base import AbstractChannel, AbstractClamp, AbstractStimulus
from jaxsim.mechanisms.channels.hodgkin_huxley import HH
from jaxsim.mechanisms.channels.leak import Leak
from jaxsim.mechanisms.stimuli import Pulse, Ramp, Samples, VoltageClamp, VoltageSamples

CHANNELS: dict[str, type[AbstractChannel]] = {"HH": HH, "Leak": Leak}
STIMULI: dict[str, type[AbstractStimulus]] = {"Pulse": Pulse, "Ramp": Ramp, "Samples": Samples}
CLAMPS: dict[str, type[AbstractClamp]] = {"VoltageClamp": VoltageClamp, "VoltageSamples": VoltageSamples}

"""The ions of the nerve membrane, with NEURON's default concentrations."""

from typing import ClassVar

from jaxsim._struct import struct
from jaxsim.mechanisms.base import AbstractIon
from jaxsim.units import degC, mM


@struct
class Sodium(AbstractIon):
    """Sodium, `na`.

        e = R T / (z F) ln(outside / inside)

    Attributes:
        inside: [mM] concentration in the cell.
        outside: [mM] concentration outside.
        celsius: [degC] temperature of its reversal potential.

    Source: concentrations of NEURON 9.
    """

    symbol: ClassVar[str] = "na"
    valence: ClassVar[int] = 1

    inside: mM = 10.0
    outside: mM = 140.0
    celsius: degC = 6.3


@struct
class Potassium(AbstractIon):
    """Potassium, `k`.

        e = R T / (z F) ln(outside / inside)

    Attributes:
        inside: [mM] concentration in the cell.
        outside: [mM] concentration outside.
        celsius: [degC] temperature of its reversal potential.

    Source: concentrations of NEURON 9.
    """

    symbol: ClassVar[str] = "k"
    valence: ClassVar[int] = 1

    inside: mM = 54.4
    outside: mM = 2.5
    celsius: degC = 6.3


@struct
class Calcium(AbstractIon):
    """Calcium, `ca`.

        e = R T / (z F) ln(outside / inside)

    Attributes:
        inside: [mM] free concentration in the cell.
        outside: [mM] concentration outside.
        celsius: [degC] temperature of its reversal potential.

    Source: concentrations of NEURON 9.
    """

    symbol: ClassVar[str] = "ca"
    valence: ClassVar[int] = 2

    inside: mM = 5e-5
    outside: mM = 2.0
    celsius: degC = 6.3

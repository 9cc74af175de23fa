"""Longitudinal diffusion: an ion that moves along the inside of the cable."""

from jaxsim._struct import static, struct
from jaxsim.mechanisms.base import AbstractPainted
from jaxsim.units import um2_per_ms


@struct
class Diffusion(AbstractPainted):
    """Diffusion of an ion along the cable, over its whole cross-section A.

        A dc/dt = d/dx (A d dc/dx)

    Between compartments as the axial current of a cable, implicitly, no amount lost: sum volume c stays. Where the ion
    or its diffusion is not inserted nothing passes.

    Attributes:
        d: [um2/ms] diffusion coefficient.
        ion: name of the ion, such as ``"ca"``.

    Source: calcium's coefficient 0.223 um2/ms: Allbritton, Meyer & Stryer 1992, Science 258:1812.
    """

    d: um2_per_ms = 0.223
    ion: str = static(default="ca")

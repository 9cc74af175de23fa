"""The sodium channel of mouse pyramidal cells of Carter et al. (2012), a kinetic scheme."""

import jax

from jaxsim._exp import exp
from jaxsim._struct import struct
from jaxsim.mechanisms.base import AbstractChannel
from jaxsim.mechanisms.kinetics import Reaction, kinetics
from jaxsim.mechanisms.rates import q10
from jaxsim.units import S_per_cm2, degC, mV

_Q10, _REFERENCE_CELSIUS = 2.3, 37.0
_CLOSED = ("C1", "C2", "C3", "C4", "C5")
_INACTIVATED = ("I1", "I2", "I3", "I4", "I5")
_ALFAC, _BTFAC = 2.51, 5.32  # an inactivated channel's sensors: so much easier to turn on, harder to turn off
_ALPHA, _BETA, _GAMMA, _DELTA = 400.0, 12.0, 250.0, 60.0  # 1/ms
_CON, _COFF, _OON, _OOFF = 0.01, 40.0, 8.0, 0.05  # 1/ms


@struct
class NaV(AbstractChannel):
    """Sodium current of the soma: four voltage sensors, a gate that opens, inactivation from every state.

        i = gbar O (v - e)

        C1 <-> C2 <-> C3 <-> C4 <-> C5 <-> O        (4 - k) alpha, (k + 1) beta of the k-th; gamma, delta of the last
        |      |      |      |      |      |
        I1 <-> I2 <-> I3 <-> I4 <-> I5 <-> I6       (4 - k) alpha a, (k + 1) beta / b; gamma, delta

        alpha = 400 exp(v / 24)     gamma = 250     C -> I: 0.01 a^k    O -> I6: 8       a = 2.51
        beta = 12 exp(-v / 24)      delta = 60      I -> C: 40 / b^k    I6 -> O: 0.05    b = 5.32

    all in 1/ms and times q = 2.3^((celsius - 37) / 10). It begins at rest.

    Attributes:
        gbar: [S/cm2] conductance.
        e: [mV] reversal potential where sodium is not inserted.
        celsius: [degC] temperature.

    Source: Carter et al. 2012, Neuron 75:1081; as in Gouwens et al. 2018, Nat Commun 9:710.
    """

    reads = {"e": "na.e"}
    carries = "na"
    starts_steady = True

    gbar: S_per_cm2 = 0.015
    e: mV = 53.0
    celsius: degC = 34.0

    def derivative(self, v: jax.Array, state: dict[str, jax.Array]) -> dict[str, jax.Array]:
        q = q10(_Q10, self.celsius, _REFERENCE_CELSIUS)
        alpha, beta, gamma, delta = q * _ALPHA * exp(v / 24.0), q * _BETA * exp(-v / 24.0), q * _GAMMA, q * _DELTA
        reactions: list[Reaction] = [
            ("C5", "O", gamma, delta),
            ("I5", "I6", gamma, delta),
            ("O", "I6", q * _OON, q * _OOFF),
        ]
        for k in range(4):
            on, off = (4 - k) * alpha, (k + 1) * beta
            reactions += [
                (_CLOSED[k], _CLOSED[k + 1], on, off),
                (_INACTIVATED[k], _INACTIVATED[k + 1], _ALFAC * on, off / _BTFAC),
            ]
        for k in range(5):
            reactions.append((_CLOSED[k], _INACTIVATED[k], q * _CON * _ALFAC**k, q * _COFF / _BTFAC**k))
        return kinetics(state, reactions)

    def initial(self, v: jax.Array) -> dict[str, jax.Array]:
        return {x: float(x == "C1") for x in (*_CLOSED, "O", *_INACTIVATED, "I6")}  # type: ignore[misc]

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return self.gbar * gate["O"] * (v - self.e)

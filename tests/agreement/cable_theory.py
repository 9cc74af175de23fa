"""Closed forms of cable theory: what an exact simulator would return for a few cables.

Units as in the package: um, ms, mV, nA, MOhm, ohm cm, uF/cm2, S/cm2. x is the position along the cable, current enters
at x = 0 unless said, voltages are deviations from rest. With diameter d, axial resistivity Ra, capacitance Cm and
conductance g = 1/Rm of the membrane, every form solves

    tau dV/dt = lambda^2 d2V/dx2 - V,    tau = Cm / g,    lambda = sqrt(d / (4 Ra g))

Sources: Rall 1969, Biophys J 9:1483 (time constants, transients); Rall 1977, Handbook of Physiology 1:39 (steady
states); Jack, Noble & Tsien 1975, Electric Current Flow in Excitable Cells (AC); Bhalla, Bilitch & Bower 1992, Trends
Neurosci 15:453 (Rallpacks).
"""

import dataclasses
import math

import numpy as np
from scipy import special

UM_PER_CM = 1e4
_NEGLIGIBLE = 40.0  # a mode that decayed by exp(-40) is below rounding


@dataclasses.dataclass(frozen=True)
class Cable:
    """A uniform passive cable of length [um], diameter [um], ra [ohm cm], cm [uF/cm2], g [S/cm2]."""

    length: float = 1000.0
    diameter: float = 1.0
    ra: float = 100.0
    cm: float = 1.0
    g: float = 2.5e-5

    @property
    def length_constant(self) -> float:
        """lambda = sqrt(d / (4 Ra g)) [um]."""
        return UM_PER_CM * math.sqrt(self.diameter / UM_PER_CM / (4.0 * self.ra * self.g))

    @property
    def electrotonic_length(self) -> float:
        """L / lambda [1]."""
        return self.length / self.length_constant

    @property
    def time_constant(self) -> float:
        """tau = Cm / g [ms]."""
        return 1e-3 * self.cm / self.g

    @property
    def semi_infinite_resistance(self) -> float:
        """R_inf = 4 Ra lambda / (pi d^2) [MOhm]."""
        return 1e-2 * 4.0 * self.ra * self.length_constant / (math.pi * self.diameter**2)

    def ac_length_constant(self, frequency: float) -> float:
        """lambda_f = (1/2) sqrt(d / (pi f Ra Cm)) [um], f in Hz: where capacitance alone counts."""
        return 0.5 * UM_PER_CM * math.sqrt(self.diameter / UM_PER_CM / (math.pi * frequency * self.ra * self.cm * 1e-6))

    def equalizing_time_constant(self, k: int = 1) -> float:
        """tau_k = tau / (1 + (k pi lambda / L)^2) [ms], sealed ends; k = 0 is tau (Rall 1969)."""
        return self.time_constant / (1.0 + (k * math.pi / self.electrotonic_length) ** 2)


def input_resistance(cable: Cable, *, killed: bool = False) -> float:
    """R_inf coth(L / lambda) [MOhm] with the far end sealed, R_inf tanh(L / lambda) with it killed (V = 0)."""
    t = math.tanh(cable.electrotonic_length)
    return cable.semi_infinite_resistance * (t if killed else 1.0 / t)


def attenuation(cable: Cable, x: np.ndarray, *, killed: bool = False) -> np.ndarray:
    """V(x) / V(0) in the steady state: cosh((L - x) / lambda) / cosh(L / lambda), killed end: the same with sinh."""
    f = np.sinh if killed else np.cosh
    return f((cable.length - x) / cable.length_constant) / f(cable.electrotonic_length)


def ac_attenuation(cable: Cable, x: np.ndarray, frequency: float) -> np.ndarray:
    """V(x) / V(0), complex, under a sinusoid of f [Hz], far end sealed.

    The steady form with lambda replaced by lambda / q, q = sqrt(1 + 2 pi i f tau). Far from the end its modulus falls
    as exp(-x / lambda_f) once 2 pi f tau >> 1.
    """
    q = np.sqrt(1.0 + 2j * math.pi * frequency * 1e-3 * cable.time_constant)
    return np.cosh(q * (cable.length - x) / cable.length_constant) / np.cosh(q * cable.electrotonic_length)


def step_response(cable: Cable, t: np.ndarray, x: float, amp: float) -> np.ndarray:
    """V(x, t) [mV] from t = 0 under a constant current amp [nA] at x = 0, both ends sealed (Rallpack 1).

        V = amp R_inf [ cosh((L-x)/lambda) / sinh b - (1/b) sum_k c_k cos(k pi x / L) (tau_k / tau) exp(-t / tau_k) ]

    with b = L / lambda, c_0 = 1, c_k = 2 and tau_k the equalizing time constants: the steady state less the cosine
    modes that have not yet decayed. The sum needs b/pi sqrt(40 tau / t) terms.
    """
    b, t = cable.electrotonic_length, np.asarray(t, float)
    later = t > 0.0
    decay_time = t[later] / cable.time_constant
    k = np.arange(math.ceil(b / math.pi * math.sqrt(_NEGLIGIBLE / decay_time.min())) + 2)
    rate = 1.0 + (k * math.pi / b) ** 2
    weight = np.where(k == 0, 1.0, 2.0) * np.cos(k * math.pi * x / cable.length) / rate
    transient = np.exp(-np.outer(decay_time, rate)) @ weight
    v = np.zeros_like(t)
    v[later] = math.cosh((cable.length - x) / cable.length_constant) / math.sinh(b) - transient / b
    return amp * cable.semi_infinite_resistance * v


def tapered_steady_state(cable: Cable, last_diameter: float, x: np.ndarray, amp: float) -> np.ndarray:
    """V(x) [mV] of a cable that widens linearly to last_diameter, the current at x = L, the end at x = 0 sealed.

    Let u be the distance from the cone's apex, radius = m u, and s = sqrt(1 + m^2) the slant. Then

        d/du (u^2 dV/du) = kappa u V,    kappa = 2 Ra g s / m
        V = u^(-1/2) [A I1(z) + B K1(z)],    u^2 V' = u sqrt(kappa) [A I2(z) - B K2(z)],    z = 2 sqrt(kappa u)

    with V'(u0) = 0 and pi m^2 u1^2 V'(u1) / Ra = amp. Source: Bessel functions of order 1, Abramowitz & Stegun 9.6.
    """
    m = (last_diameter - cable.diameter) / 2.0 / cable.length
    kappa = 2.0 * cable.ra * cable.g * math.sqrt(1.0 + m * m) / m / UM_PER_CM  # 1/um
    u0 = cable.diameter / 2.0 / m
    u, u1 = u0 + np.asarray(x, float), u0 + cable.length
    z, z0, z1 = (2.0 * np.sqrt(kappa * y) for y in (u, u0, u1))
    i2, k2 = special.iv(2, [z0, z1]), special.kv(2, [z0, z1])
    flux = amp * cable.ra * 1e-2 / (math.pi * m * m)  # u^2 dV/du at the current's end [mV um]
    b = flux / (u1 * math.sqrt(kappa)) / (i2[1] * k2[0] / i2[0] - k2[1])
    a = b * k2[0] / i2[0]
    return (a * special.iv(1, z) + b * special.kv(1, z)) / np.sqrt(u)


def relative_rms(v: np.ndarray, reference: np.ndarray) -> float:
    """rms(v - reference) / max |reference|, the error that nsuite's criterion of 1e-3 is about."""
    return float(np.sqrt(np.mean((v - reference) ** 2)) / np.abs(reference).max())


def order(errors: list, ratio: float = 2.0) -> np.ndarray:
    """Order of convergence from each error to the next (along the first axis), the step divided by ratio in between."""
    e = np.asarray(errors)
    return np.log(e[:-1] / e[1:]) / math.log(ratio)


def crossings(t: np.ndarray, v: np.ndarray, threshold: float = 0.0) -> np.ndarray:
    """Times [ms] at which v rises through the threshold [mV], linear between samples."""
    i = np.flatnonzero((v[:-1] < threshold) & (v[1:] >= threshold))
    return t[i] + (threshold - v[i]) / (v[i + 1] - v[i]) * (t[i + 1] - t[i])

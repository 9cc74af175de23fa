"""What concentrations drive: Nernst's potential, and the potential and the current of Goldman, Hodgkin and Katz."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from jaxsim.mechanisms.rates import vtrap
from jaxsim.units import FARADAY, GAS_CONSTANT, ZERO_CELSIUS

_MV_PER_V = 1e3
# 1 cm/s x 1 mM x 1 C/mol = 1e-6 A/cm2
_MA_PER_A, _MOL_PER_CM3_PER_MM = 1e3, 1e-6


def thermal_voltage(celsius: jax.Array | float) -> jax.Array:
    """R T / F, 24.1 mV at 6.3 degC.

    Args:
        celsius: any shape [degC], temperature.

    Returns:
        The shape of celsius [mV].
    """
    return (_MV_PER_V * GAS_CONSTANT / FARADAY) * (celsius + ZERO_CELSIUS)  # type: ignore[return-value]


def nernst(inside: jax.Array, outside: jax.Array, valence: int, celsius: jax.Array | float) -> jax.Array:
    """The potential at which an ion does not move.

        e = R T / (z F) ln(outside / inside)

    Args:
        inside: any shape [mM], concentration, positive.
        outside: the same shape [mM], concentration, positive.
        valence: z, charge number of the ion, not 0.
        celsius: [degC], temperature.

    Returns:
        The same shape [mV].

    >>> import jax.numpy as jnp
    >>> round(float(nernst(jnp.asarray(54.4), jnp.asarray(2.5), 1, 6.3)), 1)
    -74.2
    """
    return thermal_voltage(celsius) / valence * jnp.log(outside / inside)


def ghk_current(
    v: jax.Array, inside: jax.Array, outside: jax.Array, valence: int, celsius: jax.Array | float
) -> jax.Array:
    """The current of an ion through a permeable membrane, for a permeability of 1 cm/s (Goldman, Hodgkin and Katz).

        i = P z F u (inside - outside exp(-u)) / (1 - exp(-u)),    u = z F v / (R T)

    Finite and smooth at v = 0 too.

    Args:
        v: any shape [mV], membrane voltage.
        inside: the same shape [mM], concentration.
        outside: the same shape [mM], concentration.
        valence: z, charge number of the ion.
        celsius: [degC], temperature.

    Returns:
        The same shape [mA/cm2], outward positive; times the permeability [cm/s].

    Source: Hodgkin & Katz 1949, J Physiol 108:37.
    """
    u = valence * v / thermal_voltage(celsius)
    back = vtrap(u)  # vtrap(-u) is back + u: one exponential
    driven = inside * (back + u) - outside * back
    return (_MA_PER_A * _MOL_PER_CM3_PER_MM * valence * FARADAY) * driven


def ghk_potential(
    permeability: Sequence[jax.Array | float],
    inside: Sequence[jax.Array | float],
    outside: Sequence[jax.Array | float],
    valence: Sequence[int],
    celsius: jax.Array | float,
) -> jax.Array:
    """The voltage at which monovalent ions carry no net current (Goldman, Hodgkin and Katz).

        v = R T / F ln((sum P_c outside_c + sum P_a inside_a) / (sum P_c inside_c + sum P_a outside_a))

    with cations c and anions a.

    Args:
        permeability: of each ion, in any one unit.
        inside: [mM] of each ion.
        outside: [mM] of each ion.
        valence: +1 or -1 of each ion.
        celsius: [degC], temperature.

    Returns:
        () [mV], or the shape of the concentrations.

    Raises:
        ValueError: if an ion is not monovalent: then there is no such formula.

    Source: Hodgkin & Katz 1949, J Physiol 108:37.
    """
    if any(z not in (1, -1) for z in valence):
        raise ValueError(f"ghk_potential needs valences of +1 or -1, got {list(valence)}. Use ghk_current.")
    ions = list(zip(permeability, inside, outside, valence, strict=True))
    above = sum(p * (o if z > 0 else i) for p, i, o, z in ions)
    below = sum(p * (i if z > 0 else o) for p, i, o, z in ions)
    return thermal_voltage(celsius) * jnp.log(above / below)

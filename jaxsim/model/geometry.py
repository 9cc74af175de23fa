"""Areas, volumes and resistances of the compartments from the traced frusta and their scale factors."""

import math

import jax
import jax.numpy as jnp

from jaxsim.model.model import Geometry
from jaxsim.numerics.indexing import rows_at


def areas_and_resistances(
    geometry: Geometry, radius_scale: jax.Array, length_scale: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Membrane area and half-resistances of frusta whose diameters and lengths are scaled.

        area = sum pi/2 (d0 + d1) sqrt(dx^2 + ((d1 - d0)/2)^2),   r = sum 4e-2 dx / (pi d0 d1)

    All frusta of a compartment have its scale factors, so that r is that of the traced ones times length / radius^2.

    Args:
        geometry: the frusta.
        radius_scale: (n_comp,) [1] factor on every diameter.
        length_scale: (n_comp,) [1] factor on every length.

    Returns:
        (n_comp,) [um2] areas, and (2 n_comp,) [MOhm / (ohm cm)] half-resistances for Ra = 1 ohm cm.

    Source: NEURON 9, treeset.cpp, diam_from_list.
    """
    comp = geometry.piece_comp
    radius, length = rows_at(radius_scale, comp), rows_at(length_scale, comp)
    d0, d1, dx = geometry.d0 * radius, geometry.d1 * radius, geometry.dx * length
    slope = (d1 - d0) / 2
    flat = slope == 0  # the root's derivative at dx = slope = 0 is not finite
    slant = jnp.where(flat, dx, jnp.sqrt(jnp.where(flat, 1.0, dx * dx + slope * slope)))
    pieces = (math.pi / 2) * (d0 + d1) * slant
    area = jax.ops.segment_sum(pieces, comp, radius_scale.shape[0], indices_are_sorted=True)
    return area, geometry.resistance * jnp.repeat(length_scale / radius_scale**2, 2)


def mean_diameters(geometry: Geometry, radius_scale: jax.Array) -> jax.Array:
    """Diameter of compartments, the mean along their length.

        diam = sum dx (d0 + d1) / 2  /  sum dx

    Args:
        geometry: the frusta.
        radius_scale: (n_comp,) [1] factor on every diameter.

    Returns:
        (n_comp,) [um].

    Source: NEURON 9, treeset.cpp, diam_from_list.
    """
    weighed = jnp.stack([geometry.dx, 0.5 * geometry.dx * (geometry.d0 + geometry.d1)], axis=1)
    total = jax.ops.segment_sum(weighed, geometry.piece_comp, radius_scale.shape[0], indices_are_sorted=True)
    return radius_scale * total[:, 1] / total[:, 0]


def volumes(geometry: Geometry, radius_scale: jax.Array, length_scale: jax.Array) -> jax.Array:
    """Volume of frusta whose diameters and lengths are scaled.

        volume = sum pi/12 dx (d0^2 + d0 d1 + d1^2)

    Args:
        geometry: the frusta.
        radius_scale: (n_comp,) [1] factor on every diameter.
        length_scale: (n_comp,) [1] factor on every length.

    Returns:
        (n_comp,) [um3].
    """
    d0, d1 = geometry.d0, geometry.d1
    pieces = (math.pi / 12) * geometry.dx * (d0 * d0 + d0 * d1 + d1 * d1)
    traced = jax.ops.segment_sum(pieces, geometry.piece_comp, radius_scale.shape[0], indices_are_sorted=True)
    return traced * radius_scale**2 * length_scale

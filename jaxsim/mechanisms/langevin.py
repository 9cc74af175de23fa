"""Channel noise: a kinetic scheme of a finite number of channels, by the Langevin equation."""

from collections.abc import Iterable, Sequence

import jax
import jax.numpy as jnp

from jaxsim.errors import must
from jaxsim.mechanisms.kinetics import Reaction, fluxes


def langevin(
    state: dict[str, jax.Array],
    reactions: Iterable[Reaction],
    number: jax.Array | float,
    xi: Sequence[jax.Array],
) -> dict[str, jax.Array]:
    """What the chance of single channels adds to the states of a kinetic scheme, one noise a reaction.

        left <-> right:    d left = -(a - b) dt - sqrt((a + b) / n) dW,    d right = -d left
        a = forward left,  b = backward right

    n channels open and close by chance; this is the diffusion approximation of their numbers, which keeps the variance
    and the spectrum of the current and conserves what the scheme conserves. It is good from some tens of channels on.
    States are parts of all channels and may be negative for a moment; the fluxes under the root are then 0. With
    ``derivative`` it makes a noisy channel::

        noises = ("xi",)

        def derivative(self, v, state):
            return js.kinetics(state, self.reactions(v))

        def noise(self, v, state, xi):
            return js.langevin(state, self.reactions(v), self.density * self.area, [xi["xi"]])

    Args:
        state: species -> any shape [1].
        reactions: as of `kinetics`.
        number: the same shape [1], number of channels, positive.
        xi: one array of that shape a reaction, standard normal numbers: those that `noise` is given.

    Returns:
        Species -> what is added [1/sqrt(ms)], of all species of the reactions.

    Raises:
        KeyError: if a reaction names a species that is no state.
        ValueError: if there are not as many noises as reactions.

    Source: Fox & Lu 1994, Phys Rev E 49:3421; without a matrix root: Orio & Soudry 2012, PLoS ONE 7:e36670.
    """
    reactions = list(reactions)
    if len(xi) != len(reactions):
        raise ValueError(must("the number of noises", f"be that of the reactions, {len(reactions)}", len(xi)))
    total: dict[str, jax.Array] = {}
    for (before, behind, a, b), one in zip(fluxes(state, reactions), xi, strict=True):
        variance = (jnp.maximum(a, 0.0) + jnp.maximum(b, 0.0)) / number
        some = variance > 0.0
        moved = jnp.where(some, jnp.sqrt(jnp.where(some, variance, 1.0)), 0.0) * one
        for x in before:
            total[x] = total[x] - moved if x in total else -moved
        for x in behind:
            total[x] = total[x] + moved if x in total else moved
    return total

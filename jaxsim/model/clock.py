"""Time, counted in steps."""

import jax
import jax.numpy as jnp

from jaxsim._struct import struct


@struct
class Clock:
    """Time as a count of steps, so that a run continued from a state meets the same times as one long run, to the bit.

    Attributes:
        origin: () [ms], where counting began.
        dt: () [ms], the step.
        n: () int32, steps taken.
    """

    origin: jax.Array
    dt: jax.Array
    n: jax.Array

    @property
    def t(self) -> jax.Array:
        """() [ms], the time."""
        return self.origin + self.n.astype(self.dt.dtype) * self.dt

    def after(self, n: jax.Array | float) -> jax.Array:
        """The time [ms] n steps from now; n may be a half.

        One product and one sum from the origin: whatever the compiler contracts, a continued run meets the same bits.
        """
        return self.origin + (self.n.astype(self.dt.dtype) + n) * self.dt

    def with_step(self, dt: jax.Array) -> "Clock":
        """The same time, counted on in steps of dt [ms]."""
        same = dt == self.dt
        return Clock(jnp.where(same, self.origin, self.t), dt, jnp.where(same, self.n, 0))

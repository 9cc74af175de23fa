"""Voltage clamps with a real electrode: its series resistance lies between the amplifier and the cell."""

import math

import jax
import jax.numpy as jnp

from jaxsim._struct import struct
from jaxsim.mechanisms.point_process import AbstractPointProcess
from jaxsim.mechanisms.stimuli import VoltageClamp, VoltageSamples
from jaxsim.units import MOhm, ms, mV


class _Electrode(AbstractPointProcess):
    """i = (command - v) / rs while it is on, inward positive."""

    electrode = True
    rs: MOhm

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> jax.Array:
        return gate["on"] * (gate["command"] - v) / self.rs


@struct
class SEClamp(_Electrode):
    """A single-electrode voltage clamp: a voltage source behind a series resistance.

        i = (v_command - v) / rs    while start <= t < stop, else 0

    The current that it injects (inward positive, as a stimulus) is recorded as ``"SEClamp.i"`` [nA]. A protocol of
    several levels is several clamps at one location, each with its time. For an ideal source, without resistance, see
    `VoltageClamp`.

    Attributes:
        v: [mV] command.
        start: [ms] onset.
        stop: [ms] end.
        rs: [MOhm] series resistance, positive.

    Source: NEURON 9, SEClamp (svclmp.mod).
    """

    v: mV = -65.0
    start: ms = 0.0
    stop: ms = math.inf
    rs: MOhm = 1.0

    def input(self, t: jax.Array) -> dict[str, jax.Array]:
        clamp = VoltageClamp(self.v, self.start, self.stop)
        return {"command": clamp.command(t), "on": jnp.where(clamp.on(t), 1.0, 0.0)}


@struct
class SEClampSamples(_Electrode):
    """`SEClamp` whose command is given by samples with their own time step, linear between them.

    It is on from the first to the last sample; its current is recorded as ``"SEClampSamples.i"`` [nA].

    Attributes:
        values: (n_sample,) [mV] the samples.
        dt: [ms] their time step, any.
        start: [ms] time of the first sample.
        rs: [MOhm] series resistance, positive.

    Source: NEURON 9, Vector.play into the amp1 of a SEClamp.
    """

    values: mV
    dt: ms
    start: ms = 0.0
    rs: MOhm = 1.0

    def input(self, t: jax.Array) -> dict[str, jax.Array]:
        clamp = VoltageSamples(self.values, self.dt, self.start)
        return {"command": clamp.command(t), "on": jnp.where(clamp.on(t), 1.0, 0.0)}

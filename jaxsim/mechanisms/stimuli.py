"""Currents injected and voltages held at a location; their parameters batch and train like any other."""

import math

import jax
import jax.numpy as jnp

from jaxsim._struct import static, struct
from jaxsim.mechanisms.base import AbstractClamp, AbstractStimulus
from jaxsim.units import Hz, ms, mV, nA

_S_PER_MS = 1e-3


def _within(t: jax.Array, start: ms, stop: ms) -> jax.Array:
    """Whether start <= t < stop."""
    return (t >= start) & (t < stop)


def _fraction(t: jax.Array, start: ms, stop: ms) -> jax.Array:
    """How much of the time from start to stop is over; some number outside, without dividing by an empty time."""
    return (t - start) / jnp.where(_within(t, start, stop), stop - start, 1.0)


@struct
class Pulse(AbstractStimulus):
    """A constant current between two times.

        i(t) = amp for start <= t < stop, else 0

    A step of the solver uses the current at its middle, as NEURON's IClamp (delay = start, dur = stop - start). The
    gradient with respect to start and stop is zero.

    Attributes:
        amp: [nA] current, positive depolarises.
        start: [ms] onset.
        stop: [ms] end.

    Source: NEURON 9, IClamp (stim.mod).
    """

    amp: nA = 0.1
    start: ms = 0.0
    stop: ms = math.inf

    def current(self, t: jax.Array) -> jax.Array:
        return jnp.where(_within(t, self.start, self.stop), self.amp, 0.0)


@struct
class Ramp(AbstractStimulus):
    """A current that changes linearly between two times.

        i(t) = first + (last - first) (t - start) / (stop - start) for start <= t < stop, else 0

    Attributes:
        first: [nA] current at start.
        last: [nA] current at stop.
        start: [ms] onset.
        stop: [ms] end.

    Source: the ramp of a current-clamp protocol.
    """

    first: nA = 0.0
    last: nA = 0.1
    start: ms = 0.0
    stop: ms = 100.0

    def current(self, t: jax.Array) -> jax.Array:
        current = self.first + (self.last - self.first) * _fraction(t, self.start, self.stop)
        return jnp.where(_within(t, self.start, self.stop), current, 0.0)


@struct
class AlphaCurrent(AbstractStimulus):
    """A current that rises and falls as an alpha function; it peaks tau after its onset.

        i(t) = amp u exp(1 - u),  u = (t - start) / tau, for t >= start, else 0

    Attributes:
        amp: [nA] current at the peak.
        start: [ms] onset.
        tau: [ms] time to the peak, positive.

    Source: Rall 1967, J Neurophysiol 30:1138.
    """

    amp: nA = 0.1
    start: ms = 0.0
    tau: ms = 2.0

    def current(self, t: jax.Array) -> jax.Array:
        u = jnp.maximum((t - self.start) / self.tau, 0.0)
        return self.amp * u * jnp.exp(1.0 - u)


@struct
class Sine(AbstractStimulus):
    """A sinusoidal current between two times.

        i(t) = amp sin(2 pi frequency (t - start)) for start <= t < stop, else 0

    Attributes:
        amp: [nA] amplitude.
        frequency: [Hz] frequency.
        start: [ms] onset, where the phase is 0.
        stop: [ms] end.

    Source: the impedance of a cell at one frequency.
    """

    amp: nA = 0.1
    frequency: Hz = 10.0
    start: ms = 0.0
    stop: ms = math.inf

    def current(self, t: jax.Array) -> jax.Array:
        cycles = self.frequency * (t - self.start) * _S_PER_MS
        return jnp.where(_within(t, self.start, self.stop), self.amp * jnp.sin(2.0 * math.pi * cycles), 0.0)


@struct
class Chirp(AbstractStimulus):
    """A sinusoidal current whose frequency changes linearly between two times (ZAP).

        i(t) = amp sin(2 pi (first s + (last - first) s^2 / (2 (stop - start)))),  s = t - start,
        for start <= t < stop, else 0

    Attributes:
        amp: [nA] amplitude.
        first: [Hz] frequency at start.
        last: [Hz] frequency at stop.
        start: [ms] onset.
        stop: [ms] end.

    Source: Puil, Gimbarzevsky & Miura 1986, J Neurophysiol 55:995.
    """

    amp: nA = 0.1
    first: Hz = 0.5
    last: Hz = 20.0
    start: ms = 0.0
    stop: ms = 20000.0

    def current(self, t: jax.Array) -> jax.Array:
        mean = self.first + (self.last - self.first) * _fraction(t, self.start, self.stop) / 2.0
        cycles = mean * (t - self.start) * _S_PER_MS
        return jnp.where(_within(t, self.start, self.stop), self.amp * jnp.sin(2.0 * math.pi * cycles), 0.0)


def _interpolated(values: jax.Array, position: jax.Array, hold: bool) -> jax.Array:
    """Samples at a fractional index, linear or held; the first before it begins and the last after it ends."""
    values = jnp.asarray(values)
    n = values.shape[0]
    position = jnp.clip(position, 0.0, n - 1.0)
    below = jnp.floor(position).astype(jnp.int32)
    above = jnp.minimum(below + 1, n - 1)
    fraction = 0.0 if hold else position - below.astype(values.dtype)
    return values[below] * (1.0 - fraction) + values[above] * fraction


@struct
class Samples(AbstractStimulus):
    """A current given by samples with their own time step.

    Linear between the samples (`hold=False`, as NEURON's Vector.play with continuous = 1), or each held until the next;
    zero before the first and after the last sample.

    Attributes:
        values: (n_sample,) [nA] the samples.
        dt: [ms] their time step, any.
        start: [ms] time of the first sample.
        hold: whether a sample is held until the next one.

    Source: NEURON 9, Vector.play.
    """

    values: nA
    dt: ms
    start: ms = 0.0
    hold: bool = static(default=False)

    def current(self, t: jax.Array) -> jax.Array:
        position, n = (t - self.start) / self.dt, jnp.shape(self.values)[0]
        inside = (position >= 0.0) & (position < n if self.hold else position <= n - 1.0)
        return jnp.where(inside, _interpolated(self.values, position, self.hold), 0.0)


@struct
class VoltageClamp(AbstractClamp):
    """An ideal voltage source: the location's voltage is the command, at the end of each step.

    It is on in the steps whose middle lies in start <= t < stop, as a Pulse. Where several clamps are on at one node,
    the one placed last holds. The current that it injects (inward positive, as a stimulus) is recorded as
    ``"VoltageClamp.i"`` [nA].

    Attributes:
        v: [mV] command.
        start: [ms] onset.
        stop: [ms] end.

    Source: NEURON 9, VClamp with infinite gain.
    """

    v: mV = -65.0
    start: ms = 0.0
    stop: ms = math.inf

    def command(self, t: jax.Array) -> jax.Array:
        return jnp.asarray(self.v)

    def on(self, t: jax.Array) -> jax.Array:
        return _within(t, self.start, self.stop)


@struct
class VoltageSamples(AbstractClamp):
    """An ideal voltage source whose command is given by samples with their own time step, linear between them.

    It is on from the first to the last sample; its current is recorded as ``"VoltageSamples.i"`` [nA].

    Attributes:
        values: (n_sample,) [mV] the samples.
        dt: [ms] their time step, any.
        start: [ms] time of the first sample.

    Source: NEURON 9, Vector.play into a clamp.
    """

    values: mV
    dt: ms
    start: ms = 0.0

    def command(self, t: jax.Array) -> jax.Array:
        # Beyond its ends the first and last sample go on: a rounded t that `on` still counts must not command 0 mV.
        return _interpolated(self.values, (t - self.start) / self.dt, hold=False)

    def on(self, t: jax.Array) -> jax.Array:
        return (t >= self.start) & (t <= self.start + (jnp.shape(self.values)[0] - 1) * self.dt)

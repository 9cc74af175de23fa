"""The squid giant axon's channels as finite numbers of channels that open and close by chance."""

import math

import jax

from jaxsim._struct import struct
from jaxsim.mechanisms.base import AbstractChannel
from jaxsim.mechanisms.channels.hodgkin_huxley import HH
from jaxsim.mechanisms.kinetics import Reaction, kinetics
from jaxsim.mechanisms.langevin import langevin
from jaxsim.units import S_per_cm2, degC, mV, per_um2, um2

_N_M, _N_H, _N_N = 3, 1, 4


def _chain(names: list[str], alpha: jax.Array, beta: jax.Array) -> list[Reaction]:
    """Equal, independent gates of which k are open: k -> k + 1 at the rate (n - k) alpha, back at (k + 1) beta."""
    n = len(names) - 1
    return [(names[k], names[k + 1], (n - k) * alpha, (k + 1) * beta) for k in range(n)]


def _binomial(n: int, p: jax.Array) -> list[jax.Array]:
    """The parts with k of n gates open."""
    return [math.comb(n, k) * p**k * (1.0 - p) ** (n - k) for k in range(n + 1)]


@struct
class StochasticHH(AbstractChannel):
    """`HH` with channel noise: sodium channels of eight states, potassium channels of five, in numbers by the area.

        i = gbar_na m3h1 (v - e_na) + gbar_k n4 (v - e_k) + gbar_leak (v - e_leak)

        m0h1 <-> m1h1 <-> m2h1 <-> m3h1      3 alpha_m, 2 alpha_m, alpha_m;  beta_m, 2 beta_m, 3 beta_m
          |       |       |       |          alpha_h up, beta_h down
        m0h0 <-> m1h0 <-> m2h0 <-> m3h0
        n0 <-> n1 <-> n2 <-> n3 <-> n4       4 alpha_n ... alpha_n;  beta_n ... 4 beta_n

    States are parts of all channels; the noise of each transition is that of `langevin`. A run needs a key.

    Attributes:
        gbar_na: [S/cm2] sodium conductance.
        gbar_k: [S/cm2] potassium conductance.
        gbar_leak: [S/cm2] leak conductance.
        e_na: [mV] sodium reversal potential.
        e_k: [mV] potassium reversal potential.
        e_leak: [mV] leak reversal potential.
        n_na: [1/um2] sodium channels per area.
        n_k: [1/um2] potassium channels per area.
        area: [um2] of the compartment.
        celsius: [degC] temperature.

    Source: Fox & Lu 1994, Phys Rev E 49:3421; numbers of channels: Hille 1992, Ionic Channels of Excitable Membranes.
    """

    reads = {"e_na": "na.e", "e_k": "k.e", "area": "cable.area"}
    noises = tuple(f"xi_{k}" for k in range(2 * _N_M + (_N_M + 1) * _N_H + _N_N))

    gbar_na: S_per_cm2 = 0.12
    gbar_k: S_per_cm2 = 0.036
    gbar_leak: S_per_cm2 = 0.0003
    e_na: mV = 50.0
    e_k: mV = -77.0
    e_leak: mV = -54.3
    n_na: per_um2 = 60.0
    n_k: per_um2 = 18.0
    area: um2 = 1000.0
    celsius: degC = 6.3

    def _gates(self, v: jax.Array) -> dict[str, tuple[jax.Array, jax.Array]]:
        """The rates of each gate's opening and closing."""
        rates = HH(celsius=self.celsius).rates(v)
        return {x: (rate.opening, rate.decay - rate.opening) for x, rate in rates.items()}

    def _reactions(self, v: jax.Array) -> tuple[list[Reaction], list[Reaction]]:
        """Those of the sodium channel, and of the potassium channel."""
        gates, ms, hs = self._gates(v), range(_N_M + 1), range(_N_H + 1)
        opening = [_chain([f"m{m}h{h}" for m in ms], *gates["m"]) for h in hs]
        recovering = [_chain([f"m{m}h{h}" for h in hs], *gates["h"]) for m in ms]
        sodium = [reaction for chain in opening + recovering for reaction in chain]
        return sodium, _chain([f"n{n}" for n in range(_N_N + 1)], *gates["n"])

    def initial(self, v: jax.Array) -> dict[str, jax.Array]:
        inf = {x: rate.x_inf for x, rate in HH(celsius=self.celsius).rates(v).items()}
        m, h, n = _binomial(_N_M, inf["m"]), _binomial(_N_H, inf["h"]), _binomial(_N_N, inf["n"])
        sodium = {f"m{i}h{j}": m[i] * h[j] for i in range(_N_M + 1) for j in range(_N_H + 1)}
        return sodium | {f"n{k}": n[k] for k in range(_N_N + 1)}

    def derivative(self, v: jax.Array, state: dict[str, jax.Array]) -> dict[str, jax.Array]:
        sodium, potassium = self._reactions(v)
        return kinetics(state, sodium) | kinetics(state, potassium)

    def noise(self, v: jax.Array, state: dict[str, jax.Array], xi: dict[str, jax.Array]) -> dict[str, jax.Array]:
        sodium, potassium = self._reactions(v)
        each = [xi[name] for name in self.noises]
        added = langevin(state, sodium, self.n_na * self.area, each[: len(sodium)])
        return added | langevin(state, potassium, self.n_k * self.area, each[len(sodium) :])

    def current(self, v: jax.Array, gate: dict[str, jax.Array]) -> dict[str, jax.Array]:
        return {
            "na": self.gbar_na * gate["m3h1"] * (v - self.e_na),
            "k": self.gbar_k * gate["n4"] * (v - self.e_k),
            "": self.gbar_leak * (v - self.e_leak),
        }

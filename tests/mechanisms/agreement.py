"""How far the library's mechanisms are from the numbers that NEURON computed from the published .mod files, in data/.

The tests of the mechanisms and the table of the documentation (`agreement_table`) take their figures from here.
"""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxsim._struct import replace
from jaxsim.mechanisms.base import AbstractDensity, AbstractPool, currents
from jaxsim.mechanisms.library import CHANNELS, POOLS
from jaxsim.model.gates import initial_states
from jaxsim.numerics.gates import exponential_step
from jaxsim.numerics.ode import Vector, implicit_euler
from tests.mechanisms import (
    benison_2001_reference,
    carter_2012_reference,
    destexhe_1993_reference,
    destexhe_1998_reference,
    fohlmeister_1997_reference,
    gouwens_2018_reference,
    hay_2011_calcium_reference,
    hay_2011_reference,
    hodgkin_huxley_reference,
    pospischil_2008_reference,
    shells_reference,
)
from tests.mechanisms.mod_reference import DT_RAMP, EVERY, GBAR, VOLTAGES, ramp

PAPERS: dict[str, ModuleType] = {
    "hodgkin_huxley": hodgkin_huxley_reference,
    "hay_2011": hay_2011_reference,
    "hay_2011_calcium": hay_2011_calcium_reference,
    "gouwens_2018": gouwens_2018_reference,
    "fohlmeister_1997": fohlmeister_1997_reference,
    "benison_2001": benison_2001_reference,
    "destexhe_1998": destexhe_1998_reference,
    "pospischil_2008": pospischil_2008_reference,
}
SHELLS_CAI = 5e-5  # mM, where the shells begin
States = dict[str, jax.Array]


@functools.cache
def numbers(file: Path) -> dict[str, Any]:
    """What NEURON computed."""
    return json.loads(file.read_text(encoding="utf-8"))


def relative(found: Any, theirs: Any) -> float:
    """The largest difference relative to theirs; where they have 0, inf for anything else."""
    found, theirs = np.asarray(found, float), np.asarray(theirs, float)
    off = np.abs(found - theirs)
    zero = theirs == 0.0
    return float(np.max(np.where(zero, np.where(off == 0.0, 0.0, np.inf), off / np.where(zero, 1.0, np.abs(theirs)))))


@functools.cache
def rates(paper: str, name: str, dtype: str = "float64") -> dict[str, dict[str, np.ndarray]]:
    """Gate -> x_inf, tau and opening at the reference's voltages, its singular ones and their neighbours."""
    reference = PAPERS[paper]
    singular = np.array(reference.SINGULAR)
    v = np.concatenate([VOLTAGES, singular, singular + 1e-9])
    v = np.maximum(v, reference.CHANNELS[name].lowest).astype(dtype)
    channel = CHANNELS[name](**reference.OURS.get(name, {}))

    @jax.jit
    def evaluate(v: jax.Array) -> dict[str, dict[str, jax.Array]]:
        return {x: {"x_inf": r.x_inf, "tau": r.tau, "opening": r.opening} for x, r in channel.rates(v).items()}

    return jax.tree.map(lambda x: np.broadcast_to(x, v.shape), evaluate(v))


@functools.cache
def current_along_ramp(paper: str, name: str) -> np.ndarray:
    """[mA/cm2] at every EVERY-th step of the reference's ramp of voltages."""
    reference = PAPERS[paper]
    gbar = dict.fromkeys(reference.CHANNELS[name].ours.split(), GBAR)
    channel = CHANNELS[name](**gbar, **reference.OURS.get(name, {}))
    v = jnp.asarray(ramp())

    def step(gates: States, u: jax.Array) -> tuple[States, jax.Array]:
        new = {
            x: exponential_step(gates[x], x_inf=r.x_inf, decay=r.decay, dt=jnp.asarray(DT_RAMP))
            for x, r in channel.rates(u).items()
        }
        return new, sum(currents(channel, u, new).values(), start=jnp.zeros(()))

    start = {x: r.x_inf for x, r in channel.rates(v[0]).items()}
    return np.asarray(jax.jit(lambda: jax.lax.scan(step, start, v)[1])()[EVERY - 1 :: EVERY])


def at_rest(channel: AbstractDensity, v: jax.Array) -> States:
    """The states in which a run begins at v."""
    return initial_states(channel, v, {}, {})


@functools.cache
def markov() -> tuple[States, np.ndarray]:
    """NaV: state -> after one step from rest at HOLD to each of VOLTAGES; and the current along the ramp."""
    channel, reference = CHANNELS["NaV"], carter_2012_reference
    v = jnp.asarray(VOLTAGES)
    rest = at_rest(channel(), jnp.asarray(reference.HOLD))
    start = {x: jnp.full_like(v, rest[x]) for x in reference.STATES}
    stepped = jax.jit(lambda v, x: implicit_step(channel(), v, x, reference.DT))(v, start)
    one, v = channel(gbar=GBAR), jnp.asarray(ramp())

    def step(x: States, u: jax.Array) -> tuple[States, jax.Array]:
        x = implicit_step(one, u, x, DT_RAMP)
        return x, currents(one, u, x)["na"]

    rest = at_rest(one, v[0])
    return stepped, np.asarray(jax.jit(lambda x: jax.lax.scan(step, x, v)[1])(rest)[EVERY - 1 :: EVERY])


def decayed(file: str) -> tuple[np.ndarray, np.ndarray]:
    """Calcium [mM] after one step of CaDecay by implicit Euler, here and in NEURON with a file of the reference."""
    ica, before, after = np.array(numbers(destexhe_1993_reference.DATA)[file]).T
    pool = replace(destexhe_1993_reference.FILES[file], ica=jnp.asarray(ica))
    rate = pool.rates(jnp.zeros(()))["cai"]
    return np.asarray((before + DT_RAMP * rate.opening) / (1.0 + DT_RAMP * rate.decay)), after


def implicit_step(mechanism: AbstractDensity, v: jax.Array, states: Mapping[str, jax.Array], dt: float) -> States:
    """The states of `derivative` after one step of implicit Euler."""
    names = list(states)

    def system(x: Vector) -> Vector:
        found = mechanism.derivative(v, dict(zip(names, x, strict=True)))
        return [found[name] for name in names]

    after = implicit_euler(system, [states[x] for x in names], jnp.asarray(dt, v.dtype))
    return dict(zip(names, after, strict=True))


def fill_shells(pool: AbstractPool, ica: jax.Array, dt: float) -> States:
    """State -> (n_time,) after each step under a calcium current (n_time,) [mA/cm2], from SHELLS_CAI."""
    start = {"cai": SHELLS_CAI, **pool.initial(jnp.zeros(()))}

    def step(x: States, i: jax.Array) -> tuple[States, States]:
        x = implicit_step(replace(pool, ica=i), jnp.zeros_like(i), x, dt)
        return x, x

    begin = {x: jnp.asarray(value, ica.dtype) for x, value in start.items()}
    after = jax.jit(lambda i: jax.lax.scan(step, begin, i)[1])(ica)
    return {x: after[x] for x in start}


@functools.cache
def shells(name: str) -> tuple[AbstractPool, States]:
    """The pool as in the reference, and its states after each step."""
    pool = POOLS[name](diam=shells_reference.DIAM)
    ica = jnp.asarray(numbers(shells_reference.DATA)[name]["ica"])
    return pool, fill_shells(pool, ica, shells_reference.DT)


def shells_beside_neurons(name: str) -> tuple[np.ndarray, np.ndarray]:
    """(n_state, n_time) here and in NEURON, where it has them."""
    pool, states = shells(name)
    theirs = np.array(numbers(shells_reference.DATA)[name]["states"]).T
    if "pump" in states:
        theirs[-2:] /= pool.pump0  # type: ignore[attr-defined]
    return np.stack(list(states.values()))[:, shells_reference.EVERY - 1 :: shells_reference.EVERY], theirs

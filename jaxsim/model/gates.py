"""States of mechanisms in time, the voltage held: gates of their own, and systems of states that depend on one another.

What has a `Rate` is stepped exactly; what has a `derivative` by an implicit step of the whole system.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from jaxsim.mechanisms.base import AbstractDynamics
from jaxsim.mechanisms.rates import Rate
from jaxsim.model.circuit import Circuit
from jaxsim.model.ions import Gates, at_places, dynamics
from jaxsim.numerics.elimination import Vector
from jaxsim.numerics.gates import drifting_step, exponential_shift, exponential_step, noise_scale
from jaxsim.numerics.ode import implicit_euler, rosenbrock, shift, steady_state
from jaxsim.numerics.ops import PLAIN, Ops

States = dict[str, jax.Array]
# (state, its rate, dt) -> state
Linear = Callable[[jax.Array, Rate, jax.Array], jax.Array]
# (system, states, dt) -> states
Coupled = Callable[[Callable[[Vector], Vector], Vector, jax.Array], list[jax.Array]]

# How much of a step's noise enters a system before its step, the rest after: the steady variance of a state that decays
# is then right to second order in dt. Half for a step that is e to second order; implicit Euler damps more.
_EARLY, _EARLY_EULER = 0.5, 0.75


def advance_gates(circuit: Circuit, gates: Gates, v: jax.Array, dt: jax.Array, ops: Ops, coupled: Coupled) -> Gates:
    """The channels' states after dt, the voltage held at v: gates exactly, systems by an implicit rule.

    Args:
        circuit: the circuit.
        gates: mechanism -> state -> (n_place,).
        v: (n_node,) [mV].
        dt: () [ms].
        ops: how to gather.
        coupled: how states that depend on one another are stepped.

    Returns:
        The new states; those of pools as they were.
    """
    rule = lambda m, x, v, given: after(m, x, v, dt, exponential, coupled, given)  # noqa: E731
    return _each_channel(rule, circuit, gates, v, ops)


def shift_gates(circuit: Circuit, gates: Gates, v: jax.Array, dt: jax.Array) -> Gates:
    """`advance_gates` by a dt that may be negative, for one lane outside the time loop."""
    return _each_channel(lambda m, x, v, given: shifted(m, x, v, dt, given), circuit, gates, v, PLAIN)


def _each_channel(
    rule: Callable[[AbstractDynamics, States, jax.Array, States], States],
    circuit: Circuit,
    gates: Gates,
    v: jax.Array,
    ops: Ops,
) -> Gates:
    """A rule for the states of each channel; those of pools stay."""
    new: Gates = dict(gates)
    for layout in circuit.layout.channels:
        if layout.gates and not layout.writes:
            v_here, given = at_places(circuit, layout, v, ops), circuit.inputs_now.get(layout.name, {})
            new[layout.name] = rule(dynamics(circuit, layout), gates[layout.name], v_here, given)
    return new


def exponential(x: jax.Array, rate: Rate, dt: jax.Array) -> jax.Array:
    """`exponential_step` of a `Rate`."""
    return exponential_step(x, x_inf=rate.x_inf, decay=rate.decay, dt=dt)


def after(
    mechanism: AbstractDynamics,
    states: States,
    v: jax.Array,
    dt: jax.Array,
    linear: Linear,
    coupled: Coupled,
    given: States,
) -> States:
    """One mechanism's states after dt [ms], the voltage v [mV] held; all of one shape.

    Args:
        mechanism: the channel or pool.
        states: all its states.
        v: [mV].
        dt: () [ms].
        linear: how a state with a `Rate` is stepped.
        coupled: how those of `derivative` are.
        given: its functions of time and its noises.

    Returns:
        The new states.
    """
    if not states:
        return {}
    rates, noise = mechanism.rates(v), _noise(mechanism, v, states | given)
    new = {x: linear(states[x], rate, dt) for x, rate in rates.items()}
    new |= {x: new[x] + noise[x] * noise_scale(rates[x].decay, dt) for x in noise if x in rates}
    new |= _others(mechanism, states, v, dt, coupled, given, new, noise)
    return {x: new[x] for x in states}


def _noise(mechanism: AbstractDynamics, v: jax.Array, seen: States) -> States:
    """State -> what noise adds to it [1/sqrt(ms)]."""
    xi = {name: seen[name] for name in mechanism.noises if name in seen}
    return mechanism.noise(v, seen, xi) if xi else {}


def _others(
    mechanism: AbstractDynamics,
    states: States,
    v: jax.Array,
    dt: jax.Array,
    coupled: Coupled,
    given: States,
    new: States,
    noise: States,
) -> States:
    """The states that have no `Rate` after dt: those of `derivative` together, then those of `update`."""
    seen = states | given
    system, names = _system(mechanism, seen, v, [*new, *given, *mechanism.update(v, seen, dt)])
    kicks = {x: jnp.sqrt(dt) * g for x, g in noise.items()}
    early = _EARLY_EULER if coupled is implicit_euler else _EARLY
    begin = [states[x] + early * kicks[x] if x in kicks else states[x] for x in names]
    found = dict(zip(names, coupled(system, begin, dt), strict=True)) if names else {}
    found |= {x: found[x] + (1.0 - early) * kicks[x] for x in kicks if x in found}
    own = mechanism.update(v, seen | new | found, dt)
    return found | own | {x: own[x] + kicks[x] for x in kicks if x in own}


def _system(
    mechanism: AbstractDynamics, states: States, v: jax.Array, others: list[str]
) -> tuple[Callable[[Vector], Vector], list[str]]:
    """Of all that a mechanism sees the states that depend on one another as a system, the others held; their names."""
    names = [x for x in states if x not in others]

    def system(x: Vector) -> Vector:
        derivative = mechanism.derivative(v, {**states, **dict(zip(names, x, strict=True))})
        return [jnp.broadcast_to(derivative[name], v.shape) for name in names]

    return system, names


def shifted(mechanism: AbstractDynamics, states: States, v: jax.Array, dt: jax.Array, given: States) -> States:
    """`after` a dt that may be negative, without noise; what a mechanism steps by itself goes back by as much as on."""
    given = {k: x for k, x in given.items() if k not in mechanism.noises}
    linear = lambda x, rate, dt: exponential_shift(x, x_inf=rate.x_inf, decay=rate.decay, dt=dt)  # noqa: E731
    step = jnp.where(dt == 0.0, 1.0, jnp.abs(dt))  # no step of length 0: a mechanism may divide by it
    own = mechanism.update(v, states | given, step)
    own = {x: states[x] + jnp.sign(dt) * (y - states[x]) for x, y in own.items()}
    return after(mechanism, states, v, dt, linear, shift, given) | own


def advance_drifting_gates(
    circuit: Circuit, gates: Gates, v: jax.Array, change: jax.Array, dt: jax.Array, ops: Ops
) -> Gates:
    """`advance_gates` over a step in whose middle the voltage is v, and which it changes by `change`; second order.

    Args:
        circuit: the circuit.
        gates: mechanism -> state -> (n_place,).
        v: (n_node,) [mV].
        change: (n_node,) [mV].
        dt: () [ms].
        ops: how to gather.

    Returns:
        The new states; those of pools as they were.
    """
    new: Gates = dict(gates)
    for layout in circuit.layout.channels:
        channel, old = dynamics(circuit, layout), gates[layout.name]
        if layout.writes or not layout.gates:
            continue

        def steady(u: jax.Array, channel: AbstractDynamics = channel) -> tuple[dict, dict]:
            rates = channel.rates(u)
            return {x: rate.x_inf for x, rate in rates.items()}, {x: rate.decay for x, rate in rates.items()}

        here, moves = at_places(circuit, layout, v, ops), at_places(circuit, layout, change, ops)
        (x_inf, decay), (drift, _) = jax.jvp(steady, (here,), (moves,))
        found = {x: drifting_step(old[x], x_inf=x_inf[x], decay=decay[x], drift=drift[x], dt=dt) for x in x_inf}
        given = circuit.inputs_now.get(layout.name, {})
        noise = _noise(channel, here, old | given)
        found |= {x: found[x] + noise[x] * noise_scale(decay[x], dt) for x in noise if x in found}
        found |= _others(channel, old, here, dt, rosenbrock, given, found, noise)
        new[layout.name] = {x: found[x] for x in layout.gates}
    return new


def initial_gates(circuit: Circuit, pools: Gates, v: jax.Array) -> Gates:
    """The gates and the other states of a run's start, as the mechanisms say: by default steady at that voltage.

    Args:
        circuit: the circuit.
        pools: mechanism -> state -> (n_place,), of the pools.
        v: (n_node,) [mV].

    Returns:
        mechanism -> state -> (n_place,), of the channels and pools.
    """
    gates: Gates = {}
    for layout in circuit.layout.channels:
        v_here = at_places(circuit, layout, v, PLAIN)
        known = layout.writes or not layout.gates
        given = circuit.inputs_now.get(layout.name, {})
        start = pools.get(layout.name, {}) if known else initial_states(dynamics(circuit, layout), v_here, {}, given)
        gates[layout.name] = {x: start[x] for x in layout.gates}
    return gates


def initial_states(
    mechanism: AbstractDynamics, v: jax.Array, concentrations: States, inputs: States | None = None
) -> States:
    """One mechanism's states at the start.

    Args:
        mechanism: the channel or pool.
        v: [mV], the initial voltage.
        concentrations: the shape of v [mM], the states that are concentrations, as their ions have them.
        inputs: the shape of v, its functions of time.

    Returns:
        All its states, of the shape of v.
    """
    inputs = inputs or {}
    given = concentrations | mechanism.initial(v)
    start = {x: jnp.broadcast_to(value, v.shape).astype(v.dtype) for x, value in given.items()}
    if mechanism.starts_steady:
        others = [*mechanism.rates(v), *mechanism.update(v, start | inputs, jnp.ones((), v.dtype))]
        system, names = _system(mechanism, start | inputs, v, [*others, *inputs])
        start |= dict(zip(names, steady_state(system, [start[x] for x in names]), strict=True))
    return start

"""The contract of a mechanism: the names of its states, currents and functions of time, found by tracing it."""

from typing import Any, NamedTuple

import jax
import numpy as np

from jaxsim.errors import must, unknown
from jaxsim.mechanisms.base import AbstractCurrent, AbstractDynamics, AbstractMechanism, AbstractPool, stacked
from jaxsim.mechanisms.point_process import AbstractPointProcess
from jaxsim.mechanisms.rates import Rate
from jaxsim.model.spec import parameter_values
from jaxsim.numerics.ode import dependence

# What `receive` sees of an event among the states: when it arrives, and its flag.
EVENT = ("t", "flag")


class Contract(NamedTuple):
    """What tracing a mechanism tells.

    Attributes:
        states: names of its states.
        carries: the ions that it carries, "" among them for none.
        inputs: names of its functions of time.
    """

    states: tuple[str, ...]
    carries: tuple[str, ...]
    inputs: tuple[str, ...]


def contract_of(mechanism: AbstractDynamics, dtype: np.dtype, placed: bool = False) -> Contract:
    """The names in a mechanism, found by tracing its methods without computing.

    Args:
        mechanism: with parameters stacked by instance.
        dtype: the model's floating-point type.
        placed: whether its parameters may be arrays for one instance, which its functions of time see.

    Returns:
        The `Contract`.

    Raises:
        KeyError: if it writes a state that it has not.
        TypeError: if its methods do not fit one another, or do not compute with JAX arrays.
        ValueError: if a state, a function of time or a noise has the name of another.
    """
    kind = type(mechanism).__name__
    scalar = jax.ShapeDtypeStruct((), dtype)
    one = stacked(mechanism, dict.fromkeys(mechanism.parameters(), scalar))
    try:
        inputs = _inputs(mechanism, kind, dtype, placed)
        seen = dict.fromkeys([*inputs, *mechanism.noises], scalar)
        states = _states(one, kind, scalar, seen)
        twice = [x for x in states if x in seen] + [x for x in inputs if x in mechanism.noises]
        if twice:
            raise ValueError(f"{kind} has {twice[0]!r} twice among its states, functions of time and noises.")
        _check_noise(one, kind, scalar, states, seen)
        if not isinstance(one, AbstractCurrent):
            return Contract(states, (), inputs)
        try:
            gates = dict.fromkeys([*states, *inputs], scalar)
            current = jax.eval_shape(lambda c, v, g: c.current(v, {**c.held(v, g), **g}), one, scalar, gates)
        except KeyError as error:
            raise TypeError(f"{kind}.current asks for the gate {error}; {kind}.rates gives {sorted(states)}.") from None
        return Contract(states, tuple(current) if isinstance(current, dict) else (one.carries,), inputs)
    except (jax.errors.TracerArrayConversionError, jax.errors.TracerBoolConversionError) as error:
        fix = "Use jax.numpy in place of numpy, and jnp.where in place of if."
        raise TypeError(
            f"{kind} must compute with JAX arrays, but needs a number before there is one. {fix}"
        ) from error


class Reception(NamedTuple):
    """What an event does to a point process.

    Attributes:
        adds: whether it adds the same to the states whatever they are, and these decay exponentially.
        timed: whether that depends on the time at which it arrives.
        numbers: names of what each connection keeps.
        waiting: how many events that it sends to itself may wait; 0 if it sends none.
    """

    adds: bool
    timed: bool
    numbers: tuple[str, ...]
    waiting: int


def reception_of(mechanism: AbstractMechanism, dtype: np.dtype) -> Reception:
    """What an event does to a point process, found by tracing.

    Args:
        mechanism: with parameters stacked by instance.
        dtype: the model's floating-point type.

    Returns:
        The `Reception`.

    Raises:
        KeyError: if it adds to what is no state.
        TypeError: if it receives no events.
    """
    kind = type(mechanism).__name__
    scalar = jax.ShapeDtypeStruct((), dtype)
    one = stacked(mechanism, dict.fromkeys(mechanism.parameters(), scalar))
    if not isinstance(one, AbstractPointProcess):
        raise TypeError(must("what events are sent to", "be a point process such as ExpSyn()", kind))
    states = _states(one, kind, scalar, dict.fromkeys(_inputs(mechanism, kind, dtype, placed=True), scalar))
    numbers = tuple(jax.eval_shape(lambda c: c.connection(), one))
    for x in numbers:
        if x in states or x in EVENT:
            raise ValueError(must(f"a number of a connection of {kind}", f"be no state and none of {EVENT}", x))
    seen, names = (*states, *numbers, *EVENT), []  # type: ignore[var-annotated]

    def jumps(v: Any, known: list[Any], weight: Any, process: AbstractPointProcess) -> list[jax.Array]:
        found = process.receive(weight, v, dict(zip(seen, known, strict=True)))
        names.extend(found)
        return list(found.values())

    try:
        pattern = dependence(jumps, scalar, [scalar] * len(seen), scalar, one)
    except KeyError as error:
        raise TypeError(f"{kind}.receive asks for the state {error}; it has {sorted(seen)}.") from None
    if not names:
        fix = f"Write {kind}.receive, or place a synapse such as ExpSyn()."
        raise TypeError(must("what events are sent to", "say what they add to its states", kind, fix))
    for x in names:
        if x not in (*states, *numbers):
            raise KeyError(unknown(f"state of {kind} (in its receive)", x, (*states, *numbers)))
    linear = jax.eval_shape(lambda c, v: c.rates(v), one, scalar)
    known = dict.fromkeys(seen, scalar)
    sent = jax.eval_shape(lambda c, w, v, x: c.sends(w, v, x), one, scalar, scalar, known)
    waiting = one.waiting if sent else 0
    adds = not (waiting or pattern[:, : 1 + len(seen)].any()) and set(names) <= set(linear)
    return Reception(adds, bool(pattern[:, len(seen) - 1].any()), numbers, waiting)


class OwnEvents(NamedTuple):
    """The events that a point process sends to itself, whether or not others are sent to it.

    Attributes:
        waiting: how many of them may wait; 0 if there are none.
        crossings: how many values it looks at.
    """

    waiting: int
    crossings: int


def own_events_of(mechanism: AbstractPointProcess, contract: Contract, dtype: np.dtype) -> OwnEvents:
    """The events that a point process sends to itself, found by tracing.

    Args:
        mechanism: with parameters stacked by instance.
        contract: its contract.
        dtype: the model's floating-point type.

    Returns:
        What it sends by itself.

    Raises:
        TypeError: if it asks for a state that it has not.
        ValueError: if room for no event is left.
    """
    kind = type(mechanism).__name__
    scalar = jax.ShapeDtypeStruct((), dtype)
    one = stacked(mechanism, dict.fromkeys(mechanism.parameters(), scalar))
    known = dict.fromkeys((*contract.states, "t"), scalar)
    try:
        looked_at = len(jax.eval_shape(lambda c, v, x: c.crossings(v, x), one, scalar, known))
    except KeyError as error:
        raise TypeError(f"{kind}.crossings asks for the state {error}; it has {sorted(known)}.") from None
    begun = len(jax.eval_shape(lambda c, v: c.sends_at_start(v), one, scalar))
    if mechanism.waiting < max(begun, 1):
        raise ValueError(must(f"{kind}.waiting", f"be at least {max(begun, 1)}", mechanism.waiting))
    return OwnEvents(mechanism.waiting if begun or looked_at else 0, looked_at)


def _inputs(mechanism: AbstractMechanism, kind: str, dtype: np.dtype, placed: bool) -> tuple[str, ...]:
    """The names of a mechanism's functions of time, each one number at a time."""
    shapes = {k: np.shape(x)[1:] if placed else () for k, x in parameter_values(mechanism).items()}
    one = stacked(mechanism, {k: jax.ShapeDtypeStruct(shape, dtype) for k, shape in shapes.items()})
    found = jax.eval_shape(lambda c, t: c.input(t), one, jax.ShapeDtypeStruct((), dtype))
    for name, value in found.items():
        if np.shape(value) != ():
            fix = f"with parameters of the right shape (here {shapes})"
            raise ValueError(must(f"{kind}.input[{name!r}]", f"be one number at a time t, {fix}", np.shape(value)))
    return tuple(found)


def _check_noise(
    one: AbstractDynamics, kind: str, scalar: jax.ShapeDtypeStruct, states: tuple[str, ...], seen: dict[str, Any]
) -> None:
    """Noise moves states."""
    if not one.noises:
        return
    known, xi = dict.fromkeys(states, scalar) | seen, dict.fromkeys(one.noises, scalar)
    try:
        found = jax.eval_shape(lambda c, v, x, xi: c.noise(v, x, xi), one, scalar, known, xi)
    except KeyError as error:
        raise TypeError(f"{kind}.noise asks for {error}; it has the noises {sorted(one.noises)}.") from None
    for x in found:
        if x not in states:
            raise KeyError(unknown(f"state of {kind} (in its noise)", x, states))


def _states(one: AbstractDynamics, kind: str, scalar: jax.ShapeDtypeStruct, given: dict[str, Any]) -> tuple[str, ...]:
    """The names of a mechanism's states: those of `rates`, then those of `derivative`."""
    rates = jax.eval_shape(lambda c, v: c.rates(v), one, scalar)
    wrong = {x: r for x, r in rates.items() if not isinstance(r, Rate)} if isinstance(rates, dict) else {"": rates}
    if wrong:
        fix = "Make one with alpha_beta(alpha, beta) or inf_tau(x_inf, tau)."
        raise TypeError(must(f"{kind}.rates", "return a dict of gate name -> Rate", wrong, fix))
    written = list(one.writes) if isinstance(one, AbstractPool) else []
    start = jax.eval_shape(lambda c, v: c.initial(v), one, scalar)
    names = dict.fromkeys([*rates, *start, *written])
    try:
        states = dict.fromkeys(names, scalar) | given
        derivative = jax.eval_shape(lambda c, v, x: c.derivative(v, x), one, scalar, states)
        own = jax.eval_shape(lambda c, v, x: c.update(v, x, v), one, scalar, states)
    except KeyError as error:
        raise TypeError(f"{kind}.derivative asks for {error}; {kind}.initial gives {sorted(start)}.") from None
    fix = "Give each state one equation, in rates or in derivative, and a start in initial."
    for x in names:
        kinds = (("rates", rates), ("derivative", derivative), ("update", own))
        equations = [name for name, kind_of in kinds if x in kind_of]
        if x in written and not equations:
            raise KeyError(unknown(f"state of {kind} (in its writes)", x, {**rates, **derivative, **own}))
        if len(equations) != 1:
            both = " and ".join(equations) or "neither rates nor derivative"
            raise TypeError(must(f"the state {x!r} of {kind}", "have one equation", both, fix))
    for x in (*derivative, *own):
        if x not in names or (x not in start and x not in written):
            raise TypeError(
                must(f"{kind}.initial", f"give {x!r}, of which derivative has the equation", sorted(start), fix)
            )
    return tuple(names)

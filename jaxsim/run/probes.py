"""What is read from a state: the recorded quantities of one instant."""

import jax

from jaxsim._struct import replace
from jaxsim.mechanisms.base import AbstractCurrent, AbstractDynamics, currents
from jaxsim.model.circuit import Circuit
from jaxsim.model.gates import shifted
from jaxsim.model.ions import Concentrations, Gates, at_places, dynamics, quantity, reading, states_of
from jaxsim.model.layout import ChannelLayout
from jaxsim.model.voltage import Solved
from jaxsim.numerics.indexing import Places
from jaxsim.numerics.ops import Ops


def observe(
    circuit: Circuit, v: jax.Array, gates: Gates, ions: Concentrations, lead: jax.Array | None, flowed: Solved, ops: Ops
) -> dict[str, jax.Array]:
    """The recorded quantities of the voltage's instant, each picked once and by one gather.

    Args:
        circuit: the circuit.
        v: (n_node,) [mV].
        gates: channel or pool -> state -> (n_place,).
        ions: the concentrations that change.
        lead: () [ms], how much later than v the channels' gates are: what is recorded is taken back by it; None for not
            at all.
        flowed: what flowed in the step before: the currents of clamps and ions.
        ops: how to gather.

    Returns:
        Quantity -> (n_picked,) values.
    """
    seen = {}
    wires = reading(circuit, ions, ops)
    for what in circuit.layout.probes:
        places = circuit.wiring.probes[what]
        name, _, which = what.rpartition(".")
        if what == "v":
            seen[what] = ops.pick(v, places)
        elif name in circuit.layout.clamps:
            seen[what] = ops.pick(flowed.clamp_current, places)
        elif name in circuit.ions:
            seen[what] = ops.pick(_of_ion(circuit, ions, name, which, flowed, ops), places)
        else:
            seen[what] = _of_mechanism(wires, name, which, v, gates, ions, lead, places, ops)
    return seen


def _of_ion(circuit: Circuit, ions: Concentrations, name: str, which: str, flowed: Solved, ops: Ops) -> jax.Array:
    """(n_node,) a quantity of an ion; its current [mA/cm2] is the mean of the step before."""
    if which == "i":
        per_area = circuit.per_area
        return flowed.ion_current[name] * (0.0 if per_area is None else per_area)
    return quantity(circuit, ions, name, which, ops)


def _of_mechanism(
    circuit: Circuit,
    name: str,
    which: str,
    v: jax.Array,
    gates: Gates,
    ions: Concentrations,
    lead: jax.Array | None,
    places: Places,
    ops: Ops,
) -> jax.Array:
    """A state or the current of one mechanism at the probes only: its parameters there, its gates at v's instant.

    What noise has moved cannot be computed back: it is as it is, half a step later in a staggered scheme.
    """
    layout: ChannelLayout = next(c for c in circuit.layout.channels if c.name == name)
    for w in layout.writes:
        if w.state == which:
            return ops.pick(at_places(circuit, layout, ions[w.ion][w.quantity], ops), places)
    mechanism = dynamics(circuit, layout)
    pick = lambda x: ops.pick(x, places)  # noqa: E731
    here: AbstractDynamics = replace(mechanism, **{k: pick(getattr(mechanism, k)) for k in mechanism.parameters()})  # type: ignore[type-var]
    v_here = pick(at_places(circuit, layout, v, ops))
    seen = states_of(circuit, layout, gates, ops)
    gates_here = {x: pick(value) for x, value in seen.items() if x not in layout.noises}
    if lead is not None and not layout.writes and not layout.noises:
        given = {k: gates_here.pop(k) for k in layout.inputs}
        gates_here = shifted(here, gates_here, v_here, -lead, given) | given
    if which != "i":
        return gates_here[which]
    if not isinstance(here, AbstractCurrent):
        raise TypeError(f"{name} must be an AbstractCurrent for its current to be recorded.")
    parts = list(currents(here, v_here, gates_here).values())
    return sum(parts[1:], parts[0])

"""The state of a model: everything that changes in time."""

import jax
import jax.numpy as jnp

from jaxsim._struct import Frozen, replace, static, struct
from jaxsim.model.circuit import Circuit, circuit, initial_voltage
from jaxsim.model.clock import Clock
from jaxsim.model.drive import inputs_at
from jaxsim.model.events import kept_at_start
from jaxsim.model.gates import initial_gates, shift_gates
from jaxsim.model.ions import Concentrations, Gates, reading
from jaxsim.model.model import Model
from jaxsim.model.pools import initial_concentrations
from jaxsim.numerics.ops import PLAIN


@struct
class State:
    """Everything that changes in time; what a simulation returns and continues from.

    Attributes:
        v: (n_node,) [mV], voltage of the nodes.
        gates: channel, pool or point process -> state -> (n_place,); train of events -> number that each connection
            keeps -> (n_train,); beside them the events that wait.
        ions: ion -> "inside" or "outside" -> (n_node,) [mM], the concentrations that pools change.
        clock: the time.
        ahead: () [ms], how much later than v the gates of channels are: half a step of a staggered scheme.
        before: (n_node,) [mV], voltage one step earlier; inf where it is not known, as the scheme does not look back.
        ions_before: as ions, one step earlier; inf where they are not known.
        nodes: (n_node,) int, the cable's node of each node: what tells one model's state from another's.
    """

    v: jax.Array
    gates: Gates
    ions: Concentrations
    clock: Clock
    ahead: jax.Array
    before: jax.Array
    ions_before: Concentrations
    nodes: Frozen | None = static(default=None)


def init(model: Model) -> State:
    """The state at time 0: the model's initial voltage and concentrations, gates at their steady state there.

    Args:
        model: the compiled cell.

    Returns:
        The initial `State`.
    """
    return replace(init_circuit(model, circuit(model)), nodes=model.nodes)


def init_circuit(model: Model, circuit: Circuit) -> State:
    """`init` for a model whose circuit is there."""
    v = initial_voltage(model.v, circuit.axial, circuit.wiring)
    zero = jnp.zeros((), v.dtype)
    circuit = replace(circuit, inputs_now=inputs_at(model, zero))
    clock = Clock(zero, zero, jnp.zeros((), jnp.int32))
    ions, pools = initial_concentrations(circuit, v)
    circuit = reading(circuit, ions, PLAIN)
    gates = initial_gates(circuit, pools, v)
    gates |= kept_at_start(circuit, v, gates)
    return State(v, gates, ions, clock, zero, jnp.full_like(v, jnp.inf), unknown_before(ions))


def unknown_before(ions: Concentrations) -> Concentrations:
    """What stands for concentrations one step earlier that are not known."""
    return jax.tree.map(lambda c: jnp.full_like(c, jnp.inf), ions)


def gates_moved(circuit: Circuit, state: State, ahead: jax.Array) -> Gates:
    """The gates as they are `ahead` [ms] after the state's voltage; to the bit as they were, if they already are."""
    moved = shift_gates(reading(circuit, state.ions, PLAIN), state.gates, state.v, ahead - state.ahead)
    same = ahead == state.ahead
    return jax.tree.map(lambda old, new: jnp.where(same, old, new), state.gates, moved)

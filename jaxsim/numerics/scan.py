"""The time loop: a plain scan, and one with a reverse rule for the whole simulation.

The rule keeps the state at the start of each of about sqrt(n_step) segments, runs a segment again when the backward
pass reaches it, and solves each step's adjoint system once; the forward solve is never repeated, because its solution
is what the second run of the segment stored. Memory grows with sqrt(n_step) x n_node.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxsim._struct import static, struct
from jaxsim.numerics.cotangents import Vary, instantiated, pick, placed, pulled, value, varies
from jaxsim.numerics.lanes import each_lane, over_lanes
from jaxsim.numerics.ops import PLAIN, Ops, forward_ops, replayed_ops

Step = Callable[[Any, Any, Any, Ops], tuple[Any, Any]]

# The axis of nodes in constants and states, and in what has one entry a step or segment.
_NODES, _EACH = 0, 1

# A step back moves about twice the arrays of a step (what the tape holds, and the cotangents): half the lanes at once
# (16 cells of 640 nodes in float32: 0.84 of the gradient's time; 128 of 200: 0.7).
_BACK_SHARE = 0.5


def plain_scan(step: Step, constants: Any, carry: Any, inputs: Any) -> tuple[Any, Any]:
    """`lax.scan` of the step; differentiable any way JAX can, at the memory of every step's intermediate values.

    Args:
        step: (constants, carry, input, ops) -> (carry, output).
        constants: pytree used by every step.
        carry: pytree of the state.
        inputs: pytree with a leading axis of n_step.

    Returns:
        The last carry, and the outputs with a leading axis of n_step.
    """
    return lax.scan(lambda c, x: step(constants, c, x, PLAIN), carry, inputs)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def checkpointed_scan(step: Step, constants: Any, carry: Any, inputs: Any) -> tuple[Any, Any]:
    """The same result as `plain_scan`, with the reverse rule of this module; reverse mode only.

    Args:
        step: (constants, carry, input, ops) -> (carry, output).
        constants: pytree used by every step.
        carry: pytree of the state, floating point.
        inputs: pytree with a leading axis of n_step.

    Returns:
        The last carry, and the outputs with a leading axis of n_step.
    """
    run = over_lanes(partial(_run, step), (_NODES, _NODES, _EACH))
    return run(constants, carry, inputs)


def _run(step: Step, lanes: int, constants: Any, carry: Any, inputs: Any) -> tuple[Any, Any]:
    ops = forward_ops(lanes)
    return lax.scan(lambda c, x: step(constants, c, each_lane(lanes, x), ops), carry, inputs)


@struct
class _Saved:
    """What the backward pass needs: the states at the segments' starts, and which arguments are differentiated."""

    constants: Any
    starts: Any
    tail_start: Any
    inputs: Any
    vary: Vary = static()


def _segments(n_step: int) -> tuple[int, int]:
    """Number and length of the segments; what is left over is one shorter segment at the end.

    A length near sqrt(n_step) that leaves nothing over is preferred: the rest would be compiled as loops of its own.
    """
    root = math.isqrt(n_step - 1) + 1 if n_step > 1 else 1
    length = next((k for k in range(root, 2 * root + 1) if n_step % k == 0), root)
    return n_step // length, length


def _split(inputs: Any, n_segment: int, length: int) -> tuple[Any, Any]:
    """Inputs as (n_segment, length, ...) and the rest."""
    full = n_segment * length
    head = jax.tree.map(lambda x: x[:full].reshape((n_segment, length, *x.shape[1:])), inputs)
    return head, jax.tree.map(lambda x: x[full:], inputs)


def _n_step(inputs: Any) -> int:
    return jax.tree.leaves(inputs)[0].shape[0]


def _forward(step: Step, constants: Any, carry: Any, inputs: Any) -> tuple[Any, _Saved]:
    vary = varies(constants), varies(inputs)
    constants, carry, inputs = value(constants), value(carry), value(inputs)
    run = over_lanes(partial(_run_segments, step), (_NODES, _NODES, _EACH))
    end, ys, starts, tail_start = run(constants, carry, inputs)
    return (end, ys), _Saved(constants, starts, tail_start, inputs, vary)


def _run_segments(step: Step, lanes: int, constants: Any, carry: Any, inputs: Any) -> tuple[Any, Any, Any, Any]:
    """The last state, the outputs, the states at the segments' starts and at that of the shorter one."""
    head, tail = _split(inputs, *_segments(_n_step(inputs)))
    ops = forward_ops(lanes)
    one = lambda c, x: step(constants, c, each_lane(lanes, x), ops)  # noqa: E731

    def segment(c: Any, xs: Any) -> tuple[Any, Any]:
        end, ys = lax.scan(one, c, xs)
        return end, (c, ys)

    middle, (starts, ys) = lax.scan(segment, carry, head)
    ys = jax.tree.map(lambda y: y.reshape((-1, *y.shape[2:])), ys)
    end = middle
    if _n_step(tail) > 0:
        end, ys_tail = lax.scan(one, middle, tail)
        ys = jax.tree.map(lambda a, b: jnp.concatenate([a, b]), ys, ys_tail)
    return end, ys, starts, middle


def _backward(step: Step, saved: _Saved, bars: tuple[Any, Any]) -> tuple[Any, Any, Any]:
    carry_bar, ys_bar = instantiated(bars)
    back = partial(_back, step, saved.vary)
    axes_in = (_NODES, _EACH, _NODES, _EACH, _NODES, _EACH)
    run = over_lanes(back, axes_in, share=_BACK_SHARE)
    arguments = (saved.constants, saved.starts, saved.tail_start, saved.inputs, carry_bar, ys_bar)
    return placed(saved.constants, saved.inputs, saved.vary, run(*arguments))


def _back(
    step: Step,
    vary: Vary,
    lanes: int,
    constants: Any,
    starts: Any,
    tail_start: Any,
    inputs: Any,
    carry_bar: Any,
    ys_bar: Any,
) -> tuple[list, Any, list]:
    """Cotangents of the constants that vary, of the carry, and of the inputs that vary."""
    head, tail = _split(inputs, *_segments(_n_step(inputs)))
    head_bar, tail_bar = _split(ys_bar, *_segments(_n_step(inputs)))
    total = (carry_bar, [jnp.zeros_like(leaf) for leaf in pick(constants, vary[0])[0]])
    back = partial(_segment_back, step, vary, lanes, constants)

    inputs_bar_tail = None
    if _n_step(tail) > 0:
        total, inputs_bar_tail = back(total, (tail_start, tail, tail_bar))
    (carry_bar, constants_bar), inputs_bar = lax.scan(back, total, (starts, head, head_bar), reverse=True)
    inputs_bar = [x.reshape((-1, *x.shape[2:])) for x in inputs_bar]
    if inputs_bar_tail is not None:
        inputs_bar = [jnp.concatenate(pair) for pair in zip(inputs_bar, inputs_bar_tail, strict=True)]
    return constants_bar, carry_bar, inputs_bar


def _segment_back(
    step: Step,
    vary: Vary,
    lanes: int,
    constants: Any,
    total: Any,
    x: Any,
) -> tuple[Any, Any]:
    """Run one segment again, keeping each step's state and solutions, then go back through it."""
    start, inputs, ys_bar = each_lane(lanes, x)

    def again(carry: Any, x: Any) -> tuple[Any, Any]:
        tape: list = []
        end, _ = step(constants, carry, x, forward_ops(lanes, tape))
        return end, (carry, tuple(tape))

    _, (states, tapes) = lax.scan(again, start, inputs)

    def back(total: Any, x: Any) -> tuple[Any, Any]:
        carry_bar, constants_bar = total
        state, tape, inputs, y_bar = x
        replay = lambda c, s, i: step(c, s, i, replayed_ops(lanes, tape))  # noqa: E731
        more, carry_bar, drive_bar = pulled(replay, vary, constants, state, inputs, (carry_bar, y_bar))
        return (carry_bar, jax.tree.map(jnp.add, constants_bar, more)), drive_bar

    return lax.scan(back, total, (states, tapes, inputs, ys_bar), reverse=True)


checkpointed_scan.defvjp(_forward, _backward, symbolic_zeros=True)

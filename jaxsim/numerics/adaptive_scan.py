"""A time loop that chooses its steps, with a reverse rule for the whole simulation.

A step that deviates too much is taken again, smaller (`step_control`). How many steps a run takes is known at its end.

The rule keeps the states at the start of each of at most sqrt(n_grid) segments of steps, runs a segment again when the
backward pass reaches it, and solves each step's adjoint system once, as `checkpointed_scan`. The choice of the steps is
not differentiated: the derivative is that of a run with the steps that this one took.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxsim._struct import static, struct
from jaxsim.numerics.cotangents import Vary, instantiated, pick, placed, pulled, value, varies
from jaxsim.numerics.lanes import each_lane, over_lanes
from jaxsim.numerics.ops import PLAIN, Ops, forward_ops, replayed_ops
from jaxsim.numerics.step_control import KNOWN, Acting, Grid, Span, Taken, Trial, Watch, lower_level, next_level

_NODES, _EACH = 0, 1  # the axis of nodes in constants and states, and in what has one entry a step or segment

Step = Callable[[Any, Any, Any, Span, Ops], tuple[Any, Any]]


@struct
class _Loop:
    """What the loop carries.

    Attributes:
        at: () int32, intervals done.
        level: () int32, of the next step, where it may be so long.
        carry: the state.
        past: of the state before the last step.
        h1: () int32, length of the last step, 0 at the start.
        h2: () int32, length of the one before.
        outputs: a row a step.
        taken: the steps.
    """

    at: jax.Array
    level: jax.Array
    carry: Any
    past: Any
    h1: jax.Array
    h2: jax.Array
    outputs: Any
    taken: Taken


def plain_adaptive_scan(
    step: Step, watch: Watch, grid: Grid, constants: Any, carry: Any, inputs: Acting
) -> tuple[Any, Any, Taken]:
    """`adaptive_scan` that JAX differentiates itself, in forward mode; arguments and results are the same."""
    return _whole(step, watch, grid, PLAIN, constants, carry, inputs)


@partial(jax.custom_vjp, nondiff_argnums=(0, 1, 2))
def adaptive_scan(
    step: Step, watch: Watch, grid: Grid, constants: Any, carry: Any, inputs: Acting
) -> tuple[Any, Any, Taken]:
    """A run with steps of its own choice; reverse mode only. The lanes of a batch take the same steps.

    Args:
        step: (constants, carry, input, span, ops) -> (carry, output).
        watch: how far a step deviates.
        grid: the steps that there can be.
        constants: pytree used by every step.
        carry: pytree of the state, floating point.
        inputs: what acts from outside.

    Returns:
        The last carry; the outputs with a leading axis of n_grid, of which the first `count` mean something; the steps.
    """
    run = over_lanes(partial(_run, step, watch, grid), (_NODES, _NODES, _EACH), together=True)
    return run(constants, carry, inputs)


def _run(
    step: Step, watch: Watch, grid: Grid, lanes: int, constants: Any, carry: Any, inputs: Acting
) -> tuple[Any, Any, Taken]:
    return _whole(step, watch, grid, forward_ops(lanes), constants, carry, each_lane(lanes, inputs))


def _whole(
    step: Step, watch: Watch, grid: Grid, ops: Ops, constants: Any, carry: Any, inputs: Acting
) -> tuple[Any, Any, Taken]:
    """The run, without derivative rules."""
    loop = _start(step, watch, grid, constants, carry, inputs, ops)
    return _finished(_while(step, watch, grid, constants, inputs, ops, loop))


def _finished(loop: _Loop) -> tuple[Any, Any, Taken]:
    return loop.carry, loop.outputs, loop.taken


def _start(step: Step, watch: Watch, grid: Grid, constants: Any, carry: Any, inputs: Acting, ops: Ops) -> _Loop:
    zero = jnp.zeros((), jnp.int32)
    span = Span(*(jnp.ones((), _real(carry)) for _ in range(2)))
    _, output = jax.eval_shape(
        lambda c, x: step(constants, c, x, span, ops), carry, _read(inputs, grid.rows(zero, zero))
    )
    outputs = jax.tree.map(lambda y: jnp.zeros((grid.n, *y.shape), y.dtype), output)
    taken = Taken(jnp.zeros(grid.n, jnp.int32), jnp.zeros(grid.n, jnp.int32), zero)
    return _Loop(zero, zero, carry, watch.remember(carry), zero, zero, outputs, taken)


def _real(carry: Any) -> Any:
    return jax.tree.leaves(carry)[0].dtype


def _entry(tree: Any, k: jax.Array) -> Any:
    return jax.tree.map(lambda x: lax.dynamic_index_in_dim(x, k, keepdims=False), tree)


def _read(inputs: Acting, rows: Acting) -> Acting:
    return Acting(*(_entry(part, row) for part, row in zip(inputs, rows, strict=True)))


def _spread(inputs: Acting, rows: Acting) -> Acting:
    """The row of each leaf."""
    return Acting(*(jax.tree.map(lambda _, k=row: k, part) for part, row in zip(inputs, rows, strict=True)))


def _put(tree: Any, values: Any, k: jax.Array) -> Any:
    return jax.tree.map(lambda a, x: lax.dynamic_update_index_in_dim(a, x, k, 0), tree, values)


def _while(
    step: Step,
    watch: Watch,
    grid: Grid,
    constants: Any,
    inputs: Acting,
    ops: Ops,
    loop: _Loop,
    stop: jax.Array | None = None,
) -> _Loop:
    """Trials until the end of the grid, or until `stop` steps are taken.

    A trial writes its output, begin and level in the row of the next step: what is not accepted is overwritten.
    """

    def trial(loop: _Loop) -> _Loop:
        level = jnp.minimum(loop.level, grid.largest(loop.at))
        h = jnp.int32(1) << level
        dtype, count = _real(loop.carry), loop.taken.count
        x = _read(inputs, grid.rows(loop.at, level))
        carry, output = step(constants, loop.carry, x, Span(h.astype(dtype), loop.h1.astype(dtype)), ops)
        lengths = (jnp.maximum(n, 1).astype(dtype) for n in (h, loop.h1, loop.h2))
        deviation = watch.deviation(constants, x, Trial(loop.carry, carry, loop.past, *lengths))
        deviation = jnp.where(count < KNOWN, jnp.inf, lax.stop_gradient(deviation))
        good = (deviation <= 1.0) | (level == 0)
        either = lambda a, b: jax.tree.map(lambda x, y: jnp.where(good, x, y), a, b)  # noqa: E731
        return _Loop(
            at=jnp.where(good, loop.at + h, loop.at),
            level=jnp.where(good, next_level(level, deviation, grid), lower_level(level, deviation)),
            carry=either(carry, loop.carry),
            past=either(watch.remember(loop.carry), loop.past),
            h1=jnp.where(good, h, loop.h1),
            h2=jnp.where(good, loop.h1, loop.h2),
            outputs=_put(loop.outputs, output, count),
            taken=Taken(
                _put(loop.taken.begin, loop.at, count),
                _put(loop.taken.level, level, count),
                count + good.astype(np.int32),
            ),
        )

    def going(loop: _Loop) -> jax.Array:
        more = loop.at < grid.n
        return more if stop is None else more & (loop.taken.count < stop)

    return lax.while_loop(going, trial, loop)


@struct
class _Saved:
    """What the backward pass needs: the states at the segments' starts, the steps, and what is differentiated."""

    constants: Any
    starts: Any
    inputs: Acting
    taken: Taken
    vary: Vary = static()


def _segment_length(grid: Grid) -> int:
    return math.isqrt(grid.n - 1) + 1 if grid.n > 1 else 1


def _forward(step: Step, watch: Watch, grid: Grid, constants: Any, carry: Any, inputs: Acting) -> tuple[Any, _Saved]:
    vary = varies(constants), varies(inputs)
    constants, carry, inputs = value(constants), value(carry), value(inputs)
    run = over_lanes(partial(_run_segments, step, watch, grid), (_NODES, _NODES, _EACH), together=True)
    end, outputs, taken, starts = run(constants, carry, inputs)
    return (end, outputs, taken), _Saved(constants, starts, inputs, taken, vary)


def _run_segments(
    step: Step, watch: Watch, grid: Grid, lanes: int, constants: Any, carry: Any, inputs: Acting
) -> tuple[Any, Any, Taken, Any]:
    """`_run`, and the states at the segments' starts."""
    ops, length, inputs = forward_ops(lanes), _segment_length(grid), each_lane(lanes, inputs)
    starts = jax.tree.map(lambda x: jnp.zeros((-(-grid.n // length), *x.shape), x.dtype), carry)

    def segment(outer: tuple[jax.Array, Any, _Loop]) -> tuple[jax.Array, Any, _Loop]:
        k, starts, loop = outer
        starts = _put(starts, loop.carry, k)
        stop = (k + 1) * np.int32(length)
        return k + 1, starts, _while(step, watch, grid, constants, inputs, ops, loop, stop)

    loop = _start(step, watch, grid, constants, carry, inputs, ops)
    first = jnp.zeros((), jnp.int32), starts, loop
    _, starts, loop = lax.while_loop(lambda outer: outer[2].at < grid.n, segment, first)
    return *_finished(loop), starts


def _backward(step: Step, watch: Watch, grid: Grid, saved: _Saved, bars: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    carry_bar, outputs_bar = instantiated(bars[:2])
    back = partial(_back, step, grid, saved.vary)
    run = over_lanes(back, (_NODES, _EACH, _EACH, _NODES, _NODES, _EACH), together=True)
    arguments = (saved.constants, saved.starts, saved.inputs, saved.taken, carry_bar, outputs_bar)
    return placed(saved.constants, saved.inputs, saved.vary, run(*arguments))


def _back(
    step: Step,
    grid: Grid,
    vary: Vary,
    lanes: int,
    constants: Any,
    starts: Any,
    inputs: Acting,
    taken: Taken,
    carry_bar: Any,
    outputs_bar: Any,
) -> tuple[list, Any, list]:
    """Cotangents of the constants that vary, of the carry, and of the inputs that vary."""
    length = _segment_length(grid)
    starts, inputs, outputs_bar = each_lane(lanes, (starts, inputs, outputs_bar))
    again = _Again(step, grid, lanes, constants, inputs, taken)

    def segment(loop: tuple[jax.Array, _Bars]) -> tuple[jax.Array, _Bars]:
        k = loop[0] - 1
        first = k * np.int32(length)
        n = jnp.minimum(np.int32(length), taken.count - first)
        states, tapes = again.run(_entry(starts, k), first, n, length)

        def back(i: jax.Array, bars: _Bars) -> _Bars:
            j = n - 1 - i
            return again.pull(
                first + j, _entry(states, j), _entry(tapes, j), vary, bars, _entry(outputs_bar, first + j)
            )

        return k, lax.fori_loop(jnp.int32(0), n, back, loop[1])

    n_segment = (taken.count + np.int32(length - 1)) // np.int32(length)
    zeros = lambda tree, flags: [jnp.zeros_like(x) for x in pick(tree, flags)[0]]  # noqa: E731
    bars = carry_bar, zeros(constants, vary[0]), zeros(inputs, vary[1])
    _, (carry_bar, constants_bar, inputs_bar) = lax.while_loop(lambda loop: loop[0] > 0, segment, (n_segment, bars))
    return constants_bar, carry_bar, inputs_bar


# cotangents of the state, of the constants that vary and of the inputs that vary
_Bars = tuple[Any, list, list]


class _Again(NamedTuple):
    """The steps that a run took, made again and gone back through."""

    step: Step
    grid: Grid
    lanes: int
    constants: Any
    inputs: Acting
    taken: Taken

    def where(self, k: jax.Array, dtype: Any) -> tuple[Acting, Span]:
        """What the k-th step read, and its length."""
        one, level = jnp.int32(1), self.taken.level[k]
        before = jnp.where(k > 0, one << self.taken.level[jnp.maximum(k - 1, 0)], 0)
        return self.grid.rows(self.taken.begin[k], level), Span((one << level).astype(dtype), before.astype(dtype))

    def forward(self, carry: Any, k: jax.Array) -> tuple[Any, tuple[Any, ...]]:
        """The state after the k-th step, and what its adjoint needs."""
        tape: list = []
        rows, span = self.where(k, _real(carry))
        ops = forward_ops(self.lanes, tape)
        end, _ = self.step(self.constants, carry, _read(self.inputs, rows), span, ops)
        return end, tuple(tape)

    def run(self, start: Any, first: jax.Array, n: jax.Array, length: int) -> tuple[Any, Any]:
        """The states before n steps and what their adjoints need, in arrays of `length`."""

        def advance(i: jax.Array, loop: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
            carry, states, tapes = loop
            end, tape = self.forward(carry, first + i)
            return end, _put(states, carry, i), _put(tapes, tape, i)

        tape = jax.eval_shape(lambda carry: self.forward(carry, first)[1], start)
        states, tapes = jax.tree.map(lambda x: jnp.zeros((length, *x.shape), x.dtype), (start, tape))
        return lax.fori_loop(jnp.int32(0), n, advance, (start, states, tapes))[1:]

    def pull(
        self,
        k: jax.Array,
        state: Any,
        tape: Any,
        vary: Vary,
        bars: _Bars,
        output_bar: Any,
    ) -> _Bars:
        """Back through the k-th step."""
        carry_bar, constants_bar, inputs_bar = bars
        rows, span = self.where(k, _real(carry_bar))
        x = _read(self.inputs, rows)
        replay = lambda c, s, i: self.step(c, s, i, span, replayed_ops(self.lanes, tape))  # noqa: E731
        more, carry_bar, drive_bar = pulled(replay, vary, self.constants, state, x, (carry_bar, output_bar))
        at = pick(_spread(self.inputs, rows), vary[1])[0]
        inputs_bar = [_put(bar, new, row) for bar, new, row in zip(inputs_bar, drive_bar, at, strict=True)]
        return carry_bar, jax.tree.map(jnp.add, constants_bar, more), inputs_bar


adaptive_scan.defvjp(_forward, _backward, symbolic_zeros=True)

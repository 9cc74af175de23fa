"""The checkpointed time loop is the plain one, in value and in every gradient, for any number of steps."""

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsim._struct import replace, struct
from jaxsim.numerics import lanes
from jaxsim.numerics.scan import checkpointed_scan, plain_scan
from jaxsim.numerics.tree_solve import Forest


@struct
class Constants:
    """Floating-point constants, and integers that only say where."""

    gain: jax.Array
    order: jax.Array
    inverse: jax.Array
    forest: Forest
    s: jax.Array
    g: jax.Array


def short_step(constants: Constants, carry, x, ops):
    """A damped nonlinear map, driven by a number and switched by a bool; quick to compile."""
    a, b = carry
    a = 0.5 * a + constants.gain * jnp.sin(b) + jnp.where(jnp.tile(x["on"], 4), x["drive"], 0.0)
    return (a, b - 0.1 * a), {"a": a[: 2 * ops.lanes], "b": b.reshape(-1, ops.lanes).sum(axis=0)}


def step(constants: Constants, carry, x, ops):
    """The same kind of map with two solutions of one matrix and a gather, whose derivatives depend on the loop."""
    a, b = carry
    moved = ops.gather(a, constants.order, constants.inverse, ops.lanes)
    drive = jnp.where(jnp.tile(x["on"], 4), x["drive"], 0.0)
    s = constants.s + b**2
    change, again = ops.change(constants.forest, s, constants.g, constants.gain * jnp.sin(moved) + drive, a)
    a = again(jnp.cos(a + change) + b)
    return (a, 0.9 * b + 0.1 * jnp.cos(a)), {"a": a[: 2 * ops.lanes], "b": b.reshape(-1, ops.lanes).sum(axis=0)}


def arguments(n_step: int, dtype: np.dtype) -> tuple:
    rng = np.random.default_rng(n_step)
    number = lambda *shape: jnp.asarray(rng.uniform(0.5, 1.5, shape), dtype)  # noqa: E731
    forest = Forest(jnp.asarray([0, 0, 1, 1], jnp.int32))
    order, inverse = jnp.asarray([2, 0, 3, 1], jnp.int32), jnp.asarray([1, 3, 0, 2], jnp.int32)
    constants = Constants(number(4), order, inverse, forest, number(4), number(4).at[0].set(0.0))
    inputs = {"drive": number(n_step, 4), "on": jnp.asarray(rng.random((n_step, 1)) < 0.7)}
    return constants, (number(4), number(4)), inputs


def weights(n_step: int, dtype: np.dtype) -> jax.Array:
    return jnp.asarray(np.random.default_rng(99).normal(size=n_step), dtype)


def value_and_gradients(scan, n_step: int, dtype: np.dtype, step=step):
    """A loss of all outputs and the last carry, differentiated for constants, carry and inputs."""
    constants, carry, inputs = arguments(n_step, dtype)
    w = weights(n_step, dtype)

    def loss(floats, carry, drive):
        gain, s, g = floats
        full = replace(constants, gain=gain, s=s, g=g)
        (a, b), seen = scan(step, full, carry, {"drive": drive, "on": inputs["on"]})
        total = (w[:, None] * seen["b"]).sum() + (w[:, None] * seen["a"]).sum() + (a * b).sum()
        return total, (a, b, seen)

    run = jax.jit(jax.value_and_grad(loss, argnums=(0, 1, 2), has_aux=True))
    return run((constants.gain, constants.s, constants.g), carry, inputs["drive"])


def assert_same(pair) -> None:
    (checkpointed, found), (plain, expected) = pair
    for a, b in zip(jax.tree.leaves(checkpointed), jax.tree.leaves(plain), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("n_step", [1, 2, 3, 7, 16, 17, 100])
def test_any_number_of_steps_gives_the_plain_loops_value_and_gradients(x64, n_step):
    double = np.dtype("float64")
    assert_same([value_and_gradients(scan, n_step, double, short_step) for scan in (checkpointed_scan, plain_scan)])


def test_solves_and_gathers_give_the_plain_loops_value_and_gradients(x64):
    assert_same([value_and_gradients(scan, 7, np.dtype("float64")) for scan in (checkpointed_scan, plain_scan)])


@pytest.mark.slow
def test_single_precision_gradient():
    single = np.dtype("float32")
    (_, found), (_, expected) = (
        value_and_gradients(s, 17, single, short_step) for s in (checkpointed_scan, plain_scan)
    )
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        assert a.dtype == single
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-5 * float(jnp.abs(b).max()))


def test_integer_and_unperturbed_leaves_need_no_gradient(x64):
    """Differentiating the gain alone gives what differentiating everything gives for it."""
    constants, carry, inputs = arguments(7, np.dtype("float64"))

    def loss(scan, gain):
        return scan(short_step, replace(constants, gain=gain), carry, inputs)[1]["b"].sum()

    a, b = (jax.jit(jax.grad(partial(loss, s)))(constants.gain) for s in (checkpointed_scan, plain_scan))
    np.testing.assert_allclose(a, b, rtol=1e-10)


def test_gradient_of_the_last_carry_alone(x64):
    """No cotangent reaches the outputs: they count as zero."""
    constants, carry, inputs = arguments(7, np.dtype("float64"))
    last = lambda scan: jax.jit(jax.grad(lambda c: scan(short_step, constants, c, inputs)[0][0].sum()))(carry)  # noqa: E731
    for a, b in zip(last(checkpointed_scan), last(plain_scan), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)


@pytest.fixture
def small_chunks(monkeypatch):
    """Chunks of two lanes, so that a few lanes need several, the last one not full."""
    monkeypatch.setattr(lanes, "_chunks", lambda nodes, itemsize, size, share: (min(size, 2), math.ceil(size / 2)))


@pytest.mark.parametrize("n", [1, 3, 4])
@pytest.mark.parametrize("what", ["carry", "constants", "inputs", "all"])
def test_under_vmap(x64, small_chunks, n, what):
    """A batch of values and gradients is the values and gradients of a batch, whatever is batched."""
    constants, carry, inputs = arguments(7, np.dtype("float64"))

    def loss(gain, s, a, drive):
        full = replace(constants, gain=gain, s=s)
        (a, _), seen = checkpointed_scan(step, full, (a, carry[1]), {**inputs, "drive": drive})
        return seen["b"].sum() + (seen["a"] ** 2).sum() + a[1], (a, seen)

    def case(k):
        of = lambda name: 1.0 + (0.3 * k if what in (name, "all") else 0.0)  # noqa: E731
        scaled = of("constants") * constants.gain, of("constants") * constants.s
        return *scaled, of("carry") * carry[0], of("inputs") * inputs["drive"]

    run = jax.value_and_grad(loss, argnums=(0, 1, 2, 3), has_aux=True)
    alone = jax.jit(run)
    expected = jax.tree.map(lambda *x: jnp.stack(x), *[alone(*case(k)) for k in range(n)])
    batch = jax.tree.map(lambda *x: jnp.stack(x), *[case(k) for k in range(n)])
    in_axes = [0 if what in (name, "all") else None for name in ("constants", "constants", "carry", "inputs")]
    given = [x if axis == 0 else x[0] for x, axis in zip(batch, in_axes, strict=True)]
    found = jax.jit(jax.vmap(run, in_axes))(*given)
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_a_batch_of_batches_is_one_batch(x64, small_chunks):
    """vmap of vmap, one over a constant and one over the state, and the gradient of a shared one outside both."""
    constants, carry, inputs = arguments(5, np.dtype("float64"))

    def loss(shared, scale, gain):
        full = replace(constants, gain=gain * constants.gain, s=shared * constants.s)
        return checkpointed_scan(step, full, (scale * carry[0], carry[1]), inputs)[1]["b"].sum()

    scales, gains = jnp.asarray([0.5, 1.0, 2.0]), jnp.asarray([0.9, 1.1])
    outer = lambda shared: jax.vmap(lambda k: jax.vmap(lambda g: loss(shared, k, g))(gains))(scales)  # noqa: E731
    alone = jax.jit(jax.value_and_grad(loss))
    each = [[alone(1.0, k, g) for g in gains] for k in scales]
    np.testing.assert_allclose(jax.jit(outer)(1.0), [[v for v, _ in row] for row in each], rtol=1e-10)
    total = jax.jit(jax.grad(lambda x: outer(x).sum()))(1.0)
    np.testing.assert_allclose(total, sum(g for row in each for _, g in row), rtol=1e-10)


def test_a_batch_of_trees_takes_the_general_way(x64):
    """Integer arrays cannot lie side by side: other connections in each lane still give each lane's result."""
    constants, carry, inputs = arguments(5, np.dtype("float64"))
    parents = jnp.asarray([[0, 0, 1, 1], [0, 0, 0, 2]], jnp.int32)
    run = lambda p: checkpointed_scan(step, replace(constants, forest=Forest(p)), carry, inputs)[1]["b"]  # noqa: E731
    together = jax.jit(jax.vmap(run))(parents)
    for row, p in zip(together, parents, strict=True):
        np.testing.assert_allclose(row, jax.jit(run)(p), rtol=1e-12)


def test_forward_mode_is_refused_with_the_checkpointed_loop(x64):
    constants, carry, inputs = arguments(3, np.dtype("float64"))
    with pytest.raises(TypeError, match="forward-mode"):
        jax.jvp(lambda c: checkpointed_scan(short_step, constants, c, inputs)[0], (carry,), (carry,))


def test_memory_of_the_gradient_grows_with_the_root_of_the_number_of_steps():
    """Sixteen times the steps: the plain loop keeps sixteen times as much, the checkpointed one about four times."""

    def temporary(scan, n_step):
        constants, carry, inputs = arguments(n_step, np.dtype("float32"))
        drive = lambda c: scan(short_step, constants, c, inputs)[0][0].sum()  # noqa: E731
        return jax.jit(jax.grad(drive)).lower(carry).compile().memory_analysis().temp_size_in_bytes

    few, many = (temporary(checkpointed_scan, n) for n in (400, 6400))
    plain = temporary(plain_scan, 6400)
    assert many < 6 * few
    assert many < plain / 10


def test_jacobian_of_one_run(x64):
    """jax.jacrev batches the cotangents alone: all lanes share the states, the inputs and the constants."""
    constants, carry, inputs = arguments(7, np.dtype("float64"))
    jacobian = lambda scan: jax.jit(jax.jacrev(lambda c: scan(step, constants, c, inputs)[1]["b"]))(carry)  # noqa: E731
    for a, b in zip(jacobian(checkpointed_scan), jacobian(plain_scan), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-14)


def test_what_all_lanes_share_is_in_memory_once():
    """A batch with one drive needs less memory than one copy of it for each lane."""
    n_step, n = 1000, 64
    constants, carry, inputs = arguments(n_step, np.dtype("float32"))

    def temporary(run, *batch):
        return jax.jit(jax.vmap(run)).lower(*batch).compile().memory_analysis().temp_size_in_bytes

    last = lambda c, x: checkpointed_scan(short_step, constants, c, x)[0][0]  # noqa: E731
    a_copy_each = inputs["drive"].nbytes * n
    every = jax.tree.map(lambda x: jnp.broadcast_to(x, (n, *x.shape)), (carry, inputs))
    assert temporary(lambda c: last(c, inputs), every[0]) < a_copy_each / 4
    assert temporary(lambda c: jax.grad(lambda c: last(c, inputs).sum())(c), every[0]) < a_copy_each / 2
    assert temporary(last, *every) >= a_copy_each

"""A batch of simulations side by side: the layout that `jax.vmap` of a time loop gets.

`jax.vmap` puts the batch first, (batch, n_node); on a CPU the solve then strides through memory and the loop falls
apart (2 to 3 times slower). A function of this module is written for flat arrays (n_node * lanes,), the lanes of one
node next to each other, and its batching rule lays a batch out so, in chunks of lanes that fit the second-level cache.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.custom_batching import custom_vmap

from jaxsim._struct import struct
from jaxsim.tune import short_loops_stay, time_loop_is_native

# Of an array in one chunk: the arrays of a step then stay in a core's second-level cache.
_CHUNK_BYTES = 49152
# Where the time loop is native code, more chunks cost nothing: arrays of few nodes then stay in the first-level cache
# (1,024 points in float32 take 0.75 of the time), rows of lanes at least as long as two vector registers.
_FIRST_LEVEL_BYTES, _ROW_BYTES = 1024, 128
_STRIP, _TURNED_AT_ONCE = 16, 2**15  # rows turned at once, and up to how many numbers are turned whole
_VECTOR = 16  # lanes are a multiple of this where there are many: full vector registers in the solve
# Untold, XLA unrolls the solve's loops over fewer lanes than 16 to scalar instructions. From 4 on it is then worth
# leaving the cache: 64 cells of 696 nodes in float64 take half the time, their gradient too.
_UNROLLED = range(4, _VECTOR)
_FEWEST = 8  # lanes that are not made fewer to spare memory


def over_lanes(
    function: Callable[..., Any], axes_in: Sequence[int], together: bool = False, share: float = 1.0
) -> Callable[..., Any]:
    """A function of flat arrays whose `jax.vmap` runs lanes side by side.

    Args:
        function: (lanes, *arguments) -> tuple of results. Every floating-point or bool array has its nodes times lanes
            along its last axis and is treated lane by lane; integer arrays and arrays without that axis are shared by
            all lanes. Where an argument has an entry a step, an array may come as `Shared`: see `each_lane`.
        axes_in: which axis is the last, that of the nodes, in the arrays of each argument: 0, or 1 after an axis of
            steps.
        together: whether all lanes of a batch take the same course: they are one chunk however many they are, and share
            the results that are integers.
        share: of the usual number of lanes in a chunk, for a function with more arrays.

    Returns:
        The function of the arguments of one lane.
    """
    one = custom_vmap(partial(function, 1))
    lay = _Layout(function, tuple(axes_in), together, share)

    @one.def_vmap
    def rule(size: int, batched: Any, *arguments: Any) -> Any:
        flags = tuple(jax.tree.leaves(batched))
        alone = _by_itself(lay, flags, arguments)
        results = _batch(lay, size, flags, alone)(*arguments)
        return results, _own(results, together and not alone)

    @jax.custom_jvp
    def differentiable(*arguments: Any) -> Any:
        return one(*arguments)

    @differentiable.defjvp
    def derivative(primals: Any, tangents: Any) -> Any:
        """JAX cannot transpose a function with a batching rule: derivatives (of derivatives) do without the layout."""
        return jax.jvp(partial(function, 1), primals, tangents)

    return differentiable


@struct
class Shared:
    """An array (n_step, n) that all lanes have in common: once in memory until a function needs it `each_lane`."""

    value: jax.Array


def each_lane(lanes: int, tree: Any) -> Any:
    """The arrays of a tree with each `Shared` (..., n) repeated for its lanes: (..., n * lanes)."""
    return jax.tree.map(lambda x: jnp.repeat(x.value, lanes, -1) if _is_shared(x) else x, tree, is_leaf=_is_shared)


def _is_shared(x: Any) -> bool:
    return isinstance(x, Shared)


class _Layout(NamedTuple):
    """A function of flat arrays, and where its arrays have their nodes."""

    function: Callable[..., Any]
    axes_in: tuple[int, ...]
    together: bool
    share: float


def _own(results: Any, share_integers: bool) -> Any:
    """Which results each lane has for itself."""
    return jax.tree.map(lambda y: not (share_integers and jnp.issubdtype(y.dtype, jnp.integer)), results)


def _by_itself(lay: _Layout, flags: tuple[bool, ...], arguments: tuple[Any, ...]) -> bool:
    """Whether arrays are batched that all lanes share: each lane is then run by `jax.vmap`, in its slower layout."""
    leaves = zip(jax.tree.leaves(arguments), _leaf_axes(arguments, lay.axes_in), flags, strict=True)
    return any(flag and not _has_lanes(x, axis, 1) for x, axis, flag in leaves)


def _batch(lay: _Layout, size: int, flags: tuple[bool, ...], alone: bool) -> Callable[..., Any]:
    """The function of a batch of `size`; `flags` tells the leaves that have the batch axis (first).

    `alone` is what `_by_itself` says of it.
    """
    many = custom_vmap(lambda *arguments: _run(lay, size, flags, alone, arguments))

    @many.def_vmap
    def rule(outer: int, batched: Any, *arguments: Any) -> Any:
        """A batch of batches is one larger batch."""
        leaves, tree = jax.tree.flatten(arguments)
        outer_flags = jax.tree.leaves(batched)
        if lay.together and not alone and _by_itself(lay, tuple(outer_flags), arguments):
            in_axes = jax.tree.unflatten(tree, [0 if flag else None for flag in outer_flags])
            results = jax.vmap(lambda *a: _run(lay, size, flags, alone, a), in_axes=in_axes, axis_size=outer)(
                *arguments
            )
            return results, jax.tree.map(lambda _: True, results)
        merged = [_merge(x, a, size, b, outer) for x, a, b in zip(leaves, flags, outer_flags, strict=True)]
        either = tuple(a or b for a, b in zip(flags, outer_flags, strict=True))
        larger = jax.tree.unflatten(tree, merged)
        each = _by_itself(lay, either, larger)
        whole = _batch(lay, outer * size, either, each)(*larger)
        own = _own(whole, lay.together and not each)
        split = jax.tree.map(lambda y, o: y.reshape(outer, size, *y.shape[1:]) if o else y, whole, own)
        return split, own

    return many


def _merge(x: jax.Array, inner: bool, size: int, outer_flag: bool, outer: int) -> jax.Array:
    """A leaf of a batch of batches, with one batch axis if it has any."""
    if inner and outer_flag:
        return x.reshape(outer * size, *x.shape[2:])
    if outer_flag:
        return jnp.repeat(x, size, axis=0)
    return jnp.tile(x, (outer,) + (1,) * (x.ndim - 1)) if inner else x


def _run(lay: _Layout, size: int, flags: tuple[bool, ...], alone: bool, arguments: tuple[Any, ...]) -> Any:
    """Lay the batch out, run it chunk by chunk, and put the batch axis first again."""
    leaves, tree = jax.tree.flatten(arguments)
    axes = _leaf_axes(arguments, lay.axes_in)
    if alone:
        in_axes = jax.tree.unflatten(tree, [0 if f else None for f in flags])
        return jax.vmap(partial(lay.function, 1), in_axes=in_axes, axis_size=size)(*arguments)
    in_lanes = [(x, a + f) for x, a, f in zip(leaves, axes, flags, strict=True) if _has_lanes(x, a, f)]
    nodes = max((x.shape[axis] for x, axis in in_lanes), default=1)
    itemsize = max((x.dtype.itemsize for x, _ in in_lanes), default=1)
    lanes, n_chunk = (size, 1) if lay.together else _chunks(nodes, itemsize, size, lay.share)
    shared = {k: _for_all(x, a, lanes) for k, (x, a, f) in enumerate(zip(leaves, axes, flags, strict=True)) if not f}
    laid = [_lay(x, n_chunk, lanes) for x, f in zip(leaves, flags, strict=True) if f]

    def chunk(own: list[jax.Array]) -> Any:
        """One chunk, its results turned while they are in the cache."""
        each = iter(own)
        full = [next(each) if f else shared[k] for k, f in enumerate(flags)]
        results = lay.function(lanes, *jax.tree.unflatten(tree, full))
        return jax.tree.map(lambda y, o: _lift(y, lanes) if o else y, results, _own(results, lay.together))

    if n_chunk == 1:
        return chunk([x[0] for x in laid])
    return jax.tree.map(lambda y: y.reshape(n_chunk * lanes, *y.shape[2:])[:size], lax.map(chunk, laid))


def _for_all(x: jax.Array, axis: int, lanes: int) -> jax.Array | Shared:
    """An array without a batch axis, for all lanes."""
    if not _has_lanes(x, axis, 0):
        return x
    return Shared(x) if axis else jnp.repeat(x, lanes, -1)


def _leaf_axes(trees: Sequence[Any], axes: Sequence[int]) -> list[int]:
    """The axis of nodes of each leaf."""
    return [axis for tree, axis in zip(trees, axes, strict=True) for _ in jax.tree.leaves(tree)]


def _has_lanes(x: jax.Array, axis: int, batch_axes: int) -> bool:
    """Whether the array has one value a lane."""
    return not jnp.issubdtype(x.dtype, jnp.integer) and x.ndim > axis + batch_axes


def _chunks(nodes: int, itemsize: int, size: int, share: float) -> tuple[int, int]:
    """Lanes a chunk and number of chunks for `size` lanes, each with so many nodes of `itemsize` bytes."""
    if jax.default_backend() != "cpu":
        return size, 1
    each = nodes * itemsize
    fit = _CHUNK_BYTES // each
    most = max(1, int(share * fit), min(_FEWEST, fit))
    if time_loop_is_native():
        most = min(most, max(_FIRST_LEVEL_BYTES // each, _ROW_BYTES // itemsize))
    if most in _UNROLLED and not short_loops_stay():
        most = _VECTOR
    if most >= size:
        return size, 1
    n_chunk = math.ceil(size / most)
    lanes = math.ceil(size / n_chunk)
    if lanes > _VECTOR // 2:
        lanes = _VECTOR * math.ceil(lanes / _VECTOR)
    return lanes, math.ceil(size / lanes)


def _lay(x: jax.Array, n_chunk: int, lanes: int) -> jax.Array:
    """(batch, ..., n) -> (n_chunk, ..., n * lanes); the last chunk is filled with its last lane."""
    lack = n_chunk * lanes - x.shape[0]
    if lack:
        x = jnp.concatenate([x, jnp.broadcast_to(x[-1:], (lack, *x.shape[1:]))])
    *each, n = x.shape[1:]
    return _turned(x.reshape(n_chunk, lanes, -1)).reshape(n_chunk, *each, n * lanes)


def _lift(y: jax.Array, lanes: int) -> jax.Array:
    """The inverse of `_lay` for one chunk: (..., n * lanes) -> (lanes, ..., n)."""
    *each, n = y.shape
    return _turned(y.reshape(1, -1, lanes)).reshape(lanes, *each, n // lanes)


def _turned(x: jax.Array) -> jax.Array:
    """(n_chunk, a, b) -> (n_chunk, b, a).

    A large one is turned strip by strip: the compiler's own loop goes through memory with the stride of a row, and took
    two thirds of a run of 1024 points whose voltages it turned.
    """
    n_chunk, a, b = x.shape
    if a * b < _TURNED_AT_ONCE or a < _STRIP or jax.default_backend() != "cpu":
        return jnp.swapaxes(x, 1, 2)

    def strip(k: jax.Array, y: jax.Array) -> jax.Array:
        begin = jnp.minimum(k * _STRIP, a - _STRIP)
        part = lax.dynamic_slice_in_dim(x, begin, _STRIP, 1)
        return lax.dynamic_update_slice_in_dim(y, jnp.swapaxes(part, 1, 2), begin, 2)

    return lax.fori_loop(0, math.ceil(a / _STRIP), strip, jnp.zeros((n_chunk, b, a), x.dtype))

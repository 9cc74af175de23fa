"""A batch shared out among devices: cores of a CPU, or several GPUs."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, PartitionSpec

from jaxsim.errors import must

_CASES = "cases"


def over_devices(function: Callable[..., Any], devices: Sequence[Any] | None = None) -> Callable[..., Any]:
    """A function of one case as a function of a batch that all devices work on, each on its share.

    It is `jax.vmap` of the function, compiled, with the batch cut into equal parts, one a device; the last part is
    filled up with its last case if the batch does not divide. Nothing is exchanged between devices while they run. On
    a CPU, `js.tune_cpu(cores=n)` makes n devices.

    Args:
        function: of one case; its arguments and results are pytrees of arrays. What it closes over (a model, a target)
            goes to every device.
        devices: which; all of JAX's default kind by default.

    Returns:
        The function of a batch: every array has a first axis of cases, in arguments and results.

    Raises:
        ValueError: if there is no device, or, when called, if the arguments' first axes differ.
    """
    chosen = list(jax.devices() if devices is None else devices)
    if not chosen:
        raise ValueError(must("devices", "name at least one device", chosen))
    cases = PartitionSpec(_CASES)
    # check_vma: the checker knows no rule for the batching and derivative rules of the time loop.
    parts = jax.shard_map(
        jax.vmap(function), mesh=Mesh(np.array(chosen), (_CASES,)), in_specs=cases, out_specs=cases, check_vma=False
    )
    run = jax.jit(parts)

    def batched(*arguments: Any) -> Any:
        n = _n_case(arguments)
        lack = -n % len(chosen)
        filled = jax.tree.map(lambda x: _filled(jnp.asarray(x), lack), arguments)
        return jax.tree.map(lambda y: y[:n], run(*filled))

    return batched


def _n_case(arguments: tuple[Any, ...]) -> int:
    lengths = {jnp.shape(leaf)[0] if jnp.ndim(leaf) else None for leaf in jax.tree.leaves(arguments)}
    if len(lengths) != 1 or None in lengths:
        shapes = [jnp.shape(leaf) for leaf in jax.tree.leaves(arguments)]
        raise ValueError(must("all arguments", "have one first axis of cases, of equal length", shapes))
    return lengths.pop()  # type: ignore[return-value]


def _filled(x: jax.Array, lack: int) -> jax.Array:
    return x if lack == 0 else jnp.concatenate([x, jnp.repeat(x[-1:], lack, axis=0)])

"""Rules that a `Spec` must keep, whoever wrote it."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxsim.errors import must, unknown
from jaxsim.mechanisms.base import AbstractClamp, stacked
from jaxsim.mechanisms.events import SpikeTrain
from jaxsim.mechanisms.point_process import AbstractPointProcess
from jaxsim.model.spec import COMPARTMENT_PARAMETERS, Feed, Point, Spec, parameter_values


def floating(dtype: Any) -> np.dtype:
    """The floating-point type of a model.

    Args:
        dtype: what was asked for; None for JAX's default.

    Returns:
        float32 or float64.

    Raises:
        TypeError: if it is something else.
        ValueError: if it is float64 and JAX does not allow it.
    """
    wanted = jnp.dtype(jnp.result_type(float) if dtype is None else dtype)
    if wanted not in (np.float32, np.float64):
        raise TypeError(must("dtype", "be float32 or float64", str(wanted)))
    if wanted == np.float64 and jnp.result_type(float) == np.float32:
        raise ValueError("float64 needs jax.config.update('jax_enable_x64', True), at the start of your program.")
    return wanted


def check_spec(spec: Spec, dtype: np.dtype) -> None:
    """Names are unique, indices fit the cable, a stimulus gives one number, one name clamps a node.

    Args:
        spec: the specification.
        dtype: the model's floating-point type.

    Raises:
        KeyError: if events are sent to what is not there.
        TypeError: if what is sent is no train of events.
        ValueError: with the rule that is broken.
    """
    n_comp, n_node = spec.cable.n_comp, spec.cable.n_node
    for name in COMPARTMENT_PARAMETERS:
        if np.shape(getattr(spec, name)) != (n_comp,):
            raise ValueError(must(name, f"have shape ({n_comp},)", np.shape(getattr(spec, name))))
    names = [d.name for d in spec.densities] + [p.name for p in spec.points] + [feed.name for feed in spec.feeds]
    for name in names:
        if names.count(name) > 1 or "." in name or name in COMPARTMENT_PARAMETERS:
            raise ValueError(must("a mechanism's name", "be unique, without a dot, and no parameter's", name))
    for d in spec.densities:
        if not (len(d.comp) and np.all(np.diff(d.comp) > 0) and d.comp[0] >= 0 and d.comp[-1] < n_comp):
            raise ValueError(must(f"the compartments of {d.name}", f"ascend within 0 .. {n_comp - 1}", d.comp))
        for name, values in parameter_values(d.mechanism).items():
            if np.shape(values) != d.comp.shape:
                raise ValueError(must(f"{d.name}.{name}", f"have shape {d.comp.shape}", np.shape(values)))
    for p in spec.points:
        if not (len(p.node) and np.all((p.node >= 0) & (p.node < n_node))):
            raise ValueError(must(f"the nodes of {p.name}", f"lie within 0 .. {n_node - 1}", p.node))
        if not isinstance(p.mechanism, AbstractPointProcess):
            _check_values(p, dtype)
    for probe in spec.probes:
        if not 0 <= probe.node < n_node:
            raise ValueError(must(f"the node of {probe.label}", f"lie within 0 .. {n_node - 1}", probe.node))
    for feed in spec.feeds:
        to = {p.name: len(p.node) for p in spec.points if isinstance(p.mechanism, AbstractPointProcess)}
        if feed.to not in to:
            raise KeyError(unknown(f"point process (that {feed.name} is sent to)", feed.to, to))
        n = to[feed.to]
        if not (len(feed.instance) and np.all((feed.instance >= 0) & (feed.instance < n))):
            whose = f"the instances that {feed.name} is sent to"
            raise ValueError(must(whose, f"lie within 0 .. {n - 1}", feed.instance))
        _check_train(feed)
    _check_clamps(tuple(p for p in spec.points if isinstance(p.mechanism, AbstractClamp)))


def _check_train(feed: Feed) -> None:
    """A row of times and one weight and delay for each train."""
    if not isinstance(feed.mechanism, SpikeTrain):
        raise TypeError(must(f"what is sent as {feed.name}", "be a SpikeTrain", type(feed.mechanism).__name__))
    shapes = {name: np.shape(values) for name, values in parameter_values(feed.mechanism).items()}
    n = (len(feed.instance),)
    fits = shapes["weight"] == shapes["delay"] == n and len(shapes["times"]) == 2 and shapes["times"][:1] == n
    if not fits:
        rule = f"have times of shape ({n[0]}, n_event), a weight and a delay of shape {n}"
        raise ValueError(must(feed.name, rule, shapes))


def _check_values(point: Point, dtype: np.dtype) -> None:
    """One number for each instance; found by tracing, without computing."""
    values = {k: jax.ShapeDtypeStruct(np.shape(v), dtype) for k, v in parameter_values(point.mechanism).items()}
    method = "command" if isinstance(point.mechanism, AbstractClamp) else "current"
    each = jax.vmap(lambda m, t: getattr(m, method)(t), in_axes=(0, None))
    shape = jax.eval_shape(each, stacked(point.mechanism, values), jax.ShapeDtypeStruct((), dtype)).shape
    if shape != (len(point.node),):
        parameters = {k: v.shape[1:] for k, v in values.items()}
        rule = f"give one number at a time t, with parameters of the right shape (here {parameters})"
        raise ValueError(must(f"{point.name}.{method}", rule, shape[1:]))


def _check_clamps(clamps: tuple[Point, ...]) -> None:
    """A clamped node belongs to one name, so that its current does."""
    owner: dict[int, str] = {}
    for p in clamps:
        for node in p.node.tolist():
            if owner.setdefault(node, p.name) != p.name:
                raise ValueError(two_clamps(owner[node], p.name))


def two_clamps(first: str, second: str) -> str:
    """The sentence for a place that two names clamp."""
    return (
        f"{second!r} clamps a place that {first!r} clamps. Clamps that follow one another at one place share a name, "
        f"name={first!r}, and so their recorded current."
    )

"""Counting compilations: a test that forbids recompiling listens to JAX's own events."""

import contextlib
from collections.abc import Iterator

import jax

_EVENT = "/jax/core/compile/backend_compile_duration"
_listening: list[list[str]] = []


def _hear(event: str, duration: float, **_: object) -> None:
    if event == _EVENT:
        for heard in _listening:
            heard.append(event)


jax.monitoring.register_event_duration_secs_listener(_hear)


@contextlib.contextmanager
def compilations() -> Iterator[list[str]]:
    """A list that grows by one with every program that XLA compiles inside the block."""
    heard: list[str] = []
    _listening.append(heard)
    try:
        yield heard
    finally:
        _listening.remove(heard)

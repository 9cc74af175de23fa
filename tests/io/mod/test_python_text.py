"""`mod_to_python`: the text is the mechanism that `read_mod` gives."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from tests.io.mod.sources import SOURCES


def both(name: str, folder: Path) -> tuple[js.AbstractChannel, js.AbstractChannel, str]:
    """A mechanism from its file, from the text that is made of the file, and the text."""
    path = folder / f"{name}.mod"
    path.write_text(SOURCES[name])
    text = js.mod_to_python(path, folder / f"{name}_made.py")
    assert (folder / f"{name}_made.py").read_text() == text == js.mod_to_python(path)
    space: dict = {"__name__": "made"}
    exec(compile(text, name, "exec"), space)
    return js.read_mod(path)(), space[name](), text


@pytest.mark.parametrize("name", SOURCES)
def test_the_text_computes_what_the_class_does(x64, tmp_path, name):
    read, made, text = both(name, tmp_path)
    assert type(made).parameters() == type(read).parameters()
    assert type(made).reads == type(read).reads
    assert type(made).starts_steady == type(read).starts_steady
    assert type(made).__doc__.split() == type(read).__doc__.split()
    assert max(map(len, text.splitlines())) <= 160
    v = jnp.linspace(-100.0, 60.0, 33)
    states = [*read.rates(v), *read.initial(v), *getattr(type(read), "writes", {})]
    state = {x: jnp.full_like(v, 0.1 + 0.05 * k) for k, x in enumerate(dict.fromkeys(states))}
    state |= {x: jnp.full_like(v, y) for x, y in made.input(5.0).items()}
    assert made.input(5.0) == read.input(5.0)
    kept = {"t": jnp.full_like(v, 5.0), "flag": jnp.round(jnp.linspace(0.0, 6.0, 33))}
    if hasattr(read, "connection"):
        kept |= {x: jnp.full_like(v, 0.7) for x in read.connection()}
    dt = jnp.asarray(0.025)
    calls = [
        lambda m: m.rates(v), lambda m: m.derivative(v, state), lambda m: m.update(v, state, dt),
        lambda m: m.connection() if hasattr(m, "connection") else {},
        lambda m: m.receive(0.3 * jnp.ones_like(v), v, state | kept) if hasattr(m, "receive") else {},
        lambda m: m.sends(0.3 * jnp.ones_like(v), v, state | kept) if hasattr(m, "sends") else {},
        lambda m: m.sends_at_start(v) if hasattr(m, "sends_at_start") else {},
        lambda m: m.crossings(v, state | kept) if hasattr(m, "crossings") else {},
        lambda m: m.initial(v), lambda m: m.held(v, state) if hasattr(m, "held") else {},
        lambda m: m.current(v, {**m.held(v, state), **state}) if hasattr(m, "held") else {},
    ]  # fmt: skip
    for call in calls:
        ours, theirs = jax.tree.leaves(call(read)), jax.tree.leaves(call(made))
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(jnp.broadcast_to(b, v.shape), jnp.broadcast_to(a, v.shape), rtol=1e-12)


def test_the_text_is_what_a_person_would_write(tmp_path):
    _, _, text = both("delayed", tmp_path)
    for line in (
        "        a = 0.02 * js.vtrap(self.vhalf - v, 9.0)",
        "        ninf = a / x",
        '        return {"n": js.inf_decay(ninf, q * x)}',
        "        g = self.gbar * n ** 4",
        "    gbar: js.units.S_per_cm2 = 0.01  # the largest conductance",
    ):
        assert line in text.splitlines(), text

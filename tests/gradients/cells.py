"""Small cells for the gradient tests."""

import jax
import jax.numpy as jnp
import numpy as np

import jaxsim as js
from jaxsim.morphology import Branch

T_END, DT = 8.0, 0.05


def branched() -> js.Model:
    """A spiking soma, tapering dendrites and an axon; HH on soma and axon, leak on all; recorded at three places."""
    morphology = js.from_branches(
        [
            Branch([0.0, 10.0, 20.0], [6.0, 10.0, 7.0], tag=1),
            Branch([0.0, 60.0, 200.0], [1.5, 1.2, 0.4], parent=0, parent_x=1.0, tag=4),
            Branch([0.0, 150.0], [0.8, 0.4], parent=1, parent_x=1.0, tag=4),
            Branch([0.0, 100.0], [0.9, 0.5], parent=1, parent_x=1.0, tag=4),
            Branch([0.0, 120.0], [0.7, 0.7], parent=0, parent_x=0.0, tag=2),
        ]
    )
    cell = js.Cell(morphology, js.PerBranch([1, 3, 3, 2, 3]), ra=120.0, cm=1.1)
    cell.at("soma").insert(js.HH())
    cell.at("axon").insert(js.HH(gbar_na=0.2))
    cell.insert(js.Leak(gbar=2e-4))
    cell.stimulate(cell.loc("soma"), js.Pulse(amp=0.6, start=0.512, stop=4.0))
    cell.stimulate(cell.loc(3, 1.0), js.Pulse(amp=0.1, start=1.013, stop=6.0))
    cell.record([cell.loc("soma"), cell.loc(2, 0.9), cell.loc(4, 1.0)])
    cell.record(cell.loc("soma"), "HH.h")
    cell.record(cell.loc("soma"), "HH.i")
    return cell.compile()


def loss(
    model: js.Model, method: js.AbstractMethod, gradient: js.Checkpointed | js.Plain, t_end: float = T_END
) -> jax.Array:
    """A number that depends on everything recorded and on the last state."""
    rec = js.simulate(model, t_end, DT, method=method, gradient=gradient)
    weights = jnp.linspace(0.5, 1.5, rec.v.shape[1], dtype=rec.v.dtype)
    traces = jnp.mean(weights * (rec.v + 50.0) ** 2) + 100.0 * jnp.mean(rec["HH.h"] ** 2) + jnp.mean(rec["HH.i"])
    return traces + 0.1 * jnp.sum(rec.state.v)


def central_difference(f, x: np.ndarray, direction: np.ndarray, step: float) -> float:
    """(f(x + step d) - f(x - step d)) / (2 step), extrapolated once: error of fourth order."""
    slope = lambda h: (f(x + h * direction) - f(x - h * direction)) / (2.0 * h)  # noqa: E731
    return float((4.0 * slope(step) - slope(2.0 * step)) / 3.0)

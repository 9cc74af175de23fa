"""Where a condition guards something singular, value and gradient are finite on both sides and at the point itself."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsim.io.mod.make_class import make_class
from jaxsim.io.mod.terms import in_order
from tests.io.mod.channels import CHANNELS
from tests.io.mod.made import everything, leak, mechanism
from tests.io.mod.sources import SOURCES

GUARDS = [
    "IF (fabs(v + 40) < 1e-4) { ix = 10 } ELSE { ix = (v + 40) / (1 - exp(-(v + 40) / 10)) }",
    "IF (fabs(v + 40) < 1e-4) { ix = 2 } ELSE { ix = (v + 45) / (1 - exp(-(v + 40) / 10)) }",
    "IF (v == -40) { ix = 0 } ELSE { ix = 1 / ((v + 40) / p) }",
    "IF (v == -40) { ix = 0 } ELSE { ix = 1 / -(v + 40) }",
    "IF (v != -40) { ix = -5 / (v + 40) } ELSE { ix = 0 }",
    "IF (v == -40) { ix = 0 } ELSE { ix = (v + 40) / ((exp((v + 40) / 5) - 1) * (v + 40)) }",
    "IF (v > -40) { ix = log(v + 40) } ELSE { ix = 0 }",
    "IF (v > -40) { ix = sqrt(v + 40) } ELSE { ix = 0 }",
    "IF (v > -40) { ix = (v + 40) ^ 0.5 } ELSE { ix = 0 }",
    "IF (v > -40) { ix = f(v) } ELSE { ix = 1 }",
    "LOCAL x x = v + 40 IF (fabs(x) < 1e-6) { ix = 1 } ELSE { ix = x / (exp(x) - 1) }",
    "IF (v < -40) { ix = 1 / (v + 40) } ELSE IF (v > -40) { ix = log(v + 40) } ELSE { ix = 0 }",
    "IF (v < -40 || v > -40) { ix = 3 / ((v + 40) * (v * v + 1)) } ELSE { ix = 0 }",
    "ix = 0.1 * (v + 40) / (1 - exp(-(v + 40) / 10))",
    "ix = 1 / (exp((v + 40) / 2) + exp(-(v + 40) / 2)) + 1 / (1 + exp(-(v + 40) / 0.5))",
]
NEAR = np.array([-1e-3, -1e-5, -1e-7, -1e-9, 0.0, 1e-12, 1e-8, 1e-6, 1e-4, 1e-2])


def voltages(dtype):
    return jnp.asarray(np.unique(np.concatenate([np.linspace(-200.0, 200.0, 401), -40.0 + NEAR])), dtype)


@pytest.mark.parametrize("body", GUARDS)
def test_a_guarded_body_is_finite_with_its_gradient(precision, body):
    channel = leak(body, "FUNCTION f(u) { f = 1 / (u + 40) }")
    v = voltages(precision)
    value, slope = jax.jvp(lambda u: channel.current(u, {})[""], (v,), (jnp.ones_like(v),))
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()


@pytest.mark.parametrize("name", [*CHANNELS, *SOURCES])
def test_all_methods_are_finite_with_their_gradient(precision, name):
    cls = make_class(mechanism({**CHANNELS, **SOURCES}[name]))
    v = voltages(precision)
    value, slope = jax.jvp(lambda u: everything(cls, u), (v,), (jnp.ones_like(v),))
    for what in value:
        assert value[what].dtype == precision, what
        assert np.isfinite(value[what]).all(), what
        assert np.isfinite(slope[what]).all(), what


@pytest.mark.parametrize("body", ["x / (exp(x) - 1)", "-x / (1 - exp(x))", "0.3 * x / (exp(x / 4) - 1)"])
def test_a_singular_rate_is_right_next_to_its_point(x64, body):
    channel = leak(f"LOCAL x x = v + 40 ix = {body}")
    v = jnp.asarray(-40.0 + NEAR)
    found = channel.current(v, {})[""]
    middle = channel.current(jnp.asarray(-40.0 + 0.5), {})[""]
    assert np.allclose(found, found[4], rtol=1e-2)
    assert abs(middle - found[4]) < 0.5 * abs(found[4])


def test_a_value_that_a_file_gives_to_the_point_itself_is_kept(x64):
    """It is no series of the other side."""
    channel = leak("IF (fabs(v + 40) < 1e-6) { ix = 5 } ELSE { ix = (v + 40) / (exp((v + 40)) - 1) }")
    assert float(channel.current(jnp.asarray(-40.0), {})[""]) == pytest.approx(5.0)


def test_a_series_about_the_point_is_not_needed():
    """The common guard leaves no choice in the program."""
    made = mechanism(CHANNELS["guarded"])
    assert "select" not in {t.op for t in in_order(made.terms())}
    assert "vtrap" in {t.op for t in in_order(made.terms())}

"""The free parameters as text: a table for people, JSON that comes back."""

import json

import jax.numpy as jnp
import numpy as np
import pytest

from jaxsim.fit.free import Free, free
from jaxsim.fit.transforms import Bounded, Positive, Unbounded
from tests.fit.cells import model


def made() -> Free:
    parts = [Bounded(1e-5, 1e-3, at="soma"), Positive(at="dendrite", share="region")]
    return free(model(), {"Leak.gbar": parts, "Pulse.amp": Unbounded(share="instance")})


def theta_of(found: Free, dtype: np.dtype) -> dict:
    rng = np.random.default_rng(0)
    return {name: jnp.asarray(rng.normal(size=len(found.labels(name))), dtype) for name in found.names}


def test_the_table_without_values() -> None:
    assert str(made()).splitlines() == [
        "name       share              numbers  bounds          unit",
        "Leak.gbar  cell @ soma        1        1e-05 .. 0.001  S/cm2",
        "Leak.gbar  region @ dendrite  2        0 .. inf        S/cm2",
        "Pulse.amp  instance           2        -inf .. inf     nA",
    ]


def test_the_table_with_values() -> None:
    found = made()
    theta = found.theta({"Leak.gbar": [2e-4, 3e-4, 4e-4], "Pulse.amp": [0.1, -0.5]})
    assert found.table(theta).splitlines() == [
        "name       group     value   bounds          unit",
        "Leak.gbar  soma      0.0002  1e-05 .. 0.001  S/cm2",
        "Leak.gbar  basal     0.0003  0 .. inf        S/cm2",
        "Leak.gbar  apical    0.0004  0 .. inf        S/cm2",
        "Pulse.amp  Pulse[0]  0.1     -inf .. inf     nA",
        "Pulse.amp  Pulse[1]  -0.5    -inf .. inf     nA",
    ]


def test_repr_is_short() -> None:
    assert repr(made()) == "Free(5 numbers: Leak.gbar, Pulse.amp)"


def test_json_returns_theta(precision: np.dtype) -> None:
    found = made()
    theta = theta_of(found, precision)
    back = found.from_json(found.to_json(theta))
    for name in found.names:
        assert back[name].dtype == precision
        np.testing.assert_allclose(back[name], theta[name], rtol=0, atol=2e-7 if precision == "float32" else 1e-12)


def test_json_holds_names_units_and_physical_values() -> None:
    found = made()
    theta = found.theta({"Leak.gbar": [2e-4, 3e-4, 4e-4], "Pulse.amp": [0.1, -0.5]})
    written = json.loads(found.to_json(theta))
    assert written["Leak.gbar"]["unit"] == "S/cm2"
    assert list(written["Leak.gbar"]["values"]) == ["soma", "basal", "apical"]
    np.testing.assert_allclose(list(written["Leak.gbar"]["values"].values()), [2e-4, 3e-4, 4e-4], rtol=1e-6)


@pytest.mark.parametrize("x", [-1e3, -30.0, 12.0, 30.0, 1e3])
def test_a_saturated_number_returns_with_its_value(precision: np.dtype, x: float) -> None:
    found = free(model(), {"Leak.gbar": Bounded(1e-5, 1e-3)})
    theta = {"Leak.gbar": jnp.asarray([x], precision)}
    back = found.from_json(found.to_json(theta))
    np.testing.assert_array_equal(found.values(back)["Leak.gbar"], found.values(theta)["Leak.gbar"])


def test_values_may_be_given_by_label() -> None:
    found = made()
    by_label = found.theta({"Leak.gbar": {"apical": 4e-4, "soma": 2e-4, "basal": 3e-4}, "Pulse.amp": 0.1})
    by_position = found.theta({"Leak.gbar": [2e-4, 3e-4, 4e-4], "Pulse.amp": [0.1, 0.1]})
    for name in found.names:
        np.testing.assert_array_equal(by_label[name], by_position[name])


GOOD = {"unit": "S/cm2", "values": {"soma": 1e-4, "basal": 1e-4, "apical": 1e-4}}
AMP = {"unit": "nA", "values": {"Pulse[0]": 0.1, "Pulse[1]": 0.1}}


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        ("{", ValueError, "the text is not JSON: line 1, column 2"),
        ([], ValueError, "must be an object of parameters, got 'list'"),
        ({"Leak.gbar": GOOD}, KeyError, "no values for the free parameters 'Pulse.amp'"),
        ({"Leak.gbar": GOOD, "Pulse.amb": AMP}, KeyError, "did you mean 'Pulse.amp'"),
        ({"Leak.gbar": 3.0, "Pulse.amp": AMP}, ValueError, "Leak.gbar must be .*got 3.0"),
        ({"Leak.gbar": GOOD | {"unit": "mS/cm2"}, "Pulse.amp": AMP}, ValueError, "must be 'S/cm2', got 'mS/cm2'"),
        (
            {"Leak.gbar": GOOD | {"values": {"soma": 1e-4, "basal": 1e-4}}, "Pulse.amp": AMP},
            KeyError,
            "no value of Leak.gbar for 'apical'",
        ),
        (
            {"Leak.gbar": GOOD | {"values": GOOD["values"] | {"axon": 1.0}}, "Pulse.amp": AMP},
            KeyError,
            "no group of Leak.gbar 'axon'",
        ),
        (
            {"Leak.gbar": GOOD | {"values": GOOD["values"] | {"soma": 1.0}}, "Pulse.amp": AMP},
            ValueError,
            r"Leak.gbar \(soma\) must lie strictly between 1e-05 and 0.001, got 1.0",
        ),
        (
            {"Leak.gbar": GOOD | {"values": GOOD["values"] | {"soma": "many"}}, "Pulse.amp": AMP},
            ValueError,
            "Leak.gbar.*must be numbers",
        ),
    ],
)
def test_json_that_does_not_fit(content: object, error: type[Exception], said: str) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    with pytest.raises(error, match=said):
        made().from_json(text)

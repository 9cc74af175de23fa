"""A batch shared out among devices: with one device it is vmap; what does not fit is said."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js


def square(case):
    return {"y": case["x"] ** 2 + case["z"]}


def test_one_device_is_vmap():
    cases = {"x": jnp.arange(3.0), "z": jnp.ones(3)}
    np.testing.assert_allclose(js.over_devices(square)(cases)["y"], jax.vmap(square)(cases)["y"])


def test_first_axes_must_agree():
    with pytest.raises(ValueError, match=r"one first axis of cases.*\(2,\)"):
        js.over_devices(square)({"x": jnp.arange(3.0), "z": jnp.ones(2)})
    with pytest.raises(ValueError, match="one first axis of cases"):
        js.over_devices(square)({"x": jnp.arange(3.0), "z": 1.0})


def test_no_device_is_an_error():
    with pytest.raises(ValueError, match="at least one device"):
        js.over_devices(square, devices=[])

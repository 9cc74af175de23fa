"""The shared fixtures do what they say: strict promotion by default, and the precision that a test asks for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st


def mixed() -> jax.Array:
    return jnp.ones(2) + jnp.arange(2)


def test_mixed_dtypes_raise_by_default() -> None:
    with pytest.raises(jax.dtypes.TypePromotionError):
        mixed()


@pytest.mark.standard_promotion
def test_the_marker_lets_a_test_off() -> None:
    assert mixed().dtype == jnp.ones(2).dtype


def test_precision_is_the_dtype_of_new_arrays(precision: np.dtype) -> None:
    assert jnp.zeros(3).dtype == precision


def test_x64_gives_double_precision(x64: None) -> None:
    assert jnp.zeros(3).dtype == np.float64


@given(x=st.floats(-1.0, 1.0))
def test_precision_holds_inside_given(precision: np.dtype, x: float) -> None:
    assert jnp.asarray(x).dtype == precision

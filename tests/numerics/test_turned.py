"""What a batch's arrays go through on their way into the layout of lanes and back: strips of a transpose."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsim.numerics import lanes
from jaxsim.numerics.lanes import _turned


@pytest.mark.parametrize("shape", [(1, 64, 600), (2, 130, 300), (1, 1001, 33), (3, 63, 600), (1, 5, 7), (1, 600, 1)])
def test_it_is_the_transpose(precision, shape):
    x = jnp.asarray(np.random.default_rng(0).normal(size=shape), precision)
    np.testing.assert_array_equal(jax.jit(_turned)(x), np.swapaxes(x, 1, 2))


def test_a_large_one_goes_in_strips():
    turn = lambda n: jax.jit(_turned).lower(jnp.zeros((1, n, 64))).compile().as_text()  # noqa: E731
    assert " while(" in turn(2 * lanes._TURNED_AT_ONCE // 64)
    assert " while(" not in turn(lanes._TURNED_AT_ONCE // 128)

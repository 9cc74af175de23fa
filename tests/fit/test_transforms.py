"""The bijections: inverse to rounding, inside their bounds, finite in value and gradient wherever an optimiser goes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxsim.cable import everywhere, path_distance
from jaxsim.fit.transforms import AbstractTransform, Bounded, Positive, Unbounded

TRANSFORMS = [Bounded(0.01, 0.5), Bounded(-90.0, -50.0), Positive(), Unbounded(10.0)]
FAR = [-1e6, -1e3, -100.0, -88.0, -20.0, -1e-30, 0.0, 1e-30, 20.0, 60.0, 88.0, 100.0, 1e3, 1e6]

each = pytest.mark.parametrize("transform", TRANSFORMS, ids=repr)


def derivative(transform: AbstractTransform, x: jax.Array) -> jax.Array:
    return jax.jit(jax.vmap(jax.grad(transform.forward)))(x)


@each
def test_inverse_undoes_forward(transform: AbstractTransform, precision: np.dtype) -> None:
    x = np.linspace(-6.0, 6.0, 41)
    y = np.asarray(transform.forward(jnp.asarray(x, precision)))
    # what forward rounds away, eps |y|, comes back divided by the slope
    slope = np.asarray(derivative(transform, jnp.asarray(x, precision)))
    allowed = 8 * np.finfo(precision).eps * (np.abs(y) / slope + np.abs(x) + 1.0)
    assert np.all(np.abs(transform.inverse(y) - x) <= allowed)


@each
def test_forward_undoes_inverse(transform: AbstractTransform, precision: np.dtype) -> None:
    low, high = (b if np.isfinite(b) else s * 1e3 for b, s in zip(transform.bounds, (-1, 1), strict=True))
    y = np.linspace(low, high, 23)[1:-1]
    x = jnp.asarray(transform.inverse(y), precision)
    eps = np.finfo(precision).eps
    np.testing.assert_allclose(transform.forward(x), y, rtol=20 * eps, atol=4 * eps * (high - low))


@each
def test_value_and_gradient_are_finite_far_out(transform: AbstractTransform, precision: np.dtype) -> None:
    x = jnp.asarray(FAR, precision)
    assert np.all(np.isfinite(transform.forward(x)))
    assert np.all(np.isfinite(derivative(transform, x)))


@each
def test_forward_keeps_the_dtype(transform: AbstractTransform, precision: np.dtype) -> None:
    assert transform.forward(jnp.zeros(3, precision)).dtype == precision


@each
def test_gradient_is_the_central_difference(transform: AbstractTransform, x64: None) -> None:
    x, h = jnp.asarray([-5.0, -0.7, 0.0, 0.3, 4.0]), 1e-5
    difference = (transform.forward(x + h) - transform.forward(x - h)) / (2 * h)
    np.testing.assert_allclose(derivative(transform, x), difference, rtol=1e-8)


@given(low=st.floats(-1e3, 1e3), span=st.floats(1e-3, 1e3), x=st.floats(-200.0, 200.0))
def test_no_rounding_passes_a_bound(precision: np.dtype, low: float, span: float, x: float) -> None:
    bounded = Bounded(low, low + span)
    y = bounded.forward(jnp.asarray(x, precision))
    assert jnp.asarray(bounded.low, precision) <= y <= jnp.asarray(bounded.high, precision)


def test_bounds_are_met_exactly_where_the_sigmoid_is_saturated(precision: np.dtype) -> None:
    y = Bounded(0.1, 0.3).forward(jnp.asarray([-1e3, 1e3], precision))
    np.testing.assert_array_equal(y, np.asarray([0.1, 0.3], precision))


def test_forward_rises_across_the_middle(precision: np.dtype) -> None:
    x = jnp.linspace(-0.01, 0.01, 101, dtype=precision)
    assert np.all(np.diff(Bounded(0.0, 1.0).forward(x)) > 0.0)


def test_a_step_of_positive_is_a_factor() -> None:
    y = Positive().forward(jnp.asarray(Positive().inverse([1e-6, 1e2])) + 0.1)
    np.testing.assert_allclose(y, np.exp(0.1) * np.array([1e-6, 1e2]), rtol=1e-5)


def test_positive_inverse_follows_the_tangent(x64: None) -> None:
    x = jnp.asarray([59.0, 61.0, 1e4])
    np.testing.assert_allclose(Positive().inverse(Positive().forward(x)), x, rtol=1e-12)


def test_quantile_is_uniform_in_the_physical_range() -> None:
    u = jnp.linspace(0.1, 0.9, 9)
    np.testing.assert_allclose(Bounded(-2.0, 3.0).forward(Bounded(-2.0, 3.0).quantile(u)), -2.0 + 5.0 * u, atol=1e-6)


@pytest.mark.parametrize("transform", [Positive(), Unbounded()])
def test_no_quantile_without_bounds(transform: AbstractTransform) -> None:
    with pytest.raises(ValueError, match=r"must have two finite bounds.*Use Bounded"):
        transform.quantile(jnp.asarray(0.5))


@pytest.mark.parametrize("value", [0.01, 0.5, 0.0, 0.6, -np.inf, np.nan])
def test_nothing_is_clipped(value: float) -> None:
    with pytest.raises(ValueError, match=rf"HH.gbar_na must lie strictly between 0.01 and 0.5, got {value}"):
        Bounded(0.01, 0.5).inverse([0.1, value], "HH.gbar_na")


@pytest.mark.parametrize("value", [0.0, -1.0, np.inf, np.nan])
def test_positive_takes_positive_values_only(value: float) -> None:
    with pytest.raises(ValueError, match=rf"ra must be positive and finite, got {value}"):
        Positive().inverse(value, "ra")


def test_unbounded_takes_finite_values_only() -> None:
    with pytest.raises(ValueError, match=r"Pulse.stop must be finite, got inf"):
        Unbounded().inverse(np.inf, "Pulse.stop")


@pytest.mark.parametrize("value", [0.1, 0.3])
def test_restore_returns_a_value_on_its_bound(precision: np.dtype, value: float) -> None:
    bounded = Bounded(0.1, 0.3)
    x = jnp.asarray(bounded.restore(value), precision)
    assert bounded.forward(x) == jnp.asarray(value, precision)


def test_restore_refuses_what_lies_outside() -> None:
    with pytest.raises(ValueError, match=r"must lie strictly between 0.1 and 0.3, got 0.4"):
        Bounded(0.1, 0.3).restore([0.1, 0.4])


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (1.0, 1.0, r"must have low < high, got \(1.0, 1.0\)"),
        (2.0, 1.0, r"must have low < high, got \(2.0, 1.0\)"),
        (0.0, np.inf, "Bounded's high must be a finite number, got inf.*Positive"),
        (np.nan, 1.0, "Bounded's low must be a finite number, got nan"),
        ("0", 1.0, "Bounded's low must be a finite number, got '0'"),
        (False, 1.0, "Bounded's low must be a finite number, got False"),
    ],
)
def test_bad_bounds(low: float, high: float, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Bounded(low, high)


@pytest.mark.parametrize("scale", [0.0, -1.0, np.nan, np.inf, "1"])
def test_bad_scale(scale: float) -> None:
    with pytest.raises(ValueError, match="Unbounded's scale must be positive and finite"):
        Unbounded(scale)


def test_unknown_share_gets_a_guess() -> None:
    with pytest.raises(ValueError, match="no share 'brnch'; did you mean 'branch'"):
        Positive(share="brnch")


@pytest.mark.parametrize("share", [3, [0.5, 1.0], [[1], [2]], None])
def test_share_is_a_word_or_labels(share: object) -> None:
    with pytest.raises(ValueError, match=r"share must be 'cell'.*or \(n_comp,\) labels"):
        Positive(share=share)


def test_at_is_a_region() -> None:
    with pytest.raises(TypeError, match=r"branches\(3\)"):
        Positive(at=3)


def test_labels_are_copied_and_kept() -> None:
    labels = np.array([0, 1])
    transform = Positive(share=labels)
    labels[0] = 5
    np.testing.assert_array_equal(transform.share, [0, 1])


@pytest.mark.parametrize(
    ("transform", "said"),
    [
        (Bounded(0, 1), "Bounded(0.0, 1.0)"),
        (Positive(share="branch", at="soma"), "Positive(share='branch', at='soma')"),
        (Unbounded(10.0, share=[0, 1]), "Unbounded(10.0, share=array([0, 1]))"),
    ],
)
def test_repr_is_how_it_is_written(transform: AbstractTransform, said: str) -> None:
    assert repr(transform) == said


@pytest.mark.parametrize(
    ("transform", "said"),
    [
        (Positive(), "cell"),
        (Positive(share="branch", at="soma"), "branch @ soma"),
        (Positive(share=[0, 1], at=path_distance() > 9.0), "labels @ path_distance() > 9.0"),
        (Positive(at=everywhere()), "cell @ everywhere()"),
    ],
)
def test_sharing_is_written(transform: AbstractTransform, said: str) -> None:
    assert transform.sharing() == said

"""Implicit steps of coupled systems: published one-step numbers, orders, conservation, stiffness, derivatives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg

import jaxsim as js
from jaxsim.numerics.ode import depends, implicit_euler, implicit_midpoint, jacobian, rosenbrock, shift, steady_state

# reactions, volumes, start, dt, after one implicit Euler step: Arbor 0.12, test/unit/test_kinetic_linear.cpp, to 1e-6
LINEAR = [("s", "h", 2.0, 0.6), ("d", "s", 3.0, 0.7)]
PUBLISHED = {
    "linear": (LINEAR, {}, {"s": 0.5, "h": 0.2, "d": 0.3}, 0.5, {"s": 0.380338, "h": 0.446414, "d": 0.173247}),
    "two pairs": (
        [("a", "b", 2.0, 0.6), ("x", "y", 3.0, 0.7)], {}, {"a": 0.2, "b": 0.8, "x": 0.6, "y": 0.4}, 0.5,
        {"a": 0.217391304, "b": 0.782608696, "x": 0.33333333, "y": 0.66666666},
    ),
    "one volume": (
        LINEAR, {"s": 0.5, "h": 0.5, "d": 0.5}, {"s": 0.5, "h": 0.2, "d": 0.3}, 0.5,
        {"s": 0.329897, "h": 0.537371, "d": 0.132732},
    ),
    # NEURON 9.0.2's, which keep 0.5 s + 0.5 h + 0.1 d; Arbor's test0_kin_compartment keeps s + h + d.
    "two volumes": (
        LINEAR, {"s": 0.5, "h": 0.5, "d": 0.1}, {"s": 0.5, "h": 0.2, "d": 0.3}, 0.5,
        {"s": 0.2752043596730245, "h": 0.46900544959128065, "d": 0.0789509536784741},
    ),
    "two bind": (
        [(("a", "a", "b"), "c", 2.0, 1.0)], {}, {"a": 0.2, "b": 0.3, "c": 0.5}, 0.025,
        {"a": 0.222881, "b": 0.31144, "c": 0.48856},
    ),
    "one binds": (
        [(("a", "b"), "c", 2.0, 1.0), ("c", "b", 3.0, 0.0)], {}, {"a": 0.2, "b": 0.3, "c": 0.5}, 0.025,
        {"a": 0.2078873133, "b": 0.34222075, "c": 0.45777925},
    ),
    "large volumes": (
        [(("A", "B"), "C", 4.0, 0.4), (("A", "d"), "e", 1.8, 21.0)],
        {"A": 27.0, "B": 27.0, "C": 27.0, "d": 5.9, "e": 5.9},
        {"A": 4.5, "B": 6.6, "C": 0.28, "d": 2.0, "e": 0.0}, 0.1,
        {"A": 4.087281958014442, "B": 6.224088678118931, "C": 0.6559113218810689, "d": 1.8315624742412617,
         "e": 0.16843752575873824},
    ),
}  # fmt: skip


def system(reactions, volume, names):
    def f(x):
        derivative = js.kinetics(dict(zip(names, x, strict=True)), reactions, volume)
        return [derivative[name] for name in names]

    return f


def arrays(values, precision=np.float64):
    return [jnp.full(3, value, precision) for value in values]


@pytest.mark.parametrize("name", PUBLISHED)
def test_one_step_is_as_published(x64, name):
    reactions, volume, start, dt, expected = PUBLISHED[name]
    after = implicit_euler(system(reactions, volume, list(start)), arrays(start.values()), jnp.asarray(dt))
    for x, value in zip(after, start, strict=True):
        np.testing.assert_allclose(x, expected[value], rtol=0, atol=1e-6)


def test_a_function_of_one_state_is_as_published(x64):
    """Arbor's test6_nonlinear_diff: p' = sin(p)."""
    (after,) = implicit_euler(lambda x: [jnp.sin(x[0])], arrays([1.0]), jnp.asarray(0.025))
    np.testing.assert_allclose(after, 1.0213199524, rtol=0, atol=1e-9)


@pytest.mark.parametrize("rule", [implicit_euler, implicit_midpoint, rosenbrock, shift])
@pytest.mark.parametrize("name", ["linear", "one binds"])
def test_what_is_conserved_is_conserved(precision, rule, name):
    reactions, _, start, _, _ = PUBLISHED[name]
    f = system(reactions, {}, list(start))
    weights = np.array([1.0, 1.0, 1.0]) if name == "linear" else np.array([0.0, 1.0, 1.0])
    x = arrays(start.values(), precision)
    total = sum(w * np.asarray(y, float) for w, y in zip(weights, x, strict=True))
    step = jax.jit(lambda *x: tuple(rule(f, x, jnp.asarray(2.0, precision))))
    for _ in range(30):
        x = step(*x) if rule is not shift else shift(f, x, jnp.asarray(0.1, precision))
    after = sum(w * np.asarray(y, float) for w, y in zip(weights, x, strict=True))
    np.testing.assert_allclose(after, total, rtol=100 * np.finfo(precision).eps)


def test_a_markov_scheme_against_the_matrix_exponential(x64):
    """Order 1 of implicit Euler, 2 of the others."""
    q = np.array([[-2.0, 0.7, 0.0], [2.0, -1.0, 0.6], [0.0, 0.3, -0.6]])
    f = lambda x: [sum(q[i, j] * x[j] for j in range(3) if q[i, j]) for i in range(3)]  # noqa: E731
    exact = scipy.linalg.expm(2.0 * q) @ [1.0, 0.0, 0.0]
    for rule, order in ((implicit_euler, 1), (implicit_midpoint, 2), (rosenbrock, 2)):
        errors = []
        for n in (40, 80, 160):
            one = lambda x, _, n=n, rule=rule: (tuple(rule(f, x, jnp.asarray(2.0 / n))), None)  # noqa: E731
            x = jax.lax.scan(one, tuple(arrays([1.0, 0.0, 0.0])), None, length=n)[0]
            errors.append(max(abs(float(y[0]) - e) for y, e in zip(x, exact, strict=True)))
        np.testing.assert_allclose(np.log2(np.divide(errors[:-1], errors[1:])), order, atol=0.1)


def test_a_nonlinear_system_is_of_second_order(x64):
    f = system(PUBLISHED["one binds"][0], {}, ["a", "b", "c"])

    def end(n):
        one = lambda x, _: (tuple(rosenbrock(f, x, jnp.asarray(3.0 / n))), None)  # noqa: E731
        return np.array(jax.lax.scan(one, tuple(arrays([1.0, 2.0, 0.5])), None, length=n)[0])[:, 0]

    fine = end(6400)
    errors = [np.abs(end(n) - fine).max() for n in (50, 100, 200)]
    assert np.all(np.log2(np.divide(errors[:-1], errors[1:])) > 1.9)


def test_what_is_infinitely_fast_is_gone(precision):
    for rule in (implicit_euler, rosenbrock):
        (x,) = rule(lambda x: [-1e6 * x[0]], arrays([1.0], precision), jnp.asarray(1.0, precision))
        assert np.all(np.abs(x) < 1e-4)


def test_a_shift_back_is_bounded(precision):
    """Of what is fast nothing is known: it moves no further than twice its distance from rest."""
    (x,) = shift(lambda x: [-1e6 * (x[0] - 1.0)], arrays([1.001], precision), jnp.asarray(-1.0, precision))
    assert np.all(np.abs(np.asarray(x) - 1.0) < 0.0021)


def test_rest_keeps_the_total(precision):
    f = system(LINEAR, {}, ["s", "h", "d"])
    rest = steady_state(f, arrays([0.5, 0.2, 0.3], precision))
    np.testing.assert_allclose([y[0] for y in rest], [0.218978, 0.729927, 0.0510949], rtol=2e-4)
    assert float(sum(rest)[0]) == pytest.approx(1.0, abs=1e-3 if precision == np.float32 else 1e-9)


def test_structure_is_found_by_tracing():
    f = lambda x: [js.exp(-x[0]) * x[1], x[1] * 2.0, jnp.zeros(3)]  # noqa: E731
    x = arrays([1.0, 2.0, 3.0], np.float32)
    np.testing.assert_array_equal(depends(f, x), [[True, True, False], [False, True, False], [False] * 3])
    assert set(jacobian(f, x)[1]) == {(0, 0), (0, 1), (1, 1)}


@pytest.mark.parametrize("rule", [implicit_euler, rosenbrock])
def test_derivatives_are_central_differences(x64, rule):
    def loss(k, x0):
        f = lambda x: [-k * x[0] * x[1] + 0.3 * x[2], -k * x[0] * x[1] + 0.3 * x[2], k * x[0] * x[1] - 0.3 * x[2]]  # noqa: E731
        one = lambda x, _: (tuple(rule(f, x, jnp.asarray(0.05))), None)  # noqa: E731
        start = x0, jnp.full(1, 2.0), jnp.full(1, 0.5)
        return (jax.lax.scan(one, start, None, length=40)[0][0] ** 2).sum()

    at = jnp.asarray(1.3), jnp.full(1, 1.0)
    gradient = jax.jit(jax.grad(loss, (0, 1)))(*at)
    for k, h in ((0, 1e-5), (1, 1e-5)):
        up, down = (loss(*[a + s * h if j == k else a for j, a in enumerate(at)]) for s in (1.0, -1.0))
        np.testing.assert_allclose(gradient[k], (up - down) / (2.0 * h), rtol=1e-7)


@pytest.mark.parametrize("rule", [implicit_euler, implicit_midpoint, rosenbrock, shift])
def test_second_derivatives_are_differences_of_first(x64, rule):
    def end(k):
        f = lambda x: [-k * x[0] * x[1] + 0.3 * x[2], -k * x[0] * x[1], k * x[0] * x[1] - k * k * x[2]]  # noqa: E731
        start = [jnp.full(1, value) for value in (1.0, 2.0, 0.5)]
        return sum((n + 1) * y.sum() for n, y in enumerate(rule(f, start, jnp.asarray(0.4))))

    h, slope = 1e-5, jax.grad(end)
    np.testing.assert_allclose(jax.hessian(end)(1.3), (slope(1.3 + h) - slope(1.3 - h)) / (2.0 * h), rtol=1e-7)


def test_an_unknown_species_is_named():
    with pytest.raises(KeyError, match="no state in a reaction 'd'; Known: 'c', 'o'"):
        js.kinetics({"c": jnp.ones(1), "o": jnp.ones(1)}, [("c", "d", 1.0, 1.0)])


def test_slow_states_come_to_rest_too(x64):
    """Rates from 1e3 to 1e-7 per ms: in double precision a run starts where even the slowest is at rest."""
    fast, slow = (1e3, 4e2), (1e-7, 3e-7)

    def f(x):
        a, b, c = x
        there, back = fast[0] * a - fast[1] * b, slow[0] * b - slow[1] * c
        return [-there, there - back, back]

    rest = np.array(steady_state(f, [jnp.asarray(1.0), jnp.asarray(0.0), jnp.asarray(0.0)]))
    b = fast[0] / fast[1]
    expected = np.array([1.0, b, b * slow[0] / slow[1]])
    np.testing.assert_allclose(rest, expected / expected.sum(), rtol=1e-6)

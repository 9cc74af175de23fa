"""Terms are simplified, and keep their values."""

import math
import random

import numpy as np
import pytest

from jaxsim.io.mod.calculus import affine, quotient, same, select
from jaxsim.io.mod.evaluate import JAX, NUMPY, evaluate
from jaxsim.io.mod.linear import solve_linear
from jaxsim.io.mod.steps import exponential, runge_kutta
from jaxsim.io.mod.terms import Term, Terms, TooLarge, in_order

NAMES = ("v", "x", "p", "q")
VALUES = {"v": np.array([-70.3, -12.1, 33.7]), "x": np.array([0.3, 1.7, 0.9])}
VALUES |= {"p": np.array([2.0, -0.4, 1.3]), "q": np.array([-1.1, 0.6, 2.2])}
_LEAVES = (0.0, 1.0, -1.0, 2.0, 0.5, -3.0)
_TWO = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
    "lt": lambda a, b: (a < b) * 1.0, "ge": lambda a, b: (a >= b) * 1.0,
}  # fmt: skip
_ONE = {"neg": lambda a: -a, "exp": np.exp, "tanh": np.tanh, "fabs": np.abs, "sin": np.sin}


def random_pair(chance: random.Random, terms: Terms, depth: int) -> tuple[Term, np.ndarray]:
    """A term, and its value computed as it is written."""
    if depth == 0 or chance.random() < 0.15:
        if chance.random() < 0.6:
            name = chance.choice(NAMES)
            return terms.symbol(name), VALUES[name]
        number = chance.choice(_LEAVES)
        return terms.number(number), np.full(3, number)
    if chance.random() < 0.25:
        op = chance.choice(sorted(_ONE))
        a, x = random_pair(chance, terms, depth - 1)
        return terms.apply(op, a), _ONE[op](x)
    (a, x), (b, y) = (random_pair(chance, terms, depth - 1) for _ in range(2))
    if chance.random() < 0.15:
        c, z = random_pair(chance, terms, depth - 1)
        return select(terms, terms.apply("lt", a, b), c, terms.number(2.0)), np.where(x < y, z, 2.0)
    op = chance.choice(sorted(_TWO))
    made = quotient(terms, a, b) if op == "div" else terms.apply(op, a, b)
    return terms.arithmetic(made), _TWO[op](x, y)


def close(a, b):
    a, b = np.broadcast_arrays(a, b)
    fine = np.isfinite(b) & (np.abs(b) < 1e100)
    return bool(np.allclose(np.asarray(a, float)[fine], b[fine], rtol=1e-9, atol=1e-9))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("seed", range(400))
def test_simplified_terms_have_the_value_of_what_was_written(seed):
    chance, terms = random.Random(seed), Terms()
    made, value = random_pair(chance, terms, 5)
    assert close(evaluate([made], VALUES, NUMPY)[0], value)
    moved = terms.substitute([made], {"p": terms.symbol("q"), "q": terms.symbol("p")})[0]
    swapped = {**VALUES, "p": VALUES["q"], "q": VALUES["p"]}
    assert close(evaluate([moved], swapped, NUMPY)[0], value)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("seed", range(60))
def test_a_form_that_is_found_affine_is(x64, seed):
    chance, terms = random.Random(seed), Terms()
    (a, _), (b, _), (c, _) = (random_pair(chance, terms, 2) for _ in range(3))
    x, free = terms.symbol("x"), {"x": terms.number(0.3)}
    a, b, c = terms.substitute([a, b, c], free)
    made = terms.sub(terms.mul(terms.sub(x, a), b), terms.div(terms.add(c, x), terms.number(4.0)))
    form = affine(terms, made, "x")
    assert form is not None
    assert not (form[0].symbols | form[1].symbols) & {"x"}
    again = terms.add(form[0], terms.mul(form[1], x))
    left, right = (evaluate([t], VALUES, NUMPY)[0] for t in (again, made))
    assert close(left, right)
    assert close(np.asarray(evaluate([made], VALUES, JAX)[0]), right)


@pytest.mark.parametrize("op", ["exp", "sqrt", "fabs", "tanh"])
def test_what_is_not_affine_is_not_taken_for_it(op):
    terms = Terms()
    x = terms.symbol("x")
    assert affine(terms, terms.apply(op, x), "x") is None
    assert affine(terms, terms.mul(x, terms.add(x, terms.number(1.0))), "x") is None
    assert affine(terms, terms.div(terms.number(1.0), x), "x") is None
    chosen = terms.select(terms.apply("lt", x, terms.number(0.0)), x, terms.number(1.0))
    assert affine(terms, chosen, "x") is None


def test_terms_are_made_once_and_keep_the_sign_of_zero():
    terms = Terms()
    assert terms.add(terms.symbol("v"), terms.number(1)) is terms.add(terms.symbol("v"), terms.number(1.0))
    assert terms.number(0.0) is not terms.number(-0.0)
    assert terms.number(True) is not terms.number(1.0)
    assert terms.select(terms.number(True), terms.symbol("p"), terms.symbol("q")) is terms.symbol("p")


def test_what_cannot_be_folded_is_left_to_arrays(x64):
    terms = Terms()
    endless = terms.div(terms.number(1.0), terms.number(0.0))
    assert math.isinf(evaluate([endless], {}, JAX)[0])
    assert math.isnan(evaluate([terms.apply("sqrt", terms.number(-1.0))], {}, JAX)[0])


def test_too_many_terms_are_refused():
    terms = Terms(most=3)
    made = terms.add(terms.symbol("v"), terms.number(2.0))
    assert terms.add(terms.symbol("v"), terms.number(2.0)) is made
    with pytest.raises(TooLarge):
        terms.number(3.0)


@pytest.mark.parametrize(
    ("scale", "middle", "width", "sign"), [(0.1, -40.0, 10.0, 1), (0.182, 25.0, 9.0, -1), (1.0, 0.0, 1.0, -1)]
)
def test_the_singular_rate_is_found_in_its_forms(scale, middle, width, sign):
    terms = Terms()
    v, one = terms.symbol("v"), terms.number(1.0)
    away = terms.sub(v, terms.number(middle))
    up = terms.mul(terms.number(scale), away)
    u = terms.div(away if sign > 0 else terms.neg(away), terms.number(width))
    forms = [terms.sub(terms.apply("exp", u), one), terms.sub(one, terms.apply("exp", u))]
    forms.append(terms.mul(terms.number(3.0), forms[0]))
    at = {"v": np.array([middle - 30.0, middle + 1e-3, middle + 17.0])}
    for below in forms:
        made = quotient(terms, up, below)
        assert "vtrap" in {t.op for t in in_order([made])}
        plain = evaluate([up], at, NUMPY)[0] / evaluate([below], at, NUMPY)[0]
        assert np.allclose(evaluate([made], at, NUMPY)[0], plain, rtol=1e-9)


def test_a_quotient_that_is_singular_elsewhere_is_no_trap():
    terms = Terms()
    v = terms.symbol("v")
    u = terms.div(terms.add(v, terms.number(35.0)), terms.number(5.0))
    below = terms.sub(terms.apply("exp", u), terms.number(1.0))
    made = quotient(terms, terms.add(v, terms.number(35.001)), below)
    assert "vtrap" not in {t.op for t in in_order([made])}


def test_same_tells_terms_apart():
    terms = Terms()
    v, p = terms.symbol("v"), terms.symbol("p")
    assert same(terms.mul(v, terms.add(p, v)), terms.add(terms.mul(v, p), terms.mul(v, v)))
    assert not same(terms.add(v, terms.number(1e-6)), v)
    assert not same(terms.apply("sqrt", terms.sub(terms.number(-9.0), terms.mul(v, v))), v)


def test_the_step_of_a_linear_equation_is_exact():
    terms = Terms()
    x, p = terms.symbol("x"), terms.symbol("p")
    step = exponential(terms, "x", terms.mul(p, terms.sub(terms.number(0.7), x)))
    after = evaluate([step], {"x": 0.2, "p": 3.0, "dt": 0.5}, NUMPY)[0]
    assert after == pytest.approx(0.7 - 0.5 * math.exp(-1.5), rel=1e-14)
    chosen = terms.select(terms.apply("gt", terms.symbol("v"), p), terms.neg(x), terms.number(0.0))
    step = exponential(terms, "x", chosen)
    at = {"x": np.full(2, 0.2), "p": 0.0, "v": np.array([-1.0, 1.0]), "dt": 0.5}
    assert np.allclose(evaluate([step], at, NUMPY)[0], [0.2, 0.2 * math.exp(-0.5)])


def test_runge_kutta_is_of_fourth_order():
    terms = Terms()
    step = runge_kutta(terms, {"x": terms.neg(terms.symbol("x"))})["x"]
    errors = [abs(evaluate([step], {"x": 1.0, "dt": dt}, NUMPY)[0] - math.exp(-dt)) for dt in (0.2, 0.1)]
    assert 28.0 < errors[0] / errors[1] < 36.0


@pytest.mark.parametrize("n", [1, 3, 6])
def test_linear_equations_are_solved(n):
    draw, terms = np.random.default_rng(n), Terms()
    matrix, right = draw.normal(size=(n, n)), draw.normal(size=n)
    matrix[0, 0] = 0.0 if n > 1 else matrix[0, 0]
    names = [f"s{k}" for k in range(n)]
    residuals = []
    for row, b in zip(matrix, right, strict=True):
        total = terms.number(-b)
        for name, c in zip(names, row, strict=True):
            total = terms.add(total, terms.mul(terms.mul(terms.number(c), terms.symbol("p")), terms.symbol(name)))
        residuals.append(total)
    found = solve_linear(terms, residuals, names, {"p": 1.0})
    values = [evaluate([found[name]], {"p": 2.0}, NUMPY)[0] for name in names]
    assert np.allclose(values, np.linalg.solve(2.0 * matrix, right))


def test_equations_without_one_solution_are_none():
    terms = Terms()
    a, b = terms.symbol("a"), terms.symbol("b")
    assert solve_linear(terms, [terms.add(a, b)], ["a", "b"], {}) is None
    assert solve_linear(terms, [terms.sub(a, b), terms.sub(b, a)], ["a", "b"], {}) is None
    assert solve_linear(terms, [terms.sub(terms.mul(a, a), b), b], ["a", "b"], {}) is None

"""Operators bind as in the C that NEURON's translator makes of them: its grammar's levels, C's for comparisons."""

import pytest

from jaxsim.io.nmodl import tree
from tests.io.nmodl.parsed import value


def grouped(node):
    """An expression with parentheses around every operation."""
    match node:
        case tree.Binary(operator, left, right):
            return f"({grouped(left)} {operator} {grouped(right)})"
        case tree.Unary(operator, operand):
            return f"({operator}{grouped(operand)})"
        case tree.Call(name, arguments):
            return f"{name}({', '.join(map(grouped, arguments))})"
        case tree.Variable(name, index):
            return name if index is None else f"{name}[{grouped(index)}]"
        case tree.Number():
            return node.text
    raise TypeError(node)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("a + b * c", "(a + (b * c))"),
        ("a * b + c", "((a * b) + c)"),
        ("a - b - c", "((a - b) - c)"),
        ("a - b + c", "((a - b) + c)"),
        ("a / b / c", "((a / b) / c)"),
        ("a / b * c", "((a / b) * c)"),
        ("a * b ^ c", "(a * (b ^ c))"),
        ("a ^ b * c", "((a ^ b) * c)"),
        ("(a + b) * c", "((a + b) * c)"),
        ("a - (b - c)", "(a - (b - c))"),
        ("f(a)^b", "(f(a) ^ b)"),
        ("m[i+1]^3*h", "((m[(i + 1)] ^ 3) * h)"),
    ],
)
def test_arithmetic(text, means):
    assert grouped(value(text)) == means


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("a ^ b ^ c", "(a ^ (b ^ c))"),
        ("(a ^ b) ^ c", "((a ^ b) ^ c)"),
        ("-2^2", "(-(2 ^ 2))"),
        ("2^-1", "(2 ^ (-1))"),
        ("2^-1*3", "((2 ^ (-1)) * 3)"),
        ("2^-a^b", "(2 ^ (-(a ^ b)))"),
        ("!a^b", "(!(a ^ b))"),
    ],
)
def test_power_binds_from_the_right_and_before_a_sign(text, means):
    assert grouped(value(text)) == means


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("-a * b", "((-a) * b)"),
        ("a * -b", "(a * (-b))"),
        ("a - -b", "(a - (-b))"),
        ("--a", "(-(-a))"),
        ("!-a", "(!(-a))"),
        ("!a == b", "((!a) == b)"),
        ("-a < b", "((-a) < b)"),
        ("!a && b", "((!a) && b)"),
        ("a - 1", "(a - 1)"),
        ("a -1", "(a - 1)"),
    ],
)
def test_sign_and_not_bind_before_every_other_operator(text, means):
    assert grouped(value(text)) == means


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("a + b < c * d", "((a + b) < (c * d))"),
        ("a < b < c", "((a < b) < c)"),
        ("a == b == c", "((a == b) == c)"),
        ("a == b < c", "(a == (b < c))"),
        ("a < b == c", "((a < b) == c)"),
        ("a != b >= c", "(a != (b >= c))"),
        ("a <= b > c", "((a <= b) > c)"),
    ],
)
def test_comparisons(text, means):
    assert grouped(value(text)) == means


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("a || b && c", "(a || (b && c))"),
        ("a && b || c", "((a && b) || c)"),
        ("a || b || c", "((a || b) || c)"),
        ("a < b && c > d", "((a < b) && (c > d))"),
        ("a == b || !c", "((a == b) || (!c))"),
        ("a && b == c", "(a && (b == c))"),
        ("a + b || c", "((a + b) || c)"),
    ],
)
def test_and_binds_before_or_and_both_after_comparisons(text, means):
    assert grouped(value(text)) == means


def test_a_chain_of_every_operator():
    means = "(((a < (b + (c * (d ^ e)))) && (!f)) || (g == h))"
    assert grouped(value("a < b + c * d ^ e && !f || g == h")) == means


def test_calls_and_indices_nest():
    assert grouped(value("f(g(a, b[c]), -1) + h()")) == "(f(g(a, b[c]), (-1)) + h())"


def test_a_sum_goes_over_line_ends_and_comments():
    assert grouped(value("a : the first\n + b ? the second\n - c")) == "((a + b) - c)"

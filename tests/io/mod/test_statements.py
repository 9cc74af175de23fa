"""Statements do what they say: the value of a current that a block computes."""

import math

import pytest

from tests.io.mod.made import current, leak


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("ix = 2 + 3 * 4 - 6 / 2 / 3", 13.0),
        ("ix = 7 / 2", 3.5),
        ("ix = p ^ 3 + v ^ 2", 8.0 + 9.0),
        ("ix = (v > 2) * 5 + (v < 2)", 5.0),
        ("ix = !(v > 2) + 2 * !0", 2.0),
        ("ix = v == 3 && p != 1 || 0", 1.0),
        ("ix = exp(log(v)) + sqrt(v * v) + fabs(-v) + log10(1000)", 12.0),
        ("ix = pow(v, 2) + floor(2.7) + ceil(2.2)", 14.0),
        ("ix = 1 IF (v > 2) { ix = 10 } ELSE { ix = 20 }", 10.0),
        ("ix = 1 IF (v < 2) { ix = 10 } ELSE IF (v > 5) { ix = 20 } ELSE { ix = 30 }", 30.0),
        ("ix = 1 IF (v < 2) { ix = 10 }", 1.0),
        ("ix = 1 IF (p == 2) { ix = ix + 4 }", 5.0),
        ("LOCAL k ix = 0 FROM k = 1 TO 4 { ix = ix + k * v }", 30.0),
        ("ix = 0 FROM k = 0 TO 4 BY 2 { ix = ix + k }", 6.0),
        ("LOCAL k k = 0 ix = 0 WHILE (k < 5) { ix = ix + v k = k + 1 }", 15.0),
        ("LOCAL a[3] a[0] = 1 a[1] = v a[2] = a[0] + a[1] ix = a[2]", 4.0),
        ("LOCAL x x = 1 ix = 0 IF (v > 0) { LOCAL x x = 5 ix = x } ix = ix + x", 6.0),
        ("LOCAL p p = 7 ix = p", 7.0),
        ("ix = f(2) + p", 10.0),
        ("ix = g(v) + v", 103.0),
        ("ix = h(1, 2)", 12.0),
        ("ix = undef(v)", 3.0),
        ("set(v) ix = shared", 9.0),
        ("{ ix = 4 } { LOCAL q q = 1 ix = ix + q }", 5.0),
        ("v = v + 1 ix = v", 4.0),
        ("VERBATIM\n/* nothing */ return 0;\nENDVERBATIM\nix = 2", 2.0),
        ('printf("%g", v) ix = 2', 2.0),
    ],
)
def test_a_body(x64, body, value):
    before = """ASSIGNED { shared }
FUNCTION f(p) { f = g(p) - 90 - p }
FUNCTION g(v) { v = 100 g = v }
FUNCTION h(a, b) { LOCAL c c = a b = b + 8 h = c + b + second() }
FUNCTION second() { second = 1 }
FUNCTION undef(x) { IF (x > 0) { undef = x } }
PROCEDURE set(x) { TABLE shared FROM 0 TO 1 WITH 2 shared = x * x }
"""
    assert current(leak(body, before), 3.0) == pytest.approx(value, rel=1e-14)


def test_a_function_does_not_see_the_locals_of_its_caller(x64):
    channel = leak("LOCAL p p = 9 ix = f(1)", "FUNCTION f(x) { f = p + x }")
    assert current(channel, 0.0) == 3.0


def test_both_sides_of_a_condition_change_what_they_assign(x64):
    before = "ASSIGNED { a b } PROCEDURE both() { IF (v > 0) { a = 1 b = 2 } ELSE { a = 3 } }"
    channel = leak("b = 7 both() ix = 10 * a + b", before)
    assert current(channel, 1.0) == 12.0
    assert current(channel, -1.0) == 37.0


def test_a_condition_on_a_parameter_is_a_choice_of_the_user(x64):
    channel = leak("IF (p > 1) { ix = v } ELSE { ix = -v }")
    assert current(channel, 5.0) == 5.0
    assert current(type(channel)(p=0.5), 5.0) == -5.0


def test_a_difference_of_exponentials_keeps_its_digits(x64):
    tiny = 1e-9
    assert current(leak("ix = v / (exp(v) - 1)"), tiny) == pytest.approx(1.0 - tiny / 2.0, rel=1e-12)
    assert current(leak("ix = (exp(v) - 1) * 1e9"), tiny) == pytest.approx(math.expm1(tiny) * 1e9, rel=1e-14)

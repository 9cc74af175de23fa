"""What cannot be a mechanism is refused with its place, its construct and a way out."""

import pytest

import jaxsim as js
from jaxsim.io.mod.lower import lower
from jaxsim.io.nmodl import NmodlError, parse_mod
from jaxsim.io.nmodl.include import Source

# What stands in a file whose second line is the block that is to blame, and what is said.
BREAKPOINTS = {
    "VERBATIM": ("VERBATIM\nix = 3;\nENDVERBATIM\nix = 1", "Write it in NMODL"),
    "WHILE": ("WHILE (v > 0) { v = v - 1 } ix = v", "known before the simulation"),
    "FROM": ("FROM i = 0 TO 1000000 { ix = ix + 1 }", "more than 5,000"),
    "the range of FROM": ("FROM i = 0 TO v { ix = ix + 1 }", "known before the simulation"),
    "too long": ("FROM i = 0 TO 4999 { FROM j = 0 TO 4999 { ix = 1 } }", "100,000 statements"),
    "too large": ("LOCAL x x = v FROM i = 0 TO 4000 { x = LONG } ix = x", "operations"),
    "recursion": ("ix = again(v)", "loop"),
    "call of mystery": ("ix = mystery(v)", "neither a function of the file"),
    "call": ("ix = two(v)", "2 arguments"),
    "undeclared": ("ix = unheard * v", "Declare it"),
    "equation": ("ix' = -v", "no STATE"),
    "array": ("ix = list[7]", "outside of 0 to 2"),
    "the index of an array": ("ix = list[v]", "known before the simulation"),
    "random numbers": ("ix = normrand(0, 1)", "with a key"),
    "SOLVE": ("IF (v > 0) { SOLVE s METHOD cnexp } ix = v", "condition"),
    "METHOD": ("SOLVE s METHOD magic ix = v", "Take cnexp"),
    "dt": ("ix = v * dt", "cnexp"),
}
_AFTER = """FUNCTION again(x) { again = again(x - 1) }
FUNCTION two(x, y) { two = x + y }
DERIVATIVE s { m' = -m }
"""
NEURON_BLOCKS = {
    "POINTER": ("SUFFIX bad NONSPECIFIC_CURRENT ix POINTER other", "USEION"),
    "BBCOREPOINTER": ("SUFFIX bad NONSPECIFIC_CURRENT ix BBCOREPOINTER other", "parameter"),
    "RANDOM": ("SUFFIX bad NONSPECIFIC_CURRENT ix RANDOM noise", "stimulus"),
    "WRITE e": ("SUFFIX bad USEION k WRITE ek NONSPECIFIC_CURRENT ix", "concentrations"),
    "USEION": ("SUFFIX bad USEION k READ nonsense NONSPECIFIC_CURRENT ix", "Its variables are ek, ik, ki, ko"),
    "READ i": ("SUFFIX bad USEION k READ ik NONSPECIFIC_CURRENT ix", "Only pools"),
    "ELECTRODE_CURRENT": ("SUFFIX bad NONSPECIFIC_CURRENT ix ELECTRODE_CURRENT other", "two mechanisms"),
    "SUFFIX nothing": ("SUFFIX nothing", "no mechanism"),
    "no current": ("SUFFIX bad RANGE p", "no current"),
    "POINT_PROCESS with WRITE": ("POINT_PROCESS bad USEION ca WRITE cai NONSPECIFIC_CURRENT ix", "of the membrane"),
    "ARTIFICIAL_CELL": ("ARTIFICIAL_CELL bad", "only mechanisms of the membrane"),
    "NEURON": ("RANGE p", "no mechanism is declared"),
}
ITEMS = {
    "DISCRETE": "DISCRETE s { m = 1 }",
    "BEFORE or AFTER": "BEFORE STEP { m = 1 }",
    "VERBATIM": "VERBATIM\nstatic double x;\nENDVERBATIM",
    "CONSERVE": "KINETIC s { ~ m -> (1) CONSERVE m + other = 1 }",
    "NET_RECEIVE": "NET_RECEIVE (w) { m = m + w }",
    "NONLINEAR": "NONLINEAR s { ~ m * m = 2 }",
    "UNITS": "UNITS { X = (furlong) (metre) }",
}


def refused(text):
    with pytest.raises(NmodlError) as caught:
        lower(parse_mod(text, "bad.mod", lambda name, path: Source(name, "")))
    return caught.value


@pytest.mark.parametrize("construct", BREAKPOINTS)
def test_in_breakpoint(construct):
    body, way_out = BREAKPOINTS[construct]
    body = body.replace("LONG", " + ".join(f"sin(x + i / {k}.5)" for k in range(20)))
    head = "NEURON { SUFFIX bad NONSPECIFIC_CURRENT ix } ASSIGNED { v ix list[3] } STATE { m }\n"
    error = refused(f"{head}BREAKPOINT {{ {body} }}\n{_AFTER}")
    assert error.construct == ("undeclared" if construct == "equation" else construct)
    assert str(error).startswith("bad.mod")
    assert way_out in str(error)
    assert construct in ("dt", "recursion") or error.line == 2


@pytest.mark.parametrize("construct", NEURON_BLOCKS)
def test_in_the_neuron_block(construct):
    names, way_out = NEURON_BLOCKS[construct]
    current = "ix = p * (v + ik)" if construct == "READ i" else "ix = p * v" if " ix" in names else "p = 1"
    error = refused(f"\nNEURON {{ {names} }}\nASSIGNED {{ v ix ik p }} BREAKPOINT {{ {current} }}")
    assert error.construct == construct
    assert way_out in str(error)
    assert "bad.mod" in str(error)


@pytest.mark.parametrize("construct", ITEMS)
def test_blocks(construct):
    head = "NEURON { SUFFIX bad NONSPECIFIC_CURRENT ix } ASSIGNED { v ix } STATE { m }\n"
    error = refused(f"{head}{ITEMS[construct]}\nBREAKPOINT {{ SOLVE s METHOD cnexp ix = v * m }}")
    assert error.construct == construct
    assert error.line == (3 if construct == "NONLINEAR" else 2)


@pytest.mark.parametrize("call", [js.read_mod, js.mod_to_python])
def test_a_refused_file_leaves_nothing(tmp_path, call):
    path = tmp_path / "bad.mod"
    path.write_text("NEURON { SUFFIX bad NONSPECIFIC_CURRENT ix POINTER other }\n")
    before = set(tmp_path.iterdir())
    with pytest.raises(NmodlError, match=r"bad\.mod:1"):
        call(path)
    assert set(tmp_path.iterdir()) == before


EVENTS = {
    "net_move": ("(w) { net_move(2) }", "from net_send"),
    "call": ("(w) { net_send(2) }", "a flag"),
    "net_event": ("(w) { net_event(t) }", "from outside"),
    "NET_RECEIVE with a parameter": ("(w) { p = w }", "the PARAMETER p"),
    "undeclared": ("(w) { WATCH (v > w) 1 }", "w"),
    "FOR_NETCONS": ("(w) { FOR_NETCONS(x) { x = 1 } }", "FOR_NETCONS"),
}


@pytest.mark.parametrize("construct", EVENTS)
def test_events(construct):
    body, way_out = EVENTS[construct]
    head = "NEURON { POINT_PROCESS bad NONSPECIFIC_CURRENT i } PARAMETER { p } ASSIGNED { v i q } STATE { m }\n"
    rest = "BREAKPOINT { SOLVE s METHOD cnexp i = m * q * p } DERIVATIVE s { m' = -m }"
    error = refused(f"{head}NET_RECEIVE {body}\n{rest}")
    assert error.construct == construct
    assert error.line == 2
    assert way_out in str(error)


def test_events_are_sent_by_events_and_at_the_start_only():
    head = "NEURON { POINT_PROCESS bad NONSPECIFIC_CURRENT i } ASSIGNED { v i } "
    error = refused(f"{head}\nBREAKPOINT {{ net_send(1, 1) i = v }}")
    assert (error.construct, error.line) == ("net_send", 2)
    assert "INITIAL" in str(error)


def test_what_events_and_currents_both_change():
    head = "NEURON { POINT_PROCESS bad NONSPECIFIC_CURRENT i } ASSIGNED { v i q }"
    error = refused(f"{head} BREAKPOINT {{ q = q + v i = q }} NET_RECEIVE (w) {{ q = w }}")
    assert "both change q" in str(error)


def test_at_time_with_two_arguments():
    text = "NEURON { POINT_PROCESS bad NONSPECIFIC_CURRENT i } ASSIGNED { v i } BREAKPOINT { at_time(1, 2) i = v }"
    assert "at_time does not take 2 arguments" in str(refused(text))


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        js.read_mod(tmp_path / "none.mod")


def test_what_solves_a_block_that_is_not_there():
    head = "NEURON { SUFFIX bad NONSPECIFIC_CURRENT ix } ASSIGNED { v ix }\n"
    assert "no such block" in str(refused(f"{head}BREAKPOINT {{ SOLVE none METHOD cnexp ix = v }}"))


def test_linear_equations_without_a_solution():
    head = "NEURON { SUFFIX bad NONSPECIFIC_CURRENT ix } ASSIGNED { v ix } STATE { a b }\n"
    text = f"{head}INITIAL {{ SOLVE s }} LINEAR s {{ ~ a + b = 1 ~ a + b = 2 }} BREAKPOINT {{ ix = v * a }}"
    assert refused(text).construct == "LINEAR"

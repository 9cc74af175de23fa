"""`mod_to_python` writes the class that `read_mod` gives."""

import ast
import inspect

import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from jaxsim.io.mod.lower import lower
from jaxsim.io.mod.make_class import make_class
from jaxsim.io.mod.python import to_python
from jaxsim.io.mod.terms import Terms
from jaxsim.io.nmodl import parse_mod, read_mod_tree
from tests.io.mod.channels import CHANNELS
from tests.io.mod.made import everything, leak
from tests.io.mod.sources import SOURCES
from tests.io.mod.test_neuron import SHIPPED
from tests.io.nmodl.neuron_files import NEURON_FILES

TREES = {name: parse_mod(text, f"{name}.mod") for name, text in {**CHANNELS, **SOURCES}.items()}
TREES |= {f"shipped {p.stem}": read_mod_tree(p) for p in NEURON_FILES if p.stem in SHIPPED}


def text_of(file):
    terms = Terms()
    return to_python(terms, lower(file, terms), "it.mod")


def executed(text):
    """The class of a text."""
    space = {}
    exec(compile(text, "made.py", "exec"), space)
    (name,) = (node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef))
    return space[name]


@pytest.mark.parametrize("name", TREES)
def test_the_text_is_the_class(x64, name):
    ours, written = make_class(lower(TREES[name])), executed(text_of(TREES[name]))
    assert written.parameters() == ours.parameters()
    assert (written.reads, written.starts_steady) == (ours.reads, ours.starts_steady)
    assert getattr(written, "writes", {}) == getattr(ours, "writes", {})
    assert [getattr(written(), p) for p in written.parameters()] == [getattr(ours(), p) for p in ours.parameters()]
    assert inspect.cleandoc(written.__doc__) == inspect.cleandoc(ours.__doc__)
    v = jnp.linspace(-97.3, 61.1, 23)
    a, b = everything(ours, v), everything(written, v)
    assert a.keys() == b.keys()
    for what in a:
        assert np.allclose(a[what], b[what], rtol=1e-12, atol=1e-300), what


@pytest.mark.parametrize("name", TREES)
def test_the_text_is_stable_and_its_lines_are_short(name):
    text = text_of(TREES[name])
    assert text == text_of(TREES[name])
    long = [line for line in text.splitlines() if len(line) > 120 and not line.lstrip().startswith("#")]
    assert len(long) <= 0.25 * len(text.splitlines())
    assert text.endswith("\n")
    assert "\t" not in text


def test_names_of_the_file_are_kept():
    text = text_of(TREES["guarded"])
    assert '"""guarded, made from it.mod by jaxsim."""' in text
    assert "gbar: js.units.S_per_cm2 = 0.02  # conductance" in text
    assert "vhalf: js.units.mV = -38.0" in text
    for name in ("q = ", "minf = ", "hinf = ", "htau = ", "a = ", "b = "):
        assert name in text


def test_it_is_written_where_it_is_asked_for(tmp_path):
    path, output = tmp_path / "bare.mod", tmp_path / "bare.py"
    path.write_text(CHANNELS["bare"])
    text = js.mod_to_python(path, output)
    assert output.read_text() == text
    assert "made from bare.mod" in text


@pytest.mark.parametrize(
    "title",
    ['a "quoted" title', 'ends in "quotes"', "back\\slash \\n", '"""', "'''", "tab\tand \x0c feed", "é ² \u2028 end"],
)
def test_any_title_makes_a_docstring(title):
    file = parse_mod(f"TITLE {title}\n{CHANNELS['bare']}", "a.mod")
    assert executed(text_of(file)).__doc__ is not None


def test_numbers_that_are_not_finite_are_numbers(x64):
    for body in ("ix = v / 0", "ix = 1 / 0 + v", "ix = exp(800) + v", "ix = sqrt(-p * p) + log(0) + v"):
        channel = leak(body)
        head = "NEURON { SUFFIX leak NONSPECIFIC_CURRENT ix } PARAMETER { p = 2 } ASSIGNED { v ix }\n"
        written = executed(text_of(parse_mod(f"{head}BREAKPOINT {{ {body} }}", "a.mod")))
        v = jnp.asarray([1.0, 2.0])
        found = [one.current(v, {})[""] for one in (channel, written())]
        assert np.array_equal(*found, equal_nan=True), body

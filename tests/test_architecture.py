"""The house rules that a machine can check, over the source of the package. Each message says what to do.

A rule is a function from a parsed file to the sentences of what breaks it. The last part feeds each rule a small bad
source and demands that it fires.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "jaxsim"
MAX_FILE, MAX_FUNCTION = 400, 60
FLOORS = [  # a file imports its own folder and lower floors; folders that share a floor do not import each other
    {"_exp", "_struct", "atomic", "errors", "tune", "units"},
    {"morphology"},
    {"cable"},
    {"mechanisms", "numerics"},
    {"model"},
    {"build", "run"},
    {"fit"},
    {"analysis", "plot", "io"},  # leaves
]
FLOOR = {unit: floor for floor, units in enumerate(FLOORS) for unit in units}
DOORS = {"__init__", "cli"}  # where the package is entered: they import anything and nobody imports them
NO_JAX = {"atomic", "errors", "tune", "units", "morphology", "cable", "build"}
NUMPY_ONLY = NO_JAX - {"build"}
CORE = {"jax", "jaxlib", "numpy", "scipy", "optax"}
SEEDED = {
    "BitGenerator", "Generator", "MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64", "SeedSequence", "default_rng",
}  # fmt: skip
DRAWERS = {"utils", "util", "helpers", "common", "misc"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Import:
    """One imported module: its full name, its line, whether it runs when the file is imported."""

    module: str
    line: int
    at_top: bool
    typing_only: bool


@dataclass(frozen=True)
class File:
    """A source file of the package by its path below jaxsim/."""

    path: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def parts(self) -> tuple[str, ...]:
        return Path(self.path).with_suffix("").parts

    @property
    def unit(self) -> str:
        """The folder (or, on the ground floor, the file) that has a floor."""
        return self.parts[0]

    @cached_property
    def names(self) -> dict[str, str]:
        """Local name -> the full name that an import of this file gave it."""
        names = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    bound = alias.name if alias.asname else alias.name.split(".")[0]
                    names[alias.asname or bound] = bound
            elif isinstance(node, ast.ImportFrom):
                base = absolute(self, node)
                names |= {alias.asname or alias.name: f"{base}.{alias.name}" for alias in node.names}
        return names

    def full_name(self, node: ast.expr) -> str:
        """What `np.random.rand` stands for, by this file's imports; "" where the expression is no dotted name."""
        if isinstance(node, ast.Attribute):
            base = self.full_name(node.value)
            return f"{base}.{node.attr}" if base else ""
        return self.names.get(node.id, node.id) if isinstance(node, ast.Name) else ""


def absolute(file: File, node: ast.ImportFrom) -> str:
    """The full name of the module in `from <module> import ...`."""
    if not node.level:
        return node.module or ""
    package = ("jaxsim", *file.parts[:-1])
    return ".".join((*package[: len(package) - node.level + 1], *filter(None, [node.module])))


def imports(file: File) -> Iterator[Import]:
    """Every import of a file, wherever it stands. `from package import name` counts as package.name."""

    def visit(node: ast.AST, at_top: bool, typing_only: bool) -> Iterator[Import]:
        found: list[str] = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found = [f"{absolute(file, node)}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and file.full_name(node.func) in {"importlib.import_module", "__import__"}:
            found = [a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        yield from (Import(name, getattr(node, "lineno", 0), at_top, typing_only) for name in found)
        at_top = at_top and not isinstance(node, (*FUNCTIONS, ast.Lambda))
        typed = node.body if isinstance(node, ast.If) and file.full_name(node.test) == "typing.TYPE_CHECKING" else []
        for child in ast.iter_child_nodes(node):
            yield from visit(child, at_top, typing_only or child in typed)

    return visit(file.tree, True, False)


def rule_floor(file: File) -> Iterator[str]:
    """Own folder and lower floors only."""
    here = file.unit
    if here not in FLOOR and here not in DOORS | {"__main__"}:
        yield f"1: jaxsim/{here} has no floor: put it into the folder that owns the idea, or add it to FLOORS here"
        return
    for drawer in DRAWERS & set(file.parts):
        yield f"1: no {drawer}: a helper belongs to the floor that owns the idea, name the file after it"
    for found in imports(file):
        root, unit = (*found.module.split("."), "")[:2]
        if root != "jaxsim" or unit == here or here in DOORS:
            continue
        if here == "__main__" and unit == "cli":
            continue
        if here == "__main__":
            yield f"{found.line}: __main__ imports jaxsim.cli only; call its main()"
        elif unit not in FLOOR:
            yield f"{found.line}: {found.module} is a door; import from the file that defines the name"
        elif FLOOR[unit] > FLOOR[here]:
            yield f"{found.line}: {here} may not import {unit}, which stands above it; move the shared part down"
        elif FLOOR[unit] == FLOOR[here] > 0:
            yield f"{found.line}: {here} and {unit} share a floor and stay apart; move the shared part down"


def rule_third_party(file: File) -> Iterator[str]:
    """numpy alone below the mechanisms, no jax in builders, extras only inside functions."""
    for found in imports(file):
        name, unit = (*found.module.split("."), "")[:2]
        if name in {"jax", "jaxlib", "optax"} and file.unit in NO_JAX:
            yield f"{found.line}: {file.unit} does without {name}; jax begins behind compile_model, in model/"
        elif name == "jaxsim" and unit == "_struct" and file.unit in NUMPY_ONLY:
            yield f"{found.line}: {file.unit} is numpy only and _struct needs jax; use a frozen dataclass"
        elif name == "scipy" and file.unit in NUMPY_ONLY and found.at_top:
            yield f"{found.line}: {file.unit} is numpy only; import scipy inside the function that needs it"
        elif name not in CORE | {"jaxsim"} | sys.stdlib_module_names and found.at_top and not found.typing_only:
            yield f"{found.line}: {name} is no core dependency; import it inside the function that needs it"


def rule_size(file: File) -> Iterator[str]:
    lines = len(file.source.splitlines())
    if lines > MAX_FILE:
        yield f"1: {lines} lines (limit {MAX_FILE}); split the file by subject"
    for node in ast.walk(file.tree):
        if isinstance(node, FUNCTIONS) and (n := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION:
            yield f"{node.lineno}: {node.name} has {n} lines (limit {MAX_FUNCTION}); name its parts and call them"


def rule_docstring(file: File) -> Iterator[str]:
    if file.tree.body and not ast.get_docstring(file.tree):
        yield "1: no docstring; begin the file with one sentence that says what lives here"


def rule_assert(file: File) -> Iterator[str]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Assert):
            yield f"{node.lineno}: python -O removes assert; raise ValueError, KeyError or TypeError with the fix"


def rule_default(file: File) -> Iterator[str]:
    literals = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    makers = {"list", "dict", "set", "bytearray", "collections.defaultdict"}
    makers |= {f"numpy.{name}" for name in ("array", "asarray", "arange", "empty", "full", "linspace", "ones", "zeros")}
    for node in ast.walk(file.tree):
        if isinstance(node, (*FUNCTIONS, ast.Lambda)):
            for value in filter(None, [*node.args.defaults, *node.args.kw_defaults]):
                call = file.full_name(value.func) if isinstance(value, ast.Call) else ""
                if isinstance(value, literals) or call in makers:
                    yield f"{value.lineno}: a mutable default is shared by all calls; use None or a tuple"


def rule_self(file: File) -> Iterator[str]:
    """Objects do not change after their construction; builders may."""
    if file.unit == "build":
        return

    def visit(node: ast.AST, constructing: bool) -> Iterator[str]:
        if isinstance(node, FUNCTIONS):
            constructing = node.name in {"__init__", "__post_init__"}
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            target: ast.expr = node
            while isinstance(target, ast.Attribute | ast.Subscript | ast.Starred):
                target = target.value
            written = isinstance(target, ast.Name) and target.id == "self"
        else:
            written = isinstance(node, ast.Call) and file.full_name(node.func) in {"object.__setattr__", "setattr"}
        if written and not constructing:
            line = getattr(node, "lineno", 0)
            yield f"{line}: an object is not changed after __init__; return a new one (dataclasses.replace)"
        for child in ast.iter_child_nodes(node):
            yield from visit(child, constructing)

    yield from visit(file.tree, False)


def rule_quiet(file: File) -> Iterator[str]:
    if file.unit == "cli":
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and file.full_name(node.func) in {"print", "jax.debug.print"}:
            yield f"{node.lineno}: the package is quiet; return the value, use warnings.warn, or print it in cli"


def rule_config(file: File) -> Iterator[str]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Attribute) and file.full_name(node) == "jax.config":
            yield f"{node.lineno}: jax.config is the user's; take the dtype from the arrays that come in"
    for found in imports(file):
        if found.module.startswith("jax.config"):
            yield f"{found.line}: jax.config is the user's; take the dtype from the arrays that come in"


def rule_random(file: File) -> Iterator[str]:
    """Nothing is random without a seed or a key."""
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.Call):
            continue
        name = file.full_name(node.func)
        seeded = name.removeprefix("numpy.random.") in SEEDED
        if name in {"numpy.random.default_rng", "numpy.random.SeedSequence"} and not node.args + node.keywords:
            yield f"{node.lineno}: {name}() draws its seed from the clock; pass a seed"
        elif (name.startswith("numpy.random.") and not seeded) or (
            name.startswith("random.") and "random" in file.names.values() and name != "random.Random"
        ):
            yield f"{node.lineno}: {name} uses hidden global state; take a seed and use np.random.default_rng(seed)"


def rule_getattr(file: File) -> Iterator[str]:
    for node in ast.walk(file.tree):
        if isinstance(node, FUNCTIONS) and node.name in {"__getattr__", "__getattribute__"}:
            yield f"{node.lineno}: no {node.name}: write the names out, so that readers, editors and mypy find them"


def rule_public_names(file: File) -> Iterator[str]:
    """jaxsim/__init__.py is the list of public names and nothing else."""
    if file.path != "__init__.py":
        return
    for node in file.tree.body:
        dunder = isinstance(node, ast.Assign | ast.AnnAssign) and all(
            isinstance(t, ast.Name) and t.id.startswith("__")
            for t in (node.targets if isinstance(node, ast.Assign) else [node.target])
        )
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not (dunder or text or isinstance(node, ast.Import | ast.ImportFrom)):
            yield f"{node.lineno}: __init__ holds imports and __all__ only; move the code to the floor that owns it"
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            yield f"{node.lineno}: import the public names one by one"


RULES: dict[str, Callable[[File], Iterator[str]]] = {
    name.removeprefix("rule_"): value for name, value in list(globals().items()) if name.startswith("rule_")
}
FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES)
def test_file_keeps_the_house_rules(path: str) -> None:
    file = File(path, (PACKAGE / path).read_text(encoding="utf-8"))
    broken = [f"jaxsim/{path}:{said}  [{name}]" for name, rule in RULES.items() for said in rule(file)]
    assert not broken, "\n" + "\n".join(broken)


def test_the_package_was_found() -> None:
    assert {"_struct.py", "errors.py", "units.py"} <= set(FILES)


# The checker itself: each line is a rule, a file and a source that breaks it, or keeps it.
BREAKS = [
    ("floor", "cable/a.py", "from jaxsim.model.spec import Spec"),
    ("floor", "cable/a.py", "from ..model import spec"),
    ("floor", "cable/a.py", "from .. import model"),
    ("floor", "mechanisms/channels/a.py", "from ...run import simulate"),
    ("floor", "mechanisms/base.py", "import jaxsim.numerics.gates"),
    ("floor", "numerics/gates.py", "from jaxsim.mechanisms import base"),
    ("floor", "build/cell.py", "from jaxsim.run.simulate import simulate"),
    ("floor", "run/simulate.py", "def f():\n    from jaxsim.build.cell import Cell"),
    ("floor", "fit/free.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from jaxsim.plot import cells"),
    ("floor", "run/recording.py", "def plot():\n    from jaxsim.plot import traces"),
    ("floor", "plot/a.py", "from jaxsim.io import nwb"),
    ("floor", "fit/a.py", "from jaxsim.cli import main"),
    ("floor", "fit/a.py", "import jaxsim"),
    ("floor", "fit/a.py", "import jaxsim as js"),
    ("floor", "fit/a.py", "from jaxsim import Cell"),
    ("floor", "errors.py", "import importlib\nimportlib.import_module('jaxsim.fit')"),
    ("floor", "__main__.py", "from jaxsim.run.simulate import simulate"),
    ("floor", "helpers.py", ""),
    ("floor", "model/utils.py", ""),
    ("third_party", "cable/a.py", "import jax.numpy as jnp"),
    ("third_party", "morphology/a.py", "def f():\n    from jax import lax"),
    ("third_party", "build/cell.py", "import jax"),
    ("third_party", "cable/a.py", "from jaxsim._struct import struct"),
    ("third_party", "units.py", "from ._struct import struct"),
    ("third_party", "atomic.py", "import jax"),
    ("third_party", "morphology/a.py", "from scipy import spatial"),
    ("third_party", "plot/a.py", "import matplotlib.pyplot as plt"),
    ("third_party", "io/a.py", "try:\n    import h5py\nexcept ImportError:\n    h5py = None"),
    ("third_party", "fit/a.py", "class A:\n    from tqdm import tqdm"),
    ("size", "cable/a.py", "x = 1\n" * 401),
    ("size", "cable/a.py", "def f():\n" + "    x = 1\n" * 60),
    ("docstring", "cable/a.py", "x = 1"),
    ("assert", "cable/a.py", "def f(x):\n    assert x > 0"),
    ("default", "cable/a.py", "def f(x=[]): ..."),
    ("default", "cable/a.py", "def f(*, x=dict()): ..."),
    ("default", "cable/a.py", "f = lambda x={}: x"),
    ("default", "cable/a.py", "import numpy as np\ndef f(x=np.zeros(3)): ..."),
    ("self", "model/a.py", "class A:\n    def f(self):\n        self.x = 1"),
    ("self", "model/a.py", "class A:\n    def f(self):\n        self.x.y[0], z = 1, 2"),
    ("self", "model/a.py", "class A:\n    def f(self):\n        self.x += 1"),
    ("self", "model/a.py", "class A:\n    def f(self):\n        del self.x"),
    ("self", "model/a.py", "class A:\n    def f(self):\n        object.__setattr__(self, 'x', 1)"),
    ("self", "model/a.py", "class A:\n    def __init__(self):\n        def g():\n            self.x = 1"),
    ("quiet", "fit/fit.py", "print('step')"),
    ("quiet", "fit/fit.py", "import jax\njax.debug.print('x')"),
    ("config", "model/a.py", "import jax\njax.config.update('jax_enable_x64', True)"),
    ("config", "model/a.py", "import jax as j\nj.config.jax_enable_x64"),
    ("config", "model/a.py", "from jax import config"),
    ("random", "build/a.py", "import numpy as np\nnp.random.normal(3)"),
    ("random", "build/a.py", "from numpy import random as r\nr.seed(0)"),
    ("random", "build/a.py", "from numpy.random import rand\nrand(3)"),
    ("random", "build/a.py", "import numpy as np\nnp.random.default_rng()"),
    ("random", "build/a.py", "import random\nrandom.random()"),
    ("getattr", "model/a.py", "class A:\n    def __getattr__(self, name): ..."),
    ("public_names", "__init__.py", "def f(): ..."),
    ("public_names", "__init__.py", "from jaxsim.build.cell import *"),
]
KEEPS = [
    ("floor", "__init__.py", "from jaxsim.plot.cells import draw\nfrom .cli import main"),
    ("floor", "__main__.py", "from jaxsim.cli import main"),
    ("floor", "cli.py", "import jaxsim as js\nfrom jaxsim.plot import traces"),
    (
        "floor",
        "cable/a.py",
        "from jaxsim.morphology.swc import read_swc\nfrom . import policy\nfrom ..errors import must",
    ),
    ("floor", "_struct.py", "from jaxsim.errors import must"),
    ("third_party", "morphology/a.py", "import numpy as np\ndef f():\n    import morphio"),
    ("third_party", "fit/a.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import tqdm"),
    ("third_party", "fit/a.py", "from __future__ import annotations\nimport optax, jax, scipy.sparse, json"),
    ("size", "cable/a.py", "x = 1\n" * 400),
    ("size", "cable/a.py", "def f():\n" + "    x = 1\n" * 59),
    ("docstring", "cable/__init__.py", ""),
    ("default", "cable/a.py", "import numpy as np\ndef f(x=None, y=(), z=np.inf): ..."),
    ("self", "model/a.py", "class A:\n    def __post_init__(self):\n        object.__setattr__(self, 'x', 1)"),
    ("self", "model/a.py", "class A:\n    def f(self):\n        y = self.x\n        y.z = 1"),
    ("self", "build/cell.py", "class A:\n    def f(self):\n        self.x = 1"),
    ("quiet", "cli/fit.py", "print('step')"),
    ("random", "build/a.py", "import numpy as np\nnp.random.default_rng(3).normal()"),
    ("random", "build/a.py", "from jax import random\nrandom.normal(random.key(0))"),
    ("public_names", "__init__.py", '"""Doc."""\nfrom jaxsim.cli import main\n__all__ = ["main"]'),
]


@pytest.mark.parametrize(("rule", "path", "source"), BREAKS)
def test_rule_fires(rule: str, path: str, source: str) -> None:
    assert list(RULES[rule](File(path, source)))


@pytest.mark.parametrize(("rule", "path", "source"), KEEPS)
def test_rule_stays_silent(rule: str, path: str, source: str) -> None:
    assert not list(RULES[rule](File(path, source)))


def test_every_rule_has_a_source_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BREAKS} == set(RULES)

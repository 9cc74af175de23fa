"""A tree written back as the words of its source, and the words of a source: the two agree if nothing was lost.

Parentheses and brackets are left out of both; the meaning of parentheses is tested with the expressions.
"""

import math
import re
from collections.abc import Callable, Iterable

from jaxsim.io.nmodl import tree
from jaxsim.io.nmodl.tokens import source_text, tokenise

_WORD = re.compile(r"[A-Za-z_]\w*|(?:\d+\.?\d*|\.\d+)(?:[Ee][-+]?\d+)?|\S")
_DROPPED = frozenset("()[]")


def source_words(text: str, defines: dict[str, int]) -> str:
    """The words of a source, numbers as numbers and names that DEFINE gave a number as that number."""
    words: list[str] = []
    for token in tokenise(source_text(text), "", []):
        if token.kind == "end":
            return "".join("".join(words).split())
        after_define = words[-1:] == ["DEFINE"]
        if token.kind == "number" or (token.text in defines and token.kind == "name" and not after_define):
            words += _number(float(defines.get(token.text) or token.text))
        elif token.kind not in _DROPPED:
            words.append({"CHARGE": "VALENCE", "EQUATION": "BREAKPOINT"}.get(token.kind, token.kind))
            words[-1] = token.text if token.kind.islower() else words[-1]
    return ""


def tree_words(file: tree.ModFile) -> str:
    """The words of a tree."""
    return "".join("".join(_all(file.items)).split())


def _number(value: float | None) -> list[str]:
    if value is None:
        return []
    return ["-"] * (math.copysign(1.0, value) < 0.0) + [str(abs(float(value)))]


def _unit(text: str) -> list[str]:
    words = []
    for word in _WORD.findall(text):
        try:
            words += _number(float(word))
        except ValueError:
            words += [word] * (word not in _DROPPED)
    return words


def _commas(lists: Iterable[list[str]]) -> list[str]:
    return [word for one in lists for word in [",", *one]][1:]


def _all(nodes: Iterable[tree.Node]) -> list[str]:
    return [word for node in nodes for word in _words(node)]


def _body(nodes: Iterable[tree.Node] | None, keyword: str = "") -> list[str]:
    return [] if nodes is None else [keyword, "{", *_all(nodes), "}"]


def _optional(keyword: str, words: Iterable[str]) -> list[str]:
    words = list(words)
    return [keyword, *words] if words else []


def _names(names: Iterable[str]) -> list[str]:
    return _commas([name] for name in names)


def _words(node: tree.Node) -> list[str]:
    return _WORDS[type(node)](node)


_WORDS: dict[type[tree.Node], Callable[..., list[str]]] = {
    tree.Number: lambda n: [*_number(n.value), *_unit(n.unit)],
    tree.String: lambda n: [n.text],
    tree.Variable: lambda n: [
        n.name + "'" * n.primes,
        *_optional("@", _number(n.ago)),
        *([] if n.index is None else _words(n.index)),
    ],
    tree.Call: lambda n: [n.function, *_commas(map(_words, n.arguments))],
    tree.AddressOf: lambda n: ["&", *_words(n.variable)],
    tree.Unary: lambda n: [n.operator, *_words(n.operand)],
    tree.Binary: lambda n: [*_words(n.left), n.operator, *_words(n.right)],
    tree.LocalVariable: lambda n: [n.name, *_number(n.size)],
    tree.Local: lambda n: ["LOCAL", *_commas(map(_words, n.variables))],
    tree.Verbatim: lambda n: [n.text],
    tree.UnitsSwitch: lambda n: ["UNITSON" if n.on else "UNITSOFF"],
    tree.Obsolete: lambda n: _unit(n.text),
    tree.Assign: lambda n: ["PROTECT" * n.protect, *_words(n.target), "=", *_words(n.value)],
    tree.CallStatement: lambda n: _words(n.call),
    tree.Group: lambda n: _body(n.body),
    tree.Branch: lambda n: ["IF", *_words(n.condition), *_body(n.body)],
    tree.If: lambda n: [
        *[word for i, one in enumerate(n.branches) for word in ["ELSE" * (i > 0), *_words(one)]],
        *_body(n.otherwise, "ELSE"),
    ],
    tree.While: lambda n: ["WHILE", *_words(n.condition), *_body(n.body)],
    tree.From: lambda n: [
        *["FROM", n.variable, "=", *_words(n.first), "TO", *_words(n.last)],
        *_optional("BY", _words(n.step) if n.step else []),
        *_body(n.body),
    ],
    tree.ForAll: lambda n: ["FORALL", n.array, *_body(n.body)],
    tree.Solve: lambda n: [
        *["SOLVE", n.block],
        *_optional("STEADYSTATE" if n.steadystate else "METHOD", [n.method] if n.method else []),
        *_body(n.on_error, "IFERROR"),
    ],
    tree.Conductance: lambda n: ["CONDUCTANCE", n.variable, *_optional("USEION", [n.ion] if n.ion else [])],
    tree.Table: lambda n: [
        *["TABLE", *_names(n.names), *_optional("DEPEND", _names(n.depend))],
        *["FROM", *_words(n.first), "TO", *_words(n.last), "WITH", *_number(n.count)],
    ],
    tree.Equation: lambda n: ["~" + "+" * n.added, *_words(n.left), "=", *_words(n.right)],
    tree.Reactant: lambda n: [*(_number(n.count) if n.count != 1 else []), *_words(n.variable)],
    tree.Reaction: lambda n: [
        *["~", *_terms(n.left), n.arrow, *_terms(n.right), *_words(n.forward)],
        *_optional(",", _words(n.backward) if n.backward else []),
    ],
    tree.Conserve: lambda n: ["CONSERVE", *_terms(n.terms), "=", *_words(n.total)],
    tree.Compartment: lambda n: [
        *["COMPARTMENT", *([n.index, ","] if n.index else []), *_words(n.volume), "{", *n.states, "}"],
    ],
    tree.LongitudinalDiffusion: lambda n: [
        *["LONGITUDINAL_DIFFUSION", *([n.index, ","] if n.index else []), *_words(n.coefficient), "{", *n.states, "}"],
    ],
    tree.WatchCondition: lambda n: [*_words(n.left), n.operator, *_words(n.right), *_words(n.flag)],
    tree.Watch: lambda n: ["WATCH", *_commas(map(_words, n.conditions))],
    tree.Lag: lambda n: ["LAG", *_words(n.variable), "BY", n.by],
    tree.Mutex: lambda n: ["MUTEXLOCK" if n.lock else "MUTEXUNLOCK"],
    tree.Argument: lambda n: [n.name, *_unit(n.unit)],
    tree.ForNetcons: lambda n: ["FOR_NETCONS", *_commas(map(_words, n.arguments)), *_body(n.body)],
    tree.NetReceive: lambda n: ["NET_RECEIVE", *_commas(map(_words, n.arguments)), *_body(n.body)],
    tree.Initial: lambda n: _body(n.body, "INITIAL"),
    tree.Breakpoint: lambda n: _body(n.body, "BREAKPOINT"),
    tree.Constructor: lambda n: _body(n.body, "CONSTRUCTOR"),
    tree.Destructor: lambda n: _body(n.body, "DESTRUCTOR"),
    tree.BeforeAfter: lambda n: [n.when, n.what, *_body(n.body)],
    tree.Derivative: lambda n: ["DERIVATIVE", n.name, *_body(n.body)],
    tree.Discrete: lambda n: ["DISCRETE", n.name, *_body(n.body)],
    tree.Kinetic: lambda n: ["KINETIC", n.name, *_optional("SOLVEFOR", _names(n.solvefor)), *_body(n.body)],
    tree.Linear: lambda n: ["LINEAR", n.name, *_optional("SOLVEFOR", _names(n.solvefor)), *_body(n.body)],
    tree.Nonlinear: lambda n: ["NONLINEAR", n.name, *_optional("SOLVEFOR", _names(n.solvefor)), *_body(n.body)],
    tree.Function: lambda n: ["FUNCTION", *_head(n), *_body(n.body)],
    tree.Procedure: lambda n: ["PROCEDURE", *_head(n), *_body(n.body)],
    tree.FunctionTable: lambda n: ["FUNCTION_TABLE", *_head(n)],
    tree.Title: lambda n: [n.text],
    tree.Define: lambda n: ["DEFINE", n.name, *_number(n.value)],
    tree.Include: lambda n: ["INCLUDE", n.name],
    tree.NeuronBlock: lambda n: _body(n.statements, "NEURON"),
    tree.Identifier: lambda n: [n.name],
    tree.Suffix: lambda n: [n.keyword, n.name],
    tree.NameList: lambda n: [n.keyword, *_commas(map(_words, n.names))],
    tree.ThreadSafe: lambda n: ["THREADSAFE"],
    tree.Represents: lambda n: ["REPRESENTS", n.identifier],
    tree.UseIon: lambda n: [
        *["USEION", n.ion],
        *_optional("READ", _commas(map(_words, n.read))),
        *_optional("WRITE", _commas(map(_words, n.write))),
        *_optional("VALENCE", _number(n.valence)),
        *_optional("REPRESENTS", [n.represents] if n.represents else []),
    ],
    tree.UnitDefinition: lambda n: [*_unit(n.unit), "=", *_unit(n.meaning)],
    tree.UnitFactor: lambda n: [n.name, "=", *_number(n.value), *_unit(n.given), *_unit(n.unit)],
    tree.UnitsBlock: lambda n: _body(n.definitions, "UNITS"),
    tree.Parameter: lambda n: [
        *[n.name, *_number(n.size), *_optional("=", _number(n.value)), *_unit(n.unit)],
        *([] if n.limits is None else ["<", *_number(n.limits[0]), ",", *_number(n.limits[1]), ">"]),
    ],
    tree.ParameterBlock: lambda n: _body(n.parameters, "PARAMETER"),
    tree.Constant: lambda n: [n.name, "=", *_number(n.value), *_unit(n.unit)],
    tree.ConstantBlock: lambda n: _body(n.constants, "CONSTANT"),
    tree.Declared: lambda n: [
        *[n.name + "'" * n.primes, *_number(n.size)],
        *([] if n.bounds is None else ["FROM", *_number(n.bounds[0]), "TO", *_number(n.bounds[1])]),
        *_optional("START", _number(n.start)),
        *_unit(n.unit),
        *([] if n.tolerance is None else ["<", *_number(n.tolerance), ">"]),
    ],
    tree.AssignedBlock: lambda n: _body(n.variables, "ASSIGNED"),
    tree.StateBlock: lambda n: _body(n.variables, "STATE"),
    tree.Independent: lambda n: [
        *["SWEEP" * n.sweep, n.name, "FROM", *_number(n.first), "TO", *_number(n.last), "WITH", *_number(n.steps)],
        *[*_optional("START", _number(n.start)), *_unit(n.unit)],
    ],
    tree.IndependentBlock: lambda n: _body(n.variables, "INDEPENDENT"),
    tree.Stepped: lambda n: [n.name, "=", *_commas(map(_number, n.values)), *_unit(n.unit)],
    tree.SteppedBlock: lambda n: _body(n.variables, "STEPPED"),
}


def _terms(terms: Iterable[tree.Reactant]) -> list[str]:
    return [word for term in terms for word in ["+", *_words(term)]][1:]


def _head(block: tree.Function | tree.Procedure | tree.FunctionTable) -> list[str]:
    return [block.name, *_commas(map(_words, block.arguments)), *_unit(block.unit)]


KINDS = frozenset(_WORDS)  # every kind of node that can be written back

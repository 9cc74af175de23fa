"""A block of NMODL run on terms instead of numbers: what each variable is after it, as a function of what was before.

Loops are unrolled, procedures and functions run where they are called. Where an IF asks what is known only in a
simulation, both its sides are run, each variable becomes a `select`, and what could be singular in the side that is not
taken (a denominator that the condition watches) is replaced there by something finite.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from jaxsim.io.mod.calculus import quotient
from jaxsim.io.mod.declared import elements
from jaxsim.io.mod.frame import PRIME, Frame, Rules
from jaxsim.io.mod.refuse import NO_C, refusal
from jaxsim.io.mod.terms import FUNCTIONS, Term, TooLarge
from jaxsim.io.mod.verbatim import is_harmless
from jaxsim.io.nmodl import tree

_OPERATIONS = {
    "+": "add", "-": "sub", "*": "mul", "/": "div", "^": "pow", "<": "lt", ">": "gt", "<=": "le", ">=": "ge",
    "==": "eq", "!=": "ne", "&&": "and", "||": "or",
}  # fmt: skip
_MOST_TURNS, _DEEPEST = 5_000, 40
_NAMES = {tree.LongitudinalDiffusion: "LONGITUDINAL_DIFFUSION", tree.ForNetcons: "FOR_NETCONS"}
_FIXES = {"LONGITUDINAL_DIFFUSION": "Remove it, and let the ion diffuse: cell.insert(js.Diffusion(d=..., ion=...))."}
_IGNORED = (tree.Table, tree.UnitsSwitch, tree.Conductance, tree.Mutex)
# [ms], by so much an instant of at_time is earlier.
_BEFORE = 1e-11
_SILENT = ("printf", "fprintf")
_EVENTS = ("net_event", "net_move", "nrn_pointing")
_RANDOM = ("exprand", "normrand", "scop_random", "poisrand", "poisson", "uniform", "set_seed")
_OF_TWO = ("pow", "atan2", "fmod")
# A name of the state with this behind it is the state after its own step, where cnexp has stepped it already.
STEPPED = "+"


def run(frame: Frame, body: Iterable[tree.Statement]) -> None:
    """Run the statements of a block.

    Args:
        frame: its variables, which change.
        body: the statements.

    Raises:
        NmodlError: at a statement that has no meaning here.
    """
    outer, sizes = dict(frame.own), dict(frame.sizes)
    declared: list[str] = []
    for statement in body:
        if isinstance(statement, tree.Local):
            for one in statement.variables:
                declared += elements(one.name, one.size)
                frame.own.update(dict.fromkeys(elements(one.name, one.size)))
                frame.sizes.update({} if one.size is None else {one.name: one.size})
        else:
            _run(frame, statement)
    for name in declared:
        frame.own.pop(name, None)
        if name in outer:
            frame.own[name] = outer[name]
    frame.sizes.clear()
    frame.sizes.update(sizes)


def _run(frame: Frame, statement: tree.Statement) -> None:
    frame.spend(statement)
    rule = frame.rules.get(type(statement))
    if rule is None:
        if isinstance(statement, _IGNORED):
            return
        name = _NAMES.get(type(statement), type(statement).__name__.upper())
        fix = _FIXES.get(name, "")
        raise refusal(statement, f"{name} is not supported in a mechanism of the membrane. {fix}".rstrip(), name)
    try:
        rule(frame, statement)
    except TooLarge as error:
        raise refusal(statement, str(error), "too large") from None


def value(frame: Frame, expression: tree.Expression) -> Term:
    """The term of an expression, which may be true or false."""
    terms = frame.terms
    if isinstance(expression, tree.Number):
        return terms.number(expression.value)
    if isinstance(expression, tree.Variable):
        return read(frame, expression)
    if isinstance(expression, tree.Unary):
        inner = value(frame, expression.operand)
        return (
            terms.apply("not", terms.truth(inner)) if expression.operator == "!" else terms.neg(terms.arithmetic(inner))
        )
    if isinstance(expression, tree.Binary):
        return _operation(frame, expression)
    if isinstance(expression, tree.Call):
        return call(frame, expression)
    raise refusal(expression, f"{type(expression).__name__} has no value here.")


def number(frame: Frame, expression: tree.Expression) -> Term:
    """The term of an expression as a number: 1 or 0 where it is true or false."""
    return frame.terms.arithmetic(value(frame, expression))


def _operation(frame: Frame, expression: tree.Binary) -> Term:
    op, terms = _OPERATIONS[expression.operator], frame.terms
    left, right = value(frame, expression.left), value(frame, expression.right)
    if op in ("and", "or"):
        return terms.apply(op, terms.truth(left), terms.truth(right))
    left, right = terms.arithmetic(left), terms.arithmetic(right)
    if op == "div":
        return quotient(terms, left, right, lambda x: frame.guarded(x, 1.0))
    return terms.apply(op, frame.guarded(left, 1.0) if op == "pow" else left, right)


def whole(frame: Frame, expression: tree.Expression, what: str) -> int:
    """A whole number that is known before the simulation."""
    term = _index(frame, expression)
    if not term.is_number:
        raise refusal(expression, f"{what} must be known before the simulation, got one that varies.", what)
    return int(float(term.value))  # type: ignore[arg-type]


def _index(frame: Frame, expression: tree.Expression) -> Term:
    """The term of an index, in which whole numbers are divided as in C."""
    if isinstance(expression, tree.Binary) and expression.operator in "+-*/":
        left, right = _index(frame, expression.left), _index(frame, expression.right)
        found = frame.terms.apply(_OPERATIONS[expression.operator], left, right)
        cut = expression.operator == "/" and found.is_number
        return frame.terms.number(float(int(float(found.value)))) if cut else found  # type: ignore[arg-type]
    return value(frame, expression)


def key(frame: Frame, variable: tree.Variable) -> str:
    """The name of a variable, or of an element of an array."""
    size = frame.sizes.get(variable.name)
    if variable.index is None:
        if size is not None:
            raise refusal(variable, f"{variable.name} is an array: name one element, {variable.name}[0].", "array")
        return variable.name
    at = whole(frame, variable.index, "the index of an array")
    if size is None:
        raise refusal(variable, f"{variable.name} is no array.", "array")
    if not 0 <= at < size:
        raise refusal(variable, f"{variable.name}[{at}] is outside of 0 to {size - 1}.", "array")
    return f"{variable.name}[{at}]"


def read(frame: Frame, variable: tree.Variable) -> Term:
    """What a variable is."""
    if variable.ago is not None:
        raise refusal(variable, "the past of a variable (x@1) is not kept.", "DISCRETE")
    name = key(frame, variable) + PRIME * variable.primes
    if name in frame.own:
        return frame.own[name] or frame.terms.number(0.0)
    if name in frame.memory:
        return frame.memory[name]
    if name in frame.d.constants:
        return frame.terms.number(frame.d.constants[name])
    raise refusal(variable, f"{name!r} is not declared. Declare it in PARAMETER, ASSIGNED or LOCAL.", "undeclared")


def _assign(frame: Frame, statement: tree.Assign) -> None:
    target = statement.target
    name = key(frame, target) + PRIME * target.primes
    if target.primes and name.rstrip(PRIME) not in frame.d.states:
        raise refusal(target, f"{name} is an equation of {target.name!r}, which is no STATE.", "undeclared")
    stepping = target.primes and frame.stepping
    new = _frozen(frame, statement.value, name.rstrip(PRIME)) if stepping else number(frame, statement.value)
    if name not in frame.own and name not in frame.memory and not target.primes:
        raise refusal(target, f"{name!r} is not declared. Declare it in ASSIGNED or LOCAL.", "undeclared")
    frame.write(name, new)
    if frame.calls[-1:] != (target.name,):  # the value of a FUNCTION is called what it is assigned to
        frame.terms.name(new, target.name + "_dot" * target.primes)
    if stepping:
        state = name.rstrip(PRIME)
        frame.write(state, frame.terms.symbol(state + STEPPED))


def _frozen(frame: Frame, expression: tree.Expression, state: str) -> Term:
    """The term of a right-hand side of cnexp; what its functions assign is assigned."""
    inner = frame.freezing(state)
    before = dict(inner.memory)
    found = number(inner, expression)
    for name, new in inner.memory.items():
        if new is not before.get(name):
            frame.memory[name] = frame.terms.substitute([new], frame.found.frozen)[0]
    return found


def call(frame: Frame, called: tree.Call) -> Term:
    """Run a FUNCTION or PROCEDURE of the file, or what NMODL has built in; the value of a procedure is 0."""
    name, d = called.function, frame.d
    block = d.functions.get(name) or d.procedures.get(name)
    if block is None:
        return _built_in(frame, called)
    if name in frame.calls or len(frame.calls) > _DEEPEST:
        raise refusal(called, f"{name} calls itself. Write it as a loop.", "recursion")
    if len(called.arguments) != len(block.arguments):
        raise refusal(called, f"{name} takes {len(block.arguments)} arguments, got {len(called.arguments)}.", "call")
    values = [number(frame, a) for a in called.arguments]
    own: dict[str, Term | None] = {name: None}
    own.update(zip((a.name for a in block.arguments), values, strict=True))
    inner = replace(frame, own=own, sizes=dict(d.sizes), calls=(*frame.calls, name))
    run(inner, block.body)
    return inner.own[name] or frame.terms.number(0.0)


def _built_in(frame: Frame, called: tree.Call) -> Term:
    name, terms = called.function, frame.terms
    if name in _SILENT:
        return terms.number(0.0)
    if name == "at_time":
        return _at_time(frame, called)
    if name == "state_discontinuity":
        return _set(frame, called)
    if name in _EVENTS:
        raise refusal(called, f"{name}: only events from outside and from net_send are read.", name)
    if name == "net_send":
        return _send(frame, called)
    if name in _RANDOM:
        raise refusal(called, f"{name}: random numbers must be given to the model, with a key.", "random numbers")
    if name not in FUNCTIONS and name not in ("abs", "INT", *_OF_TWO):
        sentence = f"{name!r} is neither a function of the file nor one of NMODL that is known here."
        raise refusal(called, sentence, f"call of {name}")
    args = [number(frame, a) for a in called.arguments]
    if len(args) != (2 if name in _OF_TWO else 1):
        raise refusal(called, f"{name} does not take {len(args)} arguments.", "call")
    if name in ("log", "log10", "sqrt", "pow"):
        args[0] = frame.guarded(args[0], 1.0)
    return terms.apply({"abs": "fabs", "INT": "floor"}.get(name, name), *args)


def _set(frame: Frame, called: tree.Call) -> Term:
    """state_discontinuity(x, value): x = value."""
    if len(called.arguments) != 2 or not isinstance(called.arguments[0], tree.Variable):
        raise refusal(called, "state_discontinuity takes a state and its new value.", "call")
    new = number(frame, called.arguments[1])
    frame.write(key(frame, called.arguments[0]), new)
    return new


def _send(frame: Frame, called: tree.Call) -> Term:
    """net_send(after, flag)."""
    if not frame.sending:
        raise refusal(called, "net_send stands in NET_RECEIVE or INITIAL only.", "net_send")
    if len(called.arguments) != 2:
        raise refusal(called, "net_send takes a time from now and a flag.", "call")
    frame.send(*(number(frame, a) for a in called.arguments))
    return frame.terms.number(0.0)


def _at_time(frame: Frame, called: tree.Call) -> Term:
    """Whether the step to t passes an instant: what NEURON answers with steps of one size."""
    if len(called.arguments) != 1:
        raise refusal(called, f"at_time does not take {len(called.arguments)} arguments.", "call")
    terms, now = frame.terms, frame.terms.symbol("t")
    instant = terms.sub(number(frame, called.arguments[0]), terms.number(_BEFORE))
    begun = terms.apply("gt", instant, terms.sub(now, terms.symbol("dt")))
    return terms.apply("and", terms.apply("le", instant, now), begun)


def _if(frame: Frame, statement: tree.If) -> None:
    _branches(frame, statement.branches, statement.otherwise or ())


def _branches(frame: Frame, branches: Sequence[tree.Branch], otherwise: tuple[tree.Statement, ...]) -> None:
    if not branches:
        run(frame, otherwise)
        return
    condition, terms = frame.terms.truth(value(frame, branches[0].condition)), frame.terms
    if condition.is_number and condition.value:
        run(frame, branches[0].body)
    elif condition.is_number:
        _branches(frame, branches[1:], otherwise)
    else:
        taken = terms.apply("and", frame.path, condition)
        yes = replace(frame, memory=dict(frame.memory), own=dict(frame.own), path=taken)
        run(yes, branches[0].body)
        left = terms.apply("and", frame.path, terms.apply("not", condition))
        _branches(replace(frame, path=left), branches[1:], otherwise)
        frame.join(condition, yes)


def _while(frame: Frame, statement: tree.While) -> None:
    for _ in range(_MOST_TURNS):
        condition = frame.terms.truth(value(frame, statement.condition))
        if not condition.is_number:
            raise refusal(statement, "WHILE: how often it turns must be known before the simulation.", "WHILE")
        if not condition.value:
            return
        run(frame, statement.body)
    raise refusal(statement, f"WHILE turns more than {_MOST_TURNS:,} times.", "WHILE")


def _from(frame: Frame, statement: tree.From) -> None:
    first, last = (whole(frame, x, "the range of FROM") for x in (statement.first, statement.last))
    step = 1 if statement.step is None else whole(frame, statement.step, "the range of FROM")
    if step == 0 or abs(last - first) > _MOST_TURNS * abs(step):
        raise refusal(statement, f"FROM turns more than {_MOST_TURNS:,} times.", "FROM")
    counter = statement.variable
    outer = {counter: frame.own[counter]} if counter in frame.own else {}
    for k in range(first, last + (1 if step > 0 else -1), step):
        frame.own[counter] = frame.terms.number(float(k))
        run(frame, statement.body)
    frame.own.pop(counter, None)
    frame.own.update(outer)


def _call(frame: Frame, statement: tree.CallStatement) -> None:
    call(frame, statement.call)


def _verbatim(frame: Frame, statement: tree.Verbatim) -> None:
    if not is_harmless(statement):
        raise refusal(statement, NO_C, "VERBATIM")


def _solve(frame: Frame, statement: tree.Solve) -> None:
    raise refusal(statement, "SOLVE stands in BREAKPOINT or INITIAL itself only.", "SOLVE")


# What each kind of statement does that may stand in any block.
STATEMENTS: Rules = {
    tree.Assign: _assign,
    tree.CallStatement: _call,
    tree.Group: lambda frame, statement: run(frame, statement.body),
    tree.If: _if,
    tree.While: _while,
    tree.From: _from,
    tree.Verbatim: _verbatim,
    tree.Solve: _solve,
}

"""Arithmetic as data: terms of numbers, symbols and operations, each different one made once.

A term is made by `Terms`, which folds constants and keeps signs in front, and otherwise leaves the order of operations
as it is written. Two equal terms are one object.
"""

import math
from collections.abc import Callable, Iterable, Mapping

# Operations whose value is true or false.
TRUTHS = frozenset({"lt", "gt", "le", "ge", "eq", "ne", "and", "or", "not"})
# NMODL's functions of one number, as operations.
FUNCTIONS: Mapping[str, Callable[[float], float]] = {
    "exp": math.exp, "log": math.log, "log10": math.log10, "sqrt": math.sqrt, "fabs": abs, "floor": math.floor,
    "ceil": math.ceil, "sin": math.sin, "cos": math.cos, "tan": math.tan, "asin": math.asin, "acos": math.acos,
    "atan": math.atan, "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh,
}  # fmt: skip
_FOLD: Mapping[str, Callable[..., float]] = {
    **FUNCTIONS, "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b, "neg": lambda a: -a, "pow": math.pow, "expm1": math.expm1, "atan2": math.atan2,
    "fmod": math.fmod, "lt": lambda a, b: a < b, "gt": lambda a, b: a > b, "le": lambda a, b: a <= b,
    "ge": lambda a, b: a >= b, "eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "and": lambda a, b: a and b,
    "or": lambda a, b: a or b, "not": lambda a: not a,
}  # fmt: skip


class TooLarge(ValueError):
    """More terms than any mechanism needs."""


class Term:
    """A number, a symbol, or an operation on terms.

    Attributes:
        op: "number", "symbol" or the operation.
        args: what it operates on.
        value: of a number, a float or a bool; of a symbol, its name.
        at: its place in the order of making: after all its args.
        symbols: the names of the symbols in it.
    """

    __slots__ = ("args", "at", "op", "symbols", "value")

    def __init__(self, op: str, args: tuple["Term", ...], value: float | str | None, at: int) -> None:
        self.op = op
        self.args = args
        self.value = value
        self.at = at
        own = frozenset({str(value)}) if op == "symbol" else frozenset()
        self.symbols: frozenset[str] = own.union(*(a.symbols for a in args)) if args else own

    def __repr__(self) -> str:
        inner = ", ".join(map(repr, self.args))
        return f"{self.op}({inner})" if self.args else str(self.value)

    @property
    def is_number(self) -> bool:
        """Whether it is a number, a truth value among them."""
        return self.op == "number"

    @property
    def is_truth(self) -> bool:
        """Whether it is true or false."""
        return self.op in TRUTHS or (self.is_number and isinstance(self.value, bool))


class Terms:
    """The maker of terms; those of one maker can be combined.

    Args:
        most: how many terms there may be.
    """

    def __init__(self, most: int = 200_000) -> None:
        self._made: dict[tuple, Term] = {}
        self._most = most
        self._names: dict[Term, str] = {}

    def _make(self, op: str, args: tuple[Term, ...] = (), value: float | str | None = None) -> Term:
        key = (
            op,
            value,
            type(value),
            math.copysign(1.0, value) if isinstance(value, float) else 0.0,
            *(a.at for a in args),
        )
        if key not in self._made and len(self._made) >= self._most:
            raise TooLarge(f"it unfolds into more than {self._most:,} operations. Make its loops shorter.")
        return self._made.get(key) or self._made.setdefault(key, Term(op, args, value, len(self._made)))

    def number(self, value: float | bool) -> Term:
        """A number."""
        return self._make("number", value=value if isinstance(value, bool) else float(value))

    def symbol(self, name: str) -> Term:
        """A symbol."""
        return self._make("symbol", value=name)

    def apply(self, op: str, *args: Term) -> Term:
        """An operation by its name, folded where its args are numbers; simplified where `add` and the like do."""
        simple = getattr(self, f"_{op}", None)
        if all(a.is_number for a in args) and op in _FOLD:
            try:
                value = _FOLD[op](*(a.value for a in args))
            except (ArithmeticError, ValueError):
                return self._make(op, args)  # left to the arithmetic of arrays: an infinity, or not a number
            return self.number(value)
        return simple(*args) if simple else self._make(op, args)

    def name(self, term: Term, name: str) -> None:
        """Note what a file calls a term; the last name counts."""
        if term.args:
            self._names.update({term: name})

    def name_of(self, term: Term) -> str:
        """What the file calls a term; "" for nothing."""
        return self._names.get(term, "")

    def add(self, a: Term, b: Term) -> Term:
        """a + b."""
        return self.apply("add", a, b)

    def sub(self, a: Term, b: Term) -> Term:
        """a - b."""
        return self.apply("sub", a, b)

    def mul(self, a: Term, b: Term) -> Term:
        """a b."""
        return self.apply("mul", a, b)

    def div(self, a: Term, b: Term) -> Term:
        """a / b."""
        return self.apply("div", a, b)

    def neg(self, a: Term) -> Term:
        """-a."""
        return self.apply("neg", a)

    def select(self, condition: Term, yes: Term, no: Term) -> Term:
        """yes where the condition is true, else no."""
        if condition.is_number:
            return yes if condition.value else no
        if yes is no:
            return yes
        if yes.is_truth or no.is_truth:
            yes, no = self.truth(yes), self.truth(no)
            other = self.apply("and", self.apply("not", condition), no)
            return self.apply("or", self.apply("and", condition, yes), other)
        return self._make("select", (condition, yes, no))

    def truth(self, a: Term) -> Term:
        """Whether a is not 0."""
        return a if a.is_truth else self.apply("ne", a, self.number(0.0))

    def arithmetic(self, a: Term) -> Term:
        """1 or 0 for true or false."""
        return self.select(a, self.number(1.0), self.number(0.0)) if a.is_truth else a

    def substitute(self, terms: Iterable[Term], values: Mapping[str, Term]) -> list[Term]:
        """Terms with other terms for some symbols."""
        wanted, names = list(terms), frozenset(values)
        new: dict[Term, Term] = {}
        for term in in_order(wanted):
            if not term.symbols & names:
                new[term] = term
            elif term.op == "symbol":
                new[term] = values[str(term.value)]
            elif term.op == "select":
                new[term] = self.select(*(new[a] for a in term.args))
            else:
                new[term] = self.apply(term.op, *(new[a] for a in term.args))
        return [new[term] for term in wanted]

    def _add(self, a: Term, b: Term) -> Term:
        if _is(a, 0.0) or _is(b, 0.0):
            return b if _is(a, 0.0) else a
        if b.op == "neg":
            return self.sub(a, b.args[0])
        return self.sub(b, a.args[0]) if a.op == "neg" else self._make("add", (a, b))

    def _sub(self, a: Term, b: Term) -> Term:
        if _is(a, 0.0) or _is(b, 0.0):
            return a if _is(b, 0.0) else self.neg(b)
        if a is b:
            return self.number(0.0)
        if b.op == "neg":
            return self.add(a, b.args[0])
        if a.op == "neg":
            return self.neg(self.add(a.args[0], b))
        if a.op == "exp" and _is(b, 1.0):
            return self._make("expm1", a.args)
        if b.op == "exp" and _is(a, 1.0):
            return self.neg(self._make("expm1", b.args))
        return self._make("sub", (a, b))

    def _mul(self, a: Term, b: Term) -> Term:
        for x, y in ((a, b), (b, a)):
            if x.op == "neg":
                return self.neg(self.mul(x.args[0], y))
            if _is(x, 0.0) or _is(y, 1.0):
                return x
            if _is(x, -1.0):
                return self.neg(y)
        return self._make("mul", (a, b))

    def _div(self, a: Term, b: Term) -> Term:
        if a.op == "neg":
            return self.neg(self.div(a.args[0], b))
        if b.op == "neg":
            return self.neg(self.div(a, b.args[0]))
        if _is(b, 1.0) or _is(a, 0.0):
            return a
        if a is b:
            return self.number(1.0)
        if b.op == "div" and (_is(a, 1.0) or _is(b.args[0], 1.0)):
            return self.div(self.mul(a, b.args[1]), b.args[0])
        return self._make("div", (a, b))

    def _neg(self, a: Term) -> Term:
        if a.op == "neg":
            return a.args[0]
        if a.op == "mul" and a.args[0].is_number:
            return self.mul(self.neg(a.args[0]), a.args[1])
        if a.op == "div" and (a.args[0].is_number or (a.args[0].op == "mul" and a.args[0].args[0].is_number)):
            return self.div(self.neg(a.args[0]), a.args[1])
        return self.sub(a.args[1], a.args[0]) if a.op == "sub" else self._make("neg", (a,))

    def _pow(self, a: Term, b: Term) -> Term:
        return a if _is(b, 1.0) else self.number(1.0) if _is(b, 0.0) else self._make("pow", (a, b))

    def _and(self, a: Term, b: Term) -> Term:
        for x, y in ((a, b), (b, a)):
            if x.is_number:
                return y if x.value else self.number(False)
        return a if a is b else self._make("and", (a, b))

    def _or(self, a: Term, b: Term) -> Term:
        for x, y in ((a, b), (b, a)):
            if x.is_number:
                return self.number(True) if x.value else y
        return a if a is b else self._make("or", (a, b))

    def _not(self, a: Term) -> Term:
        return a.args[0] if a.op == "not" else self._make("not", (a,))


def _is(a: Term, value: float) -> bool:
    return a.is_number and a.value == value and not isinstance(a.value, bool)


def in_order(terms: Iterable[Term]) -> list[Term]:
    """All terms that some terms are made of, themselves among them, each after its args."""
    seen: set[Term] = set()
    waiting = list(terms)
    while waiting:
        term = waiting.pop()
        if term not in seen:
            seen.add(term)
            waiting += term.args
    return sorted(seen, key=lambda term: term.at)

"""Declarations: NEURON, UNITS, PARAMETER, ASSIGNED, STATE and the like, DEFINE and TITLE."""

from dataclasses import dataclass, field

from jaxsim.io.nmodl.tree.base import Item, Node


@dataclass(frozen=True)
class Title(Item):
    """TITLE: the rest of its line.

    Args:
        text: the line without the word TITLE.
    """

    text: str


@dataclass(frozen=True)
class Define(Item):
    """DEFINE N 5: from here on N is this number. Where the name stands, the tree has the number already.

    Args:
        name: the name.
        value: a whole number.
    """

    name: str
    value: int


@dataclass(frozen=True)
class Identifier(Node):
    """A name in a list.

    Args:
        name: the name.
    """

    name: str


@dataclass(frozen=True)
class Suffix(Node):
    """SUFFIX hh, POINT_PROCESS ExpSyn or ARTIFICIAL_CELL IntFire1.

    Args:
        keyword: which of the three words.
        name: the mechanism; "nothing" after SUFFIX adds no suffix to the names.
    """

    keyword: str
    name: str


@dataclass(frozen=True)
class UseIon(Node):
    """USEION ca READ eca, cai WRITE ica VALENCE 2.

    Args:
        ion: the ion.
        read, write: the variables.
        valence: None where none is written.
        represents: the name that an ontology gives it, after REPRESENTS; "" without.
    """

    ion: str
    read: tuple[Identifier, ...] = ()
    write: tuple[Identifier, ...] = ()
    valence: float | None = None
    represents: str = ""


@dataclass(frozen=True)
class NameList(Node):
    """A word of the NEURON block and the names behind it.

    Args:
        keyword: NONSPECIFIC_CURRENT, ELECTRODE_CURRENT, RANGE, GLOBAL, POINTER, BBCOREPOINTER, EXTERNAL, RANDOM or
            the old SECTION.
        names: the names.
    """

    keyword: str
    names: tuple[Identifier, ...]


@dataclass(frozen=True)
class ThreadSafe(Node):
    """THREADSAFE."""


@dataclass(frozen=True)
class Represents(Node):
    """REPRESENTS name, of the whole mechanism.

    Args:
        identifier: the name in an ontology.
    """

    identifier: str


@dataclass(frozen=True)
class NeuronBlock(Item):
    """NEURON {}: what the simulator sees of the mechanism.

    Args:
        statements: `Suffix`, `UseIon`, `NameList`, `ThreadSafe` and `Represents`, in order.
    """

    statements: tuple[Node, ...]

    @property
    def suffix(self) -> Suffix | None:
        """The last SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL; None without one."""
        found = [one for one in self.statements if isinstance(one, Suffix)]
        return found[-1] if found else None

    @property
    def ions(self) -> tuple[UseIon, ...]:
        """Every USEION."""
        return tuple(one for one in self.statements if isinstance(one, UseIon))

    @property
    def threadsafe(self) -> bool:
        """Whether the word THREADSAFE stands in it."""
        return any(isinstance(one, ThreadSafe) for one in self.statements)

    def names(self, keyword: str) -> tuple[str, ...]:
        """The names of every list after a keyword such as RANGE."""
        return tuple(
            name.name
            for one in self.statements
            if isinstance(one, NameList) and one.keyword == keyword
            for name in one.names
        )


@dataclass(frozen=True)
class Documented(Node):
    """A declaration.

    Args:
        comment: the comment on its line, without the colon; lines below it that begin in the same column belong to it.
    """

    comment: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class UnitDefinition(Documented):
    """(mV) = (millivolt).

    Args:
        unit: the new name.
        meaning: what it stands for.
    """

    unit: str
    meaning: str


@dataclass(frozen=True)
class UnitFactor(Documented):
    """A constant of the UNITS block: F = 96485 (coul), F = (faraday) (coulomb) or k = (mV) -> (V).

    Args:
        name: the constant.
        value: the number; None where it is the factor from one unit into another.
        given: the first unit of the second and third form, "" in the first.
        unit: the unit of the result.
    """

    name: str
    value: float | None
    given: str
    unit: str


@dataclass(frozen=True)
class UnitsBlock(Item):
    """UNITS {}.

    Args:
        definitions: units and factors, in order.
    """

    definitions: tuple[UnitDefinition | UnitFactor, ...]


@dataclass(frozen=True)
class Parameter(Documented):
    """gbar = 0.12 (S/cm2) <0, 1e9>.

    Args:
        name: the parameter.
        value: None where none is written: NEURON takes 0.
        unit: "" without.
        limits: None without.
        size: the length of an array, which has no value; None for a single number.
    """

    name: str
    value: float | None = None
    unit: str = ""
    limits: tuple[float, float] | None = None
    size: int | None = None


@dataclass(frozen=True)
class ParameterBlock(Item):
    """PARAMETER {}.

    Args:
        parameters: in order.
    """

    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class Constant(Documented):
    """R = 8.314 (joule/degC), of the CONSTANT block.

    Args:
        name: the constant.
        value: its value.
        unit: "" without.
    """

    name: str
    value: float
    unit: str = ""


@dataclass(frozen=True)
class ConstantBlock(Item):
    """CONSTANT {}.

    Args:
        constants: in order.
    """

    constants: tuple[Constant, ...]


@dataclass(frozen=True)
class Declared(Documented):
    """A variable of ASSIGNED or STATE: ca[4] FROM 0 TO 1 START 0.5 (mM) <1e-6>.

    Args:
        name: the variable.
        unit: "" without.
        size: the length of an array; None for a single number.
        bounds: the numbers after FROM and TO; None without. NEURON does nothing with them.
        start: the number after START, the default of the initial value name0; None without, where it is 0.
        tolerance: the absolute tolerance of a state; None without.
        primes: more than 0 where a derivative is declared.
    """

    name: str
    unit: str = ""
    size: int | None = None
    bounds: tuple[float, float] | None = None
    start: float | None = None
    tolerance: float | None = None
    primes: int = 0


@dataclass(frozen=True)
class AssignedBlock(Item):
    """ASSIGNED {}.

    Args:
        variables: in order.
    """

    variables: tuple[Declared, ...]


@dataclass(frozen=True)
class StateBlock(Item):
    """STATE {}.

    Args:
        variables: in order.
    """

    variables: tuple[Declared, ...]


@dataclass(frozen=True)
class Independent(Documented):
    """t FROM 0 TO 1 WITH 100 (ms).

    Args:
        name: NEURON knows t only.
        first, last: the range.
        steps: the number after WITH.
        start: the number after START; None without.
        unit: "" without.
        sweep: whether the word SWEEP stands before it.
    """

    name: str
    first: float
    last: float
    steps: int
    start: float | None = None
    unit: str = ""
    sweep: bool = False


@dataclass(frozen=True)
class IndependentBlock(Item):
    """INDEPENDENT {}.

    Args:
        variables: in order.
    """

    variables: tuple[Independent, ...]


@dataclass(frozen=True)
class Stepped(Documented):
    """x = 1, 2, 3 (mV), of the old STEPPED block.

    Args:
        name: the variable.
        values: its values.
        unit: "" without.
    """

    name: str
    values: tuple[float, ...]
    unit: str = ""


@dataclass(frozen=True)
class SteppedBlock(Item):
    """STEPPED {}, of older translators; NEURON no longer accepts it.

    Args:
        variables: in order.
    """

    variables: tuple[Stepped, ...]

"""What a .mod file declares: its parameters, states, ions and currents, and its blocks by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jaxsim.io.mod.refuse import NO_C, refusal
from jaxsim.io.mod.units import UnknownUnit, factor, own_name
from jaxsim.io.mod.verbatim import is_harmless
from jaxsim.io.nmodl import tree
from jaxsim.io.nmodl.errors import NmodlError

# NEURON's values of what it gives a mechanism, where nothing else does.
_POTENTIALS = {"na": 50.0, "k": -77.0, "ca": 132.4579341637009}  # mV; 0 of other ions
_INSIDE = {"na": 10.0, "k": 54.4, "ca": 5e-5}  # mM; 1 of other ions
_OUTSIDE = {"na": 140.0, "k": 2.5, "ca": 2.0}
_GIVEN = ("v", "t", "dt")


@dataclass(frozen=True)
class Parameter:
    """A number that a user may set.

    Attributes:
        value: its default.
        unit: as jaxsim writes it.
        comment: what the file says of it.
    """

    value: float
    unit: str = "1"
    comment: str = ""


# What NEURON gives every mechanism.
_SURROUNDINGS = {
    "celsius": Parameter(6.3, "degC", "temperature"),
    "diam": Parameter(500.0, "um", "diameter of the compartment"),
    "area": Parameter(157079.63267948967, "um2", "area of the compartment"),
}


@dataclass(frozen=True)
class Declared:
    """The declarations of one file.

    Attributes:
        file: its tree.
        keyword: SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL.
        name: the mechanism.
        parameters: name -> `Parameter`: those of PARAMETER, celsius, and what is read of ions.
        reads: variable -> what it is of an ion, such as "ca.e"; "ca.i" for a current.
        writes: variable -> concentration that the file changes, "ca.inside".
        currents: variable -> the ion whose current the file gives, "" for none.
        electrode: the currents that flow inward.
        constants: name -> number.
        states: name -> start.
        assigned: name -> unit.
        sizes: array -> length.
        functions, procedures, equations: blocks by name; `equations` has DERIVATIVE, KINETIC and the like.
    """

    file: tree.ModFile
    keyword: str
    name: str
    parameters: dict[str, Parameter] = field(default_factory=dict)
    reads: dict[str, str] = field(default_factory=dict)
    writes: dict[str, str] = field(default_factory=dict)
    currents: dict[str, str] = field(default_factory=dict)
    electrode: frozenset[str] = frozenset()
    constants: dict[str, float] = field(default_factory=dict)
    states: dict[str, float] = field(default_factory=dict)
    assigned: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    functions: dict[str, tree.Function] = field(default_factory=dict)
    procedures: dict[str, tree.Procedure] = field(default_factory=dict)
    equations: dict[str, tree.Item] = field(default_factory=dict)

    @property
    def memory(self) -> list[str]:
        """All variables that the file's blocks may change, the elements of arrays one by one."""
        names = dict.fromkeys([*self.states, *self.assigned, *self.parameters, *self.writes, *self.currents])
        return [name for name in names if name not in self.sizes]


def declared(file: tree.ModFile) -> Declared:
    """The declarations of a file.

    Args:
        file: its tree.

    Returns:
        The `Declared`.

    Raises:
        NmodlError: if the file has what cannot be read (C, pointers), or declares nothing that could be a mechanism.
    """
    block = next(file.all(tree.NeuronBlock), None)
    if block is None or block.suffix is None:
        raise NmodlError("it has no NEURON block with a SUFFIX: no mechanism is declared.", file.path, 0, "NEURON")
    if block.suffix.keyword == "SUFFIX" and block.suffix.name == "nothing":
        raise refusal(block.suffix, "SUFFIX nothing declares functions for hoc, no mechanism.", "SUFFIX nothing")
    _refuse(file, block)
    d = Declared(file, block.suffix.keyword, block.suffix.name, electrode=frozenset(block.names("ELECTRODE_CURRENT")))
    _units(file, d)
    _blocks(file, d)
    _variables(file, d)
    _ions(block, d)
    for name, given in _SURROUNDINGS.items():
        if name in d.parameters or name in d.assigned or _stands(file, name):
            d.parameters[name] = given
            d.assigned.pop(name, None)
            if name != "celsius":
                d.reads[name] = f"cable.{name}"
    for name in _GIVEN:
        d.parameters.pop(name, None)
        d.assigned.pop(name, None)
    for name in [*block.names("NONSPECIFIC_CURRENT"), *d.electrode]:
        d.currents[name] = ""
    for one in (one for one in block.statements if isinstance(one, tree.NameList)):
        if one.keyword == "ELECTRODE_CURRENT" and d.currents.keys() - d.electrode:
            sentence = (
                "ELECTRODE_CURRENT beside other currents: NEURON takes all of them as inward. Make two mechanisms."
            )
            raise refusal(one, sentence, "ELECTRODE_CURRENT")
    return d


def elements(name: str, size: int | None) -> list[str]:
    """The names of the elements of an array, or the name itself."""
    return [name] if size is None else [f"{name}[{k}]" for k in range(size)]


def _stands(file: tree.ModFile, name: str) -> bool:
    return any(node.name == name for node in tree.find(file, tree.Variable))


def _refuse(file: tree.ModFile, block: tree.NeuronBlock) -> None:
    """What no mechanism here can have."""
    for node in block.statements:
        if isinstance(node, tree.NameList) and node.keyword in ("POINTER", "BBCOREPOINTER", "EXTERNAL", "RANDOM"):
            names = ", ".join(name.name for name in node.names)
            fix = {
                "POINTER": "Make it a parameter, or let an ion carry it (USEION).",
                "RANDOM": "Give the noise to the model as a stimulus.",
            }.get(node.keyword, "Make it a parameter.")
            raise refusal(
                node, f"{node.keyword} {names}: this is memory of another part of the program. {fix}", node.keyword
            )
    for item in file.all(tree.Verbatim):
        if not is_harmless(item):
            raise refusal(item, NO_C, "VERBATIM")
    for kind, word in ((tree.Discrete, "DISCRETE"), (tree.BeforeAfter, "BEFORE or AFTER")):
        for one in file.all(kind):
            raise refusal(one, f"{word} is not supported. Write the equation in a DERIVATIVE block.", word)


def _units(file: tree.ModFile, d: Declared) -> None:
    """The constants."""
    meanings: dict[str, str] = {}
    for block in file.all(tree.UnitsBlock):
        for one in block.definitions:
            if isinstance(one, tree.UnitDefinition):
                meanings[one.unit] = one.meaning
            elif one.value is not None:
                d.constants[one.name] = one.value
            else:
                try:
                    d.constants[one.name] = factor(one.given, one.unit, meanings)
                except UnknownUnit as error:
                    raise refusal(one, f"{one.name}: {error}", "UNITS") from None
    for constants in file.all(tree.ConstantBlock):
        d.constants.update({one.name: one.value for one in constants.constants})


def _blocks(file: tree.ModFile, d: Declared) -> None:
    d.functions.update({one.name: one for one in file.all(tree.Function)})
    d.procedures.update({one.name: one for one in file.all(tree.Procedure)})
    kinds = (tree.Derivative, tree.Kinetic, tree.Linear, tree.Nonlinear)
    d.equations.update({one.name: one for item in kinds for one in file.all(item)})  # type: ignore[attr-defined]


def _variables(file: tree.ModFile, d: Declared) -> None:
    for name, size, one in _declarations(file):
        if size is not None:
            d.sizes[name] = size
        for element in elements(name, size):
            if isinstance(one, tree.Parameter):
                d.parameters[element] = Parameter(one.value or 0.0, own_name(one.unit), one.comment)
            elif isinstance(one, tree.Declared):
                d.assigned[element] = own_name(one.unit)
    for block in file.all(tree.StateBlock):
        for state in block.variables:
            for element in elements(state.name, state.size):
                d.states[element] = state.start or 0.0
                d.assigned.pop(element, None)
                d.parameters.pop(element, None)


def _declarations(file: tree.ModFile) -> Iterator[tuple[str, int | None, tree.Node]]:
    """Every declared variable of the file but the constants: name, length of an array, declaration."""
    for item in file.items:
        if isinstance(item, tree.Include):
            yield from _declarations(item.file)
        elif isinstance(item, tree.ParameterBlock):
            yield from ((p.name, p.size, p) for p in item.parameters)
        elif isinstance(item, tree.AssignedBlock | tree.StateBlock):
            yield from ((x.name, x.size, x) for x in item.variables)
        elif isinstance(item, tree.Local):
            yield from ((x.name, x.size, tree.Declared(x.name, size=x.size)) for x in item.variables)


def _ions(block: tree.NeuronBlock, d: Declared) -> None:
    """What is read and written of ions."""
    for use in block.ions:
        names = _quantities(use.ion)
        for one, writing in [*((r, False) for r in use.read), *((w, True) for w in use.write)]:
            name = one.name
            quantity = names.get(name)
            if quantity is None:
                known = ", ".join(names)
                raise refusal(one, f"USEION {use.ion} has no {name!r}. Its variables are {known}.", "USEION")
            if writing and quantity == "i":
                d.currents[name] = use.ion
                if name not in d.reads:
                    d.assigned.setdefault(name, "mA/cm2" if d.keyword == "SUFFIX" else "nA")
                    d.parameters.pop(name, None)
            elif writing and quantity == "e":
                fix = "Let the ion compute it: write the concentrations, and insert the ion."
                raise refusal(one, f"it changes the reversal potential {name}. {fix}", "WRITE e")
            else:
                if writing:
                    d.writes[name] = f"{use.ion}.{quantity}"
                d.reads[name] = f"{use.ion}.{quantity}"
        for name, what in list(d.reads.items()):
            if what.rpartition(".")[0] == use.ion:
                d.parameters[name] = _default(use.ion, names[name])
                d.assigned.pop(name, None)


def _quantities(ion: str) -> Mapping[str, str]:
    return {f"e{ion}": "e", f"i{ion}": "i", f"{ion}i": "inside", f"{ion}o": "outside"}


def _default(ion: str, quantity: str) -> Parameter:
    if quantity == "e":
        return Parameter(_POTENTIALS.get(ion, 0.0), "mV", f"reversal potential of {ion}")
    if quantity == "i":
        return Parameter(0.0, "mA/cm2", f"current of {ion}")
    values = _INSIDE if quantity == "inside" else _OUTSIDE
    return Parameter(values.get(ion, 1.0), "mM", f"concentration of {ion} {quantity}")

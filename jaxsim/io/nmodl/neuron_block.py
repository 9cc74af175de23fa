"""The NEURON block: what the simulator sees of a mechanism."""

from jaxsim.io.nmodl.expressions import signed
from jaxsim.io.nmodl.statements import names
from jaxsim.io.nmodl.stream import Scope, Stream
from jaxsim.io.nmodl.tree import Identifier, NameList, NeuronBlock, Node, Represents, Suffix, ThreadSafe, UseIon
from jaxsim.io.nmodl.vocabulary import NAME_LISTS

_EXPECTED = "SUFFIX, USEION, RANGE, GLOBAL, NONSPECIFIC_CURRENT or another word of this block"
_NAMES = frozenset({"SUFFIX", "POINT_PROCESS", "ARTIFICIAL_CELL"})
_WORDS = _NAMES | NAME_LISTS | {"USEION", "THREADSAFE", "REPRESENTS"}


def neuron(stream: Stream, scope: Scope) -> NeuronBlock:
    """Take NEURON {}."""
    place = stream.take().place
    stream.expect("{", scope)
    statements = []
    while not stream.skip("}"):
        statements.append(_statement(stream, scope))
    return NeuronBlock(tuple(statements), place=place)


def _statement(stream: Stream, scope: Scope) -> Node:
    kind, text, _, _, place = stream.token
    if kind in _NAMES:
        stream.take()
        return Suffix(kind, stream.name(scope, "the name of the mechanism").text, place=place)
    if kind == "USEION":
        return _use_ion(stream, scope)
    if kind in NAME_LISTS or (kind == "name" and text == "SECTION"):
        stream.take()
        return NameList(text, _names(stream, scope), place=place)
    if stream.skip("THREADSAFE"):
        return ThreadSafe(place=place)
    if stream.skip("REPRESENTS"):
        return Represents(_ontology(stream, scope), place=place)
    raise stream.unexpected(scope, _EXPECTED, words=_WORDS)


def _names(stream: Stream, scope: Scope) -> tuple[Identifier, ...]:
    return tuple(Identifier(token.text, place=token.place) for token in names(stream, scope))


def _ontology(stream: Stream, scope: Scope) -> str:
    return stream.expect("ontology", scope, "the name of an ontology, such as CHEBI:29101").text


def _use_ion(stream: Stream, scope: Scope) -> UseIon:
    place = stream.take().place
    ion = stream.name(scope, "the name of an ion").text
    lists: dict[str, tuple[Identifier, ...]] = {}
    while stream.kind in ("READ", "WRITE"):
        keyword = stream.take().kind
        lists[keyword] = lists.get(keyword, ()) + _names(stream, scope)
    if not lists:
        raise stream.unexpected(scope, f"READ or WRITE and the variables of {ion}")
    valence = signed(stream, scope) if stream.skip("VALENCE") or stream.skip("CHARGE") else None
    represents = _ontology(stream, scope) if stream.skip("REPRESENTS") else ""
    return UseIon(ion, lists.get("READ", ()), lists.get("WRITE", ()), valence, represents, place=place)

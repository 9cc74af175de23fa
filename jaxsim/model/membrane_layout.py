"""How the membrane of a specification is computed: what each mechanism has, reads and writes."""

from collections.abc import Iterator

import numpy as np

from jaxsim.errors import must, unknown
from jaxsim.mechanisms.base import AbstractDensity, AbstractDynamics, AbstractIon, AbstractPool
from jaxsim.mechanisms.ions.diffusion import Diffusion
from jaxsim.mechanisms.point_process import AbstractPointProcess, AbstractSpiking
from jaxsim.model.contract import contract_of, own_events_of, reception_of
from jaxsim.model.layout import ChannelLayout, FeedLayout, IonLayout, Reading, Writing
from jaxsim.model.spec import Density, Point, Spec

# A mechanism that covers at least this share of the nodes is evaluated at all of them: cheaper than gathering.
_EVERYWHERE = 0.5
ION_QUANTITIES = ("inside", "outside", "e", "i")
_CONCENTRATIONS = ("inside", "outside")
# What a mechanism may read of its compartment: the mean diameter [um] and the area [um2].
CABLE_QUANTITIES = ("cable.diam", "cable.area")


def ion_names(spec: Spec) -> list[str]:
    """The ions that are inserted."""
    return [d.name for d in spec.densities if isinstance(d.mechanism, AbstractIon)]


def diffusion_names(spec: Spec) -> list[str]:
    """The mechanisms by which ions move along the cable."""
    return [d.name for d in spec.densities if isinstance(d.mechanism, Diffusion)]


def recordable(channel: ChannelLayout) -> list[str]:
    """What can be recorded of a channel or pool."""
    return [*channel.gates, *(w.state for w in channel.writes), *(["i"] if channel.flows else [])]


def membrane_layout(
    spec: Spec, n_node: int, dtype: np.dtype
) -> tuple[tuple[ChannelLayout, ...], tuple[IonLayout, ...]]:
    """How the channels and pools, and the ions, of a specification are computed.

    Args:
        spec: the specification.
        n_node: number of nodes.
        dtype: the model's floating-point type.

    Returns:
        Their layouts.

    Raises:
        KeyError: if a mechanism reads a quantity that ions do not have.
        TypeError: if something else than a density mechanism is painted, or one does not follow its contract.
        ValueError: if an ion has another name than its symbol, a pool stands where its ion is not, or two pools change
            one concentration in one place.
    """
    ions = {d.name: d for d in spec.densities if isinstance(d.mechanism, AbstractIon)}
    for name, ion in ions.items():
        symbol = ion.mechanism.symbol  # type: ignore[attr-defined]
        if name != symbol:
            raise ValueError(must(f"the name of {type(ion.mechanism).__name__}", f"be {symbol!r}", name))
    painted = [d for d in spec.densities if not isinstance(d.mechanism, AbstractIon | Diffusion)]
    moving = [d for d in spec.densities if isinstance(d.mechanism, Diffusion)]
    _check_diffusion(moving, ions)
    channels = tuple(_channel_layout(d, ions, n_node, dtype) for d in painted)
    _check_one_pool(channels, {d.name: d.comp for d in painted})
    placed = [p for p in spec.points if isinstance(p.mechanism, AbstractPointProcess)]
    _check_one_neuron([p for p in placed if isinstance(p.mechanism, AbstractSpiking)])
    channels += tuple(_point_layout(p, ions, spec.cable.n_comp, dtype) for p in placed)
    recorded = {p.what for p in spec.probes}
    return channels, tuple(_ion_layout(d, channels, moving, recorded, n_node) for d in ions.values())


def _ion_layout(
    d: Density, channels: tuple[ChannelLayout, ...], moving: list[Density], recorded: set[str], n_node: int
) -> IonLayout:
    diffusion = tuple(m.name for m in moving if m.mechanism.ion == d.name)  # type: ignore[attr-defined]
    written = {w.quantity for c in channels for w in c.writes if w.ion == d.name} | ({"inside"} if diffusion else set())
    counted = f"{d.name}.i" in recorded or any(r.ion == d.name and r.quantity == "i" for c in channels for r in c.reads)
    return IonLayout(
        d.name, _is_everywhere(d, n_node), tuple(q for q in _CONCENTRATIONS if q in written), counted, diffusion
    )


def _is_everywhere(d: Density, n_node: int) -> bool:
    return len(d.comp) >= _EVERYWHERE * n_node


def _channel_layout(d: Density, ions: dict[str, Density], n_node: int, dtype: np.dtype) -> ChannelLayout:
    mechanism = d.mechanism
    if not isinstance(mechanism, AbstractDensity):
        kind = type(mechanism).__name__
        raise TypeError(f"{d.name} must be a channel, a pool or an ion to be inserted, got {kind}.")
    contract = contract_of(mechanism, dtype)
    reads = tuple(_readings(d, mechanism, ions))
    sizes = tuple(_sizes(mechanism))
    writes = tuple(_writings(d, mechanism, ions)) if isinstance(mechanism, AbstractPool) else ()
    gates = tuple(x for x in contract.states if x not in {w.state for w in writes})
    flows, everywhere, noises = bool(contract.carries), _is_everywhere(d, n_node), tuple(mechanism.noises)
    return ChannelLayout(d.name, gates, everywhere, flows, reads, writes, sizes, inputs=contract.inputs, noises=noises)


def _point_layout(p: Point, ions: dict[str, Density], n_comp: int, dtype: np.dtype) -> ChannelLayout:
    mechanism: AbstractPointProcess = p.mechanism  # type: ignore[assignment]
    sizes = tuple(_sizes(mechanism))
    if sizes and np.any(p.node >= n_comp):
        raise ValueError(f"{p.name} reads the compartment's size, but a branch's end has none. Use 0 < x < 1.")
    contract = contract_of(mechanism, dtype, placed=True)
    reads = tuple(_readings(Density(p.name, mechanism, np.unique(p.node)), mechanism, ions))
    kind = "electrode" if mechanism.electrode else "point"
    noises, spikes = tuple(mechanism.noises), isinstance(mechanism, AbstractSpiking)
    own = own_events_of(mechanism, contract, dtype)
    return ChannelLayout(
        p.name, contract.states, False, True, reads, (), sizes, kind, contract.inputs, noises, spikes, *own
    )


def feed_layouts(spec: Spec, dtype: np.dtype) -> tuple[FeedLayout, ...]:
    """How the events of a specification are computed.

    Args:
        spec: the specification.
        dtype: the model's floating-point type.

    Returns:
        The layouts of its trains.

    Raises:
        TypeError: if they are sent to what receives no events, or adds them to what is no state.
    """
    to = {p.name: p.mechanism for p in spec.points}
    return tuple(FeedLayout(feed.name, feed.to, *reception_of(to[feed.to], dtype)) for feed in spec.feeds)


def _sizes(mechanism: AbstractDynamics) -> Iterator[tuple[str, str]]:
    """The parameters that take a size of the compartment."""
    for parameter, what in mechanism.reads.items():
        if what.startswith("cable."):
            if what not in CABLE_QUANTITIES:
                raise KeyError(
                    unknown(f"size of a compartment (read by {type(mechanism).__name__})", what, CABLE_QUANTITIES)
                )
            yield parameter, what.removeprefix("cable.")


def _readings(d: Density, mechanism: AbstractDynamics, ions: dict[str, Density]) -> Iterator[Reading]:
    """The parameters that take the value of an ion that is inserted."""
    kind, pool = type(mechanism).__name__, isinstance(mechanism, AbstractPool)
    for parameter, what in mechanism.reads.items():
        ion, _, quantity = what.rpartition(".")
        known = [q for q in ION_QUANTITIES if q != "i" or pool]
        if parameter not in mechanism.parameters():
            raise KeyError(unknown(f"parameter of {kind} (in its reads)", parameter, mechanism.parameters()))
        if ion == "cable":
            continue
        if quantity not in known:
            raise KeyError(unknown(f"quantity of an ion (read by {kind})", what, [f"{ion}.{q}" for q in known]))
        if ion in ions and np.isin(d.comp, ions[ion].comp).any():
            yield Reading(parameter, ion, quantity, bool(np.isin(d.comp, ions[ion].comp).all()))


def _writings(d: Density, pool: AbstractPool, ions: dict[str, Density]) -> Iterator[Writing]:
    """The states that are concentrations."""
    kind = type(pool).__name__
    for state, what in pool.writes.items():
        ion, _, quantity = what.rpartition(".")
        if quantity not in _CONCENTRATIONS:
            raise KeyError(
                unknown(f"concentration of an ion (written by {kind})", what, [f"{ion}.{q}" for q in _CONCENTRATIONS])
            )
        missing = len(d.comp) if ion not in ions else int((~np.isin(d.comp, ions[ion].comp)).sum())
        if missing:
            fix = "Insert it there, for example cell.insert(js.Calcium(celsius=34.0)) for 'ca'."
            raise ValueError(
                f"{d.name} changes {what!r}, but there is no ion {ion!r} in {missing} of its compartments. {fix}"
            )
        yield Writing(state, ion, quantity, bool(np.isin(ions[ion].comp, d.comp).all()))


def _check_one_neuron(spiking: list[Point]) -> None:
    """A voltage is reset by one point neuron."""
    nodes = np.concatenate([*(p.node for p in spiking), np.zeros(0, int)])
    if len(np.unique(nodes)) < len(nodes):
        names = ", ".join(p.name for p in spiking)
        raise ValueError(f"several point neurons ({names}) reset the voltage of one location. Keep one of them there.")


def _check_diffusion(moving: list[Density], ions: dict[str, Density]) -> None:
    """An ion diffuses where it is, by one coefficient in one place."""
    for k, d in enumerate(moving):
        ion: str = d.mechanism.ion  # type: ignore[attr-defined]
        missing = len(d.comp) if ion not in ions else int((~np.isin(d.comp, ions[ion].comp)).sum())
        if missing:
            fix = "Insert the ion there first."
            raise ValueError(f"{d.name} moves {ion!r}, which is not in {missing} of its compartments. {fix}")
        for other in moving[:k]:
            if other.mechanism.ion == ion and np.isin(d.comp, other.comp).any():  # type: ignore[attr-defined]
                raise ValueError(
                    f"{other.name} and {d.name} both move {ion!r} in the same compartments. Keep one of them."
                )


def _check_one_pool(channels: tuple[ChannelLayout, ...], comp: dict[str, np.ndarray]) -> None:
    """A concentration is changed by one pool in one place."""
    seen: dict[tuple[str, str], list[str]] = {}
    for c in channels:
        for w in c.writes:
            for other in seen.get((w.ion, w.quantity), []):
                twice = np.intersect1d(comp[c.name], comp[other])
                if len(twice):
                    raise ValueError(
                        f"{c.name} and {other} both change '{w.ion}.{w.quantity}' in {len(twice)} compartments. "
                        "One pool holds a concentration; put them in different regions."
                    )
            seen.setdefault((w.ion, w.quantity), []).append(c.name)

"""How the membrane of a specification is computed: what each mechanism has, reads and writes, found by tracing it."""

from collections.abc import Iterator
from typing import NamedTuple

import jax
import numpy as np

from jaxsim.errors import must, unknown
from jaxsim.mechanisms.base import AbstractChannel, AbstractDensity, AbstractIon, AbstractPool, stacked
from jaxsim.mechanisms.ions.diffusion import Diffusion
from jaxsim.mechanisms.rates import Rate
from jaxsim.model.layout import ChannelLayout, IonLayout, Reading, Writing
from jaxsim.model.spec import Density, Spec

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
    contract = _contract(d, dtype)
    mechanism: AbstractDensity = d.mechanism  # type: ignore[assignment]
    reads = tuple(_readings(d, mechanism, ions))
    sizes = tuple(_sizes(mechanism))
    writes = tuple(_writings(d, mechanism, ions)) if isinstance(mechanism, AbstractPool) else ()
    gates = tuple(x for x in contract.states if x not in {w.state for w in writes})
    return ChannelLayout(d.name, gates, _is_everywhere(d, n_node), bool(contract.carries), reads, writes, sizes)


class _Contract(NamedTuple):
    """What tracing a mechanism tells: its states, and the ions that it carries, "" among them for none."""

    states: tuple[str, ...]
    carries: tuple[str, ...]


def _contract(density: Density, dtype: np.dtype) -> _Contract:
    """The names in a mechanism, found by tracing its methods without computing."""
    mechanism, kind = density.mechanism, type(density.mechanism).__name__
    if not isinstance(mechanism, AbstractDensity):
        raise TypeError(f"{density.name} must be a channel, a pool or an ion to be inserted, got {kind}.")
    scalar = jax.ShapeDtypeStruct((), dtype)
    one = stacked(mechanism, dict.fromkeys(mechanism.parameters(), scalar))
    try:
        states = _states(one, kind, scalar)
        if not isinstance(one, AbstractChannel):
            return _Contract(states, ())
        try:
            current = jax.eval_shape(
                lambda c, v, g: c.current(v, {**c.held(v, g), **g}), one, scalar, dict.fromkeys(states, scalar)
            )
        except KeyError as error:
            raise TypeError(f"{kind}.current asks for the gate {error}; {kind}.rates gives {sorted(states)}.") from None
        return _Contract(states, tuple(current) if isinstance(current, dict) else (one.carries,))
    except (jax.errors.TracerArrayConversionError, jax.errors.TracerBoolConversionError) as error:
        fix = "Use jax.numpy in place of numpy, and jnp.where in place of if."
        raise TypeError(
            f"{kind} must compute with JAX arrays, but needs a number before there is one. {fix}"
        ) from error


def _states(one: AbstractDensity, kind: str, scalar: jax.ShapeDtypeStruct) -> tuple[str, ...]:
    """The names of a mechanism's states: those of `rates`, then those of `derivative`."""
    rates = jax.eval_shape(lambda c, v: c.rates(v), one, scalar)
    wrong = {x: r for x, r in rates.items() if not isinstance(r, Rate)} if isinstance(rates, dict) else {"": rates}
    if wrong:
        fix = "Make one with alpha_beta(alpha, beta) or inf_tau(x_inf, tau)."
        raise TypeError(must(f"{kind}.rates", "return a dict of gate name -> Rate", wrong, fix))
    written = list(one.writes) if isinstance(one, AbstractPool) else []
    start = jax.eval_shape(lambda c, v: c.initial(v), one, scalar)
    names = dict.fromkeys([*rates, *start, *written])
    try:
        states = dict.fromkeys(names, scalar)
        derivative = jax.eval_shape(lambda c, v, x: c.derivative(v, x), one, scalar, states)
        own = jax.eval_shape(lambda c, v, x: c.update(v, x, v), one, scalar, states)
    except KeyError as error:
        raise TypeError(f"{kind}.derivative asks for {error}; {kind}.initial gives {sorted(start)}.") from None
    fix = "Give each state one equation, in rates or in derivative, and a start in initial."
    for x in names:
        given = [
            name for name, kind_of in (("rates", rates), ("derivative", derivative), ("update", own)) if x in kind_of
        ]
        if x in written and not given:
            raise KeyError(unknown(f"state of {kind} (in its writes)", x, {**rates, **derivative, **own}))
        if len(given) != 1:
            both = " and ".join(given) or "neither rates nor derivative"
            raise TypeError(must(f"the state {x!r} of {kind}", "have one equation", both, fix))
    for x in (*derivative, *own):
        if x not in names or (x not in start and x not in written):
            raise TypeError(
                must(f"{kind}.initial", f"give {x!r}, of which derivative has the equation", sorted(start), fix)
            )
    return tuple(names)


def _sizes(mechanism: AbstractDensity) -> Iterator[tuple[str, str]]:
    """The parameters that take a size of the compartment."""
    for parameter, what in mechanism.reads.items():
        if what.startswith("cable."):
            if what not in CABLE_QUANTITIES:
                raise KeyError(
                    unknown(f"size of a compartment (read by {type(mechanism).__name__})", what, CABLE_QUANTITIES)
                )
            yield parameter, what.removeprefix("cable.")


def _readings(d: Density, mechanism: AbstractDensity, ions: dict[str, Density]) -> Iterator[Reading]:
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

"""`Layout`: the structure of a model, static data on which a compilation depends."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Reading:
    """A parameter that takes an ion's value.

    Args:
        parameter: its name.
        ion: the ion's name.
        quantity: "e", "inside", "outside" or "i".
        wholly: whether the ion is wherever the mechanism is; elsewhere the parameter has its own value.
    """

    parameter: str
    ion: str
    quantity: str
    wholly: bool


@dataclasses.dataclass(frozen=True)
class Writing:
    """A state that is an ion's concentration.

    Args:
        state: its name.
        ion: the ion's name.
        quantity: "inside" or "outside".
        wholly: whether the mechanism is wherever the ion is.
    """

    state: str
    ion: str
    quantity: str
    wholly: bool


@dataclasses.dataclass(frozen=True)
class ChannelLayout:
    """How one density mechanism or point process is computed.

    Args:
        name: its name.
        gates: names of its states that are no concentrations.
        everywhere: whether it is evaluated at all nodes (with no area where it is absent) or gathered.
        flows: whether it has a current.
        reads: the parameters that take an ion's value.
        writes: the states that are concentrations; a mechanism that has some is a pool.
        sizes: the parameters that take a size of the compartment, and which: "diam" or "area".
        kind: "density" [mA/cm2], "point" [nA], or "electrode" [nA], whose current is inward positive.
        inputs: names of its functions of time.
        noises: names of its noises.
        spikes: whether it resets the voltage.
        waiting: how many events that it sends to itself may wait; 0 if it sends none.
        crossings: how many values it looks at.
    """

    name: str
    gates: tuple[str, ...]
    everywhere: bool
    flows: bool = True
    reads: tuple[Reading, ...] = ()
    writes: tuple[Writing, ...] = ()
    sizes: tuple[tuple[str, str], ...] = ()
    kind: str = "density"
    inputs: tuple[str, ...] = ()
    noises: tuple[str, ...] = ()
    spikes: bool = False
    waiting: int = 0
    crossings: int = 0

    @property
    def is_point(self) -> bool:
        """Whether it is a point process."""
        return self.kind != "density"


@dataclasses.dataclass(frozen=True)
class FeedLayout:
    """How the events of some trains are computed.

    Args:
        name: the trains' name.
        to: the point process that they are sent to.
        adds: whether an event adds the same to the states whatever they are, and these decay exponentially.
        timed: whether it depends on the time at which it arrives.
        numbers: names of what each connection keeps.
        waiting: how many events may wait that one of these makes the process send to itself; 0 if it sends none.
    """

    name: str
    to: str
    adds: bool
    timed: bool = False
    numbers: tuple[str, ...] = ()
    waiting: int = 0


@dataclasses.dataclass(frozen=True)
class IonLayout:
    """How one ion is computed.

    Args:
        name: its name.
        everywhere: whether its reversal potential is evaluated at all nodes or where it is.
        written: the concentrations that change, of "inside" and "outside".
        counted: whether its current is needed.
        diffusion: names of the mechanisms by which it moves along the cable.
    """

    name: str
    everywhere: bool
    written: tuple[str, ...]
    counted: bool
    diffusion: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Layout:
    """The structure of a model: what a compilation depends on.

    Args:
        n_comp: number of compartments.
        channels: how each channel, pool and point process is computed.
        ions: how each ion is computed.
        stimuli: names of the stimuli.
        clamps: names of the clamps.
        probes: names of the recorded quantities in the order of first use.
        feeds: how the events of each name are computed.
    """

    n_comp: int
    channels: tuple[ChannelLayout, ...]
    ions: tuple[IonLayout, ...]
    stimuli: tuple[str, ...]
    clamps: tuple[str, ...]
    probes: tuple[str, ...]
    feeds: tuple[FeedLayout, ...] = ()

    @property
    def placed(self) -> frozenset[str]:
        """Names of what stands at a location."""
        points = (c.name for c in self.channels if c.is_point)
        return frozenset({*self.stimuli, *self.clamps, *points, *(feed.name for feed in self.feeds)})

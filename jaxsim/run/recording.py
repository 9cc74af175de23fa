"""`Recording`: what a simulation returns."""

from typing import Any

import jax

from jaxsim._struct import static, struct
from jaxsim.errors import must, unknown
from jaxsim.model.spec import Probe
from jaxsim.model.state import State


@struct
class Recording:
    """The recorded quantities over time, and the state at the end.

    Attributes:
        t: (n_time,) [ms], times; the first is the start of the run, n_time = n_step + 1.
        values: quantity -> (n_probe, n_time), rows in the order in which the probes were placed.
        state: the state at the last time, from which another run continues.
        step_ends: (n_time,) bool, the start and where a step ended: everywhere but in a run that chose longer steps.
        probes: what each row is.
    """

    t: jax.Array
    values: dict[str, jax.Array]
    state: State
    step_ends: jax.Array
    probes: tuple[Probe, ...] = static()

    def __repr__(self) -> str:
        rows = ", ".join(f"{what} {values.shape}" for what, values in self.values.items()) or "nothing recorded"
        return f"Recording(t {self.t.shape}; {rows})"

    @property
    def v(self) -> jax.Array:
        """(n_probe, n_time) [mV], the recorded voltages.

        Raises:
            KeyError: if no voltage is recorded.
        """
        return self["v"]

    def __getitem__(self, what: str) -> jax.Array:
        """(n_probe, n_time), the rows of one quantity, e.g. ``"v"`` [mV], ``"HH.m"`` [1], ``"VoltageClamp.i"`` [nA].

        Raises:
            KeyError: if it is not recorded.
        """
        if what not in self.values:
            fix = f"Record it: cell.record(location, {what!r})."
            raise KeyError(unknown("recorded quantity", what, self.values, fix))
        return self.values[what]

    def labels(self, what: str = "v") -> list[str]:
        """How the rows of the quantity `what` are called."""
        return [p.label for p in self.probes if p.what == what]

    def plot(self, what: str = "v", ax: Any = None) -> Any:
        """Draw the rows of a quantity against time.

        Args:
            what: the quantity, e.g. ``"v"``.
            ax: Matplotlib axes to draw into; new ones by default.

        Returns:
            The axes.

        Raises:
            ImportError: if Matplotlib is not installed.
            KeyError: if the quantity is not recorded.
            ValueError: if this is a batch of recordings.
        """
        rows = self[what]
        if rows.ndim != 2:
            raise ValueError(
                must("what is drawn", "be one run, (n_probe, n_time)", rows.shape, "Index the batch first.")
            )
        if ax is None:
            try:
                import matplotlib.pyplot as plt
            except ImportError:
                raise ImportError("drawing needs Matplotlib: pip install 'jaxsim-neuro[plot]'") from None
            ax = plt.figure(figsize=(6.0, 3.0), layout="constrained").add_subplot()
        for row, label in zip(rows, self.labels(what), strict=True):
            ax.plot(self.t, row, label=label, linewidth=1.0)
        ax.set_xlabel("t (ms)")
        ax.set_ylabel("v (mV)" if what == "v" else what)
        if len(rows) > 1:
            ax.legend(frameon=False, fontsize=8)
        return ax

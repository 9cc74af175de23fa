"""Pictures with Matplotlib, which is imported when the first one is drawn."""

from jaxsim.plot.morphology import plot_morphology
from jaxsim.plot.traces import plot_loss, plot_voltages

__all__ = ["plot_loss", "plot_morphology", "plot_voltages"]

"""What all pictures share: axes, and colours that colour-blind people can tell apart."""

from typing import Any

# Okabe & Ito 2008, "Color Universal Design".
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILLION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
GREY = "#B8B8B8"

REGION_COLOURS = {"soma": BLACK, "axon": SKY, "basal": VERMILLION, "apical": BLUE}
OTHER_COLOURS = (GREEN, PURPLE, ORANGE, YELLOW)


def new_axes(width: float, height: float) -> Any:
    """Axes of their own figure, width x height inches; ImportError with the pip line without Matplotlib."""
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ImportError("drawing needs Matplotlib: pip install 'jaxsim-neuro[plot]'") from None
    return plt.figure(figsize=(width, height), layout="constrained").add_subplot()


def new_figure(width: float, height: float) -> Any:
    """A figure for a file, width x height inches, which touches neither a display nor the user's open figures."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError("drawing needs Matplotlib: pip install 'jaxsim-neuro[plot]'") from None
    return Figure(figsize=(width, height), layout="constrained", facecolor="white")


def bare(ax: Any) -> None:
    """Only the left and the lower line of the frame."""
    ax.spines[["top", "right"]].set_visible(False)

"""What a fit tells while it runs, and the progress bar."""

import dataclasses
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@dataclasses.dataclass(frozen=True, eq=False)
class Progress:
    """Where a fit is: what a progress callback is called with, once for each evaluated theta.

    Args:
        step: how many steps this call of `fit` has made; 0 is the start.
        steps: how many it will make.
        loss: [the loss's unit] at theta; may be nan or inf.
        gradient_norm: [1] Euclidean norm of the gradient with respect to theta.
        best_loss: [the loss's unit] smallest finite loss so far.
        seconds: [s] wall time since the fit began, compilation included.
        seconds_left: [s] estimate from the steps made; nan at the start.
        theta: the unconstrained numbers that were evaluated.
    """

    step: int
    steps: int
    loss: float
    gradient_norm: float
    best_loss: float
    seconds: float
    seconds_left: float
    theta: Any


Report = Callable[[Progress], object]


def time_left(step: int, steps: int, first: float, now: float) -> float:
    """[s], from the times at which the first theta and this one were evaluated: compilation does not count."""
    return (now - first) / step * (steps - step) if step else math.nan


@contextmanager
def reporter(progress: bool | Report | None, steps: int) -> Iterator[Report]:
    """The function to call after each evaluation; a progress bar is closed at the end.

    Raises:
        ImportError: if progress is True and tqdm is not installed.
    """
    if progress is None or progress is False:
        yield lambda report: None
    elif progress is True:
        with _bar(steps) as report:
            yield report
    else:
        yield progress


@contextmanager
def _bar(steps: int) -> Iterator[Report]:
    try:
        from tqdm import tqdm
    except ImportError:
        raise ImportError("the progress bar needs tqdm: pip install 'jaxsim-neuro[plot]'") from None
    bars: list[Any] = []

    def report(now: Progress) -> None:
        if not bars:  # made after the first evaluation, so that compilation does not enter the time left
            bars.append(tqdm(total=steps, unit="step", dynamic_ncols=True))
        bar = bars[0]
        text = f"loss {now.loss:.4g}, best {now.best_loss:.4g}, |gradient| {now.gradient_norm:.3g}"
        bar.set_postfix_str(text, refresh=now.step in (0, steps))
        bar.update(now.step - bar.n)

    try:
        yield report
    finally:
        for bar in bars:
            bar.close()

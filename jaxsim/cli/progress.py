"""How a fit shows where it is: a bar on stderr, or a line now and then where tqdm is not installed."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

from jaxsim.fit.progress import Progress

_LINES = 10  # so many lines in place of a bar
_QUIET = 5.0  # s between two states of the bar where nobody watches, e.g. in a log file


@contextlib.contextmanager
def shown(steps: int) -> Iterator[Callable[[Progress], object]]:
    """The function to call after each step."""
    try:
        from tqdm import tqdm
    except ImportError:
        print("no progress bar without tqdm: pip install 'jaxsim-neuro[plot]'", file=sys.stderr)
        yield lambda now: _line(now, steps)
        return
    bars: list[Any] = []

    def report(now: Progress) -> None:
        if not bars:  # made after the first evaluation, so that compilation does not enter the time left
            interval = 0.1 if sys.stderr.isatty() else _QUIET
            layout = "{desc}{n_fmt}/{total_fmt} |{bar}| {elapsed} < {remaining}"
            bars.append(tqdm(total=steps, bar_format=layout, mininterval=interval, file=sys.stderr, dynamic_ncols=True))
        text = f"loss {now.loss:<9.3g} gradient {now.gradient_norm:<8.2g} "
        bars[0].set_description_str(text, refresh=now.step == steps)
        bars[0].update(now.step - bars[0].n)

    try:
        yield report
    finally:
        for bar in bars:
            bar.close()


def _line(now: Progress, steps: int) -> None:
    if now.step % max(steps // _LINES, 1) == 0:
        left = f", {now.seconds_left:.0f} s left" if now.step else ""
        text = f"step {now.step}/{steps}: loss {now.loss:.3g}, gradient {now.gradient_norm:.2g}{left}"
        print(text, file=sys.stderr, flush=True)

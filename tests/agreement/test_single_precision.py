"""Single precision keeps what double precision has, in both schemes. (Rallpack 1 in float32: test_rallpack.py.)"""

import jax
import numpy as np
import pytest

from tests.agreement import reference_cell
from tests.agreement.cable_theory import crossings
from tests.agreement.cells import SCHEMES, measured

T_END, DT = 40.0, 0.025


@pytest.mark.parametrize("scheme", SCHEMES)
def test_reference_cell_in_single_precision(scheme):
    traces = []
    for double in (False, True):
        with jax.enable_x64(double):
            traces.append(reference_cell.simulate(reference_cell.cell(), T_END, DT, SCHEMES[scheme]))
    single, exact = traces
    assert single.dtype == np.float32
    error = np.abs(single - exact)
    t = DT * np.arange(exact.shape[1])
    shift = [crossings(t, a.astype(float)) - crossings(t, b) for a, b in zip(single, exact, strict=True)]
    shift = np.abs(np.concatenate(shift)).max()
    measured(f"float32 {scheme}: max {error.max():.1e}, rms {np.sqrt(np.mean(error**2)):.1e} mV, spikes {shift:.1e} ms")
    assert shift <= 1e-4
    assert error.max() <= 1e-2

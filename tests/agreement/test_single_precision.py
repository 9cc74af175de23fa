"""Single precision keeps what double precision has, in all schemes. (Rallpack 1 in float32: test_rallpack.py.)"""

import jax
import numpy as np
import pytest

import jaxsim as js
from tests.agreement import reference_cell
from tests.agreement.cable_theory import crossings
from tests.agreement.cells import SCHEMES, measured, uniform, voltages
from tests.data_dir import data

T_END, DT = 40.0, 0.025


@pytest.mark.default_first
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


@pytest.mark.slow
@pytest.mark.parametrize("scheme", SCHEMES)
def test_spikes_of_a_traced_cell_over_half_a_second(scheme):
    """A CA1 cell that fires at 84 Hz: each spike as in double precision."""
    spikes = []
    for double in (False, True):
        with jax.enable_x64(double):
            cell = uniform(js.read_swc(data("swc/rat_ca1_n120.swc")), 4, js.HH()).insert(js.Leak(gbar=1e-4, e=-65.0))
            soma = cell.loc(0, 0.5)
            cell.stimulate(soma, js.Pulse(amp=2.0, start=5.0)).record(soma)
            t, v = voltages(cell, 500.0, DT, SCHEMES[scheme])
            spikes.append(crossings(DT * np.arange(len(t)), v[0].astype(float)))
    single, exact = spikes
    assert len(single) == len(exact) >= 40
    measured(f"float32 {scheme}: {len(exact)} spikes in 500 ms, moved by at most {np.abs(single - exact).max():.1e} ms")
    assert np.abs(single - exact).max() <= 5e-4

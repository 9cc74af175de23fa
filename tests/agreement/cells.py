"""What the accuracy suites share: cells in one line, every compartment as a location, a line to print."""

import sys

import numpy as np

import jaxsim as js

SCHEMES = {
    "BackwardEuler": js.BackwardEuler(),
    "CrankNicolson": js.CrankNicolson(),
    "DampedCrankNicolson": js.DampedCrankNicolson(),
    "TRBDF2": js.TRBDF2(),
}
NF_PER_UM2 = 1e-5  # of 1 uF/cm2
NA_PER_UM2 = 1e-2  # of 1 mA/cm2


def measured(line: str) -> None:
    """Show a measured figure under ``pytest -s``."""
    sys.stdout.write(f"\n    {line}")


def uniform(morphology: js.Morphology, n: object, channel: js.AbstractChannel, ra: float = 100.0, **options) -> js.Cell:
    """One channel everywhere; n compartments a branch, or a policy."""
    policy = js.PerBranch(n) if isinstance(n, int | np.ndarray) else n
    return js.Cell(morphology, policy, ra=ra, **options).insert(channel)


def passive(morphology: js.Morphology, n: object, g: float = 2.5e-5, ra: float = 100.0, **options) -> js.Cell:
    """A passive cell that rests at -65 mV."""
    return uniform(morphology, n, js.Leak(gbar=g, e=-65.0), ra, **options)


def centres(cell: js.Cell) -> list[js.Location]:
    """The centre of every compartment."""
    cable = cell.cable
    return [cell.loc(int(b), float(x)) for b, x in zip(cable.branch, cable.x, strict=True)]


def voltages(cell: js.Cell, t_end: float, dt: float, method: js.AbstractMethod) -> tuple[np.ndarray, np.ndarray]:
    """(n_time,) [ms] and (n_probe, n_time) [mV]."""
    recording = js.simulate(cell.compile(), t_end, dt, method=method)
    return np.array(recording.t), np.array(recording.v)


def hh_current(v: np.ndarray, m: np.ndarray, h: np.ndarray, n: np.ndarray) -> np.ndarray:
    """[mA/cm2] of the HH channel with its default parameters, outward positive (Hodgkin & Huxley 1952)."""
    return 0.12 * m**3 * h * (v - 50.0) + 0.036 * n**4 * (v + 77.0) + 0.0003 * (v + 54.3)


def hh_rates(v: np.ndarray | float) -> dict[str, tuple]:
    """Steady state [1] and rate [1/ms] of each gate at voltages that are no zeros of a denominator."""
    e = np.exp
    rates = {
        "m": (0.1 * (v + 40.0) / (1.0 - e(-(v + 40.0) / 10.0)), 4.0 * e(-(v + 65.0) / 18.0)),
        "h": (0.07 * e(-(v + 65.0) / 20.0), 1.0 / (1.0 + e(-(v + 35.0) / 10.0))),
        "n": (0.01 * (v + 55.0) / (1.0 - e(-(v + 55.0) / 10.0)), 0.125 * e(-(v + 65.0) / 80.0)),
    }
    return {gate: (a / (a + b), a + b) for gate, (a, b) in rates.items()}

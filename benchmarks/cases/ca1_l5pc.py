"""The CA1 pyramidal cell with the channels of the layer-5 model and a leak, without and with calcium: many gates."""

from functools import partial

from benchmarks import jobs, shapes
from benchmarks.cases import Case
from benchmarks.work import Work

# S/cm2 of each channel everywhere, mV.
LAYER5 = {
    "NaTs2_t": 0.05,
    "NaTa_t": 0.05,
    "Nap_Et2": 1e-4,
    "K_Pst": 0.002,
    "K_Tst": 0.005,
    "SKv3_1": 0.05,
    "Im": 1e-4,
    "Ih": 1e-4,
    "ena": 50.0,
    "ek": -85.0,
}
CALCIUM = {"Ca_HVA": 2e-5, "Ca_LVA": 2e-5, "SK_E2": 1e-4}  # S/cm2; with Nernst's potential and the pool CaDynamics_E2
CHANNELS = {"leak": {"g": 3e-5, "e": -75.0}, "l5": LAYER5}


def work(small: bool, calcium: bool = False) -> Work:
    """613 compartments at 34 degC, 2 nA at the soma, four places recorded."""
    if small:
        shape, rest = shapes.tree(9, 2), {"amp": 1.0, "start": 1.0, "t_end": 5.0}
    else:
        shape, rest = shapes.ca1(), {"amp": 2.0, "start": 5.0, "t_end": 100.0}
    channels = CHANNELS | ({"calcium": CALCIUM} if calcium else {})
    return Work(**shape, channels=channels, stop=95.0, v=-75.0, celsius=34.0, **rest)


def rows(dtypes: tuple[str, ...]) -> list[jobs.Job]:
    """Every simulator but plain C."""
    return [
        jobs.reference(),
        *jobs.jaxsim("forward", dtypes),
        *jobs.neuron("layer5"),
        *jobs.arbor(),
        *jobs.jaxley("forward", dtypes),
    ]


CASES = {
    "ca1_l5pc8": Case("CA1 pyramidal cell, eight layer-5 channels and leak", work, rows),
    "ca1_l5pc12": Case("CA1 pyramidal cell, twelve layer-5 mechanisms and leak", partial(work, calcium=True), rows),
}

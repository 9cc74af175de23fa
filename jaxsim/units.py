"""Units and physical constants by name. Nothing in jaxsim converts a unit silently.

Fixed units: ms, mV, um, um2, nA, uS, nF, S/cm2, mA/cm2, uF/cm2, ohm cm, mM, degC, Hz.
Membrane current is outward positive; stimulus current is inward positive.

A mechanism declares a parameter's unit in its annotation, ``gbar: S_per_cm2 = 1e-4``: the annotation is a number with
the unit string attached, which tables, error messages and saved files read back with `unit_of`.
"""

from typing import Annotated, Any, get_type_hints

# CODATA 2018, as NEURON 9 uses them.
FARADAY = 96485.3321233100184  # C/mol
GAS_CONSTANT = 8.3144626181532  # J/(K mol)
ZERO_CELSIUS = 273.15  # K

# Resistance between compartments to the diffusion of an ion.
PER_UM_PER_MOHM_PER_OHM_CM = 1e2  # 1 MOhm / (ohm cm) = 1e6 / cm = 1e2 / um

# Absolute quantities of a compartment of area 1 um2.
S_PER_CM2_TO_US_PER_UM2 = 1e-2  # 1 S/cm2 x 1e-8 cm2/um2 x 1e6 uS/S; as well mA/cm2 to nA/um2
UF_PER_CM2_TO_NF_PER_UM2 = 1e-5  # 1 uF/cm2 x 1e-8 cm2/um2 x 1e3 nF/uF

S_per_cm2 = Annotated[Any, "S/cm2"]
mA_per_cm2 = Annotated[Any, "mA/cm2"]
uF_per_cm2 = Annotated[Any, "uF/cm2"]
ohm_cm = Annotated[Any, "ohm cm"]
mV = Annotated[Any, "mV"]
ms = Annotated[Any, "ms"]
um = Annotated[Any, "um"]
nA = Annotated[Any, "nA"]
uS = Annotated[Any, "uS"]
MOhm = Annotated[Any, "MOhm"]
mM = Annotated[Any, "mM"]
degC = Annotated[Any, "degC"]
per_ms = Annotated[Any, "1/ms"]
um2 = Annotated[Any, "um2"]
per_um2 = Annotated[Any, "1/um2"]
per_mM_ms = Annotated[Any, "1/(mM ms)"]
um2_per_ms = Annotated[Any, "um2/ms"]
cm_per_s = Annotated[Any, "cm/s"]
mol_per_cm2 = Annotated[Any, "mol/cm2"]
Hz = Annotated[Any, "Hz"]
dimensionless = Annotated[Any, "1"]


def unit_of(cls: type, field: str) -> str:
    """The unit declared for a field of a mechanism class, or ``""`` when none is declared."""
    hint = get_type_hints(cls, include_extras=True).get(field)
    return next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, str)), "")

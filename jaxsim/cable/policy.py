"""How many compartments a branch gets: `PerBranch`, `MaxLength`, `DLambda`."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from jaxsim.errors import must, unknown
from jaxsim.morphology.morphology import TAG_NAMES, Morphology, tag_name


class Policy(Protocol):
    """Anything that says how many compartments each branch gets."""

    def counts(self, morphology: Morphology) -> np.ndarray:
        """(n_branch,) int: compartments of each branch of a morphology, at least one."""
        ...


@dataclasses.dataclass(frozen=True, eq=False)
class PerBranch:
    """A given number of compartments in each branch.

    Args:
        n: one number for all branches; or a mapping from region name or SWC tag to a number, in which a later entry
            overrides an earlier one (``{"dendrite": 5, "soma": 1, "axon": 3}``); or (n_branch,) numbers.

    Raises:
        ValueError: if a number is not an integer of at least 1.

    >>> from jaxsim.morphology import cylinder
    >>> PerBranch(3).counts(cylinder(length=100.0, radius=1.0)).tolist()
    [3]
    """

    n: int | Mapping[str | int, int] | Sequence[int] | np.ndarray

    def __post_init__(self) -> None:
        if isinstance(self.n, Mapping):
            for key, value in self.n.items():
                _check_count(value, f"the number of compartments of {key!r}")
            object.__setattr__(self, "n", dict(self.n))
        elif np.ndim(self.n) == 0:
            _check_count(self.n, "the number of compartments")
            object.__setattr__(self, "n", int(self.n))  # type: ignore[arg-type]
        else:
            values = tuple(np.asarray(self.n).ravel().tolist())
            for b, value in enumerate(values):
                _check_count(value, f"the number of compartments of branch {b}")
            object.__setattr__(self, "n", values)

    def counts(self, morphology: Morphology) -> np.ndarray:
        """(n_branch,) int: compartments of each branch of a morphology.

        Raises:
            ValueError: if the list has another length than the branches, or a branch's tag has no entry.
            KeyError: if an entry names a region that does not exist.
        """
        if isinstance(self.n, Mapping):
            return self._by_region(self.n, morphology)
        if not isinstance(self.n, int) and len(self.n) != morphology.n_branch:
            raise ValueError(
                must("PerBranch(n)", f"have one number for each of {morphology.n_branch} branches", self.n)
            )
        return np.broadcast_to(np.asarray(self.n, int), morphology.n_branch).copy()

    @staticmethod
    def _by_region(table: Mapping[str | int, int], morphology: Morphology) -> np.ndarray:
        counts = np.zeros(morphology.n_branch, int)
        names = morphology.region_names()
        for key, n in table.items():
            if isinstance(key, str):
                if key not in names and key not in {*TAG_NAMES.values(), "dendrite"}:
                    raise KeyError(unknown("region", key, names))
                tags = sorted(names.get(key, ()))
            else:
                tags = [key]
            counts[np.isin(morphology.tag, tags)] = n
        left = np.unique(morphology.tag[counts == 0]).tolist()
        if left:
            missing = ", ".join(repr(tag_name(t)) for t in left)
            raise ValueError(
                f"PerBranch has no number for {missing}; this cell has branches there. Add an entry for it."
            )
        return counts


@dataclasses.dataclass(frozen=True)
class MaxLength:
    """As few compartments as keep every one at most this long: ``n = ceil(L / um)``.

    Args:
        um: [um] the greatest length of a compartment.

    Raises:
        ValueError: if it is not positive and finite.

    >>> from jaxsim.morphology import cylinder
    >>> MaxLength(20.0).counts(cylinder(length=101.0, radius=1.0)).tolist()
    [6]
    """

    um: float

    def __post_init__(self) -> None:
        _check_positive(self.um, "MaxLength(um)", "um")

    def counts(self, morphology: Morphology) -> np.ndarray:
        """(n_branch,) int: compartments of each branch of a morphology."""
        # A path length is a sum and carries rounding: 100.00000000000001 um in steps of 20 um is 5, not 6.
        return np.maximum(np.ceil(morphology.length / self.um * (1.0 - 1e-9)), 1.0).astype(int)


_NEURON_RA, _NEURON_CM = 35.4, 1.0  # ohm cm, uF/cm2: NEURON's defaults


@dataclasses.dataclass(frozen=True)
class DLambda:
    """NEURON's rule: compartments no longer than a fraction of the AC length constant, an odd number in a branch.

        lambda_f = L / (sqrt(2) 1e-5 sqrt(4 pi f Ra cm) sum dx / sqrt(d0 + d1))       [um]
        n = 2 int((L / (d_lambda lambda_f) + 0.9) / 2) + 1

    Args:
        d_lambda: the fraction.
        frequency: [Hz] f.
        ra: [ohm cm] axial resistivity; the cell's own by default (35.4 where there is no cell).
        cm: [uF/cm2] membrane capacitance; the cell's own by default (1 where there is no cell).

    Raises:
        ValueError: if one of them is not positive and finite.

    Source: Hines & Carnevale 2001, Neuroscientist 7:123.
    """

    d_lambda: float = 0.1
    frequency: float = 100.0
    ra: float | None = None
    cm: float | None = None

    def __post_init__(self) -> None:
        units = {"d_lambda": "1", "frequency": "Hz", "ra": "ohm cm", "cm": "uF/cm2"}
        for name, unit in units.items():
            value = getattr(self, name)
            if value is not None:
                _check_positive(value, f"DLambda({name}=)", unit)

    def of_cell(self, ra: float, cm: float) -> "DLambda":
        """The rule with a cell's ra [ohm cm] and cm [uF/cm2] where it has none of its own."""
        own = {"ra": ra if self.ra is None else self.ra, "cm": cm if self.cm is None else self.cm}
        return dataclasses.replace(self, **own)

    def counts(self, morphology: Morphology) -> np.ndarray:
        """(n_branch,) int: compartments of each branch of a morphology, odd."""
        length = morphology.length
        ratio = length / (self.d_lambda * self.length_constant(morphology))
        return 2 * ((ratio + 0.9) / 2).astype(int) + 1

    def length_constant(self, morphology: Morphology) -> np.ndarray:
        """(n_branch,) [um] lambda_f of each branch of a morphology, over its traced diameters."""
        diameter = 2.0 * morphology.radius
        term = np.diff(morphology.arc) / np.sqrt(diameter[:-1] + diameter[1:])
        term = np.append(term, 0.0)
        term[morphology.offset[1:] - 1] = 0.0  # between the last point of a branch and the first of the next
        electrotonic = np.add.reduceat(term, morphology.offset[:-1])
        ra, cm = self.ra or _NEURON_RA, self.cm or _NEURON_CM
        factor = math.sqrt(2.0) * 1e-5 * math.sqrt(4.0 * math.pi * self.frequency * ra * cm)
        return morphology.length / (factor * electrotonic)


def _check_count(value: object, subject: str) -> None:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < 1:  # type: ignore[operator]
        raise ValueError(must(subject, "be an integer of at least 1", value))


def _check_positive(value: float, subject: str, unit: str) -> None:
    if not (isinstance(value, int | float | np.number) and not isinstance(value, bool) and 0.0 < value < math.inf):
        raise ValueError(must(subject, f"be a positive number [{unit}]", value))
